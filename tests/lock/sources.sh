#!/bin/sh
# The `sources` of packages, by the host's own apt and archives on this host: what is taken from where, whom apt believes, what of the
# host counts and what does not. usage: sources.sh ROOTC
set -u
export LC_ALL=C
unset CI APT_CONFIG
export no_proxy=127.0.0.1
server=
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap '[ -z "$server" ] || kill $server; [ ! -d "$tmp/gpg" ] || GNUPGHOME="$tmp/gpg" gpgconf --kill all 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
umask 022
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/    /' "$tmp/out" "$tmp/err"; }
gets() {
	name=$1 wanted=$2
	shift 2
	"$rootc" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ "$status" -eq "$wanted" ]; then ok; else bad "$name: exit status $status, not $wanted"; fi
}
# says PATTERN: a basic regular expression that a line of standard error matches
says() { if grep -q -e "$1" "$tmp/err"; then ok; else bad "$name: no '$1'"; fi; }
once() { if [ "$(grep -c ': error: ' "$tmp/err")" -eq 1 ] && grep -q "\[$1\]\$" "$tmp/err"; then ok; else bad "$name: not just one $1"; fi; }
# silent: nothing is said but what takes long on a busy machine
silent() { if ! grep -q -v '^rootc: asking apt' "$tmp/err"; then ok; else bad "$name: something is said"; fi; }
has() { if grep -q "{package: $2, version: $3, " "$1"; then ok; else bad "$name: $1 has not $2 $3"; fi; }

for tool in apt-get apt-cache dpkg-deb; do
	command -v $tool >/dev/null || { echo "skipped: there is no $tool"; echo "0 passed, 0 failed, 1 skipped"; exit 0; }
done

# deb DIRECTORY NAME VERSION [DEPENDS]: into an archive
deb() {
	rm -rf tree && mkdir -p tree/DEBIAN tree/usr/share "$1"
	echo "$2 $3" >"tree/usr/share/$2"
	printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: nothing\n' "$2" "$3" >tree/DEBIAN/control
	[ $# -lt 4 ] || echo "Depends: $4" >>tree/DEBIAN/control
	SOURCE_DATE_EPOCH=0 dpkg-deb --root-owner-group -b tree "$1/$2_$3_all.deb" >/dev/null
}
# list DIRECTORY: the lists of all that is in an archive of a single directory
list() {
	(cd "$1" && rm -f Packages Release InRelease && for file in *.deb; do
		dpkg-deb -f "$file"
		printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -c 1-64)"
	done >Packages
	printf 'Date: Thu, 01 Jan 2026 00:00:00 UTC\nArchitectures: amd64\nSHA256:\n %s %s Packages\n' \
		"$(sha256sum <Packages | cut -c 1-64)" "$(stat -c %s Packages)" >Release)
}
# manifest LINE...: with these sources
manifest() {
	cat >board.yaml <<-'Y'
		rootc: 1
		name: board
		disk: {size: 4MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
		files: {/usr/share/**: {}}
		inputs:
		  tiny:
		    packages: [program]
		    sources:
	Y
	for line; do echo "      - $line" >>board.yaml; done
}

deb old program 1.0 library
deb old library 1.0
deb new program 2.0 library
list old
list new

# From one archive; then from two, of which the newer version counts, wherever it is; with the lock to say where all came from.
manifest 'deb [trusted=yes] file:old ./'
gets 'one archive' 0 lock board.yaml
silent
has board.lock program 1.0
has board.lock library 1.0
if grep -q '^      - "deb \[trusted=yes\] file:old ./"$' board.lock; then ok; else bad 'the lock has no sources'; cat board.lock; fi
gets 'one archive: fetch' 0 fetch board.yaml
gets 'one archive: lock what enters' 0 lock board.yaml
gets 'one archive: build' 0 build --frozen board.yaml
cp board.lock one.lock && cp board.img one.img
gets 'one archive: nothing to do' 0 lock board.yaml
if grep -q 'nothing has changed' out; then ok; else bad 'something has changed'; fi
gets 'one archive: vendor' 0 vendor board.yaml vendored
mv old away && mv .rootc store.away
gets 'one archive: what is vendored needs it no more' 0 build --rebuild --frozen --vendor vendored board.yaml
if cmp -s board.img one.img; then ok; else bad 'the same image from what is vendored'; fi
mv away old && mv store.away .rootc
cat >archives.yaml <<'Y'
rootc: 1
name: board
disk: {size: 4MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files: {/usr/share/**: {}}
inputs:
  library: {archive: old/library_1.0_all.deb}
  program: {archive: old/program_1.0_all.deb}
Y
gets 'the same from archives' 0 build archives.yaml --lock none -o archives.img
if cmp -s archives.img one.img; then ok; else bad 'the same image from archives'; fi

# Other sources: the lock is stale until all is locked anew.
manifest 'deb [trusted=yes] file:old ./' 'deb [trusted=yes] copy:new ./'
for command in 'build' 'build --locked' 'fetch' 'plan' 'check --locked' 'lock --locked'; do
	# shellcheck disable=SC2086  # a command and its option
	gets "other sources: $command" 4 $command board.yaml
	once lock-stale
	says '^board.yaml:9:5: error: the lock was made from other sources'
	says '^board.lock:7:5: note: the lock says this'
done
gets 'other sources' 0 lock board.yaml
has board.lock program 2.0
if grep -q '^tiny: other sources$' out && grep -q '^tiny: program 1.0 -> 2.0, ' out; then ok; else bad 'nothing is said of other sources'; fi
gets 'other sources: fetch' 0 fetch board.yaml
gets 'other sources: build' 0 build --frozen board.yaml
sed -i '/copy:new/d' board.yaml
gets 'a source less' 4 build board.yaml
once lock-stale
sed -i '/sources:/,$d' board.yaml
gets 'no sources any more' 4 build board.yaml
once lock-stale
says '^board.yaml:7:3: error: the lock was made from other sources'
manifest 'deb [trusted=yes] file:old ./'
cp one.lock board.lock
sed -i '/sources:/,+1d; /^sum/d' board.lock && echo "sum: $(sha256sum <board.lock | cut -c 1-64)" >>board.lock
gets 'a lock without sources' 4 build board.yaml
once lock-stale
says '^board.yaml:9:5: error: the lock was made from other sources'
says '^board.lock:4:3: note: the lock says this'

# What is locked stays while its archive goes on; what is gone from it is told.
cp one.lock board.lock
deb old program 1.1 library && list old
gets 'a newer version' 0 lock board.yaml
has board.lock program 1.0
gets 'an update' 0 lock --update board.yaml
has board.lock program 1.1
rm -r .rootc old/program_1.1_all.deb && list old
gets 'a version that is gone' 4 fetch board.yaml
once no-longer-available
says '^board.lock:1[0-9]:9: error: .program. version .1.1. is no longer available'
gets 'an update without the network' 0 lock --update --offline board.yaml
sed -i 's/\[program\]/[program, missing]/' board.yaml
gets 'a package that is not there' 3 lock board.yaml
once package-unknown
says '^board.yaml:8:25: error: no package is called .missing.'
says "not in the input's sources for amd64"

# Where paths start from, and which ones there can be.
mkdir -p "base dir%41" && cp -r old "base dir%41/archive"
cat >"base dir%41/base.yaml" <<'Y'
rootc: 1
inputs:
  tiny:
    packages: [library]
    sources: ["deb [trusted=yes] file:archive ./"]
Y
cat >derived.yaml <<'Y'
extends: base dir%41/base.yaml
name: derived
disk: {size: 4MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
Y
gets 'a path beside a base, with a blank and %' 0 lock derived.yaml
has derived.lock library 1.0
gets 'a path beside a base: fetch' 0 fetch derived.yaml
manifest "deb [trusted=yes] file://$tmp/old ./"
gets 'an absolute path' 0 lock board.yaml
rm board.lock
manifest 'deb [trusted=yes] file:nowhere ./'
gets 'no directory' 4 lock board.yaml
once directory-unreadable
says "^board.yaml:10:32: error: cannot read 'nowhere': No such file or directory"
manifest 'deb [trusted=yes] copy:old/Packages ./'
gets 'a file for a directory' 4 lock board.yaml
once directory-unreadable
says "^board.yaml:10:32: error: cannot read 'old/Packages': Not a directory"
manifest 'deb [trusted=yes] file:old ./' 'deb [trusted=yes] file:new stable main'
gets 'one archive of two' 4 lock board.yaml
once apt-failed
says '^board.yaml:11:9: error: apt could not read all of the sources'
manifest 'deb http://127.0.0.1:1/debian stable main' 'deb [trusted=yes] file:old ./'
gets 'no network' 4 lock board.yaml
once apt-failed
says '^board.yaml:10:9: error: apt could not read all of the sources'
if [ -e board.lock ]; then bad 'there is a lock'; else ok; fi

# An archive as distributions have them, with suites and components; and over HTTP, which believes none without a signature.
mkdir -p full/pool && cp old/library* full/pool && deb full/pool extra 3.0
for component in main contrib; do
	lists=full/dists/stable/$component/binary-amd64
	mkdir -p $lists
	for file in full/pool/*; do
		case $component$file in main*extra* | contrib*library*) continue ;; esac
		dpkg-deb -f "$file"
		printf 'Filename: %s\nSize: %s\nSHA256: %s\n\n' "${file#full/}" "$(stat -c %s "$file")" "$(sha256sum <"$file" | cut -c 1-64)"
	done >$lists/Packages
done
(cd full/dists/stable && printf 'Codename: stable\nComponents: main contrib\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nArchitectures: amd64\nSHA256:\n' &&
	for lists in */*/Packages; do echo " $(sha256sum <"$lists" | cut -c 1-64) $(stat -c %s "$lists") $lists"; done) >Release
mv Release full/dists/stable
manifest 'deb [trusted=yes] file:full stable main'
sed -i 's/\[program\]/[library, extra]/' board.yaml
gets 'a component of two' 3 lock board.yaml
once package-unknown
says "^board.yaml:8:25: error: no package is called 'extra'"
sed -i 's/stable main/& contrib/' board.yaml
gets 'both components' 0 lock board.yaml
has board.lock extra 3.0
gets 'both components: fetch' 0 fetch board.yaml
rm board.lock

# The same words beside two manifests mean two archives, in one store, too.
for place in one two; do
	mkdir "$place" && cd "$place" || exit 1
	if [ $place = one ]; then cp -r ../old old; else mkdir old && cp ../new/* ../old/library* old && list old; fi
	manifest 'deb [trusted=yes] file:old ./'
	cd ..
done
for place in one two one; do
	gets "the words beside $place" 0 lock --update "$place/board.yaml" --store shared
	gets "the words beside $place: fetch" 0 fetch "$place/board.yaml" --store shared
	if [ $place = one ]; then has one/board.lock program 1.0; else has two/board.lock program 2.0; fi
done

# Nobody vouches for an archive unless the manifest says so, whatever the host's configuration allows, and its pins are none of it.
cat >lax.conf <<C
APT::Get::AllowUnauthenticated "true";
Acquire::AllowInsecureRepositories "true";
Acquire::AllowWeakRepositories "true";
Acquire::AllowDowngradeToInsecureRepositories "true";
APT::Default-Release "nothing";
Dir::Etc::preferences "$tmp/pins";
Dir::Etc::sourcelist "$tmp/sources.list";
C
printf 'Package: program\nPin: version 1.0\nPin-Priority: 1001\n' >pins
echo "deb [trusted=yes] file:$tmp/new ./" >sources.list
manifest 'deb file:old ./'
for configuration in none lax; do
	if [ "$configuration" = lax ]; then export APT_CONFIG="$tmp/lax.conf"; fi
	rm -f board.lock
	gets "unsigned, $configuration" 4 lock board.yaml
	once apt-failed
	says '^board.yaml:10:9: error: apt could not read all of the sources'
	says 'is not signed'
	says "= help: name the keys that sign it, \[signed-by=KEYS\]"
	if [ -e board.lock ]; then bad "unsigned, $configuration: there is a lock"; else ok; fi
done
manifest 'deb [trusted=yes] file:new ./' 'deb [trusted=yes] file:old ./'
gets "the host's pins" 0 lock board.yaml
has board.lock program 2.0
manifest 'deb [trusted=yes] file:old ./'
gets "the host's sources" 0 lock board.yaml
has board.lock program 1.0
unset APT_CONFIG

# Keys.
manifest 'deb [signed-by=keys/nobody.gpg] file:old ./'
gets 'no keys' 4 lock board.yaml
once file-unreadable
says "^board.yaml:10:24: error: cannot read 'keys/nobody.gpg': No such file or directory"
if command -v gpg >/dev/null && command -v gpgv >/dev/null; then
	mkdir -m 700 gpg keys "key dir" && export GNUPGHOME="$tmp/gpg"
	for name in one two; do
		gpg --batch --quiet --passphrase '' --quick-gen-key "$name <$name@example.org>" ed25519 sign never 2>/dev/null
		gpg --batch --quiet --export "$name" >keys/$name.gpg
		gpg --batch --quiet --armor --export "$name" >keys/$name.asc
	done
	cp keys/one.gpg "key dir"
	sign() { gpg --batch --quiet --local-user one --clearsign -o "$1/InRelease" "$1/Release" && rm "$1/Release"; }
	list old && sign old
	for keys in keys/one.gpg keys/one.asc "$tmp/keys/one.gpg"; do
		manifest "deb [signed-by=$keys] file:old ./"
		rm -f board.lock
		gets "signed by $keys" 0 lock board.yaml
		silent
		has board.lock program 1.0
	done
	gets 'signed: fetch' 0 fetch board.yaml
	gets 'an output in the place of the keys' 3 build board.yaml -o keys/one.gpg
	once output-inside-input
	gets 'an output in a source' 3 build board.yaml -o old/board.img
	once output-inside-input
	gpg --batch --quiet --local-user one --clearsign -o full/dists/stable/InRelease full/dists/stable/Release
	python3 - >port 2>/dev/null <<-'P' &
		import functools, http.server, os
		server = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory="full"))
		print(server.server_address[1], flush=True)
		server.serve_forever()
	P
	server=$! tries=0
	while [ ! -s port ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
	port=$(cat port)
	manifest "deb [signed-by=keys/one.gpg] http://127.0.0.1:$port/ stable main"
	sed -i 's/\[program\]/[library]/' board.yaml
	rm -f board.lock
	gets 'over HTTP' 0 lock board.yaml
	gets 'over HTTP: fetch' 0 fetch board.yaml
	sed -i 's/one.gpg/two.gpg/' board.yaml
	gets 'over HTTP, signed by another' 4 lock board.yaml
	once apt-failed
	says '^board.yaml:10:9: error: apt could not read all of the sources'
	rm full/dists/stable/InRelease
	sed -i 's/\[signed-by.*\] //; s/stable/ stable/' board.yaml && rm -rf .rootc
	gets 'over HTTP, unsigned' 4 lock board.yaml
	once apt-failed
	says 'is not signed'
	kill $server && server=
	manifest 'deb [signed-by=keys/two.gpg] file:old ./'
	gets 'signed by another' 4 lock board.yaml
	once apt-failed
	says '^board.yaml:10:9: error: '
	says 'NO_PUBKEY\|Missing key'
	manifest 'deb [trusted=yes] file:old ./'
	gets 'signed by somebody, and trusted' 0 lock board.yaml
	silent
	manifest "deb [signed-by=keys/one.gpg] file:old ./"
	rm -rf board.lock .rootc
	sed -i 's/^Version: 1.0/Version: 9.0/' old/Packages
	gets 'a list that was changed' 4 lock board.yaml
	once apt-failed
	says '^board.yaml:10:9: error: '
	says 'Hash Sum mismatch\|hashes\|unexpected size'
	list old && sign old && sed -i 's/^Date: .*/Date: Fri, 02 Jan 2026 00:00:00 UTC/' old/InRelease
	gets 'what is signed was changed' 4 lock board.yaml
	once apt-failed
	says 'E: \|W: '
	list old && printf 'Valid-Until: Fri, 02 Jan 2026 00:00:00 UTC\n' >>old/Release && sign old
	gets 'an archive of past days' 4 lock board.yaml
	once apt-failed
	says 'expired'
	manifest "deb [signed-by=keys/one.gpg check-valid-until=no] file:old ./"
	gets 'an archive of past days, for which the manifest asks' 0 lock board.yaml
	silent
	manifest "'deb [signed-by=$tmp/key%20dir/one.gpg] file:old ./'"
	gets 'keys with a blank' 3 lock board.yaml
	once apt-source-malformed
	mkdir "another dir" && cp -r keys old "another dir" && cp board.yaml "another dir" && cd "another dir" || exit 1
	manifest 'deb [signed-by=keys/one.gpg] file:old ./'
	gets 'keys below a directory with a blank' 4 lock board.yaml
	once apt-failed
	says '^board.yaml:10:24: error: apt takes no file of keys with such a path'
	cd .. || exit 1
else
	skipped=1
	echo 'skipped: there is no gpg to sign an archive with'
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

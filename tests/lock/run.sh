#!/bin/sh
# The lock of everything: what a change of each input, of the closure and of each line of the lock does, with and without --locked, and
# what stays as it was. usage: run.sh ROOTC MKELF
set -u
export LC_ALL=C
unset CI
rootc=$(realpath "$1") mkelf=$(realpath "$2")
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
umask 022
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/    /' "$tmp/out" "$tmp/err"; }

# gets NAME STATUS COMMAND [ARGUMENT]...: of rootc; standard output goes to out, standard error to err
gets() {
	name=$1 wanted=$2
	shift 2
	"$rootc" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ "$status" -eq "$wanted" ]; then ok; else bad "$name: exit status $status, not $wanted"; fi
}
# says PATTERN: a basic regular expression that a line of standard error matches
says() { if grep -q -e "$1" "$tmp/err"; then ok; else bad "$name: no '$1'"; fi; }
silent() { if [ ! -s "$tmp/err" ]; then ok; else bad "$name: something is said"; fi; }
# once KIND: there is one error, and it is of this kind
once() { if [ "$(grep -c ': error: ' "$tmp/err")" -eq 1 ] && grep -q "\[$1\]\$" "$tmp/err"; then ok; else bad "$name: not just one $1"; fi; }
same() { if cmp -s "$2" "$3"; then ok; else bad "$1: $2 and $3 differ"; fi; }

# seal FILE: gives an edited lock the sum that `rootc lock` would have given it
seal() {
	sed -i '/^sum: /d' "$1"
	sum=$(sha256sum <"$1" | cut -c 1-64)
	echo "sum: $sum" >>"$1"
}

# make: the inputs as they are locked
make() {
	cd "$tmp" && rm -rf w && mkdir -p w/board/etc w/board/bin w/board/lib w/base && cd w || exit 1
	"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed libx.so.1 board/bin/x
	"$mkelf" --soname libx.so.1 --type dyn board/lib/libx.so.1
	"$mkelf" --soname liby.so.1 --type dyn board/lib/liby.so.1
	mkdir board/lib64 && "$mkelf" --soname ld-linux-x86-64.so.2 --type dyn --rodata '/lib/:/usr/lib/' board/lib64/ld-linux-x86-64.so.2
	echo hello >board/etc/motd
	ln -s motd board/etc/link
	mkdir a && echo packed >a/packed && tar -C a --owner=0 --group=0 --mtime=@0 -cf a.tar packed
	echo beside >note
	echo single >single
	echo below >base/note
	cat >base/base.yaml <<-'Y'
		rootc: 1
		disk: {size: 8MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
		files: {/below: {source: note}}
	Y
	cat >b.yaml <<-'Y'
		extends: base/base.yaml
		name: b
		inputs:
		  board: {directory: board}
		  packed: {archive: a.tar}
		  single: {file: single, path: /opt/single}
		programs: [/bin/x]
		libraries: {search: [/lib]}
		files:
		  /etc/**: {}
		  /packed: {source: /packed}
		  /single: {source: /opt/single}
		  /note: {source: note}
	Y
}

make
gets 'without a lock' 0 build b.yaml -o free.img
cp free.img ..
silent
gets 'without a lock, locked' 4 build --locked b.yaml
once lock-missing
gets 'without a lock, check' 4 check --locked b.yaml
once lock-missing
CI=true gets 'without a lock, in CI' 0 build --rebuild b.yaml
gets 'the lock' 0 lock b.yaml
silent
for line in '^lock: 2$' '^  board:$' '^    tree: [0-9a-f]\{64\}$' '^  packed:$' "^    sha256: $(sha256sum <a.tar | cut -c 1-64)\$" \
	'^  single:$' "^    file: $(sha256sum <single | cut -c 1-64)\$" \
	"^  note: $(sha256sum <note | cut -c 1-64)\$" "^  base/note: $(sha256sum <base/note | cut -c 1-64)\$" \
	'^  - /lib/libx.so.1$' '^  - /lib64/ld-linux-x86-64.so.2$'; do
	if grep -q "$line" b.lock; then ok; else bad "the lock has no '$line'"; cat b.lock; fi
done
cp b.lock ../b.lock
gets 'locked' 0 build --locked b.yaml -o locked.img
silent
same 'the same image' free.img locked.img
gets 'locked, again' 0 lock --locked b.yaml
gets 'frozen' 0 build --frozen b.yaml -o locked.img
touch -d @1000000000 b.lock
gets 'locked once more' 0 lock b.yaml
if [ "$(stat -c %Y b.lock)" = 1000000000 ]; then ok; else bad 'a lock that is right is written anew'; fi
for command in plan check; do gets "$command --locked" 0 $command --locked b.yaml; done
gets 'why --locked' 0 why --locked b.yaml /bin/x
gets 'verify --locked' 0 verify --locked locked.img b.yaml

# What is no part of an input: times, owners, modes but for x, the order of names, where the tree lies.
find . -exec touch -h -d @500000000 {} +
chmod 600 board/etc/motd
gets 'other times and modes' 0 build --rebuild --locked b.yaml
cp -a "$tmp/w" "$tmp/elsewhere"
(cd / && "$rootc" build --locked "$tmp/elsewhere/b.yaml" -o "$tmp/elsewhere.img") >"$tmp/out" 2>"$tmp/err"
same 'elsewhere' "$tmp/elsewhere.img" free.img

# drift NAME WORDS PATTERN COMMAND...: the command changes an input. With --locked, in CI, by check and by lock --locked that is an error
# at WORDS (line:column) whose message has PATTERN, both hashes and the command; else a build takes it, and lock takes it down.
drift() {
	change=$1 at=$2 pattern=$3
	shift 3
	make && cp "$tmp/b.lock" b.lock
	"$@"
	gets "$change: locked" 4 build --locked b.yaml
	once lock-drift
	says "^$at: error: $pattern"
	says 'it is [0-9a-f]\{64\}$'
	says 'note: locked was [0-9a-f]\{64\}$'
	says 'rootc lock b.yaml'
	CI=true gets "$change: in CI" 4 build b.yaml
	once lock-drift
	gets "$change: check" 4 check --locked b.yaml
	gets "$change: lock --locked" 4 lock --locked b.yaml
	once lock-drift
	same "$change: the lock stays" "$tmp/b.lock" b.lock
	CI=false gets "$change: not in CI" "${builds:-0}" build b.yaml
	CI=true gets "$change: locked anew" 0 lock b.yaml
	gets "$change: by the new lock" 0 build --locked b.yaml
	if cmp -s "$tmp/b.lock" b.lock; then bad "$change: the lock is the same"; else ok; fi
}
drift 'a file of a directory' b.yaml:4:22 "directory 'board' is not what was locked" sh -c 'echo bye >board/etc/motd'
drift 'a new file' b.yaml:4:22 "directory 'board'" sh -c ': >board/etc/new'
drift 'an empty directory' b.yaml:4:22 "directory 'board'" mkdir board/etc/new
drift 'a file that is gone' b.yaml:4:22 "directory 'board'" rm board/etc/motd
drift 'another name' b.yaml:4:22 "directory 'board'" mv board/etc/motd board/etc/motc
drift 'an x bit' b.yaml:4:22 "directory 'board'" chmod +x board/etc/motd
drift "a link's target" b.yaml:4:22 "directory 'board'" ln -sfn x board/etc/link
drift 'a link for a file' b.yaml:4:22 "directory 'board'" sh -c 'mv board/etc/motd motd; ln -s motd board/etc/motd'
drift 'what the image does not have' b.yaml:4:22 "directory 'board'" sh -c 'echo >board/unused'
drift 'a file beside the manifest' b.yaml:13:19 "file 'note' is not what was locked" sh -c 'echo other >note'
drift 'a file beside a base' base/base.yaml:4:26 "file 'note'" sh -c 'echo other >base/note'
builds=4
drift 'an archive, locked or not' b.yaml:5:21 "archive 'a.tar' is not what was locked" sh -c 'echo >a/more; tar -C a -cf a.tar packed more'
drift 'a single file, locked or not' b.yaml:6:18 "file 'single' is not what was locked" sh -c 'echo other >single'
builds=0

# A single file's x bits, which a build is held to as to its bytes, count where the manifest gives it no mode.
make && cp "$tmp/b.lock" b.lock
chmod +x single
for command in 'build' 'build --locked' 'lock --locked'; do
	# shellcheck disable=SC2086  # a command and its option
	gets "an x bit: $command" 4 $command b.yaml
	once lock-drift
	says "^b.yaml:6:18: error: file 'single' is not what was locked"
	says '\^~*.* it can be executed$'
	says '^b.lock:9:11: note: locked was one that could not$'
	says 'rootc lock b.yaml'
done
gets 'an x bit: lock' 0 lock b.yaml
if grep -q '^    executable: true$' b.lock && grep -q '^single: changed$' "$tmp/out" "$tmp/err"; then ok; else bad 'the lock has no x bit'; fi
gets 'an x bit: locked' 0 build --locked b.yaml
if "$rootc" plan --tree b.yaml | grep -q '^0755 0:0 file /single '; then ok; else bad 'an x bit: not in the image'; fi
chmod -x single
gets 'an x bit that is gone' 4 build b.yaml
once lock-drift
says ' it cannot be executed$'
says '^b.lock:9:11: note: locked was one that could$'
sed -i 's|path: /opt/single|&, mode: 0644|' b.yaml
for bits in +x -x; do
	chmod "$bits" single
	gets "a mode in the manifest: $bits" 0 build --rebuild --locked b.yaml
	same "a mode in the manifest: $bits" b.img "$tmp/free.img"
done
gets 'a mode in the manifest: lock' 0 lock b.yaml
same 'a mode in the manifest: the lock' b.lock "$tmp/b.lock"

# What is no single file, and one that leads elsewhere.
make && cp "$tmp/b.lock" b.lock
# cannot NAME WORDS COMMAND...: after the command, neither lock nor build takes the file
cannot() {
	what=$1 pattern=$2
	shift 2
	rm -rf single && "$@"
	for command in 'build b.yaml' 'build --locked b.yaml' 'lock b.yaml' 'plan b.yaml' 'vendor b.yaml v'; do
		# shellcheck disable=SC2086  # a command and its operands
		gets "$what: $command" 4 $command
		once "${kind:-file-unreadable}"
		says "^b.yaml:6:18: error: $pattern"
	done
	same "$what: the lock stays" "$tmp/b.lock" b.lock
}
cannot 'no file' "cannot read 'single': No such file or directory" true
cannot 'a directory' "cannot read 'single': Is a directory" mkdir single
says "= help: a whole directory is another kind of input: {directory: single}"
cannot 'a FIFO' "cannot read 'single': it is a FIFO, a device or a socket" mkfifo single
cannot 'a link to a device' "cannot read 'single': it is a FIFO, a device or a socket" ln -s /dev/zero single
cannot 'a link to itself' "cannot read 'single': Too many levels of symbolic links" ln -s single single
cannot 'a link to nothing' "cannot read 'single': No such file or directory" ln -s nowhere single
kind=input-too-large
cannot 'a file without end' "'single' has 17179869185 bytes, more than 16 GiB" truncate -s 17179869185 single
kind=
rm single && mkdir -p real && echo single >real/one && ln -s real/one single
gets 'a link to what was locked' 0 build --rebuild --locked b.yaml
same 'a link to what was locked' b.img "$tmp/free.img"
rm -rf single real && echo single >single

# The SHA-256 that the manifest has.
make
gets 'an output in the place of a single file' 3 build b.yaml -o single
once output-inside-input
says "^b.yaml:6:18: error: the output 'single' is the input 'single' itself"
sed -i "s|path: /opt/single|&, sha256: $(sha256sum <single | cut -c 1-64)|" b.yaml
gets 'the SHA-256 in the manifest' 0 build b.yaml
same 'the SHA-256 in the manifest' b.img "$tmp/free.img"
echo other >single
gets 'another SHA-256 than in the manifest' 4 build b.yaml
once hash-mismatch
says "^b.yaml:6:53: error: file 'single' is not the one with this SHA-256"
says "it is $(sha256sum <single | cut -c 1-64)"

# The closure, where nothing but the manifest has changed.
make && cp "$tmp/b.lock" b.lock
echo '  /lib/liby.so.1: {source: /lib/liby.so.1}' >>b.yaml
gets 'a library that the manifest names' 0 build --locked b.yaml
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed libx.so.1 --needed liby.so.1 board/bin/x
gets 'a library that is needed now' 0 lock b.yaml
make
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed libx.so.1 --needed liby.so.1 board/bin/x
gets 'locked with both' 0 lock b.yaml
sed -i '/liby/d' b.lock && seal b.lock
gets 'a library new in the closure' 4 build --locked b.yaml
once lock-drift
says "^b.yaml:7:12: error: '/lib/liby.so.1' is new in the image: the lock's closure does not have it"
says 'note: /bin/x needs it: NEEDED liby.so.1'
says 'rootc lock b.yaml'
gets 'a library new in the closure: lock --locked' 4 lock --locked b.yaml
once lock-drift
gets 'a library new in the closure, not locked' 0 build b.yaml
sed -i 's|^  - /lib/libx.so.1|&\n  - /lib/libz.so.1|' b.lock && seal b.lock
gets 'a library gone from the closure' 4 plan --locked b.yaml
says "^b.lock:[0-9]*:5: error: '/lib/libz.so.1' was needed by something in the image when it was locked"
gets 'a library gone from the closure: lock --locked' 4 lock --locked b.yaml

# What the manifest has and the lock lacks, and the reverse.
make && cp "$tmp/b.lock" b.lock
sed -i 's|^programs|  more: {file: note, path: /more}\n&|' b.yaml
gets 'a single file that is not locked' 4 build --locked b.yaml
once lock-stale
says "^b.yaml:7:3: error: the lock has no input 'more'"
gets 'a single file that is not locked: not asked' 0 build b.yaml
make && cp "$tmp/b.lock" b.lock
sed -i 's|^programs|  more: {directory: a}\n&|' b.yaml
gets 'an input that is not locked' 4 build --locked b.yaml
once lock-stale
says "^b.yaml:7:3: error: the lock has no input 'more'"
gets 'an input that is not locked: not asked' 0 build b.yaml
make && cp "$tmp/b.lock" b.lock
sed -i '/packed/d' b.yaml
gets 'an input that is locked alone' 4 build --locked b.yaml
once lock-stale
says "^b.lock:6:3: error: the lock has an input 'packed'"
gets 'an input that is locked alone: not asked' 0 build b.yaml
make && cp "$tmp/b.lock" b.lock
sed -i 's/board: {directory: board}/board: {archive: a.tar}/; /programs/d; /libraries/d; /etc/d' b.yaml
gets 'an input of another kind' 4 build --locked b.yaml
says "input 'board' is of another kind"
make && cp "$tmp/b.lock" b.lock
sed -i 's/packed: {archive: a.tar}/packed: {file: a.tar, path: \/packed}/' b.yaml
gets 'a single file that was an archive' 4 build --locked b.yaml
once lock-stale
says "^b.yaml:5:3: error: input 'packed' is of another kind"
make && cp "$tmp/b.lock" b.lock
echo '  /more: {source: a/packed}' >>b.yaml
gets 'a file that is not locked' 4 build --locked b.yaml
says "the lock has no file 'a/packed'"
make && cp "$tmp/b.lock" b.lock
sed -i '/note/d' b.yaml
gets 'a file that is locked alone' 4 build --locked b.yaml
says "the lock has a file 'note'"

# A lock of format 1 builds as it did; of what it cannot tell, only --locked itself complains.
make
printf 'lock: 1\ninputs: {}\n' >b.lock
gets 'format 1' 0 build b.yaml
silent
CI=true gets 'format 1, in CI' 0 build --rebuild b.yaml
gets 'format 1, locked' 4 build --locked b.yaml
says "the lock has no input 'board'"
gets 'format 1, locked anew' 0 lock b.yaml
same 'format 1 becomes 2' "$tmp/b.lock" b.lock
printf 'lock: 3\ninputs: {}\n' >b.lock
gets 'format 3' 4 build b.yaml
says 'b.lock:1:7: error: format 3 is unknown; this rootc knows format 1 to 2 \[lock-broken\]'

# Each line of a lock: without it, twice, and with each digit, letter or word changed, nothing is built by it.
make
lines=$(wc -l <"$tmp/b.lock") n=0
while [ "$n" -lt "$lines" ]; do
	n=$((n + 1))
	for edit in "${n}d" "${n}p" "${n}s/[0-9a-z]/#/" "${n}s/.\$/0/;t;${n}s/\$/ /"; do
		sed "$edit" "$tmp/b.lock" >b.lock
		cmp -s b.lock "$tmp/b.lock" && continue
		gets "line $n after '$edit'" 4 build --locked b.yaml
		says '\[lock-broken\]$'
		gets "line $n after '$edit', not locked" 4 build b.yaml
		gets "line $n after '$edit', locking" 4 lock b.yaml
		if [ -e b.img ]; then bad "line $n after '$edit': there is an image"; else ok; fi
	done
done
# And with a sum that is right, what it says counts: every line but the first, which is a comment.
n=1
while [ "$n" -lt $((lines - 1)) ]; do
	n=$((n + 1))
	sed "${n}d" "$tmp/b.lock" >b.lock && seal b.lock
	[ "$(sed -n "${n}p" "$tmp/b.lock")" != 'closure:' ] || continue
	gets "line $n gone, sealed" 4 build --locked b.yaml
	sed "${n}s/[0-9a-f]\$/#/; t; ${n}s/\$/x/" "$tmp/b.lock" | tr '#' 0 >b.lock
	cmp -s b.lock "$tmp/b.lock" || { seal b.lock; gets "line $n other, sealed" 4 build --locked b.yaml; }
done
gets 'update mends a broken lock' 0 lock --update b.yaml
same 'the mended lock' "$tmp/b.lock" b.lock

# A build that has nothing to do has still something to check, when that was not checked before.
make && cp "$tmp/b.lock" b.lock
gets 'stamped, locked' 0 build --locked b.yaml
gets 'nothing to do, locked' 0 build --locked b.yaml
if grep -q 'nothing to do' "$tmp/out"; then ok; else bad 'locked: there was something to do'; fi
echo >board/unused
gets 'stamped, but changed' 4 build --locked b.yaml
once lock-drift
gets 'built all the same' 0 build b.yaml
gets 'built by a build that was not locked' 4 build --locked b.yaml

# Vendored: an archive is read from there alone, and nothing is written.
make && cp "$tmp/b.lock" b.lock
gets 'not vendored' 4 build --locked --vendor v b.yaml
once not-fetched
says "^b.yaml:5:21: error: archive 'a.tar' has not been vendored"
says 'rootc vendor'
gets 'vendor' 0 vendor b.yaml v
silent
find v -exec touch -h -d @1000000000 {} + && find v -printf '%p %T@\n' | sort >before
gets 'vendored' 0 build --frozen --vendor v b.yaml
same 'the same image from what is vendored' "$tmp/free.img" b.img
find v -printf '%p %T@\n' | sort >after
same 'what is vendored stays' before after
if [ -e .rootc ]; then bad 'vendored: there is a store'; else ok; fi
gets 'vendor again' 0 vendor --locked b.yaml v
echo >board/unused
gets 'vendor, drifted' 4 vendor --locked b.yaml v
once lock-drift
echo >a/more && tar -C a -cf a.tar packed more
gets 'another archive' 4 build --vendor v b.yaml
once lock-drift
rm b.lock
gets 'another archive, no lock' 4 build --vendor v b.yaml
once not-fetched

# The command line.
gets 'names without --update' 2 lock b.yaml board
says "'board': names say what --update is to move"
gets '--update and --locked' 2 lock --update --locked b.yaml
gets 'an unknown name' 3 lock --update b.yaml bord
says "nothing that is locked is called 'bord'"
says "did you mean 'board'"
make && cp "$tmp/b.lock" b.lock
rm -rf board
gets 'a directory that is gone' 4 lock b.yaml
once directory-unreadable
same 'the lock stays' "$tmp/b.lock" b.lock

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

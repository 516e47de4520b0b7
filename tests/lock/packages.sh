#!/bin/sh
# What `rootc lock` does with packages and says of them, by an apt made of shell scripts: each of its days is a directory with a list in
# Debian's form. usage: packages.sh ROOTC
set -u
export LC_ALL=C
unset CI
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/    /' "$tmp/out" "$tmp/err"; }
# gets NAME STATUS [ARGUMENT]...: of rootc lock; standard output goes to out, standard error to err
gets() {
	name=$1 wanted=$2
	shift 2
	"$rootc" lock "$@" >out 2>err
	status=$?
	if [ "$status" -eq "$wanted" ]; then ok; else bad "$name: exit status $status, not $wanted"; fi
}
# prints: standard output is what is here; a slow machine may be told of while it asks
prints() { if cat >want && cmp -s want out && ! grep -q -v '^rootc: asking apt' err; then ok; else bad "$name"; diff want out; fi; }
has() { if grep -q "{package: $1, version: $2, " board.lock; then ok; else bad "$name: the lock has not $1 $2"; fi; }

# package NAME VERSION SIZE [DEPENDS]...: a stanza and what a name brings along
package() {
	hash=$(echo "$1 $2 $3" | sha256sum | cut -c 1-64)
	printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nFilename: pool/%s_%s_amd64.deb\nSize: %s\nSHA256: %s\n\n' "$1" "$2" "$1" "$2" "$3" "$hash"
	name=$1 version=$2
	shift 3
	echo "$name $version $*" >>"$day.graph"
}
day=monday
{ package busybox 1.35.0-4 452000 libc6; package dropbear 2022-1 100000 libc6 libtom; package libc6 2.36-8 2700000; package libtom 1.0 40960; } >monday
day=tuesday
{ package busybox 1.35.0-5 453200 libc6; package dropbear 2022-2 90000 libc6 libnew; package libc6 2.36-9 2700000; package libnew 3 2048; } >tuesday

mkdir bin
cat >bin/apt-get <<-'S'
	#!/bin/sh
	cd "$APT" || exit 9
	echo "$*" >>asked
	case " $* " in *' install '*) ;; *) exit 0 ;; esac
	# the names behind `install` and all that they bring along
	todo=${*##*install } seen=
	while [ -n "$todo" ]; do
		next=${todo%% *}
		todo=${todo#"$next"} todo=${todo# }
		case " $seen " in *" $next "*) continue ;; esac
		seen="$seen $next"
		set -- $(grep "^$next " "$(cat today).graph")
		[ $# -ge 2 ] || exit 100
		echo "'http://x/y' $1_$2_amd64.deb 1 MD5Sum:0"
		shift 2
		todo="$* $todo" todo=${todo% } todo=${todo# }
	done
S
cat >bin/apt-cache <<-'S'
	#!/bin/sh
	cd "$APT" || exit 9
	case " $* " in
	*' pkgnames '*) sed -n 's/^Package: //p' "$(cat today)" ;;
	*' show '*) cat "$(cat today)" ;;
	esac
S
chmod +x bin/apt-get bin/apt-cache
export APT="$tmp" PATH="$tmp/bin:$PATH"

cat >board.yaml <<'Y'
rootc: 1
name: board
inputs:
  debian:
    packages: [busybox, dropbear]
  overlay:
    directory: overlay
disk: {size: 2MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext2}}}
Y
mkdir overlay
echo monday >today
gets 'the first lock' 0 board.yaml
prints <<'W'
board.lock: 4 packages, 3.2 MiB
W
cp board.lock monday.lock
echo tuesday >today
rm asked
gets 'what is locked stays' 0 board.yaml
prints <<'W'
board.lock: 4 packages, nothing has changed
W
if [ -e asked ]; then bad 'apt was asked'; else ok; fi
echo >overlay/motd
gets 'an edited directory' 0 board.yaml
prints <<'W'
overlay: changed
board.lock: 4 packages, none moved
W
if [ -e asked ]; then bad 'apt was asked for a directory'; else ok; fi
rm overlay/motd && cp monday.lock board.lock
gets 'an update' 0 --update board.yaml
prints <<'W'
debian: busybox 1.35.0-4 -> 1.35.0-5, package +1.2 KiB
debian: dropbear 2022-1 -> 2022-2, package -9.8 KiB
debian: libc6 2.36-8 -> 2.36-9, package +0 bytes
debian: libnew 3 is new, package +2 KiB
debian: libtom 1.0 is gone, package -40 KiB
board.lock: 4 packages, 5 moved, -46.6 KiB
W
gets 'an update of nothing' 0 --update board.yaml
prints <<'W'
board.lock: 4 packages, nothing has changed
W
cp monday.lock board.lock
gets 'an update of one package, and what it needs' 0 --update board.yaml busybox
prints <<'W'
debian: busybox 1.35.0-4 -> 1.35.0-5, package +1.2 KiB
debian: libc6 2.36-8 -> 2.36-9, package +0 bytes
debian: libnew 3 is new, package +2 KiB
board.lock: 5 packages, 3 moved, +3.2 KiB
W
has dropbear 2022-1
has libtom 1.0
cp monday.lock board.lock
gets 'an update of an input' 0 --update board.yaml debian
has dropbear 2022-2
cp monday.lock board.lock
gets 'an update of another input' 0 --update board.yaml overlay
prints <<'W'
board.lock: 4 packages, nothing has changed
W
gets 'an unknown name' 3 --update board.yaml busybocks
if grep -q "did you mean 'busybox'" err && cmp -s board.lock monday.lock; then ok; else bad 'an unknown name'; fi
sed -i 's/packages: .*/packages: [dropbear]/' board.yaml
gets 'a package less' 0 board.yaml
prints <<'W'
debian: busybox 1.35.0-4 is gone, package -441.5 KiB
debian: libnew 3 is new, package +2 KiB
board.lock: 4 packages, 2 moved, -439.5 KiB
W
has dropbear 2022-1
has libtom 1.0
sed -i '/overlay/d' board.yaml
gets 'an input less' 0 board.yaml
prints <<'W'
overlay: gone
board.lock: 4 packages, none moved
W
{ sed '/^sum: /d' board.lock; printf 'closure:\n  - /lib/libtom.so.1\n'; } >told
{ cat told; printf 'sum: %s\n' "$(sha256sum <told | cut -c 1-64)"; } >board.lock
gets 'what is needed, without the packages' 0 board.yaml
prints <<'W'
closure: not told while the packages are not there; `rootc fetch` adds it
board.lock: 4 packages, none moved
W
rm asked
gets 'offline' 0 --update --offline board.yaml
if grep -q ' update$' asked; then bad 'offline, apt was to update'; else ok; fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

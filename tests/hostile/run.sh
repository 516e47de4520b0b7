#!/bin/sh
# Sources on the host that are no honest files, or change while they are read. usage: run.sh ROOTC
set -u
rootc=$(realpath "$1")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# manifest FILES [INPUTS]
manifest() {
	cat >m.yaml <<-Y
		rootc: 1
		name: m
		disk: {size: 8MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
		files: {$1}
		inputs: {${2:-}}
	Y
}

# refused WHAT PLACE NAME WHY: nothing of it, at once, and the old image stays
refused() {
	echo old >m.img
	timeout 5 "$rootc" build m.yaml >out 2>err
	[ $? -eq 4 ] && grep -q "^m.yaml:$2: error: .*$4.*\[$3\]\$" err && [ "$(cat m.img)" = old ] && [ ! -s out ] && [ -z "$(find . -name 'm.img.*' -o -name '.m.img.*')" ]
	result "$1" $?
	rm -f m.img
}

mkfifo pipe
ln -s /etc/hostname link
mkdir real && echo x >real/x && ln -s real through
manifest '/x: {source: pipe}'
refused 'a pipe that nobody writes to' 5:22 file-unreadable "cannot read 'pipe'"
mkdir pipes && mkfifo pipes/pipe
manifest '/x: {source: /pipe}' 'd: {directory: pipes}'
"$rootc" build m.yaml >out 2>err
[ $? -eq 3 ] && grep -q "^m.yaml:5:22: error: '/pipe' is .*\[pool-path-kind\]" err && [ ! -e m.img ]
result 'a pipe in a directory' $?
manifest '/x: {source: real}'
refused 'a directory for a source' 5:22 file-unreadable "cannot read 'real': Is a directory"
grep -q "help: name the directory as an input, 'directory: real'" err
result 'how a directory comes in is told' $?
manifest '' 'a: {archive: real}'
sed -i '/^files/d' m.yaml
refused 'a directory for an archive' 5:23 file-unreadable "cannot read 'real': Is a directory"
grep -q "help: a directory is an input by 'directory'" err
result 'that it is an input of its own kind is told' $?
manifest '/x: {source: link}'
refused 'a link to a file of the host' 5:22 file-unreadable "cannot read 'link'"
manifest '/x: {source: through/x}'
refused 'a file behind a link' 5:22 file-unreadable "cannot read 'through/x'"
manifest '/x: {source: /meminfo}' 'p: {directory: /proc}'
sed 's|/proc}|/proc/sys}|; s|/meminfo|/kernel/ostype|' m.yaml >sys.yaml && mv sys.yaml m.yaml
refused 'a file of /proc, which has more bytes than its size' 5:22 file-changed 'ostype'

shorter=$(find /sys/kernel -maxdepth 1 -type f -size 4096c -readable 2>/dev/null | head -n 1) # than the size that it claims
if [ -n "$shorter" ]; then
	manifest "/x: {source: /${shorter##*/}}" 's: {directory: sys}'
	ln -s "${shorter%/*}" sys
	refused 'a file of /sys, which has fewer bytes than its size' 5:22 file-changed "'sys/${shorter##*/}'"
else
	skipped=$((skipped + 1))
fi

# A hash that is agreed on.
echo x >x.tar
manifest '' 'a: {archive: x.tar, sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}'
sed -i '/^files/d' m.yaml
refused 'an archive that is not the one that was agreed on' 5:38 hash-mismatch "'x.tar' is not the one with this SHA-256"
grep -q "it is $(sha256sum <x.tar | head -c 64)\$" err
result 'the hash that it has is told' $?

# Bytes of a file that a link leads to never enter, however often the two change places. SECRET is in no honest source.
mkdir race && echo honest >race/honest && echo SECRET-MARKER-OF-THE-HOST >secret && cp race/honest race/file
manifest '/x: {source: race/file}, /y: {source: /file}' 'd: {directory: race}'
(cd race && while [ ! -e ../stop ]; do ln -s ../secret new && mv -T new file; cp honest new && mv -T new file; done) 2>/dev/null &
built=0 refusals=0 leaked=0
for _ in $(seq 200); do
	if "$rootc" build m.yaml --rebuild >out 2>err; then built=$((built + 1)); else refusals=$((refusals + 1)); fi
	[ ! -e m.img ] || ! grep -q -a SECRET-MARKER m.img || leaked=$((leaked + 1))
done
: >stop
wait
[ "$leaked" -eq 0 ] && [ $((built + refusals)) -eq 200 ]
result "a file that becomes a link in between: $built built, $refusals refused, $leaked leaked" $?
rm -f m.img .m.img.stamp

# 10,000 names of one file on the host are 10,000 files in the image.
mkdir many && echo same >many/0 && (cd many && seq 9999 | while read -r n; do ln 0 "$n"; done)
cat >m.yaml <<-Y
	rootc: 1
	name: m
	disk: {size: 64MiB}
	partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
	files: {/many/**: {}}
	inputs: {d: {directory: top}}
Y
mkdir top && mv many top
"$rootc" build m.yaml >out 2>err && [ "$("$rootc" ls m.img:/many | wc -l)" -eq 10000 ] && [ "$("$rootc" cat m.img:/many/9999)" = same ]
result '10,000 hard links' $?
"$rootc" plan --tree m.yaml 2>err | grep -c ' file /many/' >out
[ "$(cat out)" -eq 10000 ]
result 'they are files of their own' $?
rm -f m.img .m.img.stamp

# What a file's owner gave it on the host stays there.
mkdir owned && echo x >owned/x && chmod 6755 owned/x && cp owned/x owned/y
setfattr -n user.note -v host owned/x 2>/dev/null
manifest '/x: {source: /x}, /y: {source: /y}' 'd: {directory: owned}'
"$rootc" plan --tree m.yaml >out 2>err && grep -q '^0755 0:0 file /x 2$' out && ! grep -q note out
result 'setuid bits and attributes of the host' $?
chmod 0 owned/y
if [ "$(id -u)" -ne 0 ]; then
	refused 'a file that may not be read' 5:40 file-unreadable 'Permission denied'
fi
seq 41 | while read -r n; do ln -s "l$n" "l$((n - 1))"; done
echo x >l41
manifest '' 'd: {directory: l0}'
sed -i '/^files/d' m.yaml
refused '41 links' 5:25 directory-unreadable 'Too many levels of symbolic links'
# Words of the operating system that no file here could give.
manifest '/x: {source: honest}'
echo honest >honest
for error in 'ESTALE:Stale file handle' 'ENXIO:No such device or address'; do
	strace -qq -o trace -P honest -e trace=open,openat,openat2 -e inject=open,openat,openat2:error="${error%:*}" "$rootc" build m.yaml >out 2>err
	[ $? -eq 4 ] && grep -q "^m.yaml:5:22: error: cannot read 'honest': ${error#*:} \[file-unreadable\]\$" err && [ ! -e m.img ]
	result "a source of which the host says ${error#*:}" $?
	rm -f m.img .m.img.stamp
done
long=$(head -c 250 /dev/zero | tr '\0' d)
manifest '' "d: {directory: $long$long}"
sed -i '/^files/d' m.yaml
refused 'a name that the host does not take' 5:25 directory-unreadable 'File name too long'
manifest '' 'd: {directory: secret}'
sed -i '/^files/d' m.yaml
refused 'a file as the root of a system' 5:25 directory-unreadable 'Not a directory'

# A tebibyte of holes is seen to be too much without reading it.
mkdir huge && truncate -s 1T huge/file
# too_large WHAT PLACE NAME STATUS WHY
too_large() {
	timeout 2 "$rootc" build m.yaml >out 2>err
	[ $? -eq "$4" ] && grep -q "^m.yaml:$2: error: .*$5.*\[$3\]\$" err && [ ! -e m.img ] && [ ! -e .rootc ] && [ "$(du -sk . | cut -f 1)" -lt 100000 ]
	result "$1" $?
}
manifest '/x: {source: huge/file}'
too_large 'a source of 1 TiB' 4:27 partition-too-small 3 'too small for its contents'
manifest '/x: {source: /file}' 'd: {directory: huge}'
too_large 'a source of 1 TiB in the pool' 4:27 partition-too-small 3 'too small for its contents'
manifest '' 'a: {archive: huge/file}'
sed -i '/^files/d' m.yaml
too_large 'an archive of 1 TiB' 5:23 input-too-large 4 "'huge/file' is larger than 20 GiB"
timeout 2 "$rootc" lock m.yaml >out 2>err
[ $? -eq 4 ] && grep -q '^m.yaml:5:23: error: .*\[input-too-large\]$' err && [ ! -e m.lock ]
result 'an archive of 1 TiB is not locked' $?
manifest ''
sed -i '/^files/d; s/mount.*}}}/raw: huge\/file}}/' m.yaml
too_large 'a partition with the bytes of a file of 1 TiB' 4:38 raw-too-large 3 "'huge/file'"

# What becomes of a file while it is read: strace holds the first read back while somebody else does it.
# changes WHAT COMMAND...
changes() {
	what=$1
	shift
	rm -f m.img .m.img.stamp
	head -c 3000000 /dev/urandom >"$tmp/source"
	sleep 0.05 # so that what comes now has another time
	strace -qq -f -o "$tmp/trace" -P "$tmp/source" -e trace=read,pread64 -e inject=read,pread64:delay_exit=600000:when=1 \
		"$rootc" build m.yaml >out 2>err &
	for _ in $(seq 200); do # until it is open
		! readlink /proc/[0-9]*/fd/* 2>/dev/null | grep -q -x "$tmp/source" || break
		sleep 0.02
	done
	"$@"
	wait $!
	[ $? -eq 4 ] && grep -q "^m.yaml:5:22: error: .*'source'.*\[file-changed\]\$" err && [ ! -e m.img ] && [ -s "$tmp/trace" ]
	result "a file that $what while it is read" $?
}
grow() { echo more >>source; }
shrink() { truncate -s 1000 source; }
rewrite() { touch -r source when && head -c 3000000 /dev/zero >source && touch -r when source; }
manifest '/x: {source: source}'
changes grows grow
changes shrinks shrink
changes 'gets other bytes and its old time' rewrite
changes 'gets another time' touch source

finish

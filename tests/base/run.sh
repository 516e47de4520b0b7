#!/bin/sh
# `build --base`: whatever is taken over from an older image, the bytes are those of a build from nothing. usage: run.sh ROOTC CLONE
#
# CLONE makes blocks shareable where the file system cannot do that (tests/tools/clone.c).
set -u
rootc=$(realpath "$1") clone=$(realpath "$2")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# fill NAME BYTES SEED: other bytes for every seed, none of them zero.
fill() { awk -v n="$2" -v seed="$3" 'BEGIN { srand(seed); for (i = 0; i < n / 16; i++) printf "%015d\n", rand() * 1e15 }' >"tree/$1"; }

# manifest START: all files of tree/ in one file system
manifest() {
	cat <<Y
rootc: 1
name: base
inputs: {tree: {directory: tree}}
disk: {size: 8MiB}
partitions: {root: {start: $1, size: rest, mount: /, filesystem: {type: ext4, block_size: $2}}}
files:
Y
	(cd tree && for file in *; do echo "  /$file: {source: /$file}"; done)
}

# check NAME SAYS: builds beside old.img, which must then be what a build from nothing gives; and standard output has SAYS.
check() {
	"$rootc" build m.yaml -o cold.img >/dev/null 2>err
	LD_PRELOAD=$clone "$rootc" build m.yaml --base old.img -o old.img >out 2>err
	result "$1: builds" $?
	cmp -s cold.img old.img
	result "$1: the bytes of a build from nothing" $?
	grep -q "$2" out
	result "$1: says '$2'" $?
}

mkdir tree
i=0
while [ $i -lt 40 ]; do
	fill "file-$i" $((i * 2048)) $i
	i=$((i + 1))
done
: >tree/empty
head -c 20000 /dev/zero >tree/zeroes
manifest 1MiB 4KiB >m.yaml
check 'without an older image' 'nothing kept from old.img: No such file'
check 'files that have just been made' 'nothing in it stays where it is'
sleep 3 # what is younger than the grain of file times is not trusted
check 'a record of young files' 'nothing in it stays where it is'
check 'nothing changed' ' KiB kept from old.img\| MiB kept from old.img'
cp --preserve=all old.img before.img

# written COMMAND...: the bytes that its calls of pwrite have written
written() {
	strace -f -o trace -E LD_PRELOAD="$clone" -e trace=pwrite64 "$@" >out 2>err
	awk '/pwrite64/ { sum += $NF } END { print sum }' trace
}
[ "$(written "$rootc" build m.yaml --base old.img -o old.img)" -lt $(($(written "$rootc" build m.yaml -o cold.img --rebuild) / 4)) ]
result 'what is kept is not written' $?

fill file-20 40960 99
check 'a file changed' 'kept from old.img'
cat tree/file-2 >>tree/file-11
check 'a file grew' 'kept from old.img'
rm tree/file-30
manifest 1MiB 4KiB >m.yaml
check 'a file went' 'kept from old.img'
cp tree/file-8 tree/aaa
manifest 1MiB 4KiB >m.yaml
check 'a file came' 'kept from old.img'
sleep 3
check 'settled' 'kept from old.img'
touch old.img
check 'the image was touched' 'does not tell what it was made of'
check 'the record is right again' 'kept from old.img'
sed -i '$d' old.img.record
check 'the record lacks its end' 'does not tell'
head -c 1000 /dev/urandom >old.img.record
check 'the record is garbage' 'does not tell'
check 'from there' 'kept from old.img'
cp before.img old.img
check 'another image under the name' 'does not tell'
manifest 63s 1KiB >m.yaml
check 'other geometry' 'nothing in it stays where it is'
check 'blocks smaller and elsewhere than those of the host' 'kept from old.img'

# Where blocks cannot be shared, as on a tmpfs, all is as without --base.
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && shm=$(mktemp -d -p /dev/shm); then
	"$rootc" build m.yaml --base "$shm/x.img" -o "$shm/x.img" >out 2>err
	"$rootc" build m.yaml --base "$shm/x.img" -o "$shm/x.img" >out 2>err && cmp -s old.img "$shm/x.img" &&
		grep -q 'does not share blocks between files' out
	result 'a file system that shares nothing' $?
	rm -rf "$shm"
else
	echo "skipped: a file system that shares nothing, since /dev/shm is no tmpfs here"
	skipped=$((skipped + 1))
fi

rm old.img.record
mkdir old.img.record
"$rootc" build m.yaml --base old.img -o old.img >out 2>err
[ $? -eq 5 ] && grep -q "cannot write 'old.img.record': Is a directory \[record-unwritable\]" err && cmp -s cold.img old.img
result 'a record that cannot be written' $?

finish

#!/bin/sh
# Images read back. For every golden image whose partitions are all ext2, ext3 or ext4, what `rootc inspect` sees is what
# `rootc plan` said; verify finds nothing; owners cover each byte once. Then images by mke2fs, and damaged ones.
# usage: run.sh ROOTC [CASE]...
set -u
unset CDPATH
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden
rootc=$(realpath "$1")
shift
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
out=$tmp/out passed=0 failed=0 skipped=0
# shellcheck disable=SC1091 # checked by itself
. "$golden/image.sh"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 20q' "$3"; }

# same NAME WORDS EXPECTED SEEN
same() {
	if diff -u "$3" "$4" >"$out"; then pass; else fail "$1" "$2" "$out"; fi
}

# What only a manifest can know: the names of an MBR's partitions, where they are mounted, which name of a file came first.
anonymous() {
	paths=' 0100.* links [2-9]'
	[ "$mounts" = 1 ] || paths=
	sed -e "/^inode [0-9]* mode$paths/s/ [/<].*\$//" -e 's/^\([0-9.]* partition [0-9]*\) [^ ]* type/\1 type/' -e 's/^\(partition [0-9]*\) .*/\1/' \
		-e '/^[0-9.]* partition /s/ at \/.*$//' "$1"
}

# owners CASE IMAGE: each begins where the last one ended, and the last one ends with the image
owners() {
	"$rootc" inspect --owners "$2" | awk -v size="$(stat -c %s "$2")" '
		{ split($1, at, /\.\./); if (at[1] != next_byte) { print "at byte " next_byte ": " $0; exit } next_byte = at[2] + 1 }
		END { if (next_byte != size) print "end at byte " next_byte " of " size }' >"$out"
	if [ -s "$out" ]; then fail "$1" "its owners do not cover it once" "$out"; else pass; fi
}

check_golden() {
	image=$tmp/image.img
	"$rootc" build -o "$image" --store "$tmp/store" "$1.yaml" >/dev/null 2>"$out" || { fail "$1" "does not build" "$out"; return; }
	"$rootc" plan --map --store "$tmp/store" "$1.yaml" >"$tmp/planned" 2>/dev/null
	mounts=$(grep -c '^[0-9.]* partition .* ext[234]' "$tmp/planned")
	grep -q '^[0-9.]* partition .* at /$' "$tmp/planned" || mounts=0
	anonymous "$tmp/planned" >"$tmp/expected"
	"$rootc" inspect --map "$image" >"$tmp/seen" 2>"$out" || fail "$1" "cannot be inspected" "$out"
	anonymous "$tmp/seen" >"$tmp/known"
	same "$1" "its map is not what was planned" "$tmp/expected" "$tmp/known"
	if [ "$mounts" = 1 ]; then
		"$rootc" plan --tree --store "$tmp/store" "$1.yaml" 2>/dev/null | same_names >"$tmp/expected"
		"$rootc" inspect --tree "$image" | same_names >"$tmp/known"
		same "$1" "its tree is not what was planned" "$tmp/expected" "$tmp/known"
	fi
	if "$rootc" verify "$image" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail "$1" "verify finds something" "$out"; fi
	owners "$1" "$image"
}

# foreign NAME MKE2FS-ARGUMENT...: a file system of the tree in $tmp/tree, on which verify and e2fsck agree
foreign() {
	name=$1
	shift
	rm -f "$tmp/image.img"
	mke2fs -q -F -d "$tmp/tree" "$@" "$tmp/image.img" 24M >"$out" 2>&1 || { fail "$name" "mke2fs fails" "$out"; return; }
	if "$rootc" verify "$tmp/image.img" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail "$name" "verify finds something" "$out"; fi
	"$rootc" inspect --tree "$tmp/image.img" | sed -n 's/^[0-7]* [0-9:]* [a-z]* *\(\/[^ ]*\).*/\1/p' | sort >"$tmp/seen"
	(cd "$tmp/tree" && find . | sed 's/^\.//; s/^$/\//' | sort) >"$tmp/expected"
	same "$name" "has another tree" "$tmp/expected" "$tmp/seen"
	owners "$name" "$tmp/image.img"
}

# damaged NAME FINDING...: verify says of the image in $tmp/bad.img just these findings, and ends with 4; inspect survives it
damaged() {
	name=$1
	shift
	printf "$tmp/bad.img: %s\n" "$@" >"$tmp/expected"
	timeout 20 "$rootc" verify "$tmp/bad.img" >"$tmp/seen" 2>&1
	status=$?
	[ "$status" = 4 ] || fail "$name" "verify gives $status, not 4" "$tmp/seen"
	same "$name" "verify finds something else" "$tmp/expected" "$tmp/seen"
	timeout 20 "$rootc" inspect --tree --map "$tmp/bad.img" >/dev/null 2>"$out" || fail "$name" "inspect gives $?" "$out"
	[ ! -s "$tmp/bad.img" ] || owners "$name" "$tmp/bad.img"
}

# inode FILE: where in $base its inode begins; block FILE N: the number of its Nth block; number FILE: that of its inode
inode() {
	debugfs -R "imap $1" "$base" 2>/dev/null | sed -n 's/.*located at block \([0-9]*\), offset \(0x[0-9a-f]*\)/\1 \2/p' |
		{ read -r block offset; echo $((block * 1024 + offset)); }
}
block() { debugfs -R "blocks $1" "$base" 2>/dev/null | cut -d ' ' -f "$2"; }
number() { debugfs -R "stat $1" "$base" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\) .*/\1/p'; }

mkdir -p "$tmp/w/ok" "$tmp/store" && cd "$tmp/w" || exit 1
"$golden/inputs/make.sh" "$tmp/w/inputs" "${MKELF:-$here/../../build/tools/mkelf}" || fail inputs "cannot be made"
for file in "$golden"/ok/*.sha256; do
	name=ok/$(basename "$file" .sha256)
	case $name in *"${1-}"*) ;; *) continue ;; esac
	# what load/ does not read yet
	if grep -q '^[0-9.]* partition .* \(vfat\|swap\|raw\)' "$golden/$name.map"; then continue; fi
	for base in "$golden/$name".*.base; do
		[ ! -e "$base" ] || cp "$base" ok
	done
	if [ -e "$golden/$name.gen" ]; then sh "$golden/$name.gen" >"$name.yaml"; else cp "$golden/$name.yaml" "$name.yaml"; fi
	[ ! -e "$golden/$name.lock" ] || cp "$golden/$name.lock" "$name.lock"
	check_golden "$name"
done

mkdir -p "$tmp/tree/many" "$tmp/tree/a/b" && cd "$tmp/tree" || exit 1
seq 1 300000 >large
: >empty
echo text >a/b/small
ln -s a/b/small short
ln -s "/$(printf '%080d' 7)" long
i=0
while [ $i -lt 400 ]; do : >many/"a rather long name that fills blocks".$i; i=$((i + 1)); done
mv many/* a/b/ && for f in a/b/*.*; do mv "$f" "many/$(basename "$f" | tr ' ' _)"; done
for type in ext2 ext3 ext4; do
	for block in 1024 2048 4096; do
		for inode in 128 256; do
			foreign "$type-$block-$inode" -t $type -b $block -I $inode
		done
	done
done

# two files with one block of attributes, as Linux makes them
image=$tmp/image.img
mke2fs -q -F -t ext2 -b 1024 -I 128 -d "$tmp/tree" "$image" 16M >/dev/null 2>&1
debugfs -w -R 'ea_set large user.note shared' "$image" >/dev/null 2>&1
block=$(debugfs -R 'stat large' "$image" 2>/dev/null | sed -n 's/.*File ACL: \([0-9]*\).*/\1/p')
debugfs -w -R "sif empty file_acl $block" "$image" >/dev/null 2>&1
debugfs -w -R 'sif empty blocks 2' "$image" >/dev/null 2>&1
printf '\002' | dd of="$image" bs=1 seek=$((block * 1024 + 4)) conv=notrunc 2>/dev/null
e2fsck -fn "$image" >"$out" 2>&1 || fail "shared attributes" "e2fsck finds something" "$out"
"$rootc" verify "$image" >"$tmp/seen" 2>&1
: >"$tmp/expected"
same "shared attributes" "verify finds something" "$tmp/expected" "$tmp/seen"
"$rootc" inspect --tree "$image" | grep -c 'user.note="*shared' >"$tmp/seen"
echo 2 >"$tmp/expected"
same "shared attributes" "not both files have them" "$tmp/expected" "$tmp/seen"

base=$tmp/base.img
mke2fs -q -F -t ext4 -b 1024 -d "$tmp/tree" "$base" 16M >/dev/null 2>&1
# entry_at IMAGE DIRECTORY NAME: where its entry begins, 8 bytes in front of the name, which no other name there may contain
entry_at() {
	for block in $(debugfs -R "blocks $2" "$1" 2>/dev/null); do
		at=$(dd if="$1" bs=1024 skip="$block" count=1 2>/dev/null | grep -abo "$3" | cut -d : -f 1)
		[ -z "$at" ] || echo $((block * 1024 + at - 8))
	done
}

no_table='byte 0: there is no partition table and no known file system [no-table]'
: >"$tmp/bad.img"; damaged empty 'byte 0: the partition table would end at byte 512, but the image at 0 [truncated]' "$no_table"
dd if=/dev/zero of="$tmp/bad.img" bs=1M count=1 2>/dev/null; damaged zeros "$no_table"
seq 1 100000 >"$tmp/bad.img"; damaged text "$no_table"
# cut_at SIZE FINDING...: the first SIZE bytes of the file system
cut_at() { size=$1; shift; head -c "$size" "$base" >"$tmp/bad.img"; damaged "cut at $size" "$@"; }
cut_at 1 'byte 0: the partition table would end at byte 512, but the image at 1 [truncated]' "$no_table"
cut_at 512 "$no_table"
cut_at 1500 'byte 0: there are 1500 bytes of a file system, fewer than a superblock ends with [truncated]'
cut_at 2048 'byte 1028: the file system has 16384 blocks, but there is room for 2 only [truncated]'
cut_at 100000 'byte 1028: the file system has 16384 blocks, but there is room for 97 only [truncated]'
cut_at 8000000 'byte 1028: the file system has 16384 blocks, but there is room for 7812 only [truncated]'
# absurd OFFSET TEXT: four bytes of the superblock
absurd() {
	cp "$base" "$tmp/bad.img"
	printf '\377\377\377\377' | dd of="$tmp/bad.img" bs=1 seek=$((1024 + $1)) conv=notrunc 2>/dev/null
	damaged "absurd: byte $1" "byte $((1024 + $1)): $2"
}
absurd 0 "the superblock's number of inodes is not that of all groups [invalid]"
absurd 4 'the file system has 4294967295 blocks, but there is room for 16384 only [truncated]'
absurd 20 "the superblock's first block cannot be [invalid]"
absurd 24 "the superblock's block size cannot be [invalid]"
absurd 32 "the superblock's number of blocks in a group cannot be [invalid]"
absurd 40 "the superblock's number of inodes in a group cannot be [invalid]"
absurd 88 "the superblock's size of inodes cannot be [invalid]"
# edited NAME COMMAND FINDING...: by debugfs
edited() {
	name=$1
	cp "$base" "$tmp/bad.img"
	debugfs -w -R "$2" "$tmp/bad.img" >/dev/null 2>&1
	shift 2
	damaged "$name" "$@"
}
large=$(number large) first=$(block large 1)
last=$((first + $(block large 1- | wc -w) - 1))
unused="byte $((first * 1024)): the blocks $first to $last are taken in the bitmap, but used by nothing [count]"
edited 'a map beyond the device' 'sif large block[5] 0xfffffff0' \
	"byte $(($(inode large) + 28)): inode $large says that it has $((2 * (last - first + 1))) sectors, but it has 0 [count]" \
	"byte $(($(inode large) + 40)): inode $large has blocks from 4294967280 on, $((last - first + 1)) of them, which the file system does not have [invalid]" \
	"$unused"
cp "$base" "$tmp/bad.img"
debugfs -w -R 'ln a a/b/loop' "$tmp/bad.img" >/dev/null 2>&1
damaged 'a directory in itself' \
	"byte $(($(inode a/b) + 26)): inode $(number a/b) is a directory that says it has 2 links, but it has 3 [count]" \
	"byte $(entry_at "$tmp/bad.img" a/b loop): an entry of the directory of inode $(number a/b) leads to a directory that has a name already [invalid]"
edited 'a file in lost+found that counts one name' 'ln large lost+found/1' \
	"byte $(inode lost+found): lost+found holds something, such as '1', which no manifest can say [not-understood]" \
	"byte $(($(inode large) + 26)): inode $large says that it has 1 names, but it has 2 [count]"
free_blocks=$(dumpe2fs -h "$base" 2>/dev/null | sed -n 's/^Free blocks: *//p') free_inodes=$(dumpe2fs -h "$base" 2>/dev/null | sed -n 's/^Free inodes: *//p')
edited 'a sum of free blocks' 'ssv free_blocks_count 5' "byte 1036: the groups have $free_blocks free blocks, but the superblock says 5 [count]"
edited 'a sum of free inodes' 'ssv free_inodes_count 5' "byte 1040: the groups have $free_inodes free inodes, but the superblock says 5 [count]"
edited 'the links of a directory' 'sif a links_count 9' \
	"byte $(($(inode a) + 26)): inode $(number a) is a directory that says it has 9 links, but it has 3 [count]"
edited 'an inode of zeros' 'clri large' \
	"byte $(entry_at "$base" / large): an entry of the directory of inode 2 leads to an inode that is not in use [invalid]" "$unused"
base=$tmp/bad.img
mke2fs -q -F -t ext2 -b 1024 -d "$tmp/tree" "$base" 16M >/dev/null 2>&1
at=$(($(block a/b 1) * 1024 + 12))
printf '\013' | dd of="$base" bs=1 seek=$at conv=notrunc 2>/dev/null
damaged "a directory's .." "byte $at: an entry of the directory of inode $(number a/b) is '..' and does not lead to the directory that it is in [invalid]"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

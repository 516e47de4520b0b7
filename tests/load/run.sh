#!/bin/sh
# Images read back. For every golden image, what `rootc inspect` sees is what
# `rootc plan` said; verify finds nothing; owners cover each byte once. Then images by mke2fs, mkfs.fat and mkswap, and damaged ones.
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
out=$tmp/out passed=0 failed=0 skipped=0 told=
# shellcheck disable=SC1091 # checked by itself
. "$golden/image.sh"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 20q' "$3"; }

# same NAME WORDS EXPECTED SEEN
same() {
	if diff -u "$3" "$4" >"$out"; then pass; else fail "$1" "$2" "$out"; fi
}

# What only a manifest can know: the names of an MBR's partitions, where they are mounted, which name of a file came first, the time
# of a FAT that has neither a label nor anything in it.
anonymous() {
	paths=' 0100.* links [2-9]'
	[ "$mounts" = 1 ] || paths=
	sed -e "/^inode [0-9]* mode$paths/s/ [/<].*\$//" -e 's/^\([0-9.]* partition [0-9]*\) [^ ]* type/\1 type/' -e 's/^\(partition [0-9]*\) .*/\1/' \
		-e "/^vfat .* clusters \([0-9]*\) free \1 /{n;/ label '' /s/ date .*//;}" \
		-e '/^[0-9.]* partition /s/ at \/.*$//; /^[0-9.]* partition /s/ raw .*$//' -e '/^\(dir\|file\) size/s/ [/<].*$//' "$1"
}

# owners CASE IMAGE: each begins where the last one ended, and the last one ends with the image
owners() {
	# shellcheck disable=SC2086 # words
	"$rootc" inspect $told --owners "$2" | awk -v size="$(stat -c %s "$2")" '
		{ split($1, at, /\.\./); if (at[1] != next_byte) { print "at byte " next_byte ": " $0; exit } next_byte = at[2] + 1 }
		END { if (next_byte != size) print "end at byte " next_byte " of " size }' >"$out"
	if [ -s "$out" ]; then fail "$1" "its owners do not cover it once" "$out"; else pass; fi
}

# The option $told says what nothing in an image says: how large the sectors are in which an MBR counts.
check_golden() {
	# whose boot code is the user's own, a reader does not know
	! grep -q boot_code: "$1.yaml" || return
	image=$tmp/image.img
	"$rootc" build -o "$image" --store "$tmp/store" "$1.yaml" >/dev/null 2>"$out" || { fail "$1" "does not build" "$out"; return; }
	"$rootc" plan --map --store "$tmp/store" "$1.yaml" >"$tmp/planned" 2>/dev/null
	mounts=$(grep -c '^[0-9.]* partition .* \(ext[234]\|vfat\)' "$tmp/planned")
	raws=$(grep -c '^[0-9.]* partition .* raw ' "$tmp/planned")
	grep -q '^[0-9.]* partition .* at /$' "$tmp/planned" || mounts=0
	told=
	! grep -q '^disk .* sector_size 4096 table mbr' "$tmp/planned" || told='--sector-size 4KiB'
	anonymous "$tmp/planned" >"$tmp/expected"
	# shellcheck disable=SC2086 # words
	"$rootc" inspect $told --map "$image" >"$tmp/seen" 2>"$out" || fail "$1" "cannot be inspected" "$out"
	anonymous "$tmp/seen" >"$tmp/known"
	same "$1" "its map is not what was planned" "$tmp/expected" "$tmp/known"
	if [ "$mounts" = 1 ]; then
		modes=
		# a FAT has neither modes nor owners
		if grep -q '^vfat ' "$tmp/planned"; then modes='s/^[0-7]* [0-9:]* //'; fi
		"$rootc" plan --tree --store "$tmp/store" "$1.yaml" 2>/dev/null | same_names | sed "$modes" >"$tmp/expected"
		# shellcheck disable=SC2086 # words
		"$rootc" inspect $told --tree "$image" | same_names | sed "$modes" >"$tmp/known"
		same "$1" "its tree is not what was planned" "$tmp/expected" "$tmp/known"
	fi
	# what is in a raw partition is not for rootc to know
	# shellcheck disable=SC2086 # words
	if "$rootc" verify $told "$image" >"$out" 2>&1 && [ "$(grep -c 'partition [0-9]* holds nothing that rootc can read' "$out")" -le "$raws" ] &&
		! grep -qv 'partition [0-9]* holds nothing that rootc can read' "$out"; then pass; else fail "$1" "verify finds something" "$out"; fi
	owners "$1" "$image"
	told=
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

# damaged NAME: verify says of the image in $tmp/bad.img, which is damaged, just the lines of $tmp/expected; inspect survives it
damaged() {
	timeout 20 "$rootc" verify "$tmp/bad.img" >"$out" 2>&1
	status=$?
	if [ "$status" = 4 ]; then pass; else fail "$1" "verify gives $status, not 4" "$out"; fi
	sed "s,^$tmp/bad.img: ,," "$out" >"$tmp/seen"
	same "$1" "verify finds something else" "$tmp/expected" "$tmp/seen"
	timeout 20 "$rootc" inspect --tree --map "$tmp/bad.img" >/dev/null 2>"$out" || fail "$1" "inspect gives $?" "$out"
	[ ! -s "$tmp/bad.img" ] || owners "$1" "$tmp/bad.img"
}

# What there is in $tmp/base.img, as debugfs tells it: the number of an inode, and where that lies; the blocks of a file, a line each;
# where the directory $1, of one block, has its entry $2.
number() { debugfs -R "stat $1" "$base" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\) .*/\1/p'; }
inode_at() {
	debugfs -R "imap $1" "$base" 2>/dev/null | sed -n 's/.*block \([0-9]*\), offset \(0x[0-9a-f]*\)$/\1 \2/p' |
		{ read -r block offset && echo $((block * 1024 + offset)); }
}
blocks() { debugfs -R "blocks $1" "$base" 2>/dev/null | tr ' ' '\n' | grep .; }
entry_at() {
	block=$(debugfs -R "blocks $1" "$tmp/bad.img" 2>/dev/null | sed 's/ .*//')
	offset=$(dd if="$tmp/bad.img" bs=1024 skip="$block" count=1 status=none | grep -obUa "$2" | sed -n '1s/:.*//p')
	echo $((block * 1024 + offset - 8))
}
taken() { # the file lies in one piece
	blocks "$1" | awk 'NR == 1 { first = $1 } END { printf "byte %d: the blocks %d to %d are taken in the bitmap, but used by nothing [count]\n", first * 1024, first, $1 }'
}
free() { debugfs -R stats "$base" 2>/dev/null | sed -n "s/^Free $1: *//p"; }

mkdir -p "$tmp/w/ok" "$tmp/store" && cd "$tmp/w" || exit 1
"$golden/inputs/make.sh" "$tmp/w/inputs" "${MKELF:-$here/../../build/tools/mkelf}" || fail inputs "cannot be made"
for file in "$golden"/ok/*.sha256; do
	name=ok/$(basename "$file" .sha256)
	case $name in *"${1-}"*) ;; *) continue ;; esac
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
seq 1 10000 >middle
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
no_table='byte 0: there is no partition table and no known file system [no-table]'
: >"$tmp/bad.img"
printf '%s\n' 'byte 0: the partition table would end at byte 512, but the image at 0 [truncated]' "$no_table" >"$tmp/expected"
damaged empty
dd if=/dev/zero of="$tmp/bad.img" bs=1M count=1 2>/dev/null
echo "$no_table" >"$tmp/expected"
damaged zeros
seq 1 100000 >"$tmp/bad.img"
echo "$no_table" >"$tmp/expected"
damaged text
head -c 1 "$base" >"$tmp/bad.img"
printf '%s\n' 'byte 0: the partition table would end at byte 512, but the image at 1 [truncated]' "$no_table" >"$tmp/expected"
damaged 'cut at 1'
head -c 512 "$base" >"$tmp/bad.img"
echo "$no_table" >"$tmp/expected"
damaged 'cut at 512'
head -c 1500 "$base" >"$tmp/bad.img"
echo 'byte 0: there are 1500 bytes of a file system, fewer than a superblock ends with [truncated]' >"$tmp/expected"
damaged 'cut at 1500'
for size in 2048 100000 8000000; do
	head -c $size "$base" >"$tmp/bad.img"
	echo "byte 1028: the file system has 16384 blocks, but there is room for $((size / 1024)) only [truncated]" >"$tmp/expected"
	damaged "cut at $size"
done
# absurd OFFSET FINDING: four bytes of the superblock
absurd() {
	cp "$base" "$tmp/bad.img"
	printf '\377\377\377\377' | dd of="$tmp/bad.img" bs=1 seek=$((1024 + $1)) conv=notrunc 2>/dev/null
	echo "byte $((1024 + $1)): $2" >"$tmp/expected"
	damaged "absurd: byte $1"
}
absurd 0 "the superblock's number of inodes is not that of all groups [invalid]"
absurd 4 'the file system has 4294967295 blocks, but there is room for 16384 only [truncated]'
absurd 20 "the superblock's first block cannot be [invalid]"
absurd 24 "the superblock's block size cannot be [invalid]"
absurd 32 "the superblock's number of blocks in a group cannot be [invalid]"
absurd 40 "the superblock's number of inodes in a group cannot be [invalid]"
absurd 88 "the superblock's size of inodes cannot be [invalid]"
# broken COMMAND: the image as debugfs leaves it after this
broken() { cp "$base" "$tmp/bad.img" && debugfs -w -R "$1" "$tmp/bad.img" >/dev/null 2>&1; }
broken 'sif middle block[5] 0xfffffff0'
count=$(blocks middle | wc -l)
{
	echo "byte $(($(inode_at middle) + 28)): inode $(number middle) says that it has $((count * 2)) sectors, but it has 0 [count]"
	echo "byte $(($(inode_at middle) + 40)): inode $(number middle) has blocks from 4294967280 on, $count of them, which the file system does not have [invalid]"
	taken middle
} >"$tmp/expected"
damaged 'a map beyond the device'
broken 'ln a a/b/loop'
{
	echo "byte $(($(inode_at a/b) + 26)): inode $(number a/b) is a directory that says it has 2 links, but it has 3 [count]"
	echo "byte $(entry_at a/b loop): an entry of the directory of inode $(number a/b) leads to a directory that has a name already [invalid]"
} >"$tmp/expected"
damaged 'a directory in itself'
broken 'ln large lost+found/1'
{
	echo "byte $(inode_at lost+found): lost+found holds something, such as '1', which no manifest can say [not-understood]"
	echo "byte $(($(inode_at large) + 26)): inode $(number large) says that it has 1 names, but it has 2 [count]"
} >"$tmp/expected"
damaged 'a file in lost+found that counts one name'
broken 'ssv free_blocks_count 5'
echo "byte 1036: the groups have $(free blocks) free blocks, but the superblock says 5 [count]" >"$tmp/expected"
damaged 'a sum of free blocks'
broken 'ssv free_inodes_count 5'
echo "byte 1040: the groups have $(free inodes) free inodes, but the superblock says 5 [count]" >"$tmp/expected"
damaged 'a sum of free inodes'
broken 'sif a links_count 9'
echo "byte $(($(inode_at a) + 26)): inode $(number a) is a directory that says it has 9 links, but it has 3 [count]" >"$tmp/expected"
damaged 'the links of a directory'
mke2fs -q -F -t ext2 -b 1024 -d "$tmp/tree" "$tmp/bad.img" 16M >/dev/null 2>&1
block=$(debugfs -R 'blocks a/b' "$tmp/bad.img" 2>/dev/null | cut -d ' ' -f 1)
printf '\013' | dd of="$tmp/bad.img" bs=1 seek=$((block * 1024 + 12)) conv=notrunc 2>/dev/null
inode=$(debugfs -R 'stat a/b' "$tmp/bad.img" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\) .*/\1/p')
echo "byte $((block * 1024 + 12)): an entry of the directory of inode $inode is '..' and does not lead to the directory that it is in [invalid]" \
	>"$tmp/expected"
damaged "a directory's .."
# bitmaps KIND: the blocks of them, of all groups
bitmaps() { debugfs -R stats "$base" 2>/dev/null | sed -n "s/.*$1 bitmap at \([0-9]*\).*/\1/p"; }
cp "$base" "$tmp/bad.img"
end=$(($(bitmaps inode | head -1) * 1024 + 1023))
printf '\177' | dd of="$tmp/bad.img" bs=1 seek=$end conv=notrunc 2>/dev/null
echo "byte $end: the bitmap of inodes of group 0 says something of inodes behind the last [invalid]" >"$tmp/expected"
damaged 'the end of a bitmap of inodes'
# the last group of 16 MiB, in which the first block is 1, is one block short
cp "$base" "$tmp/bad.img"
end=$(($(bitmaps block | tail -1) * 1024 + 1023))
printf '\000' | dd of="$tmp/bad.img" bs=1 seek=$end conv=notrunc 2>/dev/null
{
	echo "byte $((end - 1023)): the bitmap of blocks of group 1 has a wrong checksum [checksum]"
	echo "byte $end: the bitmap of blocks of group 1 says something of blocks behind the last [invalid]"
} >"$tmp/expected"
damaged 'the end of a bitmap of blocks'
broken 'clri middle'
{
	echo "byte $(($(bitmaps inode | head -1) * 1024 + ($(number middle) - 1) / 8)): inode $(number middle) is taken in the bitmap, but not in use [count]"
	echo "byte $(entry_at / middle): an entry of the directory of inode 2 leads to an inode that is not in use [invalid]"
	taken middle
} | sort -t ' ' -k 2,2n >"$tmp/expected"
damaged 'an inode of zeros'
# shellcheck disable=SC1091 # checked by itself
. "$here/tables.sh"
# shellcheck disable=SC1091 # checked by itself
. "$here/fat.sh"
# shellcheck disable=SC1091 # checked by itself
. "$here/hostile.sh"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

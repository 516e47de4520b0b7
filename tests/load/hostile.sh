# shellcheck shell=sh disable=SC2034,SC2154 # what is used here and not set, or set and not used, is run.sh's and fat.sh's
# Part of run.sh: what is rare, and what somebody made to be read wrongly.

# strange NAME: verify says of the image in $tmp/bad.img, which is whole, just the lines of $tmp/expected
strange() {
	timeout 20 "$rootc" verify "$tmp/bad.img" >"$out" 2>&1
	status=$?
	if [ "$status" = 0 ]; then pass; else fail "$1" "verify gives $status, not 0" "$out"; fi
	sed "s,^$tmp/bad.img: ,," "$out" >"$tmp/seen"
	same "$1" 'verify finds something else' "$tmp/expected" "$tmp/seen"
}

foreign sparse_super2 -t ext4 -b 1024 -O sparse_super2
foreign 'sparse_super2 with one copy' -t ext2 -b 1024 -O sparse_super2 -E num_backup_sb=1
# e2fsprogs has it from 1.47 on
if mke2fs -n -q -F -t ext4 -O orphan_file "$tmp/image.img" 24M >/dev/null 2>&1; then
	foreign orphan_file -t ext4 -O orphan_file
else
	skipped=$((skipped + 1))
fi
foreign 'blocks of 64 KiB' -t ext2 -b 65536
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext4 -b 1024 -O bigalloc "$tmp/bad.img" 24M >/dev/null 2>&1
echo 'byte 1124: the file system has clusters (bigalloc), which rootc does not read [not-understood]' >"$tmp/expected"
strange bigalloc
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext4 -O journal_dev "$tmp/bad.img" 24M >/dev/null 2>&1
echo 'byte 1120: the file system has features that rootc does not read: journal_dev [not-understood]' >"$tmp/expected"
strange 'a journal of another file system'

# a thousand and one findings, none of them a damage
mkdir "$tmp/fifos" && (cd "$tmp/fifos" && seq 1 1001 | xargs mkfifo)
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext2 -b 1024 -N 2000 -d "$tmp/fifos" "$tmp/bad.img" 4M >/dev/null 2>&1
if "$rootc" verify "$tmp/bad.img" >"$out" 2>&1 && [ "$(tail -1 "$out")" = 'and 1 more' ]; then
	pass
else
	fail '1001 FIFOs' 'are a damage, or not counted' "$out"
fi

# what would command a terminal
mkfs.fat -C "$tmp/bad.img.fat" 1440 >/dev/null 2>&1 && mv "$tmp/bad.img.fat" "$tmp/bad.img"
put 43 '\0033[31mRED\n   '
"$rootc" inspect --map "$tmp/bad.img" | sed -n "s/.* label '\(.*\)' date.*/\1/p" >"$tmp/seen"
printf '%s\n' '\x1b[31mRED\n' >"$tmp/expected"
same 'a label of control characters' 'is not escaped' "$tmp/expected" "$tmp/seen"

# a link that says it has its target in itself, as inline_data has
broken 'sif short flags 0x10000000'
"$rootc" inspect --tree "$tmp/bad.img" | sed -n 's/.* \(\/short.*\)/\1/p' >"$tmp/seen"
echo '/short -> ' >"$tmp/expected"
same 'a link with inline data' 'has a target' "$tmp/expected" "$tmp/seen"

# partitions that lie one over the other: the second is not read
cp "$tmp/swap.img" "$tmp/bad.img"
dd if="$tmp/bad.img" of="$tmp/bad.img" bs=1 skip=446 seek=462 count=16 conv=notrunc status=none
echo "byte $swap: partition 2 has sectors of partition 1, and is not read [shared]" >"$tmp/expected"
damaged 'two partitions of the same sectors'

# a file of two extents, and a hole of 15 TiB behind them
rm -rf "$tmp/holes" && mkdir "$tmp/holes"
printf a >"$tmp/holes/file" && printf b | dd of="$tmp/holes/file" bs=1024 seek=10 conv=notrunc status=none
base=$tmp/holes.img
mke2fs -q -F -t ext4 -b 1024 -d "$tmp/holes" "$base" 8M >/dev/null 2>&1
file=$(number file)
at=$(($(inode_at file) + 40))
broken 'sif file block[3] 20'
{
	echo "byte $((at - 36)): inode $file says that it has 10241 bytes, but its blocks end with byte 21504 [count]"
	echo "byte $((at + 24)): an extent of inode $file begins in front of the end of the one before [invalid]"
} >"$tmp/expected"
damaged 'extents that are not in order'
broken 'sif file block[7] 0'
{
	echo "byte $(($(inode_at file) + 28)): inode $file says that it has 4 sectors, but it has 2 [count]"
	echo "byte $((at + 24)): an extent of inode $file has no blocks [invalid]"
	block=$(blocks file | tail -1)
	echo "byte $((block * 1024)): block $block is taken in the bitmap, but used by nothing [count]"
} >"$tmp/expected"
damaged 'an extent without blocks'
broken 'sif file size 0xf0000000000'
mv "$tmp/bad.img" "$base"
broken 'sif file size 0xf0000000001'
echo '  partition 1 /file: content: 16492674416640 bytes -> 16492674416641 bytes' >"$tmp/expected"
timeout 20 "$rootc" diff "$base" "$tmp/bad.img" 2>&1 | grep /file: >"$tmp/seen"
same 'a hole of 15 TiB' 'is not told as it is, or takes long' "$tmp/expected" "$tmp/seen"
broken 'ln file other'
debugfs -w -R 'unlink file' "$tmp/bad.img" >/dev/null 2>&1
echo '  partition 1 /file: renamed: /file -> /other' >"$tmp/expected"
timeout 20 "$rootc" diff "$base" "$tmp/bad.img" 2>&1 | grep /file: >"$tmp/seen"
same 'a hole of 15 TiB under another name' 'is not told as it is, or takes long' "$tmp/expected" "$tmp/seen"

# FATs: as many as nobody else makes, a table in the boot sector, clusters that are bad
rm -f "$tmp/bad.img"
mkfs.fat -C -f 1 "$tmp/bad.img" 1440 >/dev/null 2>&1
echo 'byte 16: the file system has 1 FATs; rootc reads those that have two [not-understood]' >"$tmp/expected"
strange 'a single FAT'
mkdir "$tmp/mbr"
# mkfs.fat has it from 4.2 on
if mkfs.fat -C --mbr=y "$tmp/mbr/fat.img" 8000 >/dev/null 2>&1; then
	mv "$tmp/mbr/fat.img" "$tmp/image.img"
	clean 'a FAT with a table of partitions'
else
	skipped=$((skipped + 1))
fi
rm -f "$tmp/bad.img"
mkfs.fat -C -F 16 -s 1 "$tmp/bad.img" 8000 >/dev/null 2>&1
fat=$(($(field "$tmp/bad.img" 14 2) * 512))
copy=$((fat + $(field "$tmp/bad.img" 22 2) * 512))
both 100 '\0367\0377\0367\0377\0377\0377'
{
	echo "byte $((fat + 200)): clusters from 100 on are marked as bad [not-understood]"
	echo "byte $((fat + 204)): cluster 102 is in use, but no name leads to it [count]"
} >"$tmp/expected"
damaged 'a lost cluster behind bad ones'

# directories in one another, until their path is longer than one can be: what is below would be written once for each file in it
name=$(printf '%0250d' 0)
base=$tmp/deep.img
mke2fs -q -F -t ext2 -b 1024 "$base" 1M >/dev/null 2>&1
i=0
while [ $i -lt 17 ]; do printf 'mkdir %s\ncd %s\n' "$name" "$name"; i=$((i + 1)); done >"$tmp/deep"
debugfs -w -f "$tmp/deep" "$base" >/dev/null 2>&1
"$rootc" verify "$base" | sed 's/.*byte [0-9]*: //' | grep deeper >"$tmp/seen"
echo 'an entry of the directory of inode 27 lies deeper than any path can be [invalid]' >"$tmp/expected"
same 'a path of 4267 bytes' 'is not told' "$tmp/expected" "$tmp/seen"

# files in pieces on a FAT are as many as the map has
by_mtools "$tmp/image.img" 16 8000
pieces=$("$rootc" inspect --map "$tmp/image.img" | grep -c '^file .* clusters [0-9.]*,')
"$rootc" inspect --svg "$tmp/image.img" | sed -n 's/.*outlined[a-z ]*\. \([0-9]*\) of .*/\1/p' >"$tmp/seen"
echo "$pieces" >"$tmp/expected"
same 'files in pieces on a FAT' 'are not counted' "$tmp/expected" "$tmp/seen"

# what people are told of partitions: their types by name, what they hold, and none of what is not there
"$rootc" inspect "$tmp/swap.img" | sed -n 's/^partition 1 //p' >"$tmp/seen"
echo "p1: 1 MiB from sector 2048 on, type swap (0x82), swap space 'name'" >"$tmp/expected"
same 'a partition of swap space' 'is told in other words' "$tmp/expected" "$tmp/seen"
rm -f "$tmp/bad.img"
mkfs.fat -C -n LABEL "$tmp/bad.img" 1440 >/dev/null 2>&1
"$rootc" inspect "$tmp/bad.img" | sed -n 's/^partition 1 //p' >"$tmp/seen"
echo "p1: 1.5 MiB from sector 0 on, FAT12 'LABEL' with 1.4 MiB of 1.4 MiB free" >"$tmp/expected"
same 'a FAT without a table' 'is told in other words' "$tmp/expected" "$tmp/seen"

# tables that cannot be drawn to scale
cp "$tmp/swap.img" "$tmp/bad.img"
put 458 '\0000\0000\0000\0000'
echo 'byte 458: partition 1 has no sectors [table]' >"$tmp/expected"
"$rootc" verify "$tmp/bad.img" | sed "s,^$tmp/bad.img: ,," | grep ' 458: ' >"$tmp/seen"
same 'a partition without sectors' 'is not told' "$tmp/expected" "$tmp/seen"
head -c 1024 "$tmp/swap.img" >"$tmp/bad.img"
put 450 '\0356'
"$rootc" inspect --map "$tmp/bad.img" >>"$tmp/seen"
if grep -q 1844674407 "$tmp/seen"; then fail 'a GPT in two sectors' 'has sectors in front of the image' "$tmp/seen"; else pass; fi

# what e2fsck sees without any checksum
base=$tmp/plain.img
mknod "$tmp/tree/null" p
mke2fs -q -F -t ext2 -b 1024 -I 128 -d "$tmp/tree" "$base" 16M >/dev/null 2>&1
rm "$tmp/tree/null"
# told NAME COMMAND FINDING: this among what verify says of the image that debugfs leaves, and e2fsck finds it damaged, too
told() {
	broken "$2"
	if e2fsck -fn "$tmp/bad.img" >"$out" 2>&1; then fail "$1" 'e2fsck finds nothing' "$out"; else pass; fi
	timeout 20 "$rootc" verify "$tmp/bad.img" | sed "s,^$tmp/bad.img: ,," >"$out"
	if grep -q -x "$3" "$out"; then pass; else fail "$1" "verify does not say $3" "$out"; fi
}
bitmap=$(($(bitmaps inode | head -1) * 1024))
large=$(number large) short=$(number short) long=$(number long) directory=$(number many) inodes=$(debugfs -R stats "$base" 2>/dev/null | sed -n 's/^Inodes per group: *//p')
told 'an inode that is free in the bitmap' "freei <$large>" \
	"byte $((bitmap + (large - 1) / 8)): inode $large is in use, but free in the bitmap \[count\]"
told 'an inode that is only in the bitmap' "seti <$((inodes - 1))>" \
	"byte $((bitmap + (inodes - 2) / 8)): inode $((inodes - 1)) is taken in the bitmap, but not in use \[count\]"
told 'a size in front of the last block' 'sif large size 16' \
	"byte $(($(inode_at large) + 4)): inode $large says that it has 16 bytes, but its blocks end with byte [0-9]* \[count\]"
told 'a size that no file has' 'sif large size 0xf0000000000' \
	"byte $(($(inode_at large) + 4)): inode $large says that it has 16492674416640 bytes, more than a file can have \[invalid\]"
told 'the size of a directory' 'sif many size 1024' \
	"byte $(($(inode_at many) + 4)): inode $directory says that it has 1024 bytes, but its blocks end with byte [0-9]* \[count\]"
told 'the type in an entry' 'sif null mode 0140644' 'byte [0-9]*: an entry of the directory of inode 2 has the type of something else than it leads to \[invalid\]'
told 'a short link without a target' 'sif short size 0' \
	"byte $(($(inode_at short) + 4)): inode $short is a link whose target has not the 0 bytes that it says \[invalid\]"
told 'a long link with too much of a target' 'sif long size 90' \
	"byte $(($(inode_at long) + 4)): inode $long is a link whose target has not the 90 bytes that it says \[invalid\]"
told 'directories in a group' 'set_bg 1 used_dirs_count 7' 'byte [0-9]*: group 1 has [0-9]* directories, but says 7 \[count\]'

# one block of attributes of many inodes is read and kept once
base=$tmp/shared.img
seq 1 60 | sed 's/.*/ea_set large user.attribute-& value/' >"$tmp/commands"
mke2fs -q -F -t ext2 -b 4096 -I 128 -N 100000 -d "$tmp/tree" "$base" 40M >/dev/null 2>&1
debugfs -w -f "$tmp/commands" "$base" >/dev/null 2>&1
block=$(debugfs -R 'stat large' "$base" 2>/dev/null | sed -n 's/.*File ACL: \([0-9]*\).*/\1/p')
seq 1000 9000 | while read -r number; do
	printf 'sif <%d> mode 020644\nsif <%d> links_count 1\nsif <%d> blocks 8\nsif <%d> file_acl %d\n' "$number" "$number" "$number" "$number" "$block"
done >"$tmp/commands"
debugfs -w -f "$tmp/commands" "$base" >/dev/null 2>&1
# with sanitizers, any program takes more than that
if ldd "$rootc" | grep -q libasan; then
	skipped=$((skipped + 1))
else
	# shellcheck disable=SC3045 # dash, bash, ksh and busybox have it
	(ulimit -v 100000 && "$rootc" verify "$base") >"$out" 2>&1
	status=$?
	if [ $status = 4 ]; then pass; else fail 'attributes of 8000 inodes in one block' "verify gives $status, not 4" "$out"; fi
fi

base=$tmp/plain.img
block=$(blocks many | head -1)
told "a directory's ." "zap_block -o 0 -l 1 -p 14 $block" \
	"byte $((block * 1024)): an entry of the directory of inode $directory comes first and is not '.', which leads to itself \[invalid\]"
told "a directory without .." "zap_block -o 20 -l 2 -p 120 $block" \
	"byte $((block * 1024)): an entry of the directory of inode $directory is '.', behind which there is no '..' \[invalid\]"
debugfs -w -R 'ea_set large user.note text' "$base" >/dev/null 2>&1
block=$(debugfs -R 'stat large' "$base" 2>/dev/null | sed -n 's/.*File ACL: \([0-9]*\).*/\1/p')
told 'a count of inodes that share attributes' "zap_block -o 4 -l 1 -p 3 $block" \
	"byte $((block * 1024 + 4)): block $block of attributes says that 3 inodes have it, but 1 do \[count\]"
mkfifo "$tmp/fifo"
timeout 5 "$rootc" verify "$tmp/fifo" >"$out" 2>&1
if [ $? = 4 ] && grep -q 'fifo.: it is no regular file' "$out"; then pass; else fail 'a FIFO instead of an image' 'is told otherwise' "$out"; fi

# as genext2fs leaves it
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext2 -b 1024 "$tmp/bad.img" 16M >/dev/null 2>&1
dd if=/dev/zero of="$tmp/bad.img" bs=1024 seek=8193 count=2 conv=notrunc status=none
echo 'byte 8389632: group 1 has room for a copy of the superblock, but none was written [not-understood]' >"$tmp/expected"
strange 'copies that were never written'

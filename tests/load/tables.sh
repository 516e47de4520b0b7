# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass, fail, same and owners are run.sh's
# Part of run.sh: partition tables by sfdisk and sgdisk, and entries in them that nobody uses.

# table NAME: inspect shows just the lines of $tmp/expected of the image, behind its first one, which is then in $tmp/first
table() {
	"$rootc" inspect "$tmp/image.img" >"$out" 2>&1 || fail "$1" 'cannot be inspected' "$out"
	sed "1s,^$tmp/,,; 1q" "$out" >"$tmp/first"
	sed "1d; s,^$tmp/image.img: ,," "$out" >"$tmp/seen"
	same "$1" 'its table is read otherwise' "$tmp/expected" "$tmp/seen"
	owners "$1" "$tmp/image.img"
}

# A hybrid: an MBR with a partition of the GPT, in front of the protective one or behind it.
linux='linux (0fc63daf-8483-4772-8e79-3d69d8477de4)'
hybrid='the MBR in front of the GPT has a partition of its own in entry'
for protective in '1:EE' '1'; do
	rm -f "$tmp/image.img"
	truncate -s 8M "$tmp/image.img"
	sgdisk -n 1:2048:+1M -t 1:8300 "$tmp/image.img" >/dev/null 2>&1
	sgdisk -h $protective "$tmp/image.img" >"$out" 2>&1 || fail hybrid 'cannot be made' "$out"
	entry=2
	[ "$protective" = 1 ] || entry=1
	{
		echo "partition 1 p1: 1 MiB from sector 2048 on, type $linux"
		echo "byte $((430 + 16 * entry)): $hybrid $entry, of type 0x83; only the GPT is read [not-understood]"
	} >"$tmp/expected"
	table "a hybrid, $protective"
done
rm -f "$tmp/image.img"
truncate -s 8M "$tmp/image.img"
echo '2048 2048 L' | sfdisk -q -X dos "$tmp/image.img" >"$out" 2>&1 || fail 'an MBR' 'cannot be made' "$out"
printf '\001' | dd of="$tmp/image.img" bs=1 seek=$((462 + 8)) conv=notrunc 2>/dev/null
{
	echo 'partition 1 p1: 1 MiB from sector 2048 on, type linux (0x83)'
	echo 'byte 462: entry 2 of the partition table has no type, but is not zero [unowned]'
} >"$tmp/expected"
table 'an entry without a type'

# Names are in UTF-16, and half of a pair is none. What lies behind the end of one, or in an entry without a type, is nobody's.
cat >"$tmp/gpt.py" <<'P'
# usage: gpt.py IMAGE [h]AT:HEX...: in the header (h) or the entries of both copies, which get the right checksums
import struct, sys, zlib
path, changes = sys.argv[1], sys.argv[2:]
with open(path, "r+b") as f:
    image = bytearray(f.read())
    for header in (512, len(image) - 512):
        entries = struct.unpack_from("<Q", image, header + 72)[0] * 512
        for change in changes:
            at, new = change.split(":")
            start = (header if at[0] == "h" else entries) + int(at.lstrip("h"))
            image[start:start + len(new) // 2] = bytes.fromhex(new)
        struct.pack_into("<I", image, header + 88, zlib.crc32(image[entries:entries + 128 * 128]))
        struct.pack_into("<I", image, header + 16, 0)
        struct.pack_into("<I", image, header + 16, zlib.crc32(image[header:header + 92]))
    f.seek(0)
    f.write(image)
P
rm -f "$tmp/image.img"
truncate -s 8M "$tmp/image.img"
printf 'label: gpt\n2048 2048 L - -\n' | sfdisk -q -X gpt "$tmp/image.img" >"$out" 2>&1 || fail 'a GPT' 'cannot be made' "$out"
python3 "$tmp/gpt.py" "$tmp/image.img" 48:01 56:e4003dd842d83dd81edd00004100 300:01 h100:01
{
	echo "partition 1 ä��🔞: 1 MiB from sector 2048 on, type $linux, attributes 0x1"
	echo 'byte 604: behind the header of the GPT not all is zero [unowned]'
	echo 'byte 1090: behind the end of the name of partition 1 not all is zero [unowned]'
	echo 'byte 1280: entry 3 of the GPT has no type, but is not zero [unowned]'
	echo 'byte 8388188: behind the header of the copy of the GPT not all is zero [unowned]'
} >"$tmp/expected"
table 'names in a GPT'

# No table: swap space by itself, and nothing at all.
rm -f "$tmp/image.img"
truncate -s 1M "$tmp/image.img"
mkswap -q -L bare "$tmp/image.img" >"$out" 2>&1
echo "partition 1 p1: 1 MiB from sector 0 on, swap space 'bare'" >"$tmp/expected"
table 'swap space by itself'
echo 'image.img: 1 MiB, swap space without a partition table' >"$tmp/expected"
same 'swap space by itself' 'its first line is another one' "$tmp/expected" "$tmp/first"
rm -f "$tmp/image.img"
truncate -s 1M "$tmp/image.img"
echo 'byte 0: there is no partition table and no known file system [no-table]' >"$tmp/expected"
table zeroes
echo 'image.img: 1 MiB, without a partition table' >"$tmp/expected"
same zeroes 'their first line is another one' "$tmp/expected" "$tmp/first"

# Quotas of projects lie in an inode without a name; features that are not read have theirs.
rm -f "$tmp/image.img"
mke2fs -q -F -t ext4 -O quota,project "$tmp/image.img" 8M >"$out" 2>&1 || fail 'quotas of projects' 'cannot be made' "$out"
if "$rootc" verify "$tmp/image.img" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail 'quotas of projects' 'verify finds something' "$out"; fi
mke2fs -q -F -t ext4 -O meta_bg,^resize_inode,inline_data "$tmp/image.img" 8M >"$out" 2>&1 || fail meta_bg 'cannot be made' "$out"
echo "$tmp/image.img: byte 1120: the file system has features that rootc does not read: meta_bg, inline_data [not-understood]" >"$tmp/expected"
"$rootc" verify "$tmp/image.img" >"$tmp/seen" 2>&1
same meta_bg 'is read otherwise' "$tmp/expected" "$tmp/seen"

# What was not unmounted.
rm -f "$tmp/image.img"
mke2fs -q -F -t ext4 "$tmp/image.img" 8M >"$out" 2>&1
debugfs -w -R 'feature needs_recovery' "$tmp/image.img" >"$out" 2>&1
debugfs -w -R 'set_super_value state 2' "$tmp/image.img" >"$out" 2>&1
{
	echo "$tmp/image.img: byte 1082: the superblock says that the file system was not unmounted, or had errors [table]"
	echo "$tmp/image.img: byte 1120: the journal has changes that are still to be made, which rootc does not read [not-understood]"
} >"$tmp/expected"
"$rootc" verify "$tmp/image.img" >"$tmp/seen" 2>&1
same 'not unmounted' 'is read otherwise' "$tmp/expected" "$tmp/seen"

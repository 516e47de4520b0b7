# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass, fail, same and owners are run.sh's
# Part of run.sh: partition tables by sfdisk and sgdisk, and entries in them that nobody uses.

# table NAME: inspect shows just the lines of $tmp/expected of the image, behind its first one
table() {
	"$rootc" inspect "$tmp/image.img" >"$out" 2>&1 || fail "$1" 'cannot be inspected' "$out"
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

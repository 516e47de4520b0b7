# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass, fail and again are run.sh's
# Part of run.sh: images that other tools made, what no manifest can say, and what stands in the way.

# alike CASE IMAGE [WORDS]...: what comes out holds the same, but for what the WORDS of `rootc diff` tell
alike() {
	again "$1" "$2" || return
	case_=$1 image=$2
	shift 2
	"$rootc" diff --ignore layout "$image" "$tmp/again.img" 2>"$out" | grep '^  .*: ' | sed 's/^  //; s/: [0-9]* bytes differ.*//' >"$tmp/differs"
	printf '%s\n' "$@" | sed '/^$/d' >"$tmp/expected"
	if diff "$tmp/expected" "$tmp/differs" >"$out"; then pass; else fail "$case_" "holds other things" "$out"; fi
}

# said CASE LINE...: what is not said
said() {
	case_=$1
	shift
	printf 'not said: %s\n' "$@" | diff - "$tmp/unsaid" >"$out" || fail "$case_" "does not tell what it cannot say" "$out"
}

# Files of each kind, a hole, an index, a file with two names, a name with a newline.
tree=$tmp/tree
mkdir -p "$tree/etc" "$tree/bin" "$tree/many" "$tree/empty" "$tree/dev"
echo hello >"$tree/etc/motd"
chmod 600 "$tree/etc/motd"
head -c 500000 "$rootc" >"$tree/bin/rootc"
chmod 755 "$tree/bin/rootc"
ln -s rootc "$tree/bin/link"
ln "$tree/bin/rootc" "$tree/bin/again"
ln -s /nowhere "$tree/dangling"
ln -P "$tree/dangling" "$tree/dangling-again"
truncate -s 1M "$tree/holes"
echo end >>"$tree/holes"
touch "$tree/etc/two
lines"
i=0
while [ $i -lt 300 ]; do
	echo $i >"$tree/many/a-file-with-a-rather-long-name-$i"
	i=$((i + 1))
done
chmod 1777 "$tree/empty"
find "$tree" -exec touch -h -d 2001-09-09T01:46:41Z {} +

for type in ext2 ext3 ext4; do
	mke2fs -q -F -t $type -d "$tree" "$tmp/$type.img" 32M >/dev/null 2>&1 || fail "mke2fs $type" "makes no image"
	alike "mke2fs -t $type" "$tmp/$type.img"
done
# the superblock has how much was written, and whether the maker's char was signed
sed -i '/the superblock of partition 1 has/d' "$tmp/unsaid"
said 'mke2fs -t ext4' 'the feature resize_inode of partition 1' 'the feature flex_bg of partition 1' 'the times of 313 files of partition 1'
e2fsck -fn "$tmp/again.img" >"$out" 2>&1 || fail 'table: none' 'e2fsck finds something' "$out"
mke2fs -q -F -t ext4 -b 1024 -I 512 -O ^has_journal,^extent,^64bit,^metadata_csum -d "$tree" "$tmp/old.img" 32M >/dev/null 2>&1
alike 'mke2fs -I 512' "$tmp/old.img"
mkfs.fat -C -n LABEL -g 2/32 "$tmp/fat.img" 4096 >/dev/null
mcopy -m -i "$tmp/fat.img" "$tree/etc/motd" ::HELLO.TXT
mcopy -m -i "$tmp/fat.img" "$tree/etc/motd" '::A long name.txt'
alike 'mkfs.fat' "$tmp/fat.img" 'partition 1: boot sector of a FAT' 'partition 1: boot sector of a FAT'
said 'mkfs.fat' "what the boot sector of partition 1 has in these fields: BS_OEMName 'mkfs.fat', BPB_SecPerTrk 2000, BPB_NumHeads 0200, boot code" \
	'the times of 2 files of partition 1'

# A label that systems read differently is none for a manifest.
mkfs.fat -C -n small -g 2/32 "$tmp/label.img" 4096 >/dev/null 2>&1
again 'a small label' "$tmp/label.img" && said 'a small label' "the label 'small' of partition 1" \
	"what the boot sector of partition 1 has in these fields: BS_OEMName 'mkfs.fat', BPB_SecPerTrk 2000, BPB_NumHeads 0200, boot code"

if command -v genext2fs >/dev/null; then
	genext2fs -q -d "$tree" -b 16384 -N 1024 "$tmp/gen.img" 2>/dev/null || fail genext2fs 'makes no image'
	alike genext2fs "$tmp/gen.img"
else
	skipped=$((skipped + 1))
	echo 'skipped: genext2fs, which is not installed'
fi

# genimage TABLE: a disk with a vfat, an ext4 and a file as it is
others_genimage() {
	mkdir -p "$tmp/gen-$1/root" "$tmp/gen-$1/tmp"
	cp -R "$tree/etc" "$tree/many" "$tmp/gen-$1/root/"
	head -c 100000 "$rootc" >"$tmp/gen-$1/loader"
	cat >"$tmp/gen-$1/config" <<-G
		image boot.vfat { vfat { label = "BOOT" file KERNEL { image = "$tree/etc/motd" } } size = 4M }
		image root.ext4 { ext4 { label = "root" } size = 16M }
		image disk.img {
			hdimage { partition-table-type = "$1" align = 1M }
			partition loader { image = "$tmp/gen-$1/loader" $2 }
			partition boot { $3 image = "boot.vfat" $3 }
			partition root { $4 image = "root.ext4" }
		}
	G
	genimage --config "$tmp/gen-$1/config" --rootpath "$tmp/gen-$1/root" --tmppath "$tmp/gen-$1/tmp/t" --inputpath "$tmp/gen-$1" \
		--outputpath "$tmp/gen-$1" >"$out" 2>&1 || fail "genimage $1" 'makes no image' "$out"
}
if command -v genimage >/dev/null; then
	others_genimage mbr 'partition-type = 0xda' 'partition-type = 0xc' 'partition-type = 0x83 bootable = true'
	alike 'genimage mbr' "$tmp/gen-mbr/disk.img" 'partition 2: boot sector of a FAT' 'partition 2: boot sector of a FAT'
	others_genimage gpt 'partition-type-uuid = L' 'partition-type-uuid = U' 'partition-type-uuid = L'
	alike 'genimage gpt' "$tmp/gen-gpt/disk.img" 'partition 2: boot sector of a FAT' 'partition 2: boot sector of a FAT'
else
	skipped=$((skipped + 1))
	echo 'skipped: genimage, which is not installed'
fi

# What a table and a boot sector have that is right, but not what comes of a manifest: each field is changed by itself, in an image of
# which else all is said.
cat >"$tmp/fields-mbr.yaml" <<'Y'
rootc: 1
name: fields
disk: {size: 4MiB, table: mbr}
partitions:
  boot: {size: 1MiB, mount: /, filesystem: {type: vfat}}
  swap: {size: 1MiB, swap: {}}
files: {/A.TXT: {content: text}}
Y
sed 's/4MiB/40MiB/; s/table: mbr/table: gpt/; s/size: 1MiB, mount/size: 35MiB, mount/; s/vfat/&, fat: 32/' "$tmp/fields-mbr.yaml" >"$tmp/fields-gpt.yaml"
for table in mbr gpt; do
	"$rootc" build -o "$tmp/fields-$table.img" "$tmp/fields-$table.yaml" >"$out" 2>&1 || fail "fields of $table" 'does not build' "$out"
done

# field TABLE OFFSET BYTES LINE: with these, as printf's %b takes them, that is all that is not said
field() {
	cp --sparse=always "$tmp/fields-$1.img" "$tmp/field.img"
	printf '%b' "$3" | dd of="$tmp/field.img" bs=1 seek="$2" conv=notrunc status=none
	again "$4" "$tmp/field.img" || return
	said "$4" "$4"
	pass
}
field mbr 444 '\0132\0132' 'what the MBR has in these fields: reserved 5a5a'
field mbr 445 '\01' 'what the MBR has in these fields: reserved 0001'
field mbr 447 '\01\01\0' 'what the MBR has in these fields: starting CHS of entry 1 010100'
field mbr 467 '\0376\0377\0377' 'what the MBR has in these fields: ending CHS of entry 2 feffff'
field mbr 486 '\01' 'entry 3 of the partition table has no type, but is not zero'
field gpt 440 '\01\02\03\04' 'what the MBR in front of the GPT has in these fields: disk signature 01020304'
field gpt 446 '\0200' 'what the MBR in front of the GPT has in these fields: boot indicator of entry 1 80'
field gpt 458 '\0377\0377\0377\0377' 'what the MBR in front of the GPT has in these fields: size in LBA of entry 1 ffffffff'
field gpt 466 '\0203' 'what the MBR in front of the GPT has in these fields: OS type of entry 2 83'
sector=$((2048 * 512))
sector_of_1='what the boot sector of partition 1 has in these fields'
field mbr $sector '\0351' "$sector_of_1: BS_jmpBoot e93c90"
field mbr $((sector + 3)) MSDOS5.0 "$sector_of_1: BS_OEMName 'MSDOS5.0'"
field mbr $((sector + 24)) '\040\0\02\0' "$sector_of_1: BPB_SecPerTrk 2000, BPB_NumHeads 0200"
field mbr $((sector + 28)) '\0\0' "$sector_of_1: BPB_HiddSec 00000000"
field mbr $((sector + 36)) '\0' "$sector_of_1: BS_DrvNum 00"
field mbr $((sector + 37)) '\01' "$sector_of_1: BS_Reserved1 01"
field mbr $((sector + 54)) 'FAT     ' "$sector_of_1: BS_FilSysType 'FAT     '"
field mbr $((sector + 508)) '\01' "$sector_of_1: boot code"
field gpt $((sector + 512 + 100)) '\01' "FSInfo is not zero at byte $((sector + 612)), which is reserved"
field gpt $((sector + 512 + 500)) '\01' "FSInfo is not zero at byte $((sector + 1012)), which is reserved"
field gpt $((sector + 2 * 512 + 9)) '\01' "bytes that nothing uses are not zero, from byte $((sector + 1033)) on"
field mbr $((2 * sector + 1060)) x 'behind the end of the label of swap space not all is zero'
field mbr $((2 * sector + 7)) '\01' 'the boot code in partition 2'

# A partition from sector 0 on, of which nothing is known, has the bytes of the table as well.
cp "$tmp/fields-mbr.img" "$tmp/from-0.img"
printf '\0\0\0\0' | dd of="$tmp/from-0.img" bs=1 seek=470 conv=notrunc status=none
"$rootc" decompile -o "$tmp/from-0" "$tmp/from-0.img" >"$tmp/unsaid" 2>"$out" || fail 'a partition from sector 0 on' 'cannot be decompiled' "$out"
grep -q '^not said: what the MBR has in these fields: bytes that something else has, too$' "$tmp/unsaid" ||
	fail 'a partition from sector 0 on' 'is told otherwise' "$tmp/unsaid"
cat >"$tmp/fields-ext.yaml" <<'Y'
rootc: 1
name: fields
disk: {size: 1MiB, table: none}
partitions:
  root: {size: rest, mount: /, filesystem: {type: ext4, block_size: 1KiB, features: [^metadata_csum]}}
files: {/a: {content: text}}
Y
"$rootc" build -o "$tmp/fields-ext.img" "$tmp/fields-ext.yaml" >"$out" 2>&1 || fail 'fields of ext' 'does not build' "$out"
super='what the superblock of partition 1 has in these fields'
field ext 1072 '\01' "$super: s_wtime 01000000"
field ext 1076 '\07\0\036\0' "$super: s_mnt_count 0700, s_max_mnt_count 1e00"
field ext 1082 '\05' "$super: s_state 0500"
field ext 1084 '\03' "$super: s_errors 0300"
field ext 1104 '\0350\03' "$super: s_def_resuid e803"
field ext 1150 x "$super: s_volume_name"
field ext 1160 /srv "$super: s_last_mounted '/srv'"
field ext 1276 '\02' "$super: s_def_hash_version 02"
field ext 1280 '\0' "$super: s_default_mount_opts 00000000"
field ext 1380 '\020' "$super: s_raid_stride 1000"
field ext 1536 data=journal "$super: s_mount_opts 'data=journal'"
field ext 1700 '\01' "$super: s_reserved"
field ext 8 '\01' 'the boot code in partition 1'

# among CASE LINE...: of what is not said, these
among() {
	case_=$1
	shift
	for line; do
		if grep -q -x -F "not said: $line" "$tmp/unsaid"; then pass; else fail "$case_" "does not tell: $line" "$tmp/unsaid"; fi
	done
}

# Attributes and a name that only other tools write, room for more entries.
cp --sparse=always "$tmp/fields-gpt.img" "$tmp/sgdisk.img"
sgdisk -A 1:set:0 -A 1:set:63 -c '2:Größe 𝄞' "$tmp/sgdisk.img" >"$out" 2>&1 || fail sgdisk 'changes nothing' "$out"
again sgdisk "$tmp/sgdisk.img" && among sgdisk 'the attributes 0x8000000000000001 of partition 1' "the name 'Größe 𝄞' of partition 2"
"$rootc" diff --ignore layout "$tmp/sgdisk.img" "$tmp/again.img" 2>"$out" | sed -n 's/^  partition [12]: \(name\|attributes\)/&/p' >"$tmp/seen"
printf '  partition %s\n' '1: attributes: 0x8000000000000001 -> 0x0' '2: name: Größe 𝄞 -> p2' | diff - "$tmp/seen" >"$out" || fail sgdisk 'differs in other things' "$out"
truncate -s 8M "$tmp/more.img"
sgdisk -S 256 -n 1:2048:+1M "$tmp/more.img" >"$out" 2>&1 || fail 'sgdisk -S' 'makes no table' "$out"
# sectors 2 to 65 and the 64 in front of the last one have the entries
again 'sgdisk -S' "$tmp/more.img" && among 'sgdisk -S' \
	'what the header of the GPT has in these fields: FirstUsableLBA 4200000000000000, LastUsableLBA be3f000000000000, NumberOfPartitionEntries 00010000'

# What is in an extended partition comes along, though its type does not.
truncate -s 8M "$tmp/extended.img"
printf '%s\n' '2048 4096 L' '6144 8192 E' '8192 4096 L' | sfdisk -q -X dos "$tmp/extended.img" >"$out" 2>&1 || fail 'an extended partition' 'cannot be made' "$out"
again 'an extended partition' "$tmp/extended.img" && said 'an extended partition' 'the type 0x05 of partition 2, which stands for an extended partition'
cmp -l "$tmp/extended.img" "$tmp/again.img" >"$out" 2>&1
if echo '467 5 332' | diff -w - "$out" >/dev/null; then pass; else fail 'an extended partition' 'comes out with other bytes' "$out"; fi

# Swap space without a disk around it, and a file system that is not read: a file as a whole, of which nothing is lost.
truncate -s 1M "$tmp/swap.img"
mkswap -q -L bare "$tmp/swap.img" >"$out" 2>&1 || fail mkswap 'makes no swap space' "$out"
exact mkswap "$tmp/swap.img"
mke2fs -q -F -t ext4 -O bigalloc "$tmp/bigalloc.img" 8M >"$out" 2>&1 || fail bigalloc 'cannot be made' "$out"
exact bigalloc "$tmp/bigalloc.img"

# What is behind the end of the image is nowhere, and told.
head -c 3000000 "$tmp/fields-mbr.img" >"$tmp/short.img"
"$rootc" decompile -o "$tmp/short" "$tmp/short.img" >"$tmp/unsaid" 2>"$out" || fail 'an image cut short' 'cannot be decompiled' "$out"
among 'an image cut short' "partition 2 ends at byte 3145728, behind the image's end at 3000000" 'the last 192 bytes, which are no whole sector'

# Slots for an update: the second has the UUID of the first, and is one file; of two GUIDs that are one, no manifest can have both.
slot=11111111-1111-1111-1111-111111111111
truncate -s 12M "$tmp/slots.img"
sgdisk -n 1:2048:+4M -n 2:10240:+4M "$tmp/slots.img" >/dev/null 2>&1
sgdisk -u 1:$slot -u 2:$slot "$tmp/slots.img" >"$out" 2>&1 || fail slots 'cannot be made' "$out"
mke2fs -q -F -t ext2 -d "$tmp/tree/etc" "$tmp/slot.img" 4M >/dev/null 2>&1
for at in 1 5; do dd if="$tmp/slot.img" of="$tmp/slots.img" bs=1M seek=$at conv=notrunc status=none; done
again slots "$tmp/slots.img"
guid=$("$rootc" inspect --map "$tmp/again.img" | sed -n 's/.* partition 2 .* guid \([^ ]*\).*/\1/p')
alike slots "$tmp/slots.img" "partition 2: GUID: $slot -> $guid"
among slots 'that partition 1 has no name' 'what partition 2 holds, which is a file as a whole: it has the UUID of one in front of it' 'that partition 2 has the GUID of partition 1'
dd if="$tmp/again.img" bs=1M skip=5 count=4 status=none | cmp - "$tmp/slot.img" >"$out" 2>&1 || fail slots 'are not kept' "$out"

# What no manifest can name is one file, with its own bytes.
mkdir "$tmp/unsayable"
touch "$tmp/unsayable/$(printf '\377')"
chmod 600 "$tmp/unsayable/$(printf '\377')"
mke2fs -q -F -t ext4 -d "$tmp/unsayable" "$tmp/unsayable.img" 4M >/dev/null 2>&1
again 'a name that is no UTF-8' "$tmp/unsayable.img"
said 'a name that is no UTF-8' 'what partition 1 holds, which is a file as a whole: it has a name that is no UTF-8'
if cmp "$tmp/unsayable.img" "$tmp/again.img" >"$out" 2>&1; then pass; else fail 'a name that is no UTF-8' 'comes out with other bytes' "$out"; fi

# Devices whose names and numbers go on are one range.
debugfs -w -R 'mknod tty2 c 4 2' "$tmp/ext2.img" >/dev/null 2>&1
debugfs -w -R 'mknod tty3 c 4 3' "$tmp/ext2.img" >/dev/null 2>&1
debugfs -w -R 'mknod tty5 c 4 5' "$tmp/ext2.img" >/dev/null 2>&1
alike 'devices' "$tmp/ext2.img"
sed -n '/^devices:/,$s/^  \([^ ]*\): .*/\1/p' "$tmp/again/again.yaml" >"$tmp/seen"
printf '%s\n' '"/tty[2-3]"' /tty5 | diff - "$tmp/seen" >"$out" || fail 'devices' 'are said otherwise' "$out"

# Without a hash seed, names are hashed as Linux does then.
cat >"$tmp/nil.yaml" <<'Y'
rootc: 1
name: nil
inputs: {tree: {directory: tree}}
disk: {size: 8MiB, table: none}
partitions:
  root: {size: rest, mount: /, filesystem: {type: ext4, block_size: 1KiB, features: [dir_index], uuid: 00000000-0000-0000-0000-000000000000,
    hash_seed: 00000000-0000-0000-0000-000000000000}}
files: {/many/**: {}}
Y
"$rootc" build -o "$tmp/nil.img" "$tmp/nil.yaml" >"$out" 2>&1 || fail 'no hash seed' 'does not build' "$out"
e2fsck -fn "$tmp/nil.img" >"$out" 2>&1 || fail 'no hash seed' 'e2fsck finds something' "$out"
debugfs -R 'htree_dump many' "$tmp/nil.img" 2>/dev/null | grep -q 'Number of entries' || fail 'no hash seed' 'there is no index'
exact 'no hash seed' "$tmp/nil.img"

# refused CASE WORDS COMMAND...: by an error that says WORDS, and the directory stays as it was
refused() {
	case_=$1 words=$2
	shift 2
	find "$tmp/there" 2>/dev/null >"$tmp/before"
	"$rootc" "$@" >"$tmp/stdout" 2>"$out"
	status=$?
	find "$tmp/there" 2>/dev/null | cmp -s - "$tmp/before" || fail "$case_" 'changes what is there' "$out"
	if [ $status -ne 0 ] && grep -q "$words" "$out"; then pass; else fail "$case_" "exit status $status" "$out"; fi
}
mkdir "$tmp/there"
touch "$tmp/there/file"
refused 'a directory with something' 'it holds something already.*\[output-unwritable\]' decompile -o "$tmp/there" "$tmp/ext4.img"
refused 'no directory to be in' '\[output-unwritable\]' decompile -o "$tmp/nowhere/there" "$tmp/ext4.img"
refused 'a file' '\[output-unwritable\]' decompile -o "$tmp/there/file" "$tmp/ext4.img"
refused 'no name' '\[text-malformed\]' decompile -o "$tmp/There" "$tmp/ext4.img"
head -c 100000 /dev/zero >"$tmp/zero.img"
refused 'no partition' '\[image-partition\]' decompile -o "$tmp/new" "$tmp/zero.img"
refused 'no image' '\[file-unreadable\]' decompile -o "$tmp/new" "$tmp/nothing"
rm "$tmp/there/file"
(cd "$tmp" && "$rootc" decompile ext4.img) >"$out" 2>&1 || fail 'no -o' 'makes nothing' "$out"
if [ -f "$tmp/ext4/ext4.yaml" ]; then pass; else fail 'no -o' 'makes something else' "$out"; fi
"$rootc" decompile -o "$tmp/there" "$tmp/ext4.img" >"$out" 2>&1 || fail 'an empty directory' 'is not taken' "$out"

#!/bin/sh
# Disks with sectors of 4096 bytes, read back: how large they are, a GPT tells by its place, even a damaged one; of an MBR it must be said,
# and is known where the manifest is. What a difference of them is called, and what machine `run` starts. usage: sectors.sh ROOTC
set -u
rootc=$(realpath "$1")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/apart.sh"

# says NAME STATUS TEXT ROOTC-ARGUMENT...: the exit status, and a line with TEXT, if that is not empty
says() {
	name=$1 status=$2 text=$3
	shift 3
	"$rootc" "$@" >out 2>&1
	got=$?
	[ "$got" -eq "$status" ] && { [ -z "$text" ] || grep -q -F -e "$text" out; }
	result "$name ($got)" $?
}

# manifest NAME TABLE [SECTOR-SIZE]
manifest() {
	cat >"$1.yaml" <<YAML
rootc: 1
name: $1
disk: {size: 8MiB, table: $2${3:+, sector_size: $3}}
partitions:
  fat: {size: 2MiB, filesystem: {type: vfat}, mount: /efi}
  root: {size: rest, mount: /, filesystem: {type: ext4, uuid: 01234567-89ab-cdef-0123-456789abcdef}}
files:
  /hello: {content: "hello\n"}
  /efi/HELLO: {content: "hello\n"}
YAML
	"$rootc" build "$1.yaml" -o "$1.img" >out 2>&1 || result "$1 builds" 1
}

# spoil IMAGE OFFSET TEXT
spoil() { printf %s "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }

manifest gpt gpt 4KiB
manifest gpt512 gpt
manifest mbr mbr 4KiB
manifest mbr512 mbr

says 'a GPT tells how large sectors are' 0 'gpt.img: 8 MiB, gpt 1d639ac9-88bd-8004-b29f-c77ce2cdac86, sectors of 4096 bytes' inspect gpt.img
says 'by its place, whatever one says' 0 'sectors of 4096 bytes' inspect --sector-size 512B gpt.img
says 'and so with 512 bytes' 0 'partition 1 fat: 2 MiB from sector 2048 on' inspect --sector-size 4KiB gpt512.img
says 'a file in it' 0 hello cat gpt.img:root:/hello
says 'a file in its FAT' 0 hello cat gpt.img:fat:/HELLO
says 'the header is in sector 1' 0 '4096..4103 Signature' inspect --offset 4096 gpt.img
says 'the entries are behind it' 0 'entry 2 PartitionTypeGUID' inspect --offset 8325 gpt.img
says 'nothing is wrong with it' 0 '' verify gpt.img
result 'and nothing is said' "$([ ! -s out ]; echo $?)"

cp gpt.img damaged.img
spoil damaged.img 4120 x
says 'a damaged header leaves the copy' 4 'the GPT has a wrong checksum [checksum]' verify damaged.img
says 'and the partitions' 0 hello cat damaged.img:root:/hello
spoil damaged.img 4096 xxxxxxxx
says 'a header that is gone leaves the copy' 4 'the GPT is not there' verify damaged.img
says 'and the partitions again' 0 hello cat damaged.img:root:/hello
spoil damaged.img $((2047 * 4096)) xxxxxxxx
says 'without both nothing is known' 4 'byte 512: the GPT is not there' verify damaged.img
cp gpt.img damaged.img
spoil damaged.img 4120 x
spoil damaged.img $((2047 * 4096 + 24)) x
says 'headers that are damaged both still tell where they are' 4 'byte 4096: the GPT has a wrong checksum' verify damaged.img
head -c $((8 * 1024 * 1024 - 4096)) gpt.img >short.img
says 'an image that lacks its last sector' 4 'the copy of the GPT is not there' verify short.img

says 'nothing in an MBR tells' 0 'an MBR does not say how large sectors are' inspect mbr.img
result 'and it is not guessed' "$(grep -q 'sectors of 4096' out; [ $? -eq 1 ]; echo $?)"
says 'but it can be said' 0 'partition 2 p2: 5 MiB from sector 768 on' inspect --sector-size 4KiB mbr.img
result 'and then nothing is not understood' "$(grep -q 'not-understood' out; [ $? -eq 1 ]; echo $?)"
says 'a file in it' 0 hello cat --sector-size 4KiB mbr.img:2:/hello
says 'nor is it silent of that where it makes a manifest' 0 'not said: an MBR does not say how large sectors are' decompile -o guessed mbr.img
says 'of sectors of 512 bytes there is nothing to suspect' 0 'ext4' inspect mbr512.img
result 'and nothing is' "$(grep -q 'MBR' out; [ $? -eq 1 ]; echo $?)"
says 'the manifest says it' 0 'mbr.img: what mbr.yaml makes' verify mbr.img mbr.yaml
says 'a size that sectors cannot have' 2 "--sector-size cannot be '1KiB': it takes 512B|4KiB" inspect --sector-size 1KiB mbr.img

says 'sectors that differ are a fact of the layout' 1 'disk: sector size: 512 -> 4096' diff gpt512.img gpt.img
says 'whose cause is their key' 1 'gpt.yaml:3:45: 4KiB' diff --manifest gpt512.img gpt.img gpt512.yaml gpt.yaml
says 'manifests say of both what no MBR does' 1 'disk: sector size: 512 -> 4096' diff --manifest mbr512.img mbr.img mbr512.yaml mbr.yaml
says 'what the images hold is the same' 1 '' diff --ignore layout gpt512.img gpt.img
result 'and so no file is told of' "$(grep -q hello out; [ $? -eq 1 ]; echo $?)"

# A FAT without a table tells by its own sectors; an ext file system does not.
sed 's/table: gpt/table: none/; /^  root/d; /^  \/hello/d; s/size: 2MiB, filesystem/size: rest, filesystem/; s/mount: .efi/mount: \//; s/efi.HELLO/HELLO/' gpt.yaml >bare.yaml
"$rootc" build bare.yaml -o bare.img >out 2>&1
result 'an image of a FAT alone' $?
says 'its sectors are its own' 0 'bare.img: 8 MiB, a file system without a partition table, sectors of 4096 bytes' inspect bare.img
"$rootc" decompile bare.img -o again >out 2>&1 && grep -q 'sector_size: 4KiB' again/again.yaml && "$rootc" build again/again.yaml -o again.img >out 2>&1 &&
	cmp bare.img again.img >>out
result 'and so it is taken apart and put together' $?

# Others read what is in a partition by its byte, and what others made is read.
for image in gpt mbr; do
	[ "$(mtype -i "$image.img@@$((256 * 4096))" ::HELLO 2>out)" = hello ]
	result "mtools read the FAT of $image.img" $?
	[ "$(debugfs -R 'cat /hello' "$image.img?offset=$((768 * 4096))" 2>/dev/null)" = hello ]
	result "debugfs reads the ext4 of $image.img" $?
done
truncate -s 16M foreign.img
printf 'g\nn\n1\n256\n+4M\nt\n1\nn\n2\n\n\nw\n' | fdisk -b 4096 foreign.img >out 2>&1
mkfs.fat -S 4096 -n FOREIGN -C part 4096 >>out 2>&1 && echo hello >hello && mcopy -i part hello ::HELLO >>out 2>&1 && dd if=part of=foreign.img bs=4096 seek=256 conv=notrunc status=none
result 'an image by fdisk, mkfs.fat and mtools' $?
says 'nothing is wrong with it' 0 '' verify foreign.img
says 'it is of 4096 bytes' 0 'sectors of 4096 bytes' inspect foreign.img
says 'its file is read' 0 hello cat foreign.img:1:/HELLO
"$rootc" decompile foreign.img -o made >out 2>&1 && "$rootc" build made/made.yaml -o made.img >>out 2>&1
result 'it is taken apart and put together' $?
says 'and differs in boot code' 1 'partition 1: boot sector of a FAT: ' diff --ignore layout foreign.img made.img
result 'and in nothing else' "$(grep -qv -e '^contents differ$' -e '^  partition 1: boot sector of a FAT: ' out; [ $? -eq 1 ]; echo $?)"
printf 'v\nq\n' | fdisk -b 4096 made.img >out 2>&1 && grep -q 'No errors detected' out
result 'as fdisk believes, too' $?

# What a build of nothing new knows of sectors is in the stamp; QEMU's place is taken by a script that shows its arguments.
mkdir machines
printf '#!/bin/sh\necho "$@"\n' >machines/qemu-system-x86_64
chmod 755 machines/qemu-system-x86_64
run() { PATH=$tmp/machines:$PATH "$rootc" run --firmware bios "$@" >out 2>&1; }
for arguments in gpt.img 'gpt.yaml -o gpt.img' 'mbr.yaml -o mbr.img' '--sector-size 4KiB mbr.img'; do
	# shellcheck disable=SC2086 # words
	run $arguments && grep -q -e '-device nvme,serial=rootc,drive=disk,logical_block_size=4096,physical_block_size=4096$' out
	result "run $arguments: NVMe" $?
	# shellcheck disable=SC2086
	run --bus virtio $arguments && grep -q -e '-device virtio-blk-pci,drive=disk,logical_block_size=4096,physical_block_size=4096$' out
	result "run $arguments: virtio" $?
done
run mbr.img && ! grep -q block_size out
result 'run mbr.img: nobody knows' $?
run gpt512.img && ! grep -q block_size out
result 'run gpt512.img: the usual' $?
for bus in sata ide; do
	run --bus "$bus" gpt.img
	[ $? -eq 5 ] && grep -q 'this image is for a disk with sectors of 4096 bytes, .* use --bus nvme or --bus virtio' out
	result "run gpt.img: not on $bus" $?
done

# Growth is counted from an older image, whose MBR the manifest tells of; its files may be taken over where they are.
sed 's/^partitions/budget: {growth: 1MiB}\n&/' mbr.yaml >grown.yaml
"$rootc" build grown.yaml --base mbr.img -o mbr.img >out 2>&1 && ! grep -q budget-unchecked out
result 'growth is counted from an older image with an MBR' $?
finish

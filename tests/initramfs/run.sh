#!/bin/sh
# The initial ramdisk, as cpio and gzip read it. usage: run.sh ROOTC MKELF
set -u
rootc=$(realpath "$1") mkelf=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/w/ok" && cd "$tmp/w" || exit 1
"$here/../golden/inputs/make.sh" "$tmp/w/inputs" "$mkelf" || exit 1
passed=0 failed=0 skipped=0

result() {
	if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; fi
}

# ramdisk MANIFEST FILE: builds, and takes /boot/initrd.img out of the first partition (from sector 63 on)
ramdisk() {
	"$rootc" build "$1" -o image >/dev/null && dd if=image of=partition bs=512 skip=63 status=none &&
		debugfs -R "dump /boot/initrd.img $2" partition 2>/dev/null && [ -s "$2" ]
}

cp "$here/../golden/ok/initramfs.yaml" ok/
ramdisk ok/initramfs.yaml packed
result 'a packed ramdisk is built' $?
gzip -dc packed >archive 2>err && [ ! -s err ]
result 'gzip unpacks it and says nothing' $?
TZ=UTC cpio -itv --quiet <archive >listed
grep -q '^drwxr-xr-x   2 root     root            0 Feb 29  2024 \.$' listed && grep -q '^crw-------   1 root     root       5,   1 .* dev/console$' listed
result 'cpio lists it' $?

# What the modules need stands before them, and the list says so.
mkdir tree
(cd tree && cpio -idm --quiet --no-absolute-filenames <../archive 2>/dev/null
	[ -x init ] && [ "$(head -n 1 init)" = '#!/bin/sh' ])
result 'its init can be run' $?
cat >expected <<'LIST'
kernel/lib/base.ko:
kernel/crypto/sum_fast.ko:
kernel/crypto/sum_generic.ko: kernel/lib/base.ko
kernel/fs/mid-one.ko: kernel/lib/base.ko
kernel/fs/top.ko: kernel/fs/mid-one.ko kernel/lib/base.ko
kernel/misc/after.ko:
LIST
sort expected >expected.sorted
sort tree/lib/modules/6.1.0-golden/modules.dep | cmp - expected.sorted
result 'modules.dep says what depends= says' $?
awk -F: '{ loaded[$1] = 1; n = split($2, need, " "); for (i = 1; i <= n; i++) if (!(need[i] in loaded)) exit 1 }' \
	tree/lib/modules/6.1.0-golden/modules.dep
result 'its lines are in an order of loading' $?
[ "$(sed -n 's/:.*sum_fast.*//p; /sum_/p' tree/lib/modules/6.1.0-golden/modules.dep | grep -c sum_)" -eq 2 ]
result 'an alias brings all modules that have it' $?
for file in lib/modules/6.1.0-golden/kernel/fs/top.ko usr/bin/busybox-ramdisk; do
	cmp "tree/usr/${file#usr/}" "inputs/system/usr/${file#usr/}"
	result "$file has its bytes" $?
done
[ "$(readlink tree/bin)" = usr/bin ] && [ "$(readlink tree/usr/bin/sh)" = busybox-ramdisk ] && [ -d tree/newroot ]
result 'links and directories' $?
shellcheck -s dash -e SC2086,SC2046,SC2013 tree/init # words are meant to be words
result 'its init is a proper script' $?

# A ramdisk that is the root directory has all of the image that lies on no partition: kernel and boot loader are not in it.
cp "$here/../golden/ok/initramfs-root-grub.yaml" ok/root.yaml
"$rootc" build ok/root.yaml -o image >/dev/null && dd if=image of=partition bs=512 skip=2048 status=none &&
	debugfs -R 'dump /initrd.img packed' partition 2>/dev/null && gzip -dc packed | cpio -itv --quiet | awk '
		{ $3 = $9 == "." ? "/" : "/" $9; print substr($1, 1, 1), $3, $10 == "->" ? $11 : substr($1, 1, 1) == "-" ? $5 : "" }' | sort >listed
"$rootc" plan --tree ok/root.yaml | awk '
	$4 !~ "^/boot/" { print $3 == "dir" ? "d" : $3 == "link" ? "l" : "-", $4, $3 == "link" ? $6 : $5 }' | sort | cmp - listed && [ -s listed ]
result 'a ramdisk that is the root directory has what was planned' $?

# Modules that are packed: unpacked where they are named, as they are where the manifest copies them, and modules.dep says which.
packed=inputs/packed-modules/usr/lib/modules/6.1.0-packed
cp "$here/../golden/ok/modules-packed.yaml" ok/
cat >>ok/modules-packed.yaml <<Y
files:
  /usr/lib/modules/6.1.0-packed/kernel/lib/base.ko.zst: {source: /usr/lib/modules/6.1.0-packed/kernel/lib/base.ko.zst}
  /usr/lib/modules/6.1.0-packed/kernel/misc/**: {}
Y
ramdisk ok/modules-packed.yaml archive && rm -rf tree && mkdir tree && (cd tree && cpio -idm --quiet --no-absolute-filenames <../archive 2>/dev/null)
result 'a ramdisk of packed modules is built' $?
# unpacked IN FILE COMMAND: FILE of the directory IN is what COMMAND makes of the packed one
unpacked() {
	$3 <"$packed/$2" | cmp - "$1/$(echo "$2" | sed 's/\.[gxz][zs]t*$//')"
	result "$2 is unpacked in $1" $?
}
root=tree/lib/modules/6.1.0-packed
unpacked $root kernel/fs/top.ko.xz 'xz -dc'
unpacked $root kernel/fs/mid-one.ko.zst 'zstd -dc'
unpacked $root updates/dkms/updated.ko.gz 'gzip -dc'
[ ! -e $root/kernel/net/updated.ko ]
result 'what lies in updates/ stands in front' $?
mkdir image.d && debugfs -R 'rdump /usr/lib/modules/6.1.0-packed image.d' partition 2>/dev/null
root=image.d/6.1.0-packed
unpacked $root kernel/fs/top.ko.xz 'xz -dc'
unpacked $root kernel/net/card.ko.zst 'zstd -dc'
for file in kernel/lib/base.ko.zst kernel/misc/after.ko.xz; do
	cmp "$packed/$file" "$root/$file" && [ ! -e "$root/${file%.*}" ]
	result "$file stays as it is where it is copied" $?
done
cat >expected <<'LIST'
kernel/crypto/sum.ko:
kernel/fs/mid-one.ko: kernel/lib/base.ko.zst
kernel/fs/top.ko: kernel/fs/mid-one.ko kernel/lib/base.ko.zst
kernel/lib/base.ko.zst:
kernel/misc/after.ko.xz:
kernel/net/card.ko: kernel/net/wire.ko
kernel/net/wire.ko:
LIST
sort $root/modules.dep | cmp - expected
result 'modules.dep names the files that are there' $?

# A list that the manifest itself puts there is the one that counts.
echo 'of another maker' >inputs/system/usr/lib/modules/6.1.0-golden/modules.dep
cp "$here/../golden/ok/modules-copied.yaml" ok/
echo '  /usr/lib/modules/6.1.0-golden/modules.dep: {source: /usr/lib/modules/6.1.0-golden/modules.dep}' >>ok/modules-copied.yaml
"$rootc" build ok/modules-copied.yaml -o image >/dev/null && dd if=image of=partition bs=512 skip=63 status=none &&
	debugfs -R 'cat /usr/lib/modules/6.1.0-golden/modules.dep' partition 2>/dev/null | cmp - inputs/system/usr/lib/modules/6.1.0-golden/modules.dep
result 'a modules.dep that is copied stays' $?

# A module that is another one is told as a member, with the words that brought it in; its bytes come from the input.
"$rootc" build ok/initramfs.yaml -o before.img >/dev/null && cp -r inputs inputs.kept
module=$(find inputs/system -name 'mid-one.ko' | head -n 1)
printf 'more' >>"$module"
"$rootc" build ok/initramfs.yaml -o after.img >/dev/null && "$rootc" diff --manifest before.img after.img ok/initramfs.yaml ok/initramfs.yaml >said
rm -rf inputs && mv inputs.kept inputs
sed -n '/initrd.img:.*mid-one.ko: content/{n;s/:[0-9]*:[0-9]*: / /;p;}' said >lines
grep -q '^    cause: ok/initramfs.yaml top, .*, from system$' lines
result "the cause of a member: $(cat lines)" $?

# Its init finds a partition as the kernel calls it, by what the table says, whatever sectors that counts.
hex() { od -A n -v -t x1 -j "$2" -N "$3" "$1" | tr -d '\n' | sed 's/^ //; s/$/ /'; }
for disk in 'mbr 512B' 'mbr 4KiB' 'gpt 512B' 'gpt 4KiB'; do
	table=${disk% *} size=${disk#* }
	sed "s/^disk: .*/disk: {size: 12MiB, table: $table, sector_size: $size}/; s/start: 63s, .*/size: rest, mount: \/, filesystem: {type: ext4}}/
		s/^  root:/  first: {size: 1MiB}\n&/; s/^grub:/unused:/" "$here/../golden/ok/initramfs.yaml" | sed '/^unused:/,$d' >ok/partuuid.yaml
	"$rootc" build ok/partuuid.yaml -o image >/dev/null && "$rootc" cat --sector-size "$size" image:2:/boot/initrd.img:/init >init &&
		eval "$(sed -n '/^number() {/,/^}/p; /^partuuid() {/,/^}/p' init)"
	case $table in
	mbr) "$rootc" plan --map ok/partuuid.yaml | sed -n 's/^disk .* id 0x\(.*\)/\1-02/p' >expected ;;
	gpt) "$rootc" plan --map ok/partuuid.yaml | sed -n 's/.* partition 2 .* guid \([^ ]*\) .*/\1/p' >expected ;;
	esac
	partuuid "..$tmp/w/image" 2 | cmp - expected && [ -s expected ]
	result "its init knows a partition of $table, sectors of $size" $?
done

# Whatever is packed comes out again: an archive with each of these, as a file that comes with the manifest, packed and not.
mkdir corpus
: >corpus/empty
printf x >corpus/one
head -c 1000000 /dev/zero >corpus/zeroes
head -c 400000 /dev/urandom >corpus/random
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "%d %s\n", i % 997, i % 13 ? "the same again" : "now and then not" }' >corpus/text
awk 'BEGIN { for (i = 0; i < 300; i++) for (k = 0; k < i; k++) printf "%c", 65 + i % 58 }' >corpus/runs
# frequencies like Fibonacci's numbers make the longest codes there are
awk 'BEGIN { a = 1; b = 1; for (i = 0; i < 24; i++) { for (k = 0; k < a; k++) printf "%c", 48 + i; c = a + b; a = b; b = c } }' |
	fold -w 1 | awk '{ print (NR * 7919) % 100003, $0 }' | sort -n | awk '{ printf "%s", $2 }' >corpus/skewed
for file in corpus/*; do
	name=${file##*/}
	for compression in none gzip zstd; do
		cat >"ok/$name.yaml" <<Y
rootc: 1
name: corpus
inputs: {system: {directory: ../inputs/system}}
disk: {size: 8MiB}
partitions: {root: {start: 63s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
kernel: {image: /boot/vmlinuz-*, initramfs: {compression: $compression, init: $name}}
Y
		cp "$file" "ok/$name"
		ramdisk "ok/$name.yaml" "$compression"
		result "$name, $compression: is built" $?
	done
	gzip -dc gzip 2>err | cmp - none && [ ! -s err ]
	result "$name: packed and unpacked again" $?
	zstd -qdc zstd 2>err | cmp - none && [ ! -s err ]
	result "$name: packed and unpacked again by zstd" $?
	cpio -i --quiet --to-stdout init <none 2>/dev/null | cmp - "$file"
	result "$name: is in the archive" $?
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

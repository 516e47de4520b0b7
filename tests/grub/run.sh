#!/bin/sh
# GRUB 2 as rootc installs it, judged by GRUB's own tools: core images hold what grub-mkimage puts into them, grub-script-check takes
# grub.cfg, and GRUB's drivers (grub-fstest) read every file of the menu out of the image. For a BIOS and for UEFI, with the GRUB of
# this system and, where apt can bring them, that for arm64 and those of the Debian release after the stable one's.
# usage: run.sh ROOTC
set -u
unset CDPATH
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
rootc=$(realpath "$1")
state=$(realpath "$(dirname "$0")/../..")/build/grub
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0 skipped=0
mkdir -p "$state" && cd "$tmp" || exit 1

# result NAME STATUS: counts one test.
result() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
	fi
}

# fetch RELEASE ARCHITECTURE PACKAGE: what is in it becomes $tmp/RELEASE-ARCHITECTURE, or nothing does. apt keeps a state of its own for it.
fetch() {
	mine=$state/$1-$2
	mkdir -p "$mine/lists/partial" "$mine/cache/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian $1 main" >"$mine/sources.list"
	: >"$mine/status"
	for step in update "download $3"; do
		# shellcheck disable=SC2086 # words
		(cd "$mine" && timeout 120 apt-get -qq -o Dir::Etc::sourcelist="$mine/sources.list" -o Dir::Etc::sourceparts=/dev/null \
			-o Dir::State="$mine" -o Dir::State::Lists="$mine/lists" -o Dir::State::status="$mine/status" -o Dir::Cache="$mine/cache" \
			-o APT::Architecture="$2" -o APT::Architectures="$2" \
			-o APT::Sandbox::User= -o Debug::NoLocking=1 -o Acquire::Retries=1 $step) >"$tmp/apt" 2>&1 || return 1
	done
	dpkg-deb -x "$mine/$3"_*.deb "$tmp/$1-$2"
}

# number FILE OFFSET: four bytes there, little-endian
number() { od -An -tu4 --endian=little -j"$2" -N4 "$1" | tr -d ' '; }

# bytes FILE OFFSET SIZE
bytes() { tail -c +$(($2 + 1)) "$1" | head -c "$3"; }

# unpack CORE DECOMPRESSOR: the kernel and modules in it, and before them the code, without the two places that say their packed size
unpack() {
	head=$((512 + $(stat -c %s "$2")))
	packed=$(number "$1" $((512 + 8))) unpacked=$(number "$1" $((512 + 12)))
	{
		printf '\135\000\000\001\000'
		for shift in 0 8 16 24 32 32 32 32; do
			# shellcheck disable=SC2059 # the format is made here
			printf "\\$(printf %03o $(((unpacked >> shift) & 255)))"
		done
		bytes "$1" "$head" "$packed"
	} | xz --format=lzma -dc
	bytes "$1" 0 508
	bytes "$1" 510 10
	bytes "$1" 524 $((head - 524))
}

# manifest CASE
manifest() {
	cat <<YAML
rootc: 1
name: $1
inputs: {pool: {directory: pool}}
disk: {size: 16MiB}
kernel: {image: /boot/vmlinuz, arguments: console=ttyS0 x="a b" \$y}
files: {/boot/initrd: {source: /boot/initrd}}
YAML
	case $1 in
	all) echo 'partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}' ;;
	small) echo 'partitions: {root: {start: 63s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}' ;;
	apart) echo 'partitions:'
		echo '  root: {size: 4MiB, mount: /, filesystem: {type: ext4, block_size: 1KiB, features: [64bit, dir_index]}}'
		echo '  boot: {size: rest, mount: /boot, filesystem: {type: ext3}}' ;;
	vfat) echo 'partitions:'
		echo '  root: {size: 4MiB, mount: /, filesystem: {type: ext4}}'
		echo '  boot: {size: rest, mount: /boot, filesystem: {type: vfat, volume_id: 1A2B-3C4D}}' ;;
	esac
	cat <<'YAML'
grub:
  menu:
    - {title: Linux, initrd: /boot/initrd}
    - {title: Another, commands: ["set root=(hd1)", "chainloader +1", 'echo "a; b" ${c}']}
    - title: "--It's \"Linux\" for $5; \\o/ {ü} #1 `x` $(x) ${x} | & < > * ? [x] !"
YAML
}

# check CASE DIRECTORY PARTITION PREFIX MODULE...: with the modules of DIRECTORY; /boot/grub is PREFIX on PARTITION
check() {
	case=$1 modules=$2 partition=$3 prefix=$4
	shift 4
	manifest "$case" >"$case.yaml"
	$rootc build "$case.yaml" -o "$case.img" >/dev/null || { result "$case: builds" 1; return; }
	map=$($rootc plan --map "$case.yaml")
	uuid=$(echo "$map" | sed -n "/^partition $partition /,\$s/^\(uuid\|volume_id\) \([^ ]*\) .*/\2/p" | head -n 1)
	size=$(echo "$map" | sed -n 's/.* core.img \([0-9]*\) bytes$/\1/p')
	bytes "$case.img" 512 "$size" >core.img
	# shellcheck disable=SC2016 # the variables are GRUB's
	printf 'search.fs_uuid %s root $root\nset prefix=($root)%s\n' "$uuid" "$prefix" >early.cfg
	grub-mkimage -d "$modules" -O i386-pc -p "(,msdos$partition)$prefix" -c early.cfg -o expected.img "$@"
	unpack core.img "$modules/lzma_decompress.img" >got
	unpack expected.img "$modules/lzma_decompress.img" >wanted
	cmp got wanted
	result "$case: what is in the core image is what grub-mkimage puts there" $?

	grub-fstest "$tmp/$case.img" cat "(loop0,msdos$partition)$prefix/grub.cfg" >grub.cfg
	grub-script-check grub.cfg && [ -s grub.cfg ]
	result "$case: grub-script-check takes grub.cfg" $?
	status=0
	for path in vmlinuz initrd; do
		grub-fstest "$tmp/$case.img" cmp "(loop0,msdos$partition)${prefix%/grub}/$path" "$tmp/pool/boot/$path" || status=1
	done
	result "$case: GRUB's own drivers read the kernel and the initial ramdisk" "$status"
}

first='biosdisk part_msdos ext2 search_fs_uuid'
menu='normal linux search configfile serial terminal echo test ls cat sleep halt reboot part_msdos part_gpt ext2 fat chain'

# at OFFSET TEXT: overwrites the bytes of pool/boot/vmlinuz there; TEXT is printf's
# shellcheck disable=SC2059 # the text is meant as a format
at() { printf "$2" | dd of=pool/boot/vmlinuz bs=1 seek="$1" conv=notrunc status=none; }

# Kernels, as far as anybody looks.
make_bzimage() {
	yes 'a kernel' | head -c 67072 >pool/boot/vmlinuz
	at 497 '\002\000\000\000\020\000\000'
	at 510 '\125\252\353\152HdrS\017\002'
	at 529 '\001'
}
make_arm64_image() {
	head -c 67072 /dev/zero >pool/boot/vmlinuz
	at 0 'MZ'
	at 56 'ARM\144\100'
	at 64 'PE\000\000\144\252'
}

# check_all DIRECTORY
check_all() {
	rm -rf pool
	mkdir -p pool/usr/lib/grub pool/boot
	cp -r "$1" pool/usr/lib/grub/
	echo 'not really' >pool/boot/initrd
	make_bzimage
	# shellcheck disable=SC2086 # words
	{
		check all "$1" 1 /boot/grub $first $menu
		check small "$1" 1 /boot/grub $first
		check apart "$1" 2 /grub $first $menu
		check vfat "$1" 2 /grub ${first%ext2*}fat search_fs_uuid $menu
	}
}

# check_efi DIRECTORY PLATFORM PROGRAM: the program for UEFI is byte by byte that of grub-mkimage, but for what stands in front of
# the PE header and its time; and others who read such programs find all in order.
check_efi() {
	rm -rf pool
	mkdir -p pool/usr/lib/grub pool/boot
	cp -r "$1" pool/usr/lib/grub/
	case $2 in
	x86_64-efi) make_bzimage && extra=efi_gop ;;
	*) make_arm64_image && extra= ;;
	esac
	cat >efi.yaml <<'YAML'
rootc: 1
name: efi
inputs: {pool: {directory: pool}}
disk: {size: 16MiB, table: gpt}
partitions:
  esp: {size: 4MiB, mount: /efi, filesystem: {type: vfat}}
  root: {size: rest, mount: /, filesystem: {type: ext4}}
kernel: {image: /boot/vmlinuz, arguments: quiet}
grub:
  platform: efi
  menu: [{title: Linux}, {title: Another, commands: ["chainloader +1"]}]
YAML
	$rootc build efi.yaml -o efi.img >/dev/null || { result "$2: builds" 1; return; }
	map=$($rootc plan --map efi.yaml)
	uuid=$(echo "$map" | sed -n '/^partition 2 /,$s/^uuid \([^ ]*\) .*/\1/p')
	lba=$(echo "$map" | sed -n 's/^\([0-9]*\)\.\..* partition 1 .*/\1/p')
	rm -f got.efi
	mcopy -i "efi.img@@$((lba * 512))" "::EFI/BOOT/$3" got.efi
	# shellcheck disable=SC2016 # the variables are GRUB's
	printf 'search.fs_uuid %s root $root\nset prefix=($root)/boot/grub\n' "$uuid" >early.cfg
	# shellcheck disable=SC2086 # words
	grub-mkimage -d "$1" -O "$2" -p '(,gpt2)/boot/grub' -c early.cfg -o expected.efi part_gpt ext2 search_fs_uuid ${menu% chain} $extra chain
	{ bytes got.efi 128 8; bytes got.efi 140 1000000000; } >got
	{ bytes expected.efi 128 8; bytes expected.efi 140 1000000000; } >wanted
	cmp got wanted && [ "$(stat -c %s got)" -gt 500000 ]
	result "$2: the program is grub-mkimage's" $?

	grub-file "--is-$2" got.efi
	result "$2: grub-file takes it for such a program" $?
	grub-fstest "$tmp/efi.img" cmp '(loop0,gpt2)/boot/vmlinuz' "$tmp/pool/boot/vmlinuz"
	result "$2: GRUB's own drivers read the kernel" $?
	[ "$2" = x86_64-efi ] || return # objdump knows only its own machine's programs
	objdump -p got.efi >dump 2>&1
	fixups=$(grep -c 'DIR64$' dump)
	grep -q 'EFI application' dump && [ "$fixups" -eq "$(readelf -r -W "$1/kernel.img" | grep -c R_X86_64_64)" ] && ! grep -i 'corrupt\|warning' dump
	result "$2: objdump finds a fixup for each address ($fixups)" $?
}

trixie() { echo "$tmp/trixie-$1/usr/lib/grub/$2"; }

# or_skip COUNT WHAT RELEASE ARCHITECTURE PACKAGE COMMAND...
or_skip() {
	count=$1 what=$2 release=$3 architecture=$4 package=$5
	shift 5
	if fetch "$release" "$architecture" "$package"; then
		"$@"
	else
		echo "skipped: the GRUB of $release for $what, which apt cannot bring here:"
		tail -n 3 "$tmp/apt"
		skipped=$((skipped + count))
	fi
}

check_all /usr/lib/grub/i386-pc
check_efi /usr/lib/grub/x86_64-efi x86_64-efi BOOTX64.EFI
or_skip 3 arm64 bookworm arm64 grub-efi-arm64-bin check_efi "$tmp/bookworm-arm64/usr/lib/grub/arm64-efi" arm64-efi BOOTAA64.EFI
or_skip 12 'a BIOS' trixie amd64 grub-pc-bin check_all "$(trixie amd64 i386-pc)"
or_skip 4 UEFI trixie amd64 grub-efi-amd64-bin check_efi "$(trixie amd64 x86_64-efi)" x86_64-efi BOOTX64.EFI
or_skip 3 arm64 trixie arm64 grub-efi-arm64-bin check_efi "$(trixie arm64 arm64-efi)" arm64-efi BOOTAA64.EFI
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

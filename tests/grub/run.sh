#!/bin/sh
# GRUB 2 as rootc installs it, judged by GRUB's own tools: core images hold what grub-mkimage puts into them, grub-script-check takes
# grub.cfg, and GRUB's drivers (grub-fstest) read every file of the menu out of the image. For the GRUB of this system and, where
# apt can bring it, that of the Debian release after the stable one's.
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

# The modules of trixie, or nothing. apt keeps a state of its own there.
fetch_trixie() {
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main' >"$state/sources.list"
	: >"$state/status"
	for step in update 'download grub-pc-bin'; do
		# shellcheck disable=SC2086 # words
		(cd "$state" && timeout 120 apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
			-o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
			-o APT::Sandbox::User= -o Debug::NoLocking=1 -o Acquire::Retries=1 $step) >"$tmp/apt" 2>&1 || return 1
	done
	dpkg-deb -x "$state"/grub-pc-bin_*.deb "$tmp/trixie"
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

# check_all DIRECTORY
check_all() {
	rm -rf pool
	mkdir -p pool/usr/lib/grub pool/boot
	cp -r "$1" pool/usr/lib/grub/
	echo 'not really' >pool/boot/initrd
	yes 'a kernel' | head -c 67072 >pool/boot/vmlinuz
	printf '\002\000\000\000\020\000\000' | dd of=pool/boot/vmlinuz bs=1 seek=497 conv=notrunc status=none
	printf '\125\252\353\152HdrS\017\002' | dd of=pool/boot/vmlinuz bs=1 seek=510 conv=notrunc status=none
	printf '\001' | dd of=pool/boot/vmlinuz bs=1 seek=529 conv=notrunc status=none
	# shellcheck disable=SC2086 # words
	{
		check all "$1" 1 /boot/grub $first $menu
		check small "$1" 1 /boot/grub $first
		check apart "$1" 2 /grub $first $menu
		check vfat "$1" 2 /grub ${first%ext2*}fat search_fs_uuid $menu
	}
}

check_all /usr/lib/grub/i386-pc
if fetch_trixie; then
	check_all "$tmp/trixie/usr/lib/grub/i386-pc"
else
	echo "skipped: the GRUB of trixie, which apt cannot bring here:"
	tail -n 3 "$tmp/apt"
	skipped=12
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

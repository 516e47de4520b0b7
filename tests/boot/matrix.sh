#!/bin/sh
# Every example that boots, on every machine that it is meant for, and every cell of {mbr, gpt} x {GRUB legacy, GRUB 2 for a BIOS, for
# UEFI} x {ext2 of 1 KiB, ext4 of 4 KiB}, and some on disks with sectors of 4096 bytes, to its prompt: a table with times. Each is built several times, in other surroundings and by
# another user, and must have one hash, that of manifests/images.sums. usage: matrix.sh ROOTC [WORD]...
#
# Takes packages by apt; where that has no network the rows are skipped. With WORDs only the rows that have one of them.
set -u
rootc=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
dir=$here/../../build/boot-matrix
export LC_ALL=C
umask 022
mkdir -p "$dir" && dir=$(realpath "$dir") || exit 1
# shellcheck source=tests/boot/count.sh
. "$here/count.sh"
at_once=2 # rows; the times are those of machines that have two processors for them
user=12345

# What a row is called, the example whose packages it has, what `rootc run` is told besides, and after a '|' how it ends if not with a
# prompt: with the diagnostic of this name.
rows='
minimal minimal
qemu-bios-grub2 qemu-bios-grub2
gpt-bios-grub2 gpt-bios-grub2
qemu-uefi qemu-uefi
hybrid hybrid
hybrid hybrid --firmware uefi
arm64-uefi arm64-uefi
two-partitions two-partitions
board board --bus virtio
initramfs-only initramfs-only
server server --bus virtio
server server --firmware uefi --memory 512
virtio-initramfs virtio-initramfs --bus nvme
virtio-initramfs virtio-initramfs --bus virtio
virtio-initramfs virtio-initramfs --bus sata
virtio-initramfs virtio-initramfs --bus ide
zstd-initramfs virtio-initramfs --bus virtio
mbr-legacy-ext2 minimal
mbr-legacy-ext4 minimal
mbr-bios-ext2 hybrid
mbr-bios-ext4 hybrid
mbr-efi-ext2 hybrid
mbr-efi-ext4 hybrid
gpt-legacy-ext2 minimal | table-mismatch
gpt-legacy-ext4 minimal | table-mismatch
gpt-bios-ext2 hybrid
gpt-bios-ext4 hybrid
gpt-efi-ext2 hybrid
gpt-efi-ext4 hybrid
gpt-efi-ext2-arm64 arm64-uefi
gpt-efi-ext4-arm64 arm64-uefi
gpt-efi-ext4-4k hybrid
mbr-efi-ext4-4k hybrid --sector-size 4KiB
gpt-bios-ext4-4k hybrid | sector-size-bios
mbr-legacy-ext4-4k minimal | sector-size-bios
unified-4k qemu-uefi
unified-4k-initramfs qemu-uefi --bus virtio
'

now() { date +%s%3N; }
seconds() { awk "BEGIN { printf \"%.1f\", $1 / 1000 }"; }

wanted() {
	[ $# -gt 1 ] || return 0
	row=$1
	shift
	for word; do case $row in *"$word"*) return 0 ;; esac; done
	return 1
}

# manifest_of NAME: the path of an example, or of what is made here: a cell, or an example packed otherwise
manifest_of() {
	case $1 in
	mbr-* | gpt-*-ext[24]*)
		# shellcheck disable=SC2046 # words
		"$here/cell.sh" $(echo "$1" | tr - ' ') >"$dir/$row.yaml"
		echo "$dir/$row.yaml"
		;;
	zstd-initramfs)
		sed '/^  initramfs:$/a\    compression: zstd' "$manifests/$example.yaml" >"$dir/$row.yaml"
		echo "$dir/$row.yaml"
		;;
	unified-4k*)
		initramfs='/^  unified: true$/a\  initramfs: {modules: [ext4, virtio_blk, virtio_pci]}'
		[ "$1" = unified-4k-initramfs ] || initramfs=
		sed -e '/^  table: gpt$/a\  sector_size: 4KiB' -e "$initramfs" "$manifests/$example.yaml" >"$dir/$row.yaml"
		echo "$dir/$row.yaml"
		;;
	*) echo "$manifests/$1.yaml" ;;
	esac
}

# shows NAME: what the console must show besides the prompt, line by line
shows() {
	case $1 in
	initramfs-only) echo 'root directory: rootfs' ;;
	board) echo 'up: board, aarch64' ;;
	server) echo 'up: server' ;; # what its network script says last
	two-partitions) echo 'boots so far: 1' ;; # counted on the second partition
	unified-4k-initramfs) echo '4096-byte logical blocks' ;; # as Linux says of a virtio disk
	*-ext[24]*)
		case $1 in
		*-legacy-*) echo "Booting '$1'" ;;
		*) echo "Booting \`$1'" ;;
		esac
		case $1 in
		*-efi-*) echo 'efi: EFI v' ;;
		*) echo 'BIOS-provided physical RAM map' ;;
		esac
		case $1 in
		*-ext2*) echo 'VFS: Mounted root (ext2 filesystem)' ;;
		*-ext4*) echo 'VFS: Mounted root (ext4 filesystem)' ;;
		esac
		;;
	esac
}

# build_row IMAGE [OPTION]...: from $manifest by $lock, in the directory where we are
build_row() {
	image=$1
	shift
	"$rootc" build "$manifest" --lock "$lock" --store "$store" -o "$image" "$@"
}

# Whether root can become somebody else who reads all that a build reads; not so below a directory that is root's alone.
has_user() {
	[ "$(id -u)" -eq 0 ] && as_user test -x "$rootc" -a -r "$store/lock" -a -r "$manifests/minimal.yaml" -a -r "$dir"
}

as_user() { setpriv --reuid "$user" --regid "$user" --clear-groups "$@"; }

# has_one_hash: whether two more builds of $manifest are $image
has_one_hash() {
	rm -rf "$dir/other $row" "$dir/user.$row"
	mkdir "$dir/other $row" "$dir/user.$row"
	(cd "$dir/other $row" && umask 077 && env -i TZ=Pacific/Kiritimati LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 SOURCE_DATE_EPOCH=5 E2FSPROGS_FAKE_TIME=9 \
		HOME=/nonexistent "$rootc" build "$manifest" --lock "$lock" --store "$store" -o other.img --jobs 3) >/dev/null 2>&1
	cmp "$image" "$dir/other $row/other.img" || return 1
	[ -e "$dir/user" ] || return 0
	chown "$user" "$dir/user.$row"
	# shellcheck disable=SC2016 # for the other shell
	as_user env -i TZ=America/Caracas HOME="$dir/user.$row" sh -c 'cd "$HOME" && umask 002 && exec "$@"' - \
		"$rootc" build "$manifest" --lock "$lock" --store "$store" -o user.img --jobs 2 >/dev/null 2>&1
	cmp "$image" "$dir/user.$row/user.img"
}

# is_golden: whether the image of an example by its committed lock is the one that is committed; of others nothing is known
is_golden() {
	[ "$name" != "$example" ] || [ "$lock" != "$manifests/$name.lock" ] ||
		grep -q -x "$(sha256sum <"$image" | cut -c 1-64)  $name.img" "$manifests/images.sums"
}

# is_refused DIAGNOSTIC: what the build says of it, if it says just that
is_refused() {
	! build_row "$dir/$row.img" 2>"$dir/$row.err" >/dev/null && [ "$(grep -c ': error: ' "$dir/$row.err")" -eq 1 ] &&
		sed -n "s/.*: error: \(.* \[$1\]\)\$/\1/p" "$dir/$row.err" | grep .
}

# tell SECONDS HASH RESULT: a line of the table, and what is counted later
tell() {
	printf '%-20s %-16s %8s  %-12s  %s\n' "$name" "${machine:-nvme}" "$1" "$2" "$3"
	echo "$3" >"$dir/$row.result"
}

# keep: $manifest, its lock and its hash, for other builds of rootc to be held to (tests/identity)
keep() {
	cp "$manifest" "$dir/made/$name.yaml"
	cp "$lock" "$dir/made/$name.lock"
	sha256sum <"$image" | cut -c 1-64 >"$dir/made/$name.sha256"
}

# try_row: builds and boots the row of $name, $example, $machine and $diagnostic
try_row() {
	lock=$(cat "$dir/$example.has") || { tell - - "$(cat "$dir/$example.not")"; return; }
	manifest=$(manifest_of "$name")
	image=$dir/$row.img
	if [ -n "$diagnostic" ]; then
		if why=$(is_refused "$diagnostic"); then
			tell - - "refused: $why"
		else
			tell - - "failed: not refused as $diagnostic"
			cat "$dir/$row.err"
		fi
		return
	fi
	build_row "$image" --jobs 1 >"$dir/$row.built" 2>"$dir/$row.err" || { tell - - 'failed: build'; cat "$dir/$row.err"; return; }
	hash=$(sha256sum <"$image" | cut -c 1-12)
	has_one_hash || { tell - "$hash" 'failed: another build has other bytes'; return; }
	is_golden || { tell - "$hash" 'failed: not what manifests/images.sums says'; return; }
	shows "$name" >"$dir/$row.shows"
	start=$(now)
	# shellcheck disable=SC2086 # words
	boot "$dir/$row.console" "$image" '/ # ' $machine >"$dir/$row.err" || { tell - "$hash" 'failed: no prompt'; cat "$dir/$row.err"; return; }
	time=$(seconds $(($(now) - start)))
	while read -r line; do
		grep -a -q -F -e "$line" "$dir/$row.console" || { tell "$time" "$hash" "failed: no '$line' on the console"; return; }
	done <"$dir/$row.shows"
	tell "$time" "$hash" prompt
	keep
	rm -rf "$image" "$dir/other $row" "$dir/user.$row"
}

# work: rows that nobody has taken, until there are none
work() {
	row=0
	while IFS='|' read -r words diagnostic; do
		row=$((row + 1))
		mkdir "$dir/$row.taken" 2>/dev/null || continue
		diagnostic=${diagnostic# }
		# shellcheck disable=SC2086 # words
		set -- $words
		name=$1 example=$2
		shift 2
		machine=$*
		try_row
	done <"$dir/rows"
}

rm -rf "${dir:?}"/*
mkdir "$dir/made"
echo "$rows" | while read -r row; do
	if [ -n "$row" ] && wanted "$row" "$@"; then echo "$row"; fi
done >"$dir/rows"
cut -d ' ' -f 2 "$dir/rows" | sort -u >"$dir/examples"
while read -r example; do
	if fetch_packages "$example"; then
		echo "$lock" >"$dir/$example.has"
	elif is_offline; then
		echo 'skipped: apt reaches no archive here' >"$dir/$example.not"
	else
		echo 'failed: fetch' >"$dir/$example.not"
		cat "$dir/fetch.err"
	fi
done <"$dir/examples"
if has_user; then
	touch "$dir/user"
else
	echo 'skipped: builds by another user, which takes root, and directories that others may read'
	skipped=1
fi
printf '%-20s %-16s %8s  %-12s  %s\n' image machine seconds sha256 result
for _ in $(seq "$at_once"); do work & done
wait
for row in $(seq "$(grep -c '' "$dir/rows")"); do
	case $(cat "$dir/$row.result") in
	prompt | refused*) passed=$((passed + 1)) ;;
	skipped*) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
done
finish

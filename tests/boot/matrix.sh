#!/bin/sh
# Every example that boots, on every machine that it is meant for, to its prompt: a table with times. usage: matrix.sh ROOTC [WORD]...
#
# Takes packages by apt; where that has no network the rows are skipped. With WORDs only the rows that have one of them.
set -u
rootc=$(realpath "$1")
shift
here=$(realpath "$(dirname "$0")")
manifests=$here/../../manifests
dir=$here/../../build/boot-matrix
export LC_ALL=C
mkdir -p "$dir" && dir=$(realpath "$dir") || exit 1
passed=0 failed=0 skipped=0

# MANIFEST and what `rootc run` is told besides
rows='
minimal
qemu-bios-grub2
gpt-bios-grub2
qemu-uefi
hybrid
hybrid --firmware uefi
arm64-uefi
two-partitions
virtio-initramfs --bus nvme
virtio-initramfs --bus virtio
virtio-initramfs --bus sata
virtio-initramfs --bus ide
'

now() { date +%s%3N; }
seconds() { awk "BEGIN { printf \"%.1f\", $1 / 1000 }"; }

# build NAME: build/boot-matrix/NAME.img, by the committed lock, or, where the archive has moved on, by one of today
build() {
	lock=$manifests/$1.lock
	[ ! -e "$dir/$1.img" ] || return 0
	if ! "$rootc" fetch "$manifests/$1.yaml" --lock "$lock" --store "$dir/store" 2>"$dir/err"; then
		grep -q '\[no-longer-available\]' "$dir/err" || return 1
		lock=$dir/$1.lock
		"$rootc" lock "$manifests/$1.yaml" --lock "$lock" --store "$dir/store" 2>"$dir/err" &&
			"$rootc" fetch "$manifests/$1.yaml" --lock "$lock" --store "$dir/store" 2>"$dir/err" || return 1
	fi
	"$rootc" build "$manifests/$1.yaml" --lock "$lock" --store "$dir/store" -o "$dir/$1.img" >"$dir/$1.built" 2>"$dir/err"
}

wanted() {
	[ $# -gt 1 ] || return 0
	row=$1
	shift
	for word; do case $row in *"$word"*) return 0 ;; esac; done
	return 1
}

# shows MANIFEST: what the console must show besides the prompt
shows() {
	case $1 in
	two-partitions) echo 'boots so far: 1' ;; # counted on the second partition
	esac
}

rm -f "$dir"/*.img
printf '%-20s %-16s %8s  %s\n' manifest machine seconds result
while read -r manifest machine; do
	if [ -z "$manifest" ] || ! wanted "$manifest $machine" "$@"; then continue; fi
	result=failed time=-
	if build "$manifest"; then
		start=$(now)
		# shellcheck disable=SC2086 # words
		if "$rootc" run "$dir/$manifest.img" $machine --expect '/ # ' --timeout 180 </dev/null >"$dir/console" 2>"$dir/err" &&
			grep -a -q -F -e "$(shows "$manifest")" "$dir/console"; then
			result=prompt
			time=$(seconds $(($(now) - start)))
		fi
	elif grep -q '\[apt-failed\]' "$dir/err"; then
		result='skipped: apt reaches no archive here'
	fi
	case $result in
	prompt) passed=$((passed + 1)) ;;
	skipped*) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
	printf '%-20s %-16s %8s  %s\n' "$manifest" "${machine:-nvme}" "$time" "$result"
	[ "$result" != failed ] || tail -c 1500 "$dir/err"
done <<ROWS
$rows
ROWS
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

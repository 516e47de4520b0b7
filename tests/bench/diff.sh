#!/usr/bin/env bash
# How fast `rootc diff` is, and in how much memory. usage: diff.sh ROOTC PAYLOAD
#
# Two images of 1 GiB with 20,000 files, of which ten differ: at most 2 s and 128 MiB. Two of 6 MiB in which one small file differs,
# beside diffoscope in the same run: 100 times faster, or a line that says why diffoscope was not asked. Medians of RUNS runs.
set -eu
unset CDPATH
rootc=$(realpath "$1") payload=$(realpath "$2")
export LC_ALL=C
RUNS=${RUNS:-5} failed=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# median COMMAND...: of its wall time in us, and the most memory of any run in KiB. The command may say no.
median() {
	local i
	for ((i = 0; i <= RUNS; i++)); do
		"$payload" time "$@" 2>/dev/null || true
	done >runs
	sed 1d runs | sort -n | sed -n "$(((RUNS + 1) / 2))p" | cut -d ' ' -f 1
	cut -d ' ' -f 4 runs | sort -n | tail -n 1
}

# pair NAME SIZE CHANGE...: NAME-a.img of all in the directory NAME, and NAME-b.img when the files CHANGE have other contents
pair() {
	local name=$1 file
	cat >"$name.yaml" <<Y
rootc: 1
name: $name
inputs: {tree: {directory: $name}}
disk: {size: $2}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
files: {/data/**: {source: /}}
Y
	shift 2
	"$rootc" build "$name.yaml" -o "$name-a.img" --digest never >/dev/null
	for file; do echo changed >"$name/$file"; done
	"$rootc" build "$name.yaml" -o "$name-b.img" --digest never >/dev/null
	"$rootc" diff "$name-a.img" "$name-b.img" >said && { echo "$name: no difference is found"; exit 1; }
	[ "$(grep -c ': content: ' said)" = $# ] || { echo "$name: other files differ than the $#"; exit 1; }
}

"$payload" make 20000 200 4 large
pair large 1GiB d3/file-305 d20/file-2005 d41/file-4105 d66/file-6605 d87/file-8705 d101/file-10105 d122/file-12205 d150/file-15005 \
	d177/file-17705 d199/file-19905
{ read -r time; read -r memory; } < <(median "$rootc" diff large-a.img large-b.img)
printf '%-44s %8s us  %6s KiB\n' 'rootc diff, 1 GiB, 20,000 files, 10 changed' "$time" "$memory"
if [ "$time" -ge 2000000 ] || [ "$memory" -ge 131072 ]; then echo 'more than 2 s or 128 MiB'; failed=1; fi

"$payload" make 100 10 32 small
pair small 6MiB d3/file-35
{ read -r time; read -r memory; } < <(median "$rootc" diff small-a.img small-b.img)
printf '%-44s %8s us  %6s KiB\n' 'rootc diff, 6 MiB, 1 file changed' "$time" "$memory"
if command -v diffoscope >/dev/null; then
	{ read -r peer; read -r memory; } < <(RUNS=1 median diffoscope small-a.img small-b.img)
	printf '%-44s %8s us  %6s KiB  %d times\n' 'diffoscope, the same' "$peer" "$memory" $((peer / time))
	[ "$peer" -gt $((100 * time)) ] || { echo 'less than 100 times faster than diffoscope'; failed=1; }
else
	echo 'skipped: diffoscope is not installed (apt install diffoscope-minimal)'
fi
exit "$failed"

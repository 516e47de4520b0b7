#!/bin/sh
# Speed and memory, as ratios against peers in the same run. usage: run.sh ROOTC
#
# The demo: `rootc build` of manifests/minimal.yaml (reads the packages from the store, resolves, plans, writes) beside
# `mke2fs -d` of the very tree that the image holds, the same kind of file system, and a bare copy of the image's bytes.
# And every example, beside the limits of time and memory that it has. Medians of RUNS runs after one warm-up, the inputs in the page cache.
set -eu
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
RUNS=${RUNS:-5}
"$here/../install.sh" time e2fsprogs
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# measure NAME COMMAND...: the median wall time in ms and the largest memory in KiB, into $tmp/NAME.
measure() {
	name=$1
	shift
	"$@" >/dev/null 2>&1
	i=0
	: >"$tmp/$name.runs"
	while [ "$i" -lt "$RUNS" ]; do
		rm -f "$tmp/demo.img" # else there would be nothing to do
		start=$(date +%s%N)
		/usr/bin/time -o "$tmp/time" -f %M "$@" >/dev/null 2>&1
		echo "$((($(date +%s%N) - start) / 1000)) $(tail -n 1 "$tmp/time")" >>"$tmp/$name.runs"
		i=$((i + 1))
	done
	sort -n "$tmp/$name.runs" | awk '{ t[NR] = $1; if ($2 > m) m = $2 } END { print t[int((NR + 1) / 2)], m }' >"$tmp/$name"
}

# row NAME LABEL BASE: prints NAME's figures and their ratio to BASE's.
row() {
	awk -v label="$2" -v name="$1" 'NR == 1 { t = $1; m = $2 } NR == 2 { printf "  %-44s %9.1f ms %7.2fx %7.1f MiB\n", label, t / 1000, t / $1, m / 1024 }' \
		"$tmp/$1" "$tmp/$3"
}

manifest=$here/../../manifests/minimal.yaml
dir=$(realpath "$here/../..")/build/demo
lock=$here/../../manifests/minimal.lock
[ -e "$dir/minimal.img" ] || "$here/../boot/demo.sh" "$rootc" "$dir"
[ -e "$dir/minimal.lock" ] && lock=$dir/minimal.lock
offset=$("$rootc" plan --json "$manifest" --lock "$lock" --store "$dir/store" | sed -n 's/.*"first_lba": \([0-9]*\).*/\1/p' | head -n 1)
dd if="$dir/minimal.img" of="$tmp/root.ext2" bs=512 skip="$offset" status=none
mkdir "$tmp/tree"
debugfs -R "rdump / $tmp/tree" "$tmp/root.ext2" >/dev/null 2>&1
size=$(($(stat -c %s "$tmp/root.ext2") / 1024))

echo "demo: $(stat -c %s "$dir/minimal.img") bytes, $(find "$tmp/tree" | wc -l) files"
measure build "$rootc" build --rebuild "$manifest" --lock "$lock" --store "$dir/store" -o "$tmp/demo.img"
measure mke2fs sh -c "rm -f '$tmp/m.img'; mke2fs -q -F -t ext2 -b 1024 -d '$tmp/tree' '$tmp/m.img' ${size}k"
measure copy sh -c "rm -f '$tmp/c.img'; dd if='$dir/minimal.img' of='$tmp/c.img' bs=1M conv=sparse status=none"
row build 'rootc build (packages to bootable disk)' mke2fs
row mke2fs 'mke2fs -d (file system alone, tree given)' mke2fs
row copy 'dd (a copy of the bytes)' mke2fs


# within NAME LABEL: prints NAME's figures; false: they are over $most_ms or $most_mib.
within() {
	awk -v label="$2" -v ms="$most_ms" -v mib="$most_mib" '
		{ over = $1 > ms * 1000 || $2 > mib * 1024
		  printf "  %-44s %9.1f ms %8s %7.1f MiB%s\n", label, $1 / 1000, "", $2 / 1024, over ? "  OVER THE LIMIT" : "" }
		END { exit over }' "$tmp/$1"
}

# Every example that builds from packages alone, the largest of them too, must stay within these.
most_ms=2000 most_mib=128 status=0
echo "examples: none over $most_ms ms and $most_mib MiB"
for lock in "$here"/../../manifests/*.lock; do
	name=$(basename "$lock" .lock)
	[ "$name" != article-12mb ] || continue # which has a kernel of the user's
	"$rootc" fetch "${lock%.lock}.yaml" --store "$dir/store" 2>"$tmp/fetch.err" || { head -n 1 "$tmp/fetch.err"; status=1; continue; }
	measure "$name" "$rootc" build --rebuild "${lock%.lock}.yaml" --store "$dir/store" -o "$tmp/$name.img"
	within "$name" "$name, $(($(stat -c %s "$tmp/$name.img") / 1048576)) MiB" || status=1
	rm -f "$tmp/$name.img"
done

# A manifest of 10,000 lines, each of which says three things of a file, with and without a mistake in its last line.
most_ms=100 most_mib=64
echo "check: not over $most_ms ms and $most_mib MiB"
{
	printf 'rootc: 1\nname: large\ndisk: {size: 128MiB}\npartitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}\nfiles:\n'
	seq 9995 | sed 's|.*|  /srv/directory-&/file: {content: text of the file &, mode: 0600, owner: 33}|'
} >"$tmp/large.yaml"
echo 'filez: {}' | cat "$tmp/large.yaml" - >"$tmp/wrong.yaml"
[ "$(wc -l <"$tmp/large.yaml")" -eq 10000 ] && "$rootc" check "$tmp/large.yaml" || status=1
measure large "$rootc" check "$tmp/large.yaml"
measure wrong "$rootc" check "$tmp/wrong.yaml"
within large "rootc check, $(wc -l <"$tmp/large.yaml") lines" || status=1
within wrong 'the same with a mistake' || status=1
exit "$status"

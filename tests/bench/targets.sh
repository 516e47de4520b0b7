#!/usr/bin/env bash
# How much faster 200 targets of one base are in one process with -j2 than in 200 processes one after another: at least 1.7 times, on
# two processors, with the same images. Before each run as much memory as the images take is written once and given back: what nobody
# had before comes from the host of a virtual machine, at a price that has nothing to do with the builds. usage: targets.sh ROOTC PAYLOAD
set -eu
unset CDPATH
rootc=$(realpath "$1") payload=$(realpath "$2")
export LC_ALL=C
RUNS=${RUNS:-5}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

"$payload" make 2000 20 16 tree
images_mib=2900 # of all 200
mkdir boards
cat >boards/base.yaml <<'Y'
rootc: 1
inputs: {tree: {directory: ../tree}}
disk: {size: 24MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
files: {/data/**: {source: /}}
Y
for n in $(seq 200); do printf 'extends: base.yaml\nname: t%d\nfiles: {/etc/hostname: {content: "t%d\\n"}}\n' "$n" "$n" >"boards/t$n.yaml"; done

# warmed DIRECTORY: makes it, empty, while nothing of an earlier run is left
warmed() {
	rm -rf one many
	mkdir "$1"
	"$payload" write $((images_mib << 20)) "$1/memory"
	rm "$1/memory"
}

# ms_of COMMAND: its wall time in ms
ms_of() {
	local start
	start=$(date +%s%N)
	"$1"
	echo $((($(date +%s%N) - start) / 1000000))
}

one_by_one() { (cd one && for m in ../boards/t*.yaml; do "$rootc" build "$m" >/dev/null; done); }
together() { (cd many && "$rootc" build ../boards -j2 >/dev/null); }

for ((i = 0; i < RUNS; i++)); do
	warmed one
	ms_of one_by_one >>one.ms
	(cd one && sha256sum -- *.img) >one.sums
	warmed many
	ms_of together >>many.ms
	(cd many && sha256sum -- *.img) >many.sums
	cmp one.sums many.sums
done

median() { sort -n "$1" | sed -n "$(((RUNS + 1) / 2))p"; }
one=$(median one.ms) many=$(median many.ms)
awk -v one="$one" -v many="$many" 'BEGIN { printf "200 targets of one base: one after another %d ms, one process with -j2 %d ms, %.2f times as fast\n", one, many, one / many
	exit one / many < 1.7 }' || { echo 'less than 1.7 times'; exit 1; }

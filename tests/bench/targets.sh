#!/usr/bin/env bash
# How much faster 200 targets of one base are in one process with -j2 than in 200 processes one after another: at least 1.7 times, on
# two processors, with the same images. usage: targets.sh ROOTC PAYLOAD
set -eu
unset CDPATH
rootc=$(realpath "$1") payload=$(realpath "$2")
export LC_ALL=C
RUNS=${RUNS:-5}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

"$payload" make 2000 20 16 tree
mkdir boards one many
cat >boards/base.yaml <<'Y'
rootc: 1
inputs: {tree: {directory: ../tree}}
disk: {size: 24MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
files: {/data/**: {source: /}}
Y
for n in $(seq 200); do printf 'extends: base.yaml\nname: t%d\nfiles: {/etc/hostname: {content: "t%d\\n"}}\n' "$n" "$n" >"boards/t$n.yaml"; done

# median COMMAND...: of its wall time in ms, of RUNS runs in turn, in an empty directory each
one_by_one() { (cd one && for m in ../boards/t*.yaml; do "$rootc" build "$m" >/dev/null; done); }
together() { (cd many && "$rootc" build ../boards -j2 >/dev/null); }
ms_of() {
	local start
	start=$(date +%s%N)
	"$1"
	echo $((($(date +%s%N) - start) / 1000000))
}
for ((i = 0; i < RUNS; i++)); do
	rm -rf one many && mkdir one many
	ms_of one_by_one >>one.ms
	ms_of together >>many.ms
done
cmp <(cd one && sha256sum -- *.img) <(cd many && sha256sum -- *.img)
median() { sort -n "$1" | sed -n "$(((RUNS + 1) / 2))p"; }
one=$(median one.ms) many=$(median many.ms)
awk -v one="$one" -v many="$many" 'BEGIN { printf "200 targets of one base: one after another %d ms, one process with -j2 %d ms, %.2f times as fast\n", one, many, one / many
	exit one / many < 1.7 }' || { echo 'less than 1.7 times'; exit 1; }

#!/bin/sh
# The writer beside its floor and mke2fs, in one run. usage: writer.sh MKEXT PAYLOAD
#
# Payloads of a generator (tests/tools/payload.c), read from TMPDIR and written to a tmpfs; each tool in turn, RUNS times after one
# warm-up, medians. The floor is one thread that reads every file into a buffer of 1 MiB and writes it out.
set -eu
mkext=$(realpath "$1") payload=$(realpath "$2")
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
RUNS=${RUNS:-5}
tmp=$(mktemp -d)
fast=$(mktemp -d -p "${FAST:-/dev/shm}")
trap 'rm -rf "$tmp" "$fast"' EXIT

# measure NAME COMMAND...: a run's wall time in ms, its CPU time and its memory, onto $tmp/NAME
measure() {
	name=$1
	shift
	rm -f "$fast/out"
	start=$(date +%s%N)
	/usr/bin/time -o "$tmp/time" -f '%U %S %M' "$@" >/dev/null 2>"$tmp/stderr" || { cat "$tmp/stderr"; exit 1; }
	echo "$((($(date +%s%N) - start) / 1000)) $(tail -n 1 "$tmp/time")" >>"$tmp/$name"
}

# median NAME COLUMN
median() {
	awk -v column="$2" '{ print $column }' "$tmp/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# row NAME LABEL: wall, CPU, memory, and the wall time as a part of the floor's and mke2fs's
row() {
	[ -e "$tmp/$1" ] || return 0
	awk -v label="$2" -v us="$(median "$1" 1)" -v user="$(median "$1" 2)" -v kernel="$(median "$1" 3)" -v kib="$(median "$1" 4)" \
		-v floor="$(median floor 1)" -v peer="$([ -e "$tmp/mke2fs" ] && median mke2fs 1)" 'BEGIN {
		printf "  %-24s %9.1f ms %6.2f s CPU %7.1f MiB %6.2fx floor", label, us / 1000, user + kernel, kib / 1024, us / floor
		if (peer) printf " %7.2fx mke2fs", us / peer
		print "" }'
}

# bench LABEL TYPE BLOCK_SIZE MIB DIRECTORY [without mke2fs]
bench() {
	echo "$1: $2, blocks of $3 bytes, $4 MiB, $(find "$5" -type f | wc -l) files, $(du -sm --apparent-size "$5" | cut -f 1) MiB"
	rm -f "$tmp/floor" "$tmp/one" "$tmp/two" "$tmp/mke2fs"
	i=0
	while [ "$i" -le "$RUNS" ]; do
		[ "$i" -ne 1 ] || rm -f "$tmp/floor" "$tmp/one" "$tmp/two" "$tmp/mke2fs"
		measure floor "$payload" copy "$5" "$fast/out"
		measure one "$mkext" "$2" "$3" 1 "$4" "$5" "$fast/out"
		measure two "$mkext" "$2" "$3" 2 "$4" "$5" "$fast/out"
		[ -n "${6-}" ] || measure mke2fs mke2fs -q -F -t "$2" -b "$3" -N 120000 -d "$5" "$fast/out" "$4m"
		i=$((i + 1))
	done
	row floor 'read all, write all'
	row one 'rootc, one thread'
	row two 'rootc, two threads'
	row mke2fs 'mke2fs -d'
}

"$payload" make 25000 2500 8192 "$tmp/large"
"$payload" make 100000 100 4 "$tmp/small"
"$payload" make 20000 1 4 "$tmp/wide"
"$payload" make 5000 1 4 "$tmp/quarter"
mkdir "$tmp/sparse"
"$payload" sparse 8 "$tmp/sparse/disk"
bench large ext4 4096 1600 "$tmp/large"
bench large ext2 1024 1600 "$tmp/large"
bench small ext4 4096 800 "$tmp/small"
bench quarter ext4 4096 200 "$tmp/quarter"
bench wide ext4 4096 200 "$tmp/wide"
bench sparse ext4 4096 12288 "$tmp/sparse" 'the floor is slow enough'

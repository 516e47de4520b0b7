#!/usr/bin/env bash
# `rootc build` of a directory beside other makers of file systems and its own limits, in one run. usage: writer.sh ROOTC PAYLOAD
#
# Payloads of a generator (tests/tools/payload.c), in the page cache, from TMPDIR; each is the input of a manifest that copies it
# whole. Images go to a tmpfs, FAST. All tools in turn, RUNS times after one warm-up; those that take long (SLOW in the table) once
# and without a warm-up. Medians. The floor is one thread that reads every file into a buffer of 1 MiB and writes that out.
# Before each run a file of the payload's size is written and removed: on a virtual machine memory that nobody had for a while comes
# from the host, and that costs several times what a run does.
# BENCH: the sections to run, such as BENCH="large small".
set -eu
rootc=$(realpath "$1") payload=$(realpath "$2") here=$(realpath "$(dirname "$0")")
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
RUNS=${RUNS:-5}
"$here/../install.sh" e2fsprogs genext2fs genimage erofs-utils squashfs-tools
tmp=$(mktemp -d)
fast=$(mktemp -d -p "${FAST:-/dev/shm}")
trap 'rm -rf "$tmp" "$fast"' EXIT
out=$fast/out

# measure NAME COMMAND...: a run's wall time in us, its CPU times in s and its memory in KiB, onto $tmp/NAME
measure() {
	local name=$1
	shift
	rm -rf "$out" "$fast/genimage"
	"$payload" write "$used" "$out"
	rm "$out"
	"$payload" time "$@" 2>"$tmp/stderr" >>"$tmp/$name" || { cat "$tmp/stderr"; exit 1; }
}

# median NAME COLUMN
median() {
	awk -v column="$2" '{ print $column }' "$tmp/$1" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# row NAME LABEL: wall, CPU, memory, and the wall time as a part of the floor's and mke2fs's
row() {
	[ -e "$tmp/$1" ] || return 0
	awk -v label="$2" -v us="$(median "$1" 1)" -v user="$(median "$1" 2)" -v kernel="$(median "$1" 3)" -v kib="$(median "$1" 4)" \
		-v floor="$([ ! -e "$tmp/floor" ] || median floor 1)" -v peer="$([ ! -e "$tmp/mke2fs" ] || median mke2fs 1)" 'BEGIN {
		printf "  %-30s %9.1f ms %7.2f s CPU %7.1f MiB", label, us / 1000, user + kernel, kib / 1024
		if (floor) printf " %7.2fx floor", us / floor
		if (peer) printf " %8.3fx mke2fs", us / peer
		print "" }'
}

# manifest NAME TYPE BLOCK_SIZE MIB [FILES]: of an image that holds all of $tmp/NAME
manifest() {
	printf '%s\n' 'rootc: 1' "name: $1" "inputs: {tree: {directory: $tmp/$1}}" "disk: {size: $(($4 + 1))MiB}" \
		"partitions: {root: {size: rest, mount: /, filesystem: {type: $2, block_size: $(($3 / 1024))KiB}}}" \
		"files: {${5-/**: {\}}}" >"$tmp/$1.yaml"
}

# genimage_of TYPE MIB INODES DIRECTORY
genimage_of() {
	mkdir -p "$fast/genimage"
	printf 'image out { %s { use-mke2fs = true\nextraargs = "-N %s" }\nsize = %sM }\n' "$1" "$3" "$2" >"$fast/genimage/config"
	genimage --config "$fast/genimage/config" --rootpath "$4" --tmppath "$fast/genimage/tmp" --outputpath "$fast" \
		--inputpath "$fast/genimage"
}
export -f genimage_of
export fast

labels=(
	'floor:read all, write all' 'bare:pwrite of the same bytes' 'one:rootc build, one thread' 'two:rootc build, two threads'
	'digest:the same, and its SHA-256'
	'mke2fs:mke2fs -d' 'genimage:genimage (mke2fs)' 'genext2fs:genext2fs (ext2, 1 KiB)' 'erofs:mkfs.erofs' 'squashfs:mksquashfs' 'tar:tar -c'
)

# run TOOL NAME TYPE BLOCK_SIZE MIB
run() {
	local dir=$tmp/$2
	case $1 in
	floor) measure floor "$payload" copy "$dir" "$out" ;;
	bare) measure bare "$payload" write "$bytes" "$out" ;;
	one) measure one "$rootc" build --digest=never -j1 -o "$out" "$tmp/$2.yaml" ;;
	two) measure two "$rootc" build --digest=never -j2 -o "$out" "$tmp/$2.yaml" ;;
	digest) measure digest "$rootc" build --digest=always -j2 -o "$out" "$tmp/$2.yaml" ;;
	mke2fs) measure mke2fs mke2fs -q -F -t "$3" -b "$4" -N "$inodes" -d "$dir" "$out" "$5m" ;;
	genimage) measure genimage bash -c "genimage_of $3 $5 $inodes $dir" ;;
	genext2fs) measure genext2fs genext2fs -B 1024 -b "$(($5 * 1024))" -N "$inodes" -d "$dir" "$out" ;;
	erofs) measure erofs mkfs.erofs "$out" "$dir" ;;
	squashfs) measure squashfs mksquashfs "$dir" "$out" -noI -noD -noF -noX -no-progress ;;
	tar) measure tar tar -cf "$out" -C "$dir" . ;;
	esac
}

# bench NAME TYPE BLOCK_SIZE MIB TOOLS [SLOW_TOOLS]: of what the manifest says
bench() {
	local tool i label
	rm -f "$tmp"/{floor,bare,one,two,digest,mke2fs,genimage,genext2fs,erofs,squashfs,tar}
	[ -e "$tmp/$1.yaml" ] || manifest "$1" "$2" "$3" "$4"
	used=$(($(du -s "$tmp/$1" | cut -f 1) * 1024))
	inodes=$(($(find "$tmp/$1" | wc -l) * 11 / 10 + 100))
	bytes=$(find "$tmp/$1" -type f -printf '%s\n' | awk -v b="$3" '{ n += int(($1 + b - 1) / b) * b } END { printf "%.0f", n }')
	echo "$1: $2, blocks of $3 bytes, $4 MiB; $(find "$tmp/$1" -type f | wc -l) files, $((bytes >> 20)) MiB in blocks"
	for ((i = 0; i <= RUNS; i++)); do
		for tool in $5; do
			[ "$i" -ne 1 ] || rm -f "$tmp/$tool"
			run "$tool" "$1" "$2" "$3" "$4"
		done
	done
	for tool in ${6-}; do run "$tool" "$1" "$2" "$3" "$4"; done
	for label in "${labels[@]}"; do row "${label%%:*}" "${label#*:}"; done
}

# differences LABEL COMMAND...: how many blocks of the image differ that COMMAND makes of $tmp/rebuild once a file is changed
differences() {
	local label=$1 size differ=()
	shift
	"$payload" file 10240 "$changed"
	rm -f "$out"; "$@" >/dev/null 2>&1
	mv "$out" "$fast/before"
	for size in 10240 14336; do
		"$payload" file 1 "$changed"
		head -c "$size" /dev/urandom >"$changed"
		rm -f "$out"; "$@" >/dev/null 2>&1
		differ+=("$("$payload" compare "$fast/before" "$out")")
	done
	awk -v label="$label" -v same="${differ[0]}" -v grown="${differ[1]}" 'BEGIN {
		split(same, s); split(grown, g)
		printf "  %-30s %7d blocks %6.2f %%   a block larger: %7d blocks %6.2f %%\n", label, s[1], 100 * s[1] / s[2], g[1], 100 * g[1] / g[2] }'
}

# What a rebuild changes: one file of 10 KiB in an image of 256 MiB gets other bytes, then a block more.
rebuild() {
	"$payload" make 6000 300 512 "$tmp/rebuild"
	changed=$tmp/rebuild/d150/changed
	manifest rebuild ext4 4096 255
	echo "rebuild: other bytes in one file of 10 KiB; 256 MiB, $(find "$tmp/rebuild" -type f | wc -l) files, $(du -sm --apparent-size "$tmp/rebuild" | cut -f 1) MiB"
	differences 'rootc build' "$rootc" build -o "$out" "$tmp/rebuild.yaml"
	differences 'mke2fs -d, fixed UUID and time' env E2FSPROGS_FAKE_TIME=1000000 mke2fs -q -F -t ext4 -b 4096 -N 8000 \
		-U 11111111-2222-4333-8444-555555555555 -E hash_seed=11111111-2222-4333-8444-555555555555 -d "$tmp/rebuild" "$out" 256m
	differences 'genext2fs -f' genext2fs -f -B 4096 -b 65536 -N 8000 -d "$tmp/rebuild" "$out"
	rm -f "$fast/before"
}

# The time for each file must not grow with their number, beyond what the system itself takes longer for: the floor's.
linear() {
	local count
	echo 'linear: files of 0 to 1 KiB, two threads'
	for count in 1000 10000 100000 ${MILLION-1000000}; do
		"$payload" make "$count" $((count / 1000)) 1 "$tmp/linear"
		manifest linear ext4 4096 $((count / 200 + 100))
		used=$(($(du -s "$tmp/linear" | cut -f 1) * 1024))
		rm -f "$tmp/two" "$tmp/mke2fs" "$tmp/floor"
		run floor linear
		run two linear
		rm -f "$tmp/two" "$tmp/floor"
		for ((i = 0; i < RUNS && (i < 3 || count < 1000000); i++)); do run floor linear; run two linear; done
		awk -v n="$count" -v us="$(median two 1)" -v floor="$(median floor 1)" -v kib="$(median two 4)" \
			-v user="$(median two 2)" -v kernel="$(median two 3)" 'BEGIN {
			printf "  %8d files %10.1f ms %7.2f us a file %6.2fx floor %7.2f us CPU a file %8.1f MiB: 16 MiB and %4.0f bytes a file\n",
				n, us / 1000, us / n, us / floor, (user + kernel) * 1e6 / n, kib / 1024, (kib - 16384) * 1024 / n }'
		rm -rf "$tmp/linear"
	done
}

# What a build costs that has nothing to do, of 20,000 files in 200 directories; the median of what the runs take, and the most.
nothing() {
	"$payload" make 20000 200 4 "$tmp/nothing"
	manifest nothing ext4 4096 200
	rm -f "$out" "$tmp/none"
	"$rootc" build -o "$out" "$tmp/nothing.yaml" >/dev/null
	"$rootc" build -o "$out" "$tmp/nothing.yaml" | grep -q '^nothing to do' || { echo 'there is something to do'; exit 1; }
	for ((i = 0; i < 4 * RUNS; i++)); do
		"$payload" time "$rootc" build -o "$out" "$tmp/nothing.yaml" >>"$tmp/none"
	done
	awk '{ print $1 }' "$tmp/none" | sort -n | awk '{ v[NR] = $1 } END {
		printf "nothing to do: 20,000 files, %.1f ms; at most %.1f ms\n", v[int((NR + 1) / 2)] / 1000, v[NR] / 1000 }'
}

peers='genimage erofs squashfs tar'
for section in ${BENCH:-article large small wide sparse rebuild linear nothing}; do
	case $section in
	article)
		"$payload" article "$tmp/article"
		bench article ext2 1024 12 'floor bare one two digest mke2fs genext2fs genimage erofs squashfs tar'
		;;
	large)
		"$payload" make 25000 2500 8192 "$tmp/large"
		bench large ext4 4096 1600 "floor bare one two mke2fs $peers" genext2fs
		rm "$tmp/large.yaml"
		bench large ext2 1024 1600 'floor one two mke2fs'
		;;
	small)
		"$payload" make 100000 100 4 "$tmp/small"
		bench small ext4 4096 800 "floor bare one two mke2fs $peers" genext2fs
		;;
	wide)
		"$payload" make 5000 1 4 "$tmp/quarter"
		"$payload" make 20000 1 4 "$tmp/wide"
		bench quarter ext4 4096 200 'floor one two' mke2fs
		bench wide ext4 4096 200 'floor one two' mke2fs
		;;
	sparse)
		mkdir "$tmp/sparse"
		"$payload" sparse 8 "$tmp/sparse/disk"
		manifest sparse ext4 4096 12288 '/disk: {source: /disk, sparse: true}'
		bench sparse ext4 4096 12288 'one two mke2fs'
		;;
	rebuild | linear | nothing) $section ;;
	esac
	rm -rf "${tmp:?}/$section" "$tmp/quarter" "$tmp"/*.yaml
done

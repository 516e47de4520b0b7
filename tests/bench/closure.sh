#!/usr/bin/env bash
# How fast `rootc closure` is, and whether it stays so. usage: closure.sh ROOTC MKELF
#
# All of /usr/bin in one process beside libtree over the same files, in turn in the same run; then roots that are made, at a quarter
# of their size and whole: one program that needs 10,000 libraries, and a chain of 1,000 in which each needs the next. Four times the
# files must take about four times the time. Medians of RUNS runs after one warm-up, the files in the page cache.
set -eu
unset CDPATH
rootc=$(realpath "$1") mkelf=$(realpath "$2")
here=$(realpath "$(dirname "$0")")
export LC_ALL=C TIMEFORMAT='%R %U %S'
RUNS=${RUNS:-5}
"$here/../install.sh" libtree perl-base
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# once NAME COMMAND...: one run; its wall and CPU time in ms go to $tmp/NAME.runs. What it finds missing does not matter here.
once() {
	local name=$1 wall user system
	shift
	read -r wall user system < <({ time "$@" >/dev/null 2>&1 || true; } 2>&1)
	echo "${wall/./} $((10#${user/./} + 10#${system/./}))" >>"$tmp/$name.runs"
}

# medians NAME: of wall and CPU time, in ms.
medians() {
	local middle=$(((RUNS + 1) / 2)) runs=$tmp/$1.runs
	echo "$(cut -d ' ' -f 1 "$runs" | sort -n | sed -n "${middle}p") $(cut -d ' ' -f 2 "$runs" | sort -n | sed -n "${middle}p")"
}

# in_turn NAME=COMMAND_WORDS...: all commands, one after another, RUNS times. The words of a command stand in an array of its name.
in_turn() {
	local name
	for name; do
		rm -f "$tmp/$name.runs"
		declare -n words=$name
		"${words[@]}" >/dev/null 2>&1 || true
	done
	for ((i = 0; i < RUNS; i++)); do
		for name; do
			declare -n words=$name
			once "$name" "${words[@]}"
		done
	done
}

row() {
	local wall cpu base_wall base_cpu
	read -r wall cpu < <(medians "$1")
	read -r base_wall base_cpu < <(medians "$3")
	awk -v label="$2" -v w="$((10#$wall))" -v c="$cpu" -v bw="$((10#$base_wall))" -v bc="$base_cpu" \
		'BEGIN { printf "  %-44s wall %7.0f ms %5.2fx   CPU %7.0f ms %5.2fx\n", label, w, w / (bw ? bw : 1), c, c / (bc ? bc : 1) }'
}

whole_system() {
	mapfile -t files < <(find /usr/bin -xdev -type f -size +51c | sort |
		perl -ne 'chomp; open(F, "<", $_) or next; read(F, $m, 4); print "$_\n" if $m eq "\x7fELF"')
	echo "closure of /usr/bin: ${#files[@]} ELF files in one process"
	# shellcheck disable=SC2034  # by name, in in_turn
	ours=("$rootc" closure "${files[@]}") theirs=(libtree "${files[@]}") theirs_all=(libtree -vv "${files[@]}")
	in_turn ours theirs theirs_all
	row ours 'rootc closure' theirs
	row theirs 'libtree (nothing below libc, libm, ...)' theirs
	row theirs_all 'libtree -vv (all that is loaded)' theirs
}

new_root() {
	mkdir -p "$1/bin" "$1/lib" "$1/lib64"
	"$mkelf" --rodata '/lib/\0/usr/lib/' "$1/lib64/ld-linux-x86-64.so.2"
}

# star ROOT COUNT: /bin/program needs COUNT libraries, which need nothing.
star() {
	local needed
	new_root "$1"
	mapfile -t needed < <(seq -f '--needed lib%05.0f.so' "$2" | tr ' ' '\n')
	"$mkelf" --type exec --interp /lib64/ld-linux-x86-64.so.2 "${needed[@]}" "$1/bin/program"
	"$mkelf" "$1/library"
	(cd "$1/lib" && seq -f 'lib%05.0f.so' "$2" | xargs -n 500 sh -c 'tee "$@" <../library >/dev/null' sh)
}

# chain ROOT COUNT: /bin/program needs the first, and each library the next.
chain() {
	local i
	new_root "$1"
	"$mkelf" --type exec --interp /lib64/ld-linux-x86-64.so.2 --needed lib1.so "$1/bin/program"
	for ((i = 1; i < $2; i++)); do
		"$mkelf" --needed "lib$((i + 1)).so" "$1/lib/lib$i.so"
	done
	"$mkelf" "$1/lib/lib$2.so"
}

# linear SHAPE COUNT: the time that a file takes among COUNT, as a ratio to that among a quarter of COUNT.
linear() {
	local quarter_wall quarter_cpu whole_wall whole_cpu
	"$1" "$tmp/$1-quarter" $(($2 / 4))
	"$1" "$tmp/$1-whole" "$2"
	# shellcheck disable=SC2034  # by name, in in_turn
	quarter=("$rootc" closure --root "$tmp/$1-quarter" /bin/program) whole=("$rootc" closure --root "$tmp/$1-whole" /bin/program)
	found=$("${whole[@]}" | grep -c '=> /')
	[ "$found" -eq $(($2 + 1)) ] || { echo "$1: $found files found, not $(($2 + 1))"; exit 1; }
	in_turn quarter whole
	read -r quarter_wall quarter_cpu < <(medians quarter)
	read -r whole_wall whole_cpu < <(medians whole)
	awk -v label="$1 of $2" -v qw="$((10#$quarter_wall))" -v qc="$quarter_cpu" -v w="$((10#$whole_wall))" -v c="$whole_cpu" \
		'BEGIN { printf "  %-16s a quarter: wall %5d ms, CPU %5d ms   whole: wall %5d ms, CPU %5d ms   for 4 times the files: %5.2fx, %5.2fx\n",
			label, qw, qc, w, c, w / (qw ? qw : 1), c / (qc ? qc : 1) }'
}

whole_system
echo 'linearity of rootc closure'
linear star 10000
linear chain 1000

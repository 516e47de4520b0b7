#!/bin/sh
# Every file includes only what its layer may know, each library stays in its home, what makes an image depend on more than its
# manifest (law 1) stays in its home, no symbol takes a library's prefix, every header stands alone.
# usage: check-layers.sh [SOURCE TREE]
set -u
export LC_ALL=C
cd "${1:-$(dirname "$0")/..}" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
find compiler include -name '*.[ch]' | sort >"$tmp/files"

# "FILE OURS header" and "FILE SYSTEM header" for each include
while read -r file; do
	sed -n 's|^[ 	]*#[ 	]*include[ 	]*"\(.*\)".*|'"$file"' ours \1|p; s|^[ 	]*#[ 	]*include[ 	]*<\(.*\)>.*|'"$file"' system \1|p' "$file"
done <"$tmp/files" >"$tmp/includes"

# ours: a file may include a header when one row has both
awk '$2 == "ours" { print $1, $3 }' "$tmp/includes" | grep -v -E -x \
	-e 'compiler/support/diag\.[ch] rootc/diagnostics\.def' \
	-e 'compiler/support/progress\.h rootc/progress\.h' \
	-e 'include/rootc/rootc\.h rootc/progress\.h' \
	-e 'compiler/support/[^ ]* support/[^ ]*' \
	-e 'compiler/model/[^ ]* (model|support)/[^ ]*' \
	-e 'compiler/(read|check|fetch|resolve|plan|emit|load|compare|decompile|view)/[^ ]* (model|support)/[^ ]*' \
	-e 'compiler/(read|check|fetch|resolve|plan|emit|load|compare|decompile|view)/[^ ]* \1/[^ ]*' \
	-e 'compiler/(command/[^ ]*|main\.c) (command|view|support|rootc)/[^ ]*' \
	-e 'compiler/malloc\.c support/memory\.h' \
	-e 'compiler/(api|inputs|compile|build|images)\.c (pipeline|read/read|check/check|fetch/fetch|resolve/resolve|plan/plan|emit/emit|load/load|compare/compare|decompile/decompile)\.h' \
	-e 'compiler/(api|inputs|compile|build|images)\.c (support|model|rootc)/[^ ]*' \
	-e 'compiler/pipeline\.h (support|model|rootc)/[^ ]*' \
	>"$tmp/wrong" && { echo "layers: a file may not include this header:"; cat "$tmp/wrong"; }

# libraries: anything but the C library's and Linux's own headers has one home
libc='assert|ctype|dirent|elf|errno|fcntl|ftw|getopt|inttypes|limits|link|poll|pthread|sched|search|signal|spawn|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|termios|time|unistd'
awk '$2 == "system" { print $1, $3 }' "$tmp/includes" | grep -v -E -x \
	-e "[^ ]* ($libc)\.h" \
	-e '[^ ]* (sys|linux)/[a-z0-9_]*\.h' \
	-e 'compiler/command/builds\.c malloc\.h' \
	-e 'compiler/support/digest\.[ch] nettle/[^ ]*' \
	-e 'compiler/read/[^ ]* yaml\.h' \
	-e 'compiler/support/libarchive\.[ch] (archive|archive_entry|dlfcn)\.h' \
	-e 'compiler/resolve/elf\.c (libelf|gelf)\.h' \
	-e 'compiler/emit/table\.c libfdisk/libfdisk\.h' \
	-e 'compiler/(emit|load)/[^ ]* (ext2fs/[^ ]*|et/com_err\.h)' \
	>"$tmp/strange" && { echo "layers: a library is not at home here:"; cat "$tmp/strange"; }
awk '$3 == "archive.h" || $3 == "yaml.h" { print $3 }' "$tmp/includes" | sort | uniq -d |
	sed 's/.*/layers: <&> is included by more than one file/' | tee "$tmp/double"

# law 1, on the code without its comments and strings
while read -r file; do
	sed -E 's|"([^"\\]\|\\.)*"||g; s|/\*.*\*/||; /^[ 	]*(\*\|\/\*)/d; s|//.*||' "$file" |
		grep -n -o -E '(^|[^A-Za-z0-9_])(time|clock_gettime|gettimeofday|rand|random|getenv|secure_getenv|readdir|scandir|getdents64|gethostname|setlocale|system|popen) ?\(' |
		sed -E "s|^([0-9]+):[^A-Za-z]?|$file:\1: |"
done <"$tmp/files" | grep -v -E \
	-e '^compiler/main\.c:[0-9]*: getenv' \
	-e '^compiler/command/display\.c:[0-9]*: clock_gettime' \
	-e '^compiler/support/directory\.c:[0-9]*: getdents64' \
	>"$tmp/impure" && { echo "layers: this makes an image depend on more than its manifest:"; cat "$tmp/impure"; }

xargs grep -n -E '^([a-z][A-Za-z0-9_ ]*[ *])?(yaml|elf|gelf|fdisk|ext2|ext2fs|uuid|blkid|archive)_[a-z0-9_]*\(' <"$tmp/files" \
	>"$tmp/taken" && { echo "layers: a symbol has a library's prefix:"; cat "$tmp/taken"; }

grep '\.h$' "$tmp/files" | while read -r header; do
	echo "#include \"$header\"" | ${CC:-cc} -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. -Icompiler -Iinclude -fsyntax-only -x c - ||
		echo "layers: $header does not stand alone" | tee -a "$tmp/leaning"
done
[ -s "$tmp/includes" ] || echo "layers: there is nothing to check" | tee "$tmp/wrong"
cd "$tmp" && [ -z "$(cat wrong strange double impure taken leaning 2>/dev/null)" ]

#!/bin/sh
# The budget of a manifest: what counts as used, and from which image growth is counted. usage: budget.sh ROOTC
set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/w" && cd "$tmp/w" || exit 1
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $1"; sed 's/^/    /' "$tmp/out" "$tmp/err"; }

# manifest BUDGET KIB [TYPE]: board.yaml with a file of KIB kibibytes
manifest() {
	head -c "$2k" /dev/zero | tr '\0' x >payload
	cat >board.yaml <<Y
rootc: 1
name: board
disk: {size: 8MiB}
budget: $1
partitions:
  root: {size: 4MiB, mount: /, filesystem: {type: ${3-ext4}, block_size: 1KiB}}
  boot: {size: 1MiB, mount: /boot, filesystem: {type: ext2, block_size: 1KiB}}
files:
  /opt/payload: {source: payload}
Y
}

# gets NAME STATUS PATTERN COMMAND...: PATTERN is in a line of standard error; "": that is empty
gets() {
	name=$1 wanted=$2 pattern=$3
	shift 3
	"$rootc" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ "$status" -ne "$wanted" ]; then
		bad "$name: exit status $status, not $wanted"
	elif [ -n "$pattern" ] && ! grep -q -e "$pattern" "$tmp/err"; then
		bad "$name: no '$pattern' in standard error"
	elif [ -z "$pattern" ] && [ -s "$tmp/err" ]; then
		bad "$name: standard error is not empty"
	else
		ok
	fi
}

# --- used: what dumpe2fs counts
manifest '{}' 100
"$rootc" build board.yaml >/dev/null || exit 1
used=0
for offset in 1048576 5242880; do
	# shellcheck disable=SC2046 # two numbers
	set -- $(dumpe2fs -h "board.img?offset=$offset" 2>/dev/null | sed -n 's/^\(Block count\|Free blocks\): *//p')
	used=$((used + ($1 - $2) * 1024))
done
[ "$used" -gt 102400 ] || { echo "dumpe2fs says nothing of board.img"; failed=1; }
manifest "{used: ${used}B}" 100
gets 'all of the budget' 0 '' check board.yaml
manifest "{used: $((used - 512))B}" 100
gets 'a sector more than the budget' 3 '^board\.yaml:4:16: error: the file systems use .* \[budget-exceeded\]$' check board.yaml
gets 'the same for plan' 3 'budget-exceeded' plan board.yaml
rm board.img
gets 'the same for build' 3 '^board\.yaml:9:3: note: largest: /opt/payload, 100 KiB$' build board.yaml
[ ! -e board.img ] || bad 'an image over its budget was written'

# --- growth
manifest '{growth: 5%}' 100
gets 'growth from nothing' 0 '^board\.yaml:4:18: warning: growth is not checked: there is no older image at .board\.img. \[budget-unchecked\]$' build board.yaml
gets 'no growth' 0 '' build board.yaml
gets 'growth is not for check' 0 '' check board.yaml
"$rootc" build board.yaml -o first.img >/dev/null 2>&1
sha256sum first.img | sed 's/first/board/' >images.sums
manifest "{growth: $((5 * 1024))B}" 105
gets 'all that may be more' 0 '' build board.yaml --base first.img -o other.img
manifest "{growth: $((5 * 1024))B}" 106
gets 'a block more than that' 3 "^board\.yaml:4:18: error: the file systems use .*, which is 6 KiB more than in 'first\.img' \[budget-growth\]$" \
	build board.yaml --base first.img -o other.img
gets 'the output is what grows' 3 "more than in 'board\.img' \[budget-growth\]$" build board.yaml
cmp -s board.img first.img || bad 'an image that grew too much was written'
manifest '{growth: 0%}' 99
gets 'what shrinks does not grow' 0 '' build board.yaml --base first.img -o other.img
manifest '{growth: 0%}' 101
gets 'no growth is allowed' 3 'budget-growth' build board.yaml
manifest "{growth: $((5 * 1024))B}" 106
"$rootc" build board.yaml --base first.img -o grown.img >/dev/null 2>&1 && bad 'it grew'
sed '/^budget/d' board.yaml >free.yaml
"$rootc" build free.yaml -o grown.img >/dev/null || exit 1
gets 'the golden image counts, not the base' 3 "more than in 'board\.img' \[budget-growth\]$" \
	build board.yaml --base grown.img --golden images.sums
cp grown.img board.img
gets 'the golden image is not at hand' 1 'warning: growth is not checked: there is no golden image at' build board.yaml --golden images.sums
head -c 8M /dev/zero >board.img
gets 'an older image without partitions' 0 "warning: growth is not checked: 'board\.img' has a file system that cannot be read back" build board.yaml
mkdir directory
gets 'the base is a directory' 4 'file-unreadable' build board.yaml --base directory -o other.img

# --- growth of a vfat: by clusters, as the FAT has them, read back from the image before
for kind in '12 4' '16 8' '32 40'; do
	grow() { # BUDGET BYTES
		head -c "$2" /dev/zero | tr '\0' x >payload
		cat >fat.yaml <<Y
rootc: 1
name: fat
disk: {size: $((${kind#* } + 2))MiB}
budget: $1
partitions:
  boot: {size: ${kind#* }MiB, mount: /, filesystem: {type: vfat, fat: ${kind% *}}}
files:
  /payload: {source: payload}
Y
	}
	rm -f fat.img
	grow '{}' 65536
	"$rootc" build fat.yaml >/dev/null || exit 1
	cluster=$("$rootc" inspect --map fat.img | sed -n 's/^vfat .* cluster_size \([0-9]*\) .*/\1/p')
	grow "{growth: ${cluster}B}" $((65536 + cluster))
	gets "a cluster more of FAT${kind% *}" 0 '' build fat.yaml --base fat.img -o other.img
	grow "{growth: ${cluster}B}" $((65536 + cluster + 1))
	gets "two clusters more of FAT${kind% *}" 3 "more than in 'fat\.img' \[budget-growth\]$" build fat.yaml --base fat.img -o other.img
done

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/bin/sh
# What `rootc diff` says: of base.yaml's image and another one, which is told by cases/X.*:
#   .sed    changes base.yaml by one fact, and is built      .bytes  lines "OFFSET TEXT": TEXT is written there
#   .first  changes base.yaml for both images, before .sed does for the other one
#   .diff   all that the command prints, after a line with its arguments and before one with its exit status
# Then programs and texts. usage: run.sh [--update] ROOTC; --update rewrites what is expected
set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
update=
if [ "${1-}" = --update ]; then update=yes; shift; fi
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; sed 's/^/    /; 40q' "$3"; }

# make CASE: a.img and b.img
make() {
	if [ -e "$here/cases/$1.first" ]; then sed -f "$here/cases/$1.first" "$here/base.yaml"; else cat "$here/base.yaml"; fi >base.yaml
	"$rootc" build base.yaml -o a.img >/dev/null || return 1
	if [ -e "$here/cases/$1.bytes" ]; then
		cp a.img b.img
		while read -r offset text; do
			printf %s "$text" | dd of=b.img bs=1 seek="$offset" conv=notrunc 2>/dev/null
		done <"$here/cases/$1.bytes"
		return
	fi
	sed -f "$here/cases/$1.sed" base.yaml >b.yaml
	if cmp -s base.yaml b.yaml && [ -s "$here/cases/$1.sed" ]; then
		echo "cases/$1.sed changes nothing"
		return 1
	fi
	"$rootc" build b.yaml -o b.img >/dev/null
}

cd "$tmp" && cp "$here/blob" . || exit 1
for expected in "$here"/cases/*.diff; do
	name=${expected##*/} name=${name%.diff}
	make "$name" >out 2>&1 || { fail "$name" 'has no image' out; continue; }
	arguments=$(head -n 1 "$expected")
	[ -n "$arguments" ] || arguments='diff a.img b.img'
	{
		echo "$arguments"
		# shellcheck disable=SC2086 # the arguments are words
		"$rootc" $arguments 2>&1
		echo "exit status $?"
	} >out
	if [ -n "$update" ]; then
		cp out "$expected"
	fi
	if diff -u "$expected" out >lines; then pass; else fail "$name" 'is told in another way' lines; fi
done

# Of 12 texts, what is said of their lines turns the one into the other by patch(1).
{
	echo 'rootc: 1'
	echo 'name: texts'
	echo 'disk: {size: 4MiB}'
	echo 'partitions: {root: {size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}'
	echo 'files:'
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "  /t$i: {source: now/t$i}"; done
} >texts.yaml
mkdir before after
awk 'BEGIN {
	srand(7)
	for (i = 1; i <= 12; i++) {
		old = "before/t" i; new = "after/t" i
		printf "" >old; printf "" >new
		for (n = 0; n < 15 * i; n++) {
			line = "line " int(rand() * 9)
			what = rand() * 20
			if (what > 1) print line >old
			if (what < 1 || what > 2) print line >new
		}
		print "end " i >new
	}
}'
cp -r before now && "$rootc" build texts.yaml -o a.img >/dev/null && rm -r now && cp -r after now && "$rootc" build texts.yaml -o b.img >/dev/null
"$rootc" diff a.img b.img >said
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	awk -v head="  partition 1 /t$i: content:" 'index($0, head) == 1 { on = 1; next } !/^    / { on = 0 } on { print substr($0, 5) }' said >lines
	if [ -s lines ] && patch -s -o patched "before/t$i" lines && cmp -s patched "after/t$i"; then pass; else fail "text $i" 'is not what its lines make of it' lines; fi
done
# Programs are told by what they need and are, as readelf tells it: two of this system, one in the place of the other.
mkdir programs
for i in a b; do
	if [ $i = a ]; then cp /bin/mount programs/program; else cp /bin/cat programs/program; fi
	mke2fs -q -F -t ext2 -b 1024 -d programs $i.img 8M >out 2>&1 || fail programs 'have no image' out
	{
		readelf -d programs/program | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/needed \1/p'
		readelf -n programs/program | sed -n 's/.*Build ID: /build id /p'
		n=0
		readelf -lW programs/program | awk '$1 == "LOAD" { print $5 }' | while read -r size; do
			n=$((n + 1))
			echo "segment $n: $((size)) bytes"
		done
	} >$i.facts
done
"$rootc" diff a.img b.img >said
{ diff -U 100 a.facts b.facts | sed -n '/^[-+][^-+]/p'; } | sort >expected
sed -n 's/^    \([-+][^-+]\)/\1/p' said | sort >lines
if [ "$(wc -l <expected)" -gt 4 ] && diff -u expected lines >differ; then pass; else fail programs 'are told in another way' differ; fi

# What made it differ: words of the manifests, and the input that a file comes from.
mkdir -p one/etc two/etc
echo one >one/etc/conf && echo two >two/etc/conf && echo same >one/etc/same && cp one/etc/same two/etc
manifest() { # NAME INPUT DIRECTORY LABEL MODE
	cat >"$1.yaml" <<Y
rootc: 1
name: causes
inputs: {$2: {directory: $3}}
disk: {size: 4MiB}
partitions:
  root: {start: 1s, size: 1MiB, mount: /, filesystem: {type: ext2, block_size: 1KiB, label: $4}}
  data: {size: 1MiB, mount: /data, filesystem: {type: vfat}}
files:
  /etc/conf: {source: /etc/conf}
  /data/note: {source: /etc/same, mode: $5}
Y
	"$rootc" build "$1.yaml" -o "$1.img" >/dev/null
}
manifest a old one first 0755 && manifest b new two second 0555
"$rootc" diff --manifest --ignore layout a.img b.img a.yaml b.yaml >lines
cat >expected <<'E'
contents differ
  partition 1: label: first -> second
    cause: a.yaml:6:93: first -> b.yaml:6:93: second
  partition 1 /etc/conf: content: 4 bytes -> 4 bytes, the first that differs is byte 0
    cause: a.yaml:9:23: /etc/conf, from old -> b.yaml:9:23: /etc/conf, from new
    @@ -1,1 +1,1 @@
    -one
    +two
  partition 2 /note: mode: 0755 -> 0555
    cause: a.yaml:10:41: 0755, from old -> b.yaml:10:41: 0555, from new
E
if diff -u expected lines >differ; then pass; else fail causes 'are told in another way' differ; fi
for form in markdown html; do
	if [ "$("$rootc" diff "--$form" --manifest --ignore layout a.img b.img a.yaml b.yaml | grep -c 'cause: a\.yaml:')" = 3 ]; then pass; else fail causes "are not in $form" lines; fi
done
sed 's|^inputs: .*|inputs: {old: {directory: one}, single: {file: two/etc/conf, path: /etc/conf}}|' a.yaml >c.yaml
"$rootc" build c.yaml -o c.img >/dev/null && "$rootc" diff --manifest --ignore layout a.img c.img a.yaml c.yaml >lines
if grep -q '^    cause: a.yaml:9:23: /etc/conf, from old -> c.yaml:9:23: /etc/conf, from single$' lines; then pass; else fail causes 'do not name a single file' lines; fi
"$rootc" diff --manifest a.img b.img a.yaml missing.yaml >lines 2>&1
status=$?
if [ $status = 4 ] && grep -q 'missing.yaml: error' lines; then pass; else fail causes "of no manifest give $status" lines; fi
"$rootc" diff --manifest a.img b.img >lines 2>&1
status=$?
if [ $status = 2 ] && grep -q '^usage: ' lines; then pass; else fail causes "without manifests give $status" lines; fi

# The rows of what differs, and what is left out of them, add up.
awk 'function ends() { if (sum != total) print name ": " sum " bytes of " total }
	FNR == 1 { ends(); name = FILENAME; sum = total = 0 }
	/^bytes that differ/ { total = $4 }
	/^  [0-9]+ from/ { sum += $1 }
	/^  and [0-9]+ more/ { sum += $2 }
	END { ends() }' "$here"/cases/*.diff >lines
if [ -s lines ]; then fail rows 'do not add up' lines; else pass; fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

#!/bin/sh
# What is found wrong, as CI services read it: SARIF and GitLab's report by formats.py over the bad golden cases, GitHub's commands
# and the summary of a job here. usage: formats.sh ROOTC
set -u
export LC_ALL=C
rootc=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/w" "$tmp/reports" && cd "$tmp/w" || exit 1
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $1"; sed 's/^/    /;20q' "$tmp/err"; }
is() { if [ "$2" = "$3" ]; then ok; else bad "$1: '$2', not '$3'"; fi; }

# report NAME MANIFEST: all forms of what check says
report() {
	for format in short sarif gitlab; do
		"$rootc" check --message-format=$format "$2" 2>"$tmp/reports/$1.$format"
	done
}

for file in "$here"/../golden/bad/[d-p]*.yaml; do
	[ ! -e "${file%.yaml}.args" ] || continue
	name=${file##*/}
	# More than 20 are told to programs, but not to people.
	! grep -q '^[0-9]* more ' "${file%.yaml}.diag" || continue
	cp "$file" "$name"
	report "${name%.yaml}" "$name"
done
cat >good.yaml <<'Y'
rootc: 1
name: good
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files:
  /etc/motd: {content: "hello\n"}
Y
report good good.yaml
sed 's/1MiB/1MB/' good.yaml >'a:b, c%.yaml'
report odd-name 'a:b, c%.yaml'
report dotted './/./a:b, c%.yaml'
printf 'rootc: 1\nname: good\ninputs: {debian: {packages: [x]}}\n' >packages.yaml
sed 1,2d good.yaml >>packages.yaml
report without-inputs packages.yaml
/usr/bin/python3 "$here/formats.py" "$tmp/reports" >"$tmp/out" || { failed=$((failed + 1)); grep FAIL "$tmp/out"; }
counted=$(sed -n 's/^\([0-9]*\) passed.*/\1/p' "$tmp/out")
passed=$((passed + ${counted:-0}))

# A fingerprint stays when the lines move, and another mistake has another one.
prints() { "$rootc" check --message-format=gitlab "$1" 2>&1 | sed -n 's/.*"fingerprint": "\(.*\)".*/\1/p'; }
cp 'a:b, c%.yaml' moved.yaml
first=$(prints moved.yaml)
sed -i '1i # a line more' moved.yaml
is 'a fingerprint, moved' "$(prints moved.yaml)" "$first"
sed -i 's/1MB/2MB/' moved.yaml
if [ "$(prints moved.yaml)" != "$first" ] && [ "${#first}" -eq 64 ]; then ok; else bad 'a fingerprint of another mistake'; fi

# --- GitHub
github() { "$rootc" "$@" --message-format=github >"$tmp/out" 2>"$tmp/err"; }
github check 'a:b, c%.yaml'
is 'a command of GitHub' "$(sed 's/::.1MB.*/::/' "$tmp/err")" '::error file=a%3Ab%2C c%25.yaml,line=3,col=14,endColumn=17,title=size-malformed::'
is 'its message' "$(sed 's/%0A.*//; s/^.*title=[a-z-]*:://' "$tmp/err")" "'1MB' is not a size or 'min': unknown unit 'MB'"
github check good.yaml
is 'nothing for GitHub' "$(cat "$tmp/err")" ''
# A file whose name would be a command, in a list that is longer than what is shown.
{
	cat good.yaml
	i=0
	while [ $i -lt 14 ]; do echo "  /f$i: {mode: 9}"; i=$((i + 1)); done
} >'::set-output name=x::y.yaml'
github check '::set-output name=x::y.yaml'
is 'commands at most' "$(grep -c '^::' "$tmp/err")" 10
is 'errors in all' "$(grep -c '^::error file=\|^- ' "$tmp/err")" 28
is 'the last command' "$(sed -n 10p "$tmp/err")" '::error title=rootc::19 more, in the log'
is 'lines that are no errors' "$(grep -c -v '^::error \|^- ' "$tmp/err")" 0
{
	cat good.yaml
	i=0
	while [ $i -lt 10 ]; do echo "  /f$i: {content: x, mode: 9}"; i=$((i + 1)); done
} >ten.yaml
github check ten.yaml
is 'ten errors are shown' "$(grep -c '^::error file=' "$tmp/err")" 10
is 'and nothing else' "$(grep -c '' "$tmp/err")" 10
printf 'name: a\rb\n' >cr.yaml
github check cr.yaml
is 'one line for a mistake' "$(grep -c '' "$tmp/err")" "$(grep -c '^::' "$tmp/err")"
printf 'x' >"$(printf 'line\nfeed.yaml')"
github check "$(printf 'line\nfeed.yaml')"
is 'a line feed in a name' "$(grep -c '^::error file=line%0Afeed.yaml,' "$tmp/err")" "$(grep -c '' "$tmp/err")"
"$rootc" build good.yaml >/dev/null
printf '%064d  good.img\n' 0 >images.sums
github build good.yaml --golden images.sums
is 'a mismatch' "$(sed 's/::.good.*//' "$tmp/err")" '::error file=images.sums,line=1,col=1,endColumn=65,title=golden-mismatch'

# --- the summary
sha256sum good.img >images.sums
"$rootc" build good.yaml --golden images.sums --summary summary.md >"$tmp/out" || bad 'no build with a summary'
is 'a summary' "$(cat summary.md)" "### rootc: good.yaml: built

\`\`\`text
$(cat "$tmp/out")
\`\`\`"
sed 's/hello/hell```o/' good.yaml >ticks.yaml
cp summary.md before.md
"$rootc" build ticks.yaml -o good.img --golden images.sums --summary summary.md >"$tmp/out" 2>"$tmp/err"
is 'the summary of a mismatch comes behind' "$(head -c "$(wc -c <before.md)" summary.md)" "$(cat before.md)"
is 'its messages and its difference' "$(grep -c -e '^images.sums:1:1: error: ' -e '^contents differ$' summary.md)" 2
printf 'rootc: 1\nname: "a````b"\n' >ticks.yaml
"$rootc" build ticks.yaml --summary ticks.md 2>/dev/null
is 'a fence that its text cannot end' "$(grep -c '^`````' ticks.md)" 2
head -c 1048000 /dev/zero | tr '\0' x >full.md
"$rootc" build ten.yaml --summary full.md 2>/dev/null
if [ "$(wc -c <full.md)" -lt 1048576 ] && grep -q 'more lines$' full.md; then ok; else bad "a full summary: $(wc -c <full.md)"; fi
head -c 1048576 /dev/zero >full.md
"$rootc" build good.yaml --summary full.md >/dev/null || bad 'a summary that is full'
is 'a full one stays' "$(wc -c <full.md)" 1048576
"$rootc" build good.yaml --summary . >/dev/null 2>"$tmp/err"
is 'a summary that is a directory' "$? $(cat "$tmp/err")" "5 rootc: error: cannot write the summary '.': Is a directory"

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

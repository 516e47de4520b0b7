#!/bin/sh
# The pages of `rootc manual`: mandoc has nothing to say of them, and they hold all that the tables hold. usage: manual.sh ROOTC
set -u
rootc=$(realpath "$1")
export LC_ALL=C
here=$(realpath "$(dirname "$0")")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
passed=0 failed=0 skipped=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; [ ! -s "${2-}" ] || sed 's/^/    /; 10q' "$2"; }

"$rootc" manual >pages
while read -r page; do "$rootc" manual "${page%.*}" >"$page" || bad "$page"; done <pages

# lint PAGE: pages that it refers to are looked for in the system alone: those of ours are known here
lint() {
	mandoc -Tlint "$1" | grep -v 'STYLE: referenced manual not found: Xr rootc' >lint
	sed -n 's/^\.Xr \([^ ]*\) \([0-9]\).*/\1.\2/p' "$1" | grep -v -x -F -f pages >>lint
	if [ ! -s lint ]; then ok; else bad "$1" lint; fi
}
if command -v mandoc >/dev/null; then
	while read -r page; do lint "$page"; done <pages
	# examples stay as they are, and a backslash in them
	mandoc -Tascii rootc-errors.7 | col -bx >text
	if grep -q '^ *disk: {size: 8MiB      # wrong: the bracket' text && grep -q '"\\u2028"' text; then ok; else bad 'examples'; fi
else
	skipped=$((skipped + 1))
	echo 'skipped: what mandoc says of the pages, which is not installed'
fi

# all NAME FILE PAGE: each line of FILE begins an item of PAGE
all() {
	sed -n 's/^\.It \(Cm\|Sy\|Ic\|Fl [^ ]* , Fl\|Fl\) -*\([^ ]*\).*/\2/p' "$3" | sort -u >items
	sort -u "$2" >wanted
	comm -23 wanted items >missing
	if [ -s wanted ] && [ ! -s missing ]; then ok; else bad "$1: not in $3:" missing; fi
}
"$rootc" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' >commands
all commands commands rootc.1
while read -r command; do
	"$rootc" "$command" --help | sed -n 's/^  \(-[^ ]*, \|    \)--\([a-z-]*\).*/\2/p' >options
	all "options of $command" options "rootc-$command.1"
done <commands
"$rootc" explain | cut -d ' ' -f 1 >names
all diagnostics names rootc-errors.7
# the keys of the schema, whatever their path
grep -B 1 '"description"' "$here/../schema/rootc.schema.json" | sed -n 's/^ *"\([a-z_]*\)": {$/\1/p' | sort -u >keys
sed -n 's/^\.It Ic \(.*\.\)*\([a-z_]*\)$/\2/p' rootc-manifest.5 | sort -u >told
comm -23 keys told >missing
if [ "$(wc -l <keys)" -gt 50 ] && [ ! -s missing ]; then ok; else bad 'keys' missing; fi

"$rootc" manual rootc-biuld 2>err
if [ $? -eq 2 ] && grep -q "no page 'rootc-biuld'; did you mean 'rootc-build'" err; then ok; else bad 'a page that is not there' err; fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

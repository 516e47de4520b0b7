#!/bin/sh
# docs/boot-checks.md: each diagnostic in its table is in the catalogue, each manifest in tests/golden/bad, and this one provokes that
# one; and what is said to be seen in QEMU is looked for by that test. usage: check-boot-checks.sh
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# DIAGNOSTIC MANIFEST TEST, from the back of each row: a symptom may have a bar or a quote in it
# shellcheck disable=SC2016 # the quotes are Markdown's
sed -n 's/^|.* | `\([a-z0-9-]*\)` | `\([a-z0-9-]*\)` | \([a-z0-9]*\) *|$/\1 \2 \3/p' docs/boot-checks.md >"$tmp/rows"
[ "$(grep -c '^|' docs/boot-checks.md)" -eq $(($(grep -c '' "$tmp/rows") + 2)) ] || echo 'boot-checks: a row has not the form of the others' >"$tmp/wrong"
while read -r name manifest test; do
	grep -q "^DIAG([A-Z0-9_]*, [a-z]*, [a-z]*, \"$name\"," include/rootc/diagnostics.def || echo "boot-checks: there is no diagnostic '$name'"
	[ -e "tests/golden/bad/$manifest.yaml" ] || echo "boot-checks: there is no tests/golden/bad/$manifest.yaml"
	grep -q -s "^bad/.*: \(error\|warning\): .*\[$name\]\$" "tests/golden/bad/$manifest.diag" || echo "boot-checks: '$manifest' does not provoke '$name'"
	[ -z "$test" ] || grep -q -e "$name" "tests/boot/$test.sh" || echo "boot-checks: tests/boot/$test.sh knows nothing of '$name'"
done <"$tmp/rows" >>"$tmp/wrong"
cat "$tmp/wrong"
[ -s "$tmp/rows" ] && [ ! -s "$tmp/wrong" ]

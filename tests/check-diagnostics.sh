#!/bin/sh
# Every diagnostic in the catalogue is given somewhere in the compiler and provoked by a test: a message in a golden .diag (or the
# like below tests/) ends in its [name], or a unit test expects its DIAG_ID.
# usage: check-diagnostics.sh [SOURCE TREE]
set -u
export LC_ALL=C
cd "${1:-$(dirname "$0")/..}" || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

sed -n 's/^DIAG(\([A-Z0-9_]*\), [a-z]*, [a-z]*, "\([a-z0-9-]*\)",.*/\1 \2/p' include/rootc/diagnostics.def >"$tmp/catalogue"
find tests -type f ! -name '*.c' -exec grep -h -o '\[[a-z0-9-]*\\*\]' {} + | tr -c -d 'a-z0-9\n-' | sort -u >"$tmp/names"
# the tests of how diagnostics are recorded and shown name kinds that they do not provoke
find tests/unit -name '*.c' ! -name test_diag.c ! -name test_view.c -exec grep -h -o 'DIAG_[A-Z0-9_]*' {} + | sort -u >"$tmp/ids"
grep -r -h -o 'DIAG_[A-Z0-9_]*' compiler --include='*.c' | sort -u >"$tmp/given"

while read -r id name; do
	grep -q -x "DIAG_$id" "$tmp/given" || echo "diagnostics: nothing gives '$name'"
	grep -q -x "DIAG_$id" "$tmp/ids" || grep -q -x -e "$name" "$tmp/names" || echo "diagnostics: no test provokes '$name'"
done <"$tmp/catalogue" | tee "$tmp/wrong"
[ "$(grep -c '^DIAG(' include/rootc/diagnostics.def)" -eq "$(wc -l <"$tmp/catalogue")" ] ||
	echo "diagnostics: a line of the catalogue has not the form DIAG(ID, severity, class, \"name\"," | tee -a "$tmp/wrong"
[ -s "$tmp/catalogue" ] && [ ! -s "$tmp/wrong" ]

#!/bin/sh
# Every golden image, by rootc as each row of compilers.txt makes it: one hash, whatever the compiler makes of the code.
# usage: compilers.sh [ROW]...
set -u
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/identity/cases.sh
. "$here/cases.sh"

wanted() {
	for pattern; do [ "$pattern" = "$row" ] && return 0; done
	[ $# -eq 0 ]
}

make_cases
grep -v '^#' "$here/compilers.txt" >"$tmp/rows"
while IFS='	' read -r row compiler variable; do
	wanted "$@" || continue
	command -v "${compiler%% *}" >/dev/null || { skip "$row" "no ${compiler%% *}"; continue; }
	if build_rootc "compilers/$row" CC="$compiler" OPTIMISE_release=-g0 ${variable:+"$variable"}; then
		compare_cases "$row" "$compiler" "$identity/compilers/$row/rootc"
	else
		fail "$row" 'does not compile' "$tmp/make.log"
	fi
done <"$tmp/rows"
finish

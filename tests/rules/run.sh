#!/bin/sh
# Takes out the code of each rule in rules.txt, one after the other, and expects a unit test to fail: what no test notices is not
# proved. usage: run.sh [RULE]...    In a copy of the sources below build/rules.
set -u
unset CDPATH
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
copy=$top/build/rules
passed=0 failed=0 skipped=0 file=

fail() { failed=$((failed + 1)); echo "FAIL $1"; }

# The tests that look at rules, against the sources as they stand in the copy; 2: they cannot be built.
try() {
	make -s -C "$copy" CFLAGS=-w build/release/unit >"$copy/make.log" 2>&1 || return 2
	# a rule that keeps a loop from being endless may be the one that is gone
	prlimit --as=4000000000 timeout 30 "$copy/build/release/unit" test_loader.c test_musl.c test_glibc.c test_closure.c test_elf.c test_walk.c test_cache.c \
		>"$copy/unit.log" 2>&1 || return 1
	case $file in
	resolve/glibc.c) "$copy/tests/check-layers.sh" >"$copy/layers.log" 2>&1 || return 1 ;;
	esac
}

wanted() {
	for pattern; do [ "$pattern" = "$rule" ] && return 0; done
	[ $# -eq 0 ]
}

mkdir -p "$copy"
rm -rf "$copy/compiler" "$copy/include" "$copy/tests"
cp -r "$top/Makefile" "$top/compiler" "$top/include" "$top/tests" "$copy/" || exit 1
try || { echo "the tests fail with all rules in place:"; cat "$copy"/*.log; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

grep -v -e '^#' -e '^$' "$here/rules.txt" >"$copy/rules"
while IFS='	' read -r rule says file change; do
	wanted "$@" || { skipped=$((skipped + 1)); continue; }
	cp "$copy/compiler/$file" "$copy/saved"
	sed -E "$change" "$copy/saved" >"$copy/compiler/$file"
	if cmp -s "$copy/saved" "$copy/compiler/$file"; then
		fail "$rule, $says: its code is not in $file"
	else
		try
		case $? in
		0) fail "$rule, $says: no test notices when it is taken out" ;;
		1) passed=$((passed + 1)) ;;
		*) fail "$rule, $says: does not compile without it"; head -n 5 "$copy/make.log" ;;
		esac
	fi
	cp "$copy/saved" "$copy/compiler/$file"
done <"$copy/rules"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

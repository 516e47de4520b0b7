#!/bin/sh
# All tests, suite by suite, or the suites named. usage: check.sh ROOTC UNIT [SUITE]...
# A suite ends with a line "N passed, N failed, N skipped", or counts as one test by its exit status. So does this.
set -u
rootc=$(realpath "$1") unit=$(realpath "$2")
shift 2
only=" $* "
cd "$(dirname "$0")/.." || exit 1
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
passed=0 failed=0 skipped=0

suite() {
	name=$1
	shift
	case $only in '  ' | *" $name "*) ;; *) return ;; esac
	start=$(date +%s)
	"$@" >"$out/log" 2>&1
	status=$?
	counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped$/\1 \2 \3/p' "$out/log" | tail -n 1)
	if [ -z "$counts" ]; then
		[ "$status" -eq 0 ] && counts='1 0 0' || counts='0 1 0'
	fi
	# shellcheck disable=SC2086  # three words
	set -- $counts
	[ "$status" -ne 0 ] && [ "$2" -eq 0 ] && set -- "$1" 1 "$3"
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
	printf '%-12s %4d passed, %d failed, %d skipped  (%d s)\n' "$name" "$1" "$2" "$3" $(($(date +%s) - start))
	[ "$2" -eq 0 ] || cat "$out/log"
	[ "$3" -eq 0 ] || grep '^skipped' "$out/log"
}

suite layers tests/check-layers.sh
suite diagnostics tests/check-diagnostics.sh
suite boot-checks tests/check-boot-checks.sh
suite schema tests/check-schema.sh "$rootc"
suite slips tests/slips.sh "$rootc" build/tools/mkelf
suite verdicts tests/schema/run.sh
suite readme tests/check-readme.sh "$rootc"
suite shell sh -c 'git ls-files "*.sh" | xargs shellcheck'
suite unit tests/unit/run.sh "$unit"
suite golden tests/golden/run.sh "$rootc"
suite diff tests/diff/run.sh "$rootc"
suite facts tests/diff/facts.py "$rootc"
suite large tests/large.sh "$rootc"
suite grub tests/grub/run.sh "$rootc"
suite picture tests/picture/run.sh "$rootc"
suite cli tests/cli/run.sh "$rootc" build/tools/clock.so
suite completion tests/completion.sh "$rootc"
suite manual tests/manual.sh "$rootc"
suite installed tests/installed.sh
suite initramfs tests/initramfs/run.sh "$rootc" build/tools/mkelf
suite members tests/initramfs/read.sh "$rootc"
suite golden-sums tests/ci/golden.sh "$rootc"
suite budget tests/ci/budget.sh "$rootc"
suite formats tests/ci/formats.sh "$rootc"
suite ci-examples tests/ci/examples.sh "$rootc"
suite explain tests/explain/run.sh "$rootc" build/tools/mkelf
suite base tests/base/run.sh "$rootc" build/tools/clone.so
suite rebuild tests/rebuild/run.sh "$rootc"
suite lock tests/lock/run.sh "$rootc" build/tools/mkelf
suite lock-packages tests/lock/packages.sh "$rootc"
suite targets tests/targets/run.sh "$rootc"
suite lock-sources tests/lock/sources.sh "$rootc"
suite progress tests/progress/run.py "$rootc"
suite archives tests/archives/run.sh "$rootc"
suite oci tests/archives/oci.sh "$rootc"
suite hostile tests/hostile/run.sh "$rootc"
suite system tests/hostile/system.sh "$rootc" build/tools/mkelf
suite load tests/load/run.sh "$rootc"
suite sectors tests/sectors.sh "$rootc"
suite decompile tests/decompile/run.sh "$rootc"
suite closure tests/closure/crafted.sh "$rootc"
suite sandbox tests/sandbox.sh "$rootc"
suite options tests/closure/options.sh "$rootc"
suite poisoned tests/closure/poisoned.sh "$rootc"
suite boot tests/boot/run.sh "$rootc"
suite boot-grub2 tests/boot/grub2.sh "$rootc"

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]

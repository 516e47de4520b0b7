#!/bin/sh
# Runs the unit tests and counts them. usage: run.sh UNIT
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# of VARIANT=san: also what is kept of a buffer whose function has returned
ASAN_OPTIONS=${ASAN_OPTIONS-detect_stack_use_after_return=1} "$1" >"$log" 2>&1
status=$?
passed=$(grep -c '^\[       OK \]' "$log")
failed=$(grep '^\[  FAILED  \] [^ ]*$' "$log" | sort -u | wc -l) # cmocka says it twice
[ "$status" -eq 0 ] || grep -v -e '^\[ RUN' -e '^\[       OK' "$log"
[ "$passed" -eq 0 ] && status=1
[ "$status" -ne 0 ] && [ "$failed" -eq 0 ] && failed=1
echo "$passed passed, $failed failed, 0 skipped"
exit "$status"

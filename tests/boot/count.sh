# shellcheck shell=sh
# Counting, for the tests that take packages through apt. To be read in by them.
passed=0 failed=0 skipped=0

# result NAME STATUS: counts one test.
result() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
	fi
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

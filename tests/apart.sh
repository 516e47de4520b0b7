# shellcheck shell=sh disable=SC2034 # what the tests read
# For the tests that work in a directory of their own and count what they find: to be read in by them, who are then in that directory,
# $tmp. What a command printed goes to the files out and err there, which are shown when a test fails.
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
passed=0 failed=0 skipped=0

# result NAME STATUS: counts one test.
result() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
		head -n 40 out err 2>/dev/null
	fi
}

# finish: says how many there were; false when one failed. To be the last command.
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

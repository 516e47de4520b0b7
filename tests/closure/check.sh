#!/bin/sh
# All that holds `rootc closure` to real loaders and takes minutes, two suites at a time; what they say, and the sum of their
# counts. usage: check.sh ROOTC
set -u
rootc=$(realpath "$1")
cd "$(dirname "$0")" || exit 1
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
trap 'trap "" TERM; kill 0; exit 130' INT TERM HUP

first() {
	./run.sh "$rootc" native armhf
	./directories.sh "$rootc"
}

second() {
	./run.sh "$rootc" s390x arm64
}

first 2>&1 | tee "$out/first" | grep -v ' passed, ' &
second 2>&1 | tee "$out/second" | grep -v ' passed, ' &
wait
sort "$out/first" "$out/second" | awk '
	/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { suites++; passed += $1; failed += $3; skipped += $5 }
	END {
		failed += 3 - suites # a suite that did not come to its end
		printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
		exit failed > 0
	}'

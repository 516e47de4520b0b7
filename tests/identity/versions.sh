#!/bin/sh
# Every golden image, by rootc built against and run with the libraries of each Debian release named: one hash, whatever the version
# of libext2fs, libfdisk, libyaml, libelf, nettle, libarchive and the C library. usage: versions.sh [SUITE]...
# Without a suite named, fewer than four versions of libext2fs are a failure, unless there is no archive that apt could reach.
set -u
here=$(realpath "$(dirname "$0")")
if [ $# -gt 0 ]; then least=1; else least=4 && set -- bullseye bookworm trixie sid; fi
# shellcheck source=tests/identity/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/identity/sysroots.sh
. "$here/sysroots.sh"

try() {
	make_sysroot amd64 "$1" || { skip "$1" "apt brings no packages of it: $(grep '^E:' "$tmp/apt.log" | head -n 1)"; return; }
	use_sysroot amd64 "$1" x86_64-linux-gnu
	rootc=$identity/versions/$1/rootc
	# shellcheck disable=SC2086  # words
	build_rootc "versions/$1" CC="${CC:-gcc} $flags" OPTIMISE_release=-O1 || { fail "$1" 'does not compile' "$tmp/make.log"; return; }
	# the libraries must be the release's, and not this system's by the same names
	"$loader" --library-path "$libraries" --list "$rootc" >"$tmp/list" 2>&1
	if grep '=>' "$tmp/list" | grep -v "=> $root/" >"$tmp/strange" || ! grep -q "=> $root/.*/libext2fs.so.2" "$tmp/list"; then
		fail "$1" 'does not run with its own libraries' "$tmp/list"
		return
	fi
	compare_cases "$1" "$says" "$loader" --library-path "$libraries" "$rootc"
	release_word amd64 "$1" libext2fs2 >>"$tmp/versions"
}

# count_versions: a release that apt did not bring is skipped, but not for ever
count_versions() {
	had=$(sort -u "$tmp/versions" | wc -l)
	[ "$had" -ge "$least" ] || ! is_archive_there ||
		fail libext2fs "$had versions of it were had, not $least, though apt reaches $(mirror)" "$tmp/apt.log"
}

make_cases
add_booted
: >"$tmp/versions"
for suite; do try "$suite"; done
count_versions
finish

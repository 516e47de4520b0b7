#!/bin/sh
# Every golden image, by rootc built against and run with the libraries of each Debian release named: one hash, whatever the version
# of libext2fs, libfdisk, libyaml, libelf, nettle and the C library. usage: versions.sh [SUITE]...
set -u
here=$(realpath "$(dirname "$0")")
[ $# -gt 0 ] || set -- bullseye bookworm trixie sid
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
	grep -o 'libext2fs2 [0-9.]*' "$root.packages" >>"$tmp/versions"
}

make_cases
for suite; do try "$suite"; done
finish

#!/bin/sh
# Every golden image, by rootc built for other architectures and run in an emulator: one hash on 32 bits, on 64, with char unsigned,
# and big endian. usage: arch.sh [ARCHITECTURE]...    as Debian names them
set -u
here=$(realpath "$(dirname "$0")")
[ $# -gt 0 ] || set -- i386 arm64 s390x
suite=bookworm # of the cross compilers' generation
# shellcheck source=tests/identity/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/identity/sysroots.sh
. "$here/sysroots.sh"

try() {
	emulator=$(command -v "qemu-$3-static") || { skip "$1" "no qemu-$3-static"; return; }
	compiler=$(command -v "$4-gcc") || { skip "$1" "no $4-gcc"; return; }
	make_sysroot "$1" "$suite" || { skip "$1" "apt brings no packages of it: $(grep '^E:' "$tmp/apt.log" | head -n 1)"; return; }
	use_sysroot "$1" "$suite" "$2"
	rootc=$identity/arch/$1/rootc
	build_rootc "arch/$1" CC="$compiler $flags" OPTIMISE_release=-O1 || { fail "$1" 'does not compile' "$tmp/make.log"; return; }
	compare_cases "$1" "$(file_kind "$rootc")" "$emulator" "$loader" --library-path "$libraries" "$rootc"
}

# what readelf says of a program
file_kind() {
	readelf -h "$1" | sed -n 's/ *\(Class\|Data\|Machine\): *//p' | paste -s -d '%' | sed 's/%/, /g'
}

make_cases
add_booted
for architecture; do
	case $architecture in
	i386) try i386 i386-linux-gnu i386 i686-linux-gnu ;;
	arm64) try arm64 aarch64-linux-gnu aarch64 aarch64-linux-gnu ;;
	armhf) try armhf arm-linux-gnueabihf arm arm-linux-gnueabihf ;;
	*) try "$architecture" "$architecture-linux-gnu" "$architecture" "$architecture-linux-gnu" ;;
	esac
done
finish

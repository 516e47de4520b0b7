#!/bin/sh
# The directories that are built into glibc's loaders, and what they put in for $LIB (elf-rules G7, G8): what rootc reads out of
# Debian's ld.so for each machine, beside what is known of it, and what that ld.so says itself with --list-diagnostics, where
# qemu-user can run it (of 32 bits, glibc 2.36 stops before it comes to the directories). usage: directories.sh ROOTC
set -u
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/closure/roots.sh
. "$here/roots.sh"
mkelf=$here/../../build/tools/mkelf
loaders=$build/loaders

# The package that has the loader, where in it, for which emulator, and $LIB. The cross packages are for amd64 and arm64 alike and
# have the same loader as the libc6 of that architecture, moved.
table='
libc6-amd64-cross                usr/x86_64-linux-gnu/lib/ld-linux-x86-64.so.2                 x86_64    lib/x86_64-linux-gnu
libc6-i386-cross                 usr/i686-linux-gnu/lib/ld-linux.so.2                          i386      lib/i386-linux-gnu
libc6-x32-cross                  usr/x86_64-linux-gnux32/lib/ld-linux-x32.so.2                 -         lib/x86_64-linux-gnux32
libc6-armhf-cross                usr/arm-linux-gnueabihf/lib/ld-linux-armhf.so.3               arm       lib/arm-linux-gnueabihf
libc6-armel-cross                usr/arm-linux-gnueabi/lib/ld-linux.so.3                       arm       lib/arm-linux-gnueabi
libc6-arm64-cross                usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1               aarch64   lib/aarch64-linux-gnu
libc6-s390x-cross                usr/s390x-linux-gnu/lib/ld64.so.1                             s390x     lib/s390x-linux-gnu
libc6-ppc64el-cross              usr/powerpc64le-linux-gnu/lib/ld64.so.2                       ppc64le   lib/powerpc64le-linux-gnu
libc6-mips64el-cross             usr/mips64el-linux-gnuabi64/lib64/ld.so.1                     mips64el  lib/mips64el-linux-gnuabi64
libc6-mipsel-cross               usr/mipsel-linux-gnu/lib/ld.so.1                              mipsel    lib/mipsel-linux-gnu
libc6-riscv64-cross              usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1         riscv64   lib/riscv64-linux-gnu
libc6-mips-cross                 usr/mips-linux-gnu/lib/ld.so.1                                mips      lib/mips-linux-gnu
libc6-mips64-cross               usr/mips64-linux-gnuabi64/lib64/ld.so.1                       mips64    lib/mips64-linux-gnuabi64
libc6-mipsn32el-cross            usr/mips64el-linux-gnuabin32/lib32/ld.so.1                    mipsn32el lib/mips64el-linux-gnuabin32
libc6-ppc64-cross                usr/powerpc64-linux-gnu/lib/ld64.so.1                         ppc64     lib/powerpc64-linux-gnu
libc6-powerpc-cross              usr/powerpc-linux-gnu/lib/ld.so.1                             ppc       lib/powerpc-linux-gnu
libc6-sparc64-cross              usr/sparc64-linux-gnu/lib64/ld-linux.so.2                     sparc64   lib/sparc64-linux-gnu
libc6-hppa-cross                 usr/hppa-linux-gnu/lib/ld.so.1                                hppa      lib/hppa-linux-gnu
libc6-m68k-cross                 usr/m68k-linux-gnu/lib/ld.so.1                                m68k      lib/m68k-linux-gnu
libc6-sh4-cross                  usr/sh4-linux-gnu/lib/ld-linux.so.2                           -         lib/sh4-linux-gnu
libc6.1-alpha-cross              usr/alpha-linux-gnu/lib/ld-linux.so.2                         alpha     lib/alpha-linux-gnu
libc6-amd64-i386-cross           usr/i686-linux-gnu/lib64/ld-linux-x86-64.so.2                 x86_64    lib64
libc6-i386-amd64-cross           usr/x86_64-linux-gnu/lib32/ld-linux.so.2                      i386      lib32
libc6-x32-amd64-cross            usr/x86_64-linux-gnu/libx32/ld-linux-x32.so.2                 -         libx32
libc6-mips64-mipsel-cross        usr/mipsel-linux-gnu/lib64/ld.so.1                            mips64el  lib64
libc6-mipsn32-mips64el-cross     usr/mips64el-linux-gnuabi64/lib32/ld.so.1                     mipsn32el lib32
libc6-mips32-mips64el-cross      usr/mips64el-linux-gnuabi64/libo32/ld.so.1                    mipsel    libo32
libc6-s390-s390x-cross           usr/s390x-linux-gnu/lib32/ld.so.1                             -         lib32
'

# bring PACKAGE PATH FILE: FILE is made of what stands at PATH in PACKAGE; false when apt does not bring it.
bring() {
	[ -f "$3" ] && return
	[ -n "${updated-}" ] || { apt_of amd64 update >/dev/null 2>&1; updated=yes; }
	(cd "$tmp" && apt_of amd64 download "$1" && dpkg --fsys-tarfile "$1"_*.deb | tar -x --wildcards '*/ld*.so*') >/dev/null 2>&1
	mkdir -p "$(dirname "$3")"
	cp -L "$tmp/$2" "$3" 2>/dev/null
}

# As rootc tells where it would search for a library that is nowhere, in the loader's own words.
by_rootc() {
	mkdir -p "$tmp/root/lib"
	cp "$1" "$tmp/root/lib/"
	# shellcheck disable=SC2046,SC2016 # options; a $ for the loader
	"$mkelf" $(kind "$1") --interp "/lib/$(basename "$1")" --runpath '/$LIB' --needed libabsent.so "$tmp/root/program"
	"$rootc" closure --tree --root "$tmp/root" /program 2>/dev/null | sed -n '
		s/^ *libabsent\.so => not found (searched: \(.*\))$/\1/
		s/, /\n/g
		s/RUNPATH of \/program \//dl_dst_lib /
		s/built-in directory //gp'
	rm -rf "$tmp/root"
}

# As the loader tells it.
by_loader() {
	[ "$2" = - ] || qemu-"$2"-static "$1" --list-diagnostics 2>/dev/null |
		sed -n 's/^dl_dst_lib="\(.*\)"$/dl_dst_lib \1/p; s/^path\.system_dirs\[.*="\(.*\)\/"$/\1/p'
}

# judge NAME LOADER EMULATOR LIB
judge() {
	printf 'dl_dst_lib %s\n' "$4" >"$tmp/known"
	printf '%s\n' "/$4" "/usr/$4" /lib /usr/lib >>"$tmp/known"
	by_rootc "$2" >"$tmp/rootc"
	by_loader "$2" "$3" >"$tmp/loader"
	# what it does not come to say is as it is known
	said=$(wc -l <"$tmp/loader")
	tail -n "+$((said + 1))" "$tmp/known" >>"$tmp/loader"
	if cmp -s "$tmp/known" "$tmp/loader" && cmp -s "$tmp/known" "$tmp/rootc"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
		for who in known loader rootc; do echo "    $who: $(tr '\n' ' ' <"$tmp/$who")"; done
	fi
}

while read -r package path emulator lib; do
	[ -n "$package" ] || continue
	loader=$loaders/$package/$(basename "$path")
	bring "$package" "$path" "$loader" || { skip "$package" 'apt does not bring it'; continue; }
	judge "$package" "$loader" "$emulator" "$lib"
done <<END
$table
END
rm -rf "$build/apt-amd64"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

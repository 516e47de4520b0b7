#!/bin/sh
# A directory that is to be the root of a system, and whose programs, links and kernels are broken or lead to the host: what is
# refused, and where, or what comes of it. usage: system.sh ROOTC MKELF
set -u
rootc=$(realpath "$1") mkelf=$(realpath "$2")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"
loader=/lib64/ld-linux-x86-64.so.2
# A quarter of a GiB must do, but with sanitizers any program takes more than that.
bound='ulimit -v 262144'
! ldd "$rootc" | grep -q libasan || bound=true

# --- what a case is made of

# given: a new system, with nothing but a loader in it
given() {
	chmod -R u+rwx system 2>/dev/null
	rm -rf system m.img .m.img.stamp
	mkdir -p system/bin system/lib64 system/lib system/etc system/boot
	elf $loader --rodata '/lib/\0/usr/lib/'
}

# elf PATH [OPTION]...: of mkelf
elf() {
	path=$1
	shift
	mkdir -p "system${path%/*}"
	"$mkelf" "$@" "system$path"
	chmod 755 "system$path"
}

program() {
	path=$1
	shift
	elf "$path" --type exec --interp $loader "$@"
}

script() {
	# shellcheck disable=SC2059  # it is meant to be a format
	printf "$2" >"system$1"
	chmod 755 "system$1"
}

# patch PATH OFFSET BYTES, as printf has them
patch() {
	# shellcheck disable=SC2059  # it is meant to be a format
	printf "$3" | dd of="system$1" bs=1 seek="$2" conv=notrunc status=none
}

# manifest PROGRAMS [LINE]...
manifest() {
	cat >m.yaml <<-Y
		rootc: 1
		name: m
		disk: {size: 8MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
		inputs: {d: {directory: system}}
		programs: [$1]
	Y
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" >>m.yaml
}

# refused WHAT PLACE NAME STATUS WHY: nothing comes of it, at once, and the old image stays
refused() {
	echo old >m.img
	rm -f .m.img.stamp
	($bound && timeout 5 "$rootc" build m.yaml) >out 2>err
	[ $? -eq "$4" ] && head -n 1 err | grep -q "^m.yaml:$2: error: .*$5.* \[$3\]\$" && [ "$(cat m.img)" = old ] && [ ! -s out ] &&
		[ -z "$(find . -name 'm.img.*' -o -name '.m.img.*')" ]
	result "$1" $?
	rm -f m.img
}

# built WHAT [PATH]...: the files of the image besides directories are these; no byte of the host's is among them
built() {
	what=$1
	shift
	rm -f m.img .m.img.stamp
	printf '%s\n' "$@" | sort >expected
	timeout 20 "$rootc" build m.yaml >out 2>err && "$rootc" inspect --tree m.img | sed -n 's/^[0-9]* [0-9:]* \(file\|link\) *\(\/[^ ]*\).*/\2/p' | sort >found &&
		cmp found expected >>err && ! grep -q -a 'CANARY' m.img
	result "$what" $?
}

# --- scripts

given
program /bin/sh
for line in '#!/bin/sh\necho' '#!/bin/sh' '#! /bin/sh -e\n' '#!/bin/sh\n'; do
	script /bin/run "$line"
	manifest /bin/run
	built "a script that begins with $line" /bin/run /bin/sh $loader
done
program /usr/bin/env
script /bin/run '#!/usr/bin/env -S sh -e\n'
manifest /bin/run
built 'a script of env -S' /bin/run /bin/sh /usr/bin/env $loader
script /bin/run '#!/usr/bin/env -S nosuch -e\n'
refused 'a script of env -S without its program' 6:12 interpreter-missing 4 "'nosuch'"
rm system/bin/sh
script /bin/run '#!/bin/sh\n'
refused 'a script without its interpreter, which the host has' 6:12 interpreter-missing 4 "'/bin/sh'"
script /bin/run "#!/bin/$(printf '%300s' '' | tr ' ' x)\n"
refused 'a first line of 300 bytes' 6:12 script-broken 3 '256 bytes'
script /bin/run '#!/bin/sh\r\n'
refused 'a script with CR LF' 6:12 script-broken 3 'ends in CR LF'

# --- damaged programs; offsets are those of Elf64_Ehdr and Elf64_Phdr

# damaged WHAT OFFSET BYTES
damaged() {
	given
	program /bin/prog --needed libx.so
	elf /lib/libx.so
	patch /bin/prog "$2" "$3"
	manifest /bin/prog
	refused "$1" 6:12 elf-broken 4 "'system/bin/prog'"
}
damaged 'program headers of 1 byte' 54 '\001\000'
damaged 'program headers of 0 bytes' 54 '\000\000'
damaged 'program headers of 55 bytes' 54 '\067\000'
damaged '65535 program headers' 56 '\377\377'
damaged 'program headers at 2^63 - 1' 32 '\377\377\377\377\377\377\377\177'
damaged 'program headers over the header' 32 '\000\000\000\000\000\000\000\000'
# the dynamic section: where its header is among the program headers
given
program /bin/prog --needed libx.so
header=$(LC_ALL=C readelf -lW system/bin/prog | awk '/^  [A-Z]/ && $1 != "Type" { if ($1 == "DYNAMIC") print 64 + 56 * n; n++ }')
interp=$(LC_ALL=C readelf -lW system/bin/prog | awk '/^  [A-Z]/ && $1 != "Type" { if ($1 == "INTERP") print 64 + 56 * n; n++ }')
dynamic=$(LC_ALL=C readelf -lW system/bin/prog | awk '$1 == "DYNAMIC" { print $2 }')
entries=$(LC_ALL=C readelf -dW system/bin/prog | grep -c '(')
damaged 'a dynamic section of no whole number of entries' $((header + 32)) '\011'
damaged 'a dynamic section beyond the end' $((header + 8)) '\000\000\000\100'
damaged 'a dynamic section without its end' $((dynamic + 16 * (entries - 1))) '\025'
damaged 'two dynamic sections' "$interp" '\002'

# --- libraries

given
program /bin/prog --needed liba.so
elf /lib/liba.so --soname liba.so --needed libb.so --needed liba.so
elf /lib/libb.so --soname libb.so --needed liba.so
manifest /bin/prog
built 'libraries that need one another and themselves' /bin/prog /lib/liba.so /lib/libb.so $loader
rm system/lib/liba.so system/lib/libb.so
mkdir -p host/lib
"$mkelf" --rodata CANARY --soname liba.so host/lib/liba.so
echo 'CANARY: a file of the host' >host/shadow
program /bin/prog --needed liba.so --runpath "$tmp/host/lib"
refused 'a library that only the host has' 6:12 library-missing 4 "'liba.so'"
program /bin/prog --needed liba.so
ln -s "$tmp/host/lib/liba.so" system/lib/liba.so
refused 'a link to a library of the host' 6:12 library-missing 4 "'liba.so'"
ln -sf "../../../../../../../../../../../../../../..$tmp/host/lib/liba.so" system/lib/liba.so
refused 'a link that leads up to a library of the host' 6:12 library-missing 4 "'liba.so'"
mkdir -p "system$tmp/host/lib"
elf "$tmp/host/lib/liba.so" --rodata 'of the system'
built 'links lead to files of the system of that path' /bin/prog /lib/liba.so $loader "$tmp/host/lib/liba.so"
ln -sf "$tmp/host/shadow" system/etc/shadow
manifest /bin/prog 'files: {/etc/shadow: {source: /etc/shadow}}'
refused 'a source that is a link to a file of the host' 7:31 pool-path-missing 3 "'/etc/shadow'"
manifest /bin/prog 'files: {/etc/**: {}}'
built 'a subtree with a link to a file of the host' /bin/prog /etc/shadow /lib/liba.so $loader "$tmp/host/lib/liba.so"

# --- the root of a system

given
program /bin/prog
manifest /bin/prog
mv system real
ln -s real system
built 'a system behind a link' /bin/prog $loader
rm system
refused 'no system' 5:25 directory-unreadable 4 'No such file'
: >system
refused 'a file for a system' 5:25 directory-unreadable 4 'Not a directory'
rm system
mv real system
if [ "$(id -u)" -ne 0 ]; then
	chmod 0 system
	refused 'a system that may not be read' 5:25 directory-unreadable 4 'Permission denied'
else
	skipped=$((skipped + 1))
fi

# --- other machines

given
rm -rf system/lib64
elf /lib64/ld64.so.1 --data msb --machine 21
elf /bin/prog --data msb --machine 21 --type exec --interp /lib64/ld64.so.1 --needed libx.so
elf /lib/libx.so --data msb --machine 21
manifest /bin/prog 'libraries: {search: [/lib]}'
built 'a system of the other byte order' /bin/prog /lib/libx.so /lib64/ld64.so.1

# --- what the loader is told by files

given
program /bin/prog --needed libx.so
mkdir -p system/opt/lib
elf /opt/lib/libx.so
echo 'include /etc/ld.so.conf' >system/etc/ld.so.conf
echo '/opt/lib' >>system/etc/ld.so.conf
echo 'include /etc/missing/*.conf' >>system/etc/ld.so.conf
manifest /bin/prog 'libraries: {cache: true}' 'files: {/etc/ld.so.conf: {source: /etc/ld.so.conf}}'
built 'an ld.so.conf that includes itself and what is not there' /bin/prog /etc/ld.so.cache /etc/ld.so.conf /opt/lib/libx.so $loader
head -c 4096 /dev/urandom >system/etc/ld.so.cache
built 'a damaged ld.so.cache beside the one that is made' /bin/prog /etc/ld.so.cache /etc/ld.so.conf /opt/lib/libx.so $loader
manifest /bin/prog
refused 'a damaged ld.so.cache counts as none' 6:12 library-missing 4 "'libx.so'"

# --- what does not matter in a program

given
program /bin/prog
patch /bin/prog 40 '\377\377\377\377\377\377\377\177' # e_shoff
patch /bin/prog 58 '\377\377\377\377\377\377' # e_shentsize, e_shnum, e_shstrndx
manifest /bin/prog
built 'garbage for section headers' /bin/prog $loader
truncate -s 1G system/bin/prog
sed -i 's/8MiB/1200MiB/' m.yaml
timeout 5 "$rootc" check m.yaml >out 2>err
result 'a program with 1 GiB behind it' $?

# --- kernels

given
program /bin/prog
manifest /bin/prog 'kernel: {image: /boot/vmlinuz}' 'grub: {version: legacy, menu: [{title: x, initrd: /boot/initrd}]}'
echo 'no kernel' >system/boot/vmlinuz
refused 'a text for a kernel' 7:17 kernel-bad 3 "'/boot/vmlinuz'"

finish

#!/bin/sh
# Makes the inputs of the golden cases from nothing but this text. usage: make.sh DIRECTORY MKELF
#   system/   what a small distribution would give: busybox, its libraries, a kernel, GRUB legacy; all of it fake but well formed
#   grub2/    GRUB 2 for a BIOS, as fake and as well formed; grub2-broken/ and grub2-other/ stand in front of
#             it: files with all kinds of faults; a module from elsewhere
#   grub2-efi/ grub2-arm64/    the same for UEFI on x86-64, on arm64
#   board/    a manifest that others start from, with files beside it
#   packed-modules/   a kernel with modules that are packed
#   oci-broken/ oci-several/    what is no OCI image layout; one of which only the index is there, with images for three machines
#   overlay/  a board's own files, some of which stand in front of the system's
set -eu
umask 022
mkelf=$(cd "$(dirname "$2")" && pwd)/${2##*/}
mkdir -p "$1"
cd "$1"

# zeroes FILE BYTES
zeroes() { mkdir -p "$(dirname "$1")"; head -c "$2" /dev/zero >"$1"; }
# put FILE OFFSET TEXT: overwrites the bytes there; TEXT is printf's
# shellcheck disable=SC2059 # the text is meant as a format
put() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
# le FILE OFFSET NUMBER: two bytes, little-endian
le() { put "$1" "$2" "\\$(printf '%03o' $(($3 % 256)))\\$(printf '%03o' $(($3 / 256)))"; }
# text FILE LINE...
text() { file=$1; shift; mkdir -p "$(dirname "$file")"; printf '%s\n' "$@" >"$file"; }

# GRUB 0.97's stages: only what an installer looks at (stage1.h, shared.h), between filling that shows where it lands
grub=system/usr/lib/grub/x86_64-pc
zeroes $grub/stage1 512
put $grub/stage1 0 '\353\110\220'
put $grub/stage1 62 '\003\002\377\000\000\040\001\000\000\000\000\002\372\353\007'
put $grub/stage1 396 'GRUB \000Geom\000Hard Disk\000Read\000 Error\000'
put $grub/stage1 510 '\125\252'
zeroes $grub/e2fs_stage1_5 9460
put $grub/e2fs_stage1_5 504 '\002\000\000\000\000\000\040\002'
put $grub/e2fs_stage1_5 512 '\352\160\042\000\000\000\003\002\377\377\377\000\000\000\000\000\002\0000.97\000\377\377\377\377/boot/grub/stage2\000'
put $grub/e2fs_stage1_5 9456 'last'
zeroes $grub/stage2 119556
put $grub/stage2 504 '\002\000\000\000\000\000\040\010'
put $grub/stage2 512 '\352\160\202\000\000\000\003\002\377\377\377\000\000\000\000\000\000\0000.97\000/boot/grub/menu.lst\000'
put $grub/stage2 119552 'last'

# GRUB 2: what an installer looks at (boot.h, offsets.h), a kernel as a program that is loaded at 0x9000, and modules that are told
# apart by their text; `normal` is too large for the sectors in front of sector 63, even packed
pc=grub2/usr/lib/grub/i386-pc
zeroes $pc/boot.img 512
put $pc/boot.img 0 '\353\143\220'
put $pc/boot.img 92 '\001\000\000\000\000\000\000\000\377\372\353\005'
put $pc/boot.img 384 'GRUB \000Geom\000Hard Disk\000Read\000 Error\000'
put $pc/boot.img 510 '\125\252'
zeroes $pc/diskboot.img 512
put $pc/diskboot.img 0 'diskboot'
put $pc/diskboot.img 500 '\002\000\000\000\000\000\000\000\000\000\040\010'
zeroes $pc/lzma_decompress.img 2848
put $pc/lzma_decompress.img 20 '\133\007\000\000\377\377\377'
put $pc/lzma_decompress.img 2844 'last'
"$mkelf" --class 32 --machine 3 --type exec --static --rodata 'the kernel of GRUB 2' $pc/kernel.img
put $pc/kernel.img 60 '\000\220\000\000\000\220\000\000'
# grub_module NAME DEPENDENCY...
grub_module() {
	zeroes "$pc/$1.mod" 201
	put "$pc/$1.mod" 0 '\177ELF\001\001\001'
	put "$pc/$1.mod" 16 '\001\000\003\000\001'
	put "$pc/$1.mod" 52 "the module $1"
	name=$1
	shift
	echo "$name:${*:+ }$*" >>$pc/moddep.lst
}
for name in biosdisk part_msdos part_gpt search_fs_uuid search_fs_file search_label fshelp configfile echo test ls cat halt reboot \
	boot crypto extcmd relocator sleep terminal terminfo unused; do
	grub_module $name
done
grub_module ext2 fshelp
grub_module fat fshelp
grub_module search extcmd search_fs_uuid search_fs_file search_label
grub_module serial extcmd terminfo
grub_module linux relocator normal boot
grub_module normal extcmd crypto boot terminal
awk 'BEGIN { for (n = 1; i < 20000; i++) { n = (n * 7141 + 54773) % 259200; print n } }' </dev/null >>$pc/normal.mod
text $pc/command.lst 'cat: cat' 'echo: echo' 'halt: halt' 'linux: linux' 'reboot: reboot' '*search: search'
# the commands that name files; the modules they are said to be in only have to exist
for platform in i386-pc x86_64-efi; do
	mkdir -p grub2-loaders/usr/lib/grub/$platform
	text grub2-loaders/usr/lib/grub/$platform/command.lst "linux: linux" "initrd: linux" "configfile: configfile" "source: configfile" \
		"chainloader: boot" "loadfont: terminal" "cat: cat" "*search: search" "reboot: reboot"
done
broken=grub2-broken/usr/lib/grub/i386-pc
mkdir -p $broken
cp $pc/boot.img $pc/diskboot.img $pc/lzma_decompress.img $pc/kernel.img $broken
put $broken/boot.img 510 '\000'
put $broken/diskboot.img 508 '\001'
zeroes $broken/lzma_decompress.img 4096
put $broken/kernel.img 60 '\000\200'
cp $pc/ext2.mod $broken
put $broken/ext2.mod 18 '\076'
grep -v '^cat:' $pc/moddep.lst | sed 's/^reboot:.*/reboot: reboot/' >$broken/moddep.lst
mkdir -p grub2-other/usr/lib/grub/i386-pc
cp $pc/ext2.mod grub2-other/usr/lib/grub/i386-pc

# GRUB 2 for UEFI. Its kernel is an object file: code, eight bytes of data that are the address of _start, zeroes
# section FILE INDEX TYPE FLAGS OFFSET SIZE LINK INFO: a section's header in the table at 192
section() {
	at=$((192 + 64 * $2))
	le "$1" $((at + 4)) "$3"; le "$1" $((at + 8)) "$4"; le "$1" $((at + 24)) "$5"; le "$1" $((at + 32)) "$6"
	le "$1" $((at + 40)) "$7"; le "$1" $((at + 44)) "$8"; put "$1" $((at + 48)) '\010'
}
# efi_kernel FILE MACHINE RELOCATION: the numbers of the machine, and of its relocation to an address of 64 bits
efi_kernel() {
	zeroes "$1" 640
	put "$1" 0 '\177ELF\002\001\001'
	put "$1" 16 '\001'; le "$1" 18 "$2"; put "$1" 20 '\001'
	le "$1" 40 192; le "$1" 58 64; le "$1" 60 7
	put "$1" 64 'code of GRUB'
	le "$1" 96 "$3"; put "$1" 100 '\001'
	put "$1" 136 '\001\000\000\000\020\000\001'
	put "$1" 160 '\000_start'
	section "$1" 1 1 6 64 16 0 0   # .text
	section "$1" 2 1 3 80 8 0 0    # .data, where nothing stands but the start of what follows: it is relocated
	section "$1" 3 8 3 0 5000 0 0  # .bss
	section "$1" 4 4 0 88 24 5 2   # .rela.data
	section "$1" 5 2 0 112 48 6 1  # .symtab
	section "$1" 6 3 0 160 8 0 0   # .strtab
}
# efi_modules DIRECTORY MACHINE: as many as a menu needs, and one more
efi_modules() {
	for line in 'part_msdos:' 'part_gpt:' 'search_fs_uuid:' 'fshelp:' 'ext2: fshelp' 'fat: fshelp' 'boot:' 'normal: boot' 'linux: boot' \
		'search: search_fs_uuid' 'configfile:' 'serial:' 'terminal:' 'echo:' 'test:' 'ls:' 'cat:' 'sleep:' 'halt:' 'reboot:' 'video:' \
		'efi_gop: video' 'unused:'; do
		file=$1/${line%%:*}.mod
		zeroes "$file" 203
		put "$file" 0 '\177ELF\002\001\001'
		put "$file" 16 '\001'; le "$file" 18 "$2"; put "$file" 20 '\001'
		put "$file" 64 "the module ${line%%:*}"
		echo "$line" >>"$1/moddep.lst"
	done
	text "$1/command.lst" 'cat: cat' 'reboot: reboot' '*search: search'
}
efi_kernel grub2-efi/usr/lib/grub/x86_64-efi/kernel.img 62 1
efi_modules grub2-efi/usr/lib/grub/x86_64-efi 62
efi_kernel grub2-arm64/usr/lib/grub/arm64-efi/kernel.img 183 257
efi_modules grub2-arm64/usr/lib/grub/arm64-efi 183
efi_kernel grub2-efi-broken/usr/lib/grub/x86_64-efi/kernel.img 62 10
efi_kernel grub2-i386/usr/lib/grub/i386-efi/kernel.img 3 1

# a bzImage's header (Linux: Documentation/arch/x86/boot.rst): 2 setup sectors, 64 KiB of protected-mode code, protocol 2.15
zeroes system/boot/vmlinuz-6.1.0-golden 67072
put system/boot/vmlinuz-6.1.0-golden 497 '\002\000\000\000\020\000\000'
put system/boot/vmlinuz-6.1.0-golden 510 '\125\252\353\152HdrS\017\002'
put system/boot/vmlinuz-6.1.0-golden 529 '\001'
put system/boot/vmlinuz-6.1.0-golden 67068 'last'

# module FILE TEXT...: a relocatable ELF file of nothing but section names and .modinfo with these texts
module() {
	file=$1; shift
	mkdir -p "$(dirname "$file")"
	printf '%s\n' "$@" | tr '\n' '\000' >"$file.texts"
	zeroes "$file" 320
	put "$file" 0 '\177ELF\002\001\001'
	put "$file" 16 '\001\000\076\000\001'
	le "$file" 40 64; le "$file" 52 64; le "$file" 58 64; le "$file" 60 3; le "$file" 62 1
	put "$file" 128 '\001\000\000\000\003'; le "$file" 152 256; le "$file" 160 20
	put "$file" 192 '\013\000\000\000\001'; le "$file" 216 320; le "$file" 224 "$(wc -c <"$file.texts")"
	put "$file" 256 '\000.shstrtab\000.modinfo\000'
	cat "$file.texts" >>"$file"
	rm "$file.texts"
}

# modules of this kernel, which need one another in all the ways there are; some of another kernel; some that cannot be used
modules=system/usr/lib/modules/6.1.0-golden
module $modules/kernel/fs/top.ko 'name=top' 'depends=mid-one,base' 'softdep=pre: crypto-sum absent post: after'
module $modules/kernel/fs/mid-one.ko 'depends=base'
module $modules/kernel/lib/base.ko 'depends='
module $modules/kernel/crypto/sum_fast.ko 'alias=crypto-sum' 'alias=pci:v*' 'depends='
module $modules/kernel/crypto/sum_generic.ko 'alias=crypto-sum' 'depends=base'
module $modules/kernel/misc/after.ko 'depends='
module $modules/kernel/misc/lonely.ko 'depends=nobody'
module $modules/kernel/misc/circle_a.ko 'depends=circle_b'
module $modules/kernel/misc/circle_b.ko 'depends=circle_a'
text $modules/kernel/misc/text.ko 'not even an ELF file, though it is long enough to be taken for one'
text $modules/kernel/misc/packed.ko.xz 'compressed'
text $modules/modules.builtin kernel/fs/built-in.ko kernel/lib/crc.ko kernel/fs/ext4/ext4.ko kernel/fs/fat/vfat.ko kernel/drivers/nvme/host/nvme.ko \
	kernel/drivers/scsi/sd_mod.ko kernel/drivers/block/virtio_blk.ko
module system/usr/lib/modules/5.10.0-old/kernel/fs/top.ko 'depends='

# a kernel whose modules are packed in all the ways that it can load; some of them damaged, and some that are there twice
packed="packed-modules/usr/lib/modules/6.1.0-packed"
# pack COMMAND SUFFIX FILE: what has been there is then in FILE.SUFFIX
pack() { $1 <"$3" >"$3.$2"; rm "$3"; }
module $packed/kernel/fs/top.ko 'alias=fs-top' 'depends=mid-one' 'softdep=pre: crypto-sum absent	post: after'
module $packed/kernel/fs/mid-one.ko 'depends=base'
module $packed/kernel/lib/base.ko 'depends='
module $packed/kernel/crypto/sum.ko 'alias=crypto-sum' 'depends='
module $packed/kernel/misc/after.ko 'depends='
module $packed/kernel/net/card.ko 'alias=pci:v00001AF4d0000100[0-3]sv*' 'depends=wire'
module $packed/kernel/net/wire.ko 'depends='
module $packed/kernel/net/twice.ko 'depends='
module $packed/kernel/net/updated.ko 'depends=nobody'
module $packed/updates/dkms/updated.ko 'depends='
cp $packed/kernel/net/twice.ko $packed/kernel/lib
cp $packed/kernel/net/wire.ko $packed/kernel/misc/twofold.ko
pack xz xz $packed/kernel/misc/twofold.ko
pack xz xz $packed/kernel/misc/twofold.ko.xz
mv $packed/kernel/misc/twofold.ko.xz.xz $packed/kernel/misc/twofold.ko.xz
for file in cut harmed bomb mislabelled; do cp $packed/kernel/fs/top.ko $packed/kernel/misc/$file.ko; done
pack 'gzip -n' gz $packed/kernel/misc/mislabelled.ko
mv $packed/kernel/misc/mislabelled.ko.gz $packed/kernel/misc/mislabelled.ko.xz
pack zstd zst $packed/kernel/misc/cut.ko
head -c 100 $packed/kernel/misc/cut.ko.zst >$packed/kernel/misc/cut
mv $packed/kernel/misc/cut $packed/kernel/misc/cut.ko.zst
pack xz xz $packed/kernel/misc/harmed.ko
put $packed/kernel/misc/harmed.ko.xz 60 '\377\377\377'
zeroes $packed/kernel/misc/bomb.ko 67108865
pack 'gzip -n' gz $packed/kernel/misc/bomb.ko
for file in fs/top misc/after net/wire lib/twice; do pack xz xz $packed/kernel/$file.ko; done
for file in fs/mid-one lib/base net/card net/twice; do pack zstd zst $packed/kernel/$file.ko; done
for file in kernel/crypto/sum kernel/net/updated updates/dkms/updated; do pack 'gzip -n' gz $packed/$file.ko; done
text $packed/modules.builtin kernel/fs/built-in.ko
mkdir packed-modules/boot
cp system/boot/vmlinuz-6.1.0-golden packed-modules/boot/vmlinuz-6.1.0-packed

# 640 KiB without a block of zeroes
mkdir -p system/usr/share
awk 'BEGIN { for (i = 0; i < 65536; i++) printf "line %04x\n", i }' </dev/null >system/usr/share/large

# the first half of it
mkdir -p half/boot
head -c 33536 system/boot/vmlinuz-6.1.0-golden >half/boot/vmlinuz-6.1.0-half

# a merged /usr, as Debian has it; a loader with its directories compiled in; programs that need libraries on several ways
mkdir -p system/usr/bin system/usr/sbin system/usr/lib64 system/usr/lib/x86_64-linux-gnu system/usr/lib/tool
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "system/$directory"; done
lib=system/usr/lib/x86_64-linux-gnu
ld=/lib64/ld-linux-x86-64.so.2
"$mkelf" --soname ld-linux-x86-64.so.2 --rodata \
	'lib/x86_64-linux-gnu\0/lib/x86_64-linux-gnu/\0/usr/lib/x86_64-linux-gnu/\0/lib/\0/usr/lib/' $lib/ld-linux-x86-64.so.2
ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 system/usr/lib64/ld-linux-x86-64.so.2
"$mkelf" --soname libc.so.6 --needed ld-linux-x86-64.so.2 $lib/libc.so.6
"$mkelf" --soname libresolv.so.2 --needed libc.so.6 $lib/libresolv.so.2
"$mkelf" --soname libtool.so.1 --needed libc.so.6 system/usr/lib/tool/libtool.so.1.2
ln -s libtool.so.1.2 system/usr/lib/tool/libtool.so.1
"$mkelf" --interp $ld --needed libresolv.so.2 --needed libc.so.6 \
	--rodata '[\0awk\0cat\0init\0ls\0mount\0sh\0umount' system/usr/bin/busybox
"$mkelf" --interp $ld --needed libc.so.6 --rodata '[\0cat\0echo\0findfs\0hexdump\0insmod\0mount\0printf\0readlink\0sh\0sleep\0switch_root\0tr\0umount' \
	system/usr/bin/busybox-ramdisk
# shellcheck disable=SC2016 # $ORIGIN is the loader's
"$mkelf" --interp $ld --needed libtool.so.1 --needed libc.so.6 --runpath '$ORIGIN/../lib/tool' system/usr/bin/tool
text system/usr/bin/hello '#!/bin/sh' 'exec tool "$@"'
ln -s hello system/usr/bin/hello-again
chmod 755 system/usr/bin/*

# what some have by the names of applets: a program, and a script in a directory that is copied
mkdir -p tools/usr/bin tools/opt/tools
"$mkelf" --interp $ld --needed libc.so.6 tools/usr/bin/awk
text tools/opt/tools/cat '#!/bin/sh' 'exec tool cat'
chmod 755 tools/usr/bin/awk tools/opt/tools/cat

# what a vendor adds: a library that only ld.so.conf leads to, a better one for better CPUs, one that is opened when it is there
mkdir -p vendor/usr/bin vendor/opt/vendor/glibc-hwcaps/x86-64-v3 vendor/etc/ld.so.conf.d
"$mkelf" --interp $ld --needed libvendor.so.1 --needed libc.so.6 --opens '[{"soname":["libq.so.4"],"priority":"suggested","feature":"qr"}]' \
	vendor/usr/bin/vendor
"$mkelf" --soname libvendor.so.1 vendor/opt/vendor/libvendor.so.1.4
"$mkelf" --soname libvendor.so.1 --isa 4 vendor/opt/vendor/glibc-hwcaps/x86-64-v3/libvendor.so.1
"$mkelf" --soname libq.so.4 vendor/opt/vendor/libq.so.4
text vendor/etc/ld.so.conf 'include /etc/ld.so.conf.d/*.conf'
text vendor/etc/ld.so.conf.d/vendor.conf '# the vendor' /opt/vendor
chmod 755 vendor/usr/bin/vendor

# a file of 65 MiB that takes no space
dd of=system/usr/share/enormous bs=1048576 seek=65 count=0 2>/dev/null </dev/null

text system/etc/inittab '::sysinit:/etc/init.d/rcS' '::askfirst:-/bin/sh'
text system/etc/hostname 'distribution'
text overlay/etc/inittab 'ttyS0::respawn:/bin/sh'
text overlay/etc/motd 'Welcome to the board.'
text overlay/etc/init.d/rcS '#!/bin/sh' 'mount -t proc proc /proc'
chmod 755 overlay/etc/init.d/rcS

# files with blocks of zeroes: at the borders of a map of 1 KiB blocks (12 direct, 256 in an indirect block), one of 8 GiB that takes
# no space, one of zeroes alone, and one with 400 pieces
borders=holes/borders
zeroes $borders 1126405
for block in 1 11 12 267 268 1036; do put $borders $((block * 1024 + 1023)) 'x'; done
dd of=holes/huge bs=1048576 seek=8192 count=0 2>/dev/null </dev/null
put holes/huge 0 'first'
put holes/huge $((65804 * 1024)) 'behind two indirect blocks'
put holes/huge $((8 * 1024 * 1024 * 1024 - 4)) 'last'
zeroes holes/nothing 100000
zeroes holes/empty 0
awk 'BEGIN { for (i = 0; i < 400; i++) printf "%01024d%01024d", 1, 0 }' </dev/null | tr 0 '\000' >holes/every-other

# enough directories, and bytes in them, that several threads look at them and write them
mkdir -p wide
(cd wide && seq 120 | xargs mkdir)
awk 'BEGIN {
	for (d = 1; d <= 120; d++)
		for (f = 0; f < 5; f++) {
			file = "wide/" d "/" f
			for (line = 0; line < 500; line++) printf "%031d\n", (d * 5 + f) * 500 + line >file
			close(file)
		}
}' </dev/null

# an archive with names of one program, and attributes on all that is in it
mkdir -p packed/usr/bin
"$mkelf" packed/usr/bin/one
chmod 755 packed/usr/bin/one
ln packed/usr/bin/one packed/usr/bin/another
ln packed/usr/bin/one packed/usr/bin/private
cp -p packed/usr/bin/one packed/usr/bin/alike
tar -cf packed.tar -C packed --format=pax --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 \
	--pax-option='SCHILY.xattr.user.origin:=an archive,SCHILY.xattr.trusted.seal:=1' usr
# what a ramdisk is made of, with capabilities and a label on all of it
mkdir -p labelled/usr/bin labelled/usr/lib/modules
cp -p system/usr/bin/busybox-ramdisk system/usr/bin/hello labelled/usr/bin
cp -pR $modules labelled/usr/lib/modules
(cd labelled && find usr -type f | sort) | tar -cf labelled.tar -C labelled --format=pax --owner=0 --group=0 --numeric-owner --mtime=@0 \
	--pax-option='LIBARCHIVE.xattr.security.capability:=AQAAAgAgAAAAAAAAAAAAAAAAAAA=,SCHILY.xattr.security.selinux:=a label' -T -
# a directory to be copied whole: data, links in it and out of it, a program and a script that need what lies elsewhere
mkdir -p site/srv/bin site/srv/lib site/srv/www/empty
text site/srv/www/index.html '<p>Hello.</p>'
text site/srv/www/motd 'Replaced.'
ln -s index.html site/srv/www/default.html
ln -s ../../etc/hostname site/srv/www/name.txt
ln -s /usr/share/nowhere site/srv/www/nowhere
text site/srv/bin/start '#!/bin/sh' 'exec /opt/site/bin/serve'
"$mkelf" --soname libsite.so.1 --needed libresolv.so.2 site/srv/lib/libsite.so.1
# shellcheck disable=SC2016
"$mkelf" --interp $ld --needed libsite.so.1 --needed libc.so.6 --runpath '$ORIGIN/../lib' site/srv/bin/serve
chmod 755 site/srv/bin/*

# what UEFI starts: a kernel that is a PE program as well, and stubs to put it into, of which only their headers are right
# pe FILE BYTES MACHINE SECTIONS HEADERS: PE32+ with its header at 0x40, alignments of 512, all sections in its last 512 bytes
pe() {
	zeroes "$1" "$2"
	put "$1" 0 'MZ'; le "$1" 60 64
	put "$1" 64 'PE\000\000'; put "$1" 68 "$3"; le "$1" 70 "$4"; le "$1" 84 112
	put "$1" 88 '\013\002'; le "$1" 120 512; le "$1" 124 512; le "$1" 148 "$5"
	at=200
	while [ $at -lt $((200 + 40 * $4)) ]; do
		put "$1" $at '.text'; le "$1" $((at + 8)) 100; le "$1" $((at + 12)) 4096; le "$1" $((at + 16)) 512; le "$1" $((at + 20)) $(($2 - 512))
		at=$((at + 40))
	done
}
stubs=uefi/usr/lib/systemd/boot/efi
pe $stubs/linuxx64.efi.stub 1536 '\144\206' 2 1024
pe uefi/boot/vmlinuz-6.1.0-efi 70000 '\144\206' 1 512
put uefi/boot/vmlinuz-6.1.0-efi 69996 'last'
pe uefi/boot/efi/vmlinuz-6.1.0-golden 70000 '\144\206' 1 512
pe uefi/boot/vmlinuz-6.1.0-arm 4096 '\144\252' 1 512
pe uefi/boot/vmlinuz-6.1.0-riscv 4096 '\144\120' 1 512
for flaw in short text full 32 outside; do mkdir -p "flawed/$flaw/${stubs#uefi/}"; done
text flawed/text/${stubs#uefi/}/linuxx64.efi.stub 'MZ, but what follows is a text of more than sixty-four bytes, and no header of anything.'
text flawed/short/${stubs#uefi/}/linuxx64.efi.stub 'MZ'
pe flawed/full/${stubs#uefi/}/linuxx64.efi.stub 1536 '\144\206' 7 512
pe flawed/32/${stubs#uefi/}/linuxx64.efi.stub 1536 '\144\206' 2 1024
put flawed/32/${stubs#uefi/}/linuxx64.efi.stub 88 '\013\001'
pe flawed/outside/${stubs#uefi/}/linuxx64.efi.stub 1536 '\144\206' 2 1024
le flawed/outside/${stubs#uefi/}/linuxx64.efi.stub 220 4096

# kernels of which much is known: bzImages that are EFI programs for x86-64, take so many bytes of arguments, need 64 MiB to unpack
# themselves, and come with their configuration; the second has its drivers in modules
# configured RELEASE ARGUMENTS OPTION...
configured() {
	kernel=kernels/boot/vmlinuz-$1
	mkdir -p kernels/boot
	cp system/boot/vmlinuz-6.1.0-golden "$kernel"
	put "$kernel" 0 'MZ'; le "$kernel" 60 64
	put "$kernel" 64 'PE\000\000\144\206'
	le "$kernel" 568 "$2"; put "$kernel" 608 '\000\000\000\004'
	release=$1
	shift 2
	text "kernels/boot/config-$release" '# Linux/x86 6.1.0 Kernel Configuration' CONFIG_64BIT=y CONFIG_RD_GZIP=y 'CONFIG_INITRAMFS_SOURCE=""' "$@"
}
configured 6.1.0-built-in 2047 CONFIG_EXT4_FS=y CONFIG_EXT4_USE_FOR_EXT2=y CONFIG_BLK_DEV_NVME=y CONFIG_VIRTIO_BLK=m '# CONFIG_BLK_DEV_SD is not set' \
	'# CONFIG_VFAT_FS is not set' '# CONFIG_IA32_EMULATION is not set' '# CONFIG_DEVTMPFS_MOUNT is not set'
configured 6.1.0-modular 255 CONFIG_EXT4_FS=m CONFIG_EXT4_USE_FOR_EXT2=y CONFIG_BLK_DEV_NVME=m '# CONFIG_EXT2_FS is not set'
module kernels/usr/lib/modules/6.1.0-modular/kernel/fs/ext4.ko 'depends='
# one that says its release itself, under a name without any; what was built with it, where there is no kernel; and another kernel that
# says the same, with a configuration of its own
for kernel in bare/bzImage twin/boot/vmlinuz-6.1.0-bare; do
	mkdir -p "${kernel%/*}"
	cp kernels/boot/vmlinuz-6.1.0-modular $kernel
	le $kernel 526 512
	put $kernel 1024 '6.1.0-bare (root@builder) #1 SMP'
done
for directory in built twin; do
	module $directory/usr/lib/modules/6.1.0-bare/kernel/fs/ext4.ko 'depends='
	mkdir -p $directory/boot
	sed 's/modular/bare/' kernels/boot/config-6.1.0-modular >$directory/boot/config-6.1.0-bare
done
module built/usr/lib/modules/6.1.0-other/kernel/fs/top.ko 'depends='
# one without a configuration: what it has built in is listed, as every kernel's is
configured 6.1.0-listed 2047
rm kernels/boot/config-6.1.0-listed
module kernels/usr/lib/modules/6.1.0-listed/kernel/drivers/nvme/host/nvme.ko 'depends='
text kernels/usr/lib/modules/6.1.0-listed/modules.builtin kernel/fs/ext4/ext4.ko kernel/drivers/block/virtio_blk.ko
# and one whose list knows more than its configuration
mkdir -p kernels/usr/lib/modules/6.1.0-built-in
text kernels/usr/lib/modules/6.1.0-built-in/modules.builtin kernel/drivers/mmc/core/mmc_block.ko
mkdir -p kernels/usr/bin
"$mkelf" --class 32 --machine 3 --type exec --static kernels/usr/bin/init-i386
text kernels/usr/bin/init-data 'neither an ELF file nor a script'
text kernels/usr/bin/init-script '#!/opt/run/sh'
chmod 755 kernels/usr/bin/*
# a manifest to start from, whose paths are relative to itself; it is none by itself
text board/motd 'beside the base'
text board/files/etc/issue 'from the base'
text board/base.yaml 'rootc: 1' 'inputs: {board: {directory: files}}' 'partitions:' '  root: {size: 1MiB, mount: /, filesystem: {type: ext2}}' \
	'  blob: {size: 64KiB, raw: motd}' 'files:' '  /etc/motd: {source: motd}' '  /etc/issue: {source: /etc/issue}'

text oci-broken/oci-layout '{"imageLayoutVersion": "0.9"}'
text oci-several/oci-layout '{"imageLayoutVersion": "1.0.0"}'
# offer ARCHITECTURE DIGIT: a descriptor in an index
offer() {
	printf '{"mediaType": "application/vnd.oci.image.manifest.v1+json", "size": 2, "digest": "sha256:%064d",' "$2"
	printf '"platform": {"os": "linux", "architecture": "%s"}, "annotations": {"org.opencontainers.image.ref.name": "v%d"}}' "$1" "$2"
}
text oci-several/index.json "{\"manifests\": [$(offer amd64 1), $(offer amd64 2), $(offer arm64 3)]}"

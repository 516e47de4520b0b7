#!/bin/sh
# Makes the inputs of the golden cases from nothing but this text. usage: make.sh DIRECTORY MKELF
#   system/   what a small distribution would give: busybox, its libraries, a kernel, GRUB legacy; all of it fake but well formed
#   overlay/  a board's own files, some of which stand in front of the system's
set -eu
umask 022
mkdir -p "$1"
cd "$1"
mkelf=$2

# zeroes FILE BYTES
zeroes() { mkdir -p "$(dirname "$1")"; head -c "$2" /dev/zero >"$1"; }
# put FILE OFFSET TEXT: overwrites the bytes there; TEXT is printf's
# shellcheck disable=SC2059 # the text is meant as a format
put() { printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null; }
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

# a bzImage's header (Linux: Documentation/arch/x86/boot.rst): 2 setup sectors, 64 KiB of protected-mode code, protocol 2.15
zeroes system/boot/vmlinuz-6.1.0-golden 67072
put system/boot/vmlinuz-6.1.0-golden 497 '\002\000\000\000\020\000\000'
put system/boot/vmlinuz-6.1.0-golden 510 '\125\252\353\152HdrS\017\002'
put system/boot/vmlinuz-6.1.0-golden 529 '\001'
put system/boot/vmlinuz-6.1.0-golden 67068 'last'

# 640 KiB without a block of zeroes
mkdir -p system/usr/share
awk 'BEGIN { for (i = 0; i < 65536; i++) printf "line %04x\n", i }' </dev/null >system/usr/share/large

text system/etc/inittab '::sysinit:/etc/init.d/rcS' '::askfirst:-/bin/sh'
text system/etc/hostname 'distribution'
text overlay/etc/inittab 'ttyS0::respawn:/bin/sh'
text overlay/etc/motd 'Welcome to the board.'
text overlay/etc/init.d/rcS '#!/bin/sh' 'mount -t proc proc /proc'
chmod 755 overlay/etc/init.d/rcS

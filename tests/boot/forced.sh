#!/bin/sh
# Images that are known not to start, built all the same with --allow, show in QEMU what their diagnostic foretells; and two that look
# as if they could not, but can. Each is manifests/minimal.yaml with an edit. usage: forced.sh ROOTC
# Where apt has no network the tests are skipped, and say so.
# shellcheck disable=SC2016 # sed's addresses
set -u
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
dir=$(realpath "$here/../..")/build/boot-forced
export LC_ALL=C
mkdir -p "$dir" && cd "$dir" || exit 1
# shellcheck source=tests/boot/count.sh
. "$here/count.sh"

run() { "$rootc" "$@" --store "$store"; }

need_packages minimal 19 'boot of images that cannot'
cp "$manifests/minimal.yaml" .
# 64 KiB of a ready ramdisk, with holes when it is copied with `sparse`
{ echo not really; head -c 65000 /dev/zero; echo; } >ramdisk

# build EDIT [OPTION]...: forced.img, of the manifest edited by sed
build() {
	sed "$1" minimal.yaml >forced.yaml
	shift
	run build forced.yaml --lock "$lock" -o forced.img "$@" >built 2>&1
}

# sees TEXT [OPTION]...: the machine's console shows TEXT
sees() { boot console forced.img "$@"; }

# forced NAME TEXT EDIT [OPTION]...: refused as NAME, by this alone; built with --allow NAME, it shows TEXT
forced() {
	name=$1 text=$2 edit=$3
	shift 3
	status=0
	build "$edit" && { echo "it is not refused"; status=1; }
	grep -q "error: .*\[$name\]\$" built || { cat built; status=1; }
	{ build "$edit" --allow "$name" && grep -q "warning: .*\[$name, allowed\]\$" built; } || { cat built; status=1; }
	[ "$status" -ne 0 ] || sees "$text" "$@" || status=1
	result "$name: $text" "$status"
}

forced menu-path-missing 'Error 15: File not found' '$a\      kernel: /boot/nothing'
forced grub-cannot-read 'Error 17: Cannot mount selected partition' \
	's/^  root:/  store: {size: 1MiB, type: 0x07, filesystem: {type: ext2}, mount: \/store}\n&/; /^  \/tmp:/a\  /store/kernel: {content: x}
	$a\      kernel: /store/kernel'
forced grub-cannot-read 'Error 16: Inconsistent filesystem structure' \
	's/type: ext2/type: ext4/; /^  \/tmp:/a\  /ramdisk: {source: ramdisk, sparse: true}
	$a\      initrd: /ramdisk'
command='s/default: 0/default: 1/; $a\    - {title: wrong, commands: ['
forced grub-cannot-read 'Error 1: Filename must be either an absolute pathname or blocklist' "$command kernel boot/vmlinuz]}"
forced grub-cannot-read 'Error 22: No such partition' "$command\"root (hd0,4)\"]}"
forced grub-cannot-read 'Error 15: File not found' "$command kernel /nothing]}"
forced root-not-found 'VFS: Cannot open root device "PARTUUID=cafe0001-07"' \
	's/^  table: mbr/&\n  id: 0xcafe0001/; s/arguments: .*/& root=PARTUUID=cafe0001-07/'
forced root-not-found 'VFS: Cannot open root device "LABEL=root"' 's/arguments: .*/& root=LABEL=root/'
forced driver-missing 'VFS: Cannot open root device "sda1"' 's/arguments: .*/& root=\/dev\/sda1/' --bus ide
forced init-missing 'No working init found' 's/applets: \[sh, /applets: [/; s/^    init, /    /'
forced init-missing 'Requested init /sbin/nope failed (error -2)' 's/arguments: .*/& init=\/sbin\/nope/'
forced init-unrunnable '/sbin/init exists but couldn'"'"'t execute it (error -13)' \
	's/^    init, /    /; /^  \/tmp:/a\  /sbin/init: {content: "#!/bin/sh\\n", mode: 0644}'
edit='s/::sysinit.*sysfs .*/::sysinit:\/etc\/rc/'
forced inittab-program "can't run '/etc/rc': No such file or directory" "$edit"
forced inittab-program "can't run '/etc/rc': Permission denied" "$edit;/^  \/tmp:/a\  /etc/rc: {content: \"#!\/bin\/sh\\\\n\"}"
forced initrd-too-early 'Error 19: Linux kernel must be loaded before initrd' \
	"$command\"root (hd0,0)\", initrd /boot/grub/menu.lst]}"

# What is missing can only be seen by its not being there: the kernel starts init, and no prompt comes.
edit='/^  \/dev\/ttyS0:/d'
build "$edit" --allow console-missing && grep -q 'console-missing, allowed' built && sees 'Run /sbin/init as init process' && {
	"$rootc" run forced.img --expect '/ # ' --timeout 40 </dev/null >console 2>&1
	[ $? -eq 6 ]
}
result 'console-missing: no prompt' $?

# The same of a kernel that does not know of the only terminal: no other word of it comes either.
sed 's/console=ttyS0 //; /ttyS0::respawn/d' minimal.yaml >forced.yaml
run run forced.yaml --lock "$lock" -o forced.img --expect 'Linux version' --timeout 25 </dev/null >console 2>&1
[ $? -eq 6 ] && grep -q 'warning: .*\[console-elsewhere\]$' console
result 'console-elsewhere: nothing is seen of the kernel' $?

# Root passes a directory that nobody may search, and GRUB 0.97 reads holes that are no extents.
build 's/^  \/tmp:/  \/sbin: {directory: true, mode: 0600}\n&/' && sees '/ # '
result 'a directory without x does not stop init' $?
build '/^  \/tmp:/a\  /ramdisk: {source: ramdisk, sparse: true}
	$a\      initrd: /ramdisk' && sees '/ # '
result 'GRUB legacy reads holes on ext2' $?
finish

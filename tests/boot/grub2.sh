#!/bin/sh
# Boots manifests/qemu-bios-grub2.yaml in QEMU: as it is, with a first partition in sector 63, and with grub-bios-setup in it, which
# must write the very bytes that rootc wrote. usage: grub2.sh ROOTC
# Where apt has no network the tests are skipped, and say so.
set -u
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
dir=$(realpath "$here/../..")/build/boot-test
name=qemu-bios-grub2
export LC_ALL=C
mkdir -p "$dir" && cd "$dir" || exit 1
# shellcheck source=tests/boot/count.sh
. "$here/count.sh"

run() { "$rootc" "$@" --store "$store"; }

# boots IMAGE TEXT LINE...: the console shows TEXT, and before it each LINE
boots() {
	image=$1 text=$2
	shift 2
	boot console.grub2 "$image" "$text" || return 1
	for line; do
		grep -a -q -F "$line" console.grub2 || { echo "no '$line' on the console"; return 1; }
	done
}

need_packages "$name" 4 'boot with GRUB 2'
cp "$manifests/$name.yaml" .

run build "$name.yaml" --lock "$lock" -o "$name.img" >/dev/null && boots "$name.img" '/ # ' 'GNU GRUB  version 2' "Booting \`Linux'" \
	'Command line: BOOT_IMAGE=/boot/vmlinuz-'
result "$name boots to a prompt through its menu" $?

# Titles and arguments arrive as they were written, on a disk that has no room for more than a small core.
sed "s/^    size: rest/    start: 63s\n    size: rest/; /^  menu:/,\$d" "$name.yaml" >small.yaml
cat >>small.yaml <<'YAML'
  menu:
    - title: "--It's \"Linux\" for $5; \\o/ #1"
      arguments: console=ttyS0 rw x="a b" "y=$HOME;{}|&<>*?[a]" z=~!^`x` -- "q r"
YAML
# shellcheck disable=SC2016 # nothing is to expand
run build small.yaml --lock "$lock" -o small.img >/dev/null && boots small.img '/ # ' "Booting \`--It's \"Linux\" for \$5; \\o/ #1'" \
	' console=ttyS0 rw "x=a b" y=$HOME;{}|&<>*?[a] z=~!^`x` -- "q r"'
result 'a small core reads its modules from a disk that begins in sector 63' $?

# What is refused of an entry's commands is what GRUB cannot do.
sed "s/^  timeout: 1/&\\n  default: 2/" "$name.yaml" >commands.yaml
cat >>commands.yaml <<'YAML'
    - title: wrong
      commands: [loadfont nope, linux boot/x, "linux (hd0,msdos4)/x", insmod fat, linux /nothing]
YAML
run build commands.yaml --lock "$lock" -o commands.img >/dev/null 2>built
[ "$(grep -c 'error: .*\[grub-cannot-read\]' built)" -eq 4 ] &&
	run build commands.yaml --lock "$lock" -o commands.img --allow grub-cannot-read >/dev/null 2>&1 &&
	boots commands.img "error: file \`/nothing' not found" "file \`/boot/grub/fonts/nope.pf2' not found" "invalid file name \`boot/x'" \
		"disk \`hd0,msdos4' not found"
result 'GRUB 2 finds no file, font or partition that was refused' $?

# In the guest, grub-bios-setup installs the same core image anew, on a disk whose first sectors were cleared.
cat >setup.yaml <<'YAML'
rootc: 1
name: setup
inputs: {debian: {packages: [busybox, grub-pc-bin, linux-image-cloud-amd64]}}
disk: {size: 48MiB}
partitions: {root: {size: rest, filesystem: {type: ext4}, mount: /}}
kernel: {image: /boot/vmlinuz-*, arguments: console=ttyS0 rw init=/setup/run}
busybox: {program: /bin/busybox, applets: [sh, mount, dd, cmp, echo, sleep]}
programs: [/usr/lib/grub/i386-pc/grub-bios-setup]
files:
  /setup/boot.img: {source: /usr/lib/grub/i386-pc/boot.img}
  /setup/diskboot.img: {source: /usr/lib/grub/i386-pc/diskboot.img}
  /setup/run:
    mode: 0755
    content: |
      #!/bin/sh
      disk=/dev/nvme0n1
      mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
      dd if=$disk of=/ours count=2048
      dd if=$disk of=/setup/core.img skip=1 count=SECTORS
      dd if=/setup/diskboot.img of=/setup/core.img conv=notrunc
      dd if=/dev/zero of=$disk bs=440 count=1
      dd if=/dev/zero of=$disk seek=1 count=2047
      /usr/lib/grub/i386-pc/grub-bios-setup --no-rs-codes -d /setup $disk
      dd if=$disk of=/theirs count=2048
      cmp /ours /theirs && echo THE-SAME-$((40 + 2))
      sleep 1000
  /proc: {directory: true}
  /sys: {directory: true}
  /tmp: {directory: true}
devices: {/dev/console: {type: char, major: 5, minor: 1}}
grub: {timeout: 0, menu: [{title: Linux}]}
YAML
sectors=$(run plan --map setup.yaml --lock "$lock" | sed -n 's/^1\.\.\([0-9]*\) core.img .*/\1/p')
sed -i "s/SECTORS/$sectors/" setup.yaml
run build setup.yaml --lock "$lock" -o setup.img >/dev/null && boots setup.img THE-SAME-42
result 'grub-bios-setup --no-rs-codes writes the same bytes' $?
finish

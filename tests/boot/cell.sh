#!/bin/sh
# The manifest of one cell of the matrix: the smallest system that comes to a prompt. Its packages are those of an example, by whose lock
# it can be built. usage: cell.sh mbr|gpt legacy|bios|efi ext2|ext4 [arm64|4k]
set -eu
table=$1 loader=$2 filesystem=$3 architecture=amd64
name=$(echo "$*" | tr " " -)
console=ttyS0 partitions='' disk=''
case ${4-} in
arm64) architecture=arm64 ;;
4k) disk=', sector_size: 4KiB' ;;
esac
case $loader in
legacy) packages=grub-legacy grub='version: legacy' ;;           # as in minimal.yaml
bios) packages='grub-pc-bin, grub-efi-amd64-bin' grub='platform: bios' ;; # hybrid.yaml
efi) packages='grub-pc-bin, grub-efi-amd64-bin' grub='platform: efi' ;;
esac
[ "$architecture" = amd64 ] || packages=grub-efi-$architecture-bin console=ttyAMA0 # arm64-uefi.yaml
[ "$table $loader" != 'gpt bios' ] || partitions='bios: {size: 1MiB, type: bios-boot}'
[ "$loader" != efi ] || partitions='esp: {size: 4MiB, mount: /efi, filesystem: {type: vfat}}'
case $filesystem in
ext2) blocks=1KiB ;;
ext4) blocks=4KiB ;;
esac
cat <<YAML
rootc: 1
name: $name
inputs: {debian: {packages: [busybox, $packages, linux-image-cloud-$architecture], architecture: $architecture}}
disk: {size: min, table: $table$disk}
partitions:
  ${partitions:-# beside the root: none}
  root: {size: min, free: 1MiB, mount: /, filesystem: {type: $filesystem, block_size: $blocks}}
kernel: {image: /boot/vmlinuz-*, arguments: console=$console init=/bin/sh}
busybox: {program: /bin/busybox, applets: [sh]}
devices: {/dev/console: {type: char, major: 5, minor: 1}}
grub: {$grub, timeout: 0, menu: [{title: $name}]}
YAML

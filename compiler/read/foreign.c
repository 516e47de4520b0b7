/* Decides what somebody meant who knows the words of another tool. */

#include "read/foreign.h"

#include <stdbool.h>
#include <string.h>

#define SOURCES_HELP(where) where "'sources' names archives by lines of sources.list; the host's own unless written"
#define SIGNED_BY_HELP "keys stand in a line of 'sources': ['deb [signed-by=keys/example.gpg] http://example.org/debian stable main']"

const struct foreign foreign_manifest[] = {
	{"version", "rootc", "a manifest begins with 'rootc: 1'; GRUB's version belongs in 'grub'"},
	{"hostname", "files", "write it under 'files': /etc/hostname: {content: NAME}"},
	{"users", "files", "users are lines of /etc/passwd, which is written under 'files' or comes from the inputs"},
	{"rootpassword", "files", "users are lines of /etc/passwd, which is written under 'files' or comes from the inputs"},
	{"password", "files", "users are lines of /etc/passwd, which is written under 'files' or comes from the inputs"},
	{"services", NULL, "rootc enables no services: what starts is in files, such as /etc/inittab, under 'files'"},
	{"timezone", "files", "write it under 'files': /etc/localtime: {link: /usr/share/zoneinfo/UTC}"},
	{"locale", NULL, "rootc sets nothing up: name the files that do under 'files'"},
	{"env", NULL, "rootc runs nothing in the image, and reads no environment"},
	{"environment", NULL, "rootc runs nothing in the image, and reads no environment"},
	{"run", NULL, "rootc runs nothing in the image: name the files that come of it under 'files'"},
	{"script", NULL, "rootc runs nothing in the image: name the files that come of it under 'files'"},
	{"scripts", NULL, "rootc runs nothing in the image: name the files that come of it under 'files'"},
	{"actions", NULL, "rootc runs nothing in the image: name what is in it under 'programs' and 'files'"},
	{"arch", "inputs", "the architecture is that of an input: inputs: {debian: {packages: [...], architecture: amd64}}"},
	{"distribution", "inputs", SOURCES_HELP("in an input of packages, ")},
	{"release", "inputs", SOURCES_HELP("in an input of packages, ")},
	{"suite", "inputs", SOURCES_HELP("in an input of packages, ")},
	{"mirror", "inputs", SOURCES_HELP("in an input of packages, ")},
	{"repositories", "inputs", SOURCES_HELP("in an input of packages, ")},
	{"partitiontable", "disk", "it is that of the disk: disk: {size: 32MiB, table: gpt}"},
	{"format", NULL, "an image is a raw disk; other forms are made of it afterwards, as by qemu-img convert"},
	{"output", NULL, "the image is called NAME.img, or what -o says"},
	{"image", NULL, "the image is called NAME.img, or what -o says; the kernel's belongs in 'kernel'"},
	{"include", "extends", NULL},
	{"includes", "extends", NULL},
	{"inherit", "extends", NULL},
	{"from", "extends", "did you mean 'extends'? an OCI image is an input: inputs: {base: {oci: DIRECTORY}}"},
	{"bootloader", "grub", NULL},
	{"boot", NULL, "what boots is written under 'kernel' and 'grub'"},
	{"bootable", NULL, "a partition can be bootable, and what boots is written under 'kernel' and 'grub'"},
	{"cmdline", "kernel", "it belongs in 'kernel': arguments: TEXT"},
	{"initrd", "kernel", "it belongs in 'kernel': initramfs: {modules: [...]} or {file: PATH}"},
	{"rootfs", "partitions", "what is in it is named under 'programs' and 'files', and the partition has 'mount: /'"},
	{"root", "partitions", "a partition with 'mount: /' is the root file system"},
	{"overlay", "inputs", "a directory is an input, and what it holds is named under 'files': inputs: {overlay: {directory: overlay}}, files: {/**: {}}"},
	{"copy", "files", NULL},
	{"directories", "files", "write them under 'files': /srv: {directory: true}"},
	{"links", "files", "write them under 'files': /bin/sh: {link: busybox}"},
	{"mounts", NULL, "each partition has its own 'mount'; what is mounted later is in /etc/fstab"},
	{0},
};

const struct foreign foreign_input[] = {
	{"package", "packages", NULL},
	{"apt", "packages", NULL},
	{"deb", "archive", NULL},
	{"tar", "archive", NULL},
	{"tarball", "archive", NULL},
	{"dir", "directory", NULL},
	{"url", "archive", "rootc downloads packages alone: fetch the file, and name it as 'archive' or 'file' with its 'sha256'"},
	{"docker", "oci", "an image of a registry is copied first: skopeo copy docker://IMAGE oci:DIRECTORY:TAG, then 'oci: DIRECTORY'"},
	{"image", "oci", "an image of a registry is copied first: skopeo copy docker://IMAGE oci:DIRECTORY:TAG, then 'oci: DIRECTORY'"},
	{"arch", "architecture", NULL},
	{"version", NULL, "versions are pinned by the lock: `rootc lock`"},
	{"distribution", "sources", SOURCES_HELP("")},
	{"release", "sources", SOURCES_HELP("")},
	{"suite", "sources", SOURCES_HELP("")},
	{"components", "sources", SOURCES_HELP("")},
	{"mirror", "sources", SOURCES_HELP("")},
	{"snapshot", "sources", SOURCES_HELP("")},
	{"repositories", "sources", SOURCES_HELP("")},
	{"keyring", "sources", SIGNED_BY_HELP},
	{"signedby", "sources", SIGNED_BY_HELP},
	{"hash", "sha256", NULL},
	{"checksum", "sha256", NULL},
	{0},
};

const struct foreign foreign_disk[] = {
	{"type", "table", NULL},
	{"label", "table", "did you mean 'table'? a file system's label belongs in 'filesystem'"},
	{"partitiontable", "table", NULL},
	{"partitiontabletype", "table", NULL},
	{"disksignature", "id", NULL},
	{"signature", "id", NULL},
	{"diskuuid", "uuid", NULL},
	{"guid", "uuid", NULL},
	{"sector", "sector_size", NULL},
	{"logicalsectorsize", "sector_size", NULL},
	{"logicalblocksize", "sector_size", NULL},
	{"blocksize", "sector_size", "did you mean 'sector_size'? the blocks of a file system belong in 'filesystem'"},
	{"format", NULL, "an image is a raw disk; other forms are made of it afterwards, as by qemu-img convert"},
	{"align", NULL, "partitions start on a full MiB; 'start' of a partition says otherwise"},
	{"name", NULL, "the image is called NAME.img, or what -o says"},
	{"partitions", NULL, "'partitions' stands beside 'disk', not in it"},
	{0},
};

#define FILESYSTEM_HELP "write 'filesystem: {type: ext4}'"

const struct foreign foreign_partition[] = {
	{"fstype", "filesystem", FILESYSTEM_HELP},
	{"fs", "filesystem", FILESYSTEM_HELP},
	{"format", "filesystem", FILESYSTEM_HELP},
	{"mountpoint", "mount", NULL},
	{"path", "mount", NULL},
	{"partitiontype", "type", NULL},
	{"parttype", "type", NULL},
	{"partitiontypeuuid", "type", NULL},
	{"partitionuuid", "uuid", NULL},
	{"name", NULL, "a partition's name is its key: partitions: {NAME: {...}}"},
	{"flags", "bootable", "did you mean 'bootable: true'? other flags are types, such as 'type: esp' or 'type: bios-boot'"},
	{"boot", "bootable", NULL},
	{"active", "bootable", NULL},
	{"esp", "type", "write 'type: esp'"},
	{"offset", "start", NULL},
	{"begin", "start", NULL},
	{"end", "size", "how far a partition reaches follows from its 'size'"},
	{"length", "size", NULL},
	{"minsize", "size", "did you mean 'size: min'?"},
	{"sizeminbytes", "size", NULL},
	{"sizemaxbytes", "size", NULL},
	{"align", NULL, "partitions start on a full MiB unless 'start' says otherwise"},
	{"image", "raw", "did you mean 'raw'? files are named under 'files', and lie on the partition that is mounted there"},
	{"source", "raw", "did you mean 'raw'? files are named under 'files', and lie on the partition that is mounted there"},
	{"content", "raw", "did you mean 'raw'? files are named under 'files', and lie on the partition that is mounted there"},
	{"files", NULL, "'files' stands beside 'partitions', and its paths say on which of them a file lies"},
	{"copyfiles", NULL, "'files' stands beside 'partitions', and its paths say on which of them a file lies"},
	{0},
};

const struct foreign foreign_filesystem[] = {
	{"fstype", "type", NULL},
	{"format", "type", NULL},
	{"name", "label", NULL},
	{"volumelabel", "label", NULL},
	{"volumename", "label", NULL},
	{"blocksize", "block_size", NULL},
	{"fatbits", "fat", NULL},
	{"options", "features", NULL},
	{"mkfsoptions", "features", NULL},
	{"mount", NULL, "'mount' stands beside 'filesystem', not in it"},
	{"size", NULL, "'size' stands beside 'filesystem', not in it"},
	{0},
};

const struct foreign foreign_kernel[] = {
	{"path", "image", NULL},
	{"file", "image", NULL},
	{"cmdline", "arguments", NULL},
	{"commandline", "arguments", NULL},
	{"append", "arguments", NULL},
	{"args", "arguments", NULL},
	{"options", "arguments", NULL},
	{"parameters", "arguments", NULL},
	{"initrd", "initramfs", "write 'initramfs: {modules: [...]}', or 'initramfs: {file: PATH}' for a ready one"},
	{"initramfsimage", "initramfs", "write 'initramfs: {file: PATH}' for a ready one"},
	{"package", "image", "the package is named in an input, and 'image' is the kernel's path in it: /boot/vmlinuz-*"},
	{"version", "image", "the kernel is told by its path: image: /boot/vmlinuz-*"},
	{"uki", "unified", NULL},
	{"dtb", NULL, "no device tree is loaded: the firmware brings its own"},
	{"devicetree", NULL, "no device tree is loaded: the firmware brings its own"},
	{0},
};

const struct foreign foreign_file[] = {
	{"uid", "owner", NULL},
	{"user", "owner", NULL},
	{"gid", "group", NULL},
	{"permissions", "mode", NULL},
	{"perm", "mode", NULL},
	{"perms", "mode", NULL},
	{"chmod", "mode", NULL},
	{"chown", "owner", "did you mean 'owner' and 'group'?"},
	{"symlink", "link", NULL},
	{"linkto", "link", NULL},
	{"target", "link", "did you mean 'link'? where a file goes is its key: files: {/etc/motd: {...}}"},
	{"dir", "directory", "did you mean 'directory: true'?"},
	{"text", "content", NULL},
	{"contents", "content", NULL},
	{"data", "content", NULL},
	{"inline", "content", NULL},
	{"src", "source", NULL},
	{"from", "source", NULL},
	{"file", "source", NULL},
	{"copy", "source", NULL},
	{"host", "source", NULL},
	{"dest", NULL, "where a file goes is its key: files: {/etc/motd: {...}}"},
	{"destination", NULL, "where a file goes is its key: files: {/etc/motd: {...}}"},
	{"path", NULL, "where a file goes is its key: files: {/etc/motd: {...}}"},
	{"name", NULL, "where a file goes is its key: files: {/etc/motd: {...}}"},
	{"type", NULL, "a file is what its key says: source, content, link, hardlink or directory; devices stand under 'devices'"},
	{"mtime", NULL, "all files have one time: 'epoch', at the top of the manifest"},
	{0},
};

const struct foreign foreign_device[] = {
	{"uid", "owner", NULL},
	{"user", "owner", NULL},
	{"gid", "group", NULL},
	{"permissions", "mode", NULL},
	{"kind", "type", NULL},
	{"dev", "major", "write 'major: 1, minor: 3'"},
	{"device", "major", "write 'major: 1, minor: 3'"},
	{"rdev", "major", "write 'major: 1, minor: 3'"},
	{0},
};

const struct foreign foreign_grub[] = {
	{"entries", "menu", NULL},
	{"menuentries", "menu", NULL},
	{"target", "platform", NULL},
	{"firmware", "platform", NULL},
	{"cmdline", NULL, "arguments are those of 'kernel', or of an entry of 'menu'"},
	{"arguments", NULL, "arguments are those of 'kernel', or of an entry of 'menu'"},
	{"device", NULL, "GRUB is installed on this image, and nowhere else"},
	{"config", "menu", "grub.cfg is made from 'menu'"},
	{0},
};

const struct foreign foreign_menu_entry[] = {
	{"name", "title", NULL},
	{"label", "title", NULL},
	{"menuentry", "title", NULL},
	{"linux", "kernel", NULL},
	{"image", "kernel", NULL},
	{"append", "arguments", NULL},
	{"cmdline", "arguments", NULL},
	{"args", "arguments", NULL},
	{"options", "arguments", NULL},
	{"initramfs", "initrd", NULL},
	{"command", "commands", NULL},
	{0},
};

const struct foreign foreign_tables[] = {
	{"dos", "mbr", NULL},
	{"msdos", "mbr", NULL},
	{"raw", "none", NULL},
	{"hybrid", NULL, "expected mbr, gpt or none; 'grub: {platform: hybrid}' starts either by a BIOS or by UEFI"},
	{0},
};

const struct foreign foreign_filesystems[] = {
	{"ext", "ext4", NULL},
	{"fat", "vfat", NULL},
	{"fat12", "vfat", "write 'type: vfat', and 'fat: 12' where its size alone would give another one"},
	{"fat16", "vfat", "write 'type: vfat', and 'fat: 16' where its size alone would give another one"},
	{"fat32", "vfat", "write 'type: vfat', and 'fat: 32' where its size alone would give another one"},
	{"msdos", "vfat", NULL},
	{"esp", "vfat", NULL},
	{"swap", NULL, "swap space is no file system: write 'swap: {}' in place of 'filesystem'"},
	{"raw", NULL, "write 'raw: FILE' in place of 'filesystem', or leave it out for zeroes"},
	{"none", NULL, "leave 'filesystem' out for zeroes"},
	{0},
};

const struct foreign foreign_block_sizes[] = {
	{"1024", "1KiB", NULL},
	{"1k", "1KiB", NULL},
	{"1kb", "1KiB", NULL},
	{"2048", "2KiB", NULL},
	{"2k", "2KiB", NULL},
	{"2kb", "2KiB", NULL},
	{"4096", "4KiB", NULL},
	{"4096b", "4KiB", NULL},
	{"4k", "4KiB", NULL},
	{"4kb", "4KiB", NULL},
	{0},
};

const struct foreign foreign_sector_sizes[] = {
	{"512", "512B", NULL},
	{"0.5kib", "512B", NULL},
	{"4096", "4KiB", NULL},
	{"4096b", "4KiB", NULL},
	{"4k", "4KiB", NULL},
	{"4kb", "4KiB", NULL},
	{"4kn", "4KiB", NULL},
	{"512e", "512B", "did you mean '512B'? a disk that shows 512 bytes and has larger sectors inside counts in these"},
	{0},
};

const struct foreign foreign_partition_types[] = {
	{"primary", NULL, "all partitions are primary ones: leave it out"},
	{"ext2", NULL, "the file system is 'filesystem: {type: ext2}'; leave this out for the type that goes with it"},
	{"ext3", NULL, "the file system is 'filesystem: {type: ext3}'; leave this out for the type that goes with it"},
	{"ext4", NULL, "the file system is 'filesystem: {type: ext4}'; leave this out for the type that goes with it"},
	{"vfat", NULL, "the file system is 'filesystem: {type: vfat}'; leave this out for the type that goes with it"},
	{"fat32", NULL, "the file system is 'filesystem: {type: vfat}'; leave this out for the type that goes with it"},
	{"linuxgeneric", "linux", NULL},
	{"linuxswap", "swap", NULL},
	{"linuxlvm", "lvm", NULL},
	{"8300", "linux", NULL},
	{"8200", "swap", NULL},
	{"ef00", "esp", NULL},
	{"0xef00", "esp", NULL},
	{"ef02", "bios-boot", NULL},
	{"0700", "basic-data", NULL},
	{"fd00", "raid", NULL},
	{"8e00", "lvm", NULL},
	{"efi", "esp", NULL},
	{"uefi", "esp", NULL},
	{"efisystem", "esp", NULL},
	{"biosgrub", "bios-boot", NULL},
	{"boot", NULL, "for a BIOS write 'bootable: true', for UEFI 'type: esp'"},
	{"root", "linux", NULL},
	{"home", "linux-home", NULL},
	{0},
};

const struct foreign foreign_extents[] = {
	{"max", "rest", NULL},
	{"all", "rest", NULL},
	{"fill", "rest", NULL},
	{"grow", "rest", NULL},
	{"remaining", "rest", NULL},
	{"100%", "rest", NULL},
	{"0", "rest", NULL},
	{"auto", NULL, "'rest' takes what is left, and 'min' what the files need"},
	{0},
};

const struct foreign foreign_devices[] = {
	{"c", "char", NULL},
	{"u", "char", NULL},
	{"b", "block", NULL},
	{"character", "char", NULL},
	{"chr", "char", NULL},
	{"blk", "block", NULL},
	{"p", NULL, "no FIFOs and sockets are made: programs make them when they start"},
	{"fifo", NULL, "no FIFOs and sockets are made: programs make them when they start"},
	{"socket", NULL, "no FIFOs and sockets are made: programs make them when they start"},
	{"file", NULL, "expected char or block; files stand under 'files'"},
	{"dir", NULL, "expected char or block; a directory stands under 'files': /srv: {directory: true}"},
	{"directory", NULL, "expected char or block; a directory stands under 'files': /srv: {directory: true}"},
	{0},
};

const struct foreign foreign_grubs[] = {
	{"1", "legacy", NULL},
	{"0.97", "legacy", NULL},
	{"grublegacy", "legacy", NULL},
	{"grub2", "2", NULL},
	{"grub", "2", NULL},
	{"2.06", "2", NULL},
	{"2.12", "2", NULL},
	{0},
};

const struct foreign foreign_platforms[] = {
	{"uefi", "efi", NULL},
	{"x8664efi", "efi", NULL},
	{"arm64efi", "efi", NULL},
	{"pc", "bios", NULL},
	{"i386pc", "bios", NULL},
	{"legacy", "bios", NULL},
	{"both", "hybrid", NULL},
	{0},
};

const struct foreign foreign_compressions[] = {
	{"gz", "gzip", NULL},
	{"zst", "zstd", NULL},
	{"true", "gzip", NULL},
	{"false", "none", NULL},
	{0},
};

const struct foreign foreign_owners[] = {
	{"root", "0", NULL},
	{FOREIGN_ANY, NULL, "users and groups go by number here: the third field of a line of /etc/passwd and /etc/group"},
	{0},
};

const struct foreign foreign_architectures[] = {
	{"x8664", "amd64", NULL},
	{"x64", "amd64", NULL},
	{"i686", "i386", NULL},
	{"x86", "i386", NULL},
	{"aarch64", "arm64", NULL},
	{"armv8", "arm64", NULL},
	{"armv7", "armhf", NULL},
	{"armv7l", "armhf", NULL},
	{"ppc64le", "ppc64el", NULL},
	{0},
};

const struct foreign foreign_entries[] = {
	{FOREIGN_ANY, NULL, "entries go by number here, counted from 0"},
	{0},
};

const struct foreign foreign_times[] = {
	{"now", NULL, "the clock is never read; leave it out for 0, or write the time of a release: 2026-01-01T00:00:00Z"},
	{"$sourcedateepoch", NULL, "the environment is never read; leave it out for 0, or write the time of a release: 2026-01-01T00:00:00Z"},
	{"${sourcedateepoch}", NULL, "the environment is never read; leave it out for 0, or write the time of a release: 2026-01-01T00:00:00Z"},
	{0},
};

static char
small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether TEXT is WORD, whatever its case, '-' and '_'. */
static bool
is_word(const char *text, const char *word)
{
	for (; *text; text++) {
		if (*text == '-' || *text == '_')
			continue;
		if (small(*text) != *word)
			return false;
		word++;
	}
	return !*word;
}

const struct foreign *
foreign_find(const struct foreign *list, const char *word)
{
	for (; list && list->word; list++)
		if (strcmp(list->word, FOREIGN_ANY) == 0 || is_word(word, list->word))
			return list;
	return NULL;
}

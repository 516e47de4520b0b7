/* The manifest language, one row a key. What a row says is decoded, explained and printed as JSON Schema; nothing else decides. */

#include "read/schema.h"

#include <assert.h>

#include "model/lock.h"
#include "model/manifest.h"
#include "read/foreign.h"

/* The offset of a member, which must have the type WANT: a row of another kind does not compile. */
#define MEMBER(T, m, want) _Generic(((struct T *)0)->m, want: offsetof(struct T, m))

#define TEXT(T, m, form_) .kind = KIND_TEXT, .form = form_, .offset = MEMBER(T, m, struct m_text)
#define TEXTS(T, m, form_) .kind = KIND_TEXTS, .form = form_, .offset = MEMBER(T, m, struct m_texts)
#define NUMBER(T, m, min_, max_) .kind = KIND_NUMBER, .offset = MEMBER(T, m, struct m_number), .min = min_, .max = max_
#define PARTTYPE(T, m) .kind = KIND_PARTTYPE, .offset = MEMBER(T, m, struct m_parttype), .min = 1, .max = 0xff
#define WORD(T, m) .kind = KIND_WORD, .offset = MEMBER(T, m, struct m_number), .max = 0xffffffff
#define BOOL(T, m) .kind = KIND_BOOL, .offset = MEMBER(T, m, struct m_bool)
#define CHOICE(T, m, names) .kind = KIND_CHOICE, .offset = MEMBER(T, m, struct m_enum), .choices = names
#define SIZE(T, m, min_, max_) .kind = KIND_SIZE, .offset = MEMBER(T, m, struct m_size), .min = min_, .max = max_
#define EXTENT(T, m, min_, max_) .kind = KIND_EXTENT, .offset = MEMBER(T, m, struct m_size), .min = min_, .max = max_
#define LENGTH(T, m, min_, max_) .kind = KIND_LENGTH, .offset = MEMBER(T, m, struct m_size), .min = min_, .max = max_
#define ROOM(T, m, max_) .kind = KIND_ROOM, .offset = MEMBER(T, m, struct m_size), .min = 512, .max = max_
#define MODE(T, m) .kind = KIND_MODE, .offset = MEMBER(T, m, struct m_mode)
#define TIME(T, m) .kind = KIND_TIME, .offset = MEMBER(T, m, struct m_time)
#define NIL_UUID(T, m) UUID(T, m), .may_be_nil = true
#define UUID(T, m) .kind = KIND_UUID, .offset = MEMBER(T, m, struct m_uuid)
#define PAIRS(T, m, name_form_, form_) \
	.kind = KIND_PAIRS, .name_form = name_form_, .form = form_, .offset = MEMBER(T, m, struct m_pairs)
#define MAPPING(T, m, U) .kind = KIND_MAPPING, .offset = MEMBER(T, m, struct m_##U), .of = &U##_schema
#define ARRAY(T, m, count, U) .offset = MEMBER(T, m, struct m_##U *), .count_offset = MEMBER(T, count, size_t), .of = &U##_schema
#define MAPPINGS(T, m, count, U) .kind = KIND_MAPPINGS, ARRAY(T, m, count, U)
#define NAMED(T, m, count, U) .kind = KIND_NAMED, ARRAY(T, m, count, U)

/* The struct of a schema; one that has a name; one that may be absent. */
#define STRUCT(T) .size = sizeof(struct T)
#define NAME(T, m, form_) .key_at_offset = MEMBER(T, key_at, struct span), .name_offset = MEMBER(T, m, const char *), .name_form = form_
#define ALWAYS .given_offset = NO_MEMBER
#define OPTIONAL(T) .given_offset = MEMBER(T, given, bool)
#define ONLY_WITH(...) .only_with = (const char *const[]){__VA_ARGS__, NULL}
#define FIELDS(...) .fields = (const struct field[]){__VA_ARGS__, {0}}

#define KiB (UINT64_C(1) << 10)
#define TiB (UINT64_C(1) << 40)

/* decode.c writes a span and such an enum without knowing more of the struct. */
static_assert(sizeof(enum input_kind) == sizeof(unsigned), "an enum is as large as an unsigned");
static_assert(offsetof(struct m_text, at) == 0 && offsetof(struct m_number, at) == 0 &&
	offsetof(struct m_bool, at) == 0 &&
	offsetof(struct m_enum, at) == 0 && offsetof(struct m_size, at) == 0 && offsetof(struct m_mode, at) == 0 &&
	offsetof(struct m_parttype, at) == 0 &&
	offsetof(struct m_time, at) == 0 && offsetof(struct m_uuid, at) == 0 && offsetof(struct m_texts, at) == 0 &&
	offsetof(struct m_pairs, at) == 0,
	"a value begins with its span");

static const char *const device_names[] = {[DEVICE_CHAR] = "char", [DEVICE_BLOCK] = "block", NULL};
static const char *const grub_names[] = {[GRUB_LEGACY] = "legacy", [GRUB_2] = "2", NULL};
static const char *const platform_names[] = {[GRUB_BIOS] = "bios", [GRUB_EFI] = "efi", [GRUB_HYBRID] = "hybrid", NULL};
static const char *const cpu_names[] = {
	[HWCAPS_NONE] = "baseline",
	[HWCAPS_X86_64_V2] = "x86-64-v2",
	[HWCAPS_X86_64_V3] = "x86-64-v3",
	[HWCAPS_X86_64_V4] = "x86-64-v4",
	[HWCAPS_POWER9] = "power9",
	[HWCAPS_POWER10] = "power10",
	[HWCAPS_Z13] = "z13",
	[HWCAPS_Z14] = "z14",
	[HWCAPS_Z15] = "z15",
	[HWCAPS_Z16] = "z16",
	[HWCAPS_Z17] = "z17",
	NULL,
};
static const char *const block_sizes[] = {"1KiB", "2KiB", "4KiB", NULL};
static const char *const sector_sizes[] = {"512B", "4KiB", NULL};
static const char *const fat_sizes[] = {"12", "16", "32", NULL};
static const char *const inode_sizes[] = {"128", "256", NULL};
static const char *const input_keys[] = {
	[INPUT_PACKAGES] = "packages", [INPUT_DIRECTORY] = "directory", [INPUT_ARCHIVE] = "archive", [INPUT_OCI] = "oci",
	[INPUT_FILE] = "file", NULL};
static const char *const locked_keys[] = {
	[INPUT_PACKAGES] = "packages", [INPUT_DIRECTORY] = "tree", [INPUT_ARCHIVE] = "sha256", [INPUT_OCI] = "image",
	[INPUT_FILE] = "file", NULL};
static const char *const root_names[] = {"/", NULL};
static const char *const file_keys[] = {"source", "content", "link", "hardlink", "directory", NULL};

static const struct schema input_schema = {
	.noun = "input", .foreign = foreign_input,
	.doc = "An input is one of packages, directory, archive, oci and file; nothing of it enters the image unless something asks for it.",
	STRUCT(m_input), NAME(m_input, name, FORM_NAME), ALWAYS,
	.one_of = {.keys = input_keys, .offset = MEMBER(m_input, kind, enum input_kind)},
	FIELDS(
		{.key = "packages", TEXTS(m_input, packages, FORM_PACKAGE), .min = 1,
			.doc = "Names of Debian packages; the lock pins them and all that they depend on."},
		{.key = "architecture", TEXT(m_input, architecture, FORM_ARCHITECTURE), .preset = "amd64", .foreign = foreign_architectures,
			ONLY_WITH("packages", "oci"),
			.doc = "Debian's name of the architecture of the packages, or of the image."},
		{.key = "sources", TEXTS(m_input, sources, FORM_APT_SOURCE), .min = 1, ONLY_WITH("packages"),
			.doc = "The archives that the packages come from, as lines of apt's sources.list; the host's own unless written."},
		{.key = "directory", TEXT(m_input, directory, FORM_HOST_PATH), .example = "rootfs",
			.doc = "A directory on the host, relative to the manifest. All in it is root's, and has no extended attributes."},
		{.key = "archive", TEXT(m_input, archive, FORM_HOST_PATH), .example = "rootfs.tar",
			.doc = "A .deb, .apk or tar file on the host, relative to the manifest."},
		{.key = "oci", TEXT(m_input, oci, FORM_HOST_PATH), .example = "alpine",
			.doc = "An OCI image layout on the host, relative to the manifest: a directory with index.json and blobs; its layers become one tree."},
		{.key = "tag", TEXT(m_input, tag, FORM_TAG), ONLY_WITH("oci"),
			.doc = "The tag (org.opencontainers.image.ref.name) of the image that is meant, where the layout has several."},
		{.key = "file", TEXT(m_input, file, FORM_HOST_PATH), .example = "bzImage",
			.doc = "A single file on the host, relative to the manifest, which the pool offers at 'path'."},
		{.key = "path", TEXT(m_input, path, FORM_FILE_PATH), .required = true, ONLY_WITH("file"), .example = "/boot/vmlinuz-custom",
			.doc = "The path in the pool at which the file is, such as /boot/vmlinuz-custom."},
		{.key = "mode", MODE(m_input, mode), ONLY_WITH("file"),
			.doc = "The file's mode; 0755 unless written if it can be executed on the host, else 0644."},
		{.key = "sha256", TEXT(m_input, sha256, FORM_SHA256), ONLY_WITH("archive", "oci", "file"),
			.doc = "The SHA-256 that the archive, the file, or the image's manifest must have: 64 hexadecimal digits in lower case."}),
};

static const struct schema disk_schema = {
	.noun = "disk", .foreign = foreign_disk,
	.doc = "The disk is what the image is an image of.",
	STRUCT(m_disk), ALWAYS,
	FIELDS(
		{.key = "size", LENGTH(m_disk, size, 64 * KiB, 32 * TiB), .required = true,
			.doc = "The size of the disk and of the image, such as 32MiB, or min to end with its last partition."},
		{.key = "table", CHOICE(m_disk, table, table_names), .preset = "mbr", .foreign = foreign_tables,
			.doc = "The kind of partition table, or none for an image that is one file system."},
		{.key = "sector_size", SIZE(m_disk, sector_size, 512, 4 * KiB), .choices = sector_sizes, .preset = "512B",
			.foreign = foreign_sector_sizes,
			.doc = "The size of a logical sector, in which the disk counts: 4KiB for one that is 4K native (4Kn), such as UFS."},
		{.key = "id", WORD(m_disk, id),
			.doc = "The MBR's disk signature, such as 0x1a2b3c4d; derived from the name unless written; 0x00000000: it has none."},
		{.key = "uuid", UUID(m_disk, uuid),
			.doc = "The disk's GUID in a GPT; derived from the name unless written."},
		{.key = "boot_code", TEXT(m_disk, boot_code, FORM_SOURCE), .example = "mbr.bin",
			.doc = "A file whose bytes the disk begins with, but for those from 440 to 511: code for a BIOS, found like a file's source."}),
};

static const struct schema budget_schema = {
	.noun = "budget",
	.doc = "What the file systems of all partitions together may have in use: blocks and clusters, those of their own tables included.",
	STRUCT(m_budget), ALWAYS,
	FIELDS(
		{.key = "used", SIZE(m_budget, used, 512, 32 * TiB),
			.doc = "The most that they may have in use, such as 40MiB."},
		{.key = "growth", ROOM(m_budget, growth, 32 * TiB),
			.doc = "The most by which that may grow from the golden or older image on, when a build has it at hand: 5% or 1MiB."}),
};

static const struct schema filesystem_schema = {
	.noun = "file system", .foreign = foreign_filesystem,
	.doc = "The file system of a partition, such as {type: ext4}.",
	STRUCT(m_filesystem), OPTIONAL(m_filesystem),
	FIELDS(
		{.key = "type", CHOICE(m_filesystem, type, filesystem_names), .required = true, .example = "ext4", .foreign = foreign_filesystems,
			.doc = "The kind of file system."},
		{.key = "block_size", SIZE(m_filesystem, block_size, 1 * KiB, 4 * KiB), .choices = block_sizes,
			.preset = "4KiB", .foreign = foreign_block_sizes,
			.doc = "The size of a block: small ones waste less, large ones hold larger files."},
		{.key = "label", TEXT(m_filesystem, label, FORM_LABEL),
			.doc = "The volume name, at most 16 bytes; of a vfat, at most 11 and in capitals."},
		{.key = "uuid", NIL_UUID(m_filesystem, uuid),
			.doc = "The volume's UUID; derived from the names of the target and the partition unless written; only zeroes: it has none."},
		{.key = "hash_seed", NIL_UUID(m_filesystem, hash_seed),
			.doc = "By what names are hashed in large directories; derived from the names of the target and the partition unless written."},
		{.key = "inodes", NUMBER(m_filesystem, inodes, 1, UINT32_MAX), .example = "4096",
			.doc = "The least number of inodes; what the files need unless written."},
		{.key = "inode_size", NUMBER(m_filesystem, inode_size, 128, 256), .choices = inode_sizes,
			.preset = "256",
			.doc = "Bytes of an inode: 128 cannot hold times after 2038."},
		{.key = "reserved_percent", NUMBER(m_filesystem, reserved_percent, 0, 50), .preset = "0",
			.doc = "Percent of the blocks that only root may fill."},
		{.key = "features", TEXTS(m_filesystem, features, FORM_FEATURE),
			.doc = "Features besides those of the type, such as [dir_index, 64bit]; ^metadata_csum takes one away."},
		{.key = "volume_id", TEXT(m_filesystem, volume_id, FORM_VOLUME_ID),
			.doc = "The number of a vfat, such as ABCD-1234; derived like a UUID unless written."},
		{.key = "fat", NUMBER(m_filesystem, fat, 12, 32), .choices = fat_sizes,
			.doc = "Bits of an entry of a vfat's table: 12, 16 or 32; by the size, as Microsoft does it, unless written."}),
};

static const struct schema swap_schema = {
	.noun = "swap",
	.doc = "Swap space for Linux, such as {} or {label: SWAP}.",
	STRUCT(m_swap), OPTIONAL(m_swap),
	FIELDS(
		{.key = "label", TEXT(m_swap, label, FORM_LABEL),
			.doc = "Its label, at most 16 bytes."},
		{.key = "uuid", UUID(m_swap, uuid),
			.doc = "Its UUID; derived from the names of the target and the partition unless written."}),
};

static const struct schema partition_schema = {
	.noun = "partition", .foreign = foreign_partition,
	.doc = "A partition needs at least a size, such as {size: rest}.",
	STRUCT(m_partition), NAME(m_partition, name, FORM_NAME), ALWAYS,
	FIELDS(
		{.key = "start", SIZE(m_partition, start, 512, 32 * TiB),
			.doc = "Where it starts on the disk; behind the partition before, on a full MiB, unless written."},
		{.key = "size", EXTENT(m_partition, size, 512, 32 * TiB), .required = true, .foreign = foreign_extents,
			.doc = "How large it is, such as 24MiB, rest for all that is left, or min for what it holds."},
		{.key = "free", ROOM(m_partition, free, 32 * TiB), ONLY_WITH("size"),
			.doc = "With size: min, how much of the file system must be left for others than root, such as 8MiB or 20%."},
		{.key = "type", PARTTYPE(m_partition, type), .foreign = foreign_partition_types,
			.doc = "The partition type: two hexadecimal digits for an MBR, such as 0x83; a GUID for a GPT; or a name such as linux or esp."},
		{.key = "uuid", UUID(m_partition, uuid),
			.doc = "The partition's GUID in a GPT; derived from the names of the target and the partition unless written."},
		{.key = "bootable", BOOL(m_partition, bootable), .preset = "false",
			.doc = "Whether the MBR marks it active, or the GPT as one that a BIOS boots: true or false."},
		{.key = "mount", TEXT(m_partition, mount, FORM_PATH),
			.doc = "The directory of the image whose files it holds; / in one of them."},
		{.key = "filesystem", MAPPING(m_partition, filesystem, filesystem),
			.doc = "Its file system, such as {type: ext4}; without filesystem, swap and raw it stays zeroes."},
		{.key = "swap", MAPPING(m_partition, swap, swap),
			.doc = "That it is swap space, such as {}."},
		{.key = "raw", TEXT(m_partition, raw, FORM_SOURCE), .example = "firmware.bin",
			.doc = "A file whose bytes it holds as they are: a path in the inputs when it starts with /, else relative to the manifest."}),
};

static const struct schema initramfs_schema = {
	.noun = "initramfs",
	.doc = "An initial ramdisk with busybox and kernel modules, which loads them and mounts the root file system, or is the whole system.",
	STRUCT(m_initramfs), OPTIONAL(m_initramfs),
	FIELDS(
		{.key = "mount", CHOICE(m_initramfs, mount, root_names),
			.doc = "/ where it is the root directory itself: all of the image that lies on no partition is in it, and Linux runs its /init, "
				"a link to /sbin/init unless the image has one."},
		{.key = "modules", TEXTS(m_initramfs, modules, FORM_MODULE), .not_with = "mount",
			.doc = "Names or aliases of kernel modules, such as [ext4, virtio_blk]; those that they depend on come with them."},
		{.key = "compression", CHOICE(m_initramfs, compression, compression_names), .preset = "gzip", .foreign = foreign_compressions,
			.doc = "How it is packed: gzip, zstd (smaller, for kernels with CONFIG_RD_ZSTD), or none."},
		{.key = "init", TEXT(m_initramfs, init, FORM_SOURCE), .not_with = "mount", .example = "init.sh",
			.doc = "What runs first in it, found like a file's source; a script that finds and mounts root= unless written."},
		{.key = "file", TEXT(m_initramfs, file, FORM_SOURCE), .not_with = "mount", .example = "initrd.img",
			.doc = "A ready one, found like a file's source; nothing else is then written here."}),
};

static const struct schema kernel_schema = {
	.noun = "kernel", .foreign = foreign_kernel,
	.doc = "The kernel that the menu entries boot unless they name their own.",
	STRUCT(m_kernel), OPTIONAL(m_kernel),
	FIELDS(
		{.key = "image", TEXT(m_kernel, image, FORM_POOL_FILE), .required = true, .example = "/boot/vmlinuz-*",
			.doc = "A path in the inputs, such as /boot/vmlinuz-*; a pattern must match exactly one file."},
		{.key = "arguments", TEXT(m_kernel, arguments, FORM_ARGUMENTS),
			.doc = "The command line for menu entries that have none of their own."},
		{.key = "initramfs", MAPPING(m_kernel, initramfs, initramfs),
			.doc = "An initial ramdisk at /boot/initrd.img, which menu entries have unless they name their own: {modules: [ext4, virtio_blk]}, or "
				"{file: PATH} for a ready one."},
		{.key = "modules", TEXTS(m_kernel, modules, FORM_MODULE),
			.doc = "Kernel modules for the image, by name or alias, and what they depend on; modules.dep has them and those of files."},
		{.key = "unified", BOOL(m_kernel, unified), .preset = "false",
			.doc = "Whether kernel, initramfs and arguments become one EFI program, which firmware starts from the EFI system partition."}),
};

static const struct schema busybox_schema = {
	.noun = "busybox",
	.doc = "busybox and links to it, one for each applet.",
	STRUCT(m_busybox), OPTIONAL(m_busybox),
	FIELDS(
		{.key = "program", TEXT(m_busybox, program, FORM_POOL_FILE), .required = true, .example = "/bin/busybox",
			.doc = "The path of busybox in the inputs, such as /bin/busybox."},
		{.key = "applets", TEXTS(m_busybox, applets, FORM_APPLET), .all = "all",
			.doc = "The applets to link, such as [sh, ls, mount], which must be in the program's own table; or all, for each that is in "
				"it and in whose place nothing else stands."}),
};

static const struct schema libraries_schema = {
	.noun = "libraries",
	.doc = "Which libraries come with programs, and how the image finds them.",
	STRUCT(m_libraries), OPTIONAL(m_libraries),
	FIELDS(
		{.key = "cpu", CHOICE(m_libraries, cpu, cpu_names),
			.doc = "What every machine has that runs the image; a library that needs a better CPU is then an error."},
		{.key = "hwcaps", CHOICE(m_libraries, hwcaps, hwcaps_names), .preset = "none",
			.doc = "Variants below glibc-hwcaps beside the plain libraries: none, those up to a level such as x86-64-v3, or all."},
		{.key = "dlopen", CHOICE(m_libraries, dlopen, dlopen_names), .preset = "recommended",
			.doc = "How important a library must be to a program that opens it while it runs, by the program's own notes, to come with it."},
		{.key = "features", TEXTS(m_libraries, features, FORM_PATTERN),
			.doc = "Features in these notes that count whatever their importance, by name or pattern; with '-' before it one is left out."},
		{.key = "cache", BOOL(m_libraries, cache), .preset = "false",
			.doc = "Whether the image has an /etc/ld.so.cache, so that the directories of ld.so.conf count."},
		{.key = "search", TEXTS(m_libraries, search, FORM_FILE_PATH), .example = "/usr/lib",
			.doc = "The directories that are built into the loader, for one that does not show its own."},
		{.key = "gconv", TEXTS(m_libraries, gconv, FORM_PATTERN), .example = "UTF-16",
			.doc = "Modules of iconv by name or pattern, such as UTF-16 or ISO8859-*, with the tables that they need."}),
};

static const struct schema subtree_schema = {
	.noun = "subtree",
	.doc = "A copy of all that lies below a directory of the inputs, such as {source: /srv}, or {} for that of the same path.",
	STRUCT(m_file), NAME(m_file, path, FORM_SUBTREE), .given_offset = MEMBER(m_file, is_subtree, bool),
	FIELDS(
		{.key = "source", TEXT(m_file, source, FORM_POOL_PATH),
			.doc = "The directory in the inputs; the subtree's own path unless written."},
		{.key = "owner", NUMBER(m_file, owner, 0, UINT32_MAX - 1), .foreign = foreign_owners,
			.doc = "The number of the user who owns all of it; as in the inputs unless written."},
		{.key = "group", NUMBER(m_file, group, 0, UINT32_MAX - 1), .foreign = foreign_owners,
			.doc = "The number of the group that owns all of it; as in the inputs unless written."}),
};

static const struct schema file_schema = {
	.noun = "file", .foreign = foreign_file,
	.doc = "A file is one of {source: PATH}, {content: TEXT}, {link: TARGET}, {hardlink: PATH} and {directory: true}.",
	STRUCT(m_file), NAME(m_file, path, FORM_PATH), ALWAYS,
	.suffix = SUBTREE_SUFFIX, .suffixed = &subtree_schema,
	.one_of = {.keys = file_keys, .offset = NO_MEMBER},
	FIELDS(
		{.key = "source", TEXT(m_file, source, FORM_SOURCE),
			.doc = "Where its bytes are: a path in the inputs when it starts with /, else a file relative to the manifest."},
		{.key = "sparse", BOOL(m_file, sparse), .preset = "false", ONLY_WITH("source"),
			.doc = "Whether blocks of the source that hold nothing but zeroes become holes, which take no room: true or false."},
		{.key = "content", TEXT(m_file, content, FORM_CONTENT),
			.doc = "Its bytes, written here."},
		{.key = "link", TEXT(m_file, link, FORM_TARGET),
			.doc = "The target of a symbolic link."},
		{.key = "hardlink", TEXT(m_file, hardlink, FORM_FILE_PATH),
			.doc = "The path in the image of a file or device on the same partition; this is another name of it."},
		{.key = "directory", BOOL(m_file, directory), .min = 1,
			.doc = "true for a directory."},
		{.key = "mode", MODE(m_file, mode), .not_with = "hardlink",
			.doc = "Permissions in octal, such as 0755 or 4755; what the source has (on the host, only whether it can be executed counts), or 0644, "
				"and 0755 for directories, unless written."},
		{.key = "owner", NUMBER(m_file, owner, 0, UINT32_MAX - 1), .preset = "0", .not_with = "hardlink", .foreign = foreign_owners,
			.doc = "The number of the user who owns it."},
		{.key = "group", NUMBER(m_file, group, 0, UINT32_MAX - 1), .preset = "0", .not_with = "hardlink", .foreign = foreign_owners,
			.doc = "The number of the group that owns it."},
		{.key = "xattrs", PAIRS(m_file, xattrs, FORM_XATTR_NAME, FORM_XATTR_VALUE), .not_with = "hardlink",
			.doc = "Extended attributes, such as {user.note: text, security.x: 0x00ff, trusted.y: 0sAP8=}: a value is "
				"hexadecimal behind 0x, base64 behind 0s, else the text; what the source has in an archive unless written."},
		{.key = "capabilities", TEXT(m_file, capabilities, FORM_CAPABILITIES), .not_with = "hardlink",
			.doc = "What a program may do without being root, as setcap takes it, such as cap_net_raw+ep."}),
};

static const struct schema device_schema = {
	.noun = "device", .foreign = foreign_device,
	.doc = "A device node, such as {type: char, major: 5, minor: 1}.",
	STRUCT(m_device), NAME(m_device, path, FORM_DEVICE_PATH), ALWAYS,
	FIELDS(
		{.key = "type", CHOICE(m_device, type, device_names), .required = true, .foreign = foreign_devices,
			.doc = "Whether it is a character or a block device: char or block."},
		{.key = "major", NUMBER(m_device, major, 0, 4095), .required = true,
			.doc = "The number of the driver."},
		{.key = "minor", NUMBER(m_device, minor, 0, 1048575), .required = true,
			.doc = "The number of the device; of the first, when the path holds a range."},
		{.key = "mode", MODE(m_device, mode), .preset = "0600", .example = "0620",
			.doc = "Permissions in octal, such as 0620."},
		{.key = "owner", NUMBER(m_device, owner, 0, UINT32_MAX - 1), .preset = "0", .foreign = foreign_owners,
			.doc = "The number of the user who owns it."},
		{.key = "group", NUMBER(m_device, group, 0, UINT32_MAX - 1), .preset = "0", .foreign = foreign_owners,
			.doc = "The number of the group that owns it."},
		{.key = "xattrs", PAIRS(m_device, xattrs, FORM_XATTR_NAME, FORM_XATTR_VALUE),
			.doc = "Extended attributes, such as {security.selinux: text}; those of namespace user cannot be on a device."}),
};

static const struct schema menu_entry_schema = {
	.noun = "menu entry", .foreign = foreign_menu_entry,
	.doc = "An entry needs at least a title, such as {title: Linux}.",
	STRUCT(m_menu_entry), ALWAYS,
	FIELDS(
		{.key = "title", TEXT(m_menu_entry, title, FORM_TITLE), .required = true,
			.doc = "What the menu shows."},
		{.key = "kernel", TEXT(m_menu_entry, kernel, FORM_FILE_PATH), .example = "/boot/vmlinuz",
			.doc = "The path of its kernel; kernel.image unless written."},
		{.key = "initrd", TEXT(m_menu_entry, initrd, FORM_FILE_PATH), .example = "/boot/initrd.img",
			.doc = "The path of its initial RAM disk; that of kernel.initramfs, if there is one, unless written."},
		{.key = "arguments", TEXT(m_menu_entry, arguments, FORM_ARGUMENTS),
			.doc = "Its command line; kernel.arguments unless written. root= is derived unless it is in there."},
		{.key = "root", TEXT(m_menu_entry, root, FORM_NAME),
			.doc = "The name of the partition it boots from; the one mounted at / unless written."},
		{.key = "commands", TEXTS(m_menu_entry, commands, FORM_COMMAND), .min = 1,
			.doc = "Commands of GRUB, a line each, such as [reboot], for an entry that boots no kernel."}),
};

static const struct schema grub_schema = {
	.noun = "grub", .foreign = foreign_grub,
	.doc = "The boot loader, installed so that firmware starts it.",
	STRUCT(m_grub), OPTIONAL(m_grub),
	FIELDS(
		{.key = "version", CHOICE(m_grub, version, grub_names), .preset = "2", .foreign = foreign_grubs,
			.doc = "The generation of GRUB."},
		{.key = "platform", CHOICE(m_grub, platform, platform_names), .preset = "bios", .foreign = foreign_platforms,
			.doc = "The firmware that starts GRUB 2: bios, efi, which needs an EFI system partition, or hybrid for either."},
		{.key = "default", NUMBER(m_grub, default_entry, 0, UINT32_MAX), .preset = "0", .foreign = foreign_entries,
			.doc = "The entry that boots by itself, counted from 0."},
		{.key = "timeout", NUMBER(m_grub, timeout, 0, 3600), .preset = "5",
			.doc = "Seconds before the default entry boots."},
		{.key = "menu", MAPPINGS(m_grub, menu, menu_count, menu_entry), .required = true, .min = 1,
			.doc = "A list of at least one entry, such as '- title: Linux'."}),
};

const struct schema manifest_schema = {
	.noun = "manifest", .foreign = foreign_manifest,
	.doc = "One bootable disk image, described.",
	STRUCT(manifest), ALWAYS,
	FIELDS(
		{.key = "rootc", NUMBER(manifest, format, 1, 1), .required = true,
			.doc = "The number of the manifest's format, 1; it freezes every byte that rootc derives."},
		{.key = "name", TEXT(manifest, name, FORM_PROJECT_NAME), .required = true,
			.doc = "The target's name: file names and derived identifiers come from it."},
		{.key = "extends", TEXT(manifest, extends, FORM_HOST_PATH),
			.doc = "A manifest to start from, relative to this one: mappings merge key by key, all else here replaces what is there."},
		{.key = "epoch", TIME(manifest, epoch), .preset = "0", .foreign = foreign_times,
			.doc = "Every time stamp in the image: seconds since 1970, or YYYY-MM-DDTHH:MM:SSZ."},
		{.key = "namespace", UUID(manifest, namespace_),
			.doc = "A UUID under which derived identifiers lie; from the name unless written."},
		{.key = "complete", BOOL(manifest, complete), .preset = "false",
			.doc = "Whether the files named here are all of them: nothing more enters because a program, script or module needs it."},
		{.key = "inputs", NAMED(manifest, inputs, input_count, input),
			.doc = "Where files come from, by name; a later input shadows an earlier one at the same path."},
		{.key = "disk", MAPPING(manifest, disk, disk), .required = true,
			.doc = "The disk, such as {size: 32MiB}."},
		{.key = "budget", MAPPING(manifest, budget, budget),
			.doc = "How large the contents may become, such as {used: 40MiB, growth: 5%}."},
		{.key = "partitions", NAMED(manifest, partitions, partition_count, partition), .required = true,
			.min = 1,
			.doc = "The partitions by name, in the order of the table."},
		{.key = "kernel", MAPPING(manifest, kernel, kernel),
			.doc = "The kernel to boot."},
		{.key = "busybox", MAPPING(manifest, busybox, busybox),
			.doc = "busybox and its applets."},
		{.key = "programs", TEXTS(manifest, programs, FORM_POOL_FILE),
			.doc = "Paths in the inputs, patterns allowed; each comes with all that it needs."},
		{.key = "libraries", MAPPING(manifest, libraries, libraries),
			.doc = "Which libraries come with programs."},
		{.key = "files", NAMED(manifest, files, file_count, file),
			.doc = "Files of the image, by their path in it; one that ends in /** is a copy of all below a directory of the inputs."},
		{.key = "devices", NAMED(manifest, devices, device_count, device),
			.doc = "Device nodes by path; /dev/ttyS[0-3] makes four and numbers their minors on."},
		{.key = "grub", MAPPING(manifest, grub, grub),
			.doc = "The boot loader and its menu; none unless written."}),
};

static const struct schema locked_file_schema = {
	.noun = "package",
	.doc = "A package, as 'rootc lock' writes it.",
	STRUCT(m_locked_file), ALWAYS,
	FIELDS(
		{.key = "package", TEXT(m_locked_file, package, FORM_PACKAGE), .required = true, .doc = "Its name."},
		{.key = "version", TEXT(m_locked_file, version, FORM_VERSION), .required = true, .doc = "Its version."},
		{.key = "architecture", TEXT(m_locked_file, architecture, FORM_ARCHITECTURE), .required = true,
			.doc = "Its architecture."},
		{.key = "file", TEXT(m_locked_file, file, FORM_FILE_NAME), .required = true,
			.doc = "The name of the .deb."},
		{.key = "size", NUMBER(m_locked_file, size, 1, INT64_MAX), .required = true,
			.doc = "Bytes of the .deb."},
		{.key = "sha256", TEXT(m_locked_file, sha256, FORM_SHA256), .required = true,
			.doc = "The SHA-256 of the .deb."}),
};

static const struct schema locked_input_schema = {
	.noun = "input",
	.doc = "What one input stood for: the files of its packages, its tree, its SHA-256, its image, or its file.",
	STRUCT(m_locked_input), NAME(m_locked_input, name, FORM_NAME), ALWAYS,
	.one_of = {.keys = locked_keys, .offset = MEMBER(m_locked_input, kind, enum input_kind)},
	FIELDS(
		{.key = "architecture", TEXT(m_locked_input, architecture, FORM_ARCHITECTURE), .required = true, ONLY_WITH("packages"),
			.doc = "The input's architecture."},
		{.key = "packages", TEXTS(m_locked_input, packages, FORM_PACKAGE), .min = 1,
			.doc = "The packages as they were asked for."},
		{.key = "sources", TEXTS(m_locked_input, sources, FORM_APT_SOURCE), .min = 1, ONLY_WITH("packages"),
			.doc = "The archives that the packages came from, as the manifest named them."},
		{.key = "files", MAPPINGS(m_locked_input, files, file_count, locked_file), .required = true, ONLY_WITH("packages"), .min = 1,
			.doc = "All packages, sorted by name."},
		{.key = "tree", TEXT(m_locked_input, tree, FORM_SHA256),
			.doc = "The digest of all that a directory holds."},
		{.key = "sha256", TEXT(m_locked_input, sha256, FORM_SHA256),
			.doc = "The SHA-256 of an archive."},
		{.key = "image", TEXT(m_locked_input, image, FORM_SHA256),
			.doc = "The SHA-256 of an OCI image's manifest."},
		{.key = "file", TEXT(m_locked_input, file, FORM_SHA256),
			.doc = "The SHA-256 of a single file."},
		{.key = "executable", BOOL(m_locked_input, executable), .min = 1, ONLY_WITH("file"),
			.doc = "The single file could be executed, and the manifest gave it no mode."}),
};

const struct schema lock_schema = {
	.noun = "lock",
	.doc = "What a manifest's inputs stood for on the day of 'rootc lock'.",
	STRUCT(lock), ALWAYS,
	FIELDS(
		{.key = "lock", NUMBER(lock, format, 1, LOCK_FORMAT), .required = true,
			.doc = "The number of the lock's format, 1 or 2."},
		{.key = "inputs", NAMED(lock, inputs, input_count, locked_input), .required = true,
			.doc = "The inputs; in format 1 those that have packages."},
		{.key = "files", PAIRS(lock, files, FORM_HOST_PATH, FORM_SHA256),
			.doc = "The manifest's files beside it, and the SHA-256 of each."},
		{.key = "closure", TEXTS(lock, closure, FORM_FILE_PATH),
			.doc = "The files of the image that are there only because others need them."},
		{.key = "sum", TEXT(lock, sum, FORM_SHA256),
			.doc = "The SHA-256 of all lines above this one."}),
};

#ifndef MODEL_MANIFEST_H
#define MODEL_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/source.h"

struct arena;

/*
 * The manifest, typed and located. Every value carries the span of the words that gave it; a value that was not written has
 * GIVEN false, holds its default, and carries the span of the mapping it would stand in.
 */
struct m_text {
	struct span at;
	const char *v; /* NULL: not given and no default */
	bool given;
};

struct m_number {
	struct span at;
	uint64_t v;
	bool given;
};

struct m_bool {
	struct span at;
	bool v, given;
};

struct m_enum {
	struct span at;
	int v; /* a value of the enum that the member's comment names */
	bool given;
};

enum size_kind { SIZE_BYTES, SIZE_REST, SIZE_MIN, SIZE_PERCENT };

struct m_size {
	struct span at;
	uint64_t bytes; /* for SIZE_BYTES; sectors are already multiplied out; for SIZE_PERCENT the percentage */
	enum size_kind kind;
	bool given;
	bool in_sectors; /* as it is written; while read/ is at it, BYTES counts them */
};

struct m_mode {
	struct span at;
	uint16_t v; /* permission bits with setuid, setgid, sticky: at most 07777 */
	bool given;
};

struct m_time {
	struct span at;
	int64_t v; /* seconds since 1970-01-01T00:00:00Z */
	bool given;
};

struct m_uuid {
	struct span at;
	uint8_t v[16]; /* in the order in which it is written */
	bool given;
};

/* A partition's type, by whichever words: a byte for an MBR, a GUID for a GPT, or a name for both. */
struct m_parttype {
	struct span at;
	uint64_t v;       /* the MBR's; 0: it has no such type */
	uint8_t guid[16]; /* a GPT's, in the order in which it is written ... */
	bool has_guid;    /* ... when it has one */
	bool given;
};

struct m_texts {
	struct span at;
	struct m_text *v;
	size_t count;
	bool all; /* there is no list, but the word that stands for all that could be in it */
	bool given;
};

/* Texts by name. */
struct m_pair {
	struct span key_at;
	const char *name;
	struct m_text value;
};

struct m_pairs {
	struct span at;
	struct m_pair *v;
	size_t count;
	bool given;
};

enum input_kind { INPUT_PACKAGES, INPUT_DIRECTORY, INPUT_ARCHIVE, INPUT_OCI, INPUT_FILE };

struct m_input {
	struct span at, key_at;
	const char *name;
	enum input_kind kind;
	struct m_texts packages;    /* INPUT_PACKAGES */
	struct m_text architecture; /* of packages and images: Debian's name, default amd64 */
	struct m_texts sources;     /* of packages, each a line that apt_source_parse takes; none: the host's */
	struct m_text directory;    /* relative to the manifest, or absolute */
	struct m_text archive;      /* the same */
	struct m_text oci;          /* an OCI image layout, a directory: the same */
	struct m_text tag;          /* of the image in it that is meant, or NULL */
	struct m_text file;         /* a single file: as the archive */
	struct m_text path;         /* of it in the pool */
	struct m_mode mode;         /* of it there, if given, else as its x bits have it */
	struct m_text sha256;       /* of the archive, the file, or the image's manifest: 64 lower-case digits, checked by read/ */
};

/* TABLE_NONE: the image is one partition from its first byte to its last. */
enum table_kind { TABLE_MBR, TABLE_GPT, TABLE_NONE };
extern const char *const table_names[]; /* "mbr", ..., up to a NULL */

struct m_disk {
	struct span at;
	struct m_size size;
	struct m_enum table; /* enum table_kind */
	struct m_size sector_size; /* 512 or 4096 bytes: what the disk counts in */
	struct m_number id;  /* MBR disk signature; given or derived by plan/ */
	struct m_uuid uuid;  /* a GPT's; the same */
	struct m_text boot_code; /* as a file's source */
};

/* What the file systems of all partitions together may have in use. */
struct m_budget {
	struct span at;
	struct m_size used;
	struct m_size growth; /* from an older image on: bytes, or SIZE_PERCENT */
};

enum filesystem_kind { FILESYSTEM_EXT2, FILESYSTEM_EXT3, FILESYSTEM_EXT4, FILESYSTEM_VFAT };
extern const char *const filesystem_names[]; /* "ext2", ..., up to a NULL */

struct m_filesystem {
	struct span at;
	bool given;
	struct m_enum type; /* enum filesystem_kind */
	struct m_size block_size;
	struct m_text label;
	struct m_uuid uuid;
	struct m_uuid hash_seed;          /* by which names are hashed in large directories; given or derived by plan/ */
	struct m_number inodes;
	struct m_number inode_size;       /* 128 or 256 */
	struct m_number reserved_percent; /* 0 to 50 */
	struct m_texts features;          /* names; one with '^' in front is taken away */
	struct m_text volume_id;          /* of a vfat: "ABCD-1234", checked by read/ */
	struct m_number fat;              /* the same: 12, 16 or 32, bits of an entry of its FAT; not given: by its size */
};

struct m_swap {
	struct span at;
	bool given;
	struct m_text label;
	struct m_uuid uuid;
};

struct m_partition {
	struct span at, key_at;
	const char *name;
	struct m_size start;
	struct m_size size;
	struct m_size free;   /* with SIZE_MIN: what must be left */
	struct m_parttype type;
	struct m_uuid uuid;   /* of its entry in a GPT */
	struct m_bool bootable;
	struct m_text mount;
	/* At most one of these. */
	struct m_filesystem filesystem;
	struct m_swap swap;
	struct m_text raw;    /* as a file's source */
};

enum compression { COMPRESSION_NONE, COMPRESSION_GZIP, COMPRESSION_ZSTD };
extern const char *const compression_names[]; /* "none", ..., up to a NULL */

/* An initial ramdisk: what the kernel runs before it has a root file system. */
struct m_initramfs {
	struct span at;
	bool given;
	struct m_texts modules;    /* names of kernel modules; what they depend on comes with them */
	struct m_enum compression; /* enum compression */
	struct m_text init;        /* as a file's source; default: rootc's own */
	struct m_text file;        /* a ready one, as a file's source; then all else is not given */
	struct m_enum mount;       /* given: it is the root directory, with all that lies on no partition, and none of the others but COMPRESSION is */
};

/* Where one that is not ready stands in the image. */
#define INITRAMFS_PATH "/boot/initrd.img"

struct kernel_facts;

struct m_kernel {
	struct span at;
	bool given;
	struct m_initramfs initramfs;
	struct m_texts modules;  /* for the image itself */
	struct m_bool unified;   /* kernel, initramfs and arguments are one EFI program */
	const struct kernel_facts *facts; /* not from the manifest: of the kernel whose modules there are; NULL: of IMAGE */
	struct m_text image;     /* a path in the pool, or a pattern */
	struct m_text arguments; /* for menu entries that have none of their own */
};

struct m_busybox {
	struct span at;
	bool given;
	bool is_for_init;        /* not from the manifest: the applets are those that rootc's own init of a ramdisk runs */
	struct m_text program;
	struct m_texts applets; /* or all of the program's */
};

/* What the path of a subtree copy ends in: all below the directory in front of it. */
#define SUBTREE_SUFFIX "/**"

struct m_file {
	struct span at, key_at; /* the value; the path */
	const char *path;       /* absolute and normalised, checked by read/ */
	bool is_subtree;        /* the path ends in SUBTREE_SUFFIX: a copy of the directory SOURCE; nothing else but owner and group is set */
	struct m_text source;   /* starts with '/': a path in the pool; else relative to the manifest; not given for a subtree: its own path */
	struct m_text content;
	struct m_text link;
	struct m_bool sparse;   /* only with a source */
	struct m_text hardlink; /* the path in the image of the file that this is another name of */
	struct m_bool directory;
	struct m_mode mode;
	struct m_number owner, group;
	struct m_pairs xattrs;      /* names with their namespaces, and values, checked by read/ */
	struct m_text capabilities; /* of a program, checked by read/ */
};

enum device_kind { DEVICE_CHAR, DEVICE_BLOCK };

struct m_device {
	struct span at, key_at;
	const char *path; /* may hold one range, "[0-3]", that numbers the minors on */
	struct m_enum type; /* enum device_kind */
	struct m_number major, minor;
	struct m_mode mode;
	struct m_number owner, group;
	struct m_pairs xattrs;
};

/* Which variants of a library enter the image: the plain one, those for one level of CPU, or all that any CPU would load. */
enum hwcaps {
	HWCAPS_NONE,
	HWCAPS_X86_64_V2,
	HWCAPS_X86_64_V3,
	HWCAPS_X86_64_V4,
	HWCAPS_POWER9,
	HWCAPS_POWER10,
	HWCAPS_Z13,
	HWCAPS_Z14,
	HWCAPS_Z15,
	HWCAPS_Z16,
	HWCAPS_Z17,
	HWCAPS_ALL,
};

/* How much a program misses a library that it opens while it runs (UAPI.12), the gravest first. */
enum dlopen_priority { DLOPEN_REQUIRED, DLOPEN_RECOMMENDED, DLOPEN_SUGGESTED };

/* Their names by value, up to a NULL: "none", "x86-64-v2", ..., "all"; "required", ... */
extern const char *const hwcaps_names[], *const dlopen_names[];

struct m_libraries {
	struct span at;
	bool given;
	struct m_enum hwcaps; /* enum hwcaps */
	struct m_enum dlopen; /* enum dlopen_priority: the least grave that still enters the image */
	struct m_enum cpu;    /* enum hwcaps: what every machine has that runs the image */
	struct m_texts features; /* of dlopen notes: patterns; with '!' before them these are left out */
	struct m_bool cache;
	struct m_texts search;
	struct m_texts gconv; /* patterns of names of conversion modules */
};

/* The directory that FILE, a subtree, is copied to: an absolute path, "" for the root. */
const char *subtree_directory(struct arena *, const struct m_file *file);

/* The numbers LOW to HIGH that "[LOW-HIGH]" in a device's path stands for. */
struct device_range {
	unsigned low, high;
	size_t start, end; /* of the brackets in the path, in bytes: [start, end); empty without a range */
};

/* The range in PATH, which read/ has checked; without one, 0 to 0. */
struct device_range device_range(const char *path);

enum grub_version { GRUB_LEGACY, GRUB_2 };

/* Which firmware starts it; GRUB_HYBRID: either. */
enum grub_platform { GRUB_BIOS, GRUB_EFI, GRUB_HYBRID };

struct m_menu_entry {
	struct span at;
	struct m_text title;
	struct m_text kernel;    /* default: kernel.image */
	struct m_text initrd;
	struct m_text arguments; /* default: kernel.arguments */
	struct m_text root;      /* name of a partition; default: the one mounted at / */
	struct m_texts commands; /* of GRUB, obeyed instead of all that */
};

struct m_grub {
	struct span at;
	bool given;
	struct m_enum version; /* enum grub_version */
	struct m_enum platform; /* enum grub_platform */
	struct m_number default_entry;
	struct m_number timeout; /* seconds */
	struct m_menu_entry *menu;
	size_t menu_count;
};

struct manifest {
	struct span at;         /* the whole mapping */
	const char *path;       /* as the user wrote it; "<stdin>" for standard input */
	const char *directory;  /* of the manifest on the host, "." for standard input; for its relative paths see manifest_directory */
	struct m_text extends;
	struct m_text *bases;   /* the manifests it extends, the nearest first: each as it was opened, at the words that name it */
	size_t base_count;
	struct m_number format; /* the key `rootc` */
	struct m_text name;
	struct m_time epoch;
	struct m_uuid namespace_;
	struct m_bool complete; /* nothing enters because something needs it */
	struct m_input *inputs;
	size_t input_count;
	struct m_disk disk;
	struct m_budget budget;
	struct m_partition *partitions;
	size_t partition_count;
	struct m_kernel kernel;
	struct m_busybox busybox;
	struct m_texts programs;
	struct m_libraries libraries;
	struct m_file *files;
	size_t file_count;
	struct m_device *devices;
	size_t device_count;
	struct m_grub grub;
};

/*
 * The directory on the host that a relative path starts from whose words stand AT: that of the manifest in which they stand, M or
 * one that it extends.
 */
const char *manifest_directory(struct arena *, const struct manifest *, const struct span *at);

/* The manifest's words for files on the host, beside it or one that it extends: all sources without a '/' in front. */
const struct m_text **manifest_host_sources(struct arena *, const struct manifest *, size_t *count);

/* PATH, words of the manifest, as a path from the directory of the manifest on, wherever that is; absolute if it must be. */
const char *manifest_relative(struct arena *, const struct manifest *, const struct m_text *path);

/*
 * Which partition holds the file at PATH, absolute in the image: the one with the longest mount point above it. *INSIDE is its
 * path on that partition. -1 when nothing is mounted at "/" either.
 */
int partition_holding(const struct manifest *, const char *path, const char **inside);

#endif

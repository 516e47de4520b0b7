#ifndef MODEL_IMAGE_H
#define MODEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layout.h"

/* An image that was read back: the same models that plan/ makes, and of every byte whose it is. Made by load/. */

/* What a byte is part of. */
enum owner_kind {
	OWNER_BOOT_CODE,       /* sector 0 in front of the disk signature */
	OWNER_PARTITION_TABLE, /* the rest of sector 0 */
	OWNER_GPT_HEADER,
	OWNER_GPT_ENTRIES,
	OWNER_BOOT_LOADER,     /* of GRUB, in front of the first partition */
	OWNER_BOOT_BLOCK,      /* the 1024 bytes in front of a superblock */
	OWNER_SUPERBLOCK,      /* NUMBER: the group */
	OWNER_DESCRIPTORS,     /* group descriptors; NUMBER: the group whose copy this is */
	OWNER_RESERVED_GDT,    /* room for more of them */
	OWNER_BLOCK_BITMAP,    /* NUMBER: the group, here and in the two below */
	OWNER_INODE_BITMAP,
	OWNER_INODE,           /* NUMBER: of the inode */
	OWNER_FREE_INODES,     /* NUMBER: of the first */
	OWNER_DIRECTORY,       /* NUMBER: of the inode, here and in all below up to OWNER_JOURNAL; LOGICAL: the block of the file */
	OWNER_MAP,             /* indirect blocks, extent tree blocks */
	OWNER_ATTRIBUTES,
	OWNER_LINK,
	OWNER_DATA,
	OWNER_SLACK,           /* behind the end of a file, in its last block */
	OWNER_JOURNAL,
	OWNER_BOOT_SECTOR,     /* of a FAT; NUMBER: 1 is the copy of it, here and in the two below */
	OWNER_FSINFO,
	OWNER_FAT,
	OWNER_FAT_DIRECTORY,   /* NUMBER: the cluster that begins here, in the two below, too; 0: the root in front of them */
	OWNER_FAT_DATA,
	OWNER_FAT_SLACK,       /* behind the end of a file, in its last cluster */
	OWNER_SWAP_HEADER,
	OWNER_FREE,            /* blocks or clusters of a file system that nothing uses, pages of swap space */
	OWNER_GAP,             /* outside all partitions, or in one behind the end of its file system */
	OWNER_UNKNOWN,         /* in a partition, and not understood */
};

/* The bytes [OFFSET, OFFSET + SIZE) of the image. */
struct owner {
	uint64_t offset, size;
	enum owner_kind kind;
	int partition;           /* index in the layout; -1: none */
	uint64_t number;         /* a group or an inode, as the kind says */
	const struct node *node; /* of a file; NULL: it has none */
	uint64_t logical;        /* the block of the file that begins here */
};

enum finding_kind {
	FINDING_TRUNCATED,       /* something lies behind the end of the image */
	FINDING_NO_TABLE,        /* nothing that is known to be a partition table */
	FINDING_TABLE,           /* a table contradicts itself or its copy */
	FINDING_CHECKSUM,
	FINDING_INVALID,         /* a field has a value that cannot be */
	FINDING_SHARED,          /* two owners claim the same bytes */
	FINDING_COUNT,           /* a count or a bitmap is not what is there */
	FINDING_NOT_UNDERSTOOD,  /* what rootc does not read; its bytes are OWNER_UNKNOWN */
	FINDING_UNOWNED,         /* bytes that nothing uses, and that are not zero */
};

/* What is wrong, or not known, about the SIZE bytes at OFFSET. */
struct finding {
	uint64_t offset, size;
	enum finding_kind kind;
	const char *text;        /* one line, not escaped */
};

struct image {
	const char *path;        /* as the user wrote it */
	uint64_t size;           /* bytes */
	/*
	 * Of the loaded partitions `from` is made up as far as the image says it: name (of a GPT's entry, or "p1"), the file
	 * system's type; nothing is mounted. `root` is the tree of a partition, whose root is "/"; NULL: none was understood.
	 */
	struct layout *layout;
	bool bare;               /* there is no table: one file system from the first byte on, as partition 1 */
	struct owner *owners;    /* by offset: they cover [0, size) without overlap or gap */
	size_t owner_count;
	struct finding *findings; /* by offset; at most FINDINGS_MOST */
	size_t finding_count;
	uint64_t findings_left_out;
	bool damaged;            /* a finding says so, be it one that was left out */
};

enum { FINDINGS_MOST = 1000 };

/* The owner of the byte at OFFSET, which must be in the image. */
const struct owner *image_owner(const struct image *, uint64_t offset);

/* The times that a file system was made at, as a file of it has them that was made with it. */
void image_moments(const struct partition_layout *, struct moment own[MOMENTS]);

/*
 * What PATH leads to in one partition, which is named by its number or its name; NULL: the only one that has files. Links are followed
 * as by who sees that file system alone. NULL, with a diagnostic: there is none.
 */
const struct node *image_find(struct compilation *, const struct image *, const char *partition, const char *path);

/* The bytes of NODE; NULL, with a diagnostic: it is no file, or where they lie is not understood. */
const struct content *image_content(struct compilation *, const struct image *, const struct node *);

/* Whether FINDING says that the image is damaged; otherwise only that something in it is foreign. */
bool finding_is_damage(enum finding_kind);

#endif

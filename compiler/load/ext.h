#ifndef LOAD_EXT_H
#define LOAD_EXT_H

#include "load/loader.h"
#include "model/ext.h"
#include "model/tree.h"

/* What the files that read ext2, ext3 and ext4 ask of one another. Numbers are those of the format: Linux, fs/ext4/ext4.h. */

enum {
	EXT_FLAG_HUGE = 0x40000,
	EXT_FLAG_INDEX = 0x1000,
	EXT_FLAG_EXTENTS = 0x80000,
	EXT_FLAG_VERITY = 0x100000,
	EXT_FLAG_INLINE_DATA = 0x10000000,
};

/* A file system while it is read. */
struct ext_loader {
	struct loader *l;
	struct ext_layout *layout;
	uint64_t offset;          /* of it in the image, bytes */
	uint32_t seed;            /* of checksums */
	uint32_t first_inode;     /* that is not reserved */
	uint32_t orphan_file;     /* the number of the inode that lists files to be deleted, and has no name; 0: there is none */
	uint32_t project_quota;   /* the same, of the one that has the quotas of projects */
	uint32_t backup_groups[2]; /* those with a superblock besides the first, where SPARSE_SUPER2 says so */
	bool has_checksums;
	unsigned char *descriptors; /* room for a copy of them */
	unsigned char *claimed;   /* a bit for each block that has an owner */
	struct block_attributes ***attributes; /* of blocks, which several inodes may have, in pages of 1024; NULL: none has any */
	const unsigned char **inode_bitmaps; /* by group; NULL: it was never written, or cannot be read */
	struct loaded *inodes;    /* beside the layout's */
	struct node **nodes;      /* by the index of the inode; NULL: no name leads there yet */
};

/* Of an inode, what the layout does not hold. */
struct loaded {
	uint64_t at;              /* where it lies in the image */
	uint32_t flags, seed;     /* SEED: of the checksums of what belongs to it */
	struct content *content;  /* a regular file's */
	const char *target;       /* a link's */
	struct remarks *remarks;
	struct xattrs *xattrs;
	uint32_t owner, group;
	uint32_t major, minor;
	uint64_t attribute_block; /* 0: none */
	uint64_t sectors;         /* i_blocks, in 512 bytes */
	uint16_t names;           /* directory entries that lead to it */
	uint32_t directories;     /* in it, if it is one */
};

/* Whether descriptors say what of their groups was never written: only where they have checksums. */
static inline bool
ext_has_unused(const struct ext_layout *l)
{
	return l->feature_ro_compat & (EXT_RO_GDT_CSUM | EXT_RO_METADATA_CSUM);
}

static inline uint64_t
ext_at(const struct ext_loader *e, uint64_t block)
{
	return e->offset + block * e->layout->block_size;
}

/* As ext_claim, for what names its owners itself. */
bool ext_take(struct ext_loader *, uint64_t first, uint64_t count, enum owner_kind, uint64_t number);

/*
 * Claims COUNT blocks from FIRST on. False, with a finding, when they are not all in the file system, or one of them has
 * an owner already; then nothing is claimed.
 */
bool ext_claim(struct ext_loader *, uint64_t first, uint64_t count, enum owner_kind, uint64_t number, uint64_t logical);

/* The block NUMBER, or NULL with a finding. It must have been claimed, and so is read once. */
unsigned char *ext_block(struct ext_loader *, uint64_t block, const char *what);

/* Reads where the blocks of INODE are from BYTES, its i_block, and claims them as KIND. */
void ext_load_map(struct ext_loader *, struct ext_inode *inode, struct loaded *, const unsigned char *bytes, enum owner_kind);

/* Reads the attributes in INODE's bytes and in its block. */
void ext_load_attributes(struct ext_loader *, struct ext_inode *inode, struct loaded *, const unsigned char *bytes);

/* Reads the tables of inodes, with all maps; then the directories from the root on. */
void ext_load_inodes(struct ext_loader *);
struct node *ext_load_tree(struct ext_loader *);

/* Checks how many inodes have each block of attributes, once all inodes were read. */
void ext_check_attributes(struct ext_loader *);

/* Checks bitmaps of inodes and counts of directories, once all inodes were read. */
void ext_check_inodes(struct ext_loader *);

#endif

#ifndef MODEL_EXT_H
#define MODEL_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layout.h"

/* What ext2, ext3 and ext4 are to all stages. Numbers are those of the format: Linux, fs/ext4/ext4.h. */

enum {
	EXT_BAD_BLOCKS = 1,
	EXT_ROOT = 2,
	EXT_RESIZE = 7,
	EXT_JOURNAL = 8,
	EXT_LOST_AND_FOUND = 11,

	EXT_COMPAT_HAS_JOURNAL = 0x4,
	EXT_COMPAT_EXT_ATTR = 0x8,
	EXT_COMPAT_RESIZE_INODE = 0x10,
	EXT_COMPAT_DIR_INDEX = 0x20,
	EXT_COMPAT_SPARSE_SUPER2 = 0x200,
	EXT_COMPAT_ORPHAN_FILE = 0x1000,
	EXT_INCOMPAT_FILETYPE = 0x2,
	EXT_INCOMPAT_META_BG = 0x10,
	EXT_INCOMPAT_EXTENTS = 0x40,
	EXT_INCOMPAT_64BIT = 0x80,
	EXT_INCOMPAT_FLEX_BG = 0x200,
	EXT_INCOMPAT_CSUM_SEED = 0x2000,
	EXT_RO_SPARSE_SUPER = 0x1,
	EXT_RO_LARGE_FILE = 0x2,
	EXT_RO_HUGE_FILE = 0x8,
	EXT_RO_GDT_CSUM = 0x10,
	EXT_RO_DIR_NLINK = 0x20,
	EXT_RO_EXTRA_ISIZE = 0x40,
	EXT_RO_METADATA_CSUM = 0x400,
	EXT_RO_PROJECT = 0x2000,

	EXT_SUPERBLOCK_SIZE = 1024,
	EXT_MAP_SIZE = 60, /* i_block: the root of an inode's map, or a link's target, or a device's numbers */
};

/* Whether maps are extent trees, not blocks of pointers. */
static inline bool
ext_has_extents(const struct ext_layout *l)
{
	return l->feature_incompat & EXT_INCOMPAT_EXTENTS;
}

/* Whether INODE is read on the way to files, rather than being one. */
static inline bool
ext_leads_on(const struct ext_inode *inode)
{
	return inode->directory || inode->slow_link;
}

/* The index of the inode NUMBER among those in use; their count: it is not. */
size_t ext_inode_index(const struct ext_layout *, uint64_t number);

#endif

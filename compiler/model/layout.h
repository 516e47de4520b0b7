#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/tree.h"

/* Where every byte of the image lies. Sectors have 512 bytes. Made by plan/, obeyed by emit/. */

enum { SECTOR_SIZE = 512 };

/* COUNT blocks from FIRST on the file system, which hold the file's blocks from LOGICAL on. */
struct run {
	uint64_t logical, first, count;
};

/* One entry of a directory as it is written: NAME leads to INODE. */
struct ext_dirent {
	const char *name;
	uint32_t inode;
	uint8_t file_type; /* EXT2_FT_* */
};

/*
 * The index of a large directory: block 0 is its root, then come NODE_COUNT nodes between root and leaves (0: none are needed),
 * then the leaves, where the entries are.
 */
struct ext_index {
	uint32_t leaf_count, node_count;
	uint32_t *hashes; /* of each leaf the lowest; bit 0: the leaf before ends with the same one */
};

/*
 * An inode and all its blocks. Data runs are in logical order and do not overlap; a logical block that no run covers is a
 * hole. MAP_BLOCKS are the blocks of the map itself: ext2's indirect blocks in the order in which a walk over the file from
 * its start first needs them (double indirect before the indirect blocks below it); ext4's extent tree blocks, depth first.
 */
struct ext_inode {
	uint32_t number;
	const struct node *node; /* NULL for lost+found and the reserved inodes */
	uint16_t mode;           /* with the file type: S_IF* of ext2 */
	uint32_t owner, group;
	uint32_t links;
	uint64_t size;           /* bytes */
	uint32_t major, minor;
	const char *fast_target; /* a link's target that lies in the inode itself, or NULL */
	const char *slow_target; /* a link's target that has a block of its own, or NULL */
	struct run *runs;
	size_t run_count;
	uint64_t *map_blocks;
	size_t map_block_count;
	uint64_t block_count;    /* file system blocks, data and map: i_blocks before its unit */
	struct ext_dirent *entries; /* a directory's, in the order in which they are written, "." and ".." first */
	const struct ext_index *index; /* a large directory's, or NULL */
	size_t entry_count;
	size_t *block_entries;   /* for each directory block, the index of its first entry; lost+found's spare blocks are empty */
	size_t block_entry_count;
};

struct ext_group {
	uint64_t first_block;
	uint32_t block_count;
	bool has_super; /* a superblock and the group descriptors stand at its start */
	uint64_t block_bitmap, inode_bitmap, inode_table; /* block numbers */
	uint32_t free_blocks, free_inodes, directories;
	uint32_t unused_inodes; /* at the end of the table */
};

/* One ext2, ext3 or ext4 file system. */
struct ext_layout {
	const struct m_filesystem *from;
	enum filesystem_kind kind;
	uint32_t block_size;
	uint64_t block_count;
	uint64_t reserved_blocks;
	uint32_t first_data_block;
	uint32_t blocks_per_group, inodes_per_group, inode_size;
	uint32_t inode_count;       /* groups * inodes_per_group */
	uint32_t descriptor_size;   /* bytes */
	uint32_t descriptor_blocks; /* of one copy of the group descriptors */
	uint32_t inode_table_blocks; /* of one group */
	uint32_t feature_compat, feature_incompat, feature_ro_compat;
	uint8_t uuid[16], hash_seed[16];
	char label[17];
	int64_t epoch;
	uint64_t free_blocks;
	uint32_t free_inodes;
	struct ext_group *groups;
	uint32_t group_count;
	struct ext_inode *inodes; /* those in use, by number */
	size_t inode_used_count;
	struct run journal;       /* count 0: none */
};

struct partition_layout {
	const struct m_partition *from;
	uint32_t number; /* 1 to 4 */
	uint64_t first_lba, sector_count;
	uint8_t mbr_type;
	bool bootable;
	struct node *root;        /* what is mounted here, or NULL */
	struct ext_layout *ext;   /* NULL: no file system, the partition stays zeroes */
};

/* Bytes outside the file systems, such as a boot loader's. */
struct region {
	uint64_t offset; /* bytes from the start of the disk */
	size_t size;
	const unsigned char *bytes;
	const char *owner; /* "stage1", "e2fs_stage1_5" */
};

struct layout {
	uint64_t disk_bytes;
	enum table_kind table;
	uint32_t disk_id;
	struct partition_layout *partitions; /* in the manifest's order, which is the table's */
	size_t partition_count;
	struct region *regions; /* by offset; the one at 0 is boot code and stops short of the partition table at 0x1b8 */
	size_t region_count;
};

/* All that is decided before a byte is written. */
struct plan {
	const struct manifest *manifest;
	const struct closure *closure;
	const struct tree *tree;
	const struct layout *layout;
};

#endif

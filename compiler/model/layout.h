#ifndef MODEL_LAYOUT_H
#define MODEL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/tree.h"

/* Where every byte of the image lies. Made by plan/, obeyed by emit/. */

/*
 * A disk counts in its logical sectors: of 512 bytes, or of 4096 on one that is "4K native" (UEFI 2.10, 5.3: "logical blocks"). An LBA
 * is a number of such. What has 512 bytes on every disk has a name of its own.
 */
enum {
	SECTOR_USUAL = 512,
	SECTOR_4K = 4096,
	RECORD_SIZE = 512,             /* of an MBR (UEFI 2.10, 5.2.1), a FAT's boot sector and FSInfo (fatgen103); the sector's rest is zero */
	BIOS_SECTOR = 512,             /* which a BIOS reads, and GRUB's code for it counts in */
	EXT_SECTOR = 512,              /* which i_blocks counts */
	GPT_ENTRIES_BYTES = 128 * 128, /* entries of a GPT, and bytes of each */
};

/*
 * The sectors of a GPT's header and its entries: behind the protective MBR, and at the disk's end. So the first that partitions can have
 * is 34, or 6 where sectors have 4096 bytes (UEFI 2.10, 5.3.1).
 */
static inline uint32_t
gpt_sectors(uint32_t sector_size)
{
	return 1 + GPT_ENTRIES_BYTES / sector_size;
}

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

/* An extended attribute as it is written: its namespace is a number. */
struct ext_attribute {
	uint8_t index;
	const char *name; /* NAME_LENGTH bytes */
	size_t name_length;
	const unsigned char *value;
	size_t size;      /* bytes of the value */
};

/* Those of an inode: the first INLINE_COUNT lie in it. Both parts are sorted by index, length of the name, name. */
struct ext_attributes {
	struct ext_attribute *list;
	size_t count, inline_count;
	uint64_t block; /* of those that do not lie in the inode; 0: all do */
};

/* What a directory holds. */
struct ext_directory {
	struct ext_dirent *entries; /* in the order in which they are written, "." and ".." first */
	size_t entry_count;
	size_t *block_entries;   /* for each directory block, the index of its first entry; lost+found's spare blocks are empty */
	size_t block_entry_count;
	const struct ext_index *index; /* a large directory's, or NULL */
};

/*
 * An inode and all its blocks. Data runs are in logical order and do not overlap; a logical block that no run covers is a
 * hole. MAP_BLOCKS are the blocks of the map itself: ext2's indirect blocks in the order in which a walk over the file from
 * its start first needs them (double indirect before the indirect blocks below it), none over holes alone; ext4's extent tree blocks, depth first.
 */
struct ext_inode {
	const struct node *node; /* NULL for lost+found and the reserved inodes */
	uint32_t number;
	uint32_t links;
	uint32_t run_count;
	uint32_t map_block_count;
	uint16_t mode;           /* with the file type: S_IF* of ext2 */
	bool fast_link;          /* a link whose target lies in the inode itself ... */
	bool slow_link;          /* ... or has a block of its own */
	uint64_t size;           /* bytes */
	uint64_t block_count;    /* file system blocks, data, map and attributes: i_blocks before its unit */
	struct run *runs;
	uint64_t *map_blocks;
	struct ext_attributes *attributes; /* or NULL */
	struct ext_directory *directory; /* or NULL */
};

/*
 * How many bytes a directory's entry takes, in blocks of BLOCK_SIZE bytes: what its REC_LEN says, which has no bit for 64 KiB (Linux,
 * ext4_rec_len_from_disk).
 */
static inline uint32_t
ext_entry_bytes(uint32_t rec_len, uint32_t block_size)
{
	if (block_size < 65536)
		return rec_len;
	return rec_len == 0 || rec_len == 65535 ? block_size : (rec_len & 65532) | (rec_len & 3) << 16;
}

/* The block of INODE's extended attributes; 0: it has none. */
static inline uint64_t
ext_attribute_block(const struct ext_inode *inode)
{
	return inode->attributes ? inode->attributes->block : 0;
}

/* The blocks in all runs of INODE. */
static inline uint64_t
ext_data_blocks(const struct ext_inode *inode)
{
	return inode->block_count - inode->map_block_count - (ext_attribute_block(inode) != 0);
}

struct ext_group {
	uint64_t first_block;
	uint32_t block_count;
	bool has_super; /* a superblock and the group descriptors stand at its start */
	uint64_t block_bitmap, inode_bitmap, inode_table; /* block numbers */
	uint32_t free_blocks, free_inodes, directories;
	uint32_t unused_inodes; /* at the end of the table */
	bool untouched; /* holds nothing but its own metadata, and both bitmaps are left to the reader: BLOCK_UNINIT, INODE_UNINIT */
};

/* One ext2, ext3 or ext4 file system. */
struct ext_layout {
	const struct m_filesystem *from;
	const struct m_size *wanted_free; /* what must be left besides reserved blocks, or NULL */
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

/* A directory entry of a FAT file system, and what it leads to. */
struct fat_dirent {
	const struct node *node;
	uint8_t alias[11];        /* the name in its short form, unique in the directory, padded with blanks */
	const uint16_t *long_name; /* UTF-16, or NULL: the alias says it all */
	size_t long_length;
	size_t object;            /* its index */
};

/* A file or a directory. What it holds lies in clusters that follow one another, or, in what others made, in runs of such. */
struct fat_object {
	const struct node *node;  /* NULL: the root of a file system that nothing is mounted from */
	bool is_directory, is_read_only;
	size_t parent;            /* index of the directory it is in; the root's own */
	const uint8_t *alias;     /* the root has none */
	uint64_t size;            /* bytes; a directory's are those of its entries, which are 32 each */
	uint32_t first_cluster, cluster_count; /* 0, 0: it has none */
	struct run *runs;         /* of clusters, of what was read back; NULL: they all follow one another */
	size_t run_count;
	struct fat_dirent *entries; /* a directory's, in the order in which they are written, without ".", ".." and the label */
	size_t entry_count;
};

/* One FAT12, FAT16 or FAT32 file system. Its sectors are counted from the start of the partition. */
struct fat_layout {
	const struct m_filesystem *from;
	uint32_t sector_size;     /* bytes: BPB_BytsPerSec; never smaller than the disk's, or Linux would not mount it */
	unsigned bits;            /* of an entry of the FAT: 12, 16 or 32 */
	uint32_t sector_count;    /* that it says it has: up to the last cluster */
	uint32_t hidden_sectors;  /* of the disk's, in front of the partition; 0: they cannot be counted */
	uint32_t sectors_per_cluster, reserved_sectors;
	uint32_t fat_sectors;     /* of each of the two FATs */
	uint32_t root_entries;    /* the root directory behind the FATs has room for; 0: it lies in clusters */
	uint32_t data_sector;     /* where cluster 2 begins, the first */
	uint32_t cluster_count, free_clusters; /* those in use come first */
	const struct m_size *wanted_free; /* with SIZE_MIN: what must be left, or NULL */
	uint32_t volume_id;
	char label[12];           /* padded with blanks to 11; empty: none */
	uint16_t date, time;      /* of all that is in it, as the entries have them ... */
	uint8_t hundredths;       /* ... and what they are short of: up to 199 */
	struct fat_object *objects; /* the root, the other directories, the files: those with clusters are in the order of these */
	size_t object_count;
};

/* Swap space of Linux: a header in its first page, of 4096 bytes on every machine that rootc makes images for. */
struct swap_layout {
	uint64_t pages; /* with the header */
	uint8_t uuid[16];
	char label[17];
};

struct partition_layout {
	const struct m_partition *from;
	uint32_t number; /* from 1 on */
	uint64_t first_lba, sector_count;
	uint8_t mbr_type;
	uint8_t type_guid[16], guid[16]; /* of its entry in a GPT */
	uint64_t attributes; /* the same, but for what is BOOTABLE; only a loaded one has any */
	bool nameless;       /* the same: the table has no name for it, and that in FROM is made up */
	bool bootable;
	struct node *root;        /* what is mounted here, or NULL */
	/* At most one of these; without any, the partition stays zeroes. */
	struct ext_layout *ext;
	struct fat_layout *fat;
	struct swap_layout *swap;
	const struct content *raw; /* its bytes, from the first sector on */
};

/* The bytes that the file system of P has in use, its own tables included; 0: it has none that is known. */
static inline uint64_t
partition_use(const struct partition_layout *p)
{
	if (p->ext)
		return (p->ext->block_count - p->ext->free_blocks) * p->ext->block_size;
	if (p->fat)
		return (uint64_t)(p->fat->sector_count - p->fat->free_clusters * p->fat->sectors_per_cluster) * p->fat->sector_size;
	return 0;
}

/* Bytes outside the file systems, such as a boot loader's. */
struct region {
	uint64_t offset; /* bytes from the start of the disk */
	size_t size;
	const unsigned char *bytes;
	const char *owner; /* "stage1", "e2fs_stage1_5" */
};

struct layout {
	uint64_t disk_bytes;
	uint32_t sector_size;  /* bytes of the disk's sectors */
	enum table_kind table;
	uint32_t disk_id;      /* of an MBR */
	uint8_t disk_guid[16]; /* of a GPT */
	struct partition_layout *partitions; /* in the manifest's order, which is the table's */
	size_t partition_count;
	struct region *regions; /* by offset; the one at 0 is boot code and stops short of the partition table at 0x1b8 */
	size_t region_count;
};

/* Where P begins, in bytes from the start of the disk, and how many bytes it has. */
static inline uint64_t
layout_offset(const struct layout *layout, const struct partition_layout *p)
{
	return p->first_lba * layout->sector_size;
}

static inline uint64_t
layout_bytes(const struct layout *layout, const struct partition_layout *p)
{
	return p->sector_count * layout->sector_size;
}

/* The bytes of a cluster. */
static inline uint32_t
fat_cluster_bytes(const struct fat_layout *l)
{
	return l->sectors_per_cluster * l->sector_size;
}

/* What starts the image besides files of the tree. */
struct boot {
	unsigned char *core;  /* GRUB 2's core image, in whole sectors; NULL: none */
	size_t core_size;
	bool reads_modules;   /* the core reads those that are not in it from /boot/grub */
};

/* All that is decided before a byte is written. */
struct plan {
	const struct manifest *manifest;
	const struct closure *closure;
	const struct boot *boot;
	const struct tree *tree;
	const struct layout *layout;
	const struct closure *ramdisk;    /* of the initial ramdisk that rootc makes besides the root directory, or NULL ... */
	const struct tree *ramdisk_tree;  /* ... and what is in it */
	const struct content *initramfs;  /* any, or NULL */
};

#endif

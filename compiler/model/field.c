/* Decides which field of its structure a byte is in. Offsets are sums: each table lists a structure from its first byte on. */
#include "model/field.h"

#include <stdbool.h>
#include <string.h>

#include "support/file.h"
#include "support/little_endian.h"

enum {
	GPT_ENTRY_SIZE_AT = 84, /* in the header */
	GPT_ENTRY_LEAST = 128,
	TABLE_AT = 446, /* the entries in sector 0 */
	DIRENT_NAME = 8,
	TAIL_SIZE = 12,
	TAIL_TYPE = 0xde,
	EXTENT_SIZE = 12,
	EXTENT_MAGIC = 0xf30a,
	MAP_AT = 40, MAP_SIZE = 60, /* i_block */
	EXTENTS_FLAG = 0x80000,
	FLAGS_AT = 32,
	BITS = 8,
	FAT_ENTRY_SIZE = 32, /* of a directory */
	FAT_NAME_SIZE = 11,
	FAT_ATTRIBUTES = 11,
	FAT_LONG = 0x0f,
	FAT_LONG_MASK = 0x3f,
};

/* SIZE bytes behind those of the row before. */
struct row {
	unsigned size;
	const char *name;
};

static const struct row mbr[] = {
	{440, "boot code"}, {4, "disk signature"}, {2, "reserved"}, {64, "entries"}, {2, "boot signature"}, {0, NULL}};

static const struct row mbr_entry[] = {
	{1, "boot indicator"}, {3, "starting CHS"}, {1, "OS type"}, {3, "ending CHS"}, {4, "starting LBA"}, {4, "size in LBA"}, {0, NULL}};

static const struct row gpt_header[] = {
	{8, "Signature"}, {4, "Revision"}, {4, "HeaderSize"}, {4, "HeaderCRC32"}, {4, "Reserved"}, {8, "MyLBA"}, {8, "AlternateLBA"},
	{8, "FirstUsableLBA"}, {8, "LastUsableLBA"}, {16, "DiskGUID"}, {8, "PartitionEntryLBA"}, {4, "NumberOfPartitionEntries"},
	{4, "SizeOfPartitionEntry"}, {4, "PartitionEntryArrayCRC32"}, {0, NULL}};

static const struct row gpt_entry[] = {
	{16, "PartitionTypeGUID"}, {16, "UniquePartitionGUID"}, {8, "StartingLBA"}, {8, "EndingLBA"}, {8, "Attributes"},
	{72, "PartitionName"}, {0, NULL}};

static const struct row superblock[] = {
	{4, "s_inodes_count"}, {4, "s_blocks_count"}, {4, "s_r_blocks_count"}, {4, "s_free_blocks_count"}, {4, "s_free_inodes_count"},
	{4, "s_first_data_block"}, {4, "s_log_block_size"}, {4, "s_log_cluster_size"}, {4, "s_blocks_per_group"},
	{4, "s_clusters_per_group"}, {4, "s_inodes_per_group"}, {4, "s_mtime"}, {4, "s_wtime"}, {2, "s_mnt_count"}, {2, "s_max_mnt_count"},
	{2, "s_magic"}, {2, "s_state"}, {2, "s_errors"}, {2, "s_minor_rev_level"}, {4, "s_lastcheck"}, {4, "s_checkinterval"},
	{4, "s_creator_os"}, {4, "s_rev_level"}, {2, "s_def_resuid"}, {2, "s_def_resgid"}, {4, "s_first_ino"}, {2, "s_inode_size"},
	{2, "s_block_group_nr"}, {4, "s_feature_compat"}, {4, "s_feature_incompat"}, {4, "s_feature_ro_compat"}, {16, "s_uuid"},
	{16, "s_volume_name"}, {64, "s_last_mounted"}, {4, "s_algorithm_usage_bitmap"}, {1, "s_prealloc_blocks"},
	{1, "s_prealloc_dir_blocks"}, {2, "s_reserved_gdt_blocks"}, {16, "s_journal_uuid"}, {4, "s_journal_inum"}, {4, "s_journal_dev"},
	{4, "s_last_orphan"}, {16, "s_hash_seed"}, {1, "s_def_hash_version"}, {1, "s_jnl_backup_type"}, {2, "s_desc_size"},
	{4, "s_default_mount_opts"}, {4, "s_first_meta_bg"}, {4, "s_mkfs_time"}, {68, "s_jnl_blocks"}, {4, "s_blocks_count_hi"},
	{4, "s_r_blocks_count_hi"}, {4, "s_free_blocks_hi"}, {2, "s_min_extra_isize"}, {2, "s_want_extra_isize"}, {4, "s_flags"},
	{2, "s_raid_stride"}, {2, "s_mmp_update_interval"}, {8, "s_mmp_block"}, {4, "s_raid_stripe_width"}, {1, "s_log_groups_per_flex"},
	{1, "s_checksum_type"}, {1, "s_encryption_level"}, {1, "s_reserved_pad"}, {8, "s_kbytes_written"}, {4, "s_snapshot_inum"},
	{4, "s_snapshot_id"}, {8, "s_snapshot_r_blocks_count"}, {4, "s_snapshot_list"}, {4, "s_error_count"}, {4, "s_first_error_time"},
	{4, "s_first_error_ino"}, {8, "s_first_error_block"}, {32, "s_first_error_func"}, {4, "s_first_error_line"},
	{4, "s_last_error_time"}, {4, "s_last_error_ino"}, {4, "s_last_error_line"}, {8, "s_last_error_block"}, {32, "s_last_error_func"},
	{64, "s_mount_opts"}, {4, "s_usr_quota_inum"}, {4, "s_grp_quota_inum"}, {4, "s_overhead_clusters"}, {8, "s_backup_bgs"},
	{4, "s_encrypt_algos"}, {16, "s_encrypt_pw_salt"}, {4, "s_lpf_ino"}, {4, "s_prj_quota_inum"}, {4, "s_checksum_seed"},
	{1, "s_wtime_hi"}, {1, "s_mtime_hi"}, {1, "s_mkfs_time_hi"}, {1, "s_lastcheck_hi"}, {1, "s_first_error_time_hi"},
	{1, "s_last_error_time_hi"}, {1, "s_first_error_errcode"}, {1, "s_last_error_errcode"}, {2, "s_encoding"}, {2, "s_encoding_flags"},
	{4, "s_orphan_file_inum"}, {376, "s_reserved"}, {4, "s_checksum"}, {0, NULL}};

static const struct row descriptor[] = {
	{4, "bg_block_bitmap"}, {4, "bg_inode_bitmap"}, {4, "bg_inode_table"}, {2, "bg_free_blocks_count"}, {2, "bg_free_inodes_count"},
	{2, "bg_used_dirs_count"}, {2, "bg_flags"}, {4, "bg_exclude_bitmap_lo"}, {2, "bg_block_bitmap_csum_lo"},
	{2, "bg_inode_bitmap_csum_lo"}, {2, "bg_itable_unused"}, {2, "bg_checksum"}, {4, "bg_block_bitmap_hi"}, {4, "bg_inode_bitmap_hi"},
	{4, "bg_inode_table_hi"}, {2, "bg_free_blocks_count_hi"}, {2, "bg_free_inodes_count_hi"}, {2, "bg_used_dirs_count_hi"},
	{2, "bg_itable_unused_hi"}, {4, "bg_exclude_bitmap_hi"}, {2, "bg_block_bitmap_csum_hi"}, {2, "bg_inode_bitmap_csum_hi"},
	{4, "bg_reserved"}, {0, NULL}};

static const struct row inode[] = {
	{2, "i_mode"}, {2, "i_uid"}, {4, "i_size"}, {4, "i_atime"}, {4, "i_ctime"}, {4, "i_mtime"}, {4, "i_dtime"}, {2, "i_gid"},
	{2, "i_links_count"}, {4, "i_blocks"}, {4, "i_flags"}, {4, "l_i_version"}, {60, "i_block"}, {4, "i_generation"}, {4, "i_file_acl"},
	{4, "i_size_high"}, {4, "i_faddr"}, {2, "l_i_blocks_hi"}, {2, "l_i_file_acl_high"}, {2, "l_i_uid_high"}, {2, "l_i_gid_high"},
	{2, "l_i_checksum_lo"}, {2, "l_i_reserved"}, {2, "i_extra_isize"}, {2, "i_checksum_hi"}, {4, "i_ctime_extra"}, {4, "i_mtime_extra"},
	{4, "i_atime_extra"}, {4, "i_crtime"}, {4, "i_crtime_extra"}, {4, "i_version_hi"}, {4, "i_projid"}, {0, NULL}};

static const struct row dirent[] = {{4, "inode"}, {2, "rec_len"}, {1, "name_len"}, {1, "file_type"}, {0, NULL}};

static const struct row tail[] = {
	{4, "det_reserved_zero1"}, {2, "det_rec_len"}, {2, "det_reserved_name_len"}, {4, "det_checksum"}, {0, NULL}};

static const struct row extent_header[] = {
	{2, "eh_magic"}, {2, "eh_entries"}, {2, "eh_max"}, {2, "eh_depth"}, {4, "eh_generation"}, {0, NULL}};

static const struct row extent[] = {{4, "ee_block"}, {2, "ee_len"}, {2, "ee_start_hi"}, {4, "ee_start"}, {0, NULL}};

static const struct row extent_index[] = {{4, "ei_block"}, {4, "ei_leaf"}, {2, "ei_leaf_hi"}, {2, "ei_unused"}, {0, NULL}};

static const struct row attributes[] = {
	{4, "h_magic"}, {4, "h_refcount"}, {4, "h_blocks"}, {4, "h_hash"}, {4, "h_checksum"}, {12, "h_reserved"}, {0, NULL}};

static const struct row fat_boot[] = {
	{3, "BS_jmpBoot"}, {8, "BS_OEMName"}, {2, "BPB_BytsPerSec"}, {1, "BPB_SecPerClus"}, {2, "BPB_RsvdSecCnt"}, {1, "BPB_NumFATs"},
	{2, "BPB_RootEntCnt"}, {2, "BPB_TotSec16"}, {1, "BPB_Media"}, {2, "BPB_FATSz16"}, {2, "BPB_SecPerTrk"}, {2, "BPB_NumHeads"},
	{4, "BPB_HiddSec"}, {4, "BPB_TotSec32"}, {1, "BS_DrvNum"}, {1, "BS_Reserved1"}, {1, "BS_BootSig"}, {4, "BS_VolID"},
	{11, "BS_VolLab"}, {8, "BS_FilSysType"}, {448, "boot code"}, {2, "signature"}, {0, NULL}};

static const struct row fat32_boot[] = {
	{3, "BS_jmpBoot"}, {8, "BS_OEMName"}, {2, "BPB_BytsPerSec"}, {1, "BPB_SecPerClus"}, {2, "BPB_RsvdSecCnt"}, {1, "BPB_NumFATs"},
	{2, "BPB_RootEntCnt"}, {2, "BPB_TotSec16"}, {1, "BPB_Media"}, {2, "BPB_FATSz16"}, {2, "BPB_SecPerTrk"}, {2, "BPB_NumHeads"},
	{4, "BPB_HiddSec"}, {4, "BPB_TotSec32"}, {4, "BPB_FATSz32"}, {2, "BPB_ExtFlags"}, {2, "BPB_FSVer"}, {4, "BPB_RootClus"},
	{2, "BPB_FSInfo"}, {2, "BPB_BkBootSec"}, {12, "BPB_Reserved"}, {1, "BS_DrvNum"}, {1, "BS_Reserved1"}, {1, "BS_BootSig"},
	{4, "BS_VolID"}, {11, "BS_VolLab"}, {8, "BS_FilSysType"}, {420, "boot code"}, {2, "signature"}, {0, NULL}};

static const struct row fsinfo[] = {
	{4, "FSI_LeadSig"}, {480, "FSI_Reserved1"}, {4, "FSI_StrucSig"}, {4, "FSI_Free_Count"}, {4, "FSI_Nxt_Free"}, {12, "FSI_Reserved2"},
	{4, "FSI_TrailSig"}, {0, NULL}};

static const struct row fat_short[] = {
	{11, "DIR_Name"}, {1, "DIR_Attr"}, {1, "DIR_NTRes"}, {1, "DIR_CrtTimeTenth"}, {2, "DIR_CrtTime"}, {2, "DIR_CrtDate"},
	{2, "DIR_LstAccDate"}, {2, "DIR_FstClusHI"}, {2, "DIR_WrtTime"}, {2, "DIR_WrtDate"}, {2, "DIR_FstClusLO"}, {4, "DIR_FileSize"},
	{0, NULL}};

static const struct row fat_long[] = {
	{1, "LDIR_Ord"}, {10, "LDIR_Name1"}, {1, "LDIR_Attr"}, {1, "LDIR_Type"}, {1, "LDIR_Chksum"}, {12, "LDIR_Name2"},
	{2, "LDIR_FstClusLO"}, {4, "LDIR_Name3"}, {0, NULL}};

static const struct row swap[] = {
	{1024, "bootbits"}, {4, "version"}, {4, "last_page"}, {4, "nr_badpages"}, {16, "sws_uuid"}, {16, "sws_volume"}, {468, "padding"},
	{2550, "badpages"}, {10, "magic"}, {0, NULL}};

/* The row that byte AT of a structure at START is in; what is behind the last one is called REST up to SIZE. */
static struct field
in_rows(const struct row *rows, uint64_t start, uint64_t at, uint64_t size, const char *rest)
{
	uint64_t offset = 0;

	for (; rows->size; offset += rows++->size)
		if (at < offset + rows->size)
			return (struct field){.offset = start + offset, .size = rows->size, .name = rows->name};
	return (struct field){.offset = start + offset, .size = size - offset, .name = rest};
}

/* The same in one of many structures of SIZE bytes from START on, which are counted from FIRST on as ITEM. */
static struct field
in_array(const struct row *rows, uint64_t start, uint64_t at, uint64_t size, const char *item, uint64_t first, const char *rest)
{
	uint64_t index = at / size;
	struct field f = in_rows(rows, start + index * size, at % size, size, rest);

	f.item = item;
	f.number = first + index;
	return f;
}

/* Brings the block of SIZE bytes at OFFSET into the reader. */
static bool
bring(struct field_reader *r, uint64_t offset, uint64_t size)
{
	if (r->block_size == size && r->block == offset)
		return true;
	r->block = offset;
	r->block_size = size <= sizeof r->bytes && file_read_at(r->fd, r->bytes, size, (off_t)offset) == (ssize_t)size ? size : 0;
	return r->block_size != 0;
}

static struct field
in_extents(const unsigned char *node, uint64_t start, uint64_t at, uint64_t size)
{
	if (at < EXTENT_SIZE)
		return in_rows(extent_header, start, at, size, NULL);
	if (at / EXTENT_SIZE > get16(node + 2))
		return (struct field){.offset = start + at, .size = 1, .name = "behind the extents"};
	return in_array(get16(node + 6) ? extent_index : extent, start + EXTENT_SIZE, at - EXTENT_SIZE, EXTENT_SIZE, "extent", 0, NULL);
}

static struct field
in_pointers(uint64_t start, uint64_t at)
{
	return (struct field){.offset = start + at / 4 * 4, .size = 4, .name = "block number", .item = "pointer", .number = at / 4};
}

static struct field
in_map(struct field_reader *r, uint64_t start, uint64_t at, uint64_t size)
{
	if (bring(r, start, size) && get16(r->bytes) == EXTENT_MAGIC)
		return in_extents(r->bytes, start, at, size);
	return in_pointers(start, at);
}

static struct field
in_inode(struct field_reader *r, uint64_t start, uint64_t at, uint64_t size)
{
	if (at >= MAP_AT && at < MAP_AT + MAP_SIZE && bring(r, start, size) && get32(r->bytes + FLAGS_AT) & EXTENTS_FLAG)
		return in_extents(r->bytes + MAP_AT, start + MAP_AT, at - MAP_AT, MAP_SIZE);
	return in_rows(inode, start, at, size, "attributes");
}

/* The byte AT of an entry of LENGTH bytes. */
static struct field
in_entry(const unsigned char *entry, uint64_t start, uint64_t at, uint32_t length)
{
	uint64_t end = DIRENT_NAME + (uint64_t)entry[6];
	struct field f;

	if (entry[7] == TAIL_TYPE && length == TAIL_SIZE && get32(entry) == 0)
		return in_rows(tail, start, at, length, NULL);
	f = at < end ? in_rows(dirent, start, at, end, "name") :
		(struct field){.offset = start + end, .size = length - end, .name = "behind the name"};
	f.entry_name = entry + DIRENT_NAME;
	f.entry_length = entry[6];
	return f;
}

/* A block whose entries cannot be followed up to AT has no fields from there on. */
static struct field
in_directory(struct field_reader *r, uint64_t start, uint64_t at, uint64_t size)
{
	uint32_t length = 0;

	for (uint64_t i = 0; bring(r, start, size) && i + DIRENT_NAME <= size; i += length) {
		length = ext_entry_bytes(get16(r->bytes + i + 4), (uint32_t)size);
		if (length < DIRENT_NAME || length > size - i || (uint32_t)r->bytes[i + 6] + DIRENT_NAME > length)
			break;
		if (at < i + length)
			return in_entry(r->bytes + i, start + i, at - i, length);
	}
	return (struct field){.offset = start + at, .size = 1};
}

/* The bit of a bitmap for the first of eight blocks or inodes. */
static struct field
in_bitmap(uint64_t offset, uint64_t number, const char *item)
{
	return (struct field){.offset = offset, .size = 1, .name = "bits", .item = item, .number = number};
}

static struct field
in_table(uint64_t at)
{
	if (at >= TABLE_AT && at < TABLE_AT + 4 * 16)
		return in_array(mbr_entry, TABLE_AT, at - TABLE_AT, 16, "entry", 1, NULL);
	return in_rows(mbr, 0, at, RECORD_SIZE, NULL);
}

/* Their size stands in the header, which is in front of the first copy of the entries and behind the other. */
static uint32_t
gpt_entry_size(struct field_reader *r, uint64_t header)
{
	return bring(r, header, RECORD_SIZE) && memcmp(r->bytes, "EFI PART", 8) == 0 ? get32(r->bytes + GPT_ENTRY_SIZE_AT) : 0;
}

static struct field
in_gpt_entries(struct field_reader *r, const struct owner *o, uint64_t at)
{
	uint32_t size = gpt_entry_size(r, o->offset - r->image->layout->sector_size);

	if (!size)
		size = gpt_entry_size(r, o->offset + o->size);
	return size >= GPT_ENTRY_LEAST ? in_array(gpt_entry, o->offset, at, size, "entry", 1, "behind the entry") :
		(struct field){.offset = o->offset, .size = o->size};
}

/* What is in a file system. */
static struct field
in_ext(struct field_reader *r, const struct ext_layout *l, const struct owner *o, uint64_t offset)
{
	uint64_t at = offset - o->offset, start = o->offset;
	uint64_t block = start + at / l->block_size * l->block_size;

	switch (o->kind) {
	case OWNER_SUPERBLOCK:
		return in_rows(superblock, start, at, o->size, "behind the superblock");
	case OWNER_DESCRIPTORS:
		return at / l->descriptor_size < l->group_count ? in_array(descriptor, start, at, l->descriptor_size, "group", 0, NULL) :
			(struct field){.offset = start + (uint64_t)l->group_count * l->descriptor_size,
				.size = o->size - (uint64_t)l->group_count * l->descriptor_size, .name = "behind the descriptors"};
	case OWNER_BLOCK_BITMAP:
		return in_bitmap(offset, l->first_data_block + o->number * l->blocks_per_group + at * BITS, "block");
	case OWNER_INODE_BITMAP:
		return in_bitmap(offset, o->number * l->inodes_per_group + 1 + at * BITS, "inode");
	case OWNER_INODE:
		return in_inode(r, start, at, l->inode_size);
	case OWNER_FREE_INODES:
		return in_array(inode, start, at, l->inode_size, "inode", o->number, "attributes");
	case OWNER_DIRECTORY:
		return in_directory(r, block, offset - block, l->block_size);
	case OWNER_MAP:
		return in_map(r, block, offset - block, l->block_size);
	case OWNER_ATTRIBUTES:
		return in_rows(attributes, block, offset - block, l->block_size, "entries and values");
	case OWNER_BOOT_CODE:
	case OWNER_PARTITION_TABLE:
	case OWNER_GPT_HEADER:
	case OWNER_GPT_ENTRIES:
	case OWNER_BOOT_LOADER:
	case OWNER_BOOT_BLOCK:
	case OWNER_RESERVED_GDT:
	case OWNER_LINK:
	case OWNER_DATA:
	case OWNER_SLACK:
	case OWNER_JOURNAL:
	case OWNER_BOOT_SECTOR:
	case OWNER_FSINFO:
	case OWNER_FAT:
	case OWNER_FAT_DIRECTORY:
	case OWNER_FAT_DATA:
	case OWNER_FAT_SLACK:
	case OWNER_SWAP_HEADER:
	case OWNER_FREE:
	case OWNER_GAP:
	case OWNER_UNKNOWN:
		break;
	}
	return (struct field){.offset = o->offset, .size = o->size};
}

/* Two entries of 12 bits share a byte: a pair of them is one field. */
static struct field
in_fat(const struct fat_layout *l, uint64_t start, uint64_t at)
{
	uint64_t size = l->bits == 12 ? 3 : l->bits / 8, index = at / size;

	return (struct field){.offset = start + index * size, .size = size, .name = l->bits == 12 ? "entry and the next one" : "entry",
		.item = "cluster", .number = l->bits == 12 ? index * 2 : index};
}

/* An entry of a file is told by its name, a part of a long name by its place. */
static struct field
in_fat_directory(struct field_reader *r, uint64_t start, uint64_t at)
{
	uint64_t entry = start + at / FAT_ENTRY_SIZE * FAT_ENTRY_SIZE;
	bool is_read = bring(r, entry, FAT_ENTRY_SIZE), is_long = is_read && (r->bytes[FAT_ATTRIBUTES] & FAT_LONG_MASK) == FAT_LONG;
	struct field f = in_array(is_long ? fat_long : fat_short, start, at, FAT_ENTRY_SIZE, "entry", 0, NULL);

	if (is_read && !is_long && r->bytes[0]) {
		f.item = NULL;
		f.entry_name = r->bytes;
		f.entry_length = FAT_NAME_SIZE;
	}
	return f;
}

/* What is in a FAT file system. */
static struct field
in_fat_filesystem(struct field_reader *r, const struct fat_layout *l, const struct owner *o, uint64_t offset)
{
	uint64_t at = offset - o->offset;

	if (o->kind == OWNER_BOOT_SECTOR)
		return in_rows(l->bits == 32 ? fat32_boot : fat_boot, o->offset, at, o->size, NULL);
	if (o->kind == OWNER_FSINFO)
		return in_rows(fsinfo, o->offset, at, o->size, NULL);
	if (o->kind == OWNER_FAT)
		return in_fat(l, o->offset, at);
	if (o->kind == OWNER_FAT_DIRECTORY)
		return in_fat_directory(r, o->offset, at);
	return (struct field){.offset = o->offset, .size = o->size};
}

struct field
field_at(struct field_reader *r, const struct owner *o, uint64_t offset)
{
	const struct partition_layout *p = o->partition < 0 ? NULL : &r->image->layout->partitions[o->partition];
	uint64_t at = offset - o->offset;

	if (o->kind == OWNER_PARTITION_TABLE)
		return in_table(offset);
	if (o->kind == OWNER_GPT_HEADER)
		return in_rows(gpt_header, o->offset, at, o->size, "Reserved");
	if (o->kind == OWNER_GPT_ENTRIES)
		return in_gpt_entries(r, o, at);
	if (o->kind == OWNER_SWAP_HEADER)
		return in_rows(swap, o->offset, at, o->size, NULL);
	if (p && p->fat)
		return in_fat_filesystem(r, p->fat, o, offset);
	return p && p->ext ? in_ext(r, p->ext, o, offset) : (struct field){.offset = o->offset, .size = o->size};
}

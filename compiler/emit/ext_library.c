/*
 * Has libext2fs serialise what was planned: bitmaps, group descriptors, checksums. It allocates nothing and
 * decides nothing, and every field it would take from the clock, the environment, the host or its version is
 * set here.
 */
#include "emit/ext.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>
#include <ext2fs/ext2_ext_attr.h>
#include <ext2fs/ext3_extents.h>

#include "emit/output.h"
#include "support/compilation.h"

enum { EXTRA_SIZE = 32, SUPERBLOCK_START = 1024 };

/* The default mount options mke2fs.conf has asked for since 2008. */
#define MOUNT_OPTIONS (EXT2_DEFM_XATTR_USER | EXT2_DEFM_ACL)

_Static_assert(sizeof(struct ext2_super_block) == EXT_SUPERBLOCK_SIZE, "superblock");

struct ext_library {
	char name[8]; /* first: the library hands this address to open_channel, the only way in for all the rest */
	struct struct_io_manager manager;
	struct struct_io_channel channel;
	struct ext_writer *writer;
	ext2_filsys fs;
};

static struct ext_library *
library_of(io_channel channel)
{
	return channel->private_data;
}

static errcode_t
open_channel(const char *name, int flags, io_channel *channel)
{
	struct ext_library *lib = (struct ext_library *)(uintptr_t)name;

	(void)flags;
	lib->channel = (struct struct_io_channel){
		.magic = EXT2_ET_MAGIC_IO_CHANNEL,
		.manager = &lib->manager,
		.name = lib->name,
		.block_size = SUPERBLOCK_START,
		.refcount = 1,
		.private_data = lib,
	};
	*channel = &lib->channel;
	return 0;
}

static errcode_t
close_channel(io_channel channel)
{
	(void)channel;
	return 0;
}

static errcode_t
set_block_size(io_channel channel, int size)
{
	channel->block_size = size;
	return 0;
}

/* A negative COUNT is one of bytes. */
static size_t
bytes_of(io_channel channel, int count)
{
	return count < 0 ? -(size_t)count : (size_t)count * (size_t)channel->block_size;
}

/* On the disk. */
static uint64_t
position_of(io_channel channel, uint64_t block)
{
	uint64_t block_size = (uint64_t)channel->block_size;

	return library_of(channel)->writer->offset + block * block_size;
}

static errcode_t
read_blocks(io_channel channel, unsigned long long block, int count, void *bytes)
{
	struct output *out = library_of(channel)->writer->out;

	return output_read(out, position_of(channel, block), bytes, bytes_of(channel, count)) ? 0 : EIO;
}

static errcode_t
write_blocks(io_channel channel, unsigned long long block, int count, const void *bytes)
{
	struct output *out = library_of(channel)->writer->out;

	return output_write(out, position_of(channel, block), bytes, bytes_of(channel, count)) ? 0 : EIO;
}

/* The output file is brought to the disk once, when it is complete. */
static errcode_t
flush_channel(io_channel channel)
{
	(void)channel;
	return 0;
}

/* Checksums ask for an inode because they cover its generation. Ours are all 0, so that no table need be read back. */
static errcode_t
give_inode(ext2_filsys fs, ext2_ino_t number, struct ext2_inode *inode)
{
	(void)fs;
	(void)number;
	*inode = (struct ext2_inode){0};
	return 0;
}

static bool
refused(struct ext_writer *w, const char *call, errcode_t code)
{
	w->failure.call = call;
	w->failure.code = (long)code;
	return false;
}

static bool
differs(const struct ext_writer *w, const char *field, uint64_t planned, uint64_t found)
{
	struct compilation *c = w->out->c;

	if (planned == found)
		return false;
	diag(&c->diags, DIAG_PLAN_MISMATCH, w->from->key_at,
		"%s of partition '%s' is %" PRIu64 " by plan and %" PRIu64 " by libext2fs", field, w->from->name,
		planned, found);
	return true;
}

/* Superblocks have unsigned times, so that one before 1970 is 1970's. */
static void
put_super_times(const struct ext_layout *l, struct ext2_super_block *s)
{
	uint64_t epoch = l->epoch < 0 ? 0 : (uint64_t)l->epoch;

	s->s_mkfs_time = s->s_wtime = s->s_lastcheck = (__u32)epoch;
	s->s_mkfs_time_hi = s->s_wtime_hi = s->s_lastcheck_hi = (__u8)(epoch >> 32);
}

/* A second way to the journal, for e2fsck: i_block, and i_size in two halves. */
static void
put_super_journal(const struct ext_layout *l, struct ext2_super_block *s)
{
	unsigned char map[EXT_MAP_SIZE] = {0};
	const struct ext_inode *journal = l->inodes;

	while (journal->number != EXT_JOURNAL)
		journal++;
	ext_map_root(l, journal, map);
	for (size_t i = 0; i < EXT_MAP_SIZE / 4; i++)
		s->s_jnl_blocks[i] = get32(map + 4 * i);
	s->s_jnl_blocks[15] = (__u32)(journal->size >> 32);
	s->s_jnl_blocks[16] = (__u32)journal->size;
	s->s_jnl_backup_type = EXT3_JNL_BACKUP_BLOCKS;
	s->s_journal_inum = EXT_JOURNAL;
}

static void
put_super_geometry(const struct ext_layout *l, struct ext2_super_block *s)
{
	__u32 log_size = l->block_size == 1024 ? 0 : l->block_size == 2048 ? 1 : 2;

	s->s_log_block_size = s->s_log_cluster_size = log_size;
	s->s_first_data_block = l->first_data_block;
	s->s_blocks_count = (__u32)l->block_count;
	s->s_r_blocks_count = (__u32)l->reserved_blocks;
	s->s_free_blocks_count = (__u32)l->free_blocks;
	if (l->feature_incompat & EXT_INCOMPAT_64BIT) {
		s->s_desc_size = (__u16)l->descriptor_size;
		s->s_blocks_count_hi = (__u32)(l->block_count >> 32);
		s->s_r_blocks_count_hi = (__u32)(l->reserved_blocks >> 32);
		s->s_free_blocks_hi = (__u32)(l->free_blocks >> 32);
	}
	s->s_blocks_per_group = s->s_clusters_per_group = l->blocks_per_group;
	s->s_inodes_count = l->inode_count;
	s->s_free_inodes_count = l->free_inodes;
	s->s_inodes_per_group = l->inodes_per_group;
	s->s_inode_size = (__u16)l->inode_size;
	s->s_first_ino = EXT2_GOOD_OLD_FIRST_INO;
}

/*
 * The whole superblock. What is not named is 0: mounts, errors, last mount point, kbytes written, RAID, quota,
 * and the overhead, which the kernel works out when it mounts.
 */
static struct ext2_super_block
superblock(const struct ext_layout *l)
{
	struct ext2_super_block s = {
		.s_magic = EXT2_SUPER_MAGIC,
		.s_state = EXT2_VALID_FS,
		.s_max_mnt_count = -1,
		.s_errors = EXT2_ERRORS_CONTINUE,
		.s_creator_os = EXT2_OS_LINUX,
		.s_rev_level = EXT2_DYNAMIC_REV,
		.s_feature_compat = l->feature_compat,
		.s_feature_incompat = l->feature_incompat,
		.s_feature_ro_compat = l->feature_ro_compat,
		.s_def_hash_version = EXT2_HASH_HALF_MD4, /* for directories indexed later */
		.s_flags = EXT2_FLAGS_UNSIGNED_HASH,      /* never the host's char */
		.s_default_mount_opts = l->kind == FILESYSTEM_EXT2 ? 0 : MOUNT_OPTIONS,
	};

	put_super_geometry(l, &s);
	put_super_times(l, &s);
	memcpy(s.s_uuid, l->uuid, sizeof s.s_uuid);
	memcpy(s.s_volume_name, l->label, sizeof s.s_volume_name);
	for (int i = 0; i < 4; i++) /* a UUID's bytes, whichever way the host turns numbers */
		s.s_hash_seed[i] = get32(l->hash_seed + 4 * i);
	if (l->inode_size > EXT2_GOOD_OLD_INODE_SIZE)
		s.s_min_extra_isize = s.s_want_extra_isize = EXTRA_SIZE;
	if (ext2fs_has_feature_metadata_csum(&s))
		s.s_checksum_type = EXT2_CRC32C_CHKSUM;
	if (ext2fs_has_feature_journal(&s))
		put_super_journal(l, &s);
	return s;
}

/* The library comes to its own conclusions from sizes; they must be ours. */
static bool
compare_geometry(const struct ext_writer *w, ext2_filsys fs)
{
	const struct ext_layout *l = w->layout;
	const struct ext2_super_block *s = fs->super;
	bool bad = differs(w, "the number of blocks", l->block_count, ext2fs_blocks_count(fs->super));

	bad |= differs(w, "the number of inodes", l->inode_count, s->s_inodes_count);
	bad |= differs(w, "the block size", l->block_size, fs->blocksize);
	bad |= differs(w, "the first data block", l->first_data_block, s->s_first_data_block);
	bad |= differs(w, "the number of blocks in a group", l->blocks_per_group, s->s_blocks_per_group);
	bad |= differs(w, "the number of inodes in a group", l->inodes_per_group, s->s_inodes_per_group);
	bad |= differs(w, "the inode size", l->inode_size, s->s_inode_size);
	bad |= differs(w, "the number of groups", l->group_count, fs->group_desc_count);
	bad |= differs(w, "the size of a descriptor", l->descriptor_size, EXT2_DESC_SIZE(fs->super));
	bad |= differs(w, "the number of descriptor blocks", l->descriptor_blocks, fs->desc_blocks);
	bad |= differs(w, "the number of blocks in an inode table", l->inode_table_blocks, fs->inode_blocks_per_group);
	bad |= differs(w, "the number of reserved descriptor blocks", 0, s->s_reserved_gdt_blocks);
	for (dgrp_t g = 0; !bad && g < fs->group_desc_count; g++)
		bad = differs(w, "a backup of the superblock", l->groups[g].has_super, ext2fs_bg_has_super(fs, g) != 0);
	return !bad;
}

/* Which groups are BLOCK_UNINIT and INODE_UNINIT is planned: it has changed between versions. All tables are zeroed. */
static void
describe_groups(const struct ext_layout *l, ext2_filsys fs)
{
	for (dgrp_t i = 0; i < l->group_count; i++) {
		const struct ext_group *g = &l->groups[i];

		ext2fs_block_bitmap_loc_set(fs, i, g->block_bitmap);
		ext2fs_inode_bitmap_loc_set(fs, i, g->inode_bitmap);
		ext2fs_inode_table_loc_set(fs, i, g->inode_table);
		ext2fs_bg_free_blocks_count_set(fs, i, g->free_blocks);
		ext2fs_bg_free_inodes_count_set(fs, i, g->free_inodes);
		ext2fs_bg_used_dirs_count_set(fs, i, g->directories);
		ext2fs_bg_itable_unused_set(fs, i, g->unused_inodes);
		ext2fs_bg_flags_zap(fs, i);
		if (ext2fs_has_feature_metadata_csum(fs->super))
			ext2fs_bg_flags_set(fs, i, EXT2_BG_INODE_ZEROED);
		if (g->untouched) {
			ext2fs_bg_flags_set(fs, i, EXT2_BG_BLOCK_UNINIT | EXT2_BG_INODE_UNINIT);
			ext2fs_group_desc_csum_set(fs, i); /* where bitmaps are written, the library does that */
		}
		ext2fs_mark_block_bitmap_range2(fs->block_map, g->block_bitmap, 2 + l->inode_table_blocks);
	}
}

static void
mark_inodes(const struct ext_layout *l, ext2_filsys fs)
{
	for (ext2_ino_t number = 1; number < EXT2_GOOD_OLD_FIRST_INO; number++)
		ext2fs_mark_inode_bitmap2(fs->inode_map, number);
	for (size_t i = 0; i < l->inode_used_count; i++) {
		const struct ext_inode *inode = &l->inodes[i];

		ext2fs_mark_inode_bitmap2(fs->inode_map, inode->number);
		for (size_t r = 0; r < inode->run_count; r++) {
			const struct run *run = &inode->runs[r];

			ext2fs_mark_block_bitmap_range2(fs->block_map, run->first, (blk_t)run->count);
		}
		for (size_t b = 0; b < inode->map_block_count; b++)
			ext2fs_mark_block_bitmap2(fs->block_map, inode->map_blocks[b]);
		if (ext_attribute_block(inode))
			ext2fs_mark_block_bitmap2(fs->block_map, ext_attribute_block(inode));
	}
}

bool
ext_library_open(struct ext_writer *w)
{
	struct ext_library *lib = ARENA_NEW(w->out->c->arena, struct ext_library);
	struct ext2_super_block super = superblock(w->layout);
	errcode_t error;

	*lib = (struct ext_library){
		.name = "image",
		.writer = w,
		.manager = {
			.magic = EXT2_ET_MAGIC_IO_MANAGER,
			.name = "rootc output",
			.open = open_channel,
			.close = close_channel,
			.set_blksize = set_block_size,
			.flush = flush_channel,
			.read_blk64 = read_blocks,
			.write_blk64 = write_blocks,
		},
	};
	w->library = lib;
	error = ext2fs_initialize(lib->name, EXT2_FLAG_64BITS, &super, &lib->manager, &lib->fs);
	if (error)
		return refused(w, "ext2fs_initialize", error);
	if (!compare_geometry(w, lib->fs))
		return false;
	memcpy(lib->fs->super, &super, sizeof super);
	lib->fs->read_inode = give_inode;
	ext2fs_init_csum_seed(lib->fs);
	describe_groups(w->layout, lib->fs);
	mark_inodes(w->layout, lib->fs);
	return true;
}

uint64_t
ext_superblock_place(const struct ext_layout *l, uint32_t group)
{
	return group ? l->groups[group].first_block * l->block_size : SUPERBLOCK_START;
}

/* Backups say, as mke2fs's do, that they were not cleanly unmounted. */
void
ext_compose_superblock(struct ext_writer *w, uint32_t group, unsigned char bytes[EXT_SUPERBLOCK_SIZE])
{
	struct ext2_super_block super = superblock(w->layout);

	super.s_block_group_nr = (__u16)(group < UINT16_MAX ? group : UINT16_MAX);
	if (group)
		super.s_state = 0;
	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		ext2fs_swap_super(&super);
	ext2fs_superblock_csum_set(w->library->fs, &super);
	memcpy(bytes, &super, sizeof super);
}

/* The library has put the time of day into its copies. */
static bool
write_superblocks(struct ext_writer *w)
{
	const struct ext_layout *l = w->layout;
	unsigned char bytes[EXT_SUPERBLOCK_SIZE];

	for (uint32_t g = 0; g < l->group_count; g++) {
		if (!l->groups[g].has_super)
			continue;
		ext_compose_superblock(w, g, bytes);
		if (!output_write(w->out, w->offset + ext_superblock_place(l, g), bytes, sizeof bytes))
			return false;
	}
	return true;
}

uint16_t
ext_descriptor_checksum(const struct ext_writer *w, uint32_t group)
{
	ext2_filsys fs = w->library->fs;

	return ext2fs_has_group_desc_csum(fs) ? ext2fs_group_desc_csum(fs, group) : 0;
}

bool
ext_library_finish(struct ext_writer *w)
{
	ext2_filsys fs = w->library->fs;
	errcode_t error;

	ext2fs_mark_bb_dirty(fs);
	ext2fs_mark_ib_dirty(fs);
	ext2fs_mark_super_dirty(fs);
	error = ext2fs_flush2(fs, EXT2_FLAG_FLUSH_NO_SYNC);
	if (error)
		return refused(w, "ext2fs_flush2", error);
	return write_superblocks(w);
}

void
ext_library_close(struct ext_writer *w)
{
	if (w->library && w->library->fs)
		ext2fs_free(w->library->fs);
}

bool
ext_seal_directory(struct ext_writer *w, uint32_t number, unsigned char *bytes)
{
	errcode_t error = ext2fs_dir_block_csum_set(w->library->fs, number, (struct ext2_dir_entry *)(void *)bytes);

	return error ? refused(w, "ext2fs_dir_block_csum_set", error) : true;
}

bool
ext_seal_extents(struct ext_writer *w, uint32_t number, unsigned char *bytes)
{
	struct ext3_extent_header *node = (struct ext3_extent_header *)(void *)bytes;
	errcode_t error = ext2fs_extent_block_csum_set(w->library->fs, number, node);

	return error ? refused(w, "ext2fs_extent_block_csum_set", error) : true;
}

bool
ext_seal_attributes(struct ext_writer *w, uint32_t number, uint64_t block, unsigned char *bytes)
{
	struct ext2_ext_attr_header *header = (struct ext2_ext_attr_header *)(void *)bytes;
	errcode_t error = ext2fs_ext_attr_block_csum_set(w->library->fs, number, block, header);

	return error ? refused(w, "ext2fs_ext_attr_block_csum_set", error) : true;
}

bool
ext_seal_inode(struct ext_writer *w, uint32_t number, unsigned char *bytes)
{
	errcode_t error = ext2fs_inode_csum_set(w->library->fs, number, (struct ext2_inode_large *)(void *)bytes);

	return error ? refused(w, "ext2fs_inode_csum_set", error) : true;
}

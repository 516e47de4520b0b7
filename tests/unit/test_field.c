/* Fields are held to e2fsprogs' own structures, and to published offsets. */
#include "model/field.h"

#include <string.h>

#include <ext2fs/ext2_fs.h>

#include "unit.h"

enum { START = 1 << 20 };

struct member {
	const char *name;
	size_t offset, size;
};

#define MEMBER(type, member) {#member, offsetof(struct type, member), sizeof ((struct type *)0)->member}
#define SUPER(member) MEMBER(ext2_super_block, member)
#define GROUP(member) MEMBER(ext4_group_desc, member)
#define EXTRA(member) MEMBER(ext2_inode_large, member)

static const struct member super[] = {
	SUPER(s_inodes_count), SUPER(s_blocks_count), SUPER(s_r_blocks_count), SUPER(s_free_blocks_count), SUPER(s_free_inodes_count),
	SUPER(s_first_data_block), SUPER(s_log_block_size), SUPER(s_log_cluster_size), SUPER(s_blocks_per_group),
	SUPER(s_clusters_per_group), SUPER(s_inodes_per_group), SUPER(s_mtime), SUPER(s_wtime), SUPER(s_mnt_count),
	SUPER(s_max_mnt_count), SUPER(s_magic), SUPER(s_state), SUPER(s_errors), SUPER(s_minor_rev_level), SUPER(s_lastcheck),
	SUPER(s_checkinterval), SUPER(s_creator_os), SUPER(s_rev_level), SUPER(s_def_resuid), SUPER(s_def_resgid), SUPER(s_first_ino),
	SUPER(s_inode_size), SUPER(s_block_group_nr), SUPER(s_feature_compat), SUPER(s_feature_incompat), SUPER(s_feature_ro_compat),
	SUPER(s_uuid), SUPER(s_volume_name), SUPER(s_last_mounted), SUPER(s_algorithm_usage_bitmap), SUPER(s_prealloc_blocks),
	SUPER(s_prealloc_dir_blocks), SUPER(s_reserved_gdt_blocks), SUPER(s_journal_uuid), SUPER(s_journal_inum), SUPER(s_journal_dev),
	SUPER(s_last_orphan), SUPER(s_hash_seed), SUPER(s_def_hash_version), SUPER(s_jnl_backup_type), SUPER(s_desc_size),
	SUPER(s_default_mount_opts), SUPER(s_first_meta_bg), SUPER(s_mkfs_time), SUPER(s_jnl_blocks), SUPER(s_blocks_count_hi),
	SUPER(s_r_blocks_count_hi), SUPER(s_free_blocks_hi), SUPER(s_min_extra_isize), SUPER(s_want_extra_isize), SUPER(s_flags),
	SUPER(s_raid_stride), SUPER(s_mmp_update_interval), SUPER(s_mmp_block), SUPER(s_raid_stripe_width), SUPER(s_log_groups_per_flex),
	SUPER(s_checksum_type), SUPER(s_encryption_level), SUPER(s_reserved_pad), SUPER(s_kbytes_written), SUPER(s_snapshot_inum),
	SUPER(s_snapshot_id), SUPER(s_snapshot_r_blocks_count), SUPER(s_snapshot_list), SUPER(s_error_count), SUPER(s_first_error_time),
	SUPER(s_first_error_ino), SUPER(s_first_error_block), SUPER(s_first_error_func), SUPER(s_first_error_line),
	SUPER(s_last_error_time), SUPER(s_last_error_ino), SUPER(s_last_error_line), SUPER(s_last_error_block), SUPER(s_last_error_func),
	SUPER(s_mount_opts), SUPER(s_usr_quota_inum), SUPER(s_grp_quota_inum), SUPER(s_overhead_clusters), SUPER(s_backup_bgs),
	SUPER(s_encrypt_algos), SUPER(s_encrypt_pw_salt), SUPER(s_lpf_ino), SUPER(s_prj_quota_inum), SUPER(s_checksum_seed),
	SUPER(s_wtime_hi), SUPER(s_mtime_hi), SUPER(s_mkfs_time_hi), SUPER(s_lastcheck_hi), SUPER(s_first_error_time_hi),
	SUPER(s_last_error_time_hi), SUPER(s_checksum), {NULL, 0, 0},
};

static const struct member group[] = {
	GROUP(bg_block_bitmap), GROUP(bg_inode_bitmap), GROUP(bg_inode_table), GROUP(bg_free_blocks_count), GROUP(bg_free_inodes_count),
	GROUP(bg_used_dirs_count), GROUP(bg_flags), GROUP(bg_exclude_bitmap_lo), GROUP(bg_block_bitmap_csum_lo),
	GROUP(bg_inode_bitmap_csum_lo), GROUP(bg_itable_unused), GROUP(bg_checksum), GROUP(bg_block_bitmap_hi), GROUP(bg_inode_bitmap_hi),
	GROUP(bg_inode_table_hi), GROUP(bg_free_blocks_count_hi), GROUP(bg_free_inodes_count_hi), GROUP(bg_used_dirs_count_hi),
	GROUP(bg_itable_unused_hi), GROUP(bg_exclude_bitmap_hi), GROUP(bg_block_bitmap_csum_hi), GROUP(bg_inode_bitmap_csum_hi),
	GROUP(bg_reserved), {NULL, 0, 0},
};

static const struct member inode[] = {
	EXTRA(i_mode), EXTRA(i_uid), EXTRA(i_size), EXTRA(i_atime), EXTRA(i_ctime), EXTRA(i_mtime), EXTRA(i_dtime), EXTRA(i_gid),
	EXTRA(i_links_count), EXTRA(i_blocks), EXTRA(i_flags), EXTRA(i_block), EXTRA(i_generation), EXTRA(i_file_acl), EXTRA(i_size_high),
	EXTRA(i_faddr), EXTRA(i_extra_isize), EXTRA(i_checksum_hi), EXTRA(i_ctime_extra), EXTRA(i_mtime_extra), EXTRA(i_atime_extra),
	EXTRA(i_crtime), EXTRA(i_crtime_extra), EXTRA(i_version_hi), EXTRA(i_projid), {NULL, 0, 0},
};

/* A file system of two groups in partition 1, without bytes. */
static const struct image *
image_of(struct compilation *c)
{
	struct image *image = ARENA_NEW(c->arena, struct image);
	struct partition_layout *p = ARENA_NEW(c->arena, struct partition_layout);
	struct ext_layout *ext = ARENA_NEW(c->arena, struct ext_layout);

	*ext = (struct ext_layout){.block_size = 1024, .first_data_block = 1, .descriptor_size = 64, .group_count = 2, .inode_size = 256,
		.blocks_per_group = 8192, .inodes_per_group = 64};
	p->ext = ext;
	image->layout = ARENA_NEW(c->arena, struct layout);
	image->layout->partitions = p;
	image->layout->partition_count = 1;
	return image;
}

static struct field
field_of(const struct image *image, enum owner_kind kind, uint64_t size, uint64_t at)
{
	static struct field_reader reader;
	const struct owner owner = {.offset = START, .size = size, .kind = kind, .number = 1};

	reader = (struct field_reader){.image = image, .fd = -1};
	return field_at(&reader, &owner, START + at);
}

/* Each byte of each member is in the field of that name. */
static void
expect(const struct member *members, enum owner_kind kind, uint64_t size, uint64_t from)
{
	const struct image *image = image_of(unit_compilation());

	for (const struct member *m = members; m->name; m++)
		for (uint64_t i = 0; i < m->size; i++) {
			struct field f = field_of(image, kind, size, from + m->offset + i);

			assert_string_equal(f.name, m->name);
			assert_int_equal(f.offset, START + from + m->offset);
			assert_int_equal(f.size, m->size);
		}
}

TEST(superblock_fields_lie_where_e2fsprogs_has_them)
{
	expect(super, OWNER_SUPERBLOCK, 1024, 0);
}

TEST(descriptor_fields_lie_where_e2fsprogs_has_them)
{
	const struct image *image = image_of(unit_compilation());

	expect(group, OWNER_DESCRIPTORS, 1024, 0);
	expect(group, OWNER_DESCRIPTORS, 1024, 64);
	assert_int_equal(field_of(image, OWNER_DESCRIPTORS, 1024, 64 + 5).number, 1);
	assert_string_equal(field_of(image, OWNER_DESCRIPTORS, 1024, 128).name, "behind the descriptors");
}

TEST(inode_fields_lie_where_e2fsprogs_has_them)
{
	const struct image *image = image_of(unit_compilation());

	expect(inode, OWNER_INODE, 256, 0);
	expect(inode, OWNER_FREE_INODES, 1024, 512);
	assert_int_equal(field_of(image, OWNER_FREE_INODES, 1024, 512).number, 3);
	assert_string_equal(field_of(image, OWNER_INODE, 256, 160).name, "attributes");
}

TEST(a_byte_of_a_bitmap_is_told_by_its_first_bit)
{
	const struct image *image = image_of(unit_compilation());

	assert_int_equal(field_of(image, OWNER_BLOCK_BITMAP, 1024, 3).number, 1 + 8192 + 24);
	assert_int_equal(field_of(image, OWNER_INODE_BITMAP, 1024, 1).number, 64 + 1 + 8);
}

/* The same partition as a FAT of BITS. */
static const struct image *
fat_image_of(unsigned bits)
{
	struct compilation *c = unit_compilation();
	const struct image *image = image_of(c);
	struct fat_layout *fat = ARENA_NEW(c->arena, struct fat_layout);

	fat->bits = bits;
	image->layout->partitions[0].ext = NULL;
	image->layout->partitions[0].fat = fat;
	return image;
}

/* Offsets of fatgen103 and of Linux's union swap_header. */
TEST(fields_of_a_fat_and_of_swap_space_lie_where_their_makers_have_them)
{
	static const struct {
		unsigned bits;
		enum owner_kind kind;
		uint64_t at;
		const char *name;
	} fields[] = {
		{16, OWNER_BOOT_SECTOR, 2, "BS_jmpBoot"}, {16, OWNER_BOOT_SECTOR, 13, "BPB_SecPerClus"}, {16, OWNER_BOOT_SECTOR, 35, "BPB_TotSec32"},
		{16, OWNER_BOOT_SECTOR, 39, "BS_VolID"}, {16, OWNER_BOOT_SECTOR, 43, "BS_VolLab"}, {16, OWNER_BOOT_SECTOR, 61, "BS_FilSysType"},
		{16, OWNER_BOOT_SECTOR, 62, "boot code"}, {16, OWNER_BOOT_SECTOR, 511, "signature"}, {32, OWNER_BOOT_SECTOR, 36, "BPB_FATSz32"},
		{32, OWNER_BOOT_SECTOR, 44, "BPB_RootClus"}, {32, OWNER_BOOT_SECTOR, 64, "BS_DrvNum"}, {32, OWNER_BOOT_SECTOR, 67, "BS_VolID"},
		{32, OWNER_BOOT_SECTOR, 71, "BS_VolLab"}, {32, OWNER_BOOT_SECTOR, 82, "BS_FilSysType"}, {32, OWNER_BOOT_SECTOR, 90, "boot code"},
		{32, OWNER_FSINFO, 484, "FSI_StrucSig"}, {32, OWNER_FSINFO, 488, "FSI_Free_Count"}, {32, OWNER_FSINFO, 511, "FSI_TrailSig"},
		{16, OWNER_FAT_DIRECTORY, 11, "DIR_Attr"}, {16, OWNER_FAT_DIRECTORY, 32 + 31, "DIR_FileSize"},
		{16, OWNER_FAT_DIRECTORY, 26, "DIR_FstClusLO"}, {16, OWNER_SWAP_HEADER, 1028, "last_page"}, {16, OWNER_SWAP_HEADER, 1052, "sws_volume"},
		{16, OWNER_SWAP_HEADER, 1068, "padding"}, {16, OWNER_SWAP_HEADER, 1536, "badpages"}, {16, OWNER_SWAP_HEADER, 4086, "magic"},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		assert_string_equal(field_of(fat_image_of(fields[i].bits), fields[i].kind, 4096, fields[i].at).name, fields[i].name);
	assert_int_equal(field_of(fat_image_of(12), OWNER_FAT, 512, 4).number, 2);
	assert_int_equal(field_of(fat_image_of(16), OWNER_FAT, 512, 5).number, 2);
	assert_int_equal(field_of(fat_image_of(32), OWNER_FAT, 512, 8).number, 2);
}

TEST(what_cannot_be_read_has_no_fields)
{
	const struct image *image = image_of(unit_compilation());

	assert_null(field_of(image, OWNER_DIRECTORY, 1024, 30).name);
	assert_null(field_of(image, OWNER_GPT_ENTRIES, 16384, 30).name);
	assert_null(field_of(image, OWNER_DATA, 1024, 30).name);
}

#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ext_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

TEST(an_empty_file_system_is_divided_as_mke2fs_would)
{
	static const struct {
		enum filesystem_kind kind;
		uint32_t block_size;
		uint64_t bytes, blocks;
		uint32_t groups, inodes_per_group, table_blocks;
		uint64_t free_blocks;
	} cases[] = {
		{FILESYSTEM_EXT2, 1024, 256 * KIB, 256, 1, 16, 4, 234},
		{FILESYSTEM_EXT2, 1024, 8 * MIB, 8192, 1, 512, 128, 8046},
		{FILESYSTEM_EXT2, 2048, 8 * MIB, 4096, 1, 512, 64, 4019},
		{FILESYSTEM_EXT2, 4096, 64 * MIB, 16384, 1, 4096, 256, 16119},
		{FILESYSTEM_EXT2, 1024, 64 * MIB, 65536, 8, 512, 128, 64472},
		{FILESYSTEM_EXT4, 1024, 64 * MIB, 65536, 8, 512, 128, 60376},
		{FILESYSTEM_EXT4, 4096, 8 * MIB, 2048, 1, 512, 32, 983},
		{FILESYSTEM_EXT4, 4096, 8 * MIB - 512, 2047, 1, 512, 32, 2006},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, cases[i].block_size);
		struct ext_layout *l = ext_plan(&f, cases[i].bytes);

		unit_expect_none(f.c);
		assert_int_equal(l->block_count, cases[i].blocks);
		assert_int_equal(l->group_count, cases[i].groups);
		assert_int_equal(l->inodes_per_group, cases[i].inodes_per_group);
		assert_int_equal(l->inode_table_blocks, cases[i].table_blocks);
		assert_int_equal(l->free_blocks, cases[i].free_blocks);
	}
}

TEST(a_last_group_too_short_for_files_is_dropped)
{
	static const struct {
		uint64_t blocks, kept;
		uint32_t groups;
	} cases[] = {
		{8193, 8193, 1},              /* one full group, behind the boot block */
		{8194, 8193, 1},
		{8193 + 119, 8193, 1},        /* superblock, descriptor, 2 bitmaps, 66 of table: 50 would not be left */
		{8193 + 120, 8193 + 120, 2},
		{16385, 16385, 2},
		{16385 + 60, 16385, 2},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
		struct ext_layout *l = ext_plan(&f, cases[i].blocks * KIB);

		unit_expect_none(f.c);
		assert_int_equal(l->block_count, cases[i].kept);
		assert_int_equal(l->group_count, cases[i].groups);
		assert_int_equal(l->inode_count, l->group_count * l->inodes_per_group);
	}
}

TEST(superblocks_are_kept_in_groups_0_and_1_and_powers_of_3_5_and_7)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct ext_layout *l = ext_plan(&f, 400 * MIB);
	static const uint32_t with[] = {0, 1, 3, 5, 7, 9, 25, 27, 49};
	size_t next = 0;

	unit_expect_none(f.c);
	assert_int_equal(l->group_count, 50);
	for (uint32_t g = 0; g < l->group_count; g++) {
		const struct ext_group *group = &l->groups[g];
		bool expected = next < sizeof with / sizeof *with && with[next] == g;

		assert_int_equal(group->has_super, expected);
		assert_int_equal(group->block_bitmap - group->first_block, expected ? 1 + l->descriptor_blocks : 0);
		next += expected;
	}
}

TEST(inodes_are_numbered_depth_first_in_byte_order)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct node *b = ext_add(&f, NULL, "b", NODE_DIRECTORY);
	struct ext_layout *l;
	const struct ext_inode *root;
	static const char *const names[] = {".", "..", "B", "a", "b", "lost+found", "z"};
	static const uint32_t numbers[] = {2, 2, 12, 13, 14, 11, 17};

	ext_add_file(&f, NULL, "z", 0, "");
	ext_add_file(&f, b, "2", 0, "");
	ext_add_file(&f, b, "1", 0, "");
	ext_add_file(&f, NULL, "a", 0, "");
	ext_add_file(&f, NULL, "B", 0, "");
	l = ext_plan(&f, MIB);
	unit_expect_none(f.c);
	root = &l->inodes[0];
	assert_int_equal(root->directory->entry_count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(root->directory->entries[i].name, names[i]);
		assert_int_equal(root->directory->entries[i].inode, numbers[i]);
	}
	assert_int_equal(ext_inode_called(l, "1")->number, 15);
	assert_int_equal(ext_inode_called(l, "2")->number, 16);
	assert_int_equal(l->free_inodes, l->inode_count - 17);
	assert_int_equal(root->links, 4);
	assert_int_equal(l->groups[0].directories, 3);
}

TEST(a_directory_that_another_partition_covers_is_empty)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct node *boot = ext_add(&f, NULL, "boot", NODE_DIRECTORY);
	struct ext_layout *l;

	boot->is_mount = true;
	ext_add_file(&f, boot, "kernel", 5000, "");
	l = ext_plan(&f, MIB);
	unit_expect_none(f.c);
	assert_int_equal(ext_inode_called(l, "boot")->directory->entry_count, 2);
	assert_int_equal(l->inode_used_count, 3);
	/* Seen from its own partition, it is the root. */
	l = plan_ext(f.c, &f.m, &f.p, boot, MIB);
	assert_int_equal(ext_inode_called(l, "kernel")->number, 12);
	/* A partition that is mounted nowhere is empty. */
	l = plan_ext(f.c, &f.m, &f.p, NULL, MIB);
	assert_int_equal(l->inode_used_count, 2);
	assert_null(l->inodes[0].node);
}

TEST(lost_and_found_has_16_KiB_but_no_indirect_block)
{
	static const uint32_t blocks[][2] = {{1024, 12}, {2048, 8}, {4096, 4}};

	for (size_t i = 0; i < 3; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, blocks[i][0]);
		struct ext_layout *l = ext_plan(&f, 2 * MIB);

		assert_int_equal(l->inodes[1].number, 11);
		assert_int_equal(l->inodes[1].mode, 0040700);
		assert_int_equal(l->inodes[1].block_count, blocks[i][1]);
		assert_int_equal(l->inodes[1].directory->block_entry_count, blocks[i][1]);
	}
}

TEST(directory_entries_fill_blocks_in_order_and_leave_room_for_a_checksum)
{
	static const struct {
		enum filesystem_kind kind;
		size_t second; /* the first entry of the second block */
	} cases[] = {
		/* "." and ".." take 12 bytes each, 3 names of 255 take 264 each; ext4 keeps 12 bytes. */
		{FILESYSTEM_EXT2, 2 + 3 + 17}, /* 1024 - 24 - 792 = 208 = 17 * 12 + 4 */
		{FILESYSTEM_EXT4, 2 + 3 + 16}, /* 196 = 16 * 12 + 4 */
	};

	for (size_t i = 0; i < 2; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, 1024);
		struct node *d = ext_add(&f, NULL, "d", NODE_DIRECTORY);
		const struct ext_inode *inode;

		for (char n = 'a'; n < 'd'; n++) {
			char *name = arena_alloc(f.c->arena, 256);

			ext_add_file(&f, d, memset(name, n, 255), 0, "");
		}
		for (int n = 0; n < 30; n++)
			ext_add_file(&f, d, arena_printf(f.c->arena, "e%02d", n), 0, "");
		inode = ext_inode_called(ext_plan(&f, MIB), "d");
		assert_int_equal(inode->directory->block_entry_count, 2);
		assert_int_equal(inode->directory->block_entries[1], cases[i].second);
		assert_int_equal(inode->size, 2048);
	}
}

TEST(a_target_of_59_bytes_lies_in_the_inode_and_one_of_60_in_a_block)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
	struct ext_layout *l;

	ext_add_link(&f, NULL, "fast", 59);
	ext_add_link(&f, NULL, "slow", 60);
	ext_add_link(&f, NULL, "slowest", 1023);
	l = ext_plan(&f, MIB);
	unit_expect_none(f.c);
	assert_true(ext_inode_called(l, "fast")->fast_link);
	assert_int_equal(ext_inode_called(l, "fast")->block_count, 0);
	assert_true(ext_inode_called(l, "slow")->slow_link);
	assert_int_equal(ext_inode_called(l, "slow")->block_count, 1);
	assert_int_equal(ext_inode_called(l, "slowest")->block_count, 1);
}

TEST(indirect_blocks_are_counted_as_a_walk_needs_them)
{
	static const struct {
		uint64_t blocks, map;
	} cases[] = {
		{0, 0},
		{1, 0},
		{12, 0},
		{13, 1},
		{12 + 256, 1},
		{12 + 256 + 1, 1 + 2},
		{12 + 256 + 257, 1 + 3},
		{12 + 256 + 65536, 1 + 257},
		{12 + 256 + 65536 + 1, 1 + 257 + 3},
		{12 + 256 + 65536 + 65537, 1 + 257 + 1 + 2 + 257},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
		const struct ext_inode *inode;

		ext_add_file(&f, NULL, "f", cases[i].blocks * KIB, NULL);
		inode = ext_inode_called(ext_plan(&f, GIB), "f");
		assert_int_equal(inode->map_block_count, cases[i].map);
		assert_int_equal(inode->block_count, cases[i].blocks + cases[i].map);
	}
}

TEST(an_extent_tree_has_blocks_of_its_own_from_the_fifth_run_on)
{
	static const struct {
		uint64_t mib, runs, map;
	} cases[] = {
		{1, 1, 0},
		{30, 4, 0},
		{40, 6, 1},      /* groups of 8 MiB, less what they need for themselves */
		{800, 102, 2},   /* 84 runs to a block of 1 KiB */
		{3000, 382, 5 + 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
		const struct ext_inode *inode;

		ext_add_file(&f, NULL, "f", cases[i].mib * MIB, NULL);
		inode = ext_inode_called(ext_plan(&f, 4 * GIB), "f");
		assert_int_equal(inode->run_count, cases[i].runs);
		assert_int_equal(inode->map_block_count, cases[i].map);
	}
}

TEST(the_journal_grows_with_the_file_system_as_mke2fs_has_it)
{
	static const uint64_t cases[][2] = {
		{2047, 0}, {2048, 1024}, {32767, 1024}, {32768, 4096},
		{262144, 8192}, {524288, 16384}, {4194304, 32768},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
		struct ext_layout *l = ext_plan(&f, cases[i][0] * 4096);

		unit_expect_none(f.c);
		assert_int_equal(l->journal.count, cases[i][1]);
		assert_int_equal(l->inodes[1].number, cases[i][1] ? 8 : 11);
		assert_int_equal(l->feature_compat & 0x4, cases[i][1] ? 0x4 : 0);
	}
}

TEST(identifiers_come_from_the_manifest_alone)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct ext_layout *l = ext_plan(&f, MIB);
	uint8_t uuid[16];

	identity_uuid(&f.m, "partition/root/filesystem", uuid);
	assert_memory_equal(l->uuid, uuid, 16);
	identity_uuid(&f.m, "partition/root/hash-seed", uuid);
	assert_memory_equal(l->hash_seed, uuid, 16);
	f.p.filesystem.uuid.given = true;
	memset(f.p.filesystem.uuid.v, 0x5a, 16);
	l = ext_plan(&f, MIB);
	assert_memory_equal(l->uuid, f.p.filesystem.uuid.v, 16);
}

TEST(inodes_are_as_many_as_asked_for_or_one_in_16_KiB_or_an_eighth_more_than_needed)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);

	assert_int_equal(ext_plan(&f, 4 * MIB)->inode_count, 256);
	f.p.filesystem.inodes.given = true;
	f.p.filesystem.inodes.v = 1001;
	assert_int_equal(ext_plan(&f, 4 * MIB)->inode_count, 1008);
	f.p.filesystem.inodes.given = false;
	for (int i = 0; i < 989; i++)
		ext_add_file(&f, NULL, arena_printf(f.c->arena, "%d", i), 0, "");
	assert_int_equal(ext_plan(&f, 4 * MIB)->inode_count, 1128); /* 1000 and 125, filled up */
	unit_expect_none(f.c);
}

TEST(sixty_four_bits_come_where_thirty_two_do_not_do)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);

	assert_int_equal(ext_plan(&f, 16384 * GIB - 4096)->descriptor_size, 32);
	assert_int_equal(ext_plan(&f, 16384 * GIB)->descriptor_size, 64);
	assert_int_equal(ext_plan(&f, 16384 * GIB)->feature_incompat & 0x80, 0x80);
	unit_expect_none(f.c);
}

TEST(a_file_system_of_64_KiB_holds_a_few_files)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind += 2) { /* ext3 has to have room for its journal */
		struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, 1024);
		struct ext_layout *l;

		ext_add_file(&f, NULL, "f", 10 * KIB, "");
		l = ext_plan(&f, 64 * KIB);
		unit_expect_none(f.c);
		assert_int_equal(l->block_count, 64);
		assert_int_equal(l->group_count, 1);
	}
}

TEST(bitmaps_are_left_unwritten_only_among_very_many_groups_with_checksums)
{
	static const struct {
		enum filesystem_kind kind;
		uint64_t groups;
		bool some;
	} cases[] = {{FILESYSTEM_EXT4, 1023, false}, {FILESYSTEM_EXT4, 1024, true}, {FILESYSTEM_EXT3, 1024, false}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, 4096);
		struct ext_layout *l = ext_plan(&f, cases[i].groups * 128 * MIB);
		uint32_t used = (uint32_t)((l->journal.first + l->journal.count - 1) / l->blocks_per_group);

		unit_expect_none(f.c);
		assert_int_equal(l->group_count, cases[i].groups);
		for (uint32_t g = 0; g < l->group_count; g++)
			assert_int_equal(l->groups[g].untouched,
				cases[i].some && g > used && g < l->group_count - 1 && !l->groups[g].has_super);
	}
}

TEST(a_directory_of_ext2_counts_its_directories_and_one_of_ext4_may_stop_counting)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, 4096);
		struct node *d = ext_add(&f, NULL, "d", NODE_DIRECTORY);
		struct ext_layout *l;

		for (int i = 0; i < 64999; i++)
			ext_add(&f, d, arena_printf(f.c->arena, "%05d", i), NODE_DIRECTORY);
		l = ext_plan(&f, GIB);
		if (kind == FILESYSTEM_EXT4) {
			unit_expect_none(f.c);
			assert_int_equal(ext_inode_called(l, "d")->links, 1);
			continue;
		}
		assert_null(l);
		unit_expect(f.c, 0, DIAG_UNSTORABLE, LINE_TREE + 1, 1);
		d->child_count--;
		f.c = unit_compilation();
		assert_int_equal(ext_inode_called(ext_plan(&f, GIB), "d")->links, 65000);
	}
}

TEST(a_hard_link_is_an_entry_and_no_inode)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct node *before = ext_add(&f, NULL, "before", NODE_FILE), *file = ext_add_file(&f, NULL, "file", 5000, "");
	struct node *below = ext_add(&f, ext_add(&f, NULL, "d", NODE_DIRECTORY), "below", NODE_FILE);
	struct ext_layout *l;

	before->original = below->original = file;
	file->hardlinks = 2;
	l = ext_plan(&f, MIB);
	unit_expect_none(f.c);
	assert_int_equal(l->inode_used_count, 4); /* root, lost+found, d, file */
	assert_int_equal(ext_inode_called(l, "file")->number, 13);
	assert_int_equal(ext_inode_called(l, "file")->links, 3);
	assert_string_equal(l->inodes[0].directory->entries[2].name, "before");
	assert_int_equal(l->inodes[0].directory->entries[2].inode, 13);
	assert_int_equal(ext_inode_called(l, "d")->directory->entries[2].inode, 13);
	assert_int_equal(ext_inode_called(l, "d")->links, 2);
}

#include "unit.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ext_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)

static void
claim(unsigned char *taken, const struct ext_layout *l, uint64_t first, uint64_t count)
{
	for (uint64_t b = first; b < first + count; b++) {
		assert_true(b >= l->first_data_block && b < l->block_count);
		assert_false(taken[b]);
		taken[b] = 1;
	}
}

static void
expect_each_block_once(const struct ext_layout *l)
{
	unsigned char *taken = calloc(l->block_count, 1);
	uint64_t free_blocks = 0;

	for (uint32_t g = 0; g < l->group_count; g++) {
		const struct ext_group *group = &l->groups[g];

		if (group->has_super)
			claim(taken, l, group->first_block, 1 + l->descriptor_blocks);
		claim(taken, l, group->block_bitmap, 1);
		claim(taken, l, group->inode_bitmap, 1);
		claim(taken, l, group->inode_table, l->inode_table_blocks);
	}
	for (size_t i = 0; i < l->inode_used_count; i++) {
		uint64_t logical = 0;

		for (size_t r = 0; r < l->inodes[i].run_count; r++) {
			assert_int_equal(l->inodes[i].runs[r].logical, logical);
			logical += l->inodes[i].runs[r].count;
			claim(taken, l, l->inodes[i].runs[r].first, l->inodes[i].runs[r].count);
		}
		for (size_t b = 0; b < l->inodes[i].map_block_count; b++)
			claim(taken, l, l->inodes[i].map_blocks[b], 1);
	}
	for (uint32_t g = 0; g < l->group_count; g++) {
		uint64_t here = 0;

		for (uint64_t b = 0; b < l->groups[g].block_count; b++)
			here += !taken[l->groups[g].first_block + b];
		assert_int_equal(l->groups[g].free_blocks, here);
		free_blocks += here;
	}
	assert_int_equal(l->free_blocks, free_blocks);
	free(taken);
}

TEST(no_block_has_two_uses_and_the_free_ones_are_counted)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (uint32_t block_size = 1024; block_size <= 4096; block_size *= 2) {
			struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, block_size);
			struct node *d = ext_add(&f, NULL, "dir", NODE_DIRECTORY);
			struct ext_layout *l;

			for (uint64_t i = 0; i < 400; i++) {
				const char *name = arena_printf(f.c->arena, "f%" PRIu64, i);

				ext_add_file(&f, i % 2 ? d : NULL, name, i * i * 7, NULL);
			}
			ext_add_file(&f, d, "huge", 300 * MIB, NULL);
			l = ext_plan(&f, 700 * MIB);
			unit_expect_none(f.c);
			expect_each_block_once(l);
		}
}

/* 1,000 files of 4 blocks, of which number GROWN has one more. */
static const struct ext_layout *
plan_many(size_t grown, uint64_t bytes)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
	const struct ext_layout *l;

	for (size_t i = 0; i < 1000; i++)
		ext_add_file(&f, NULL, arena_printf(f.c->arena, "file-%03zu", i), (i == grown ? 20 : 16) * KIB, NULL);
	l = ext_plan(&f, bytes);
	unit_expect_none(f.c);
	return l;
}

static size_t
count_moved(const struct ext_layout *a, const struct ext_layout *b)
{
	size_t moved = 0;

	assert_int_equal(a->inode_used_count, b->inode_used_count);
	for (size_t i = 0; i < a->inode_used_count; i++)
		moved += a->inodes[i].runs && a->inodes[i].runs[0].first != b->inodes[i].runs[0].first;
	return moved;
}

TEST(a_file_that_grows_moves_few_others_where_there_is_room)
{
	static const size_t grown[] = {0, 250, 500, 750, 999};

	for (size_t i = 0; i < sizeof grown / sizeof *grown; i++)
		assert_in_range(count_moved(plan_many(1000, 64 * MIB), plan_many(grown[i], 64 * MIB)), 0, 200);
}

TEST(no_room_is_left_between_files_that_the_last_ones_need)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	uint64_t free_blocks;
	struct ext_layout *l;

	f.p.filesystem.inodes = (struct m_number){.v = 512, .given = true};
	for (size_t i = 0; i < 300; i++)
		ext_add_file(&f, NULL, arena_printf(f.c->arena, "%03zu", i), 13 * KIB, NULL);
	l = ext_plan(&f, 8 * MIB);
	unit_expect_none(f.c);
	free_blocks = l->free_blocks;
	l = ext_plan(&f, 8 * MIB - free_blocks * KIB);
	unit_expect_none(f.c);
	assert_int_equal(l->free_blocks, 0);
	ext_plan(&f, 8 * MIB - (free_blocks + 1) * KIB);
	unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
}

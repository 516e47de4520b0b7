#include "unit.h"

#include <inttypes.h>

#include "ext_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* Plans and forgets: *BLOCKS becomes what it has; false: it does not fit. */
static bool
fits(const struct ext_fixture *f, uint64_t bytes, uint64_t *blocks)
{
	struct compilation c = {.arena = arena_new()};
	const struct ext_layout *l;
	bool fitting;

	c.diags.arena = c.arena;
	l = plan_ext(&c, &f->m, &f->p, f->tree->root, bytes);
	fitting = l != NULL;
	if (fitting)
		*blocks = l->block_count;
	arena_free(c.arena);
	return fitting;
}

/* `size: min` gives a size that does, and none of the sizes just below it, nor any of many farther below, would. */
static void
expect_smallest(struct ext_fixture *f)
{
	uint64_t block_size = f->p.filesystem.block_size.bytes, smallest = 0, blocks = 0;

	f->p.size.kind = SIZE_MIN;
	assert_true(fits(f, 0, &smallest));
	f->p.size.kind = SIZE_BYTES;
	assert_true(fits(f, smallest * block_size, &blocks));
	assert_int_equal(blocks, smallest);
	for (uint64_t n = 1; n < smallest; n += n < 70 ? 1 : n / 8)
		if (fits(f, (smallest - n) * block_size, &blocks))
			fail_msg("%" PRIu64 " blocks are said to be the least, but %" PRIu64 " do", smallest, smallest - n);
}

TEST(the_smallest_size_is_the_smallest)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (uint32_t block_size = 1024; block_size <= 4096; block_size *= 2)
			for (unsigned seed = 0; seed < 6; seed++) {
				struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, block_size);

				/* Some of a few files, some of thousands, so that inodes count. */
				for (unsigned i = 0; i < (seed % 3 == 2 ? 400 + 90 * seed : seed); i++)
					ext_add_file(&f, NULL, arena_printf(f.c->arena, "%u", i),
						seed % 3 == 2 ? i % 7 : (uint64_t)(i * 977 + seed * 313) % 5000 * 1024, NULL);
				expect_smallest(&f);
			}
}

/* It took minutes when the size went up by a group at a time. */
TEST(fifteen_tebibytes_can_be_free_at_once)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
	const struct ext_layout *l;

	f.p.size.kind = SIZE_MIN;
	f.p.filesystem.reserved_percent.v = 0;
	f.p.free = (struct m_size){.kind = SIZE_BYTES, .bytes = UINT64_C(15) << 40, .given = true};
	l = plan_ext(f.c, &f.m, &f.p, f.tree->root, 0);
	unit_expect_none(f.c);
	assert_true(l->free_blocks == UINT64_C(15) << 28);
}

/* Where one group more makes all tables smaller, where a journal comes, where files are parted. */
TEST(the_smallest_size_is_the_smallest_among_groups_too)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind += 2)
		for (unsigned mib = 30; mib < 58; mib += 3) {
			struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, 1024);

			f.p.filesystem.inodes.given = mib % 2;
			f.p.filesystem.inodes.v = 8000 + mib * 17;
			ext_add_file(&f, NULL, "a", mib * MIB / 2, NULL);
			ext_add_file(&f, NULL, "b", mib * MIB / 3, NULL);
			ext_add_file(&f, NULL, "c", mib * MIB / 3, NULL);
			expect_smallest(&f);
		}
}

TEST(the_smallest_size_leaves_what_is_to_be_free)
{
	static const struct m_size wanted[] = {
		{.kind = SIZE_BYTES, .bytes = 512, .given = true},
		{.kind = SIZE_BYTES, .bytes = 20 * MIB, .given = true},
		{.kind = SIZE_PERCENT, .bytes = 1, .given = true},
		{.kind = SIZE_PERCENT, .bytes = 50, .given = true},
		{.kind = SIZE_PERCENT, .bytes = 90, .given = true},
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		for (unsigned mib = 1; mib < 70; mib += 17) {
			struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
			struct ext_layout *l;
			uint64_t least, available;

			ext_add_file(&f, NULL, "f", mib * MIB, NULL);
			f.p.size.kind = SIZE_MIN;
			f.p.free = wanted[i];
			l = ext_plan(&f, 0);
			unit_expect_none(f.c);
			available = l->free_blocks - l->reserved_blocks;
			least = wanted[i].kind == SIZE_BYTES ? (wanted[i].bytes + 1023) / 1024 :
				(l->block_count * wanted[i].bytes + 99) / 100;
			assert_true(l->free_blocks >= l->reserved_blocks && available >= least);
			/* One block less has it not, or does not hold the file. */
			f.p.size.kind = SIZE_BYTES;
			f.c = unit_compilation();
			for (uint64_t blocks = l->block_count - 1; blocks > l->block_count - 300; blocks--) {
				struct ext_layout *less = ext_plan(&f, blocks * 1024);

				if (!less)
					continue;
				least = wanted[i].kind == SIZE_BYTES ? least : (less->block_count * wanted[i].bytes + 99) / 100;
				assert_true(less->free_blocks < less->reserved_blocks + least);
			}
		}
}

TEST(what_fits_into_no_size_has_no_smallest_one)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);

	ext_add_file(&f, NULL, "f", 2048 * GIB, NULL);
	f.p.size.kind = SIZE_MIN;
	assert_null(ext_plan(&f, 0));
	unit_expect(f.c, 0, DIAG_FILESYSTEM_TOO_LARGE, LINE_SIZE, 1);
	assert_int_equal(f.c->diags.count, 1);
}

#include "unit.h"

#include <string.h>

#include <ext2fs/ext2_fs.h>
#include <ext2fs/ext2fs.h>

#include "ext_fixture.h"
#include "plan/ext.h"

/* Seeds are in the order of the disk; the library takes numbers. */
static void
expect_as_library(const uint8_t seed[16], const char *name)
{
	__u32 words[4], wanted;

	for (int i = 0; i < 4; i++)
		words[i] = (__u32)seed[4 * i] | (__u32)seed[4 * i + 1] << 8 | (__u32)seed[4 * i + 2] << 16 | (__u32)seed[4 * i + 3] << 24;
	assert_int_equal(ext2fs_dirhash(EXT2_HASH_HALF_MD4_UNSIGNED, name, (int)strlen(name), words, &wanted, NULL), 0);
	assert_int_equal(ext_hash(seed, name), wanted);
}

TEST(the_hash_of_a_name_is_that_of_the_library)
{
	static const uint8_t seed[16] = {0xf0, 1, 2, 3, 4, 5, 6, 0x87, 8, 9, 10, 11, 0xcc, 13, 14, 15};
	char name[256] = "";

	for (size_t length = 1; length < 256; length++) {
		name[length - 1] = (char)(length * 37 % 255 + 1); /* half of them above 127 */
		expect_as_library(seed, name);
	}
	expect_as_library(seed, "lost+found");
}

static void
expect_leaf_in_order(const struct ext_layout *l, const struct ext_inode *d, uint32_t leaf)
{
	const struct ext_index *index = d->directory->index;
	size_t block = 1 + index->node_count + leaf;
	size_t first = d->directory->block_entries[block], end = block + 1 < d->directory->block_entry_count ? d->directory->block_entries[block + 1] : d->directory->entry_count;

	assert_true(first < end);
	for (size_t i = first; i < end; i++) {
		uint32_t hash = ext_hash(l->hash_seed, d->directory->entries[i].name);

		assert_true(hash >= (index->hashes[leaf] & ~1u));
		assert_true(leaf + 1 == index->leaf_count || hash <= index->hashes[leaf + 1]);
	}
}

TEST(an_index_leads_to_every_entry_of_a_large_directory)
{
	static const struct {
		int names;
		uint32_t nodes;
	} cases[] = {{60, 0}, {5000, 0}, {20000, 4}, {70000, 12}};

	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
		struct m_text feature = {.v = "dir_index"};
		struct ext_layout *l;
		const struct ext_inode *root;

		f.p.filesystem.features = (struct m_texts){.v = &feature, .count = 1};
		for (int i = 0; i < cases[c].names; i++)
			ext_add_file(&f, NULL, arena_printf(f.c->arena, "name-%05d", i), 0, "");
		l = ext_plan(&f, 256 << 20);
		unit_expect_none(f.c);
		root = &l->inodes[0];
		assert_non_null(root->directory->index);
		assert_int_equal(root->directory->entry_count, cases[c].names + 3);
		assert_int_equal(root->directory->block_entry_count, 1 + root->directory->index->node_count + root->directory->index->leaf_count);
		assert_int_equal(root->directory->index->node_count, cases[c].nodes);
		for (uint32_t i = 0; i < root->directory->index->leaf_count; i++)
			expect_leaf_in_order(l, root, i);
	}
}

TEST(a_directory_of_one_block_has_no_index)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
	struct m_text feature = {.v = "dir_index"};
	struct ext_layout *l;

	f.p.filesystem.features = (struct m_texts){.v = &feature, .count = 1};
	for (int i = 0; i < 100; i++)
		ext_add_file(&f, NULL, arena_printf(f.c->arena, "%d", i), 0, "");
	l = ext_plan(&f, 16 << 20);
	assert_null(l->inodes[0].directory->index);
}

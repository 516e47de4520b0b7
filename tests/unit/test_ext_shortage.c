#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ext_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

TEST(a_partition_too_small_is_told_the_smallest_size_that_does)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind += 2) {
		struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, 1024);
		struct node *lib = ext_add(&f, NULL, "lib", NODE_DIRECTORY);
		struct node *modules = ext_add(&f, lib, "modules", NODE_DIRECTORY);
		struct ext_fixture again;
		bool is_ext2 = kind == FILESYSTEM_EXT2;
		const struct diag *d;
		uint64_t mib;

		for (int i = 0; i < 30; i++)
			ext_add_file(&f, modules, arena_printf(f.c->arena, "m%d", i), MIB, NULL);
		ext_add_file(&f, NULL, "kernel", 3 * MIB, NULL);
		assert_null(ext_plan(&f, 20 * MIB));
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
		d = f.c->diags.list[0];
		assert_string_equal(d->label, is_ext2 ? "33.8 MiB needed: files 33.1 MiB, metadata 730 KiB"
			: "37.7 MiB needed: files 33.1 MiB, metadata 4.7 MiB");
		assert_string_equal(d->notes[0].text, is_ext2 ? "largest: /lib/modules, 30.2 MiB"
			: "largest: /lib/modules, 30.1 MiB");
		assert_int_equal(d->notes[0].at.line, LINE_TREE + 1);
		assert_int_equal(sscanf(d->help, "set size: %" SCNu64 "MiB", &mib), 1);
		/* It is true. */
		again = f;
		again.c = unit_compilation();
		assert_non_null(ext_plan(&again, mib * MIB));
		assert_null(ext_plan(&again, (mib - 1) * MIB));
	}
}

TEST(a_partition_that_takes_the_rest_is_told_how_much_the_disk_lacks)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);

	f.p.size.kind = SIZE_REST;
	ext_add_file(&f, NULL, "f", 5 * MIB, NULL);
	assert_null(ext_plan(&f, 4 * MIB));
	unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
	assert_string_equal(f.c->diags.list[0]->help, "leave at least 6 MiB for it: enlarge the disk by 2 MiB");
}

TEST(a_partition_can_be_too_small_for_any_file_system)
{
	static const struct {
		uint32_t block_size;
		uint64_t least; /* bytes */
	} cases[] = {{1024, 59 * KIB}, {4096, 55 * 4 * KIB}};

	for (size_t i = 0; i < 2; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, cases[i].block_size);

		assert_non_null(ext_plan(&f, cases[i].least));
		assert_null(ext_plan(&f, cases[i].least - 1));
		unit_expect(f.c, 0, DIAG_FILESYSTEM_TOO_SMALL, LINE_SIZE, 1);
		assert_string_equal(f.c->diags.list[0]->help, "set size: 1MiB");
		assert_null(ext_plan(&f, 0));
	}
}

TEST(a_partition_can_be_too_large_for_its_block_size)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);

	assert_null(ext_plan(&f, 2048 * GIB));
	assert_int_equal(f.c->diags.count, 1);
	unit_expect(f.c, 0, DIAG_FILESYSTEM_TOO_LARGE, LINE_SIZE, 1);
	assert_string_equal(f.c->diags.list[0]->help, "set block_size: 4KiB");
	f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
	assert_int_equal(ext_plan(&f, 16384 * GIB - 4096)->block_count, UINT32_MAX);
	assert_int_equal(ext_plan(&f, 16384 * GIB)->block_count, UINT64_C(1) << 32);
	f = ext_fixture(unit_compilation(), FILESYSTEM_EXT3, 4096);
	assert_int_equal(ext_plan(&f, 16384 * GIB - 4096)->block_count, UINT32_MAX);
	assert_null(ext_plan(&f, 16384 * GIB));
	unit_expect(f.c, 0, DIAG_FILESYSTEM_TOO_LARGE, LINE_SIZE, 1);
}

TEST(fewer_inodes_than_the_tree_needs_are_an_error_at_their_place)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);

	ext_add_file(&f, NULL, "f", 0, "");
	f.p.filesystem.inodes.given = true;
	f.p.filesystem.inodes.v = 11;
	assert_null(ext_plan(&f, MIB));
	assert_int_equal(f.c->diags.count, 1);
	unit_expect(f.c, 0, DIAG_INODES_TOO_FEW, LINE_INODES, 1);
	assert_string_equal(f.c->diags.list[0]->label, "12 needed, 11 of them for the file system itself");
}

TEST(more_inodes_than_any_size_can_have_still_end_in_a_diagnostic)
{
	static const uint64_t counts[] = {1000000, UINT32_MAX, UINT64_C(1) << 33, UINT64_MAX};

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 4096);

		f.p.filesystem.inodes.given = true;
		f.p.filesystem.inodes.v = counts[i];
		assert_null(ext_plan(&f, 8 * MIB));
		unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
		assert_int_equal(f.c->diags.list[0]->notes[0].at.line, LINE_INODES);
	}
}

TEST(a_file_beyond_the_reach_of_its_map_is_an_error_where_it_was_asked_for)
{
	static const struct {
		enum filesystem_kind kind;
		uint32_t block_size;
		uint64_t most;
	} cases[] = {
		{FILESYSTEM_EXT2, 1024, (12 + 256 + 65536 + 16777216) * KIB},
		{FILESYSTEM_EXT4, 1024, UINT32_MAX * KIB},
		{FILESYSTEM_EXT4, 4096, UINT32_MAX * (4 * KIB)},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, cases[i].block_size);
		struct node *n = ext_add_file(&f, NULL, "f", cases[i].most, NULL);
		struct content more = *n->content;

		assert_null(ext_plan(&f, 8 * MIB));
		unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
		more.size++;
		n->content = &more;
		f.c = unit_compilation();
		assert_null(ext_plan(&f, 8 * MIB));
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, DIAG_FILE_TOO_LARGE_FOR_FILESYSTEM, LINE_TREE + 1, 1);
	}
}

/* Linux 6.18 fails with EUCLEAN when it opens one that is longer. */
TEST(a_file_with_holes_may_not_be_longer_than_one_without)
{
	static const struct {
		enum filesystem_kind kind;
		uint64_t size;
		bool fits;
	} cases[] = {
		{FILESYSTEM_EXT2, UINT64_C(2194732466176), true},
		{FILESYSTEM_EXT2, UINT64_C(2194732466177), false},
		{FILESYSTEM_EXT4, UINT64_C(2194732466177), true},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, 4096);
		struct byte_range range = {0, 4096};
		struct content_data data = {.ranges = &range, .count = 1};

		ext_add_file(&f, NULL, "f", cases[i].size, NULL)->data = &data;
		assert_int_equal(ext_plan(&f, 8 * MIB) != NULL, cases[i].fits);
		if (!cases[i].fits)
			unit_expect(f.c, 0, DIAG_FILE_TOO_LARGE_FOR_FILESYSTEM, LINE_TREE + 1, 1);
	}
}

TEST(what_the_format_cannot_say_is_an_error_where_it_was_asked_for)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct node *device = ext_add(&f, NULL, "device", NODE_CHAR);
	static const char *const texts[] = {
		"'/device' cannot be stored: its numbers are 4096 and 0",
		"'/empty' cannot be stored: its target is empty",
		"'/long' cannot be stored: its target has 1024 bytes, and a block holds 1023",
	};

	device->major = 4096;
	ext_add_link(&f, NULL, "empty", 0);
	ext_add_link(&f, NULL, "long", 1024);
	assert_null(ext_plan(&f, MIB));
	assert_int_equal(f.c->diags.count, 3);
	for (size_t i = 0; i < 3; i++) {
		unit_expect(f.c, i, DIAG_UNSTORABLE, LINE_TREE + 1, 1);
		assert_string_equal(f.c->diags.list[i]->text, texts[i]);
	}
}

TEST(an_epoch_that_an_inode_cannot_hold_is_an_error_at_the_epoch)
{
	static const struct {
		uint32_t inode_size;
		int64_t epoch;
		bool ok;
	} cases[] = {
		{128, -INT64_C(0x80000000), true},
		{128, -INT64_C(0x80000001), false},
		{128, 0x7fffffff, true},
		{128, INT64_C(0x80000000), false},
		{256, INT64_C(0x80000000), true},
		{256, INT64_C(0x37fffffff), true},
		{256, INT64_C(0x380000000), false},
		{256, INT64_MIN, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
		struct ext_layout *l;

		f.m.epoch.v = cases[i].epoch;
		f.p.filesystem.inode_size.v = cases[i].inode_size;
		l = ext_plan(&f, MIB);
		assert_int_equal(l != NULL, cases[i].ok);
		assert_int_equal(f.c->diags.count, !cases[i].ok);
		if (!cases[i].ok)
			unit_expect(f.c, 0, DIAG_EPOCH_OUT_OF_RANGE, LINE_EPOCH, 1);
	}
}

TEST(a_file_has_at_most_65000_names)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);

	ext_add_file(&f, NULL, "file", 1, "x")->hardlinks = 64999;
	assert_non_null(ext_plan(&f, MIB));
	ext_add_file(&f, NULL, "more", 1, "x")->hardlinks = 65000;
	assert_null(ext_plan(&f, MIB));
	unit_expect(f.c, 0, DIAG_UNSTORABLE, LINE_TREE + 1, 1);
}

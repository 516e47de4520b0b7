/* What is decided of a FAT file system: kind, geometry, names, times, and what it cannot hold. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "ext_fixture.h"
#include "plan/fat.h"

enum { FIRST_LBA = 2048 };

#define MIB (UINT64_C(1024) * 1024)

static struct ext_fixture
fixture(uint64_t asked)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_VFAT, 0);

	f.p.filesystem.fat = (struct m_number){.at = ext_line(&f, LINE_FEATURES), .v = asked, .given = asked != 0};
	return f;
}

/* The same on a disk with sectors of 4096 bytes. */
static struct ext_fixture
fixture_4k(uint64_t asked)
{
	struct ext_fixture f = fixture(asked);

	f.m.disk.sector_size.bytes = SECTOR_4K;
	return f;
}

static struct fat_layout *
plan(struct ext_fixture *f, uint64_t sectors)
{
	return plan_fat(f->c, &f->m, &f->p, f->tree->root, FIRST_LBA, sectors * f->m.disk.sector_size.bytes);
}

TEST(kind_and_clusters_follow_from_the_size_of_a_fat)
{
	static const struct {
		unsigned asked;
		uint64_t sectors;
		unsigned bits;
		uint32_t sectors_per_cluster, clusters, fat_sectors, reserved, root_entries;
	} cases[] = {
		{0, 18, 12, 1, 1, 1, 1, 224},              /* the smallest of all */
		{0, 128, 12, 1, 111, 1, 1, 224},           /* 64 KiB */
		{0, 2880, 12, 1, 2847, 9, 1, 224},         /* 1.44 MB: as every floppy disk has it */
		{0, 4096, 12, 1, 4057, 12, 1, 224},
		{0, 8400, 12, 2, 4068, 12, 2, 512},        /* not near 4085, and so not to the end */
		{0, 8401, 16, 2, 4166, 17, 2, 512},
		{0, 32680, 16, 2, 16259, 64, 2, 512},
		{0, 32681, 16, 4, 8145, 32, 4, 512},
		{0, 33 * 2048, 16, 4, 16854, 66, 4, 512},
		{0, 260 * 2048, 16, 16, 33261, 130, 12, 512},
		{0, 1048576, 16, 16, 65501, 256, 16, 512},
		{0, 1048577, 32, 8, 130812, 1022, 36, 0},
		{0, 8 * 1024 * 2048, 32, 8, 2093059, 16353, 38, 0},
		{0, 32 * 1024 * 2048, 32, 32, 2096127, 16377, 46, 0},
		{0, UINT32_MAX, 32, 64, 67092482, 524161, 62, 0},
		{12, 8400, 12, 4, 2088, 7, 2, 512},
		{12, 262144, 12, 64, 4068, 12, 8, 512},
		{16, 4168, 16, 1, 4101, 17, 1, 512},
		{16, 4194304, 16, 64, 65508, 256, 32, 512},
		{32, 66599, 32, 1, 65541, 513, 32, 0},
		{32, 532480, 32, 1, 524256, 4096, 32, 0},
		{32, 532481, 32, 8, 66426, 519, 34, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture(cases[i].asked);
		const struct fat_layout *l = plan(&f, cases[i].sectors);

		unit_expect_none(f.c);
		assert_non_null(l);
		assert_int_equal(l->bits, cases[i].bits);
		assert_int_equal(l->sectors_per_cluster, cases[i].sectors_per_cluster);
		assert_int_equal(l->cluster_count, cases[i].clusters);
		assert_int_equal(l->fat_sectors, cases[i].fat_sectors);
		assert_int_equal(l->reserved_sectors, cases[i].reserved);
		assert_int_equal(l->root_entries, cases[i].root_entries);
	}
}

TEST(kind_and_clusters_of_a_fat_in_sectors_of_4096_bytes)
{
	static const struct {
		unsigned asked;
		uint64_t sectors;
		unsigned bits;
		uint32_t sectors_per_cluster, clusters, fat_sectors, reserved, root_entries;
	} cases[] = {
		{0, 8, 12, 1, 1, 1, 1, 512},                  /* the smallest of all */
		{0, 4200, 12, 1, 4068, 2, 1, 512},
		{0, 4201, 16, 1, 4190, 3, 1, 512},
		{0, 65536, 16, 1, 65467, 32, 1, 512},         /* 256 MiB */
		{0, 65537, 16, 2, 32749, 16, 2, 512},
		{0, 131072, 16, 2, 65501, 32, 2, 512},        /* 512 MiB */
		{0, 131073, 32, 1, 130785, 128, 32, 0},
		{0, 2097152, 32, 1, 2093032, 2044, 32, 0},    /* 8 GiB */
		{0, 2097153, 32, 2, 1047537, 1023, 32, 0},
		{0, UINT64_C(1) << 31, 32, 8, 268369931, 262081, 38, 0}, /* 8 TiB */
		{12, 32768, 12, 8, 4068, 2, 8, 512},
		{16, 4112, 16, 1, 4101, 3, 1, 512},
		{16, 524288, 16, 8, 65508, 32, 4, 512},
		{32, 65703, 32, 1, 65541, 65, 32, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture_4k(cases[i].asked);
		const struct fat_layout *l = plan(&f, cases[i].sectors);

		unit_expect_none(f.c);
		assert_non_null(l);
		assert_int_equal(l->sector_size, SECTOR_4K);
		assert_int_equal(l->bits, cases[i].bits);
		assert_int_equal(l->sectors_per_cluster, cases[i].sectors_per_cluster);
		assert_int_equal(l->cluster_count, cases[i].clusters);
		assert_int_equal(l->fat_sectors, cases[i].fat_sectors);
		assert_int_equal(l->reserved_sectors, cases[i].reserved);
		assert_int_equal(l->root_entries, cases[i].root_entries);
	}
}

/* What every reader relies on, whatever the size. */
static void
expect_sound(const struct fat_layout *l, uint64_t sectors)
{
	uint64_t root = l->root_entries * FAT_ENTRY_BYTES / l->sector_size;
	uint64_t data = l->reserved_sectors + 2 * (uint64_t)l->fat_sectors + root;

	assert_int_equal(l->bits, l->cluster_count < 4085 ? 12 : l->cluster_count < 65525 ? 16 : 32);
	assert_false(l->cluster_count > 4085 - 17 && l->cluster_count < 4085 + 16);
	assert_false(l->cluster_count > 65525 - 17 && l->cluster_count < 65525 + 16);
	assert_true(l->fat_sectors * (uint64_t)l->sector_size * 8 >= (l->cluster_count + UINT64_C(2)) * l->bits);
	assert_true(fat_cluster_bytes(l) <= 32 * 1024);
	assert_int_equal(l->root_entries * FAT_ENTRY_BYTES % l->sector_size, 0);
	assert_int_equal(l->data_sector, data);
	assert_int_equal(data % l->sectors_per_cluster, 0);
	assert_true(l->reserved_sectors < (l->bits == 32 ? 32u : 1u) + l->sectors_per_cluster);
	assert_int_equal(l->sector_count, data + (uint64_t)l->cluster_count * l->sectors_per_cluster);
	assert_true(l->sector_count <= sectors);
}

/* Sizes from FIRST to LAST: no bound that an attempt gives is above a size that does. */
static void
expect_true_bounds(struct ext_fixture *f, uint64_t first, uint64_t last, uint64_t step)
{
	const struct fat_layout *collected = fat_prepare(f->c, &f->m, &f->p, f->tree->root);
	const uint64_t sector_size = f->m.disk.sector_size.bytes;
	uint64_t highest = 0;

	for (uint64_t sectors = first; sectors <= last; sectors += step) {
		struct arena *scratch = arena_new();
		struct fat_layout made;
		uint64_t bound = fat_attempt(scratch, collected, sectors * sector_size, &made);

		if (bound) {
			assert_true(bound > sectors * sector_size);
			highest = bound > highest ? bound : highest;
		} else {
			expect_sound(&made, sectors);
			assert_true(highest <= sectors * sector_size);
		}
		arena_free(scratch);
	}
}

TEST(every_size_of_a_fat_is_sound_and_every_bound_is_true)
{
	static const struct {
		unsigned asked;
		uint64_t first, last, step;
	} ranges[] = {
		{0, 1, 9000, 1}, {0, 32000, 34000, 1}, {0, 250000, 540000, 97}, {0, 1040000, 1060000, 7}, {0, 1 << 24, 1 << 28, 999983},
		{12, 1, 262144, 13}, {16, 1, 9000, 1}, {16, 9000, 4194304, 1009}, {32, 66000, 67000, 1}, {32, 67000, 600000, 101},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct ext_fixture f = fixture(ranges[i].asked);

		ext_add_file(&f, NULL, "a", 600 * 1024, NULL);
		ext_add_file(&f, ext_add(&f, NULL, "d", NODE_DIRECTORY), "b", 1, NULL);
		expect_true_bounds(&f, ranges[i].first, ranges[i].last, ranges[i].step);
	}
}

TEST(so_is_every_size_in_sectors_of_4096_bytes)
{
	static const struct {
		unsigned asked;
		uint64_t first, last, step;
	} ranges[] = {
		{0, 1, 5000, 1}, {0, 65000, 66000, 1}, {0, 66000, 140000, 13}, {0, 130900, 131200, 1}, {0, 1 << 21, UINT32_MAX / 2 + UINT64_C(1), 99999839},
		{12, 1, 32768, 7}, {16, 1, 5000, 1}, {16, 65000, 524288, 1009}, {32, 65000, 66500, 1}, {32, 66500, 600000, 1009},
	};

	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		struct ext_fixture f = fixture_4k(ranges[i].asked);

		ext_add_file(&f, NULL, "a", 600 * 1024, NULL);
		ext_add_file(&f, ext_add(&f, NULL, "d", NODE_DIRECTORY), "b", 1, NULL);
		expect_true_bounds(&f, ranges[i].first, ranges[i].last, ranges[i].step);
	}
}

TEST(small_files_take_more_on_a_larger_fat_and_the_bounds_know)
{
	struct ext_fixture f = fixture(0);

	for (int i = 0; i < 4000; i++)
		ext_add_file(&f, i % 500 ? f.tree->root->children[f.tree->root->child_count - 1] :
			ext_add(&f, NULL, arena_printf(f.c->arena, "%d", i / 500), NODE_DIRECTORY),
			arena_printf(f.c->arena, "%d", i), 1, NULL);
	expect_true_bounds(&f, 3000, 20000, 3);
}

TEST(a_bound_may_be_the_last_size_before_clusters_grow)
{
	struct ext_fixture f = fixture(0);

	ext_add_file(&f, NULL, "a", 4057 * SECTOR_USUAL, NULL); /* as many clusters as 4096 sectors have */
	expect_true_bounds(&f, 4000, 4200, 1);
}

TEST(the_smallest_fat_is_the_first_on_which_all_fits_with_what_is_to_be_left)
{
	static const struct {
		uint64_t asked, file_bytes;
		enum size_kind kind;
		uint64_t left;
	} cases[] = {
		{0, 0, SIZE_BYTES, 0}, {0, 700000, SIZE_BYTES, 0}, {0, 700000, SIZE_BYTES, 513}, {0, 700000, SIZE_PERCENT, 33},
		{0, 2000000, SIZE_BYTES, 3 * MIB}, {0, 1500000, SIZE_PERCENT, 70}, {16, 1, SIZE_PERCENT, 99},
		{32, 100, SIZE_BYTES, 33 * MIB}, {12, 5000000, SIZE_PERCENT, 1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture(cases[i].asked);
		const struct fat_layout *collected, *l;
		uint64_t size, left;

		ext_add_file(&f, NULL, "FILE", cases[i].file_bytes, NULL);
		f.p.free = (struct m_size){.kind = cases[i].kind, .bytes = cases[i].left, .given = cases[i].left > 0};
		f.p.size.kind = SIZE_MIN;
		collected = fat_prepare(f.c, &f.m, &f.p, f.tree->root);
		size = fat_smallest(collected);
		for (uint64_t sectors = 1; sectors < size / SECTOR_USUAL; sectors++) {
			struct arena *scratch = arena_new();
			struct fat_layout made;

			assert_true(fat_attempt(scratch, collected, sectors * SECTOR_USUAL, &made) > sectors * SECTOR_USUAL);
			arena_free(scratch);
		}
		l = plan(&f, 0);
		unit_expect_none(f.c);
		assert_int_equal(l->sector_count, size / SECTOR_USUAL);
		left = (uint64_t)l->free_clusters * l->sectors_per_cluster * SECTOR_USUAL;
		if (cases[i].kind == SIZE_PERCENT)
			assert_true((uint64_t)l->free_clusters * 100 >= cases[i].left * l->cluster_count);
		else
			assert_true(left >= cases[i].left);
	}
}

TEST(a_fat_is_full_to_the_last_cluster)
{
	for (uint64_t clusters = 100; clusters < 4000; clusters += 371) {
		struct ext_fixture f = fixture(0);
		uint64_t fat = ((clusters + 2) * 12 + 4095) / 4096, sectors = 1 + 2 * fat + 14 + clusters;
		const struct fat_layout *l;

		ext_add_file(&f, NULL, "full", clusters * SECTOR_USUAL, NULL);
		assert_non_null(l = plan(&f, sectors));
		assert_int_equal(l->free_clusters, 0);
		assert_int_equal(l->objects[1].first_cluster, 2);
		assert_int_equal(l->objects[1].cluster_count, clusters);
		assert_null(plan(&f, sectors - 1));
		unit_expect(f.c, 0, DIAG_PARTITION_TOO_SMALL, LINE_SIZE, 1);
	}
}

struct named {
	const char *name, *alias;
	bool is_long;
};

/* The COUNT names, made in this order, which need not be that of a tree. */
static void
expect_aliases(const struct named *names, size_t count)
{
	struct ext_fixture f = fixture(0);
	const struct fat_layout *l;

	for (size_t i = 0; i < count; i++)
		ext_add_file(&f, NULL, names[i].name, 0, "");
	l = plan(&f, 8192);
	unit_expect_none(f.c);
	for (size_t i = 0; i < count; i++) {
		const struct fat_dirent *e = l->objects[0].entries;

		while (strcmp(e->node->name, names[i].name) != 0)
			e++;
		if (memcmp(e->alias, names[i].alias, sizeof e->alias) != 0)
			fail_msg("%s: %.11s", names[i].name, (const char *)e->alias);
		assert_int_equal(e->long_length != 0, names[i].is_long);
	}
}

TEST(only_short_names_in_capitals_are_their_own_alias)
{
	static const struct named names[] = {
		{"BOOTX64.EFI", "BOOTX64 EFI", false},
		{"A", "A          ", false},
		{"$%'-_@~`.!(&", "$%'-_@~`!(&", false},
		{"{}^#.1", "{}^#    1  ", false},
		{"grub.cfg", "GRUB    CFG", true},
		{"Mixed.Txt", "MIXED   TXT", true},
		{"UPPER.txt", "UPPER   TXT", true},
	};

	expect_aliases(names, sizeof names / sizeof *names);
}

TEST(other_names_have_an_alias_with_a_tail)
{
	static const struct named names[] = {
		{"NINELONG1", "NINELO~1   ", true},
		{"FOUR.EXTE", "FOUR~1  EXT", true},
		{"a.b.c", "AB~1    C  ", true},
		{".bashrc", "BASHRC~1   ", true},
		{"..x", "X~1        ", true},
		{"a b", "AB~2       ", true},
		{"a+b", "A_B~1      ", true},
		{"a=b;c,d.[x]", "A_B_C_~1_X_", true},
		{"\303\244.txt", "_~1     TXT", true},
		{"\346\227\245\346\234\254.txt", "__~1    TXT", true},
		{"\360\237\230\200", "_~2        ", true},
		{"\177", "_~1        ", true},
		{"ab", "AB         ", true},
		{"AB~1", "AB~1       ", false},
	};

	expect_aliases(names, sizeof names / sizeof *names);
}

TEST(tails_are_the_first_that_are_free_and_push_the_name_away)
{
	static const struct named names[] = {
		{"ABCDEF~1.TXT", "ABCDEF~1TXT", false},
		{"abcdef~3.txt", "ABCDEF~3TXT", true},
		{"abcdefgh1.txt", "ABCDEF~2TXT", true},
		{"abcdefgh2.txt", "ABCDEF~4TXT", true},
		{"abcdefgh3.txt", "ABCDEF~5TXT", true},
		{"abcdefgh4.txt", "ABCDEF~6TXT", true},
		{"abcdefgh5.txt", "ABCDEF~7TXT", true},
		{"abcdefgh6.txt", "ABCDEF~8TXT", true},
		{"abcdefgh7.txt", "ABCDEF~9TXT", true},
		{"abcdefgh8.txt", "ABCDE~10TXT", true},
		{"abcdefgh9.txt", "ABCDE~12TXT", true},
		{"ABCDE~11.TXT", "ABCDE~11TXT", false},
		{"abcdezzz1.txt", "ABCDEZ~1TXT", true},
		{"abcdefgh1.doc", "ABCDEF~1DOC", true},
	};

	expect_aliases(names, sizeof names / sizeof *names);
}

TEST(twenty_thousand_names_alike_get_aliases_at_once)
{
	struct ext_fixture f = fixture(32);
	struct node *many = ext_add(&f, NULL, "many", NODE_DIRECTORY);
	const struct fat_layout *l;
	struct fat_dirent *last;

	many->children = ARENA_ARRAY(f.c->arena, struct node *, 32768);
	for (int i = 0; i < 20000; i++) {
		struct node *n = many->children[many->child_count++] = ARENA_NEW(f.c->arena, struct node);

		*n = (struct node){.name = arena_printf(f.c->arena, "file-%05d", i), .parent = many, .kind = NODE_FILE, .mode = 0644,
			.content = ARENA_NEW(f.c->arena, struct content)};
	}
	l = plan(&f, 200 * 2048);
	unit_expect_none(f.c);
	/* "FILE-0~1" to "FILE-0~9" and "FILE-1~1" to "FILE-1~9" came first */
	last = &l->objects[1].entries[19999];
	assert_memory_equal(last->alias, "FI~19991   ", sizeof last->alias);
	for (int i = 20000; i < 32768; i++) {
		struct node *n = many->children[many->child_count++] = ARENA_NEW(f.c->arena, struct node);

		*n = (struct node){.name = arena_printf(f.c->arena, "file-%05d", i), .parent = many, .kind = NODE_FILE, .mode = 0644,
			.content = ARENA_NEW(f.c->arena, struct content)};
	}
	assert_null(plan(&f, 200 * 2048)); /* with "." and ".." these are two entries more than 65536 */
	unit_expect(f.c, 0, DIAG_UNSTORABLE, LINE_TREE + 1, 1);
}

/* Whether two names are one on a FAT. */
static bool
are_one(const char *name, const char *other)
{
	struct ext_fixture f = fixture(0);
	bool planned;

	ext_add_file(&f, NULL, name, 0, "");
	ext_add_file(&f, NULL, other, 0, "");
	planned = plan(&f, 2880) != NULL;
	if (!planned)
		unit_expect(f.c, 0, DIAG_NAME_TWICE_ON_FAT, LINE_TREE + 1, 1);
	return !planned;
}

TEST(capitals_and_small_letters_are_one_in_the_alphabets_that_have_them)
{
	static const char *const one[][2] = {
		{"Z", "z"}, {"\u00c4", "\u00e4"}, {"\u00de", "\u00fe"}, {"\u0100", "\u0101"}, {"\u0132", "\u0133"}, {"\u0147", "\u0148"}, {"\u014a", "\u014b"}, {"\u0176", "\u0177"},
		{"\u017d", "\u017e"}, {"\u0391", "\u03b1"}, {"\u03a1", "\u03c1"}, {"\u03a3", "\u03c3"}, {"\u03ab", "\u03cb"}, {"\u0401", "\u0451"}, {"\u0416", "\u0436"}, {"\u042f", "\u044f"},
	};
	static const char *const apart[][2] = {{"\u00d7", "\u00f7"}, {"\u0130", "\u0131"}, {"\u00df", "\u00ff"}, {"a", "b"}};

	for (size_t i = 0; i < sizeof one / sizeof *one; i++)
		if (!are_one(one[i][0], one[i][1]))
			fail_msg("%s and %s are two names", one[i][0], one[i][1]);
	for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
		if (are_one(apart[i][0], apart[i][1]))
			fail_msg("%s and %s are one name", apart[i][0], apart[i][1]);
}

TEST(long_names_are_utf16_with_surrogates)
{
	static const uint16_t expected[] = {0xe4, 0x20ac, 0xd83d, 0xde00, 0xdbff, 0xdfff};
	struct ext_fixture f = fixture(0);
	const struct fat_layout *l;

	ext_add_file(&f, NULL, "\303\244\342\202\254\360\237\230\200\364\217\277\277", 0, "");
	l = plan(&f, 2880);
	assert_int_equal(l->objects[0].entries[0].long_length, 6);
	assert_memory_equal(l->objects[0].entries[0].long_name, expected, sizeof expected);
}

TEST(what_a_fat_cannot_hold_is_refused_by_name)
{
	static const struct {
		const char *name;
		enum node_kind kind;
		uint64_t size;
		enum diag_kind expected;
	} cases[] = {
		{"latin-1 \344", NODE_FILE, 0, DIAG_NAME_NOT_FOR_FAT},
		{"a*", NODE_FILE, 0, DIAG_NAME_NOT_FOR_FAT},
		{"LPT9.tar.gz", NODE_DIRECTORY, 0, DIAG_NAME_NOT_FOR_FAT},
		{"link", NODE_LINK, 0, DIAG_UNSTORABLE},
		{"null", NODE_CHAR, 0, DIAG_UNSTORABLE},
		{"sda", NODE_BLOCK, 0, DIAG_UNSTORABLE},
		{"4-gib", NODE_FILE, UINT64_C(1) << 32, DIAG_FILE_TOO_LARGE_FOR_FILESYSTEM},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture(0);

		if (cases[i].kind == NODE_FILE)
			ext_add_file(&f, NULL, cases[i].name, cases[i].size, NULL);
		else
			ext_add(&f, NULL, cases[i].name, cases[i].kind);
		assert_null(plan(&f, 16 * 1024 * 2048));
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, cases[i].expected, LINE_TREE + 1, 1);
	}
}

TEST(a_file_of_a_fat_may_have_one_byte_less_than_4_gib)
{
	struct ext_fixture f = fixture(0);
	const struct fat_layout *l;

	ext_add_file(&f, NULL, "large", UINT32_MAX, NULL);
	l = plan(&f, 16 * 1024 * 2048);
	unit_expect_none(f.c);
	assert_int_equal(l->objects[1].cluster_count, 1 << 19);
}

TEST(times_of_a_fat_are_the_epoch_in_utc)
{
	static const struct {
		int64_t epoch;
		unsigned year, month, day, hour, minute, two_seconds, hundredths;
	} cases[] = {
		{-1, 1980, 1, 1, 0, 0, 0, 0},
		{315532799, 1980, 1, 1, 0, 0, 0, 0},
		{315532801, 1980, 1, 1, 0, 0, 0, 100},
		{951782399, 2000, 2, 28, 23, 59, 29, 100},
		{951782400, 2000, 2, 29, 0, 0, 0, 0},
		{951868800, 2000, 3, 1, 0, 0, 0, 0},
		{1735689599, 2024, 12, 31, 23, 59, 29, 100},
		{INT64_C(4107542400), 2100, 3, 1, 0, 0, 0, 0}, /* 2100 is no leap year */
		{INT64_C(4354819199), 2107, 12, 31, 23, 59, 29, 100},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture(0);
		const struct fat_layout *l;

		f.m.epoch.v = cases[i].epoch;
		assert_non_null(l = plan(&f, 2880));
		assert_int_equal(l->date, (cases[i].year - 1980) << 9 | cases[i].month << 5 | cases[i].day);
		assert_int_equal(l->time, cases[i].hour << 11 | cases[i].minute << 5 | cases[i].two_seconds);
		assert_int_equal(l->hundredths, cases[i].hundredths);
	}
}

TEST(the_type_of_a_partition_follows_from_its_fat_and_its_place)
{
	static const struct {
		uint64_t asked;
		const char *mount;
		uint8_t type;
	} cases[] = {{12, NULL, 0x01}, {16, "/boot", 0x0e}, {32, NULL, 0x0c}, {32, "/efi", 0xef}, {16, "/boot/efi", 0xef}, {12, "/efi/x", 0x01}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = fixture(cases[i].asked);

		f.p.mount.v = cases[i].mount;
		assert_int_equal(plan_fat_type(&f.p, plan(&f, 100000)), cases[i].type);
	}
}

TEST(a_volume_id_is_the_given_or_follows_from_the_names)
{
	struct ext_fixture f = fixture(0), g = fixture(0);
	uint32_t derived = plan(&f, 2880)->volume_id;

	assert_int_equal(plan(&g, 4096)->volume_id, derived);
	g.p.name = "other";
	assert_int_not_equal(plan(&g, 2880)->volume_id, derived);
	g.p.filesystem.volume_id.v = "ABCD-00ef";
	assert_int_equal(plan(&g, 2880)->volume_id, 0xabcd00ef);
}

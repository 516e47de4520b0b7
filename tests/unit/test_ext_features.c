#include "unit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ext_fixture.h"

#define KIB UINT64_C(1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* The feature words when the manifest says FEATURES, or that there is a diagnostic. */
static struct ext_layout *
plan_with(enum filesystem_kind kind, const char *first, const char *second, struct ext_fixture *f)
{
	static struct m_text texts[2];

	*f = ext_fixture(unit_compilation(), kind, 4096);
	texts[0] = (struct m_text){.at = ext_line(f, LINE_FEATURES), .v = first, .given = true};
	texts[1] = (struct m_text){.at = ext_line(f, LINE_FEATURES), .v = second, .given = true};
	f->p.filesystem.features = (struct m_texts){.at = ext_line(f, LINE_FEATURES), .v = texts, .count = second ? 2 : 1};
	return ext_plan(f, 64 * MIB);
}

TEST(features_are_those_of_the_type_and_those_that_are_chosen)
{
	static const struct {
		enum filesystem_kind kind;
		const char *first, *second;
		uint32_t compat, incompat, ro_compat;
	} cases[] = {
		{FILESYSTEM_EXT2, "dir_index", NULL, 0x28, 0x2, 0x3},
		{FILESYSTEM_EXT2, "^has_journal", "^extent", 0x8, 0x2, 0x3},
		{FILESYSTEM_EXT3, "filetype", NULL, 0xc, 0x2, 0x3},
		{FILESYSTEM_EXT3, "dir_index", NULL, 0x2c, 0x2, 0x3},
		{FILESYSTEM_EXT4, "extent", NULL, 0xc, 0x42, 0x46b},
		{FILESYSTEM_EXT4, "64bit", "dir_index", 0x2c, 0xc2, 0x46b},
		{FILESYSTEM_EXT4, "^metadata_csum", "^has_journal", 0x8, 0x42, 0x6b},
		{FILESYSTEM_EXT4, "^extent", NULL, 0xc, 0x2, 0x46b},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f;
		struct ext_layout *l = plan_with(cases[i].kind, cases[i].first, cases[i].second, &f);

		unit_expect_none(f.c);
		assert_int_equal(l->feature_compat, cases[i].compat);
		assert_int_equal(l->feature_incompat, cases[i].incompat);
		assert_int_equal(l->feature_ro_compat, cases[i].ro_compat);
		assert_int_equal(l->descriptor_size, l->feature_incompat & 0x80 ? 64 : 32);
	}
}

TEST(a_feature_that_the_type_cannot_have_or_must_have_is_an_error_at_its_word)
{
	static const struct {
		enum filesystem_kind kind;
		const char *first, *second;
		enum diag_kind code;
		const char *text, *help;
	} cases[] = {
		{FILESYSTEM_EXT4, "dir_indx", NULL, DIAG_FEATURE_UNKNOWN, "unknown feature 'dir_indx'", "did you mean 'dir_index'?"},
		{FILESYSTEM_EXT2, "64bit", NULL, DIAG_FEATURE_CONFLICT, "ext2 has no '64bit'", "set 'type: ext4', or leave it out"},
		{FILESYSTEM_EXT2, "has_journal", NULL, DIAG_FEATURE_CONFLICT, "ext2 has no 'has_journal'", "set 'type: ext3'"},
		{FILESYSTEM_EXT3, "^has_journal", NULL, DIAG_FEATURE_CONFLICT, "ext3 cannot be without 'has_journal'", "set 'type: ext2'"},
		{FILESYSTEM_EXT4, "^filetype", NULL, DIAG_FEATURE_CONFLICT, "ext4 cannot be without 'filetype'",
			"leave it out: format 1 decides that"},
		{FILESYSTEM_EXT4, "64bit", "^extent", DIAG_FEATURE_CONFLICT, "'64bit' needs 'extent'", "leave out one of them"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f;

		assert_null(plan_with(cases[i].kind, cases[i].first, cases[i].second, &f));
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, cases[i].code, LINE_FEATURES, 1);
		assert_string_equal(f.c->diags.list[0]->text, cases[i].text);
		assert_string_equal(f.c->diags.list[0]->help, cases[i].help);
	}
}

static const struct xattrs *
one_attribute(struct ext_fixture *f, size_t size)
{
	struct xattrs *set = ARENA_NEW(f->c->arena, struct xattrs);
	const unsigned char *value = arena_alloc(f->c->arena, size);

	xattrs_put(f->c->arena, set, &(struct xattr){.name = "user.a", .value = value, .size = size});
	return set;
}

TEST(attributes_lie_in_the_inode_as_far_as_there_is_room_and_then_in_a_block)
{
	static const struct {
		uint32_t block_size, inode_size;
		size_t size, in_inode, blocks; /* 20 bytes of entry before the value */
		bool fits;
	} cases[] = {
		{1024, 256, 68, 1, 0, true},
		{1024, 256, 69, 0, 1, true},
		{1024, 128, 0, 0, 1, true},
		{1024, 128, 968, 0, 1, true},
		{1024, 128, 969, 0, 1, false},
		{4096, 256, 4040, 0, 1, true},
		{4096, 256, 4041, 0, 1, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, cases[i].block_size);
		const struct ext_inode *inode;
		struct ext_layout *l;

		f.p.filesystem.inode_size.v = cases[i].inode_size;
		ext_add_file(&f, NULL, "f", 1, "x")->xattrs = one_attribute(&f, cases[i].size);
		l = ext_plan(&f, MIB);
		if (!cases[i].fits) {
			unit_expect(f.c, 0, DIAG_XATTRS_TOO_LARGE, LINE_TREE + 1, 1);
			continue;
		}
		unit_expect_none(f.c);
		inode = ext_inode_called(l, "f");
		assert_int_equal(inode->attributes->inline_count, cases[i].in_inode);
		assert_int_equal(inode->block_count, 1 + cases[i].blocks);
		assert_int_equal(ext_attribute_block(inode), cases[i].blocks ? inode->runs[0].first + 1 : 0);
	}
}

/* The manifest's own are refused where they are read; these are an archive's. */
TEST(attributes_that_linux_would_not_set_are_refused)
{
	static const struct {
		const char *prefix;
		size_t more;
		const char *why;
	} cases[] = {
		{"user.", 0, "there is no name behind the namespace"},
		{"user.", 250, NULL},
		{"user.", 251, "a name has at most 255 bytes"},
		{"security.", 300, "a name has at most 255 bytes"},
		{"security.capability", 0, "its value has no form that Linux knows"},
		{"system.posix_acl_access", 0, "access lists are not written"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
		struct xattrs *set = ARENA_NEW(f.c->arena, struct xattrs);
		char more[301] = "";

		memset(more, 'n', cases[i].more);
		xattrs_put(f.c->arena, set, &(struct xattr){.name = arena_printf(f.c->arena, "%s%s", cases[i].prefix, more),
			.value = (const unsigned char *)"junk", .size = 4});
		ext_add_file(&f, NULL, "f", 1, "x")->xattrs = set;
		if (!cases[i].why) {
			assert_non_null(ext_plan(&f, MIB));
			continue;
		}
		assert_null(ext_plan(&f, MIB));
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, DIAG_XATTR_UNSUPPORTED, LINE_TREE + 1, 1);
		assert_non_null(strstr(f.c->diags.list[0]->text, cases[i].why));
	}
}

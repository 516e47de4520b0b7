#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ext_written.h"

TEST(a_plan_that_the_library_sees_otherwise_is_not_written)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct ext_layout *l = ext_plan(&f, MIB);
	struct written w;

	l->descriptor_blocks++;
	w = written_plan(&f, l, MIB);
	assert_false(w.ok);
	assert_int_equal(f.c->diags.count, 1);
	unit_expect(f.c, 0, DIAG_PLAN_MISMATCH, LINE_KEY, 1);
	assert_string_equal(f.c->diags.list[0]->text,
		"the number of descriptor blocks of partition 'root' is 2 by plan and 1 by libext2fs");
	written_discard(&w);
}

/* A plan that does not agree with itself shows when the bitmaps are read back. */
TEST(what_is_written_is_compared_with_the_plan)
{
	for (int wrong = 0; wrong < 4; wrong++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
		struct ext_layout *l;
		struct written w;

		ext_add_file(&f, NULL, "one", 5000, written_filler(&f, 5000));
		ext_add_file(&f, NULL, "two", 5000, written_filler(&f, 5000));
		l = ext_plan(&f, 20 * MIB);
		unit_expect_none(f.c);
		if (wrong == 0)
			l->groups[0].free_blocks--;
		else if (wrong == 1)
			l->groups[0].free_inodes++;
		else if (wrong == 2)
			l->inodes[l->inode_used_count - 1].runs[0].first--; /* into the file before */
		w = written_plan(&f, l, 20 * MIB);
		assert_int_equal(w.ok, wrong == 3);
		if (wrong < 3)
			unit_expect(f.c, 0, DIAG_PLAN_MISMATCH, LINE_KEY, 1);
		written_discard(&w);
	}
}

TEST(a_block_that_was_planned_and_not_written_is_missed)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
	struct ext_layout *l;
	struct written w;

	ext_add_file(&f, NULL, "one", 5000, written_filler(&f, 5000));
	l = ext_plan(&f, MIB);
	l->inodes[l->inode_used_count - 1].runs[0].count--;
	w = written_plan(&f, l, MIB);
	assert_false(w.ok);
	assert_int_equal(f.c->diags.count, 1);
	unit_expect(f.c, 0, DIAG_PLAN_MISMATCH, LINE_KEY, 1);
	assert_non_null(strstr(f.c->diags.list[0]->text, "the blocks of all files of partition 'root': "));
	written_discard(&w);
}

TEST(of_many_sources_that_are_gone_the_first_is_told_whichever_thread_comes_first)
{
	for (int round = 0; round < 20; round++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 4096);
		struct written w;

		f.c->jobs = 4;
		for (int n = 0; n < 300; n++) {
			struct node *node = ext_add_file(&f, NULL, arena_printf(f.c->arena, "f%03d", n), MIB / 10, written_filler(&f, MIB / 10));
			struct content *gone = ARENA_NEW(f.c->arena, struct content);

			*gone = (struct content){.kind = CONTENT_HOST, .size = MIB / 10, .directory = "/nowhere", .path = "f",
				.shown = node->name};
			if (n >= 100)
				node->content = gone;
		}
		w = written_image(&f, 40 * MIB);
		assert_false(w.ok);
		assert_int_equal(f.c->diags.count, 1);
		unit_expect(f.c, 0, DIAG_FILE_UNREADABLE, LINE_TREE + 1, 1);
		assert_string_equal(f.c->diags.list[0]->text, "cannot read 'f100': No such file or directory");
		written_discard(&w);
	}
}

TEST(a_source_that_is_gone_is_an_error_where_the_file_was_asked_for)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct node *n = ext_add_file(&f, NULL, "f", 5, NULL);
	struct content gone = {.kind = CONTENT_HOST, .size = 5, .directory = "/nowhere", .path = "f", .shown = "f"};
	struct written w;

	n->content = &gone;
	w = written_image(&f, MIB);
	assert_false(w.ok);
	assert_int_equal(f.c->diags.count, 1);
	unit_expect(f.c, 0, DIAG_FILE_UNREADABLE, LINE_TREE + 1, 1);
	written_discard(&w);
}

TEST(a_source_is_copied_through_and_one_that_has_grown_is_refused)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
	char directory[] = "/tmp/rootc-ext-XXXXXX", path[64];
	struct node *n = ext_add_file(&f, NULL, "f", 2000, NULL);
	struct content source = {.kind = CONTENT_HOST, .size = 2000, .path = "s", .shown = "s"};
	char *bytes = written_filler(&f, 2001);
	struct written w;
	FILE *out;

	source.directory = mkdtemp(directory);
	snprintf(path, sizeof path, "%s/s", directory);
	out = fopen(path, "wb");
	fwrite(bytes, 1, 2000, out);
	fclose(out);
	n->content = &source;
	w = written_image(&f, MIB);
	assert_true(w.ok);
	assert_memory_equal(w.bytes + START + w.layout->inodes[2].runs[0].first * 1024, bytes, 2000);
	written_discard(&w);

	out = fopen(path, "ab");
	fputc('x', out);
	fclose(out);
	w = written_image(&f, MIB);
	assert_false(w.ok);
	unit_expect(f.c, 0, DIAG_FILE_CHANGED, LINE_TREE + 1, 1);
	written_discard(&w);
	unlink(path);
	rmdir(directory);
}

#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(a_directory_gives_names_kinds_and_x_bits_only)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;

	assert_int_equal(mkdir(fixture_path(f, "overlay"), 0700), 0);
	assert_int_equal(mkdir(fixture_path(f, "overlay/etc"), 0711), 0);
	fixture_text(f, "overlay/etc/motd", "hello\n");
	fixture_text(f, "overlay/run", "#!/bin/sh\n");
	assert_int_equal(chmod(fixture_path(f, "overlay/etc/motd"), 0600), 0);
	assert_int_equal(chmod(fixture_path(f, "overlay/run"), 04710), 0);
	assert_int_equal(symlink("/etc/motd", fixture_path(f, "overlay/link")), 0);
	assert_int_equal(mkfifo(fixture_path(f, "overlay/fifo"), 0644), 0);
	assert_int_equal(symlink("overlay", fixture_path(f, "by-link")), 0);
	fixture_input(f, INPUT_DIRECTORY, "by-link");
	pool = fixture_pool(f);
	unit_expect_none(f->c);
	fixture_expect_bytes(f, fixture_find(pool, "etc/motd"), "hello\n");
	assert_true(fixture_find(pool, "etc/motd")->content->stamped);
	assert_int_equal(fixture_find(pool, "etc/motd")->mode, 0644);
	assert_int_equal(fixture_find(pool, "etc")->mode, 0755);
	assert_int_equal(fixture_find(pool, "run")->mode, 0755);
	assert_int_equal(fixture_find(pool, "run")->owner, 0);
	assert_string_equal(fixture_find(pool, "link")->target, "/etc/motd");
	assert_int_equal(fixture_find(pool, "fifo")->kind, ENTRY_OTHER);
	assert_int_equal(access(f->store, F_OK), -1);
	fixture_end(f);
}

TEST(a_directory_that_is_missing_or_a_file_is_told_at_its_words)
{
	struct fixture *f = fixture_begin();

	fixture_text(f, "file", "x");
	fixture_input(f, INPUT_DIRECTORY, "missing");
	fixture_input(f, INPUT_DIRECTORY, "file");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_DIRECTORY_UNREADABLE, 4, 16);
	unit_expect(f->c, 1, DIAG_DIRECTORY_UNREADABLE, 4, 16);
	assert_non_null(strstr(f->c->diags.list[1]->text, strerror(ENOTDIR)));
	fixture_end(f);
}

TEST(a_directory_that_has_no_bottom_is_refused)
{
	struct fixture *f = fixture_begin();
	char *path = arena_alloc(f->c->arena, 1024);
	size_t length = (size_t)sprintf(path, "%s/", fixture_path(f, "deep"));

	assert_int_equal(mkdir(path, 0755), 0);
	for (int i = 0; i < 140; i++) {
		length += (size_t)sprintf(path + length, "d/");
		assert_int_equal(mkdir(path, 0755), 0);
	}
	fixture_input(f, INPUT_DIRECTORY, "deep");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_INPUT_TOO_LARGE, 4, 16);
	fixture_end(f);
}

TEST(a_file_that_changes_after_the_pool_was_made_is_noticed)
{
	struct fixture *f = fixture_begin();
	const struct entry *motd;

	assert_int_equal(mkdir(fixture_path(f, "overlay"), 0755), 0);
	fixture_text(f, "overlay/motd", "one");
	fixture_input(f, INPUT_DIRECTORY, "overlay");
	motd = fixture_find(fixture_pool(f), "motd");
	assert_int_equal(unlink(fixture_path(f, "overlay/motd")), 0);
	fixture_text(f, "overlay/motd", "two");
	assert_null(content_read(f->c, motd->content, motd->input->key_at, 100));
	unit_expect(f->c, 0, DIAG_FILE_CHANGED, 3, 3);
	fixture_end(f);
}

TEST(a_file_that_holds_more_than_its_size_of_zero_is_not_believed)
{
	struct fixture *f = fixture_begin();
	struct content proc = {.kind = CONTENT_HOST, .directory = "/proc", .path = "version", .shown = "/proc/version"};
	struct content empty = {.kind = CONTENT_HOST, .directory = f->directory, .path = "empty", .shown = "empty"};

	fixture_text(f, "empty", "");
	assert_null(content_read(f->c, &proc, (struct span){0}, 100));
	assert_int_equal(f->c->diags.list[0]->kind, DIAG_FILE_CHANGED);
	assert_string_equal(content_read(f->c, &empty, (struct span){0}, 100), "");
	assert_int_equal(f->c->diags.count, 1);
	fixture_end(f);
}

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "support/file.h"

/* a/b/file, and links: a/link to b, a/out out of the directory, a/b/last to the file. */
static struct fixture *
given(void)
{
	struct fixture *f = fixture_begin();

	assert_int_equal(mkdir(fixture_path(f, "a"), 0755), 0);
	assert_int_equal(mkdir(fixture_path(f, "a/b"), 0755), 0);
	assert_int_equal(symlink("b", fixture_path(f, "a/link")), 0);
	assert_int_equal(symlink("/etc", fixture_path(f, "a/out")), 0);
	assert_int_equal(symlink("file", fixture_path(f, "a/b/last")), 0);
	fixture_text(f, "a/b/file", "text");
	return f;
}

TEST(a_file_is_opened_below_a_directory)
{
	struct fixture *f = given();
	int fd = file_open_beneath(f->directory, "a/b/file");
	char text[8] = "";

	assert_true(fd >= 0);
	assert_int_equal(file_read_at(fd, text, sizeof text, 1), 3);
	assert_int_equal(file_read_at(fd, text, 2, 0), 2);
	assert_int_equal(memcmp(text, "te", 2), 0);
	close(fd);
	fixture_end(f);
}

TEST(no_component_is_followed_if_it_is_a_link_or_leads_up)
{
	static const char *const paths[] = {"a/link/file", "a/out/passwd", "a/b/last", "a/../a/b/file", "../etc", "a/b/..", "a/b", "a/c/file",
		"/etc/passwd"};
	struct fixture *f = given();

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		assert_int_equal(file_open_beneath(f->directory, paths[i]), -1);
	fixture_end(f);
}

TEST(the_parent_of_the_last_component_is_opened_and_the_rest_is_its_name)
{
	struct fixture *f = given();
	struct open_directories all = {0};
	const char *name;
	int fd = directories_enter_parent(&all, f->directory, "a/b/last", &name);

	assert_true(fd >= 0);
	assert_string_equal(name, "last");
	assert_int_equal(faccessat(fd, "file", R_OK, 0), 0);
	assert_int_equal(directories_enter_parent(&all, f->directory, "a/link/file", &name), -1);
	assert_true(errno == ELOOP || errno == ENOTDIR);
	directories_close(&all);
	fixture_end(f);
}

TEST(a_directory_is_opened_for_its_names_by_the_same_rules)
{
	struct fixture *f = given();
	struct open_directories all = {0};
	int top = directories_open(&all, f->directory, ""), below = directories_open(&all, f->directory, "a/b");

	assert_true(top >= 0 && below >= 0);
	assert_int_equal(faccessat(top, "a/b/file", R_OK, 0), 0);
	assert_int_equal(faccessat(below, "file", R_OK, 0), 0);
	assert_int_equal(directories_open(&all, f->directory, "a/link"), -1);
	assert_int_equal(directories_open(&all, f->directory, "a/b/file"), -1);
	directories_close(&all);
	assert_int_equal(close(top), 0);
	assert_int_equal(close(below), 0);
	fixture_end(f);
}

TEST(a_directory_stays_open_for_the_next_file)
{
	static const char *const paths[] = {"", "a", "a/b", "a/b/c0", "a/b/c1", "a/b/c2"};
	struct fixture *f = given();
	struct open_directories *all = &f->c->directories;
	int fd;

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(mkdir(fixture_path(f, arena_printf(f->c->arena, "a/b/c%zu", i)), 0755), 0);
	for (size_t i = 0; i < 2 * sizeof paths / sizeof *paths; i++) {
		const char *path = paths[i % (sizeof paths / sizeof *paths)];
		struct stat by_path, by_fd;

		fd = directories_enter(all, f->directory, path, strlen(path));
		assert_true(fd >= 0);
		assert_int_equal(directories_enter(all, f->directory, path, strlen(path)), fd);
		assert_int_equal(stat(fixture_path(f, path), &by_path), 0);
		assert_int_equal(fstat(fd, &by_fd), 0);
		assert_int_equal(by_fd.st_ino, by_path.st_ino);
	}
	assert_true(directories_enter(all, f->directory, "a/b/file", 3) >= 0);
	assert_int_equal(directories_enter(all, f->directory, "a/link", 6), -1);
	assert_int_equal(directories_enter(all, f->directory, "a/../a", 6), -1);
	directories_close(all);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	fixture_end(f);
}

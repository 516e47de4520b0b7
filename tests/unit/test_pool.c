#include "unit.h"

#include <string.h>

#include "model/pool.h"

static const struct m_input packages = {.name = "debian", .kind = INPUT_PACKAGES, .key_at = {.line = 5, .column = 3}};
static const struct m_input board = {.name = "board", .kind = INPUT_DIRECTORY, .key_at = {.line = 9, .column = 3}};

static struct entry *
put(struct compilation *c, struct pool *pool, const struct m_input *input, enum entry_kind kind, const char *path, const char *target)
{
	struct entry new = {.kind = kind, .mode = kind == ENTRY_DIRECTORY ? 0755 : 0644, .target = target, .input = input};

	return pool_put(c, pool, path, &new);
}

static struct entry *
put_file(struct compilation *c, struct pool *pool, const char *path)
{
	return put(c, pool, &packages, ENTRY_FILE, path, NULL);
}

static struct entry *
put_directory(struct compilation *c, struct pool *pool, const char *path)
{
	return put(c, pool, &packages, ENTRY_DIRECTORY, path, NULL);
}

static struct entry *
put_link(struct compilation *c, struct pool *pool, const char *path, const char *target)
{
	return put(c, pool, &packages, ENTRY_LINK, path, target);
}

static const struct entry *
child(const struct entry *directory, const char *name)
{
	return entry_child(directory, name, strlen(name));
}

TEST(missing_parents_are_made_as_directories)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry *file = put_file(c, pool, "usr/share/x");

	assert_string_equal(entry_path(c, file), "/usr/share/x");
	assert_int_equal(file->parent->kind, ENTRY_DIRECTORY);
	assert_int_equal(file->parent->mode, 0755);
	assert_string_equal(entry_path(c, pool->root), "/");
}

TEST(children_are_in_byte_order_however_they_come)
{
	static const char *const names[] = {"b", "a-b", "\xc3\xa9", "a", "B", "z", "aa"};
	static const char *const sorted[] = {"B", "a", "a-b", "aa", "b", "z", "\xc3\xa9"};
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	for (size_t i = 0; i < 7; i++)
		put_file(c, pool, names[i]);
	assert_int_equal(pool->root->child_count, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_string_equal(pool->root->children[i]->name, sorted[i]);
		assert_ptr_equal(child(pool->root, sorted[i]), pool->root->children[i]);
	}
}

TEST(a_child_is_found_by_its_whole_name_only)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_file(c, pool, "libc.so.6");
	assert_null(entry_child(pool->root, "libc.so", 7));
	assert_null(entry_child(pool->root, "libc.so.66", 10));
	assert_non_null(entry_child(pool->root, "libc.so.6/more", 9));
	assert_null(entry_child(pool->root, "", 0));
}

TEST(a_later_input_shadows_an_earlier_one)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry *old = put_file(c, pool, "etc/motd");
	struct entry *new = put(c, pool, &board, ENTRY_FILE, "etc/motd", NULL);

	assert_ptr_equal(new->shadowed, old);
	assert_ptr_equal(child(child(pool->root, "etc"), "motd"), new);
	assert_null(old->shadowed);
}

TEST(a_second_entry_of_one_input_shadows_nothing)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_file(c, pool, "x");
	assert_null(put_file(c, pool, "x")->shadowed);
}

TEST(a_directory_over_a_directory_keeps_the_children_of_both)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_file(c, pool, "etc/a");
	put_directory(c, pool, "etc");
	put_file(c, pool, "etc/b");
	assert_int_equal(child(pool->root, "etc")->child_count, 2);
}

TEST(a_host_directory_leaves_the_mode_that_a_package_gave)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry tmp = {.kind = ENTRY_DIRECTORY, .mode = 01777, .input = &packages};

	pool_put(c, pool, "tmp", &tmp);
	put(c, pool, &board, ENTRY_DIRECTORY, "tmp", NULL);
	assert_int_equal(child(pool->root, "tmp")->mode, 01777);
	put_directory(c, pool, "tmp");
	assert_int_equal(child(pool->root, "tmp")->mode, 0755);
}

TEST(the_root_takes_its_mode_from_an_input)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry root = {.kind = ENTRY_DIRECTORY, .mode = 0700, .owner = 7, .input = &packages};

	assert_ptr_equal(pool_put(c, pool, "", &root), pool->root);
	assert_int_equal(pool->root->mode, 0700);
	assert_int_equal(pool->root->owner, 7);
}

TEST(a_parent_that_is_a_link_to_a_directory_is_followed)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_directory(c, pool, "usr/bin");
	put_link(c, pool, "bin", "usr/bin");
	assert_string_equal(entry_path(c, put_file(c, pool, "bin/sh")), "/usr/bin/sh");
	assert_int_equal(child(pool->root, "bin")->kind, ENTRY_LINK);
}

TEST(a_directory_does_not_replace_a_link_to_one)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_link(c, pool, "lib", "/usr/lib");
	assert_string_equal(entry_path(c, put_directory(c, pool, "lib")), "/usr/lib");
	assert_string_equal(entry_path(c, put_file(c, pool, "lib/x")), "/usr/lib/x");
}

TEST(a_link_that_replaces_a_directory_takes_its_children_along)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry *sh;

	put_file(c, pool, "usr/bin/env");
	sh = put_file(c, pool, "bin/sh");
	put_file(c, pool, "bin/d/x");
	put_file(c, pool, "usr/bin/d/y");
	put_link(c, pool, "bin", "usr/bin");
	assert_string_equal(entry_path(c, sh), "/usr/bin/sh");
	assert_int_equal(child(child(pool->root, "usr"), "bin")->child_count, 3);
	assert_int_equal(child(child(child(pool->root, "usr"), "bin"), "d")->child_count, 2);
}

TEST(a_link_into_the_directory_that_it_replaces_ends)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_file(c, pool, "a/b/c");
	put_link(c, pool, "a", "a/b");
	assert_int_equal(child(pool->root, "a")->kind, ENTRY_LINK);
	put_file(c, pool, "d/e");
	put_link(c, pool, "d", ".");
	assert_int_equal(child(pool->root, "d")->kind, ENTRY_LINK);
}

TEST(links_cannot_leave_the_pool)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_link(c, pool, "up", "../../../etc");
	assert_string_equal(entry_path(c, put_file(c, pool, "up/passwd")), "/etc/passwd");
}

TEST(a_path_below_a_file_points_at_both_inputs)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_file(c, pool, "etc/x");
	assert_null(put(c, pool, &board, ENTRY_FILE, "etc/x/y", NULL));
	assert_null(put(c, pool, &board, ENTRY_FILE, "etc/x/z", NULL));
	assert_int_equal(c->diags.count, 1);
	unit_expect(c, 0, DIAG_INPUT_PATH_BLOCKED, 9, 3);
	assert_non_null(strstr(c->diags.list[0]->text, "'/etc/x'"));
	assert_int_equal(c->diags.list[0]->notes[0].at.line, 5);
}

TEST(links_that_lead_in_a_circle_are_no_directory)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);

	put_link(c, pool, "a", "b");
	put_link(c, pool, "b", "a");
	assert_null(put_file(c, pool, "a/x"));
	unit_expect(c, 0, DIAG_INPUT_PATH_BLOCKED, 5, 3);
	put_link(c, pool, "self", "self/self/self");
	assert_null(put_file(c, pool, "self/x"));
}

TEST(a_file_that_replaces_a_directory_hides_all_below_it)
{
	struct compilation *c = unit_compilation();
	struct pool *pool = pool_new(c);
	struct entry *file;

	put_file(c, pool, "d/x");
	file = put(c, pool, &board, ENTRY_FILE, "d", NULL);
	assert_int_equal(file->child_count, 0);
	assert_int_equal(file->shadowed->child_count, 1);
}

#include "unit.h"

#include <string.h>

#include "resolve/walk.h"
#include "sysroot.h"

static const char *
lead(struct sysroot *s, const char *path)
{
	struct walk walk = walk_path(s->c, s->pool, path);

	return walk.end == WALK_FOUND ? entry_path(s->c, walk.entry) : walk.end == WALK_MISSING ? "missing" :
		walk.end == WALK_LOOP ? "loop" : "not a directory";
}

static const char *
passed(struct sysroot *s, const char *path)
{
	struct walk walk = walk_path(s->c, s->pool, path);
	const char *all = "";

	for (size_t i = 0; i < walk.passed_count; i++)
		all = arena_printf(s->c->arena, "%s%s ", all, entry_path(s->c, walk.passed[i]));
	return all;
}

static struct sysroot
merged_usr(void)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/bin/dash", "x");
	sysroot_link(&s, "/bin", "usr/bin");
	sysroot_link(&s, "/usr/bin/sh", "dash");
	return s;
}

TEST(a_walk_records_every_link_in_order)
{
	struct sysroot s = merged_usr();

	assert_string_equal(lead(&s, "/bin/sh"), "/usr/bin/dash");
	assert_string_equal(passed(&s, "/bin/sh"), "/bin /usr/bin/sh ");
}

TEST(an_absolute_link_starts_again_at_the_root_of_the_pool)
{
	struct sysroot s = merged_usr();

	sysroot_link(&s, "/usr/lib/x", "/bin/dash");
	assert_string_equal(lead(&s, "/usr/lib/x"), "/usr/bin/dash");
}

TEST(dot_dot_stays_at_the_root_of_the_pool)
{
	struct sysroot s = merged_usr();

	sysroot_link(&s, "/usr/up", "../../../../../usr/bin/dash");
	assert_string_equal(lead(&s, "/usr/up"), "/usr/bin/dash");
	assert_string_equal(lead(&s, "/../../bin/../bin/dash"), "/usr/bin/dash");
}

TEST(a_directory_left_by_dot_dot_is_recorded)
{
	struct sysroot s = merged_usr();

	sysroot_text(&s, "/usr/lib/y/z", "");
	assert_string_equal(passed(&s, "/usr/lib/y/../../bin/dash"), "/usr/lib/y /usr/lib ");
}

TEST(a_link_to_itself_ends_after_forty_links)
{
	struct sysroot s = sysroot_new();

	sysroot_link(&s, "/a", "b");
	sysroot_link(&s, "/b", "/a");
	assert_string_equal(lead(&s, "/a"), "loop");
}

TEST(forty_links_are_followed_and_not_one_more)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/l0", "");
	for (int i = 1; i <= 41; i++)
		sysroot_link(&s, arena_printf(s.c->arena, "/l%d", i), arena_printf(s.c->arena, "l%d", i - 1));
	assert_string_equal(lead(&s, "/l40"), "/l0");
	assert_string_equal(lead(&s, "/l41"), "loop");
}

TEST(a_file_is_no_directory)
{
	struct sysroot s = merged_usr();

	assert_string_equal(lead(&s, "/bin/sh/x"), "not a directory");
	assert_string_equal(lead(&s, "/bin/sh/"), "not a directory");
	assert_string_equal(lead(&s, "/bin/"), "/usr/bin");
}

TEST(a_missing_component_is_reported_with_its_directory_and_a_guess)
{
	struct sysroot s = merged_usr();
	struct walk walk = walk_path(s.c, s.pool, "/bin/dahs");
	struct m_text words = sysroot_words(&s, 3, "/bin/dahs");

	walk_report(s.c, &walk, words.v, words.at);
	unit_expect(s.c, 0, DIAG_POOL_PATH_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "no 'dahs' in /usr/bin"));
	assert_true(sysroot_says(&s, 0, "did you mean '/usr/bin/dash'?"));
	assert_true(sysroot_says(&s, 0, "'/bin' is a link to 'usr/bin'"));
}

static const char *
matches(struct sysroot *s, const char *pattern)
{
	size_t count;
	const char **paths = walk_pattern(s->c, s->pool, pattern, &count), *all = "";

	for (size_t i = 0; i < count; i++)
		all = arena_printf(s->c->arena, "%s%s ", all, paths[i]);
	return all;
}

TEST(a_pattern_matches_in_every_component_sorted_bytewise)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/lib/b/x1", "");
	sysroot_text(&s, "/lib/a/x2", "");
	sysroot_text(&s, "/lib/a/x1", "");
	sysroot_text(&s, "/lib/a-b/x1", "");
	assert_string_equal(matches(&s, "/lib/*/x[12]"), "/lib/a-b/x1 /lib/a/x1 /lib/a/x2 /lib/b/x1 ");
	assert_string_equal(matches(&s, "/lib/?/x1"), "/lib/a/x1 /lib/b/x1 ");
	assert_string_equal(matches(&s, "/nothing/*"), "");
}

TEST(a_pattern_goes_through_links_to_directories_once)
{
	struct sysroot s = merged_usr();

	sysroot_link(&s, "/loop", ".");
	assert_string_equal(matches(&s, "/bin/d*"), "/bin/dash ");
	assert_string_equal(matches(&s, "/*/dash"), "/bin/dash ");
	assert_string_equal(matches(&s, "/*/*/*/loop"), "/loop/loop/loop/loop ");
}

TEST(a_name_with_a_bracket_stands_for_itself_when_it_exists)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/bin/[", "");
	assert_string_equal(matches(&s, "/usr/bin/["), "/usr/bin/[ ");
}

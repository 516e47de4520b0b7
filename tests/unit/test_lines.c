/* Unified diffs; that they are what diff(1) and patch(1) think is seen by tests/diff/run.sh. */
#include "compare/lines.h"

#include <string.h>

#include "unit.h"

static const char *
unified(const char *a, const char *b)
{
	struct compilation *c = unit_compilation();

	return lines_unified(c->arena, c->arena, a, strlen(a), b, strlen(b));
}

TEST(a_changed_line_has_three_lines_around_it)
{
	assert_string_equal(unified("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
		"@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST(changes_far_apart_have_hunks_of_their_own)
{
	assert_string_equal(unified("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n"),
		"@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
	assert_string_equal(unified("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n"),
		"@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
}

TEST(a_text_without_a_last_line_feed_says_so)
{
	assert_string_equal(unified("a\nb", "a\nb\n"), "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

TEST(an_empty_text_is_told_by_line_zero)
{
	assert_string_equal(unified("", "a\nb\n"), "@@ -0,0 +1,2 @@\n+a\n+b\n");
	assert_string_equal(unified("a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
}

TEST(the_script_is_the_shortest)
{
	/* the example of Myers' paper */
	const char *seen = unified("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n");
	unsigned edits = 0;

	for (const char *line = strchr(seen, '\n') + 1; *line; line = strchr(line, '\n') + 1)
		edits += *line != ' ';
	assert_int_equal(edits, 5);
}

TEST(what_is_no_text_or_too_different_has_no_lines)
{
	struct compilation *c = unit_compilation();
	char many[1000];

	assert_null(lines_unified(c->arena, c->arena, "a\0", 2, "b\n", 2));
	for (size_t i = 0; i < sizeof many - 1; i++)
		many[i] = i % 2 ? '\n' : 'x';
	many[sizeof many - 1] = '\0';
	assert_null(unified(many, "y\n"));
}

#include "unit.h"

#include <string.h>

#include "support/source.h"

static const struct source *
given(const char *text)
{
	return source_new(unit_compilation()->arena, "x.yaml", text, strlen(text));
}

static void
expect_line(const struct source *s, uint32_t number, const char *want)
{
	size_t length;
	const char *line = source_line(s, number, &length);

	assert_int_equal(length, strlen(want));
	assert_memory_equal(line, want, length);
}

static void
expect_span(struct span at, uint32_t line, uint32_t column, uint32_t length)
{
	assert_int_equal(at.line, line);
	assert_int_equal(at.column, column);
	assert_int_equal(at.length, length);
}

TEST(lines_end_at_lf_crlf_and_cr)
{
	const struct source *s = given("a\nbb\r\nccc\rd");

	assert_int_equal(s->line_count, 4);
	expect_line(s, 1, "a");
	expect_line(s, 2, "bb");
	expect_line(s, 3, "ccc");
	expect_line(s, 4, "d");
}

TEST(an_empty_text_has_one_empty_line)
{
	const struct source *s = given("");

	assert_int_equal(s->line_count, 1);
	expect_line(s, 1, "");
	expect_span(source_span(s, 0, 5), 1, 1, 0);
}

TEST(columns_count_code_points_not_bytes)
{
	const struct source *s = given("a: 1\nr\xc3\xa9\xc3\xa9: v\n");

	expect_span(source_span(s, 10, 3), 2, 4, 3);
	assert_int_equal(source_offset(s, 2, 4), 10);
}

TEST(a_broken_byte_is_one_column)
{
	const struct source *s = given("\xff\xfe: v");

	expect_span(source_span(s, 2, 1), 1, 3, 1);
}

TEST(a_span_stops_at_the_end_of_its_line)
{
	const struct source *s = given("key: v\nnext");

	expect_span(source_span(s, 5, 100), 1, 6, 1);
}

TEST(a_span_of_the_line_break_stands_behind_the_line)
{
	expect_span(source_span(given("ab\r\nc"), 3, 1), 1, 3, 0);
}

TEST(a_column_past_the_line_is_its_end)
{
	const struct source *s = given("ab\ncd\n");

	assert_int_equal(source_offset(s, 1, 99), 2);
	assert_int_equal(source_offset(s, 2, 99), 5);
}

TEST(the_end_of_a_text_that_ends_in_a_line_break_is_on_the_line_after_it)
{
	expect_span(source_span(given("ab\n"), 3, 0), 2, 1, 0);
}

TEST(a_whole_source_has_no_line)
{
	expect_span(source_whole(given("ab\n")), 0, 0, 0);
}

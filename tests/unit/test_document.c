/* Bytes and YAML: where a text stops being one, and what of YAML a manifest may use. */
#include "given.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read/document.h"
#include "read/read.h"

static const struct limits some_limits = {.bytes = 1 << 20, .values = 100, .depth = 8, .noun = "manifest"};

static const struct value *
document(struct compilation *c, const char *text)
{
	return read_document(c, source_new(c->arena, "x.yaml", text, strlen(text)), &some_limits);
}

#define VALID "rootc: 1\nname: x\ndisk: {size: 8MiB}\npartitions: {root: {size: rest}}\n"

/* A text, and the one diagnostic that it gets. */
struct row {
	const char *text;
	size_t size;
	enum diag_kind kind;
	uint32_t line, column;
};

#define ROW(text, kind, line, column) {text, sizeof text - 1, kind, line, column}

static void
expect_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct compilation *c = unit_compilation();

		assert_null(given_bytes(c, rows[i].text, rows[i].size));
		unit_expect(c, 0, rows[i].kind, rows[i].line, rows[i].column);
		assert_int_equal(c->diags.count, 1);
	}
}

#define EXPECT_ROWS(rows) expect_rows(rows, sizeof rows / sizeof *rows)

TEST(a_manifest_is_text_in_utf8)
{
	static const struct row rows[] = {
		ROW("", DIAG_MANIFEST_EMPTY, 1, 1),
		ROW("# only\n\n# comments\n", DIAG_MANIFEST_EMPTY, 1, 1),
		ROW("\xef\xbb\xbf", DIAG_MANIFEST_EMPTY, 1, 1),
		ROW("a: b\nc: \xff", DIAG_NOT_UTF8, 2, 4),
		ROW("a: \xc0\xaf\n", DIAG_NOT_UTF8, 1, 4),             /* overlong */
		ROW("a: \xe0\x80\xaf\n", DIAG_NOT_UTF8, 1, 4),
		ROW("a: \xed\xa0\x80\n", DIAG_NOT_UTF8, 1, 4),         /* a surrogate */
		ROW("a: \xf5\x80\x80\x80\n", DIAG_NOT_UTF8, 1, 4),
		ROW("a: \xe2\x82", DIAG_NOT_UTF8, 1, 4),
		ROW("\xc3\xa9: \x80\n", DIAG_NOT_UTF8, 1, 4),
		ROW("a: b\0c\n", DIAG_CHARACTER_FORBIDDEN, 1, 5),
		ROW("a: b\n\0", DIAG_CHARACTER_FORBIDDEN, 2, 1),
		ROW("a: \x1b[0m\n", DIAG_CHARACTER_FORBIDDEN, 1, 4),
		ROW("a: \x7f\n", DIAG_CHARACTER_FORBIDDEN, 1, 4),
		ROW("a: \xc2\x9b\n", DIAG_CHARACTER_FORBIDDEN, 1, 4),
		ROW("\xff\xfer\0o\0", DIAG_NOT_UTF8, 1, 1),
		ROW("\xfe\xff\0r\0o", DIAG_NOT_UTF8, 1, 1),
		ROW("r\0o\0o\0t\0", DIAG_NOT_UTF8, 1, 1),
		ROW("\0r\0o\0o\0t", DIAG_NOT_UTF8, 1, 1),
		ROW("a: b\n\xef\xbb\xbf" "c: d\n", DIAG_CHARACTER_FORBIDDEN, 2, 1),
		ROW("a: b\xe2\x80\xa8" "c: d\n", DIAG_CHARACTER_FORBIDDEN, 1, 5),
		ROW("a: b\xe2\x80\xa9" "c: d\n", DIAG_CHARACTER_FORBIDDEN, 1, 5),
		ROW("a: b\xc2\x85" "c: d\n", DIAG_CHARACTER_FORBIDDEN, 1, 5),
		ROW("a: \xe2\x80\xae" "b\n", DIAG_CHARACTER_FORBIDDEN, 1, 4),
		ROW("a: b\rc: d\r", DIAG_CHARACTER_FORBIDDEN, 1, 5),
		ROW("a:\n\xc2\xa0 b: c\n", DIAG_CHARACTER_FORBIDDEN, 2, 1),
		ROW("\x1f\x8b\x08", DIAG_NOT_UTF8, 1, 1),
		ROW("\x89PNG\r\n", DIAG_NOT_UTF8, 1, 1),
		ROW("\x7f" "ELF\x02", DIAG_NOT_UTF8, 1, 1),
		ROW("\xeb\x48\x90\x10", DIAG_NOT_UTF8, 1, 1),
	};

	EXPECT_ROWS(rows);
}

TEST(what_is_written_differently_is_the_same_manifest)
{
	static const char *const texts[] = {
		VALID,
		"\xef\xbb\xbf" VALID,
		"rootc: 1\r\nname: x\r\ndisk: {size: 8MiB}\r\npartitions: {root: {size: rest}}\r\n",
		"rootc: 1\nname: x\ndisk: {size: 8MiB}\npartitions: {root: {size: rest}}",
		"%YAML 1.2\n---\n" VALID "...\n",
		"# x\n\n%YAML \t1.2 # y\r\n---\n" VALID,
		"rootc:\t1\nname: \t\tx\ndisk: {size: 8MiB}\npartitions: {root: {size: rest}} \t\n",
		"\"rootc\": \"1\"\n'name': 'x'\n\"d\\x69sk\": {\"size\": '8MiB'}\npartitions: {root: {size: \"rest\"}}\n",
		"rootc: 1\nname: &n x\ndisk: &d {size: &s 8MiB}\npartitions: {root: {size: rest}}\nkernel: {image: /x, arguments: *n}\n",
		"{rootc: 1, name: x, disk: {size: 8MiB}, partitions: {root: {size: rest}}}",
		"? rootc\n: 1\n? name\n: x\ndisk:\n    size:\n     8MiB\npartitions:\n root:\n  size: rest\n",
		"# \xc2\xa0 and \xe2\x82\xac in a comment\n" VALID,
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct compilation *c = unit_compilation();
		const struct manifest *m = given(c, texts[i]);

		unit_expect_none(c);
		assert_non_null(m);
		assert_string_equal(m->name.v, "x");
		assert_int_equal(m->disk.size.bytes, 8 << 20);
		assert_int_equal(m->partition_count, 1);
		assert_int_equal(m->partitions[0].size.kind, SIZE_REST);
	}
}

TEST(yaml_stops_where_the_mistake_was_made)
{
	static const struct row rows[] = {
		ROW("a:\n\tb: c\n", DIAG_YAML_SYNTAX, 2, 1),
		ROW("name:foo\ndisk: x\n", DIAG_YAML_SYNTAX, 1, 1),
		ROW("a:\n  b:1\n  c: 2\n", DIAG_YAML_SYNTAX, 2, 3),
		ROW("a: b\nsize:4\nc: d\n", DIAG_YAML_SYNTAX, 2, 1),
		ROW("a: b\nc\nd: e\n", DIAG_YAML_SYNTAX, 2, 1),
		ROW("a: 1\nb: \"c\nd: e\n", DIAG_YAML_SYNTAX, 2, 4),
		ROW("a: 1\nb: 'c\nd: e\n", DIAG_YAML_SYNTAX, 2, 4),
		ROW("a: \"b\" c\n", DIAG_YAML_SYNTAX, 1, 8),
		ROW("a: [b, c\n", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a: [b, c", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a: {b: c\n\n", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a: [b, c\nd: e\n", DIAG_YAML_SYNTAX, 2, 2),
		ROW("a: [b]]\n", DIAG_YAML_SYNTAX, 1, 7),
		ROW("{a: b}}\n", DIAG_YAML_SYNTAX, 1, 7),
		ROW("a: b\n]\n", DIAG_YAML_SYNTAX, 2, 1),
		ROW("a: {b: c d: e}\n", DIAG_YAML_SYNTAX, 1, 11),
		ROW("a: \"\\q\"\n", DIAG_YAML_SYNTAX, 1, 5),
		ROW("a: b\n...\nc: d\n", DIAG_YAML_SYNTAX, 3, 1),
		ROW("%YAML 1.3\n---\na: b\n", DIAG_YAML_SYNTAX, 1, 1),
		ROW("%YAML 1.22\n---\na: b\n", DIAG_YAML_SYNTAX, 1, 1),
		ROW("%YAML 2.0\n---\na: b\n", DIAG_YAML_SYNTAX, 1, 1),
		ROW("%FOO\n---\na: b\n", DIAG_YAML_SYNTAX, 1, 1),
		ROW("%YAML 1.1\n%YAML 1.1\n---\na: b\n", DIAG_YAML_SYNTAX, 2, 1),
		ROW("a: |9\n  b\n", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a: |0\n  b\n", DIAG_YAML_SYNTAX, 1, 5),
		ROW("a: b: c\n", DIAG_YAML_SYNTAX, 1, 5),
		ROW("a: - b\n", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a: @b\n", DIAG_YAML_SYNTAX, 1, 4),
		ROW("a:\n    b: c\n  d: e\n", DIAG_YAML_SYNTAX, 3, 3),
	};

	EXPECT_ROWS(rows);
}

TEST(yaml_that_manifests_do_not_use_is_refused_in_its_place)
{
	static const struct {
		const char *text;
		enum diag_kind kind;
		uint32_t line, column;
	} rows[] = {
		{"a: b\n---\nc: d\n", DIAG_YAML_UNSUPPORTED, 2, 1},
		{"%TAG ! x:\n---\na: b\n", DIAG_YAML_UNSUPPORTED, 1, 1},
		{"a: !!int 1\n", DIAG_YAML_UNSUPPORTED, 1, 4},
		{"a: !foo {b: c}\n", DIAG_YAML_UNSUPPORTED, 1, 4},
		{"!foo a: b\n", DIAG_YAML_UNSUPPORTED, 1, 1},
		{"a: *x\n", DIAG_ALIAS_BROKEN, 1, 4},
		{"a: &x [*x]\n", DIAG_ALIAS_BROKEN, 1, 8},
		{"a: &x b\nc: &x d\n", DIAG_ALIAS_BROKEN, 2, 4},
		{"b: &b {c: d}\na:\n  <<: *b\n", DIAG_YAML_UNSUPPORTED, 3, 3},
		{"? [a]\n: b\n", DIAG_YAML_UNSUPPORTED, 1, 3},
		{"? {a: b}\n: c\n", DIAG_YAML_UNSUPPORTED, 1, 3},
		{"~: b\n", DIAG_VALUE_MISSING, 1, 1},
		{"a: \"b\\0c\"\n", DIAG_CHARACTER_FORBIDDEN, 1, 4},
		{"a: b\n'a': c\n", DIAG_KEY_TWICE, 2, 1},
		{"a: b\n\"\\x61\": c\n", DIAG_KEY_TWICE, 2, 1},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct compilation *c = unit_compilation();

		document(c, rows[i].text);
		unit_expect(c, 0, rows[i].kind, rows[i].line, rows[i].column);
		assert_int_equal(c->diags.count, 1);
	}
}

TEST(a_key_written_twice_points_at_the_first)
{
	struct compilation *c = unit_compilation();

	document(c, "a: {b: 1, c: 2, \"b\": 3}\n");
	unit_expect(c, 0, DIAG_KEY_TWICE, 1, 17);
	assert_int_equal(c->diags.list[0]->notes[0].at.column, 5);
}

TEST(limits_hold_before_memory_grows)
{
	struct compilation *c = unit_compilation();

	/* eight levels are possible, the ninth is not */
	assert_non_null(document(c, "[[[[[[[[]]]]]]]]"));
	unit_expect_none(c);
	assert_null(document(c, "[[[[[[[[[]]]]]]]]]"));
	unit_expect(c, 0, DIAG_MANIFEST_TOO_LARGE, 1, 9);
}

TEST(an_alias_costs_what_it_stands_for)
{
	struct compilation *c = unit_compilation();

	/* 2 + (1 + 9) + 8 * 11 + ... : 100 values are possible */
	assert_non_null(document(c, "- &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n- [*a, *a, *a, *a, *a, *a, *a, *a]\n"));
	unit_expect_none(c);
	assert_null(document(c, "- &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\n- [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n"));
	unit_expect(c, 0, DIAG_MANIFEST_TOO_LARGE, 2, 36);
}

TEST(an_alias_is_as_deep_as_what_it_stands_for)
{
	struct compilation *c = unit_compilation();

	assert_non_null(document(c, "- &a [[[[1]]]]\n- [[[*a]]]\n"));
	unit_expect_none(c);
	assert_null(document(c, "- &a [[[[1]]]]\n- [[[[*a]]]]\n"));
	unit_expect(c, 0, DIAG_MANIFEST_TOO_LARGE, 2, 7);
}

TEST(spans_count_characters_not_bytes)
{
	struct compilation *c = unit_compilation();
	const struct value *root = document(c, "\xc3\xa9\xe2\x82\xac: \xf0\x9f\x98\x80x\n");

	assert_int_equal(root->members[0].key_at.length, 2);
	assert_int_equal(root->members[0].value->at.column, 5);
	assert_int_equal(root->members[0].value->at.length, 2);
}

TEST(a_block_has_the_span_of_the_key_above_it)
{
	struct compilation *c = unit_compilation();
	const struct value *root = document(c, "a:\n  b: 1\nc:\n- d: 1\ne: {f: 1}\ng: |\n  text\n");

	assert_int_equal(root->at.column, 1);
	assert_int_equal(root->members[0].value->at.line, 1);
	assert_int_equal(root->members[1].value->at.line, 3);
	assert_int_equal(root->members[1].value->items[0]->at.column, 3);
	assert_int_equal(root->members[2].value->at.column, 4);
	assert_int_equal(root->members[2].value->at.length, 6);
	assert_int_equal(root->members[3].value->at.length, 1);
	assert_string_equal(root->members[3].value->text, "text\n");
}

TEST(an_alias_is_the_value_it_names)
{
	struct compilation *c = unit_compilation();
	const struct value *root = document(c, "a: &x {b: 1}\nc: *x\n");

	assert_ptr_equal(root->members[0].value, root->members[1].value);
}

TEST(a_second_slip_in_an_alias_is_told_what_it_is_near_to)
{
	struct compilation *c = unit_compilation();

	document(c, "a: &text x\nb: *txet\nc: *nothing\n");
	unit_expect(c, 0, DIAG_ALIAS_BROKEN, 2, 4);
	assert_string_equal(c->diags.list[0]->help, "did you mean '*text'?");
	unit_expect(c, 1, DIAG_ALIAS_BROKEN, 3, 4);
}

TEST(a_manifest_above_four_mebibytes_is_refused)
{
	struct compilation *c = unit_compilation();
	size_t size = (4 << 20) + 1;
	char *text = malloc(size);

	assert_non_null(text);
	memset(text, '#', size);
	assert_null(given_bytes(c, text, size));
	unit_expect(c, 0, DIAG_MANIFEST_TOO_LARGE, 1, 1);
	assert_null(given_bytes(c, text, size - 1));
	unit_expect(c, 1, DIAG_MANIFEST_EMPTY, 1, 1);
	free(text);
}

TEST(a_path_that_is_no_readable_file_has_no_line)
{
	static const char *const paths[] = {"/nonexistent/x.yaml", "/", "/dev/null"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct compilation *c = unit_compilation();

		assert_null(read_manifest(c, paths[i]));
		unit_expect(c, 0, DIAG_FILE_UNREADABLE, 0, 0);
		assert_string_equal(c->diags.list[0]->at.source->name, paths[i]);
		assert_int_equal(diagnostics_status(&c->diags), 4);
	}
}

TEST(a_fifo_without_a_writer_does_not_block)
{
	struct compilation *c = unit_compilation();
	char directory[] = "/tmp/rootc-unit-XXXXXX", path[64];

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/fifo", directory);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(read_manifest(c, path));
	unlink(path);
	rmdir(directory);
	unit_expect(c, 0, DIAG_FILE_UNREADABLE, 0, 0);
}

TEST(a_path_too_long_for_the_host_is_a_diagnostic)
{
	struct compilation *c = unit_compilation();
	char path[5001];

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_null(read_manifest(c, path));
	unit_expect(c, 0, DIAG_FILE_UNREADABLE, 0, 0);
}

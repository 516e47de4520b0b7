#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "support/json.h"
#include "support/json_reader.h"

/* Runs WRITE on a JSON writer and compares what it wrote. */
static void
expect(void (*write)(struct json *), bool compact, const char *want)
{
	struct json j;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	json_begin(&j, out, compact);
	write(&j);
	json_end(&j);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static void
write_nested(struct json *j)
{
	json_object(j);
	json_key_text(j, "a", "x");
	json_key(j, "list");
	json_array(j);
	json_number(j, -1);
	json_size(j, UINT64_MAX);
	json_array(j);
	json_array_end(j);
	json_object(j);
	json_key_bool(j, "t", true);
	json_object_end(j);
	json_array_end(j);
	json_key_size(j, "last", 0);
	json_object_end(j);
}

TEST(compact_json_is_one_line)
{
	expect(write_nested, true, "{\"a\":\"x\",\"list\":[-1,18446744073709551615,[],{\"t\":true}],\"last\":0}\n");
}

TEST(json_for_people_is_indented_by_two)
{
	expect(write_nested, false,
		"{\n"
		"  \"a\": \"x\",\n"
		"  \"list\": [\n"
		"    -1,\n"
		"    18446744073709551615,\n"
		"    [],\n"
		"    {\n"
		"      \"t\": true\n"
		"    }\n"
		"  ],\n"
		"  \"last\": 0\n"
		"}\n");
}

static void
write_texts(struct json *j)
{
	json_array(j);
	json_text(j, "quote \" back \\ line \n tab \t");
	json_text(j, "\x01\x1f\x7f");
	json_text(j, "\xc3\xa9 \xf0\x9f\x98\x80");
	json_text(j, "broken \xff\xc3");
	json_text(j, NULL);
	json_bool(j, false);
	json_array_end(j);
}

TEST(texts_are_escaped_as_rfc_8259_asks)
{
	expect(write_texts, true, "[\"quote \\\" back \\\\ line \\n tab \\t\",\"\\u0001\\u001f\\u007f\",\"\xc3\xa9 \xf0\x9f\x98\x80\","
		"\"broken \xef\xbf\xbd\xef\xbf\xbd\",null,false]\n");
}

static void
write_empty_members(struct json *j)
{
	json_object(j);
	json_key(j, "a");
	json_object(j);
	json_object_end(j);
	json_key(j, "b");
	json_array(j);
	json_array_end(j);
	json_object_end(j);
}

TEST(empty_containers_are_followed_by_a_comma)
{
	expect(write_empty_members, true, "{\"a\":{},\"b\":[]}\n");
}

/* What a reader gives for TEXT, one value: the text; NULL: it is refused. */
static const char *
text_of(const char *text)
{
	struct json_reader j = {.arena = unit_compilation()->arena, .at = text, .end = text + strlen(text)};
	const char *value = json_read_text(&j);

	return value && json_at_end(&j) ? value : NULL;
}

TEST(escapes_are_read_as_rfc_8259_has_them)
{
	static const char *const refused[] = {
		"\"\\u0000\"", "\"\\ud83d\"", "\"\\ud83dx\"", "\"\\ud83d\\u0041\"", "\"\\udc00\"", "\"\\u12\"", "\"\\u12g4\"",
		"\"\\x\"", "\"\\", "\"\\\"", "\"a\nb\"", "\"a", "a", "\"a\" b", ""};

	assert_string_equal(text_of(" \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\" "), "a\"\\/\b\f\n\r\t");
	assert_string_equal(text_of("\"\\u0026\\u00e9\\u20AC\\ud83d\\ude00\""), "&\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_null(text_of(refused[i]));
}

static bool
is_number(const char *text, uint64_t want)
{
	struct json_reader j = {.arena = unit_compilation()->arena, .at = text, .end = text + strlen(text)};
	uint64_t number;

	return json_read_number(&j, &number) && json_at_end(&j) && number == want;
}

TEST(numbers_are_read_whole_or_not_at_all)
{
	static const char *const refused[] = {"", "-1", "1.0", "1e3", "01", "18446744073709551616", "x", "1 2"};

	assert_true(is_number(" 0 ", 0));
	assert_true(is_number("18446744073709551615", UINT64_MAX));
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		for (uint64_t want = 0; want < 3; want++)
			assert_false(is_number(refused[i], want));
}

#include "unit.h"

#include <stdlib.h>

#include "support/json.h"

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

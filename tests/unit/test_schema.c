/* The table and what is printed from it. */
#include "given.h"

#include <stdlib.h>
#include <string.h>

#include "read/foreign.h"
#include "read/read.h"
#include "read/schema.h"
#include "read/stages.h"
#include "support/text.h"

/* Calls VISIT for S and every schema below it. */
static void
walk(const struct schema *s, void (*visit)(const struct schema *))
{
	visit(s);
	if (s->suffixed)
		walk(s->suffixed, visit);
	for (const struct field *f = s->fields; f->key; f++)
		if (f->of)
			walk(f->of, visit);
}

static char *
printed(void)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	read_print_schema(out);
	fclose(out);
	return text;
}

static void
is_documented(const struct schema *s)
{
	assert_int_equal(s->doc[strlen(s->doc) - 1], '.');
	for (const struct field *f = s->fields; f->key; f++) {
		assert_non_null(f->doc);
		assert_int_equal(f->doc[strlen(f->doc) - 1], '.');
	}
}

TEST(every_key_is_explained_in_a_sentence)
{
	walk(&manifest_schema, is_documented);
	walk(&lock_schema, is_documented);
}

static bool
has_key(const struct schema *s, const char *key)
{
	for (const struct field *f = s->fields; f->key; f++)
		if (strcmp(f->key, key) == 0)
			return true;
	return false;
}

/* What every row of LIST has: a word as it is looked for, found first by that, and something to say. */
static void
is_a_list_of_words(const struct foreign *list)
{
	for (const struct foreign *other = list; other && other->word; other++) {
		assert_true(other->meant || other->help);
		assert_int_equal(strcspn(other->word, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZ"), strlen(other->word));
		if (strcmp(other->word, FOREIGN_ANY) != 0)
			assert_ptr_equal(foreign_find(list, other->word), other);
	}
}

static void
leads_to_its_own_words(const struct schema *s)
{
	is_a_list_of_words(s->foreign);
	for (const struct foreign *other = s->foreign; other && other->word; other++) {
		assert_false(has_key(s, other->word));
		if (other->meant)
			assert_true(has_key(s, other->meant));
	}
	for (const struct field *f = s->fields; f->key; f++) {
		is_a_list_of_words(f->foreign);
		for (const struct foreign *other = f->foreign; other && other->word && f->choices; other++)
			if (other->meant)
				assert_non_null(f->choices[text_index(f->choices, other->meant)]);
	}
}

TEST(words_of_other_tools_lead_to_keys_and_values_that_there_are)
{
	walk(&manifest_schema, leads_to_its_own_words);
	assert_null(foreign_find(NULL, "fstype"));
	assert_null(foreign_find(foreign_partition, "fstypes"));
	assert_string_equal(foreign_find(foreign_partition, "Mount-Point")->meant, "mount");
	assert_string_equal(foreign_find(foreign_partition, "mount_point")->meant, "mount");
}

static void
lies_in_its_struct(const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++) {
		assert_true(f->offset < s->size);
		for (const struct field *g = s->fields; g < f; g++) {
			assert_true(f->offset != g->offset);
			assert_string_not_equal(f->key, g->key);
		}
	}
}

TEST(no_two_keys_share_a_member)
{
	walk(&manifest_schema, lies_in_its_struct);
	walk(&lock_schema, lies_in_its_struct);
}

static void
is_required_or_not_defaulted(const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++)
		assert_false(f->required && f->preset);
}

TEST(what_must_be_written_has_no_default)
{
	walk(&manifest_schema, is_required_or_not_defaulted);
}

TEST(the_schema_names_every_key_and_refuses_others)
{
	char *text = printed();
	size_t objects = 0;

	assert_non_null(strstr(text, "\"$schema\": \"http://json-schema.org/draft-07/schema#\""));
	for (const char *p = text; (p = strstr(p, "\"additionalProperties\": false")); p++)
		objects++;
	/* manifest, input, disk, budget, partition, filesystem, swap, kernel, initramfs, busybox, libraries, subtree, file, device, grub, menu entry */
	assert_int_equal(objects, 16);
	for (const struct field *f = manifest_schema.fields; f->key; f++)
		assert_non_null(strstr(text, f->key));
	assert_non_null(strstr(text, "\"oneOf\""));
	assert_non_null(strstr(text, "\"^[a-z0-9][a-z0-9._-]{0,62}$\""));
	free(text);
}

/* The example of F as a manifest would have it, decoded by F itself. */
static void
example_is_taken(const struct field *f)
{
	static const struct limits limits = {.bytes = 1024, .values = 16, .depth = 4, .noun = "example"};
	struct compilation *c = unit_compilation();
	const char *example = field_example(f), *text;
	const struct value *value;
	union {
		struct m_text text;
		struct m_texts texts;
		struct m_number number;
		struct m_parttype parttype;
		struct m_bool boolean;
		struct m_enum choice;
		struct m_size size;
		struct m_mode mode;
		struct m_time time;
		struct m_uuid uuid;
	} to;

	memset(&to, 0, sizeof to);
	if (!example) {
		assert_true(f->of || f->kind == KIND_PAIRS);
		return;
	}
	text = arena_printf(c->arena, f->kind == KIND_TEXTS ? "%s: [%s]\n" : "%s: %s\n", f->key, example);
	value = read_document(c, source_new(c->arena, "example", text, strlen(text)), &limits);
	unit_expect_none(c);
	if (f->kind == KIND_TEXTS)
		assert_true(form_matches(c, f->form, example, value->at));
	else
		assert_true(decode_scalar(c, f, value_member(value, f->key), &to));
	unit_expect_none(c);
}

static void
examples_are_taken(const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++)
		example_is_taken(f);
}

TEST(every_key_takes_its_example)
{
	walk(&manifest_schema, examples_are_taken);
}

static const char *
explained(const char *key)
{
	struct compilation *c = unit_compilation();
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	assert_non_null(out);
	assert_true(read_explain_key(out, key));
	fclose(out);
	copy = arena_strdup(c->arena, text);
	free(text);
	return copy;
}

TEST(a_key_is_explained_with_type_range_default_and_example)
{
	assert_string_equal(explained("disk.table"),
		"disk.table\nThe kind of partition table, or none for an image that is one file system.\n\n"
		"  type      a word\n  range     mbr, gpt or none\n  default   mbr\n  example   table: mbr\n");
	assert_string_equal(explained("budget"),
		"budget\nHow large the contents may become, such as {used: 40MiB, growth: 5%}.\n\n"
		"  type      a mapping\n  default   not given\n  keys      used and growth\n");
	assert_non_null(strstr(explained("size"), "disk.size\n"));
	assert_non_null(strstr(explained("size"), "\npartitions.NAME.size\n"));
	assert_string_equal(explained("partitions.NAME.size"), explained("partitions.size"));
	assert_null(strstr(explained("disk.size"), "partitions"));
}

static void
is_explained(const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++)
		assert_non_null(strstr(explained(f->key), f->doc));
}

TEST(what_the_schema_says_of_a_key_is_what_explain_says)
{
	walk(&manifest_schema, is_explained);
}

TEST(the_schema_is_the_same_every_time)
{
	char *one = printed(), *other = printed();

	assert_string_equal(one, other);
	free(one);
	free(other);
}

TEST(a_form_s_pattern_and_its_limit_agree)
{
	struct compilation *c = unit_compilation();
	struct span at = source_span(source_new(c->arena, "x", "", 0), 0, 0);

	assert_string_equal(form_pattern(c, FORM_NAME), "^[a-z0-9_-][a-z0-9_-]{0,35}$");
	assert_true(form_matches(c, FORM_NAME, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", at));
	assert_false(form_matches(c, FORM_NAME, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", at));
	assert_null(form_pattern(c, FORM_CONTENT));
}

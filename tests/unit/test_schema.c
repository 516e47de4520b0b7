/* The table and what is printed from it. */
#include "given.h"

#include <stdlib.h>
#include <string.h>

#include "read/read.h"
#include "read/schema.h"
#include "read/stages.h"

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

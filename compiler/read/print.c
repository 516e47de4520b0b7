/* Prints the table as JSON Schema, so that an editor knows the manifest as rootc does. */

#include "read/read.h"

#include <stdlib.h>
#include <string.h>

#include "model/partition_type.h"
#include "read/stages.h"
#include "support/compilation.h"
#include "support/json.h"
#include "support/memory.h"

struct printer {
	struct compilation c;
	struct json json;
};

static void
print_type(struct printer *p, const char *const *types)
{
	json_key(&p->json, "type");
	if (!types[1]) {
		json_text(&p->json, types[0]);
		return;
	}
	json_array(&p->json);
	for (; *types; types++)
		json_text(&p->json, *types);
	json_array_end(&p->json);
}

static void
print_texts(struct printer *p, const char *key, const char *const *texts)
{
	json_key(&p->json, key);
	json_array(&p->json);
	for (; *texts; texts++)
		json_text(&p->json, *texts);
	json_array_end(&p->json);
}

/* Other readers of YAML take an unquoted scalar for a number or a boolean where rootc takes its text. */
static const char *const any_scalar[] = {"string", "number", "boolean", NULL};
static const char *const any_integer[] = {"string", "integer", NULL};
static const char *const only_string[] = {"string", NULL};
static const char *const only_array[] = {"array", NULL};
static const char *const only_object[] = {"object", NULL};

static void
print_pattern(struct printer *p, const char *const *types, const char *pattern)
{
	print_type(p, types);
	if (pattern)
		json_key_text(&p->json, "pattern", pattern);
}

/* One of a few; what looks like a number to a reader of YAML, as a number or as its text. */
static void
print_choices(struct printer *p, const struct field *f)
{
	json_key(&p->json, "enum");
	json_array(&p->json);
	for (const char *const *choice = f->choices; *choice; choice++) {
		if (strspn(*choice, "0123456789") == strlen(*choice))
			json_size(&p->json, strtoull(*choice, NULL, 10));
		json_text(&p->json, *choice);
	}
	json_array_end(&p->json);
}

static void
print_number(struct printer *p, const struct field *f)
{
	if (f->choices) {
		print_choices(p, f);
		return;
	}
	print_pattern(p, any_integer, "^(0|[1-9][0-9]*)$");
	json_key_size(&p->json, "minimum", f->min);
	json_key_size(&p->json, "maximum", f->max);
}

static void
print_bool(struct printer *p, const struct field *f)
{
	json_key(&p->json, "enum");
	json_array(&p->json);
	json_bool(&p->json, true);
	json_text(&p->json, "true");
	if (f->min == 0) {
		json_bool(&p->json, false);
		json_text(&p->json, "false");
	}
	json_array_end(&p->json);
}

#define SIZE_PATTERN "(0|[1-9][0-9]*)(B|KiB|MiB|GiB|TiB|s)"
#define DATE_PATTERN "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

#define UUID_PATTERN "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

static const char *
parttype_pattern(struct compilation *c)
{
	const char *names = "";

	for (const struct partition_type *t = partition_types; t->name; t++)
		names = arena_printf(c->arena, "%s|%s", names, t->name);
	return arena_printf(c->arena, "^((0x)?(?!00)[0-9a-fA-F]{2}|" UUID_PATTERN "%s)$", names);
}

static void print_mapping(struct printer *, const struct schema *);
static void print_needs(struct printer *, const struct schema *);

/* The word that may stand in place of a list; in it, it is none of the items. */
static void
print_word(struct printer *p, const char *word)
{
	print_texts(p, "enum", (const char *const[]){word, NULL});
}

static void
print_list(struct printer *p, const struct field *f)
{
	print_type(p, only_array);
	if (f->min)
		json_key_size(&p->json, "minItems", f->min);
	json_key(&p->json, "items");
	json_object(&p->json);
	if (f->of) {
		print_mapping(p, f->of);
		print_needs(p, f->of); /* a list is never merged with another */
	} else {
		print_pattern(p, any_scalar, form_pattern(&p->c, f->form));
	}
	if (f->all) {
		json_key(&p->json, "not");
		json_object(&p->json);
		print_word(p, f->all);
		json_object_end(&p->json);
	}
	json_object_end(&p->json);
}

static void
print_all_or_list(struct printer *p, const struct field *f)
{
	json_key(&p->json, "anyOf");
	json_array(&p->json);
	json_object(&p->json);
	print_word(p, f->all);
	json_object_end(&p->json);
	json_object(&p->json);
	print_list(p, f);
	json_object_end(&p->json);
	json_array_end(&p->json);
}

/* Their names have the form of their own schema, whose pattern they are told by. */
static void
print_suffixed(struct printer *p, const struct schema *s)
{
	json_key(&p->json, "patternProperties");
	json_object(&p->json);
	json_key(&p->json, form_pattern(&p->c, s->suffixed->name_form));
	json_object(&p->json);
	json_key_text(&p->json, "description", s->suffixed->doc);
	print_mapping(p, s->suffixed);
	json_object_end(&p->json);
	json_object_end(&p->json);
}

static void
print_named(struct printer *p, const struct field *f)
{
	print_type(p, only_object);
	json_key(&p->json, "propertyNames");
	json_object(&p->json);
	json_key_text(&p->json, "pattern", form_pattern(&p->c, f->of->name_form));
	json_object_end(&p->json);
	if (f->of->suffix)
		print_suffixed(p, f->of);
	json_key(&p->json, "additionalProperties");
	json_object(&p->json);
	print_mapping(p, f->of);
	json_object_end(&p->json);
}

static void
print_pairs(struct printer *p, const struct field *f)
{
	print_type(p, only_object);
	json_key(&p->json, "propertyNames");
	json_object(&p->json);
	json_key_text(&p->json, "pattern", form_pattern(&p->c, f->name_form));
	json_object_end(&p->json);
	json_key(&p->json, "additionalProperties");
	json_object(&p->json);
	print_pattern(p, any_scalar, form_pattern(&p->c, f->form));
	json_object_end(&p->json);
}

static void
print_value(struct printer *p, const struct field *f)
{
	switch (f->kind) {
	case KIND_TEXT:
		print_pattern(p, any_scalar, form_pattern(&p->c, f->form));
		break;
	case KIND_NUMBER:
		print_number(p, f);
		break;
	case KIND_PARTTYPE:
		print_pattern(p, any_integer, parttype_pattern(&p->c));
		break;
	case KIND_WORD:
		print_pattern(p, any_integer, "^0x[0-9a-fA-F]{8}$");
		break;
	case KIND_BOOL:
		print_bool(p, f);
		break;
	case KIND_CHOICE:
		print_choices(p, f);
		break;
	case KIND_SIZE:
		if (f->choices)
			print_texts(p, "enum", f->choices);
		else
			print_pattern(p, only_string, "^" SIZE_PATTERN "$");
		break;
	case KIND_EXTENT:
		print_pattern(p, only_string, "^(rest|min|" SIZE_PATTERN ")$");
		break;
	case KIND_LENGTH:
		print_pattern(p, only_string, "^(min|" SIZE_PATTERN ")$");
		break;
	case KIND_ROOM:
		print_pattern(p, only_string, "^((0|[1-8]?[0-9]|90)%|" SIZE_PATTERN ")$");
		break;
	case KIND_MODE:
		print_pattern(p, any_integer, "^[0-7]{3,4}$");
		break;
	case KIND_TIME:
		print_pattern(p, any_integer, "^(-?(0|[1-9][0-9]*)|" DATE_PATTERN ")$");
		break;
	case KIND_UUID:
		print_pattern(p, only_string, "^" UUID_PATTERN "$");
		break;
	case KIND_PAIRS:
		print_pairs(p, f);
		break;
	case KIND_TEXTS:
	case KIND_MAPPINGS:
		if (f->all)
			print_all_or_list(p, f);
		else
			print_list(p, f);
		break;
	case KIND_NAMED:
		print_named(p, f);
		break;
	case KIND_MAPPING:
		print_mapping(p, f->of);
		break;
	}
}

static void
print_required(struct printer *p, const struct schema *s)
{
	bool some = false;

	for (const struct field *f = s->fields; f->key; f++)
		some |= f->required && !f->only_with;
	if (!some)
		return;
	json_key(&p->json, "required");
	json_array(&p->json);
	for (const struct field *f = s->fields; f->key; f++)
		if (f->required && !f->only_with)
			json_text(&p->json, f->key);
	json_array_end(&p->json);
}

/* That KEYS, which end in a NULL, are there as HOW ("oneOf") has it. */
static void
print_either(struct printer *p, const char *how, const char *const *keys)
{
	json_key(&p->json, how);
	json_array(&p->json);
	for (; *keys; keys++) {
		json_object(&p->json);
		print_texts(p, "required", (const char *const[]){*keys, NULL});
		json_object_end(&p->json);
	}
	json_array_end(&p->json);
}

static void
print_one_of(struct printer *p, const struct schema *s)
{
	if (s->one_of.keys)
		print_either(p, "oneOf", s->one_of.keys);
}

/* A key that needs another, or any of several; and where it must be there with them, these need it. */
static void
print_needed(struct printer *p, const struct field *f)
{
	for (const char *const *key = f->only_with; f->required && *key; key++)
		print_texts(p, *key, (const char *const[]){f->key, NULL});
	if (!f->only_with[1]) {
		print_texts(p, f->key, f->only_with);
		return;
	}
	json_key(&p->json, f->key);
	json_object(&p->json);
	print_either(p, "anyOf", f->only_with);
	json_object_end(&p->json);
}

/* A key that cannot stand beside another: the mapping is none that has the other. */
static void
print_exclusion(struct printer *p, const struct field *f)
{
	json_key(&p->json, f->key);
	json_object(&p->json);
	json_key(&p->json, "not");
	json_object(&p->json);
	print_texts(p, "required", (const char *const[]){f->not_with, NULL});
	json_object_end(&p->json);
	json_object_end(&p->json);
}

/* The keys that need another one, or else those that exclude another one. */
static void
print_dependencies(struct printer *p, const struct schema *s, bool needs)
{
	bool some = false;

	for (const struct field *f = s->fields; f->key; f++) {
		if (!(needs ? f->only_with != NULL : f->not_with != NULL))
			continue;
		if (!some) {
			json_key(&p->json, "dependencies");
			json_object(&p->json);
		}
		some = true;
		if (needs)
			print_needed(p, f);
		else
			print_exclusion(p, f);
	}
	if (some)
		json_object_end(&p->json);
}

static bool field_has_needs(const struct field *);

/* Whether something must be in a mapping of S, at whatever depth. */
static bool
has_needs(const struct schema *s)
{
	if (s->one_of.keys)
		return true;
	for (const struct field *f = s->fields; f->key; f++)
		if (f->required || f->only_with || field_has_needs(f))
			return true;
	return false;
}

static bool
field_has_needs(const struct field *f)
{
	return (f->kind == KIND_MAPPING && has_needs(f->of)) || (f->kind == KIND_NAMED && (f->min || has_needs(f->of)));
}

/* What must be in the mappings of F; names that a schema of their own decodes need nothing. */
static void
print_needs_of_named(struct printer *p, const struct field *f)
{
	if (f->min)
		json_key_size(&p->json, "minProperties", f->min);
	if (f->of->suffix) {
		ASSERT(!has_needs(f->of->suffixed));
		json_key(&p->json, "patternProperties");
		json_object(&p->json);
		json_key(&p->json, form_pattern(&p->c, f->of->suffixed->name_form));
		json_object(&p->json);
		json_object_end(&p->json);
		json_object_end(&p->json);
	}
	json_key(&p->json, "additionalProperties");
	json_object(&p->json);
	print_needs(p, f->of);
	json_object_end(&p->json);
}

static void
print_needs_of(struct printer *p, const struct field *f)
{
	if (!field_has_needs(f))
		return;
	json_key(&p->json, f->key);
	json_object(&p->json);
	if (f->kind == KIND_MAPPING)
		print_needs(p, f->of);
	else
		print_needs_of_named(p, f);
	json_object_end(&p->json);
}

/* What must be in the object of S, which is open, and in those below it: a manifest that extends another one may have it from there. */
static void
print_needs(struct printer *p, const struct schema *s)
{
	bool deeper = false;

	print_required(p, s);
	print_one_of(p, s);
	print_dependencies(p, s, true);
	for (const struct field *f = s->fields; f->key; f++)
		deeper |= field_has_needs(f);
	if (!deeper)
		return;
	json_key(&p->json, "properties");
	json_object(&p->json);
	for (const struct field *f = s->fields; f->key; f++)
		print_needs_of(p, f);
	json_object_end(&p->json);
}

/* The default as an editor would insert it. */
static void
print_default(struct printer *p, const struct field *f)
{
	if (!f->preset)
		return;
	json_key(&p->json, "default");
	if (f->kind == KIND_NUMBER || f->kind == KIND_TIME)
		json_size(&p->json, strtoull(f->preset, NULL, 10));
	else if (f->kind == KIND_BOOL)
		json_bool(&p->json, strcmp(f->preset, "true") == 0);
	else
		json_text(&p->json, f->preset);
}

static void
print_field(struct printer *p, const struct field *f)
{
	json_key(&p->json, f->key);
	json_object(&p->json);
	json_key_text(&p->json, "description", f->doc);
	print_value(p, f);
	print_default(p, f);
	json_object_end(&p->json);
}

/* The members of S's object, which is open: what may be in it, not what must. */
static void
print_mapping(struct printer *p, const struct schema *s)
{
	print_type(p, only_object);
	json_key_bool(&p->json, "additionalProperties", false);
	print_dependencies(p, s, false);
	json_key(&p->json, "properties");
	json_object(&p->json);
	for (const struct field *f = s->fields; f->key; f++)
		print_field(p, f);
	json_object_end(&p->json);
}

void
read_print_schema(FILE *out)
{
	struct printer p = {.c = {.arena = arena_new()}};

	p.c.diags.arena = p.c.arena;
	json_begin(&p.json, out, false);
	json_object(&p.json);
	json_key_text(&p.json, "$schema", "http://json-schema.org/draft-07/schema#");
	json_key_text(&p.json, "title", "rootc manifest, format 1");
	json_key_text(&p.json, "description", manifest_schema.doc);
	print_mapping(&p, &manifest_schema);
	json_key(&p.json, "if");
	json_object(&p.json);
	print_texts(&p, "required", (const char *const[]){"extends", NULL});
	json_object_end(&p.json);
	json_key(&p.json, "else");
	json_object(&p.json);
	print_needs(&p, &manifest_schema);
	json_object_end(&p.json);
	json_object_end(&p.json);
	json_end(&p.json);
	arena_free(p.c.arena);
}

/* Prints what the table says of a key: the same words as the JSON Schema, with what the value may be and an example. */

#include "read/read.h"

#include <inttypes.h>
#include <string.h>

#include "read/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* A key with the keys that it stands below. */
struct place {
	const struct place *above;
	const char *name; /* a key, or what stands for a name that the user gives, or for an item of a list */
	bool is_key;
};

struct asked {
	struct compilation c;
	FILE *out;       /* NULL: only the keys are wanted */
	const char *key;
	const char **keys; /* of all fields, without names, each once */
	size_t key_count, found;
};

static const char *
path_of(struct arena *a, const struct place *p, bool keys_only)
{
	const char *above = p->above ? path_of(a, p->above, keys_only) : "";

	if (keys_only && !p->is_key)
		return above;
	return *above ? arena_printf(a, "%s%s%s", above, *p->name == '[' ? "" : ".", p->name) : p->name;
}

const char *
field_type(struct compilation *c, const struct field *f)
{
	switch (f->kind) {
	case KIND_TEXT: return form_noun(f->form);
	case KIND_NUMBER: return "a whole number";
	case KIND_PARTTYPE: return "two hexadecimal digits, a GUID, or the name of a type";
	case KIND_WORD: return "0x and eight hexadecimal digits";
	case KIND_BOOL: return f->min ? "true" : "true or false";
	case KIND_CHOICE: return "a word";
	case KIND_SIZE: return "a size: a whole number and B, KiB, MiB, GiB, TiB or s";
	case KIND_EXTENT: return "a size, rest or min";
	case KIND_LENGTH: return "a size, or min";
	case KIND_ROOM: return "a size, or a percentage up to 90%";
	case KIND_MODE: return "three or four octal digits";
	case KIND_TIME: return "seconds since 1970, or YYYY-MM-DDTHH:MM:SSZ";
	case KIND_UUID: return "a UUID";
	case KIND_TEXTS: return arena_printf(c->arena, "%s%sa list, each item %s", f->all ? f->all : "", f->all ? ", or " : "", form_noun(f->form));
	case KIND_PAIRS: return "a mapping from names to texts";
	case KIND_MAPPING: return "a mapping";
	case KIND_MAPPINGS: return arena_printf(c->arena, "a list of mappings, one for each %s", f->of->noun);
	case KIND_NAMED: return arena_printf(c->arena, "a mapping from names to mappings, one for each %s", f->of->noun);
	}
	return NULL;
}

const char *
field_example(const struct field *f)
{
	if (f->example)
		return f->example;
	switch (f->kind) {
	case KIND_TEXT:
	case KIND_TEXTS: return form_example(f->form);
	case KIND_NUMBER: return f->choices ? f->choices[0] : f->preset ? f->preset : "1";
	case KIND_PARTTYPE: return "0x83";
	case KIND_WORD: return "0x1a2b3c4d";
	case KIND_BOOL: return "true";
	case KIND_CHOICE: return f->choices[0];
	case KIND_SIZE: return f->choices ? f->choices[0] : "32MiB";
	case KIND_EXTENT:
	case KIND_LENGTH: return "32MiB";
	case KIND_ROOM: return "5%";
	case KIND_MODE: return "0755";
	case KIND_TIME: return "2026-01-01T00:00:00Z";
	case KIND_UUID: return "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
	case KIND_PAIRS:
	case KIND_MAPPING:
	case KIND_MAPPINGS:
	case KIND_NAMED: break;
	}
	return NULL;
}

const char *
field_range(struct compilation *c, const struct field *f)
{
	if (f->choices)
		return text_join(c->arena, f->choices, text_index(f->choices, ""), ", ", " or ");
	if (f->kind == KIND_NUMBER)
		return arena_printf(c->arena, "%" PRIu64 " to %" PRIu64, f->min, f->max);
	if (f->kind == KIND_SIZE || f->kind == KIND_EXTENT || f->kind == KIND_LENGTH || f->kind == KIND_ROOM)
		return arena_printf(c->arena, "%s to %s", text_bytes(c->arena, f->min), text_bytes(c->arena, f->max));
	return NULL;
}

static const char *
keys_of(struct compilation *c, const struct schema *s)
{
	const char **keys = NULL;
	size_t count = 0;

	for (const struct field *f = s->fields; f->key; f++)
		*ARENA_PUSH(c->arena, keys, count) = f->key;
	return text_join(c->arena, keys, count, ", ", " and ");
}

static void
print_row(FILE *out, const char *name, const char *text)
{
	if (text)
		fprintf(out, "  %-9s %s\n", name, text);
}

static void
print(struct asked *q, const struct place *p, const struct field *f)
{
	const char *example = field_example(f);
	bool is_list = f->kind == KIND_TEXTS;

	fprintf(q->out, "%s%s\n%s\n\n", q->found ? "\n" : "", path_of(q->c.arena, p, false), f->doc);
	print_row(q->out, "type", field_type(&q->c, f));
	print_row(q->out, "range", field_range(&q->c, f));
	print_row(q->out, "default", f->required ? "none: it must be there" : f->preset ? f->preset : "not given");
	print_row(q->out, "needs", f->only_with ? text_join(q->c.arena, f->only_with, keys_count(f->only_with), ", ", " or ") : NULL);
	print_row(q->out, "not with", f->not_with);
	print_row(q->out, "keys", f->of ? keys_of(&q->c, f->of) : NULL);
	if (example)
		print_row(q->out, "example", arena_printf(q->c.arena, is_list ? "%s: [%s]" : "%s: %s", f->key, example));
}

/* Whether PATH is that of KEY, or ends in it. */
static bool
is_meant(const char *path, const char *key)
{
	size_t length = strlen(path), end = strlen(key);

	return end > 0 && end <= length && strcmp(path + length - end, key) == 0 && (end == length || path[length - end - 1] == '.');
}

static void
add_key(struct asked *q, const char *key)
{
	for (size_t i = 0; i < q->key_count; i++)
		if (strcmp(q->keys[i], key) == 0)
			return;
	*ARENA_PUSH(q->c.arena, q->keys, q->key_count) = key;
}

static void
visit(struct asked *q, const struct place *above, const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++) {
		struct place p = {.above = above, .name = f->key, .is_key = true};
		struct place named = {.above = &p, .name = "NAME"}, copied = {.above = &p, .name = "NAME/**"};
		struct place item = {.above = &p, .name = "[]"};

		if (!q->out) {
			add_key(q, f->key);
		} else if (is_meant(path_of(q->c.arena, &p, true), q->key) || is_meant(path_of(q->c.arena, &p, false), q->key)) {
			print(q, &p, f);
			q->found++;
		}
		if (f->of)
			visit(q, f->kind == KIND_NAMED ? &named : f->kind == KIND_MAPPINGS ? &item : &p, f->of);
		if (f->of && f->of->suffixed)
			visit(q, &copied, f->of->suffixed);
	}
}

bool
read_explain_key(FILE *out, const char *key)
{
	struct asked q = {.c = {.arena = arena_new()}, .out = out, .key = key};

	q.c.diags.arena = q.c.arena;
	visit(&q, NULL, &manifest_schema);
	arena_free(q.c.arena);
	return q.found > 0;
}

const char *const *
read_keys(struct arena *a, size_t *count)
{
	struct asked q = {.c = {.arena = a}};

	visit(&q, NULL, &manifest_schema);
	*count = q.key_count;
	return q.keys;
}

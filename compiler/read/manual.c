/* Prints the table as text of a page of the manual: each key by its path, what its value is, and what it means. */

#include "read/read.h"

#include <inttypes.h>
#include <string.h>

#include "read/schema.h"
#include "support/arena.h"
#include "support/mdoc.h"
#include "support/text.h"

/* What a value of a kind is, where the row does not say more. */
static const char *const kinds[] = {
	[KIND_TEXT] = "a text",
	[KIND_NUMBER] = "a number",
	[KIND_PARTTYPE] = "a partition type",
	[KIND_WORD] = "0x and eight hexadecimal digits",
	[KIND_BOOL] = "true or false",
	[KIND_CHOICE] = "a word",
	[KIND_SIZE] = "a size",
	[KIND_EXTENT] = "a size, rest or min",
	[KIND_LENGTH] = "a size or min",
	[KIND_ROOM] = "a size or a percentage",
	[KIND_MODE] = "octal digits",
	[KIND_TIME] = "seconds since 1970 or a date",
	[KIND_UUID] = "a UUID",
	[KIND_TEXTS] = "a list of texts",
	[KIND_PAIRS] = "a mapping from names to texts",
	[KIND_MAPPING] = "a mapping",
	[KIND_MAPPINGS] = "a list of mappings",
	[KIND_NAMED] = "a mapping from names to mappings",
};

static const char *
value_of(struct arena *a, const struct field *f)
{
	const char *words = "";

	if (f->kind == KIND_NUMBER && !f->choices)
		return arena_printf(a, "a number from %" PRIu64 " to %" PRIu64, f->min, f->max);
	if (!f->choices)
		return kinds[f->kind];
	for (const char *const *word = f->choices; *word; word++)
		words = arena_printf(a, "%s%s%s", words, word == f->choices ? "" : word[1] ? ", " : " or ", *word);
	return words;
}

static void
print_field(FILE *out, struct arena *a, const char *path, const struct field *f)
{
	const char *value = value_of(a, f);

	fprintf(out, ".It Ic %s\n", path);
	if (f->required)
		value = arena_printf(a, "%s; required", value);
	if (f->preset)
		value = arena_printf(a, "%s; %s unless written", value, f->preset);
	if (f->only_with)
		value = arena_printf(a, "%s; only with '%s'", value, f->only_with);
	if (f->not_with)
		value = arena_printf(a, "%s; not with '%s'", value, f->not_with);
	mdoc_text(out, f->doc);
	fputs(".br\n", out);
	mdoc_text(out, arena_printf(a, "(%s)", value));
}

/* The keys of S below PATH, each before what lies in it. */
static void
print_schema(FILE *out, struct arena *a, const char *path, const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++) {
		const char *key = arena_printf(a, "%s%s%s", path, *path ? "." : "", f->key);

		print_field(out, a, key, f);
		if (f->kind == KIND_MAPPINGS)
			key = arena_printf(a, "%s[]", key);
		else if (f->kind == KIND_NAMED)
			key = arena_printf(a, "%s.NAME", key);
		if (f->of)
			print_schema(out, a, key, f->of);
		if (f->of && f->of->suffixed)
			print_schema(out, a, arena_printf(a, "%s%s", key, f->of->suffix), f->of->suffixed);
	}
}

void
read_print_manual(FILE *out)
{
	struct arena *a = arena_new();

	mdoc_text(out, "A manifest is YAML and describes one disk image. These are all its keys, by their paths: NAME stands for a name of the "
		"user's, [] for an item of a list. A size is a whole number and a unit (B, KiB, MiB, GiB, TiB, or s for sectors of 512 bytes).");
	fputs(".Bl -tag -width Ds\n", out);
	print_schema(out, a, "", &manifest_schema);
	fputs(".El\n", out);
	arena_free(a);
}

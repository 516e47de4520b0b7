/* Prints the table as text of a page of the manual: each key by its path, what its value is, and what it means. */

#include "read/read.h"

#include "read/stages.h"
#include "support/compilation.h"
#include "support/text.h"
#include "support/mdoc.h"

static void
print_field(FILE *out, struct compilation *c, const char *path, const struct field *f)
{
	const char *value = field_type(c, f), *range = field_range(c, f);

	if (range)
		value = arena_printf(c->arena, "%s; %s", value, range);
	if (f->required)
		value = arena_printf(c->arena, "%s; required", value);
	if (f->preset)
		value = arena_printf(c->arena, "%s; %s unless written", value, f->preset);
	if (f->only_with)
		value = arena_printf(c->arena, "%s; only with '%s'", value,
			text_join(c->arena, f->only_with, keys_count(f->only_with), "', '", "' or '"));
	if (f->not_with)
		value = arena_printf(c->arena, "%s; not with '%s'", value, f->not_with);
	fprintf(out, ".It Ic %s\n", path);
	mdoc_text(out, f->doc);
	fputs(".br\n", out);
	mdoc_text(out, arena_printf(c->arena, "(%s)", value));
}

/* The keys of S below PATH, each before what lies in it. */
static void
print_schema(FILE *out, struct compilation *c, const char *path, const struct schema *s)
{
	for (const struct field *f = s->fields; f->key; f++) {
		const char *key = arena_printf(c->arena, "%s%s%s", path, *path ? "." : "", f->key);

		print_field(out, c, key, f);
		if (f->kind == KIND_MAPPINGS)
			key = arena_printf(c->arena, "%s[]", key);
		else if (f->kind == KIND_NAMED)
			key = arena_printf(c->arena, "%s.NAME", key);
		if (f->of)
			print_schema(out, c, key, f->of);
		if (f->of && f->of->suffixed)
			print_schema(out, c, arena_printf(c->arena, "%s%s", key, f->of->suffix), f->of->suffixed);
	}
}

void
read_print_manual(FILE *out)
{
	struct compilation c = {.arena = arena_new()};

	mdoc_text(out, "A manifest is YAML and describes one disk image. These are all its keys, by their paths: NAME stands for a name of the "
		"user's, [] for an item of a list. A size is a whole number and a unit (B, KiB, MiB, GiB, TiB, or s for the disk's sectors).");
	fputs(".Bl -tag -width Ds\n", out);
	print_schema(out, &c, "", &manifest_schema);
	fputs(".El\n", out);
	arena_free(c.arena);
}

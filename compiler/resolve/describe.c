/* Decides what of an ELF file can be told in lines of text, so that two of them can be compared by these. */
#include "resolve/resolve.h"

#include <inttypes.h>
#include <string.h>

#include "resolve/notes.h"
#include "support/text.h"

struct description {
	struct arena *arena;
	const char *text;
};

/* A line of NAME and VALUE, unless that is NULL. */
static void
tell(struct description *d, const char *name, const char *value)
{
	if (value)
		d->text = arena_printf(d->arena, "%s%s %s\n", d->text, name, text_escape(d->arena, value));
}

static void
tell_facts(struct description *d, struct compilation *c, const struct elf_facts *facts, const struct elf_remarks *remarks)
{
	tell(d, "machine", facts_machine(c, facts));
	tell(d, "interpreter", facts->interp);
	tell(d, "soname", facts->soname);
	tell(d, "rpath", facts->rpath);
	tell(d, "runpath", facts->runpath);
	for (size_t i = 0; i < facts->needed_count; i++)
		tell(d, "needed", facts->needed[i].name);
	tell(d, "build id", remarks->build_id);
	for (size_t i = 0; i < facts->load_count; i++)
		tell(d, "segment", arena_printf(d->arena, "%zu: %" PRIu64 " bytes", i + 1, facts->loads[i].size));
}

/* What is wrong with the file is not for whom it is described to. */
const char *
resolve_describe(struct arena *a, const char *bytes, uint64_t size)
{
	struct compilation own = {.arena = arena_new(), .diags = {.arena = NULL}};
	struct content content = {.kind = CONTENT_BYTES, .size = size, .bytes = bytes, .shown = ""};
	struct bytes open = {.c = &own, .content = &content, .fd = -1};
	struct description d = {.arena = own.arena, .text = ""};
	struct elf_remarks remarks = {.open_count = 0};
	struct elf_facts facts = {.broken = NULL};
	const char *text = NULL;

	own.diags.arena = own.arena;
	if (size >= 4 && memcmp(bytes, "\177ELF", 4) == 0 && facts_read(&open, &facts) && notes_read(&open, &facts, &remarks)) {
		tell_facts(&d, &own, &facts, &remarks);
		text = arena_strdup(a, d.text);
	}
	arena_free(own.arena);
	return text;
}

/* Decides what `rootc explain NAME` says. */
#include "view/view.h"

#include <string.h>

#include "support/arena.h"
#include "support/mdoc.h"

static const char *const severities[] = {
	[DIAG_ERROR] = "an error",
	[DIAG_WARNING] = "a warning",
	[DIAG_REFUSAL] = "an error",
};

static const char *const classes[] = {
	[DIAG_ANSWER] = "that is an answer",
	[DIAG_MANIFEST] = "in the manifest",
	[DIAG_INPUT] = "in an input",
	[DIAG_OUTPUT] = "of the output or the host",
};

/* What it is, and what it does to the exit status. */
static const char *
class_of(struct arena *a, const struct diag_entry *entry)
{
	const char *text = arena_printf(a, "%s %s", severities[entry->severity], classes[entry->class]);

	if (entry->severity != DIAG_WARNING)
		text = arena_printf(a, "%s; exit status %d", text, (int)entry->class);
	if (entry->severity == DIAG_REFUSAL)
		text = arena_printf(a, "%s; a warning with --allow %s", text, entry->name);
	return text;
}

static void
print_entry(FILE *out, const struct diag_entry *entry)
{
	struct arena *a = arena_new();

	fprintf(out, "%s: %s\n(%s)\n\n%s\n", entry->name, entry->summary, class_of(a, entry), entry->explanation);
	arena_free(a);
}

void
view_explanation_page(FILE *out, const struct diag_entry *entry)
{
	struct arena *a = arena_new();

	mdoc_text(out, arena_printf(a, "%s (%s)\n\n%s", entry->summary, class_of(a, entry), entry->explanation));
	arena_free(a);
}

bool
view_explanation(FILE *out, const char *name)
{
	for (size_t i = 0; i < DIAG_KINDS; i++) {
		if (strcmp(diag_catalogue[i].name, name) == 0) {
			print_entry(out, &diag_catalogue[i]);
			return true;
		}
	}
	return false;
}

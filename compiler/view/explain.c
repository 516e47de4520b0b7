/* Decides what `rootc explain NAME` says. */
#include "view/view.h"

#include <string.h>

static const char *const severities[] = {
	[DIAG_ERROR] = "an error",
	[DIAG_WARNING] = "a warning",
	[DIAG_REFUSAL] = "an error",
};

static const char *const classes[] = {
	[DIAG_MANIFEST] = "in the manifest",
	[DIAG_INPUT] = "in an input",
	[DIAG_OUTPUT] = "of the output or the host",
};

static void
print_entry(FILE *out, const struct diag_entry *entry)
{
	fprintf(out, "%s: %s\n(%s %s", entry->name, entry->summary, severities[entry->severity], classes[entry->class]);
	if (entry->severity != DIAG_WARNING)
		fprintf(out, "; exit status %d", (int)entry->class);
	if (entry->severity == DIAG_REFUSAL)
		fprintf(out, "; a warning with --allow %s", entry->name);
	fprintf(out, ")\n\n%s\n", entry->explanation);
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

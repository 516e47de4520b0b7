#include "command/command.h"

#include <string.h>

#include "support/arena.h"
#include "support/compilation.h"
#include "support/text.h"

static const char *const *
diagnostic_names(void)
{
	static const char *names[DIAG_KINDS + 1];

	for (size_t i = 0; i < DIAG_KINDS; i++)
		names[i] = diag_catalogue[i].name;
	return names;
}

static enum rootc_status
unknown(const char *name)
{
	struct rootc *r = rootc_new(&(struct rootc_options){0});
	struct arena *a = rootc_compilation(r)->arena;
	size_t count;
	const char *const *keys = rootc_keys(r, &count);
	const char **names = ARENA_ARRAY(a, const char *, DIAG_KINDS + count), *nearest;

	memcpy(names, diagnostic_names(), DIAG_KINDS * sizeof *names);
	memcpy(names + DIAG_KINDS, keys, count * sizeof *keys);
	nearest = text_nearest(name, names, DIAG_KINDS + count);
	if (nearest)
		usage_error("there is no diagnostic and no key '%s'; did you mean '%s'?", name, nearest);
	else
		usage_error("there is no diagnostic and no key '%s'; 'rootc explain' lists the diagnostics, 'rootc schema' the keys", name);
	rootc_free(r);
	return ROOTC_USAGE;
}

static enum rootc_status
run(const struct invocation *in)
{
	const char *name = in->operand_count ? in->operands[0] : NULL;

	if (name)
		return view_explanation(stdout, name) || rootc_explain_key(stdout, name) ? ROOTC_DONE : unknown(name);
	for (size_t i = 0; i < DIAG_KINDS; i++)
		printf("%-32s %s\n", diag_catalogue[i].name, diag_catalogue[i].summary);
	return ROOTC_DONE;
}

const struct command command_explain = {
	.name = "explain",
	.operands = "[NAME]",
	.summary = "tell what a diagnostic or a key of the manifest means",
	.details = "NAME is what stands in brackets at the end of a message, or a key: size, disk.size. Without it, lists all diagnostics.\n",
	.run = run,
	.words = diagnostic_names,
	.mask = ON_EXPLAIN,
	.operands_most = 1,
};

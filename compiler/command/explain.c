#include "command/command.h"

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
	const char *nearest = text_nearest(name, diagnostic_names(), DIAG_KINDS);

	if (nearest)
		usage_error("there is no diagnostic '%s'; did you mean '%s'?", name, nearest);
	else
		usage_error("there is no diagnostic '%s'; 'rootc explain' lists them", name);
	return ROOTC_USAGE;
}

static enum rootc_status
run(const struct invocation *in)
{
	if (in->operand_count)
		return view_explanation(stdout, in->operands[0]) ? ROOTC_DONE : unknown(in->operands[0]);
	for (size_t i = 0; i < DIAG_KINDS; i++)
		printf("%-32s %s\n", diag_catalogue[i].name, diag_catalogue[i].summary);
	return ROOTC_DONE;
}

const struct command command_explain = {
	.name = "explain",
	.operands = "[NAME]",
	.summary = "tell what a diagnostic means and what to do",
	.details = "NAME is what stands in brackets at the end of a message. Without it, lists all of them.\n",
	.run = run,
	.words = diagnostic_names,
	.mask = ON_EXPLAIN,
	.operands_most = 1,
};

#include "command/command.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_check(r, in->operands[0]);

	if (status == ROOTC_DONE && !rootc_checked_inputs(r) && !view_is_document(in->message_format) && in->verbosity != VERBOSITY_QUIET)
		fprintf(stderr, "rootc: the manifest is good; its inputs are not here yet, so nothing in them was checked\n");
	return invocation_end(in, r, status);
}

const struct command command_check = {
	.name = "check",
	.operands = "MANIFEST",
	.summary = "find every mistake in a manifest, and write nothing",
	.details = "Reads MANIFEST ('-': standard input). With its inputs in the store the whole image is planned, so that what does not\n"
		"fit or is missing is found too; without them, all that the manifest alone can get wrong.\n",
	.run = run,
	.mask = ON_CHECK,
	.operands_least = 1,
	.operands_most = 1,
};

#include "command/command.h"

#include "support/compilation.h"
#include "support/text.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_plan(r, in->operands[0]);
	struct compilation *c = rootc_compilation(r);

	if (status == ROOTC_DONE && !view_why(stdout, c, rootc_planned(r), in->operands[1])) {
		fprintf(stderr, "rootc: the image has no '%s'\n", text_escape(c->arena, in->operands[1]));
		status = ROOTC_NO;
	}
	return invocation_end(in, r, status);
}

const struct command command_why = {
	.name = "why",
	.operands = "MANIFEST PATH",
	.summary = "tell why a file is in the image",
	.details = "Prints the chain from the words of the manifest to PATH, and how each step was found. Exit status 1: the image has no PATH.\n",
	.run = run,
	.mask = ON_WHY,
	.operands_least = 2,
	.operands_most = 2,
};

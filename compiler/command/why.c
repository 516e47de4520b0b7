#include "command/command.h"

#include "support/compilation.h"
#include "support/text.h"

/* The answer for the PATH of the image; false when it has none. */
static bool
print_reason(const struct invocation *in, struct rootc *r, const char *path)
{
	if (in->json)
		return view_why_json(stdout, rootc_compilation(r), rootc_planned(r), path);
	return view_why(stdout, rootc_compilation(r), rootc_planned(r), path);
}

static enum rootc_status
print_closure(const struct invocation *in, struct rootc *r, const char *path)
{
	enum rootc_status status = rootc_closure_planned(r, path);

	if (status != ROOTC_DONE && status != ROOTC_NO)
		return status;
	if (in->json)
		view_closure_json(stdout, rootc_traced(r));
	else
		view_closure_tree(stdout, rootc_compilation(r), rootc_traced(r));
	return status;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_plan(r, in->operands[0]);

	if (status == ROOTC_DONE && in->tree) {
		status = print_closure(in, r, in->operands[1]);
	} else if (status == ROOTC_DONE && !print_reason(in, r, in->operands[1])) {
		fprintf(stderr, "rootc: the image has no '%s'\n",
			text_escape(rootc_compilation(r)->arena, in->operands[1]));
		status = ROOTC_NO;
	}
	return invocation_end(in, r, status);
}

const struct command command_why = {
	.name = "why",
	.operands = "MANIFEST PATH",
	.summary = "tell why a file is in the image",
	.details = "Prints the chain from the words of the manifest to PATH, and how each step was found. With --tree,\n"
		"all that the program at PATH needs in the image, as its loader finds it. Exit status 1: the image has no PATH.\n",
	.run = run,
	.mask = ON_WHY,
	.operands_least = 2,
	.operands_most = 2,
};

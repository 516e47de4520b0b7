#include "command/command.h"

static void
print(const struct invocation *in, struct rootc *r)
{
	const struct plan *plan = rootc_planned(r);
	struct compilation *c = rootc_compilation(r);

	if (in->json)
		view_plan_json(stdout, c, plan);
	if (in->tree)
		view_tree(stdout, c, plan);
	if (in->map)
		view_map(stdout, c, plan);
	if (!in->json && !in->tree && !in->map)
		view_plan(stdout, c, plan);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_plan(r, in->operands[0]);

	if (status == ROOTC_DONE)
		print(in, r);
	return invocation_end(in, r, status);
}

const struct command command_plan = {
	.name = "plan",
	.operands = "MANIFEST",
	.summary = "show what an image will hold, and where, without writing it",
	.details = "Without an option, a page for people: sizes, what is largest, what shadows what.\n",
	.run = run,
	.mask = ON_PLAN,
	.operands_least = 1,
	.operands_most = 1,
};

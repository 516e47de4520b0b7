#include "command/next.h"

#include "support/compilation.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_fetch(r, in->operands[0]);

	if (status == ROOTC_DONE)
		next_say(in, rootc_compilation(r)->arena, "build", next_inputs(in, rootc_compilation(r)->arena), in->operands[0]);
	return invocation_end(in, r, status);
}

const struct command command_fetch = {
	.name = "fetch",
	.operands = "MANIFEST",
	.summary = "bring the locked packages into the store",
	.details = "Downloads what the lock of MANIFEST names and the store has not yet, through the host's apt, checks size and SHA-256, and\n"
		"unpacks it into the store by hash. No script of a package is ever run. Uses the network.\n",
	.run = run,
	.mask = ON_FETCH,
	.operands_least = 1,
	.operands_most = 1,
	.starts_processes = true,
};

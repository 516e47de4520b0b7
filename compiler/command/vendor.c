#include "command/command.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);

	return invocation_end(in, r, rootc_vendor(r, in->operands[0], in->operands[1]));
}

const struct command command_vendor = {
	.name = "vendor",
	.operands = "MANIFEST DIR",
	.summary = "copy all that the lock names into a directory",
	.details = "Puts what the locked packages of MANIFEST hold, which must have been fetched, and what its archives hold into DIR, so that\n"
		"'rootc build --vendor DIR' needs nothing but DIR, the manifest, its lock, and what lies beside it: no store and no network. What\n"
		"is in DIR already stays, and several manifests can share one. Each file is hashed while it is copied.\n",
	.run = run,
	.mask = ON_VENDOR,
	.operands_least = 2,
	.operands_most = 2,
};

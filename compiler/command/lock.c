#include "command/command.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);

	return invocation_end(in, r, rootc_lock(r, in->operands[0]));
}

const struct command command_lock = {
	.name = "lock",
	.operands = "MANIFEST",
	.summary = "pin the packages of a manifest to today's versions",
	.details = "Asks the host's apt, unprivileged and with a state directory of its own in the store, for the packages that MANIFEST\n"
		"names and all that they depend on, and writes NAME.lock beside the manifest: file, version, size and SHA-256 of each.\n"
		"Commit it: a manifest and its lock decide every byte of the image. Uses the network.\n",
	.run = run,
	.mask = ON_LOCK,
	.operands_least = 1,
	.operands_most = 1,
	.starts_processes = true,
};

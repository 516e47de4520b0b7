#include "command/next.h"

#include <limits.h>

#include "support/compilation.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc_update update = {.packages = in->update.packages, .names = (const char *const *)in->operands + 1,
		.count = (size_t)in->operand_count - 1};
	const struct lock *before, *after;
	enum rootc_status status;
	struct rootc *r;

	if (update.count && !update.packages)
		return usage_error("'%s': names say what --update is to move", in->operands[1]);
	if (update.packages && in->options.locked == ROOTC_LOCKED_YES)
		return usage_error("--update changes the lock, and --locked forbids that");
	r = invocation_begin(in);
	status = rootc_lock(r, in->operands[0], &update);
	if (status == ROOTC_DONE && (after = rootc_locked(r, &before)) && in->verbosity != VERBOSITY_QUIET) {
		view_lock(stdout, rootc_compilation(r), before, after);
		/* What only others need is known once the packages are here. */
		next_say(in, rootc_compilation(r)->arena, after->closure.given ? "build" : "fetch", next_inputs(in, rootc_compilation(r)->arena),
			in->operands[0]);
	}
	return invocation_end(in, r, status);
}

const struct command command_lock = {
	.name = "lock",
	.operands = "MANIFEST [NAME]...",
	.summary = "pin what the inputs of a manifest stand for",
	.details = "Writes NAME.lock beside the manifest: file, version, size and SHA-256 of each package that MANIFEST names and of all that they\n"
		"depend on, the digests of its directories, archives, OCI images, single files and own files, and, once they are fetched, what\n"
		"enters the image only because something needs it. Packages that are locked already stay as they are; --update takes today's.\n"
		"What moved is printed, sizes being those of the packages. About packages it asks the host's apt, unprivileged and with a state\n"
		"directory of its own in the store, by the network, and of the archives that the manifest names as 'sources' or else the host's;\n"
		"about nothing else. Commit the lock: a manifest and its lock decide every byte of the image. With --locked it only tells\n"
		"whether the lock is right.\n",
	.run = run,
	.mask = ON_LOCK,
	.operands_least = 1,
	.operands_most = INT_MAX,
	.starts_processes = true,
};

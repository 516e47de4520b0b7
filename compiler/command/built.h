#ifndef COMMAND_BUILT_H
#define COMMAND_BUILT_H

#include "command/command.h"

/*
 * Tells on standard output, and in the summary if there is to be one, what came of a build of MANIFEST, but for what was found wrong.
 * Gives STATUS, or that of a summary that cannot be written.
 */
enum rootc_status built_tell(const struct invocation *, struct rootc *, const char *manifest, const struct rootc_built *,
	enum rootc_status status);

/* Builds the COUNT targets with these manifests, several at once, and tells of each in their order, then of all. */
enum rootc_status build_targets(const struct invocation *, const char *const *targets, size_t count);

#endif

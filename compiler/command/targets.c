#include "command/command.h"

#include <limits.h>

#include "support/compilation.h"
#include "support/text.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	const char *const *targets;
	size_t count;
	enum rootc_status status = rootc_targets(r, (const char *const *)in->operands, (size_t)in->operand_count, &targets, &count);

	for (size_t i = 0; status == ROOTC_DONE && i < count; i++)
		if (invocation_takes(in, i))
			printf("%s\n", text_escape(rootc_compilation(r)->arena, targets[i]));
	return invocation_end(in, r, status);
}

const struct command command_targets = {
	.name = "targets",
	.operands = "MANIFEST|DIR...",
	.summary = "list the manifests in a directory that are targets",
	.details = "Prints a line for each manifest that 'rootc build' with the same operands would build, in the order of their names. In a\n"
		"directory these are the files that end in .yaml or .yml and have the key 'rootc' or 'extends', but for a mere base: one that\n"
		"another of them extends and that lacks a key which a target must have. Directories below are not looked into.\n",
	.run = run,
	.mask = ON_TARGETS,
	.operands_least = 1,
	.operands_most = INT_MAX,
};

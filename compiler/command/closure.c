#include "command/command.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/compilation.h"

static void
print(const struct invocation *in, struct rootc *r)
{
	const struct traces *traces = rootc_traced(r);
	struct compilation *c = rootc_compilation(r);

	if (in->json)
		view_closure_json(stdout, traces);
	else if (in->tree)
		view_closure_tree(stdout, c, traces);
	else
		view_closure(stdout, c, traces);
}

/* The operands as paths in the root: a relative one starts at the root, or without --root at the working directory. */
static const char **
absolute_paths(struct arena *a, const struct invocation *in)
{
	const char **paths = ARENA_ARRAY(a, const char *, (size_t)in->operand_count);
	char here[PATH_MAX] = "";

	if (!in->root && !getcwd(here, sizeof here))
		return NULL;
	for (int i = 0; i < in->operand_count; i++)
		paths[i] = in->operands[i][0] == '/' ? in->operands[i] : arena_printf(a, "%s/%s", here, in->operands[i]);
	return paths;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	const char **paths = absolute_paths(rootc_compilation(r)->arena, in);
	enum rootc_status status;

	if (!paths) {
		fprintf(stderr, "rootc: error: cannot tell the working directory: %s\n", strerror(errno));
		return invocation_end(in, r, ROOTC_INPUT);
	}
	status = rootc_closure(r, in->root ? in->root : "/", &in->closure, paths, (size_t)in->operand_count);
	if (rootc_traced(r))
		print(in, r);
	return invocation_end(in, r, status);
}

const struct command command_closure = {
	.name = "closure",
	.operands = "PROGRAM...",
	.summary = "tell what programs need, as their loaders find it",
	.details = "Prints a line 'PROGRAM<TAB>NEEDED => PATH' for each file that the loader of PROGRAM would load, as ldd does, but runs\n"
		"nothing, opens nothing outside the root, and needs no manifest. PROGRAM is a path in the root: a program, a library or a\n"
		"script, of any machine. Exit status 1: something is not found.\n",
	.run = run,
	.mask = ON_CLOSURE,
	.operands_least = 1,
	.operands_most = INT_MAX,
};

#include "command/command.h"

#include <string.h>

#include "support/compilation.h"
#include "support/text.h"

/* The name of IMAGE without its ending. */
static const char *
usual_directory(struct arena *a, const char *image)
{
	const char *slash = strrchr(image, '/'), *name = slash ? slash + 1 : image, *dot = strrchr(name, '.');

	return arena_strndup(a, name, dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	struct compilation *c = rootc_compilation(r);
	const char *directory = in->output ? in->output : usual_directory(c->arena, in->operands[0]);
	enum rootc_status status = rootc_decompile(r, in->operands[0], directory);

	if (rootc_decompiled(r))
		view_decompiled(stdout, c, rootc_decompiled(r), directory);
	return invocation_end(in, r, status);
}

const struct command command_decompile = {
	.name = "decompile",
	.operands = "IMAGE",
	.summary = "make a manifest of an image, with the files it needs",
	.details = "Makes a directory (-o) with a manifest of its name and the files of IMAGE. Of an image that rootc made, 'rootc build' makes\n"
		"the same bytes again; of another one, an image that holds the same. What no manifest can say is told, here and at the head\n"
		"of the manifest; a partition that cannot be said by its files is one file. A directory that holds something is refused.\n\n"
		"'rootc verify IMAGE DIR/NAME.yaml' tells whether the same bytes come out.\n",
	.run = run,
	.mask = ON_DECOMPILE,
	.operands_least = 1,
	.operands_most = 1,
};

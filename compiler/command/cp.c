#include "command/operand.h"

#include <string.h>

#include "support/compilation.h"
#include "support/file.h"

/* The last name of PLACE, with which a copy enters the directory TO. */
static const char *
inside(struct arena *a, const char *to, const char *place)
{
	const char *name = strrchr(place, '/') + 1;

	return *name && file_is_directory(to) ? arena_printf(a, "%s/%s", to, name) : to;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = operand_find(r, in->operands[0]);

	if (status == ROOTC_DONE)
		status = rootc_copy(r, inside(rootc_compilation(r)->arena, in->operands[1], in->operands[0]));
	return invocation_end(in, r, status);
}

const struct command command_cp = {
	.name = "cp",
	.operands = "IMAGE[:PARTITION]:/PATH DEST",
	.summary = "copy a file out of an image",
	.details = "DEST is a file or a directory. An older file there stays until the new one, of mode 0644, is complete. Only regular files.\n",
	.run = run,
	.mask = ON_CP,
	.operands_least = 2,
	.operands_most = 2,
};

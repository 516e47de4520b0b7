#include "command/operand.h"

static bool
print(struct rootc *r)
{
	const struct content *content = rootc_content(r);

	return content && view_content(stdout, rootc_compilation(r), content);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = operand_find(r, in->operands[0]);

	if (status == ROOTC_DONE && !print(r))
		status = ROOTC_INPUT;
	return invocation_end(in, r, status);
}

const struct command command_cat = {
	.name = "cat",
	.operands = "IMAGE[:PARTITION]:/PATH",
	.summary = "print a file of an image",
	.details = "Its bytes as they are. Where the map of the file is damaged, what is missing reads as zeroes: 'rootc verify' tells.\n",
	.run = run,
	.mask = ON_CAT,
	.operands_least = 1,
	.operands_most = 1,
};

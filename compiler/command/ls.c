#include "command/operand.h"

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = operand_find(r, in->operands[0]);

	if (status == ROOTC_DONE)
		view_listing(stdout, rootc_compilation(r), rootc_found(r));
	return invocation_end(in, r, status);
}

const struct command command_ls = {
	.name = "ls",
	.operands = "IMAGE[:PARTITION]:/PATH",
	.summary = "show what is in a directory of an image",
	.details = "One line each: mode, owner, type, path, size or device or target. PARTITION is a number or a name, and needed only where several\n"
		"have files; nothing is mounted in it. IMAGE:/boot/initrd.img:/ is what an initial ramdisk holds, also for cat and cp.\n",
	.run = run,
	.mask = ON_LS,
	.operands_least = 1,
	.operands_most = 1,
};

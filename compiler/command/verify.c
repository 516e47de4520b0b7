#include "command/command.h"

/* Whether something in IMAGE is damaged; what is only foreign is shown, and no more. */
static bool
is_damaged(const struct image *image)
{
	for (size_t i = 0; i < image->finding_count; i++)
		if (finding_is_damage(image->findings[i].kind))
			return true;
	return image->findings_left_out > 0;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_load(r, in->operands[0]);

	if (status == ROOTC_DONE) {
		view_findings(stdout, rootc_compilation(r), rootc_loaded(r));
		if (is_damaged(rootc_loaded(r)))
			status = ROOTC_INPUT;
	}
	return invocation_end(in, r, status);
}

const struct command command_verify = {
	.name = "verify",
	.operands = "IMAGE",
	.summary = "check that an image is whole",
	.details = "Reads IMAGE back and checks its checksums, counts and bitmaps, and that no byte is used twice. One line for each thing that\n"
		"is wrong or not understood. Exit status 4: IMAGE is damaged.\n",
	.run = run,
	.mask = ON_VERIFY,
	.operands_least = 1,
	.operands_most = 1,
};

#include "command/command.h"

/* Whether what was found counts: all, or only what is not layout. */
static enum rootc_status
status_of(const struct invocation *in, const struct diff *diff, enum rootc_status status)
{
	return in->ignores_layout && diff->content_change_count == 0 ? ROOTC_DONE : status;
}

static void
print(const struct invocation *in, struct compilation *c, const struct diff *diff)
{
	if (in->json)
		view_diff_json(stdout, c, diff, in->ignores_layout);
	else if (in->html)
		view_diff_html(stdout, c, diff, in->ignores_layout);
	else if (in->markdown)
		view_diff_markdown(stdout, c, diff, in->ignores_layout);
	else if (in->stat)
		view_diff_stat(stdout, diff, in->ignores_layout);
	else
		view_diff(stdout, c, diff, in->ignores_layout);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_diff(r, in->operands[0], in->operands[1]);
	const struct diff *diff = rootc_compared(r);

	if (diff) {
		print(in, rootc_compilation(r), diff);
		status = status_of(in, diff, status);
	}
	return invocation_end(in, r, status);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "IMAGE IMAGE",
	.summary = "tell in what two images differ",
	.details = "Reads both back: the disk, file systems of ext2, ext3 and ext4, and their files. Then whose the bytes are that differ.\n"
		"Exit status 1: they differ.\n",
	.run = run,
	.mask = ON_DIFF,
	.operands_least = 2,
	.operands_most = 2,
};

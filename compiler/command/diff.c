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
compare(struct rootc *r, const struct invocation *in)
{
	const char *const images[] = {in->operands[0], in->operands[1]};

	if (!in->manifests)
		return rootc_diff(r, images[0], images[1]);
	return rootc_diff_causes(r, images, (const char *const[]){in->operands[2], in->operands[3]});
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r;
	enum rootc_status status;
	const struct diff *diff;

	if (in->operand_count != (in->manifests ? 4 : 2)) {
		fputs("usage: rootc diff [OPTION]... IMAGE IMAGE, or with --manifest IMAGE IMAGE MANIFEST MANIFEST\n", stderr);
		return ROOTC_USAGE;
	}
	r = invocation_begin(in);
	status = compare(r, in);
	diff = rootc_compared(r);
	if (diff) {
		print(in, rootc_compilation(r), diff);
		status = status_of(in, diff, status);
	}
	return invocation_end(in, r, status);
}

const struct command command_diff = {
	.name = "diff",
	.operands = "IMAGE IMAGE [MANIFEST MANIFEST]",
	.summary = "tell in what two images differ",
	.details = "Reads both back: the disk, file systems of ext2, ext3, ext4 and FAT, and their files. Then whose the bytes are that differ.\n"
		"With --manifest, each fact that differs is followed by its cause: the words of the manifests, and the package of a file,\n"
		"as far as they tell. Exit status 1: they differ.\n",
	.run = run,
	.mask = ON_DIFF,
	.operands_least = 2,
	.operands_most = 4,
};

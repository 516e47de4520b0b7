#include "command/command.h"

#include "support/compilation.h"
#include "support/text.h"

/* Shows what is wrong with IMAGE itself; the status, which was STATUS: what is only foreign does not change it. */
static enum rootc_status
tell_findings(struct rootc *r, const struct image *image, enum rootc_status status)
{
	view_findings(stdout, rootc_compilation(r), image);
	return image->damaged ? ROOTC_INPUT : status;
}

static enum rootc_status
verify_by_manifest(struct rootc *r, const char *image, const char *manifest)
{
	enum rootc_status status = rootc_verify(r, image, manifest);
	struct compilation *c = rootc_compilation(r);
	const struct diff *diff = rootc_compared(r);

	if (!diff)
		return status;
	if (status == ROOTC_DONE)
		printf("%s: what %s makes\n", text_escape(c->arena, image), text_escape(c->arena, manifest));
	else
		view_diff(stdout, c, diff, false);
	return tell_findings(r, diff->after, status);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status;

	if (in->operand_count == 2)
		return invocation_end(in, r, verify_by_manifest(r, in->operands[0], in->operands[1]));
	status = rootc_load(r, in->operands[0]);
	if (status == ROOTC_DONE)
		status = tell_findings(r, rootc_loaded(r), status);
	return invocation_end(in, r, status);
}

const struct command command_verify = {
	.name = "verify",
	.operands = "IMAGE [MANIFEST]",
	.summary = "check that an image is whole, or what a manifest makes",
	.details = "Reads IMAGE back and checks its checksums, counts and bitmaps, and that no byte is used twice. One line for each thing that\n"
		"is wrong or not understood. Exit status 4: IMAGE is damaged.\n\n"
		"With MANIFEST, also compares it with the image that this makes by its lock, and tells in what it differs, as diff does, what\n"
		"it should be first, and by which words of MANIFEST. Exit status 1: it differs.\n",
	.run = run,
	.mask = ON_VERIFY,
	.operands_least = 1,
	.operands_most = 2,
};

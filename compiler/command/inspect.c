#include "command/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* The owner of the byte that --offset names. */
static enum rootc_status
print_offset(const struct invocation *in, struct rootc *r)
{
	const struct image *image = rootc_loaded(r);
	unsigned long long offset;
	char *end;

	errno = 0;
	offset = strtoull(in->offset, &end, 0);
	if (*in->offset < '0' || *in->offset > '9' || *end || errno || offset >= image->size)
		return usage_error("--offset takes the number of a byte of the image, below %" PRIu64 ", not '%s'", image->size, in->offset);
	view_owner(stdout, rootc_compilation(r), image, offset);
	return ROOTC_DONE;
}

static void
print(const struct invocation *in, struct rootc *r)
{
	const struct image *image = rootc_loaded(r);
	struct compilation *c = rootc_compilation(r);

	if (in->json)
		view_image_json(stdout, c, image);
	if (in->svg)
		view_image_svg(stdout, c, image);
	if (in->html)
		view_image_html(stdout, c, image);
	if (in->tree)
		view_image_tree(stdout, c, image);
	if (in->map)
		view_image_map(stdout, c, image);
	if (in->owners)
		view_owners(stdout, c, image);
	if (!in->json && !in->svg && !in->html && !in->tree && !in->map && !in->owners)
		view_image(stdout, c, image);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = rootc_load(r, in->operands[0]);

	if (status == ROOTC_DONE && in->offset)
		status = print_offset(in, r);
	else if (status == ROOTC_DONE)
		print(in, r);
	return invocation_end(in, r, status);
}

const struct command command_inspect = {
	.name = "inspect",
	.operands = "IMAGE",
	.summary = "show what an image holds, and whose each byte is",
	.details = "Reads IMAGE back: table, boot code, ext2, ext3, ext4, FAT and swap space. Without an option, a page for people, with what is\n"
		"wrong or not understood. A name of a partition that only the manifest has is shown as its number, and nothing is mounted.\n",
	.run = run,
	.mask = ON_INSPECT,
	.operands_least = 1,
	.operands_most = 1,
};

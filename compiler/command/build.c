#include "command/command.h"

#include "support/arena.h"
#include "support/compilation.h"
#include "support/text.h"

/* "board.img in images.sums: the same" */
static void
print_golden(struct arena *a, const struct invocation *in, const struct rootc_built *built)
{
	static const char *const words[] = {
		[ROOTC_GOLDEN_SAME] = "is the golden image",
		[ROOTC_GOLDEN_UPDATED] = "is the golden image from now on; its sum has been changed",
		[ROOTC_GOLDEN_ADDED] = "is the golden image from now on; its sum has been added",
	};

	printf("%s: %s %s\n", text_escape(a, in->options.golden), text_escape(a, built->path), words[built->golden]);
}

static enum rootc_status
run(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	struct rootc_built built = {0};
	enum rootc_status status;
	struct arena *a = rootc_compilation(r)->arena;

	if (in->options.updates_golden && !in->options.golden)
		return rootc_free(r), usage_error("--update-golden changes the list that --golden names, and there is none");
	status = rootc_build(r, in->operands[0], in->output, &built);
	if (status == ROOTC_DONE) {
		printf("%s: %s\n", text_escape(a, built.path), text_bytes(a, built.bytes));
		if (built.sha256[0])
			printf("sha256 %s\n", built.sha256);
		if (built.current)
			puts("nothing to do: all that it is made of is as it was");
		if (built.unchanged)
			puts("unchanged: the file had these bytes already");
		if (built.golden)
			print_golden(a, in, &built);
		if (built.kept)
			printf("%s kept from %s\n", text_bytes(a, built.kept), text_escape(a, in->options.base));
		if (built.kept_none)
			printf("nothing kept from %s: %s\n", text_escape(a, in->options.base), text_escape(a, built.kept_none));
	}
	if (rootc_compared(r))
		view_diff(stdout, rootc_compilation(r), rootc_compared(r), false);
	return invocation_end(in, r, status);
}

const struct command command_build = {
	.name = "build",
	.operands = "MANIFEST",
	.summary = "write the disk image",
	.details = "Writes NAME.img in the current directory, or the file after -o. An older image stays until the new one is complete. Uses\n"
		"no network and starts no process; the bytes depend on the manifest and its lock alone. With --base, a record of what the\n"
		"image was made of is left beside it, and where the file system can share blocks, only what changed is read and written.\n"
		"When nothing has changed since it was built, which .IMAGE.stamp beside it tells, there is nothing to do; when the bytes are\n"
		"those that are there, the file stays as it is. With -MD, make and ninja learn when to run this again.\n"
		"With --golden SUMS, an image whose SHA-256 is not that of the line with its name goes to OUTPUT.new instead, and what was at\n"
		"OUTPUT stays; exit status 1. Is that the golden image, or --base, then it is told in what the two differ.\n",
	.run = run,
	.mask = ON_BUILD,
	.operands_least = 1,
	.operands_most = 1,
};

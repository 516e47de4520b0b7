#include "command/built.h"
#include "command/next.h"

#include <limits.h>
#include <string.h>

#include "support/compilation.h"
#include "support/file.h"

/* An image that is there can be booted, whatever it was made of; one that nothing could start can be looked at. */
static void
say_next(const struct invocation *in, struct arena *a, const struct rootc_built *built)
{
	struct rootc_start start = rootc_start_of(built->path, built->sector_size);
	bool is_told = rootc_start_of(built->path, 0).sector_size == built->sector_size;

	next_say(in, a, start.bios || start.efi_x86_64 || start.efi_arm64 ? "run" : "inspect", is_told ? "" : " --sector-size 4KiB", built->path);
}

static enum rootc_status
build_one(const struct invocation *in)
{
	struct rootc *r = invocation_begin(in);
	struct rootc_built built = {0};
	enum rootc_status status = rootc_build(r, in->operands[0], in->output, &built);

	status = built_tell(in, r, in->operands[0], &built, status);
	if (status == ROOTC_DONE && next_is_asked(in))
		say_next(in, rootc_compilation(r)->arena, &built);
	return invocation_end(in, r, status);
}

/* An option that is of one image only, or NULL. */
static const char *
option_of_one(const struct invocation *in)
{
	for (int i = 0; i < in->operand_count; i++)
		if (strcmp(in->operands[i], "-") == 0)
			return "'-', the standard input,";
	return in->output ? "-o" : in->options.base ? "--base" : in->options.depfile ? "-MF" : NULL;
}

static enum rootc_status
build_several(const struct invocation *in)
{
	const char *option = option_of_one(in);
	const char *const *targets;
	enum rootc_status status;
	struct rootc *r;
	size_t count;

	if (option)
		return usage_error("%s is for one target; several become NAME.img each, in the current directory", option);
	r = invocation_begin(in);
	status = rootc_targets(r, (const char *const *)in->operands, (size_t)in->operand_count, &targets, &count);
	if (status != ROOTC_DONE)
		return invocation_end(in, r, status);
	status = build_targets(in, targets, count);
	rootc_free(r);
	return status;
}

static enum rootc_status
run(const struct invocation *in)
{
	if (in->options.updates_golden && !in->options.golden)
		return usage_error("--update-golden changes the list that --golden names, and there is none");
	if (in->operand_count == 1 && !in->shards && !file_is_directory(in->operands[0]))
		return build_one(in);
	return build_several(in);
}

const struct command command_build = {
	.name = "build",
	.operands = "MANIFEST|DIR...",
	.summary = "write the disk image",
	.details = "Writes NAME.img in the current directory, or the file after -o. An older image stays until the new one is complete. Uses\n"
		"no network and starts no process; the bytes depend on the manifest and its lock alone. With --base, a record of what the\n"
		"image was made of is left beside it, and where the file system can share blocks, only what changed is read and written.\n"
		"When nothing has changed since it was built, which .IMAGE.stamp beside it tells, there is nothing to do; when the bytes are\n"
		"those that are there, the file stays as it is. With -MD, make and ninja learn when to run this again.\n"
		"With --golden SUMS, an image whose SHA-256 is not that of the line with its name goes to OUTPUT.new instead, and what was at\n"
		"OUTPUT stays; exit status 1. Is that the golden image, or --base, then it is told in what the two differ.\n"
		"Several manifests, or a directory for the targets in it (see 'rootc targets'), are built in one process, as many at once as -j\n"
		"says, which also share what they pack and hash alike. One that fails stops no other; the exit status is that of the gravest\n"
		"mistake, a manifest's before an input's before the host's. Messages come in the order of the targets.\n",
	.run = run,
	.mask = ON_BUILD,
	.operands_least = 1,
	.operands_most = INT_MAX,
};

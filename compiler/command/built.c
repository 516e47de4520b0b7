/* What is told of a build that has come to its end. */

#include "command/built.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"
#include "support/text.h"

enum { SUMMARY_MOST = 1024 * 1024 - 1 }; /* what GitHub takes of one step */

static void
print_built(FILE *out, struct arena *a, const struct invocation *in, const struct rootc_built *built)
{
	static const char *const golden[] = {
		[ROOTC_GOLDEN_SAME] = "is the golden image",
		[ROOTC_GOLDEN_UPDATED] = "is the golden image from now on; its sum has been changed",
		[ROOTC_GOLDEN_ADDED] = "is the golden image from now on; its sum has been added",
	};

	fprintf(out, "%s: %s\n", text_escape(a, built->path), text_bytes(a, built->bytes));
	if (built->sha256[0])
		fprintf(out, "sha256 %s\n", built->sha256);
	if (built->current)
		fputs("nothing to do: all that it is made of is as it was\n", out);
	if (built->unchanged)
		fputs("unchanged: the file had these bytes already\n", out);
	if (built->golden)
		fprintf(out, "%s: %s %s\n", text_escape(a, in->options.golden), text_escape(a, built->path), golden[built->golden]);
	if (built->kept)
		fprintf(out, "%s kept from %s\n", text_bytes(a, built->kept), text_escape(a, in->options.base));
	if (built->kept_none)
		fprintf(out, "nothing kept from %s: %s\n", text_escape(a, in->options.base), text_escape(a, built->kept_none));
}

/* What print_built says, as text. */
static const char *
built_text(struct arena *a, const struct invocation *in, const struct rootc_built *built)
{
	char *text = NULL;
	const char *kept;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		memory_exhausted();
	print_built(out, a, in, built);
	if (fclose(out) != 0)
		memory_exhausted();
	kept = arena_strdup(a, text);
	free(text);
	return kept;
}

/* Adds a summary behind what its file holds, as far as a summary may be long; 0, or an error number. */
static int
add_summary(struct compilation *c, const struct invocation *in, const char *title, const char *said, const struct diff *diff)
{
	int fd = open(in->summary, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644), error = 0;
	struct stat info;
	const char *text;

	if (fd < 0)
		return errno;
	if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode)) {
		error = EINVAL;
	} else if (info.st_size < SUMMARY_MOST) {
		text = view_summary(c, title, said, diff, (size_t)(SUMMARY_MOST - info.st_size));
		error = file_write_at(fd, text, strlen(text), info.st_size) < 0 ? errno : 0;
	}
	if (close(fd) < 0 && !error)
		error = errno;
	return error;
}

static enum rootc_status
summarize(struct rootc *r, const struct invocation *in, const char *manifest, const struct rootc_built *built, enum rootc_status status)
{
	struct compilation *c = rootc_compilation(r);
	const char *verdict = status == ROOTC_DONE ? "built" : status == ROOTC_NO ? "another image than the golden one" : "not built";
	const char *said = status == ROOTC_DONE ? built_text(c->arena, in, built) : "";
	const char *title = arena_printf(c->arena, "%s: %s", text_escape(c->arena, manifest), verdict);
	int error = add_summary(c, in, title, said, rootc_compared(r));

	if (!error)
		return status;
	usage_error("cannot write the summary '%s': %s", in->summary, error == EINVAL ? "not a regular file" : strerror(error));
	return status == ROOTC_DONE ? ROOTC_OUTPUT : status;
}

enum rootc_status
built_tell(const struct invocation *in, struct rootc *r, const char *manifest, const struct rootc_built *built, enum rootc_status status)
{
	if (status == ROOTC_DONE && in->verbosity != VERBOSITY_QUIET)
		print_built(stdout, rootc_compilation(r)->arena, in, built);
	if (rootc_compared(r))
		view_diff(stdout, rootc_compilation(r), rootc_compared(r), false);
	return in->summary ? summarize(r, in, manifest, built, status) : status;
}

/* Decides whether the output is apart from all that is read: an image must not take the place of an input, nor become part of one. */

#include "emit/emit.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <fcntl.h>

#include "support/compilation.h"

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Whether the directory that PATH lies in is DIRECTORY or below it: goes up by "..", so that links cannot deceive it. */
static bool
lies_inside(struct compilation *c, const char *path, const struct stat *directory)
{
	const char *slash = strrchr(path, '/');
	const char *up = !slash ? "." : slash == path ? "/" : arena_strndup(c->arena, path, (size_t)(slash - path));
	struct stat here, above;
	bool inside = false;
	int fd = open(up, O_PATH | O_DIRECTORY | O_CLOEXEC), next;

	while (fd >= 0 && fstat(fd, &here) == 0 && !(inside = same_file(&here, directory))) {
		next = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (next >= 0 && fstat(next, &above) == 0 && same_file(&here, &above)) {
			close(next);
			break;
		}
		close(fd);
		fd = next;
	}
	if (fd >= 0)
		close(fd);
	return inside;
}

bool
emit_is_apart(struct compilation *c, const char *path, const struct emit_role *role, const struct emit_input *inputs, size_t count)
{
	struct stat output, input;
	bool exists = stat(path, &output) == 0, apart = true;

	for (size_t i = 0; i < count; i++) {
		struct diag *d = NULL;

		if (stat(inputs[i].path, &input) < 0)
			continue; /* whoever reads it will say so */
		if (S_ISDIR(input.st_mode) && lies_inside(c, path, &input))
			d = diag(&c->diags, DIAG_OUTPUT_INSIDE_INPUT, inputs[i].at, "the %s '%s' lies inside the input '%s'", role->noun, path,
				inputs[i].path);
		else if (exists && same_file(&output, &input))
			d = diag(&c->diags, DIAG_OUTPUT_INSIDE_INPUT, inputs[i].at, "the %s '%s' is the input '%s' itself", role->noun, path,
				inputs[i].path);
		if (d)
			diag_help(d, "name another place after %s", role->option);
		apart &= !d;
	}
	return apart;
}

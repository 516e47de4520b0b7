/* Writes a list of sums again, with another sum for one image; every other byte stays. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "emit/emit.h"
#include "model/sums.h"
#include "support/compilation.h"
#include "support/file.h"

static const char *
with_line(struct arena *a, const struct sums *s, const char *hex)
{
	const struct source *text = s->source;
	bool ends = text->size == 0 || text->text[text->size - 1] == '\n';

	if (!s->at.line)
		return arena_printf(a, "%s%s%s%s  %s\n", text->text, ends ? "" : "\n", s->escaped ? "\\" : "", hex, s->name);
	return arena_printf(a, "%.*s%s%s", (int)source_offset(text, s->at.line, s->at.column), text->text, hex,
		text->text + source_offset(text, s->at.line, s->at.column + s->at.length));
}

bool
emit_sums(struct compilation *c, const struct sums *s, const struct digest *digest)
{
	char hex[DIGEST_HEX];
	const char *text = with_line(c->arena, s, digest_format(digest, hex)), *why = NULL;
	struct stat info;
	int error;

	if (lstat(s->path, &info) == 0 && !S_ISREG(info.st_mode))
		why = S_ISLNK(info.st_mode) ? "it is a symbolic link" : "it is no regular file";
	else if ((error = file_replace(c->arena, s->path, text, strlen(text))))
		why = strerror(error);
	if (why)
		diag(&c->diags, DIAG_GOLDEN_UNWRITABLE, source_whole(s->source), "cannot write the list of sums: %s", why);
	return !why;
}

/* Decides which line of a list of sums speaks of an image. The form is that of sha256sum(1), with its escapes. */

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "model/sums.h"
#include "read/read.h"
#include "read/stages.h"
#include "support/compilation.h"
#include "support/text.h"

enum { HEX = DIGEST_HEX - 1 };

static const struct limits limits = {.bytes = 1024 * 1024, .noun = "list of sums"};

/* NAME as sha256sum writes it: a backslash and the ends of lines are escaped. */
static const char *
escape(struct arena *a, const char *name)
{
	static const char special[] = "\\\n\r", letters[] = "\\nr";
	char *escaped = arena_alloc(a, 2 * strlen(name) + 1), *to = escaped;

	for (; *name; name++) {
		const char *found = strchr(special, *name);

		if (found)
			*to++ = '\\';
		*to++ = found ? letters[found - special] : *name;
	}
	return escaped;
}

static bool
is_sum(const char *text, size_t length)
{
	for (size_t i = 0; i < HEX; i++)
		if (i >= length || !isxdigit((unsigned char)text[i]))
			return false;
	return length > HEX + 2 && text[HEX] == ' ' && (text[HEX + 1] == ' ' || text[HEX + 1] == '*');
}

static bool
malformed(struct compilation *c, const struct sums *s, const char *line, size_t length)
{
	struct span at = source_span(s->source, (size_t)(line - s->source->text), length);

	diag_help(diag(&c->diags, DIAG_GOLDEN_MALFORMED, at, "a line that is no sum"),
		"a line is 64 hexadecimal digits, two spaces and the name of a file, as sha256sum prints it");
	return false;
}

/* Takes down LINE, whose sum is at SUM, if it is that of the image. */
static bool
take(struct compilation *c, struct sums *s, const char *line, const char *sum, size_t length)
{
	const char *name = sum + HEX + 2, *end = line + length;
	struct span at = source_span(s->source, (size_t)(sum - s->source->text), HEX);

	if (end - name > 2 && memcmp(name, "./", 2) == 0)
		name += 2;
	if ((sum > line) != s->escaped || (size_t)(end - name) != strlen(s->name) || memcmp(name, s->name, strlen(s->name)) != 0)
		return true;
	if (s->at.line) {
		diag_note(diag(&c->diags, DIAG_GOLDEN_MALFORMED, at, "a second sum of '%s'", s->name), s->at, "the first one");
		return false;
	}
	s->at = at;
	return digest_parse(arena_strndup(c->arena, sum, HEX), &s->digest);
}

static bool
read_lines(struct compilation *c, struct sums *s)
{
	bool good = true;

	for (uint32_t i = 1; i <= s->source->line_count; i++) {
		size_t length;
		const char *line = source_line(s->source, i, &length);
		size_t escaped = length > 0 && *line == '\\';

		if (length == 0 || *line == '#')
			continue;
		if (!is_sum(line + escaped, length - escaped))
			good = malformed(c, s, line, length);
		else
			good = take(c, s, line, line + escaped, length) && good;
	}
	return good;
}

/* What is wrong with the text is wrong with an input, and no mistake in the manifest. */
static const struct source *
read_text(struct compilation *c, const char *path)
{
	size_t before = c->diags.count;
	const struct source *source = read_source(c, path, (struct span){0}, &limits);

	for (size_t i = before; i < c->diags.count; i++)
		if (c->diags.list[i]->kind != DIAG_FILE_UNREADABLE)
			c->diags.list[i]->kind = DIAG_GOLDEN_MALFORMED;
	return source;
}

static bool
missing(struct compilation *c, const struct source *source, const char *what)
{
	diag_help(diag(&c->diags, DIAG_GOLDEN_MISSING, source_whole(source), "%s", what), "write it with --update-golden");
	return false;
}

const struct sums *
read_sums(struct compilation *c, const char *path, const char *image, bool may_lack)
{
	struct sums *s = ARENA_NEW(c->arena, struct sums);

	s->path = path;
	s->name = escape(c->arena, image);
	s->escaped = strcmp(s->name, image) != 0;
	if (access(path, F_OK) != 0) {
		s->source = source_new(c->arena, path, "", 0);
		return may_lack || missing(c, s->source, "there is no such list of sums") ? s : NULL;
	}
	if (!(s->source = read_text(c, path)) || !read_lines(c, s))
		return NULL;
	if (s->at.line || may_lack)
		return s;
	missing(c, s->source, arena_printf(c->arena, "it has no line for '%s'", s->name));
	return NULL;
}

/* Takes in the bytes of a manifest or a lock, and decides whether they are text that can be shown as what it is. */

#include "read/stages.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

/* The bytes that files of other kinds begin with. */
struct magic {
	const char *bytes;
	size_t size;
	const char *what;
};

static const struct magic magics[] = {
	{"\xff\xfe\0\0", 4, "UTF-32 text"},
	{"\0\0\xfe\xff", 4, "UTF-32 text"},
	{"\xff\xfe", 2, "UTF-16 text"},
	{"\xfe\xff", 2, "UTF-16 text"},
	{"\x7f" "ELF", 4, "an ELF file"},
	{"\x1f\x8b", 2, "gzip data"},
	{"\xfd" "7zXZ", 5, "xz data"},
	{"\x28\xb5\x2f\xfd", 4, "zstd data"},
	{"BZh", 3, "bzip2 data"},
	{"\x89PNG", 4, "a PNG picture"},
	{"!<arch>\n", 8, "an ar archive or a Debian package"},
	{"PK\x03\x04", 4, "a zip archive"},
	{"hsqs", 4, "a squashfs file system"},
	{"070701", 6, "a cpio archive"},
	{"%PDF-", 5, "a PDF document"},
};

enum { BOOT_MARK = 510, TAR_MARK = 257 }; /* offsets */

/* A source with nothing in it stands for a text of which nothing can be shown. */
static const struct source *
new_source(struct compilation *c, const char *name, const char *text, size_t size, struct span named_at)
{
	struct source *s = source_new(c->arena, name, text, size);

	s->named_at = named_at;
	return s;
}

/* What a manifest names is shown there; the user knows which one was named on the command line. */
static void
report_unreadable(struct compilation *c, const char *name, const char *noun, struct span named_at)
{
	const char *why = errno == EINVAL ? "not a regular file" : strerror(errno);
	bool is_directory = errno == EISDIR;
	struct diag *d;

	if (named_at.line)
		d = diag(&c->diags, DIAG_FILE_UNREADABLE, named_at, "cannot read '%s': %s", name, why);
	else
		d = diag(&c->diags, DIAG_FILE_UNREADABLE, source_whole(new_source(c, name, "", 0, named_at)), "cannot read the %s: %s",
			noun, why);
	if (is_directory)
		diag_help(d, "name the %s in it", noun);
}

/* Reads one byte more than LIMITS allow, so that too much shows. NULL with a diagnostic. */
static char *
read_bytes(struct compilation *c, const char *path, const char *name, struct span named_at, const struct limits *limits, size_t *size)
{
	bool from_stdin = strcmp(path, "-") == 0;
	int fd = from_stdin ? STDIN_FILENO : file_open(path);
	char *text = NULL;
	ssize_t got;

	if (fd < 0) {
		report_unreadable(c, name, limits->noun, named_at);
		return NULL;
	}
	if (!from_stdin)
		seen_file(c, path, fd);
	text = arena_alloc(c->arena, limits->bytes + 2);
	got = file_read(fd, text, limits->bytes + 1);
	if (got < 0)
		report_unreadable(c, name, limits->noun, named_at);
	if (!from_stdin)
		close(fd);
	*size = got < 0 ? 0 : (size_t)got;
	return got < 0 ? NULL : text;
}

/* Whether of each of the first two groups of four bytes only that at INDEX is not zero. */
static bool
is_wide(const char *text, size_t index)
{
	for (size_t i = 0; i < 8; i++)
		if (!text[i] != (i % 4 != index))
			return false;
	return true;
}

/* What TEXT is when it is not even meant to be UTF-8, or NULL. */
static const char *
foreign_kind(const char *text, size_t size)
{
	for (size_t i = 0; i < sizeof magics / sizeof *magics; i++)
		if (size >= magics[i].size && memcmp(text, magics[i].bytes, magics[i].size) == 0)
			return magics[i].what;
	if (size >= BOOT_MARK + 2 && memcmp(text + BOOT_MARK, "\x55\xaa", 2) == 0)
		return "a disk image or a kernel";
	if (size >= TAR_MARK + 5 && memcmp(text + TAR_MARK, "ustar", 5) == 0)
		return "a tar archive";
	/* ASCII in UTF-16 has every other byte zero, in UTF-32 three of four. */
	if (size >= 4 && !text[0] != !text[1] && !text[2] == !text[0] && !text[3] == !text[1])
		return "UTF-16 text";
	if (size >= 8 && (is_wide(text, 0) || is_wide(text, 3)))
		return "UTF-32 text";
	return NULL;
}

static void
report_character(struct compilation *c, const struct source *s, size_t offset, int32_t point)
{
	struct span at = source_span(s, offset, text_sequence_length(s->text + offset, s->size - offset));
	unsigned byte = (unsigned char)s->text[offset];
	struct diag *d;

	if (point < 0) {
		d = diag(&c->diags, DIAG_NOT_UTF8, at, "byte 0x%02x does not belong to valid UTF-8", byte);
		diag_help(d, "save the file as UTF-8");
	} else if (point == '\r') {
		d = diag(&c->diags, DIAG_CHARACTER_FORBIDDEN, at, "a carriage return without a line feed");
		diag_help(d, "end lines with a line feed, with or without a carriage return before it");
	} else if (text_is_space(point)) {
		d = diag(&c->diags, DIAG_CHARACTER_FORBIDDEN, at, "a line indented with U+%04X, which is not a space to YAML",
			(unsigned)point);
		diag_help(d, "indent with plain spaces");
	} else if (point == 0) {
		diag(&c->diags, DIAG_CHARACTER_FORBIDDEN, at, "a NUL byte");
	} else {
		d = diag(&c->diags, DIAG_CHARACTER_FORBIDDEN, at, "U+%04X, %s", (unsigned)point,
			text_fault(point));
		diag_help(d, "remove it, or write it as an escape in a text in double quotes");
	}
}

/* Whether POINT at OFFSET may stand in the text as it is; INDENTED: only spaces stand before it in its line. */
static bool
is_allowed(const struct source *s, size_t offset, int32_t point, bool indented)
{
	if (point == '\n' || point == '\t')
		return true;
	if (point == '\r')
		return offset + 1 < s->size && s->text[offset + 1] == '\n';
	return point >= 0 && !text_fault(point) && !(indented && text_is_space(point));
}

/* One bad character speaks for all: a file in the wrong encoding is one mistake. */
static bool
check_characters(struct compilation *c, const struct source *s)
{
	bool indented = true;

	for (size_t i = 0; i < s->size; i += text_sequence_length(s->text + i, s->size - i)) {
		int32_t point = text_decode(s->text + i, s->size - i);

		if (!is_allowed(s, i, point, indented)) {
			report_character(c, s, i, point);
			return false;
		}
		indented = point == '\n' || (indented && point == ' ');
	}
	return true;
}

const struct source *
read_source(struct compilation *c, const char *path, struct span named_at, const struct limits *limits)
{
	const char *name = strcmp(path, "-") == 0 ? "<stdin>" : *path ? path : "''", *kind;
	const struct source *s;
	size_t size;
	char *text = read_bytes(c, path, name, named_at, limits, &size);

	if (!text)
		return NULL;
	if ((kind = foreign_kind(text, size))) {
		diag_help(diag(&c->diags, DIAG_NOT_UTF8, source_span(new_source(c, name, "", 0, named_at), 0, 0),
			"the %s is not UTF-8: this is %s", limits->noun, kind),
			"a %s is plain text in UTF-8", limits->noun);
		return NULL;
	}
	if (size > limits->bytes) {
		diag_help(diag(&c->diags, DIAG_MANIFEST_TOO_LARGE, source_span(new_source(c, name, "", 0, named_at), 0, 0),
			"the %s is larger than %s", limits->noun, text_bytes(c->arena, limits->bytes)),
			"keep large contents in files of their own, and name them as 'source'");
		return NULL;
	}
	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		size -= 3;
	}
	s = new_source(c, name, text, size, named_at);
	return check_characters(c, s) ? s : NULL;
}

/*
 * The text for libyaml: before 0.2.3 it refused the directive %YAML 1.2, which changes nothing for it since. So that its version
 * does not decide what a manifest is, it is shown 1.1 there, which is as long.
 */
const char *
source_as_yaml_1_1(struct arena *arena, const struct source *s)
{
	for (uint32_t line = 1; line <= s->line_count; line++) {
		size_t length, blanks;
		const char *text = source_line(s, line, &length);
		char *copy;

		if (length > 0 && *text != '#' && *text != '%')
			return s->text;
		if (length < 5 || memcmp(text, "%YAML", 5) != 0)
			continue;
		blanks = strspn(text + 5, " \t");
		if (strncmp(text + 5 + blanks, "1.2", 3) != 0)
			continue;
		copy = arena_strndup(arena, s->text, s->size);
		copy[text - s->text + 5 + (ptrdiff_t)blanks + 2] = '1';
		return copy;
	}
	return s->text;
}

/* Decides how a line of source looks on a terminal, and in which cells its carets stand. */
#include "view/snippet.h"

#include <string.h>

#include "support/arena.h"
#include "support/text.h"

enum {
	TAB_STOP = 8,
	LONGEST_LINE = 120, /* code points; a longer line ends ... */
	CUT_CELLS = 100,    /* ... after this many cells, and when the words stand further right than ... */
	CUT_FROM = 80,
	CUT_BEFORE = 40,    /* ... begins this many code points before them */
};

struct range {
	int32_t first, last;
};

/* Marks that stand on the character before them (Unicode, category Mn; the blocks that a manifest may meet). */
static const struct range combining[] = {
	{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0e31, 0x0e31},
	{0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
	{0xfe20, 0xfe2f},
};

/* Characters two cells wide (UAX #11, wide and fullwidth). */
static const struct range wide[] = {
	{0x1100, 0x115f}, {0x2329, 0x232a}, {0x2e80, 0x303e}, {0x3041, 0x4dbf}, {0x4e00, 0xa4cf}, {0xa960, 0xa97f},
	{0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f},
	{0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};

#define IN_RANGES(point, ranges) in_ranges((point), (ranges), sizeof(ranges) / sizeof *(ranges))

static bool
in_ranges(int32_t point, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return true;
	return false;
}

/* Prints one code point, or broken byte, that begins in CELL; how many cells it takes. */
static size_t
print_point(FILE *out, struct arena *a, const char *bytes, size_t length, size_t cell)
{
	size_t stop = TAB_STOP - cell % TAB_STOP;
	const char *shown;

	if (*bytes == '\t')
		return (size_t)fprintf(out, "%*s", (int)stop, "");
	if (*bytes == '\\') {
		fputc('\\', out);
		return 1;
	}
	shown = text_escape_bytes(a, bytes, length);
	fputs(shown, out);
	if (strlen(shown) != length || strncmp(shown, bytes, length) != 0)
		return strlen(shown);
	if (IN_RANGES(text_decode(bytes, length), combining))
		return 0;
	return IN_RANGES(text_decode(bytes, length), wide) ? 2 : 1;
}

/* The cells under the words, from the first shown one on. */
struct cells {
	size_t from, to;
};

static struct cells
print_line(FILE *out, struct arena *a, const struct span *at)
{
	struct cells carets = {0, 0};
	size_t size, length, cell = 0;
	const char *line = source_line(at->source, at->line, &size);
	bool cut = text_code_points(line, size) > LONGEST_LINE;
	uint32_t column = cut && at->column > CUT_FROM ? at->column - CUT_BEFORE : 1;
	size_t i = source_offset(at->source, at->line, column) - (size_t)(line - at->source->text);

	if (i > 0)
		cell += (size_t)fprintf(out, "...");
	for (; i < size && !(cut && cell >= CUT_CELLS); i += length, column++) {
		length = text_sequence_length(line + i, size - i);
		if (column <= at->column)
			carets.from = cell;
		cell += print_point(out, a, line + i, length, cell);
		if (column < at->column + at->length)
			carets.to = cell;
	}
	if (column <= at->column)
		carets.from = cell;
	fputs(i < size ? "...\n" : "\n", out);
	return carets;
}

void
snippet_print(FILE *out, struct arena *a, const struct span *at, const char *label, bool color)
{
	struct cells carets;
	int gutter;

	if (at->line > at->source->line_count)
		return;
	gutter = fprintf(out, "%5u | ", at->line);
	carets = print_line(out, a, at);
	fprintf(out, "%*s | %*s%s^", gutter - (int)strlen(" | "), "", (int)carets.from, "", color ? "\033[1;32m" : "");
	for (size_t i = carets.from + 1; i < carets.to; i++)
		fputc('~', out);
	fprintf(out, "%s%s%s\n", label ? " " : "", label ? text_escape(a, label) : "", color ? "\033[0m" : "");
}

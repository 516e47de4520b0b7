#include "support/source.h"

#include <string.h>

#include "support/arena.h"
#include "support/text.h"

/* The length of the line break at OFFSET, 0 when there is none. */
static size_t
break_at(const char *text, size_t size, size_t offset)
{
	if (text[offset] == '\n')
		return 1;
	if (text[offset] != '\r')
		return 0;
	return offset + 1 < size && text[offset + 1] == '\n' ? 2 : 1;
}

bool
span_is_same(struct span a, struct span b)
{
	return a.source == b.source && a.line == b.line && a.column == b.column;
}

struct source *
source_new(struct arena *a, const char *name, const char *text, size_t size)
{
	struct source *s = ARENA_NEW(a, struct source);
	size_t *starts = NULL;
	size_t count = 0, width;

	*ARENA_PUSH(a, starts, count) = 0;
	for (size_t i = 0; i < size; i += width ? width : 1)
		if ((width = break_at(text, size, i)))
			*ARENA_PUSH(a, starts, count) = i + width;
	s->name = name;
	s->text = text;
	s->size = size;
	s->line_start = starts;
	s->line_count = (uint32_t)count;
	s->named_at = (struct span){0};
	return s;
}

const char *
source_line(const struct source *s, uint32_t line, size_t *length)
{
	size_t start = s->line_start[line - 1];
	size_t end = line < s->line_count ? s->line_start[line] : s->size;

	while (end > start && (s->text[end - 1] == '\n' || s->text[end - 1] == '\r'))
		end--;
	*length = end - start;
	return s->text + start;
}

static uint32_t
line_of(const struct source *s, size_t offset)
{
	uint32_t low = 0, high = s->line_count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (s->line_start[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low + 1;
}

struct span
source_span(const struct source *s, size_t offset, size_t length)
{
	struct span at = {.source = s, .line = line_of(s, offset)};
	size_t line_length;
	const char *line = source_line(s, at.line, &line_length);
	size_t from = offset - (size_t)(line - s->text);

	if (from > line_length)
		from = line_length;
	if (length > line_length - from)
		length = line_length - from;
	at.column = 1 + (uint32_t)text_code_points(line, from);
	at.length = (uint32_t)text_code_points(line + from, length);
	return at;
}

size_t
source_offset(const struct source *s, uint32_t line, uint32_t column)
{
	size_t length, i = 0;
	const char *bytes = source_line(s, line, &length);

	for (uint32_t c = 1; c < column && i < length; c++)
		i += text_sequence_length(bytes + i, length - i);
	return (size_t)(bytes - s->text) + i;
}

struct span
source_whole(const struct source *s)
{
	return (struct span){.source = s};
}

struct span
source_part(struct span at, const char *text, const char *part, size_t length)
{
	size_t size = strlen(text), from;

	if (!at.source || !at.line)
		return at;
	from = source_offset(at.source, at.line, at.column);
	from += at.source->text[from] == '"' || at.source->text[from] == '\'';
	if (size > at.source->size - from || memcmp(at.source->text + from, text, size) != 0)
		return at;
	return source_span(at.source, from + (size_t)(part - text), length);
}

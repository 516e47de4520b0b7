#ifndef SUPPORT_SOURCE_H
#define SUPPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct source;

/* A place in a source. Line and column are 1-based, columns and length count code points; line 0: no place at all. */
struct span {
	const struct source *source;
	uint32_t line, column, length;
};

/* A text that diagnostics can point into. */
struct source {
	const char *name; /* as the user wrote it, shown in front of positions */
	const char *text; /* SIZE bytes and a NUL */
	size_t size;
	const size_t *line_start; /* byte offset of each line; lines end at LF, CRLF or CR */
	uint32_t line_count;
	struct span named_at; /* the words in another source for whose sake it was read; line 0: the user named it */
};

/* Whether both begin at the same place. */
bool span_is_same(struct span, struct span);

/* A source over TEXT (SIZE bytes followed by a NUL, kept, not copied), named by the user. Bytes need not be valid UTF-8. */
struct source *source_new(struct arena *, const char *name, const char *text, size_t size);

/* The span of the LENGTH bytes at byte OFFSET, cut at the end of its line; a broken byte counts as one code point. */
struct span source_span(const struct source *, size_t offset, size_t length);

/* The byte offset at which the code point COLUMN (1-based) of LINE (1-based) begins; at most the end of that line. */
size_t source_offset(const struct source *, uint32_t line, uint32_t column);

/* The bytes of LINE (1-based) without its end; *LENGTH is their number. */
const char *source_line(const struct source *, uint32_t line, size_t *length);

/* The span of the LENGTH bytes at PART of TEXT, which stands at AT; AT, where it does not stand there as it is, but quoted or folded. */
struct span source_part(struct span at, const char *text, const char *part, size_t length);

/* A span that names only a file, such as one that cannot be opened: it has no line. */
struct span source_whole(const struct source *);

#endif

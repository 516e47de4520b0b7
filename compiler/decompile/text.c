/* Decides how texts are written in a manifest. */
#include "decompile/stages.h"

#include <string.h>

#include "support/text.h"

enum { ESCAPE_MOST = sizeof "\\U0010ffff" };

static bool
is_shown(int32_t point)
{
	return point >= 0 && !text_fault(point) && (point == ' ' || !text_is_space(point));
}

/* What stands for POINT, or for the broken byte at TEXT, at TO; QUOTED: between double quotes. The end of it. */
static char *
put_point(char *to, const char *text, size_t length, int32_t point, bool quoted)
{
	if (quoted && (point == '"' || point == '\\')) {
		*to++ = '\\';
		*to++ = (char)point;
	} else if (is_shown(point)) {
		memcpy(to, text, length);
		to += length;
	} else if (point < 0x100) {
		to += sprintf(to, "\\x%02x", point < 0 ? (unsigned)(unsigned char)*text : (unsigned)point);
	} else {
		to += sprintf(to, point < 0x10000 ? "\\u%04x" : "\\U%08x", (unsigned)point);
	}
	return to;
}

static const char *
escaped(struct arena *a, const char *text, bool quoted, bool *is_utf8)
{
	size_t size = strlen(text), length;
	char *bytes = arena_alloc(a, size * ESCAPE_MOST + 3), *to = bytes;

	*is_utf8 = true;
	if (quoted)
		*to++ = '"';
	for (size_t i = 0; i < size; i += length) {
		int32_t point = text_decode(text + i, size - i);

		length = text_sequence_length(text + i, size - i);
		*is_utf8 &= point >= 0;
		to = put_point(to, text + i, length, point, quoted);
	}
	if (quoted)
		*to++ = '"';
	return bytes;
}

/* Whether TEXT means itself without quotes, in flow collections too. */
static bool
is_plain(const char *text)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.+-";

	return *text && strchr(first, *text) && text[strspn(text, rest)] == '\0' && strcmp(text, "null") != 0 &&
		strcmp(text, "Null") != 0 && strcmp(text, "NULL") != 0;
}

const char *
decompile_scalar(struct arena *a, const char *text)
{
	bool is_utf8;
	const char *quoted;

	if (is_plain(text))
		return text;
	quoted = escaped(a, text, true, &is_utf8);
	return is_utf8 ? quoted : NULL;
}

const char *
decompile_line(struct arena *a, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i += text_sequence_length(text + i, size - i))
		if (text_fault(text_decode(text + i, size - i)))
			return NULL;
	return decompile_scalar(a, text);
}

const char *
decompile_comment(struct arena *a, const char *text)
{
	bool is_utf8;

	return escaped(a, text, false, &is_utf8);
}

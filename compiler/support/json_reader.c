#include "support/json_reader.h"

#include <string.h>

#include "support/text.h"

static bool
broken(struct json_reader *j)
{
	j->is_broken = true;
	return false;
}

static void
skip_blanks(struct json_reader *j)
{
	while (j->at < j->end && strchr(" \t\r\n", *j->at) && *j->at)
		j->at++;
}

/* The next character that is no blank, which is passed over, or NUL at the end. */
static char
next(struct json_reader *j)
{
	skip_blanks(j);
	return j->at < j->end ? *j->at++ : '\0';
}

static bool
follows(struct json_reader *j, char c)
{
	skip_blanks(j);
	return j->at < j->end && *j->at == c;
}

bool
json_enter(struct json_reader *j, char open)
{
	if (j->is_broken || j->depth == JSON_DEEPEST || next(j) != open)
		return broken(j);
	j->is_inside[j->depth++] = false;
	return true;
}

/* Whether there is more before CLOSE, with the comma where one belongs. */
static bool
has_more(struct json_reader *j, char close)
{
	bool *is_inside;

	if (j->is_broken || j->depth == 0)
		return broken(j);
	is_inside = &j->is_inside[j->depth - 1];
	if (follows(j, close)) {
		j->at++;
		j->depth--;
		return false;
	}
	if (*is_inside && next(j) != ',')
		return broken(j);
	*is_inside = true;
	return true;
}

bool
json_next_item(struct json_reader *j)
{
	return has_more(j, ']');
}

const char *
json_next_key(struct json_reader *j)
{
	const char *key;

	if (!has_more(j, '}') || !(key = json_read_text(j)))
		return NULL;
	if (next(j) != ':') {
		broken(j);
		return NULL;
	}
	return key;
}

/* The byte that the escape C stands for, or 0. */
static char
unescape(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c ? strchr(from, c) : NULL;

	return at ? to[at - from] : '\0';
}

/* The unit of UTF-16 that "uXXXX" at TEXT stands for; 0: none that may stand in a text. */
static uint32_t
read_unit(const char *text, const char *end)
{
	uint32_t unit = 0;

	if (end - text < 5 || *text != 'u')
		return 0;
	for (int i = 1; i <= 4; i++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return 0;
		unit = unit << 4 | (uint32_t)(digit - digits < 16 ? digit - digits : digit - digits - 6);
	}
	return unit;
}

/* Writes what the escape at *FROM, behind its backslash, stands for to *TO, and passes over both. False: there is no such escape. */
static bool
take_escape(const char **from, const char *end, char **to)
{
	uint32_t unit = read_unit(*from, end), low;

	if (!unit) {
		**to = unescape(**from);
		++*from;
		return *(*to)++ != '\0';
	}
	*from += 5;
	if (unit >> 11 == 0xd800 >> 11) {
		low = unit >> 10 == 0xd800 >> 10 && end - *from > 0 && **from == '\\' ? read_unit(*from + 1, end) : 0;
		if (low >> 10 != 0xdc00 >> 10)
			return false;
		*from += 6;
		unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
	}
	*to += text_encode(*to, unit);
	return true;
}

const char *
json_read_text(struct json_reader *j)
{
	const char *from;
	char *text, *to;

	if (j->is_broken || next(j) != '"') {
		broken(j);
		return NULL;
	}
	for (from = j->at; j->at < j->end && *j->at != '"'; j->at++)
		j->at += *j->at == '\\';
	if (j->at >= j->end) {
		broken(j);
		return NULL;
	}
	to = text = arena_alloc(j->arena, (size_t)(j->at - from) + 1);
	while (from < j->at && !j->is_broken) {
		char c = *from++;

		if (c == '\\' ? !take_escape(&from, j->at, &to) : (unsigned char)c < 0x20)
			broken(j);
		else if (c != '\\')
			*to++ = c;
	}
	j->at++;
	return j->is_broken ? NULL : text;
}

bool
json_read_number(struct json_reader *j, uint64_t *number)
{
	const char *start;

	skip_blanks(j);
	start = j->at;
	*number = 0;
	for (; !j->is_broken && j->at < j->end && *j->at >= '0' && *j->at <= '9'; j->at++) {
		unsigned digit = (unsigned)(*j->at - '0');

		if (*number > (UINT64_MAX - digit) / 10 || (j->at > start && *start == '0'))
			return broken(j);
		*number = *number * 10 + digit;
	}
	if (j->is_broken || j->at == start || (j->at < j->end && *j->at && strchr(".eE", *j->at)))
		return broken(j);
	return true;
}

static bool
skip_word(struct json_reader *j)
{
	size_t length = 0;

	skip_blanks(j);
	while (j->at < j->end && *j->at && strchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *j->at)) {
		j->at++;
		length++;
	}
	return length ? true : broken(j);
}

bool
json_skip(struct json_reader *j)
{
	if (follows(j, '{')) {
		for (json_enter(j, '{'); json_next_key(j);)
			json_skip(j);
	} else if (follows(j, '[')) {
		for (json_enter(j, '['); json_next_item(j);)
			json_skip(j);
	} else if (follows(j, '"')) {
		json_read_text(j);
	} else {
		skip_word(j);
	}
	return !j->is_broken;
}

bool
json_at_end(struct json_reader *j)
{
	skip_blanks(j);
	return !j->is_broken && j->at == j->end;
}

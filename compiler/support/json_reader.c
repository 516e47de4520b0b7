#include "support/json_reader.h"

#include <string.h>

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

const char *
json_read_text(struct json_reader *j)
{
	const char *start;
	char *text, *to;

	if (j->is_broken || next(j) != '"') {
		broken(j);
		return NULL;
	}
	for (start = j->at; j->at < j->end && *j->at != '"'; j->at++)
		j->at += *j->at == '\\';
	if (j->at >= j->end) {
		broken(j);
		return NULL;
	}
	to = text = arena_alloc(j->arena, (size_t)(j->at - start) + 1);
	for (const char *from = start; from < j->at; from++) {
		bool is_escape = *from == '\\';

		from += is_escape;
		*to = is_escape ? unescape(*from) : *from;
		if ((unsigned char)*to < 0x20 && !is_escape)
			broken(j);
		if (!*to++)
			broken(j);
	}
	j->at++;
	return j->is_broken ? NULL : text;
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

#include "support/json.h"

#include <inttypes.h>
#include <string.h>

#include "support/text.h"

void
json_begin(struct json *j, FILE *out, bool compact)
{
	*j = (struct json){.out = out, .compact = compact};
}

void
json_end(struct json *j)
{
	fputc('\n', j->out);
}

static void
new_line(struct json *j)
{
	if (j->compact)
		return;
	fputc('\n', j->out);
	for (unsigned i = 0; i < j->depth; i++)
		fputs("  ", j->out);
}

/* What stands between the item before and the one to come. */
static void
next_item(struct json *j)
{
	if (j->after_key) {
		j->after_key = false;
		return;
	}
	if (j->has_items)
		fputc(',', j->out);
	if (j->depth)
		new_line(j);
	j->has_items = true;
}

static void
open(struct json *j, char bracket)
{
	next_item(j);
	fputc(bracket, j->out);
	j->depth++;
	j->has_items = false;
}

static void
close(struct json *j, char bracket)
{
	j->depth--;
	if (j->has_items)
		new_line(j);
	fputc(bracket, j->out);
	j->has_items = true;
}

void
json_object(struct json *j)
{
	open(j, '{');
}

void
json_object_end(struct json *j)
{
	close(j, '}');
}

void
json_array(struct json *j)
{
	open(j, '[');
}

void
json_array_end(struct json *j)
{
	close(j, ']');
}

static void
write_escaped(struct json *j, const char *text)
{
	size_t size = strlen(text), length;

	fputc('"', j->out);
	for (size_t i = 0; i < size; i += length) {
		int32_t point = text_decode(text + i, size - i);

		length = text_sequence_length(text + i, size - i);
		if (point < 0)
			fputs("\xef\xbf\xbd", j->out);
		else if (point == '"' || point == '\\')
			fprintf(j->out, "\\%c", (char)point);
		else if (point == '\n')
			fputs("\\n", j->out);
		else if (point == '\t')
			fputs("\\t", j->out);
		else if (point < 0x20 || point == 0x7f)
			fprintf(j->out, "\\u%04" PRIx32, (uint32_t)point);
		else
			fwrite(text + i, 1, length, j->out);
	}
	fputc('"', j->out);
}

void
json_key(struct json *j, const char *key)
{
	next_item(j);
	write_escaped(j, key);
	fputs(j->compact ? ":" : ": ", j->out);
	j->after_key = true;
}

void
json_text(struct json *j, const char *text)
{
	next_item(j);
	if (text)
		write_escaped(j, text);
	else
		fputs("null", j->out);
}

void
json_number(struct json *j, int64_t number)
{
	next_item(j);
	fprintf(j->out, "%" PRId64, number);
}

void
json_size(struct json *j, uint64_t number)
{
	next_item(j);
	fprintf(j->out, "%" PRIu64, number);
}

void
json_bool(struct json *j, bool value)
{
	next_item(j);
	fputs(value ? "true" : "false", j->out);
}

void
json_key_text(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_text(j, text);
}

void
json_key_size(struct json *j, const char *key, uint64_t number)
{
	json_key(j, key);
	json_size(j, number);
}

void
json_key_bool(struct json *j, const char *key, bool value)
{
	json_key(j, key);
	json_bool(j, value);
}

/* Decides what a scalar's text means: the key's row in the table gives the type, never YAML. */

#include "read/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/manifest.h"
#include "model/partition_type.h"
#include "support/calendar.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* A scalar on its way into a member. */
struct scalar {
	struct compilation *c;
	const struct field *field;
	const struct value *value;
	const char *text;
};

static struct diag *
report(const struct scalar *s, enum diag_kind kind, const char *what)
{
	return diag(&s->c->diags, kind, s->value->at, "'%s' is not %s", s->text, what);
}

static bool
is_digits(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

/* Reads DIGITS (decimal ones only); false when they exceed 64 bits. */
static bool
read_decimal(const char *digits, size_t length, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < length; i++)
		if (__builtin_mul_overflow(*number, 10, number) ||
			__builtin_add_overflow(*number, (uint64_t)(digits[i] - '0'), number))
			return false;
	return true;
}

static bool
read_hexadecimal(const char *digits, size_t length, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < length; i++) {
		const char *all = "0123456789abcdefABCDEF", *found = digits[i] ? strchr(all, digits[i]) : NULL;

		if (!found)
			return false;
		*number = *number << 4 | (uint64_t)(found - all < 16 ? found - all : found - all - 6);
	}
	return !digits[length];
}

static bool
out_of_range(const struct scalar *s, const char *least, const char *most)
{
	diag_label(diag(&s->c->diags, DIAG_VALUE_OUT_OF_RANGE, s->value->at, "'%s' is out of range for '%s'",
		s->text, s->field->key),
		"possible: %s to %s", least, most);
	return false;
}

static const char *
decimal(const struct scalar *s, uint64_t number)
{
	return arena_printf(s->c->arena, "%" PRIu64, number);
}

/* The index of the text among the field's choices; -1 with a diagnostic. */
static int
find_choice(const struct scalar *s)
{
	const char *const *choices = s->field->choices;
	size_t count = 0;

	for (; choices[count]; count++)
		if (strcmp(choices[count], s->text) == 0)
			return (int)count;
	diag_help(diag(&s->c->diags, DIAG_CHOICE_UNKNOWN, s->value->at, "'%s' cannot be '%s'", s->field->key,
		s->text), "expected %s",
		text_join(s->c->arena, choices, count, ", ", " or "));
	return -1;
}

/* A number that other languages would take for one gets its plain form as help. */
static void
suggest_decimal(const struct scalar *s, struct diag *d)
{
	uint64_t number;
	char *end;

	if (strncasecmp(s->text, "0x", 2) == 0 && strlen(s->text) < 18 &&
		read_hexadecimal(s->text + 2, strlen(s->text + 2), &number))
		diag_help(d, "numbers are decimal: did you mean %" PRIu64 "?", number);
	else if (is_digits(s->text) && strlen(s->text) < 18)
		diag_help(d, "a number has no zeroes in front: did you mean %llu?", strtoull(s->text, &end, 10));
	else if (s->field->min == s->field->max)
		diag_help(d, "expected %" PRIu64, s->field->min);
	else
		diag_help(d, "expected decimal digits: a number from %" PRIu64 " to %" PRIu64, s->field->min,
		s->field->max);
}

static bool
decode_number(const struct scalar *s, void *to)
{
	struct m_number *out = to;
	const char *digits = s->text + (s->text[0] == '-');

	if (s->field->choices && find_choice(s) < 0)
		return false;
	if (!is_digits(digits) || (digits[0] == '0' && digits[1])) {
		suggest_decimal(s, report(s, DIAG_NUMBER_MALFORMED, "a whole number"));
		return false;
	}
	if (digits != s->text || !read_decimal(digits, strlen(digits), &out->v) || out->v < s->field->min ||
		out->v > s->field->max)
		return out_of_range(s, decimal(s, s->field->min), decimal(s, s->field->max));
	return true;
}

static bool
decode_byte(const struct scalar *s, uint64_t *out)
{
	bool prefixed = text_starts_with(s->text, "0x");
	const char *digits = s->text + (prefixed ? 2 : 0);
	size_t length = strlen(digits);

	/* Without 0x, more digits are meant to be decimal. */
	if (length < 2 || length > 15 || (length > 2 && !prefixed) || !read_hexadecimal(digits, length, out)) {
		diag_help(report(s, DIAG_NUMBER_MALFORMED, "a byte in hexadecimal"),
			"write two hexadecimal digits, such as 0x83");
		return false;
	}
	return length == 2 && *out >= s->field->min ? true : out_of_range(s, "0x01", "0xff");
}

static bool
decode_word(const struct scalar *s, void *to)
{
	struct m_number *out = to;

	if (!text_starts_with(s->text, "0x") || strlen(s->text) != 10 || !read_hexadecimal(s->text + 2, 8, &out->v)) {
		diag_help(report(s, DIAG_NUMBER_MALFORMED, "a 32-bit number in hexadecimal"),
			"write 0x and eight hexadecimal digits, such as 0x1a2b3c4d");
		return false;
	}
	return true;
}

static bool
decode_bool(const struct scalar *s, void *to)
{
	struct m_bool *out = to;

	out->v = strcmp(s->text, "true") == 0;
	if (!out->v && strcmp(s->text, "false") != 0) {
		diag_help(report(s, DIAG_BOOLEAN_MALFORMED, "true or false"), "write true or false, in lower case");
		return false;
	}
	if (out->v || s->field->min == 0)
		return true;
	diag_help(diag(&s->c->diags, DIAG_CHOICE_UNKNOWN, s->value->at, "'%s' can only be true", s->field->key),
		"leave the key out");
	return false;
}

static bool
decode_choice(const struct scalar *s, void *to)
{
	struct m_enum *out = to;

	out->v = find_choice(s);
	return out->v >= 0;
}

enum { SECTORS = 0 }; /* as many bytes as the disk says */

struct unit {
	const char *name;
	uint64_t bytes;
};

static const struct unit units[] = {
	{"B", 1}, {"KiB", 1ull << 10}, {"MiB", 1ull << 20}, {"GiB", 1ull << 30}, {"TiB", 1ull << 40}, {"s", SECTORS}};

enum { UNITS = sizeof units / sizeof *units, MOST_PERCENT = 90, LEAST_SECTOR = 512 };

/* The unit that UNKNOWN was probably meant to be, or NULL. */
static const char *
similar_unit(const char *unknown)
{
	size_t length;

	unknown += strspn(unknown, " _");
	length = strlen(unknown);
	for (size_t i = 0; i < UNITS - 1; i++) {
		const char *name = units[i].name;
		bool decimal_twin = length == 2 && strcasecmp(unknown + 1, "b") == 0;

		if (length && length <= 3 && strncasecmp(unknown, name, 1) == 0 &&
			(length == 1 || decimal_twin || strcasecmp(unknown, name) == 0))
			return name;
	}
	return NULL;
}

#define SIZE_HELP "a size is a whole number and a unit: B, KiB, MiB, GiB, TiB, or s for the disk's sectors"

/* What may stand where a size may. */
static const struct {
	enum kind kind;
	const char *word;
	enum size_kind meaning;
} size_words[] = {
	{KIND_EXTENT, "rest", SIZE_REST},
	{KIND_EXTENT, "min", SIZE_MIN},
	{KIND_LENGTH, "min", SIZE_MIN},
};

static const char *
size_noun(enum kind kind)
{
	if (kind == KIND_EXTENT)
		return "a size, 'rest' or 'min'";
	if (kind == KIND_LENGTH)
		return "a size or 'min'";
	return kind == KIND_ROOM ? "a size or a percentage" : "a size";
}

static bool
report_size(const struct scalar *s, size_t digits)
{
	const char *unit = s->text + digits, *similar = digits ? similar_unit(unit) : NULL;
	struct diag *d = report(s, DIAG_SIZE_MALFORMED, size_noun(s->field->kind));
	size_t zeroes = strspn(s->text, "0");

	zeroes = zeroes && zeroes == digits ? zeroes - 1 : zeroes;
	if (zeroes)
		diag_label(d, "zeroes in front");
	else if (digits && !*unit)
		diag_label(d, "the unit is missing");
	else if (digits && *unit != '.')
		diag_label(d, "unknown unit '%s'", unit);
	if (similar)
		diag_help(d, "did you mean %.*s%s? " SIZE_HELP, (int)(digits - zeroes), s->text + zeroes, similar);
	else
		diag_help(d, SIZE_HELP);
	return false;
}

static bool
check_size(const struct scalar *s, bool fits, uint64_t bytes)
{
	struct arena *a = s->c->arena;
	uint64_t sectors = bytes / LEAST_SECTOR;

	if (!fits || bytes < s->field->min || bytes > s->field->max)
		return out_of_range(s, text_bytes(a, s->field->min), text_bytes(a, s->field->max));
	if (bytes % LEAST_SECTOR == 0)
		return true;
	diag_help(diag(&s->c->diags, DIAG_VALUE_OUT_OF_RANGE, s->value->at,
		"'%s' is not a whole number of 512-byte sectors", s->text),
		"the nearest are %" PRIu64 "s and %" PRIu64 "s", sectors, sectors + 1);
	return false;
}

static bool
decode_size(const struct scalar *s, void *to)
{
	struct m_size *out = to;
	size_t digits = strspn(s->text, "0123456789");
	const struct unit *unit = units;
	bool fits;

	if (s->field->choices && find_choice(s) < 0)
		return false;
	while (unit < units + UNITS && strcmp(unit->name, s->text + digits) != 0)
		unit++;
	if (digits == 0 || unit == units + UNITS || (digits > 1 && s->text[0] == '0'))
		return report_size(s, digits);
	fits = read_decimal(s->text, digits, &out->bytes);
	out->in_sectors = fits && unit->bytes == SECTORS;
	if (out->in_sectors)
		return true;
	fits = fits && !__builtin_mul_overflow(out->bytes, unit->bytes, &out->bytes);
	return check_size(s, fits, out->bytes);
}

void
decode_in_sectors(struct compilation *c, const struct field *f, struct m_size *size, uint64_t sector_size)
{
	const struct value value = {.kind = VALUE_SCALAR, .at = size->at};
	struct scalar s = {.c = c, .field = f, .value = &value, .text = arena_printf(c->arena, "%" PRIu64 "s", size->bytes)};
	bool fits;

	if (!size->in_sectors)
		return;
	fits = !__builtin_mul_overflow(size->bytes, sector_size, &size->bytes);
	check_size(&s, fits, size->bytes);
}

static bool
decode_extent(const struct scalar *s, void *to)
{
	struct m_size *out = to;

	for (size_t i = 0; i < sizeof size_words / sizeof *size_words; i++)
		if (size_words[i].kind == s->field->kind && strcmp(size_words[i].word, s->text) == 0) {
			out->kind = size_words[i].meaning;
			return true;
		}
	return decode_size(s, to);
}

static bool
decode_room(const struct scalar *s, void *to)
{
	struct m_size *out = to;
	size_t digits = strspn(s->text, "0123456789");

	if (digits == 0 || strcmp(s->text + digits, "%") != 0 || (s->text[0] == '0' && digits > 1))
		return decode_size(s, to);
	out->kind = SIZE_PERCENT;
	if (read_decimal(s->text, digits, &out->bytes) && out->bytes <= MOST_PERCENT)
		return true;
	return out_of_range(s, "0%", arena_printf(s->c->arena, "%d%%", MOST_PERCENT));
}

static bool
decode_mode(const struct scalar *s, void *to)
{
	struct m_mode *out = to;
	size_t length = strlen(s->text);

	if (length < 3 || length > 4 || s->text[strspn(s->text, "01234567")]) {
		diag_help(report(s, DIAG_MODE_MALFORMED, "a mode"),
			"a mode is three or four octal digits: 755, 0755, or 4755 with the setuid bit");
		return false;
	}
	out->v = (uint16_t)strtoul(s->text, NULL, 8);
	return true;
}

/* Reads LENGTH decimal digits at TEXT; -1 when one is none. */
static int
digits_at(const char *text, size_t length)
{
	int number = 0;

	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + text[i] - '0';
	}
	return number;
}

/* Reads YYYY-MM-DDTHH:MM:SSZ; false when it is no such time. */
static bool
read_date(const char *text, int64_t *seconds)
{
	static const char form[] = "0000-00-00T00:00:00Z";
	int year, month, day, hour, minute, second;

	if (strlen(text) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == '0' ? digits_at(text + i, 1) < 0 : text[i] != form[i])
			return false;
	year = digits_at(text, 4);
	month = digits_at(text + 5, 2);
	day = digits_at(text + 8, 2);
	hour = digits_at(text + 11, 2);
	minute = digits_at(text + 14, 2);
	second = digits_at(text + 17, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > calendar_days_in(year, month) || hour > 23 ||
		minute > 59 || second > 59)
		return false;
	*seconds = calendar_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

static bool
decode_time(const struct scalar *s, void *to)
{
	struct m_time *out = to;
	const char *digits = s->text + (s->text[0] == '-');
	bool is_number = is_digits(digits) && (digits[0] != '0' || !digits[1]), fits = true;
	uint64_t number;

	if (!is_number && !read_date(s->text, &out->v)) {
		diag_help(report(s, DIAG_TIME_MALFORMED, "a time"),
			"write seconds since 1970, or a time that exists as YYYY-MM-DDTHH:MM:SSZ");
		return false;
	}
	if (is_number) {
		fits = read_decimal(digits, strlen(digits), &number) && number <= INT64_MAX;
		if (fits)
			out->v = digits == s->text ? (int64_t)number : -(int64_t)number;
	}
	if (fits && out->v >= TIME_MIN && out->v <= TIME_MAX)
		return true;
	return out_of_range(s, "1901-12-13T20:45:52Z", "2446-05-10T22:38:55Z");
}

/* Reads 32 hexadecimal digits, 8-4-4-4-12. */
static bool
read_uuid(const char *text, uint8_t uuid[16])
{
	static const char form[] = "00000000-0000-0000-0000-000000000000";
	uint64_t digit;
	size_t count = 0;

	if (strlen(text) != sizeof form - 1)
		return false;
	for (size_t i = 0; form[i]; i++) {
		if (form[i] == '-') {
			if (text[i] != '-')
				return false;
			continue;
		}
		if (!read_hexadecimal((char[]){text[i], '\0'}, 1, &digit))
			return false;
		uuid[count / 2] = (uint8_t)((uint64_t)uuid[count / 2] << 4 | digit);
		count++;
	}
	return true;
}

static bool
is_nil(const uint8_t uuid[16])
{
	static const uint8_t nil[16];

	return memcmp(uuid, nil, sizeof nil) == 0;
}

static bool
decode_uuid(const struct scalar *s, void *to)
{
	struct m_uuid *out = to;
	bool good = read_uuid(s->text, out->v);

	if (good && (s->field->may_be_nil || !is_nil(out->v)))
		return true;
	diag_help(report(s, DIAG_UUID_MALFORMED, good ? "a UUID for anything: it is the nil UUID" : "a UUID"),
		"leave it out for one derived from the name, or write 32 hexadecimal digits as %s", "8-4-4-4-12");
	return false;
}

static bool
report_type(const struct scalar *s)
{
	const char *names[PARTITION_TYPES];
	size_t count = 0;
	const char *near;
	struct diag *d;

	for (; partition_types[count].name; count++)
		names[count] = partition_types[count].name;
	near = text_nearest(s->text, names, count);
	d = report(s, DIAG_CHOICE_UNKNOWN, "a partition type");
	if (near)
		diag_help(d, "did you mean '%s'?", near);
	else
		diag_help(d, "write a byte such as 0x83 or a GUID, or one of %s", text_join(s->c->arena, names, count, ", ", " and "));
	return false;
}

/* Digits first, or two of them, are a byte; no name is like that. */
static bool
decode_parttype(const struct scalar *s, void *to)
{
	struct m_parttype *out = to;
	const struct partition_type *type = partition_type_called(s->text);

	if (type) {
		out->v = type->mbr;
		out->has_guid = true;
		memcpy(out->guid, type->guid, sizeof out->guid);
		return true;
	}
	if (read_uuid(s->text, out->guid)) {
		out->has_guid = !is_nil(out->guid);
		return out->has_guid || report_type(s); /* the nil GUID marks an entry that is not used */
	}
	if (strlen(s->text) > 2 && strspn(s->text, "0123456789") == 0)
		return report_type(s);
	return decode_byte(s, &out->v);
}

static bool
decode_text(const struct scalar *s, void *to)
{
	struct m_text *out = to;

	out->v = s->text;
	return form_matches(s->c, s->field->form, s->text, s->value->at);
}

#define DECODER(kind, function, type) \
	[kind] = {function, offsetof(struct type, given)}

/* How each kind is decoded, and where its struct says that it was written. */
static const struct decoder {
	bool (*decode)(const struct scalar *, void *to);
	size_t given_offset;
} decoders[] = {
	DECODER(KIND_TEXT, decode_text, m_text),
	DECODER(KIND_TEXTS, decode_text, m_text),
	DECODER(KIND_PAIRS, decode_text, m_text),
	DECODER(KIND_NUMBER, decode_number, m_number),
	DECODER(KIND_PARTTYPE, decode_parttype, m_parttype),
	DECODER(KIND_WORD, decode_word, m_number),
	DECODER(KIND_BOOL, decode_bool, m_bool),
	DECODER(KIND_CHOICE, decode_choice, m_enum),
	DECODER(KIND_SIZE, decode_size, m_size),
	DECODER(KIND_EXTENT, decode_extent, m_size),
	DECODER(KIND_LENGTH, decode_extent, m_size),
	DECODER(KIND_ROOM, decode_room, m_size),
	DECODER(KIND_MODE, decode_mode, m_mode),
	DECODER(KIND_TIME, decode_time, m_time),
	DECODER(KIND_UUID, decode_uuid, m_uuid),
};

static bool
is_scalar(struct compilation *c, const struct field *f, const struct value *v)
{
	const char *of = f->kind == KIND_TEXTS ? "an item of " : f->kind == KIND_PAIRS ? "a value of " : "";

	if (v->kind != VALUE_SCALAR)
		diag_help(diag(&c->diags, DIAG_TYPE_MISMATCH, v->at, "%s'%s' must be one value, not a %s", of, f->key,
			v->kind == VALUE_LIST ? "list" : "mapping"), "%s", doc_phrase(c, f->doc));
	else if (value_is_null(v) && !v->implied)
		diag_help(diag(&c->diags, DIAG_VALUE_MISSING, v->at, "%s'%s' has no value", of, f->key), "%s",
			doc_phrase(c, f->doc));
	else
		return true;
	return false;
}

bool
decode_scalar(struct compilation *c, const struct field *f, const struct value *v, void *to)
{
	struct scalar s = {.c = c, .field = f, .value = v, .text = v->text};
	const struct decoder *d = &decoders[f->kind];
	bool given = !v->implied;

	*(struct span *)to = v->at;
	if (v->refused || !is_scalar(c, f, v))
		return false;
	memcpy((char *)to + d->given_offset, &given, sizeof given);
	return d->decode(&s, to);
}

/* Decides what a scalar's text means: the key's row in the table gives the type, never YAML. */

#include "read/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/manifest.h"
#include "model/partition_type.h"
#include "read/digits.h"
#include "read/foreign.h"
#include "read/meant.h"
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
	struct diag *d = diag(&s->c->diags, kind, s->value->at, "'%s' is not %s", s->text, what);

	if (text_is_curly_quote(text_decode(s->text, strlen(s->text))))
		diag_label(d, "these are no quotes to YAML: write \" or '");
	return d;
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

/* Adds to D what somebody meant who knows the text from elsewhere; false: there is no such word. */
static bool
suggest_foreign(const struct scalar *s, struct diag *d)
{
	const struct foreign *other = foreign_find(s->field->foreign, s->text);

	if (other && other->help)
		diag_help(d, "%s", other->help);
	else if (other)
		diag_help(d, "did you mean '%s'?", other->meant);
	return other;
}

/* The index of the text among the field's choices; -1 with a diagnostic. */
static int
find_choice(const struct scalar *s)
{
	const char *const *choices = s->field->choices, *meant = NULL;
	size_t count = 0;
	struct diag *d;

	for (; choices[count]; count++) {
		if (strcmp(choices[count], s->text) == 0)
			return (int)count;
		if (strcasecmp(choices[count], s->text) == 0)
			meant = choices[count];
	}
	d = diag(&s->c->diags, DIAG_CHOICE_UNKNOWN, s->value->at, "'%s' cannot be '%s'", s->field->key, s->text);
	if (meant)
		diag_help(d, "did you mean '%s'?", meant);
	else if (!suggest_foreign(s, d))
		diag_help(d, "expected %s", text_join(s->c->arena, choices, count, ", ", " or "));
	return -1;
}

/* A number that other languages would take for one gets its plain form as help. */
static void
suggest_decimal(const struct scalar *s, struct diag *d)
{
	uint64_t number;
	size_t digits = strspn(s->text, "0123456789");
	char *end;

	if (strncasecmp(s->text, "0x", 2) == 0 && strlen(s->text) < 18 &&
		digits_hexadecimal(s->text + 2, strlen(s->text + 2), &number))
		diag_help(d, "numbers are decimal: did you mean %" PRIu64 "?", number);
	else if (digits_only(s->text) && strlen(s->text) < 18)
		diag_help(d, "a number has no zeroes in front: did you mean %llu?", strtoull(s->text, &end, 10));
	else if (s->field->min == s->field->max)
		diag_help(d, "expected %" PRIu64, s->field->min);
	else if (digits && digits < 18 && strchr("%s", s->text[digits]) && !s->text[digits + 1])
		diag_help(d, "a number has no unit: did you mean %.*s?", (int)digits, s->text);
	else if (!suggest_foreign(s, d))
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
	if (!digits_only(digits) || (digits[0] == '0' && digits[1])) {
		suggest_decimal(s, report(s, DIAG_NUMBER_MALFORMED, "a whole number"));
		return false;
	}
	if (digits != s->text || !digits_decimal(digits, strlen(digits), &out->v) || out->v < s->field->min ||
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
	if (length < 2 || length > 15 || (length > 2 && !prefixed) || !digits_hexadecimal(digits, length, out)) {
		struct diag *d = report(s, DIAG_NUMBER_MALFORMED, "a byte in hexadecimal");

		if (length == 1 && digits_hexadecimal(digits, length, out))
			diag_help(d, "did you mean 0x0%s?", digits);
		else
			diag_help(d, "write two hexadecimal digits, such as 0x83");
		return false;
	}
	return length == 2 && *out >= s->field->min ? true : out_of_range(s, "0x01", "0xff");
}

static bool
decode_word(const struct scalar *s, void *to)
{
	struct m_number *out = to;

	if (!text_starts_with(s->text, "0x") || strlen(s->text) != 10 || !digits_hexadecimal(s->text + 2, 8, &out->v)) {
		struct diag *d = report(s, DIAG_NUMBER_MALFORMED, "a 32-bit number in hexadecimal");

		if (strlen(s->text) == 8 && digits_hexadecimal(s->text, 8, &out->v))
			diag_help(d, "did you mean 0x%s?", s->text);
		else
			diag_help(d, "write 0x and eight hexadecimal digits, such as 0x1a2b3c4d");
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
	const char *unit = s->text + digits, *meant = meant_size(s->c->arena, s->text);
	struct diag *d = report(s, DIAG_SIZE_MALFORMED, size_noun(s->field->kind));

	if (digits > 1 && s->text[0] == '0')
		diag_label(d, "zeroes in front");
	else if (digits && !*unit)
		diag_label(d, "the unit is missing");
	else if (digits && strchr(".,", *unit))
		diag_label(d, "not a whole number");
	else if (digits && strchr(" _", *unit))
		diag_label(d, "nothing can be between number and unit");
	else if (digits)
		diag_label(d, "unknown unit '%s'", unit);
	if (suggest_foreign(s, d))
		return false;
	if (meant)
		diag_help(d, "did you mean %s? " SIZE_HELP, meant);
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
	fits = digits_decimal(s->text, digits, &out->bytes);
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
	if (digits_decimal(s->text, digits, &out->bytes) && out->bytes <= MOST_PERCENT)
		return true;
	return out_of_range(s, "0%", arena_printf(s->c->arena, "%d%%", MOST_PERCENT));
}

#define MODE_HELP "a mode is three or four octal digits: 755, 0755, or 4755 with the setuid bit"

static bool
decode_mode(const struct scalar *s, void *to)
{
	struct m_mode *out = to;
	size_t length = strlen(s->text);
	unsigned meant;

	if (length < 3 || length > 4 || s->text[strspn(s->text, "01234567")]) {
		struct diag *d = report(s, DIAG_MODE_MALFORMED, "a mode");

		if (meant_mode(s->text, &meant))
			diag_help(d, "did you mean %04o? " MODE_HELP, meant);
		else
			diag_help(d, MODE_HELP);
		return false;
	}
	out->v = (uint16_t)strtoul(s->text, NULL, 8);
	return true;
}

static bool
decode_time(const struct scalar *s, void *to)
{
	struct m_time *out = to;
	const char *digits = s->text + (s->text[0] == '-');
	bool is_number = digits_only(digits) && (digits[0] != '0' || !digits[1]), fits = true;
	uint64_t number;

	if (!is_number && !digits_date(s->text, &out->v)) {
		struct diag *d = report(s, DIAG_TIME_MALFORMED, "a time");
		const char *meant = meant_date(s->c->arena, s->text);

		if (meant)
			diag_help(d, "did you mean %s?", meant);
		else if (!suggest_foreign(s, d))
			diag_help(d, "write seconds since 1970, or a time that exists as YYYY-MM-DDTHH:MM:SSZ");
		return false;
	}
	if (is_number) {
		fits = digits_decimal(digits, strlen(digits), &number) && number <= INT64_MAX;
		if (fits)
			out->v = digits == s->text ? (int64_t)number : -(int64_t)number;
	}
	if (fits && out->v >= TIME_MIN && out->v <= TIME_MAX)
		return true;
	return out_of_range(s, "1901-12-13T20:45:52Z", "2446-05-10T22:38:55Z");
}

static bool
decode_uuid(const struct scalar *s, void *to)
{
	struct m_uuid *out = to;
	bool good = digits_uuid(s->text, out->v);

	const char *meant = meant_uuid(s->c->arena, s->text);
	struct diag *d;

	if (good && (s->field->may_be_nil || !memory_is_zero(out->v, sizeof out->v)))
		return true;
	d = report(s, DIAG_UUID_MALFORMED, good ? "a UUID for anything: it is the nil UUID" : "a UUID");
	if (!good && meant)
		diag_help(d, "did you mean %s?", meant);
	else
		diag_help(d, "leave it out for one derived from the name, or write 32 hexadecimal digits as 8-4-4-4-12");
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
	if (suggest_foreign(s, d))
		return false;
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
	if (digits_uuid(s->text, out->guid)) {
		out->has_guid = !memory_is_zero(out->guid, sizeof out->guid);
		return out->has_guid || report_type(s); /* the nil GUID marks an entry that is not used */
	}
	if (strlen(s->text) > 2 && (strspn(s->text, "0123456789") == 0 || foreign_find(s->field->foreign, s->text)))
		return report_type(s);
	return decode_byte(s, &out->v);
}

static bool
decode_text(const struct scalar *s, void *to)
{
	struct m_text *out = to;

	out->v = s->text;
	if (foreign_find(s->field->foreign, s->text)) {
		suggest_foreign(s, report(s, DIAG_TEXT_MALFORMED, form_noun(s->field->form)));
		return false;
	}
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

/* What to write in place of V, a list or a mapping, where FIELD is one value. */
static const char *
scalar_for(struct compilation *c, const struct field *f, const struct value *v)
{
	const char **texts = ARENA_ARRAY(c->arena, const char *, v->count);
	size_t count = 0;

	while (v->kind == VALUE_LIST && count < v->count && v->items[count]->kind == VALUE_SCALAR) {
		texts[count] = v->items[count]->text;
		count++;
	}
	if (f->form == FORM_CONTENT && f->kind == KIND_TEXT)
		return "write '|' behind the ':', and the lines below it";
	if (count == v->count && count == 1)
		return arena_printf(c->arena, "write '%s'", texts[0]);
	if (count == v->count && count > 1 && f->form == FORM_ARGUMENTS && f->kind == KIND_TEXT)
		return arena_printf(c->arena, "write '%s'", text_join(c->arena, texts, count, " ", " "));
	return doc_phrase(c, f->doc);
}

static bool
is_scalar(struct compilation *c, const struct field *f, const struct value *v)
{
	const char *of = f->kind == KIND_TEXTS ? "an item of " : f->kind == KIND_PAIRS ? "a value of " : "";

	if (v->incomplete) /* the key in it that is none has been told of */
		return false;
	if (v->kind != VALUE_SCALAR)
		diag_help(diag(&c->diags, DIAG_TYPE_MISMATCH, v->at, "%s'%s' must be one value, not a %s", of, f->key,
			v->kind == VALUE_LIST ? "list" : "mapping"), "%s", scalar_for(c, f, v));
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

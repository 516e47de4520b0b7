/*
 * Decides names on a FAT: which are allowed, how they are written in UTF-16, and the short alias of each (fatgen103, "Name
 * Limits and Character Sets", "The Basis-Name Generation Algorithm", "The Numeric-Tail Generation Algorithm").
 */
#include "plan/fat.h"

#include <string.h>
#include <strings.h>

#include "support/compilation.h"
#include "support/memory.h"
#include "support/names.h"
#include "support/text.h"

enum { BASE = 8, EXTENSION = 3, ALIAS = BASE + EXTENSION, MOST_DIGITS = 6, UNIT_LETTERS = 4 };

/* Names of DOS's devices; Windows takes them for these with any extension and in every directory. */
static const char *const devices[] = {"CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8",
	"COM9", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9"};

/*
 * Capitals whose small letter stands DISTANCE behind them; with STEP 2, capitals and small letters alternate. These are the
 * alphabets in which somebody may have two such names; one that is missing here costs nothing on Linux, which tells them apart.
 */
static const struct {
	uint16_t first, last, distance, step;
} capitals[] = {
	{'A', 'Z', 32, 1},
	{0x00c0, 0x00d6, 32, 1}, /* Latin-1 */
	{0x00d8, 0x00de, 32, 1},
	{0x0100, 0x012e, 1, 2},  /* Latin Extended-A, without the two i of Turkish */
	{0x0132, 0x0136, 1, 2},
	{0x0139, 0x0147, 1, 2},
	{0x014a, 0x0176, 1, 2},
	{0x0179, 0x017d, 1, 2},
	{0x0391, 0x03a1, 32, 1}, /* Greek */
	{0x03a3, 0x03ab, 32, 1},
	{0x0400, 0x040f, 80, 1}, /* Cyrillic */
	{0x0410, 0x042f, 32, 1},
};

static uint16_t
small(uint16_t unit)
{
	for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
		if (unit >= capitals[i].first && unit <= capitals[i].last)
			return (unit - capitals[i].first) % capitals[i].step ? unit : (uint16_t)(unit + capitals[i].distance);
	return unit;
}

static bool
is_device(const char *name)
{
	size_t length = strcspn(name, ".");

	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
		if (strlen(devices[i]) == length && strncasecmp(devices[i], name, length) == 0)
			return true;
	return false;
}

/* What is wrong with NAME as a name on a FAT, or NULL. */
static const char *
name_fault(struct compilation *c, const char *name)
{
	size_t size = strlen(name), length;

	for (size_t i = 0; i < size; i += length) {
		int32_t point = text_decode(name + i, size - i);

		length = text_sequence_length(name + i, size - i);
		if (point < 0)
			return "which is no UTF-8, and a vfat has names in Unicode";
		if (point < ' ')
			return arena_printf(c->arena, "with U+%04X, a control character", (unsigned)point);
		if (point < 0x7f && strchr("\"*/:<>?\\|", (int)point))
			return arena_printf(c->arena, "with '%c' in it", (char)point);
	}
	if (name[0] == ' ')
		return "with a blank at the start";
	if (name[size - 1] == ' ' || name[size - 1] == '.')
		return arena_printf(c->arena, "with a '%c' at the end", name[size - 1]);
	return is_device(name) ? "which is a device for DOS and Windows" : NULL;
}

size_t
fat_long_name(struct compilation *c, const struct node *node, const uint16_t **units)
{
	const char *name = node->name, *fault = name_fault(c, name);
	size_t size = strlen(name), count = 0;
	uint16_t *to = ARENA_ARRAY(c->arena, uint16_t, size);

	if (fault) {
		diag_help(diag(&c->diags, DIAG_NAME_NOT_FOR_FAT, node->why->at, "'%s' has a name %s", node_path(c, node), fault),
			"rename it, or put it on an ext file system");
		return 0;
	}
	for (size_t i = 0; i < size; i += text_sequence_length(name + i, size - i)) {
		int32_t point = text_decode(name + i, size - i);

		if (point >= 0x10000)
			to[count++] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10));
		to[count++] = (uint16_t)(point < 0x10000 ? point : 0xdc00 + (point & 0x3ff));
	}
	ASSERT(count <= FAT_MOST_UNITS); /* a name has at most 255 bytes, and no fewer of these than units */
	*units = to;
	return count;
}

/* The name of E, small, as a text that names_slot can keep. */
static const char *
folded(struct arena *a, const struct fat_dirent *e)
{
	char *text = arena_alloc(a, e->long_length * UNIT_LETTERS + 1), *to = text;

	for (size_t i = 0; i < e->long_length; i++)
		for (int shift = 12; shift >= 0; shift -= 4)
			*to++ = (char)('a' + (small(e->long_name[i]) >> shift & 15));
	return text;
}

static bool
check_twice(struct compilation *c, struct arena *scratch, const struct fat_dirent *entries, size_t count)
{
	struct names seen = {0};
	bool good = true;

	for (size_t i = 0; i < count; i++) {
		void **slot = names_slot(scratch, &seen, folded(scratch, &entries[i]));
		const struct node *node = entries[i].node, *other = *slot;

		if (!other) {
			*slot = (void *)node;
			continue;
		}
		diag_help(diag_note(diag(&c->diags, DIAG_NAME_TWICE_ON_FAT, node->why->at, "'%s' and '%s' are one name on a vfat",
			node_path(c, node), other->name), other->why->at, "'%s' comes from here", node_path(c, other)),
			"rename one of them: capitals and small letters are not told apart");
		good = false;
	}
	return good;
}

/* The character of a short name that stands for POINT, or NUL. */
static char
short_character(int32_t point)
{
	if (point >= 'a' && point <= 'z')
		return (char)(point - 'a' + 'A');
	if ((point >= 'A' && point <= 'Z') || (point >= '0' && point <= '9'))
		return (char)point;
	return point > 0 && point < 0x7f && strchr("$%'-_@~`!(){}^#&", (int)point) ? (char)point : '\0';
}

/* Up to MOST characters for the bytes from FROM to END into TO, which holds blanks. Whether they stand for all of them. */
static bool
take_part(uint8_t *to, size_t most, const char *from, const char *end)
{
	bool exact = true;
	size_t count = 0;

	for (; from < end; from += text_sequence_length(from, (size_t)(end - from))) {
		int32_t point = text_decode(from, (size_t)(end - from));
		char character = short_character(point);

		if (point == ' ' || point == '.' || count == most) {
			exact = false;
			continue;
		}
		exact &= character != '\0';
		to[count++] = (uint8_t)(character ? character : '_');
	}
	return exact;
}

/* The short form of NAME, without a tail. Whether it says all but whether letters are capitals. */
static bool
basis_name(const char *name, uint8_t alias[ALIAS])
{
	const char *start = name + strspn(name, ". "), *dot = strrchr(start, '.'), *end = name + strlen(name);
	bool exact;

	memset(alias, ' ', ALIAS);
	exact = take_part(alias, BASE, start, dot ? dot : end) && start == name;
	return (!dot || take_part(alias + BASE, EXTENSION, dot + 1, end)) && exact;
}

static const char *
alias_text(struct arena *a, const uint8_t *alias)
{
	return arena_strndup(a, (const char *)alias, ALIAS);
}

/* Basis BASIS with "~NUMBER", which has DIGITS digits, at its end. */
static void
add_tail(const uint8_t *basis, unsigned number, unsigned digits, uint8_t alias[ALIAS])
{
	size_t room = BASE - 1 - digits, length = 0;

	memcpy(alias, basis, ALIAS);
	while (length < room && basis[length] != ' ')
		length++;
	memset(alias + length, ' ', BASE - length);
	alias[length] = '~';
	for (unsigned i = digits; i > 0; i--, number /= 10)
		alias[length + i] = (uint8_t)('0' + number % 10);
}

/*
 * Gives E the first tail that is free. COUNTERS knows where to go on for names of one beginning and one number of digits, so
 * that many of them do not take long.
 */
static void
give_tail(struct arena *scratch, struct names *used, struct names *counters, struct fat_dirent *e)
{
	uint8_t basis[ALIAS];
	unsigned first = 1, digits = 1;

	basis_name(e->node->name, basis);
	for (; digits <= MOST_DIGITS; digits++, first *= 10) {
		unsigned **counter;

		add_tail(basis, first, digits, e->alias);
		counter = (unsigned **)names_slot(scratch, counters, alias_text(scratch, e->alias));
		if (!*counter) {
			*counter = ARENA_NEW(scratch, unsigned);
			**counter = first;
		}
		while (**counter < first * 10) {
			void **slot;

			add_tail(basis, (**counter)++, digits, e->alias);
			slot = names_slot(scratch, used, alias_text(scratch, e->alias));
			if (!*slot) {
				*slot = e;
				return;
			}
		}
	}
	BUG("a directory with a million names of one beginning");
}

/* Names that are short ones as they stand keep them; then the others take what is left, in their order. */
static void
give_all(struct arena *scratch, struct fat_dirent *entries, size_t count)
{
	struct names used = {0}, counters = {0};
	bool *exact = ARENA_ARRAY(scratch, bool, count);

	for (size_t i = 0; i < count; i++)
		if ((exact[i] = basis_name(entries[i].node->name, entries[i].alias)))
			*names_slot(scratch, &used, alias_text(scratch, entries[i].alias)) = &entries[i];
	for (size_t i = 0; i < count; i++)
		if (!exact[i])
			give_tail(scratch, &used, &counters, &entries[i]);
		else if (!strpbrk(entries[i].node->name, "abcdefghijklmnopqrstuvwxyz"))
			entries[i].long_length = 0;
}

bool
fat_give_aliases(struct compilation *c, struct fat_dirent *entries, size_t count)
{
	struct arena *scratch = arena_new();
	bool good = check_twice(c, scratch, entries, count);

	if (good)
		give_all(scratch, entries, count);
	arena_free(scratch);
	return good;
}

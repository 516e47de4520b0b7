/* Decides what a value was probably meant to be that is not in the form that it must have. */

#include "read/meant.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "read/digits.h"
#include "support/arena.h"

/* Each but the first 1024 times the one before. */
static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", NULL};

/* The unit that UNKNOWN was probably meant to be, or NULL. */
static const char *const *
similar_unit(const char *unknown)
{
	size_t length = strlen(unknown);

	for (size_t i = 0; length && length <= 3 && units[i]; i++) {
		bool is_short = length == 1 || (length == 2 && strcasecmp(unknown + 1, "b") == 0) || (length == 2 && strcasecmp(unknown + 1, "i") == 0);

		if (strncasecmp(unknown, units[i], 1) == 0 && (is_short || strcasecmp(unknown, units[i]) == 0))
			return &units[i];
	}
	return NULL;
}

const char *
meant_size(struct arena *a, const char *text)
{
	enum { MOST_DIGITS = 9 };
	const char *fraction;
	size_t zeroes, digits, decimals;
	const char *const *unit;
	uint64_t whole, part, scale = 1;

	text += strspn(text, " +");
	zeroes = strspn(text, "0");
	digits = strspn(text, "0123456789");
	zeroes = zeroes && zeroes == digits ? zeroes - 1 : zeroes;
	fraction = text + digits + (text[digits] == '.' || text[digits] == ',');
	decimals = fraction > text + digits ? strspn(fraction, "0123456789") : 0;
	unit = similar_unit(fraction + decimals + strspn(fraction + decimals, " _"));
	if (!digits || !unit)
		return NULL;
	if (fraction == text + digits)
		return arena_printf(a, "%.*s%s", (int)(digits - zeroes), text + zeroes, *unit);
	if (!decimals || digits > MOST_DIGITS || decimals > MOST_DIGITS / 2 || unit == units)
		return NULL;
	for (size_t i = 0; i < decimals; i++)
		scale *= 10;
	digits_decimal(text, digits, &whole);
	digits_decimal(fraction, decimals, &part);
	/* The next smaller unit, and more than was meant where that is no whole number either. */
	return arena_printf(a, "%" PRIu64 "%s", whole * 1024 + (part * 1024 + scale - 1) / scale, unit[-1]);
}

/* Reads permissions as ls shows them, "rwxr-xr-x", with or without the kind of file in front. */
static bool
read_letters(const char *text, unsigned *mode)
{
	static const char letters[] = "rwxrwxrwx";

	text += strlen(text) == sizeof letters;
	if (strlen(text) != sizeof letters - 1)
		return false;
	*mode = 0;
	for (size_t i = 0; letters[i]; i++) {
		if (text[i] != letters[i] && text[i] != '-')
			return false;
		*mode = *mode << 1 | (text[i] != '-');
	}
	return true;
}

bool
meant_mode(const char *text, unsigned *mode)
{
	enum { PERMISSIONS = 0777 };
	const char *octal = text + (strncasecmp(text, "0o", 2) == 0 ? 2 : 0);
	size_t digits = strspn(octal, "01234567");

	if (!octal[digits] && digits >= 3 && digits <= 7) {
		*mode = (unsigned)strtoul(octal, NULL, 8) & 07777;
		return true;
	}
	if (text[0] != '0' && digits_only(text) && strlen(text) == 3) {
		*mode = (unsigned)strtoul(text, NULL, 10);
		return *mode <= PERMISSIONS;
	}
	return read_letters(text, mode);
}

const char *
meant_date(struct arena *a, const char *text)
{
	enum { DATE = 10, DATE_AND_TIME = 19 };
	size_t length = strlen(text);
	const char *meant = NULL;
	int64_t seconds;

	if (length == DATE)
		meant = arena_printf(a, "%sT00:00:00Z", text);
	else if (length >= DATE_AND_TIME)
		meant = arena_printf(a, "%.*sT%.8sZ", (int)DATE, text, text + DATE + 1);
	return meant && length <= DATE_AND_TIME + 1 && digits_date(meant, &seconds) ? meant : NULL;
}

const char *
meant_uuid(struct arena *a, const char *text)
{
	static const char urn[] = "urn:uuid:";
	uint8_t uuid[16];

	text += strncasecmp(text, urn, sizeof urn - 1) == 0 ? sizeof urn - 1 : *text == '{';
	text = arena_strndup(a, text, strcspn(text, "}"));
	return digits_uuid(text, uuid) ? text : NULL;
}

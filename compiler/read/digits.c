/* Reads numbers, times and UUIDs out of their digits, as far as these are what they must be. */

#include "read/digits.h"

#include <string.h>

#include "support/calendar.h"

bool
digits_only(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

bool
digits_decimal(const char *digits, size_t length, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < length; i++)
		if (__builtin_mul_overflow(*number, 10, number) ||
			__builtin_add_overflow(*number, (uint64_t)(digits[i] - '0'), number))
			return false;
	return true;
}

bool
digits_hexadecimal(const char *digits, size_t length, uint64_t *number)
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

bool
digits_date(const char *text, int64_t *seconds)
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

bool
digits_uuid(const char *text, uint8_t uuid[16])
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
		if (!digits_hexadecimal((char[]){text[i], '\0'}, 1, &digit))
			return false;
		uuid[count / 2] = (uint8_t)((uint64_t)uuid[count / 2] << 4 | digit);
		count++;
	}
	return true;
}

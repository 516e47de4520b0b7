#ifndef SUPPORT_CALENDAR_H
#define SUPPORT_CALENDAR_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

/* The Gregorian calendar, before its invention and in UTC, as moments since 1970 have it. Months and days count from 1 on. */

int calendar_days_in(int year, int month);

/* Days from 1970-01-01 to a day of the years from 1 on. */
int64_t calendar_days(int year, int month, int day);

/* Seconds since 1970, and the part of a second. Not GIVEN: nothing says when. */
struct moment {
	int64_t seconds;
	uint32_t nanoseconds;
	bool given;
};

/*
 * What DATE and TIME of a FAT mean (fatgen103), and HUNDREDTHS, up to 199, besides. They have no zone: they are taken as UTC, as by Linux
 * unless told otherwise. A day that the month does not have is one of the next. Not given where the date is 0.
 */
struct moment calendar_fat(uint32_t date, uint32_t time, uint32_t hundredths);

/* What a FAT can say: 1980-01-01T00:00:00Z to 2107-12-31T23:59:59Z. */
#define CALENDAR_FAT_FIRST INT64_C(315532800)
#define CALENDAR_FAT_LAST INT64_C(4354819199)

struct fat_time {
	uint16_t date, time;
	uint8_t hundredths;
};

/* The other way: SECONDS since 1970 as a FAT has them; the first or last that it can say for what lies outside. */
struct fat_time calendar_to_fat(int64_t seconds);

bool moment_equal(const struct moment *, const struct moment *);

/* "2001-09-09T01:46:40Z", with a part of a second "2001-09-09T01:46:40.000000001Z"; "none" when it is not given. */
const char *calendar_text(struct arena *, const struct moment *);

#endif

#include "support/calendar.h"

#include <inttypes.h>
#include <time.h>

#include "support/arena.h"

int
calendar_days_in(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}

int64_t
calendar_days(int year, int month, int day)
{
	int64_t years = year - 1, days = years * 365 + years / 4 - years / 100 + years / 400 + day - 1;

	for (int i = 1; i < month; i++)
		days += calendar_days_in(year, i);
	return days - 719162;
}

struct moment
calendar_fat(uint32_t date, uint32_t time, uint32_t hundredths)
{
	int month = date >> 5 & 0xf;
	int64_t days = calendar_days((int)(1980 + (date >> 9)), month < 1 ? 1 : month > 12 ? 12 : month, date & 0x1f);

	return (struct moment){.seconds = days * 86400 + (time >> 11) * 3600 + (time >> 5 & 0x3f) * 60 + (time & 0x1f) * 2 + hundredths / 100,
		.nanoseconds = hundredths % 100 * 10000000, .given = date != 0};
}

struct fat_time
calendar_to_fat(int64_t seconds)
{
	int64_t bounded = seconds < CALENDAR_FAT_FIRST ? CALENDAR_FAT_FIRST : seconds > CALENDAR_FAT_LAST ? CALENDAR_FAT_LAST : seconds;
	int64_t days = bounded / 86400, in_day = bounded % 86400;
	int year = 1980, month = 1;

	while (calendar_days(year + 1, 1, 1) <= days)
		year++;
	while (month < 12 && calendar_days(year, month + 1, 1) <= days)
		month++;
	return (struct fat_time){
		.date = (uint16_t)((year - 1980) << 9 | month << 5 | (days - calendar_days(year, month, 1) + 1)),
		.time = (uint16_t)(in_day / 3600 << 11 | in_day / 60 % 60 << 5 | in_day % 60 / 2),
		.hundredths = (uint8_t)(in_day % 2 * 100),
	};
}

bool
moment_equal(const struct moment *a, const struct moment *b)
{
	return a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

const char *
calendar_text(struct arena *a, const struct moment *m)
{
	const char *fraction = m->nanoseconds ? arena_printf(a, ".%09" PRIu32, m->nanoseconds) : "";
	time_t seconds = (time_t)m->seconds;
	struct tm tm;

	if (!m->given)
		return "none";
	if (seconds != m->seconds || !gmtime_r(&seconds, &tm))
		return arena_printf(a, "%" PRId64 "%s seconds since 1970", m->seconds, fraction);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		tm.tm_sec, fraction);
}

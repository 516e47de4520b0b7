/* Moments as FATs and as people have them. */
#include "support/calendar.h"

#include "unit.h"

TEST(a_fat_has_dates_from_1980_on_and_hundredths_of_two_seconds)
{
	struct arena *a = unit_compilation()->arena;
	struct moment first = calendar_fat(1 << 5 | 1, 0, 0), odd = calendar_fat(21 << 9 | 9 << 5 | 9, 1 << 11 | 46 << 5 | 20, 101);
	struct moment none = calendar_fat(0, 0, 0), absurd = calendar_fat(0xffff, 0xffff, 255);

	assert_int_equal(first.seconds, 315532800);
	assert_string_equal(calendar_text(a, &first), "1980-01-01T00:00:00Z");
	assert_string_equal(calendar_text(a, &odd), "2001-09-09T01:46:41.010000000Z");
	assert_string_equal(calendar_text(a, &none), "none");
	assert_true(absurd.given);
}

TEST(a_fat_has_every_moment_of_its_years_and_the_nearest_of_others)
{
	struct fat_time before = calendar_to_fat(INT64_MIN), after = calendar_to_fat(INT64_MAX);
	int64_t seconds = CALENDAR_FAT_FIRST;

	assert_int_equal(calendar_fat(before.date, before.time, before.hundredths).seconds, CALENDAR_FAT_FIRST);
	assert_int_equal(calendar_fat(after.date, after.time, after.hundredths).seconds, CALENDAR_FAT_LAST);
	for (; seconds <= CALENDAR_FAT_LAST; seconds += 86399) { /* each day, and each second of one */
		struct fat_time time = calendar_to_fat(seconds);

		assert_int_equal(calendar_fat(time.date, time.time, time.hundredths).seconds, seconds);
	}
	assert_int_equal(calendar_days(1980, 1, 1) * 86400, CALENDAR_FAT_FIRST);
	assert_int_equal(calendar_days(2108, 1, 1) * 86400 - 1, CALENDAR_FAT_LAST);
}

TEST(a_moment_before_1970_is_told_as_one)
{
	struct arena *a = unit_compilation()->arena;

	assert_string_equal(calendar_text(a, &(struct moment){.seconds = -1, .given = true}), "1969-12-31T23:59:59Z");
	assert_string_equal(calendar_text(a, &(struct moment){.seconds = INT64_C(1) << 33, .given = true}), "2242-03-16T12:56:32Z");
}

/* What is offered for values that are in no form that they must have. */
#include "unit.h"

#include <string.h>

#include "read/meant.h"
#include "support/arena.h"

struct row {
	const char *text, *meant; /* NULL: nothing is offered */
};

static void
offers(const char *(*meant)(struct arena *, const char *), const struct row *rows, size_t count)
{
	struct arena *a = arena_new();

	for (size_t i = 0; i < count; i++) {
		const char *got = meant(a, rows[i].text);

		if (!rows[i].meant)
			assert_null(got);
		else
			assert_string_equal(got, rows[i].meant);
	}
	arena_free(a);
}

#define OFFERS(function, ...) \
	offers(function, (const struct row[]){__VA_ARGS__}, sizeof((const struct row[]){__VA_ARGS__}) / sizeof(struct row))

TEST(sizes_of_other_tools_are_offered_in_whole_units)
{
	OFFERS(meant_size, {"32M", "32MiB"}, {"32m", "32MiB"}, {"32MB", "32MiB"}, {"32Mi", "32MiB"}, {"32MIB", "32MiB"}, {"32 MiB", "32MiB"},
		{"+32M", "32MiB"}, {" 7_k", "7KiB"}, {"007K", "7KiB"}, {"0K", "0KiB"}, {"1.5GiB", "1536MiB"}, {"1,5G", "1536MiB"},
		{"0.5T", "512GiB"}, {"1.2G", "1229MiB"}, {"1.0001K", "1025B"});
	OFFERS(meant_size, {"32", NULL}, {"M", NULL}, {"", NULL}, {"1.M", NULL}, {"1.5", NULL}, {"1.5B", NULL}, {"1.00000001G", NULL},
		{"9999999999.5G", NULL}, {"0x10M", NULL}, {"-5MiB", NULL}, {"5MiBs", NULL}, {"1e9", NULL});
}

TEST(dates_are_offered_as_whole_times)
{
	OFFERS(meant_date, {"2026-01-01", "2026-01-01T00:00:00Z"}, {"2026-01-01 12:30:00", "2026-01-01T12:30:00Z"},
		{"2026-01-01T12:30:00", "2026-01-01T12:30:00Z"}, {"2026-01-01t12:30:00z", "2026-01-01T12:30:00Z"});
	OFFERS(meant_date, {"2026-02-30", NULL}, {"yesterday!", NULL}, {"", NULL}, {"2026-01-01 12:30:00+01:00", NULL}, {"2026-01-01 12:30", NULL});
}

TEST(uuids_are_offered_without_what_is_around_them)
{
	OFFERS(meant_uuid, {"{12345678-1234-1234-1234-123456789abc}", "12345678-1234-1234-1234-123456789abc"},
		{"URN:uuid:12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789abc"});
	OFFERS(meant_uuid, {"{}", NULL}, {"random", NULL}, {"", NULL}, {"urn:uuid:", NULL});
}

TEST(modes_of_other_languages_are_read)
{
	static const struct {
		const char *text;
		unsigned mode;
	} rows[] = {{"0o755", 0755}, {"0O4755", 04755}, {"100644", 0644}, {"0100755", 0755}, {"07777", 07777}, {"rwxr-x--x", 0751},
		{"-rw-r--r--", 0644}, {"drwxrwxrwx", 0777}, {"493", 0755}};
	static const char *const others[] = {"", "75", "u+x", "999", "0888", "rwx", "rwxrwxrwt", "rwxr-xr-x+", "12345678", "0x1ed"};
	unsigned mode;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(meant_mode(rows[i].text, &mode));
		assert_int_equal(mode, rows[i].mode);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_false(meant_mode(others[i], &mode));
}

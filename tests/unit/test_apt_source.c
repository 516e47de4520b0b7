#include "unit.h"

#include <string.h>

#include "model/apt_source.h"

static bool
is(const struct apt_words *words, const char *text)
{
	return words->length == strlen(text) && memcmp(words->at, text, words->length) == 0;
}

/* LINE is none: for what its bytes from AT on are, LENGTH of them. */
static void
refuse(const char *line, size_t at, size_t length, bool is_unsafe)
{
	struct apt_source source;
	struct apt_source_fault fault;

	assert_false(apt_source_parse(line, &source, &fault));
	assert_int_equal(fault.words.at - line, at);
	assert_int_equal(fault.words.length, length);
	assert_int_equal(fault.is_unsafe, is_unsafe);
	assert_non_null(fault.why);
	assert_non_null(fault.expected);
}

TEST(a_source_of_all_parts_is_taken_apart)
{
	struct apt_source source;
	struct apt_source_fault fault;

	assert_true(apt_source_parse("deb [ signed-by=keys/a.asc  check-valid-until=no ]  http://example.org:8080/a~b/  a/b-updates   main  non-free ",
		&source, &fault));
	assert_true(is(&source.signed_by, "keys/a.asc"));
	assert_false(apt_source_is_fingerprint(&source.signed_by));
	assert_true(is(&source.any_age, "check-valid-until=no"));
	assert_true(is(&source.uri, "http://example.org:8080/a~b/"));
	assert_true(is(&source.suite, "a/b-updates"));
	assert_true(is(&source.components, "main  non-free"));
	assert_int_equal(source.directory.length, 0);
	assert_int_equal(source.trusted.length, 0);
}

TEST(a_source_on_the_host_has_a_directory_and_may_be_trusted)
{
	struct apt_source source;
	struct apt_source_fault fault;

	assert_true(apt_source_parse("deb [trusted=yes] file:../archive ./", &source, &fault));
	assert_true(is(&source.directory, "../archive"));
	assert_true(is(&source.trusted, "trusted=yes"));
	assert_true(is(&source.suite, "./"));
	assert_int_equal(source.components.length, 0);
	assert_true(apt_source_parse("deb copy:///srv/archive bookworm main", &source, &fault));
	assert_true(is(&source.directory, "///srv/archive"));
	assert_true(apt_source_parse("deb file:/srv/archive /", &source, &fault));
}

TEST(a_fingerprint_is_no_path)
{
	struct apt_source source;
	struct apt_source_fault fault;

	assert_true(apt_source_parse("deb [signed-by=0123456789abcdefABCDEF012345678901234567] http://h/ s main", &source, &fault));
	assert_true(apt_source_is_fingerprint(&source.signed_by));
	refuse("deb [signed-by=0123456789abcdefABCDEF01234567890123456] http://h/ s main", 15, 39, false);
}

TEST(what_is_no_source_is_wrong_at_its_words)
{
	refuse("", 0, 0, false);
	refuse("debian http://h/ s main", 0, 6, false);
	refuse("deb [] http://h", 15, 0, false);
	refuse("deb [[signed-by=a.gpg]] http://h/ s main", 5, 16, false);
	refuse("deb [signed-by=] http://h/ s main", 5, 10, false);
	refuse("deb [signed-by=a.gpg", 4, 1, false);
	refuse("deb HTTP://h/ s main", 4, 9, false);
	refuse("deb file:// s main", 4, 7, false);
	refuse("deb copy: ./", 4, 5, false);
	refuse("deb http://h/ s/ main", 17, 4, false);
	refuse("deb http://h/ s m\xc3\xa4in", 17, 2, false);
	refuse("deb [trusted=no] file:a ./", 13, 2, false);
}

TEST(trust_is_not_lowered_by_a_line)
{
	refuse("deb [trusted=yes] http://h/ s main", 5, 11, true);
	refuse("deb [trusted=yes signed-by=a.gpg] https://h/ s main", 5, 11, true);
	refuse("deb [allow-insecure=no] file:a ./", 5, 17, true);
}

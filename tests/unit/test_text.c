#include "unit.h"

#include <string.h>

#include "support/text.h"

static struct arena *
arena(void)
{
	return unit_compilation()->arena;
}

TEST(sequences_are_those_of_rfc_3629)
{
	static const struct {
		const char *bytes;
		size_t length;
		int32_t point;
	} cases[] = {
		{"a", 1, 'a'},
		{"\x7f", 1, 0x7f},
		{"\xc3\xa9", 2, 0xe9},
		{"\xe2\x82\xac", 3, 0x20ac},
		{"\xf0\x9f\x98\x80", 4, 0x1f600},
		{"\xf4\x8f\xbf\xbf", 4, 0x10ffff},
		{"\x80", 1, -1},                /* a continuation alone */
		{"\xc0\xaf", 1, -1},            /* overlong */
		{"\xe0\x80\xaf", 1, -1},        /* overlong */
		{"\xed\xa0\x80", 1, -1},        /* a surrogate */
		{"\xf4\x90\x80\x80", 1, -1},    /* past the end of Unicode */
		{"\xf5\x80\x80\x80", 1, -1},
		{"\xe2\x82", 1, -1},            /* cut short */
		{"\xff", 1, -1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(text_sequence_length(cases[i].bytes, strlen(cases[i].bytes)), cases[i].length);
		assert_int_equal(text_decode(cases[i].bytes, strlen(cases[i].bytes)), cases[i].point);
	}
}

TEST(code_points_count_broken_bytes_singly)
{
	assert_int_equal(text_code_points("r\xc3\xa9\xff\xc3", 5), 4);
	assert_int_equal(text_code_points("", 0), 0);
}

TEST(escaping_leaves_nothing_a_terminal_acts_on)
{
	static const char *const cases[][2] = {
		{"plain text", "plain text"},
		{"\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
		{"a\nb\tc\rd", "a\\nb\\tc\\rd"},
		{"back\\slash", "back\\\\slash"},
		{"\x1b[31mred", "\\x1b[31mred"},
		{"\x7f", "\\x7f"},
		{"\xff\xc3", "\\xff\\xc3"},
		{"\xc2\x9b" "31m", "\\u{009b}31m"},
		{"a\xe2\x80\xae" "b", "a\\u{202e}b"},
		{"\xef\xbb\xbf", "\\u{feff}"},
		{"a\xc2\xa0" "b", "a\\u{00a0}b"},
		{"a\xc2\xad" "b", "a\\u{00ad}b"},
		{"\xe3\x80\x80", "\\u{3000}"},
		{"\xf3\xa0\x80\x81", "\\u{e0001}"},
	};
	struct arena *a = arena();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_escape(a, cases[i][0]), cases[i][1]);
	assert_string_equal(text_escape_bytes(a, "a\0b", 3), "a\\x00b");
}

TEST(sizes_round_up_to_one_decimal)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 bytes"}, {1, "1 byte"}, {1023, "1023 bytes"}, {1024, "1 KiB"}, {1025, "1.1 KiB"}, {1536, "1.5 KiB"},
		{1024 * 1024 - 1, "1 MiB"}, {24u << 20, "24 MiB"}, {(24u << 20) + 1, "24.1 MiB"}, {37853593, "36.1 MiB"}, {37853594, "36.2 MiB"},
		{1ull << 40, "1 TiB"}, {UINT64_MAX, "16 EiB"},
	};
	struct arena *a = arena();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_bytes(a, cases[i].bytes), cases[i].text);
}

TEST(one_is_singular)
{
	struct arena *a = arena();

	assert_string_equal(text_count(a, 0, "file", "files"), "0 files");
	assert_string_equal(text_count(a, 1, "file", "files"), "1 file");
	assert_string_equal(text_count(a, 2, "file", "files"), "2 files");
}

TEST(the_nearest_word_is_a_slip_of_the_finger_away)
{
	static const char *const words[] = {"size", "start", "bootable", "filesystem"};

	assert_string_equal(text_nearest("sizee", words, 4), "size");
	assert_string_equal(text_nearest("szie", words, 4), "size");
	assert_string_equal(text_nearest("file-system", words, 4), "filesystem");
	assert_null(text_nearest("label", words, 4));
	assert_null(text_nearest("", words, 4));
	assert_null(text_nearest("size", words, 0));
}

TEST(lists_are_joined_with_their_last_word)
{
	static const char *const words[] = {"B", "KiB", "MiB"};
	struct arena *a = arena();

	assert_string_equal(text_join(a, words, 0, ", ", " or "), "");
	assert_string_equal(text_join(a, words, 1, ", ", " or "), "B");
	assert_string_equal(text_join(a, words, 2, ", ", " or "), "B or KiB");
	assert_string_equal(text_join(a, words, 3, ", ", " or "), "B, KiB or MiB");
}

TEST(prefixes_and_suffixes)
{
	assert_true(text_starts_with("/etc/x", "/etc"));
	assert_false(text_starts_with("/et", "/etc"));
	assert_true(text_ends_with("a.deb", ".deb"));
	assert_false(text_ends_with("b", ".deb"));
}

TEST(patterns_match_one_component)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{"vmlinuz-*", "vmlinuz-6.1.0", true},
		{"vmlinuz-*", "vmlinuz", false},
		{"*", "", true},
		{"*", ".hidden", true},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxbyy", false},
		{"?", "x", true},
		{"?", "", false},
		{"tty[0-3]", "tty2", true},
		{"tty[0-3]", "tty4", false},
		{"[!a-c]x", "dx", true},
		{"[!a-c]x", "bx", false},
		{"[]]", "]", true},
		{"[abc", "[abc", true},
		{"a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(text_matches(cases[i].pattern, cases[i].name), cases[i].matches);
	assert_true(text_is_pattern("a*"));
	assert_true(text_is_pattern("[a]"));
	assert_false(text_is_pattern("/plain/path"));
}

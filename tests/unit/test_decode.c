/* Values: what each kind takes, what it becomes, and what a mistake in it is told. */
#include "given.h"

#include <string.h>

#include "read/read.h"

#define HEAD "rootc: 1\nname: x\n"
#define DISK "disk: {size: 8MiB}\n"
#define TAIL DISK "partitions: {root: {size: rest}}\n"

/* The manifest with VALUE where the format has its %s. */
static const struct manifest *
with(struct compilation *c, const char *format, const char *value)
{
	char *text = arena_alloc(c->arena, strlen(format) + strlen(value) + 1);
	const char *at = strstr(format, "%s");

	memcpy(text, format, (size_t)(at - format));
	strcat(strcat(text, value), at + 2);
	return given(c, text);
}

static void
expect_refused(const char *format, const char *value, enum diag_kind kind, uint32_t line, uint32_t column)
{
	struct compilation *c = unit_compilation();

	assert_null(with(c, format, value));
	unit_expect(c, 0, kind, line, column);
	assert_int_equal(c->diags.count, 1);
}

static const struct manifest *
expect_taken(const char *format, const char *value)
{
	struct compilation *c = unit_compilation();
	const struct manifest *m = with(c, format, value);

	unit_expect_none(c);
	assert_non_null(m);
	return m;
}

TEST(what_is_not_written_has_its_default_and_the_place_of_its_mapping)
{
	struct compilation *c = unit_compilation();
	const struct manifest *m = given(c,
		HEAD DISK "partitions:\n  root: {size: rest, filesystem: {type: ext4}}\n"
		"devices:\n  /dev/x: {type: block, major: 8, minor: 1}\n"
		"files:\n  /a: {content: \"\"}\n");

	unit_expect_none(c);
	assert_int_equal(m->epoch.v, 0);
	assert_false(m->epoch.given);
	assert_int_equal(m->epoch.at.line, 1);
	assert_int_equal(m->disk.table.v, TABLE_MBR);
	assert_false(m->disk.id.given);
	assert_int_equal(m->partitions[0].filesystem.block_size.bytes, 4096);
	assert_int_equal(m->partitions[0].filesystem.block_size.at.column, 34);
	assert_int_equal(m->partitions[0].filesystem.inode_size.v, 256);
	assert_int_equal(m->partitions[0].filesystem.reserved_percent.v, 0);
	assert_true(m->partitions[0].filesystem.given);
	assert_false(m->partitions[0].bootable.v);
	assert_null(m->partitions[0].mount.v);
	assert_int_equal(m->devices[0].mode.v, 0600);
	assert_false(m->devices[0].mode.given);
	assert_false(m->files[0].mode.given);
	assert_true(m->files[0].content.given);
	assert_string_equal(m->files[0].content.v, "");
	assert_false(m->grub.given);
	assert_int_equal(m->grub.timeout.v, 5);
	assert_int_equal(m->grub.version.v, GRUB_2);
	assert_false(m->kernel.given);
	assert_false(m->busybox.given);
}

TEST(all_that_can_be_written_is_taken_in_order)
{
	struct compilation *c = unit_compilation();
	const struct manifest *m = given(c,
		"rootc: 1\nname: board-1.0\nepoch: 2038-01-19T03:14:08Z\nnamespace: 6F1D2C3B-0a49-4d87-9f10-2b3c4d5e6f70\n"
		"inputs:\n  z: {packages: [bash, libstdc++6]}\n  a: {directory: ../overlay}\n  m: {archive: x.deb, sha256: "
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\n"
		"disk: {size: 64KiB, table: mbr, id: 0x1A2b3C4d}\n"
		"partitions:\n  b: {start: 2048s, size: 1MiB, type: 0xEF, bootable: true, mount: /}\n  a: {size: rest, type: 83}\n"
		"kernel: {image: /boot/vmlinuz-*, arguments: quiet}\n"
		"busybox: {program: /bin/busybox, applets: ['[', '[[', sh]}\n"
		"programs: [/bin/bash, /usr/bin/x*]\n"
		"files:\n  /b: {link: ../x}\n  /a: {directory: true, mode: \"1777\", owner: 4294967294, group: 5}\n  /c: {source: a/b}\n"
		"devices:\n  /dev/ttyS[0-3]: {type: char, major: 4, minor: 64, mode: 620}\n"
		"grub: {version: legacy, default: 1, timeout: 0, menu: [{title: no}, {title: b, kernel: /k, initrd: /i, root: a}]}\n");

	unit_expect_none(c);
	assert_int_equal(m->epoch.v, 2147483648);
	assert_int_equal(m->namespace_.v[0], 0x6f);
	assert_int_equal(m->namespace_.v[15], 0x70);
	assert_string_equal(m->inputs[0].name, "z");
	assert_int_equal(m->inputs[0].kind, INPUT_PACKAGES);
	assert_string_equal(m->inputs[0].architecture.v, "amd64");
	assert_int_equal(m->inputs[0].packages.count, 2);
	assert_string_equal(m->inputs[0].packages.v[1].v, "libstdc++6");
	assert_int_equal(m->inputs[1].kind, INPUT_DIRECTORY);
	assert_int_equal(m->inputs[2].kind, INPUT_ARCHIVE);
	assert_int_equal(m->inputs[2].key_at.line, 8);
	assert_int_equal(m->disk.id.v, 0x1a2b3c4d);
	assert_string_equal(m->partitions[0].name, "b");
	assert_int_equal(m->partitions[0].start.bytes, 1 << 20);
	assert_int_equal(m->partitions[0].type.v, 0xef);
	assert_true(m->partitions[0].bootable.v);
	assert_int_equal(m->partitions[1].type.v, 0x83);
	assert_int_equal(m->busybox.applets.count, 3);
	assert_string_equal(m->files[0].path, "/b");
	assert_string_equal(m->files[0].link.v, "../x");
	assert_true(m->files[1].directory.v);
	assert_int_equal(m->files[1].mode.v, 01777);
	assert_int_equal(m->files[1].owner.v, 4294967294);
	assert_int_equal(m->devices[0].mode.v, 0620);
	assert_int_equal(m->grub.menu_count, 2);
	assert_string_equal(m->grub.menu[0].title.v, "no");
	assert_string_equal(m->grub.menu[1].root.v, "a");
}

TEST(a_word_can_stand_for_all_of_a_list_and_no_other_word)
{
	static const char *const format = HEAD DISK "partitions: {root: {size: 1MiB}}\nbusybox: {program: /bin/busybox, applets: %s}\n";
	static const char *const bad[] = {"sh", "ALL", "al", "''", "[all]", "[sh, all]", "{all: true}"};
	struct compilation *c = unit_compilation();
	const struct manifest *m = given(c, arena_printf(c->arena, format, "\"all\""));

	unit_expect_none(c);
	assert_true(m->busybox.applets.all);
	assert_true(m->busybox.applets.given);
	assert_int_equal(m->busybox.applets.count, 0);
	assert_int_equal(m->busybox.applets.at.line, 5);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		c = unit_compilation();
		assert_null(given(c, arena_printf(c->arena, format, bad[i])));
		assert_int_equal(c->diags.count, 1);
		assert_int_equal(c->diags.list[0]->kind, DIAG_TYPE_MISMATCH);
	}
}

TEST(a_size_is_a_number_and_a_unit)
{
	static const char *const format = HEAD DISK "partitions: {root: {size: %s}}\n";
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"512B", 512}, {"1s", 512}, {"1KiB", 1024}, {"3MiB", 3 << 20}, {"1GiB", 1 << 30}, {"32TiB", 32ull << 40}, {"'2s'", 1024}};
	static const char *const bad[] = {"10", "10MB", "10mb", "10 MiB", "'10 MiB'", "1.5GiB", "0x10M", "1e9", "\xd9\xa1\xd9\xa0MiB",
		"-1MiB", "+1MiB", "010MiB", "MiB", "10K", "10KIB", "''", "Rest", "rest ing", "0MB", "00MiB"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(expect_taken(format, good[i].text)->partitions[0].size.bytes, good[i].bytes);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_SIZE_MALFORMED, 4, 27);
	expect_refused(format, "0s", DIAG_VALUE_OUT_OF_RANGE, 4, 27);
	expect_refused(format, "513B", DIAG_VALUE_OUT_OF_RANGE, 4, 27);
	expect_refused(format, "33TiB", DIAG_VALUE_OUT_OF_RANGE, 4, 27);
	expect_refused(format, "18446744073709551616B", DIAG_VALUE_OUT_OF_RANGE, 4, 27);
	expect_refused(format, "16777216TiB", DIAG_VALUE_OUT_OF_RANGE, 4, 27);
	expect_refused(HEAD "disk: {size: %s}\npartitions: {root: {size: rest}}\n", "rest", DIAG_SIZE_MALFORMED, 3, 14);
	expect_refused(HEAD "disk: {size: %s}\npartitions: {root: {size: rest}}\n", "127s", DIAG_VALUE_OUT_OF_RANGE, 3, 14);
}

TEST(a_size_with_a_wrong_unit_is_told_the_right_one)
{
	static const struct {
		const char *text, *help;
	} rows[] = {{"10MB", "did you mean 10MiB?"}, {"10kb", "did you mean 10KiB?"}, {"10 GiB", "did you mean 10GiB?"},
		{"7T", "did you mean 7TiB?"}, {"010MiB", "did you mean 10MiB?"}, {"0MB", "did you mean 0MiB?"}, {"10", "a size is"}};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct compilation *c = unit_compilation();

		with(c, HEAD DISK "partitions: {root: {size: %s}}\n", rows[i].text);
		assert_int_equal(strncmp(c->diags.list[0]->help, rows[i].help, strlen(rows[i].help)), 0);
	}
}

TEST(a_number_is_plain_decimal)
{
	static const char *const format = HEAD TAIL "grub: {menu: [{title: a}], timeout: %s}\n";
	static const char *const bad[] = {"010", "0x10", "0o10", "1.0", "1e3", "1_0", "+1", "' 1'", "ten", "''", "--1", "\xd9\xa3"};

	assert_int_equal(expect_taken(format, "0")->grub.timeout.v, 0);
	assert_int_equal(expect_taken(format, "'3600'")->grub.timeout.v, 3600);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_NUMBER_MALFORMED, 5, 37);
	expect_refused(format, "-2", DIAG_VALUE_OUT_OF_RANGE, 5, 37);
	expect_refused(format, "3601", DIAG_VALUE_OUT_OF_RANGE, 5, 37);
	expect_refused(format, "18446744073709551616", DIAG_VALUE_OUT_OF_RANGE, 5, 37);
}

TEST(a_mode_is_three_or_four_octal_digits)
{
	static const char *const format = HEAD TAIL "files: {/a: {content: x, mode: %s}}\n";
	static const char *const bad[] = {"0888", "07777", "010755", "-1", "99999999999", "0o755", "44", "u+x", "''", "75 5"};

	assert_int_equal(expect_taken(format, "0755")->files[0].mode.v, 0755);
	assert_int_equal(expect_taken(format, "'755'")->files[0].mode.v, 0755);
	assert_int_equal(expect_taken(format, "7777")->files[0].mode.v, 07777);
	assert_int_equal(expect_taken(format, "000")->files[0].mode.v, 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_MODE_MALFORMED, 5, 32);
}

TEST(a_boolean_is_true_or_false)
{
	static const char *const format = HEAD DISK "partitions: {root: {size: rest, bootable: %s}}\n";
	static const char *const bad[] = {"yes", "no", "True", "FALSE", "on", "1", "y", "''", "'true '"};

	assert_true(expect_taken(format, "true")->partitions[0].bootable.v);
	assert_true(expect_taken(format, "\"true\"")->partitions[0].bootable.v);
	assert_false(expect_taken(format, "false")->partitions[0].bootable.v);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_BOOLEAN_MALFORMED, 4, 43);
}

TEST(a_time_exists_in_the_calendar_and_on_ext4)
{
	static const char *const format = "epoch: %s\n" HEAD TAIL;
	static const struct {
		const char *text;
		int64_t seconds;
	} good[] = {{"0", 0}, {"-1", -1}, {"-2147483648", -2147483648}, {"15032385535", 15032385535}, {"1970-01-01T00:00:00Z", 0},
		{"2000-02-29T12:34:56Z", 951827696}, {"1969-12-31T23:59:59Z", -1}, {"1901-12-13T20:45:52Z", -2147483648},
		{"2446-05-10T22:38:55Z", 15032385535}, {"2100-03-01T00:00:00Z", 4107542400}, {"'86400'", 86400}};
	static const char *const bad[] = {"2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2023-01-32T00:00:00Z", "2023-13-01T00:00:00Z",
		"2023-00-01T00:00:00Z", "2023-01-00T00:00:00Z", "2016-12-31T23:59:60Z", "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z",
		"2023-01-01T00:00:00", "2023-01-01T00:00:00+01:00", "2023-01-01", "2023-01-01 00:00:00Z", "'1.5'", "now", "007", "1e9", "-00",
		"''", "0000-01-01T00:00:00Z", "2023-1-01T00:00:000Z", "+5", "2023-01-01t00:00:00z"};
	static const char *const far[] = {"-2147483649", "15032385536", "1901-12-13T20:45:51Z", "2446-05-10T22:38:56Z",
		"999999999999999999999999999999", "9223372036854775808"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_int_equal(expect_taken(format, good[i].text)->epoch.v, good[i].seconds);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_TIME_MALFORMED, 1, 8);
	for (size_t i = 0; i < sizeof far / sizeof *far; i++)
		expect_refused(format, far[i], DIAG_VALUE_OUT_OF_RANGE, 1, 8);
}

TEST(a_uuid_is_canonical_and_not_nil)
{
	static const char *const format = "namespace: %s\n" HEAD TAIL;
	static const char *const bad[] = {"xyz", "00000000-0000-0000-0000-000000000000", "'{12345678-1234-1234-1234-123456789abc}'",
		"urn:uuid:12345678-1234-1234-1234-123456789abc", "12345678-1234-1234-1234-123456789ab",
		"123456781-234-1234-1234-123456789abc", "12345678123412341234123456789abc", "12345678-1234-1234-1234-123456789abg", "''"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_UUID_MALFORMED, 1, 12);
}

TEST(hexadecimal_numbers_have_all_their_digits)
{
	static const char *const type = HEAD DISK "partitions: {root: {size: rest, type: %s}}\n";
	static const char *const id = HEAD "disk: {size: 8MiB, id: %s}\npartitions: {root: {size: rest}}\n";

	assert_int_equal(expect_taken(type, "0x0c")->partitions[0].type.v, 12);
	assert_int_equal(expect_taken(type, "FF")->partitions[0].type.v, 255);
	expect_refused(type, "0x100", DIAG_VALUE_OUT_OF_RANGE, 4, 39);
	expect_refused(type, "00", DIAG_VALUE_OUT_OF_RANGE, 4, 39);
	expect_refused(type, "5", DIAG_NUMBER_MALFORMED, 4, 39);
	expect_refused(type, "0x", DIAG_NUMBER_MALFORMED, 4, 39);
	expect_refused(type, "Linux", DIAG_CHOICE_UNKNOWN, 4, 39);
	assert_int_equal(expect_taken(type, "linux")->partitions[0].type.v, 0x83);
	assert_true(expect_taken(type, "linux")->partitions[0].type.has_guid);
	assert_false(expect_taken(type, "0x83")->partitions[0].type.has_guid);
	expect_refused(id, "12345678", DIAG_NUMBER_MALFORMED, 3, 24);
	expect_refused(id, "0x1234567", DIAG_NUMBER_MALFORMED, 3, 24);
	assert_int_equal(expect_taken(id, "0x00000000")->disk.id.v, 0);
}

TEST(paths_are_absolute_and_normalised)
{
	static const char *const format = HEAD TAIL "programs: ['%s']\n";
	static const char *const bad[] = {"etc/x", "/etc//x", "/etc/", "/./x", "/etc/.", "/etc/../x", "/..", "//", "/", ".", "~/x"};
	char component[258] = "/";

	expect_taken(format, "/.x");
	expect_taken(format, "/...");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_PATH_MALFORMED, 5, 12);
	expect_refused(format, "", DIAG_VALUE_MISSING, 5, 12);
	memset(component + 1, 'a', 255);
	expect_taken(format, component);
	memset(component + 1, 'a', 256);
	expect_refused(format, component, DIAG_PATH_MALFORMED, 5, 12);
}

TEST(a_source_lies_in_the_pool_or_below_the_manifest)
{
	static const char *const format = HEAD TAIL "files: {/a: {source: '%s'}}\n";
	static const char *const bad[] = {"../x", "a/../b", "./x", "x/", "a//b", "/", "/x/", ".", ".."};

	assert_string_equal(expect_taken(format, "a/b")->files[0].source.v, "a/b");
	expect_taken(format, "/usr/bin/x");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_PATH_MALFORMED, 5, 22);
}

TEST(a_device_path_has_one_range_at_most)
{
	static const char *const format = HEAD TAIL "devices: {'%s': {type: char, major: 1, minor: 1}}\n";
	static const char *const bad[] = {"/dev/a[0-]", "/dev/a[-3]", "/dev/a[3-0]", "/dev/a[0-3", "/dev/a[0-3]b[0-3]", "/dev[0-1]/a", "/dev/a[00-3]",
		"/dev/a[0-03]", "/dev/a]", "/dev/[a-c]", "/dev/a[0]", "/dev/a[0-12345678]", "/"};

	expect_taken(format, "/dev/a[0-0]");
	expect_taken(format, "/dev/a[8-11]x");
	expect_taken(format, "/dev/a[0-4095]");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(format, bad[i], DIAG_PATH_MALFORMED, 5, 11);
	expect_refused(format, "/dev/a[0-4096]", DIAG_VALUE_OUT_OF_RANGE, 5, 11);
}

TEST(text_is_taken_as_it_is_written)
{
	static const char *const format = HEAD TAIL "files: {/a: {content: %s}}\n";

	assert_string_equal(expect_taken(format, "no")->files[0].content.v, "no");
	assert_string_equal(expect_taken(format, "0644")->files[0].content.v, "0644");
	assert_string_equal(expect_taken(format, "'~'")->files[0].content.v, "~");
	assert_string_equal(expect_taken(format, "\"null\"")->files[0].content.v, "null");
	assert_string_equal(expect_taken(format, "\"a\\tb\\e\"")->files[0].content.v, "a\tb\x1b");
	expect_refused(format, "~", DIAG_VALUE_MISSING, 5, 23);
	expect_refused(format, "null", DIAG_VALUE_MISSING, 5, 23);
	expect_refused(format, "", DIAG_VALUE_MISSING, 5, 23);
	expect_refused(format, "[a]", DIAG_TYPE_MISMATCH, 5, 23);
	expect_refused(format, "{a: b}", DIAG_TYPE_MISMATCH, 5, 23);
}

TEST(names_have_few_characters)
{
	static const char *const name = "rootc: 1\nname: %s\n" TAIL;
	static const char *const bad[] = {"X", "-x", ".x", "x y", "x/y", "\xc3\xa9", "'x\ty'"};

	expect_taken(name, "1a._-");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect_refused(name, bad[i], DIAG_TEXT_MALFORMED, 2, 7);
	expect_refused(name, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", DIAG_TEXT_MALFORMED, 2, 7);
	expect_refused(name, "''", DIAG_VALUE_MISSING, 2, 7);
	expect_refused(HEAD DISK "partitions: {%s: {size: rest}}\n", "Root", DIAG_TEXT_MALFORMED, 4, 14);
	expect_refused(HEAD TAIL "inputs: {%s: {directory: x}}\n", "a.b", DIAG_TEXT_MALFORMED, 5, 10);
}

TEST(a_label_is_at_most_16_bytes_of_visible_text)
{
	static const char *const format = HEAD DISK "partitions: {root: {size: rest, filesystem: {type: ext2, label: %s}}}\n";

	expect_taken(format, "abcdefghijklmnop");
	expect_taken(format, "''");
	expect_refused(format, "abcdefghijklmnopq", DIAG_TEXT_MALFORMED, 4, 65);
	expect_refused(format, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4x", DIAG_TEXT_MALFORMED, 4, 65);
	expect_refused(format, "\"a\\nb\"", DIAG_CHARACTER_FORBIDDEN, 4, 65);
}

TEST(boot_strings_are_one_visible_line)
{
	static const char *const title = HEAD TAIL "grub: {menu: [{title: %s}]}\n";
	static const char *const arguments = HEAD TAIL "grub: {menu: [{title: a, arguments: %s}]}\n";

	expect_taken(arguments, "''");
	expect_refused(title, "\"a\\nb\"", DIAG_CHARACTER_FORBIDDEN, 5, 23);
	expect_refused(title, "\"a\\rb\"", DIAG_CHARACTER_FORBIDDEN, 5, 23);
	expect_refused(title, "''", DIAG_VALUE_MISSING, 5, 23);
	expect_refused(arguments, "\"a\\eb\"", DIAG_CHARACTER_FORBIDDEN, 5, 37);
}

TEST(all_independent_mistakes_are_reported_at_once)
{
	struct compilation *c = unit_compilation();

	assert_null(given(c, "rootc: 1\nname: X\ndisk: {size: 1}\npartitions:\n  root: {size: 1, colour: x}\nprograms: no\n"));
	unit_expect(c, 0, DIAG_TEXT_MALFORMED, 2, 7);
	unit_expect(c, 1, DIAG_SIZE_MALFORMED, 3, 14);
	unit_expect(c, 2, DIAG_KEY_UNKNOWN, 5, 19);
	unit_expect(c, 3, DIAG_SIZE_MALFORMED, 5, 16);
	unit_expect(c, 4, DIAG_TYPE_MISMATCH, 6, 11);
	assert_int_equal(c->diags.count, 5);
}

TEST(a_slip_in_a_key_is_one_mistake)
{
	struct compilation *c = unit_compilation();

	assert_null(given(c, "rootc: 1\nNAME: x\ndisk: {siez: 8MiB}\npartitions: {root: {size:8MiB}}\ninputs: {a: {direktory: x}}\n"));
	unit_expect(c, 0, DIAG_KEY_UNKNOWN, 2, 1);
	assert_string_equal(c->diags.list[0]->help, "did you mean 'name'?");
	unit_expect(c, 1, DIAG_KEY_UNKNOWN, 5, 14);
	unit_expect(c, 2, DIAG_KEY_UNKNOWN, 3, 8);
	unit_expect(c, 3, DIAG_KEY_UNKNOWN, 4, 21);
	assert_int_equal(c->diags.count, 4);
}

TEST(a_key_in_the_wrong_place_is_told_the_right_one)
{
	struct compilation *c = unit_compilation();

	given(c, HEAD DISK "partitions: {root: {size: rest, label: x}}\ncolour: blue\n");
	unit_expect(c, 1, DIAG_KEY_UNKNOWN, 4, 33);
	assert_string_equal(c->diags.list[1]->help, "'label' belongs in 'filesystem'");
	unit_expect(c, 0, DIAG_KEY_UNKNOWN, 5, 1);
	assert_non_null(strstr(c->diags.list[0]->help, "the keys here are rootc, name"));
}

TEST(missing_keys_are_reported_where_they_would_stand)
{
	struct compilation *c = unit_compilation();

	assert_null(given(c, "rootc: 1\npartitions:\n  root:\n    bootable: true\ndisk: {}\n"));
	unit_expect(c, 0, DIAG_KEY_MISSING, 1, 1);
	unit_expect(c, 1, DIAG_KEY_MISSING, 5, 7);
	unit_expect(c, 2, DIAG_KEY_MISSING, 3, 3);
	assert_int_equal(c->diags.count, 3);
}

TEST(exactly_one_key_says_what_a_thing_is)
{
	static const char *const file = HEAD TAIL "files: {/a: {%s}}\n";
	static const char *const input = HEAD TAIL "inputs: {a: {%s}}\n";

	expect_refused(file, "mode: 644", DIAG_KEY_MISSING, 5, 13);
	expect_refused(file, "content: x, link: y", DIAG_KEY_CONFLICT, 5, 26);
	expect_refused(file, "directory: false", DIAG_CHOICE_UNKNOWN, 5, 25);
	expect_refused(input, "architecture: amd64", DIAG_KEY_MISSING, 5, 13);
	expect_refused(input, "packages: [a], directory: b", DIAG_KEY_CONFLICT, 5, 29);
	expect_refused(input, "directory: b, architecture: amd64", DIAG_KEY_CONFLICT, 5, 28);
	expect_refused(input, "packages: []", DIAG_VALUE_MISSING, 5, 24);
}

TEST(another_format_is_the_only_thing_said)
{
	expect_refused("rootc: %s\nunknown: key\n", "2", DIAG_FORMAT_UNKNOWN, 1, 8);
	expect_refused("rootc: %s\nunknown: key\n", "99999999999999999999999", DIAG_FORMAT_UNKNOWN, 1, 8);
	expect_refused("rootc: %s\nname: x\n" TAIL, "one", DIAG_NUMBER_MALFORMED, 1, 8);
	expect_refused("rootc: %s\nname: x\n" TAIL, "-1", DIAG_VALUE_OUT_OF_RANGE, 1, 8);
}

TEST(a_mistake_in_an_aliased_value_is_said_once)
{
	struct compilation *c = unit_compilation();

	assert_null(given(c, HEAD TAIL "files: {/a: &f {content: x, mode: 9}, /b: *f, /c: *f}\n"));
	unit_expect(c, 0, DIAG_MODE_MALFORMED, 5, 35);
	assert_int_equal(c->diags.count, 1);
}

TEST(a_manifest_knows_its_directory)
{
	struct compilation *c = unit_compilation();
	const struct manifest *m = given(c, HEAD TAIL);

	assert_string_equal(m->directory, "/proc/self/fd");
}

#define LOCK_FILE "{package: busybox, version: \"1:1.35.0-4+b3\", architecture: amd64, file: busybox_1.35.0-4+b3_amd64.deb, size: 452120, " \
	"sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}"

TEST(a_lock_is_read_by_the_same_table)
{
	struct compilation *c = unit_compilation();
	const struct lock *l = given_lock(c,
		"# Written by `rootc lock`.\nlock: 1\ninputs:\n  debian:\n    architecture: amd64\n    packages: [busybox]\n    files:\n"
		"      - " LOCK_FILE "\n");

	unit_expect_none(c);
	assert_int_equal(l->input_count, 1);
	assert_string_equal(l->inputs[0].name, "debian");
	assert_int_equal(l->inputs[0].file_count, 1);
	assert_string_equal(l->inputs[0].files[0].version.v, "1:1.35.0-4+b3");
	assert_int_equal(l->inputs[0].files[0].size.v, 452120);
}

TEST(a_lock_that_is_absent_or_broken_is_an_input_s_mistake)
{
	struct compilation *c = unit_compilation();

	assert_null(read_lock(c, "/nonexistent/x.lock"));
	unit_expect(c, 0, DIAG_LOCK_MISSING, 0, 0);
	assert_null(given_lock(c, "lock: 1\ninputs:\n  debian:\n    architecture: amd64\n    packages: [a]\n    files: [{size: -1}]\n"));
	for (size_t i = 1; i < c->diags.count; i++)
		assert_int_equal(c->diags.list[i]->kind, DIAG_LOCK_BROKEN);
	assert_null(given_lock(c, "lock: [\n"));
	assert_null(given_lock(c, ""));
	assert_int_equal(diagnostics_status(&c->diags), 4);
	assert_int_equal(c->diags.error_count, 9);
}

TEST(a_lock_s_file_is_a_name_without_a_directory)
{
	struct compilation *c = unit_compilation();

	assert_null(given_lock(c, "lock: 1\ninputs:\n  debian:\n    architecture: amd64\n    packages: [a]\n    files:\n"
		"      - {package: a, version: 1, architecture: amd64, file: ../x.deb, size: 1, "
		"sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef}\n"));
	unit_expect(c, 0, DIAG_LOCK_BROKEN, 7, 61);
	assert_int_equal(c->diags.count, 1);
}

#include "unit.h"

#include "model/applets.h"
#include "sysroot.h"

static struct sysroot
given(const char *table)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/bin/busybox", arena_printf(s.c->arena, "--type exec --static --rodata %s", table));
	s.manifest.busybox.given = true;
	s.manifest.busybox.program = sysroot_words(&s, 3, "/bin/busybox");
	return s;
}

static void
want(struct sysroot *s, uint32_t line, const char *applet)
{
	*ARENA_PUSH(s->c->arena, s->manifest.busybox.applets.v, s->manifest.busybox.applets.count) = sysroot_words(s, line, applet);
}

static const char debian[] = "BusyBox\\0[\\0[[\\0ash\\0cat\\0ls\\0mount\\0sh\\0Usage:";

TEST(applets_of_the_table_are_taken_with_their_words)
{
	struct sysroot s = given(debian);

	want(&s, 4, "sh");
	want(&s, 5, "[");
	assert_true(sysroot_resolve(&s));
	unit_expect_none(s.c);
	assert_string_equal(s.closure->busybox_path, "/bin/busybox");
	assert_int_equal(s.closure->applet_count, 2);
	assert_string_equal(s.closure->applets[1].name, "[");
	assert_int_equal(s.closure->applets[1].at.line, 5);
	assert_string_equal(sysroot_reason(&s, "/bin/busybox"), "busybox.program");
}

TEST(all_are_those_of_the_table_at_the_place_of_the_word)
{
	struct sysroot s = given(debian);

	s.manifest.busybox.applets = (struct m_texts){.at = sysroot_words(&s, 4, "all").at, .all = true, .given = true};
	assert_true(sysroot_resolve(&s));
	unit_expect_none(s.c);
	assert_int_equal(s.closure->applet_count, 7);
	assert_string_equal(s.closure->applets[0].name, "[");
	assert_string_equal(s.closure->applets[6].name, "sh");
	assert_int_equal(s.closure->applets[6].at.line, 4);
}

TEST(all_leave_a_name_to_the_program_or_link_that_is_asked_for)
{
	struct sysroot s = given(debian);

	s.manifest.busybox.applets.all = true;
	sysroot_text(&s, "/bin/x", "#!/bin/sh\n");
	sysroot_text(&s, "/bin/y", "#!/bin/cat\n");
	sysroot_elf(&s, "/bin/dash", "--type exec --static --rodata dash");
	sysroot_elf(&s, "/bin/cat", "--type exec --static --rodata cat");
	sysroot_link(&s, "/bin/sh", "dash");
	sysroot_program(&s, 5, "/bin/x");
	sysroot_program(&s, 6, "/bin/y");
	sysroot_program(&s, 7, "/bin/cat");
	sysroot_program(&s, 8, "/bin/dash");
	assert_string_equal(sysroot_needs(&s), "/bin/busybox /bin/x /bin/y /bin/cat /bin/dash");
	sysroot_program(&s, 9, "/bin/sh");
	assert_string_equal(sysroot_needs(&s), "/bin/busybox /bin/x /bin/y /bin/cat /bin/dash /bin/sh");
}

TEST(all_of_a_program_without_a_table_is_one_mistake)
{
	struct sysroot s = given("NOTHING\\0HERE");

	s.manifest.busybox.applets.all = true;
	sysroot_text(&s, "/bin/x", "#!/bin/sh\n");
	sysroot_program(&s, 5, "/bin/x");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
	unit_expect(s.c, 0, DIAG_BUSYBOX_TABLE, 3, 1);
}

TEST(an_applet_has_the_directory_of_its_installer)
{
	static const char *const applets[][2] = {{"sh", "/bin"}, {"scriptreplay", "/bin"}, {"readlink", "/bin"}, {"unheard-of", "/bin"},
		{"init", "/sbin"}, {"inotifyd", "/sbin"}, {"httpd", "/usr/sbin"}, {"rfkill", "/usr/sbin"}, {"[", "/usr/bin"},
		{"getfattr", "/usr/bin"}, {"udhcpc6", "/usr/bin"}, {"linuxrc", ""}};

	for (size_t i = 0; i < sizeof applets / sizeof *applets; i++)
		assert_string_equal(applet_directory(applets[i][0]), applets[i][1]);
}

TEST(the_first_name_is_found_behind_bytes_that_end_in_no_zero)
{
	static const struct {
		const char *table, *first;
	} tables[] = {
		{"%0%[\\0[[\\0ash\\0sh", "["},
		{"%0%[[\\0ash\\0sh", "[["},
		{"%0%[[\\0[[\\0ash\\0sh", "["},
		{"%0%\\0[[\\0ash\\0sh", "[["},
		{"%[0\\0ash\\0sh", "ash"},
	};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		struct sysroot s = given(tables[i].table);

		s.manifest.busybox.applets.all = true;
		assert_true(sysroot_resolve(&s));
		assert_string_equal(s.closure->applets[0].name, tables[i].first);
	}
}

TEST(each_unknown_applet_is_an_error_with_a_guess)
{
	struct sysroot s = given(debian);

	want(&s, 4, "moutn");
	want(&s, 5, "ls");
	want(&s, 6, "quux");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 2);
	unit_expect(s.c, 0, DIAG_APPLET_UNKNOWN, 4, 1);
	assert_true(sysroot_says(&s, 0, "did you mean 'mount'?"));
	assert_true(sysroot_says(&s, 0, "7 applets"));
	unit_expect(s.c, 1, DIAG_APPLET_UNKNOWN, 6, 1);
}

TEST(the_run_with_a_shell_wins_over_a_longer_one)
{
	struct sysroot s = given("cat\\0sh\\0.\\0add\\0append\\0change\\0delete\\0show");

	want(&s, 4, "append");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_APPLET_UNKNOWN, 4, 1);
}

TEST(a_row_that_does_not_ascend_is_two_rows)
{
	struct sysroot s = given("zcat\\0cat\\0ls\\0sh");

	want(&s, 4, "zcat");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_APPLET_UNKNOWN, 4, 1);
}

TEST(a_program_without_a_table_is_no_busybox)
{
	struct sysroot s = given("NOTHING\\0HERE");

	want(&s, 4, "sh");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
	unit_expect(s.c, 0, DIAG_BUSYBOX_TABLE, 3, 1);
}

TEST(busybox_behind_a_link_is_found_at_its_real_path)
{
	struct sysroot s = given(debian);

	sysroot_link(&s, "/sbin/bb", "../bin/busybox");
	s.manifest.busybox.program = sysroot_words(&s, 3, "/sbin/bb");
	assert_string_equal(sysroot_needs(&s), "/sbin/bb /sbin /bin/busybox");
	assert_string_equal(s.closure->busybox_path, "/bin/busybox");
}

#include "unit.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "sysroot.h"

/* A pool with a loader that has the usual directories of Debian built in, and a program that needs OPTIONS. */
static struct sysroot
given(const char *options)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib64/ld-linux-x86-64.so.2",
		"--soname ld-linux-x86-64.so.2 --rodata lib/x86_64-linux-gnu\\0/lib/x86_64-linux-gnu/\\0/usr/lib/x86_64-linux-gnu/\\0/lib/\\0/usr/lib/");
	sysroot_elf(&s, "/opt/bin/prog",
		arena_printf(s.c->arena, "--interp /lib64/ld-linux-x86-64.so.2 --flags-1 0x08000000 %s", options));
	sysroot_program(&s, 3, "/opt/bin/prog");
	return s;
}

static const char base[] = "/opt/bin/prog /lib64/ld-linux-x86-64.so.2";

static void
expect_needs(struct sysroot *s, const char *more)
{
	const char *needs = sysroot_needs(s);

	unit_expect_none(s->c);
	assert_string_equal(needs, arena_printf(s->c->arena, "%s%s%s", base, *more ? " " : "", more));
}

TEST(built_in_directories_are_read_from_the_loader_and_searched_in_its_order)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/usr/lib/liba.so", "");
	sysroot_elf(&s, "/usr/lib/x86_64-linux-gnu/liba.so", "");
	expect_needs(&s, "/usr/lib/x86_64-linux-gnu/liba.so");
	assert_string_equal(sysroot_reason(&s, "/usr/lib/x86_64-linux-gnu/liba.so"),
		"NEEDED liba.so: built-in directory /usr/lib/x86_64-linux-gnu");
}

TEST(a_loader_without_directories_has_those_of_its_name)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib64/ld-linux-x86-64.so.2", "");
	sysroot_elf(&s, "/opt/bin/prog", "--interp /lib64/ld-linux-x86-64.so.2 --needed liba.so");
	sysroot_elf(&s, "/usr/lib64/liba.so", "");
	sysroot_program(&s, 3, "/opt/bin/prog");
	expect_needs(&s, "/usr/lib64/liba.so");
}

TEST(libraries_are_found_breadth_first)
{
	struct sysroot s = given("--needed liba.so --needed libb.so");

	sysroot_elf(&s, "/lib/liba.so", "--needed libc.so");
	sysroot_elf(&s, "/lib/libb.so", "");
	sysroot_elf(&s, "/lib/libc.so", "--needed liba.so --needed libc.so");
	expect_needs(&s, "/lib/liba.so /lib/libb.so /lib/libc.so");
}

TEST(a_soname_that_is_loaded_already_ends_the_search)
{
	struct sysroot s = given("--needed libimpl.so --needed libz.so.1");

	sysroot_elf(&s, "/lib/libimpl.so", "--soname libz.so.1");
	sysroot_elf(&s, "/lib/libz.so.1", "");
	expect_needs(&s, "/lib/libimpl.so");
}

TEST(the_loader_is_known_by_its_soname)
{
	struct sysroot s = given("--needed ld-linux-x86-64.so.2");

	expect_needs(&s, "");
}

TEST(the_vdso_is_no_file)
{
	struct sysroot s = given("--needed linux-vdso.so.1");

	expect_needs(&s, "");
}

TEST(runpath_comes_before_the_built_in_directories_and_is_not_inherited)
{
	struct sysroot s = given("--needed liba.so --runpath /opt/lib");

	sysroot_elf(&s, "/opt/lib/liba.so", "--needed libb.so");
	sysroot_elf(&s, "/opt/lib/libb.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/opt/lib/liba.so /lib/libb.so");
}

TEST(rpath_is_inherited)
{
	struct sysroot s = given("--needed liba.so --rpath /opt/lib");

	sysroot_elf(&s, "/opt/lib/liba.so", "--needed libb.so");
	sysroot_elf(&s, "/opt/lib/libb.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/opt/lib/liba.so /opt/lib/libb.so");
}

TEST(rpath_is_inherited_from_who_asked_first_and_who_asked_for_that)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--needed libb.so --rpath /opt/lib");
	sysroot_elf(&s, "/opt/lib/libb.so", "--needed libc.so");
	sysroot_elf(&s, "/opt/lib/libc.so", "");
	expect_needs(&s, "/lib/liba.so /opt/lib/libb.so /opt/lib/libc.so");
}

TEST(an_rpath_beside_a_runpath_is_not_inherited)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--needed libb.so --rpath /opt/lib --runpath /lib");
	sysroot_elf(&s, "/lib/libb.so", "--needed libc.so");
	sysroot_elf(&s, "/opt/lib/libc.so", "");
	sysroot_elf(&s, "/lib/libc.so", "");
	expect_needs(&s, "/lib/liba.so /lib/libb.so /lib/libc.so");
}

TEST(a_program_that_is_linked_into_one_piece_needs_nothing)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/bin/static-pie", "--flags-1 0x08000000");
	sysroot_program(&s, 3, "/bin/static-pie");
	assert_string_equal(sysroot_needs(&s), "/bin/static-pie");
}

TEST(an_rpath_beside_a_runpath_is_void)
{
	struct sysroot s = given("--needed liba.so --rpath /opt/r --runpath /opt/u");

	sysroot_elf(&s, "/opt/r/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/lib/liba.so");
}

TEST(the_rpath_of_others_is_void_for_an_object_with_a_runpath)
{
	struct sysroot s = given("--needed liba.so --rpath /opt/lib");

	sysroot_elf(&s, "/opt/lib/liba.so", "--needed libb.so --runpath /nowhere");
	sysroot_elf(&s, "/opt/lib/libb.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/opt/lib/liba.so /lib/libb.so");
}

TEST(origin_is_the_real_directory_of_the_program_and_the_found_one_of_a_library)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../lib");

	s.manifest.programs.count = 0;
	sysroot_link(&s, "/bin/p", "/opt/bin/prog");
	sysroot_program(&s, 4, "/bin/p");
	sysroot_link(&s, "/opt/lib/liba.so", "real/liba.so");
	sysroot_elf(&s, "/opt/lib/real/liba.so", "--needed libb.so --runpath ${ORIGIN}/sub");
	sysroot_elf(&s, "/opt/lib/sub/libb.so", "");
	assert_string_equal(sysroot_needs(&s),
		"/bin/p /opt/bin/prog /lib64/ld-linux-x86-64.so.2 /opt/bin /opt/lib/liba.so "
		"/opt/lib/real/liba.so /opt/lib/sub/libb.so");
}

TEST(a_longer_word_than_origin_is_no_token)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGINAL:/opt/$LIB");

	sysroot_elf(&s, "/opt/binAL/liba.so", "");
	sysroot_elf(&s, "/opt/lib/x86_64-linux-gnu/liba.so", "");
	expect_needs(&s, "/opt/lib/x86_64-linux-gnu/liba.so");
}

TEST(an_element_with_platform_is_not_usable)
{
	struct sysroot s = given("--needed liba.so --runpath /opt/$PLATFORM:/opt/x");

	sysroot_elf(&s, "/opt/x86_64/liba.so", "");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	expect_needs(&s, "/opt/x/liba.so");
}

TEST(a_needed_path_is_opened_as_it_is)
{
	struct sysroot s = given("--needed $ORIGIN/liba.so");

	sysroot_elf(&s, "/opt/bin/liba.so", "");
	expect_needs(&s, "/opt/bin/liba.so");
}

TEST(another_class_or_machine_is_passed_over)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/x86_64-linux-gnu/liba.so", "--class 32 --machine 3");
	sysroot_elf(&s, "/usr/lib/x86_64-linux-gnu/liba.so", "--machine 183");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/lib/liba.so");
}

TEST(a_library_only_of_another_machine_is_missing_and_says_so)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--class 32 --machine 3");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "/lib/liba.so is 32-bit x86, not 64-bit x86-64"));
}

TEST(a_file_that_is_no_library_is_fatal_even_before_a_good_one)
{
	static const char *const bad[] = {"--type exec", "--flags-1 0x08000000", "--static"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sysroot s = given("--needed liba.so");

		sysroot_elf(&s, "/lib/x86_64-linux-gnu/liba.so", bad[i]);
		sysroot_elf(&s, "/lib/liba.so", "");
		assert_false(sysroot_resolve(&s));
		unit_expect(s.c, 0, DIAG_LIBRARY_UNUSABLE, 3, 1);
		assert_true(sysroot_says(&s, 0, "/lib/x86_64-linux-gnu/liba.so"));
	}
}

TEST(a_linker_script_where_a_library_should_be_is_fatal)
{
	struct sysroot s = given("--needed libc.so");

	sysroot_text(&s, "/lib/libc.so", "GROUP ( libc.so.6 )\n");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_UNUSABLE, 3, 1);
	assert_true(sysroot_says(&s, 0, "is not an ELF file"));
}

TEST(without_default_directories_only_the_runpath_is_searched)
{
	struct sysroot s = given("--needed liba.so --flags-1 0x08000800");

	sysroot_elf(&s, "/lib/liba.so", "");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "the pool has '/lib/liba.so', but no search leads there"));
}

TEST(one_file_by_two_names_is_one_library)
{
	struct sysroot s = given("--needed liba.so.1 --needed liba.so");

	sysroot_elf(&s, "/lib/liba.so.1.0", "");
	sysroot_link(&s, "/lib/liba.so.1", "liba.so.1.0");
	sysroot_link(&s, "/lib/liba.so", "liba.so.1");
	expect_needs(&s, "/lib/liba.so.1 /lib/liba.so.1.0 /lib/liba.so");
}

TEST(a_missing_auxiliary_is_no_mistake_but_a_missing_filtee_is)
{
	struct sysroot s = given("--auxiliary libx.so"), t = given("--filter libx.so");

	expect_needs(&s, "");
	assert_false(sysroot_resolve(&t));
	unit_expect(t.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
}

TEST(a_missing_library_is_explained_with_its_chain_and_the_search)
{
	struct sysroot s = given("--needed liba.so --runpath /opt/lib");

	sysroot_elf(&s, "/opt/lib/liba.so", "--needed libb.so");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "library 'libb.so' of '/opt/lib/liba.so'"));
	assert_true(sysroot_says(&s, 0,
		"needed by '/opt/lib/liba.so' (NEEDED liba.so: RUNPATH of /opt/bin/prog /opt/lib)"));
	assert_true(sysroot_says(&s, 0, "needed by '/opt/bin/prog', asked for here"));
	assert_true(sysroot_says(&s, 0, "searched, in this order: built-in directory /lib/x86_64-linux-gnu, built-in directory /usr/lib/x86_64"));
}

TEST(many_missing_libraries_and_directories_take_little_memory)
{
	enum { DIRECTORIES = 600, LIBRARIES = 2000, MOST_BYTES = 32 << 20 };
	struct sysroot s = given("");
	struct arena *a = s.c->arena;
	char *options = arena_alloc(a, 64 * 1024), *to = options + sprintf(options, "--interp /lib64/ld-linux-x86-64.so.2 --runpath ");
	struct mallinfo2 before, after;

	for (int i = 0; i < DIRECTORIES / 2; i++)
		to += sprintf(to, "/d%d:/lib/.:", i);
	for (int i = 0; i < LIBRARIES; i++)
		to += sprintf(to, " --needed libm%d.so", i);
	sysroot_elf(&s, "/opt/bin/prog", options);
	before = mallinfo2();
	assert_false(sysroot_resolve(&s));
	after = mallinfo2();
	assert_int_equal(s.c->diags.count, LIBRARIES);
	assert_true(sysroot_says(&s, 0, "RUNPATH of /opt/bin/prog /d1"));
	assert_true(sysroot_says(&s, 0, " more"));
	assert_true(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + MOST_BYTES);
}

TEST(a_library_missing_in_one_file_is_said_once_for_all_programs)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/opt/bin/other", "--interp /lib64/ld-linux-x86-64.so.2 --needed liba.so");
	sysroot_program(&s, 4, "/opt/bin/other");
	sysroot_elf(&s, "/lib/liba.so", "--needed libb.so");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
}

TEST(a_library_only_in_an_ld_so_conf_directory_says_that_there_is_no_cache)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_text(&s, "/etc/ld.so.conf", "# all\ninclude /etc/ld.so.conf.d/*.conf\ninclude ld.so.conf\n");
	sysroot_text(&s, "/etc/ld.so.conf.d/x.conf", " /opt/x/ # mine\n");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "found in /opt/x/liba.so via ld.so.conf"));
	assert_true(sysroot_says(&s, 0, "no ld.so.cache"));
}

/* Found by tests/fuzz: 4000 lines, each of which reads as many files of 4000 lines again. */
TEST(an_ld_so_conf_that_includes_itself_over_and_over_is_read_once)
{
	static const char line[] = "include /etc/ld.so.conf.d/*\n";
	struct sysroot s = given("--needed liba.so --needed libb.so");
	char *text = arena_alloc(s.c->arena, 4000 * sizeof line);

	for (size_t i = 0; i < 4000; i++)
		memcpy(text + i * (sizeof line - 1), line, sizeof line);
	sysroot_text(&s, "/etc/ld.so.conf", text);
	for (size_t i = 0; i < 100; i++)
		sysroot_text(&s, arena_printf(s.c->arena, "/etc/ld.so.conf.d/%zu", i), text);
	sysroot_text(&s, "/etc/ld.so.conf.d/99", "/opt/x");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	sysroot_elf(&s, "/opt/x/libb.so", "");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 1, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 1, "found in /opt/x/libb.so via ld.so.conf"));
}

/* A path of 4 KiB, and a RUNPATH that puts its directory in 580 times: each step of a recursion had a copy, 700 MiB in all. */
static void
expect_no_explosion(const char *interp)
{
	struct sysroot s = sysroot_new();
	char *dots = arena_alloc(s.c->arena, 4000), *origins = arena_alloc(s.c->arena, 4100);

	for (size_t i = 0; i < 1900; i++)
		memcpy(dots + 2 * i, "./", 2);
	for (size_t i = 0; i < 580; i++)
		memcpy(origins + 7 * i, "$ORIGIN", 7);
	sysroot_elf(&s, interp, "--rodata /lib/\\0/usr/lib/");
	sysroot_elf(&s, "/bin/prog",
		arena_printf(s.c->arena, "--interp %s --needed /%slib/liba.so --needed libc.so", interp, dots));
	sysroot_elf(&s, "/lib/liba.so", arena_printf(s.c->arena, "--needed libb.so --needed libd.so --runpath %s", origins));
	sysroot_elf(&s, "/lib/libb.so", "");
	sysroot_elf(&s, "/lib/libc.so", "");
	sysroot_program(&s, 3, "/bin/prog");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "needs libd.so"));
}

TEST(origins_upon_origins_fill_no_memory)
{
	expect_no_explosion("/lib64/ld-linux-x86-64.so.2");
	expect_no_explosion("/lib/ld-musl-x86_64.so.1");
}

TEST(a_foreign_program_takes_foreign_libraries)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld.so.1", "--class 32 --data msb --machine 8 --rodata /lib/\\0/usr/lib/");
	sysroot_elf(&s, "/bin/prog", "--class 32 --data msb --machine 8 --interp /lib/ld.so.1 --needed libc.so.6");
	sysroot_elf(&s, "/usr/lib/libc.so.6", "--class 32 --data msb --machine 8");
	sysroot_program(&s, 3, "/bin/prog");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld.so.1 /usr/lib/libc.so.6");
}

TEST(a_musl_program_searches_as_musl_does)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-musl-x86_64.so.1", "");
	sysroot_elf(&s, "/bin/prog",
		"--interp /lib/ld-musl-x86_64.so.1 --needed libc.musl-x86_64.so.1 --needed liba.so --runpath /opt/lib");
	sysroot_elf(&s, "/opt/lib/liba.so", "--needed libb.so --needed libm.so.6 --needed libd.so");
	sysroot_elf(&s, "/opt/lib/libb.so", "");
	sysroot_elf(&s, "/usr/local/lib/libd.so", "");
	sysroot_program(&s, 3, "/bin/prog");
	assert_string_equal(sysroot_needs(&s),
		"/bin/prog /lib/ld-musl-x86_64.so.1 /opt/lib/liba.so /opt/lib/libb.so /usr/local/lib/libd.so");
}

TEST(the_path_file_of_musl_replaces_its_directories)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-musl-x86_64.so.1", "");
	sysroot_text(&s, "/etc/ld-musl-x86_64.path", "/opt/a\n/opt/b");
	sysroot_elf(&s, "/bin/prog", "--interp /lib/ld-musl-x86_64.so.1 --needed liba.so");
	sysroot_elf(&s, "/opt/b/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_program(&s, 3, "/bin/prog");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /etc/ld-musl-x86_64.path /opt/b/liba.so");
}

TEST(musl_takes_the_first_file_whatever_it_is)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-musl-x86_64.so.1", "");
	sysroot_elf(&s, "/bin/prog", "--interp /lib/ld-musl-x86_64.so.1 --needed liba.so");
	sysroot_elf(&s, "/lib/liba.so", "--class 32 --machine 3");
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	sysroot_program(&s, 3, "/bin/prog");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_UNUSABLE, 3, 1);
}

TEST(an_unknown_loader_is_said_to_be_unknown)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/system/bin/linker64", "");
	sysroot_elf(&s, "/bin/prog", "--interp /system/bin/linker64 --needed liba.so");
	sysroot_program(&s, 3, "/bin/prog");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LOADER_UNKNOWN, 3, 1);
}

TEST(a_missing_loader_is_explained_by_its_links)
{
	struct sysroot s = sysroot_new();

	sysroot_link(&s, "/lib64", "usr/lib64");
	sysroot_text(&s, "/usr/lib/x", "");
	sysroot_elf(&s, "/bin/prog", "--interp /lib64/ld-linux-x86-64.so.2 --needed liba.so");
	sysroot_program(&s, 3, "/bin/prog");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 1);
	unit_expect(s.c, 0, DIAG_INTERPRETER_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "no 'lib64' in /usr"));
	assert_true(sysroot_says(&s, 0, "'/lib64' is a link to 'usr/lib64'"));
}

TEST(a_loader_of_another_machine_is_refused)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-linux.so.2", "");
	sysroot_elf(&s, "/bin/prog", "--class 32 --machine 3 --interp /lib/ld-linux.so.2 --needed liba.so");
	sysroot_program(&s, 3, "/bin/prog");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_UNUSABLE, 3, 1);
}

TEST(a_library_asked_for_by_itself_follows_the_programs_of_its_machine)
{
	struct sysroot s = given("");

	sysroot_elf(&s, "/lib/libnss.so.2", "--needed liba.so");
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_mode(&s, "/lib/libnss.so.2", 0644);
	s.manifest.programs.count = 0;
	sysroot_program(&s, 2, "/lib/libnss.so.2");
	sysroot_program(&s, 3, "/opt/bin/prog");
	assert_string_equal(sysroot_needs(&s),
		"/lib/libnss.so.2 /opt/bin/prog /lib64/ld-linux-x86-64.so.2 /lib/liba.so");
}

TEST(a_library_without_any_program_has_no_loader)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/libnss.so.2", "--needed liba.so");
	sysroot_program(&s, 2, "/lib/libnss.so.2");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LOADER_UNKNOWN, 2, 1);
}

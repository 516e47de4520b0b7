/* musl's loader (elf-rules M2 to M7, K7). */
#include "unit.h"

#include <string.h>

#include "sysroot.h"

static struct sysroot
given(const char *options)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-musl-x86_64.so.1", "--defines __libc_start_main --defines stdin --defines puts");
	sysroot_elf(&s, "/bin/prog", arena_printf(s.c->arena, "--interp /lib/ld-musl-x86_64.so.1 %s", options));
	sysroot_program(&s, 3, "/bin/prog");
	return s;
}

static void
expect_error(struct sysroot *s, enum diag_kind kind, const char *what)
{
	assert_false(sysroot_resolve(s));
	assert_int_equal(s->c->diags.count, 1);
	unit_expect(s->c, 0, kind, 3, 1);
	if (!sysroot_says(s, 0, what))
		fail_msg("'%s' does not say '%s'", s->c->diags.list[0]->text, what);
}

TEST(another_c_library_is_replaced_by_the_loader)
{
	struct sysroot s = given("--needed libfoo.so --needed liba.so");

	sysroot_elf(&s, "/lib/libfoo.so", "--defines __libc_start_main --defines stdin");
	sysroot_elf(&s, "/lib/liba.so", "--defines __libc_start_main");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /lib/liba.so");
	unit_expect_none(s.c);
}

TEST(musl_does_not_know_sonames)
{
	struct sysroot s = given("--needed liba.so --needed libz.so.1");

	sysroot_elf(&s, "/lib/liba.so", "--soname libz.so.1");
	sysroot_elf(&s, "/lib/libz.so.1", "");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /lib/liba.so /lib/libz.so.1");
}

TEST(musl_inherits_both_kinds_of_run_paths)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt");

	sysroot_elf(&s, "/opt/liba.so", "--needed libb.so --rpath /x");
	sysroot_elf(&s, "/x/libb.so", "--needed libc1.so");
	sysroot_elf(&s, "/opt/libc1.so", "");
	assert_string_equal(sysroot_needs(&s),
		"/bin/prog /lib/ld-musl-x86_64.so.1 /bin /opt/liba.so /x/libb.so /opt/libc1.so");
}

TEST(another_token_than_origin_voids_the_whole_run_path_of_musl)
{
	struct sysroot s = given("--needed liba.so --runpath /opt:/x/$LIB");

	sysroot_elf(&s, "/opt/liba.so", "");
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /usr/lib/liba.so");
}

TEST(a_setuid_program_of_musl_has_no_origin)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt");

	sysroot_mode(&s, "/bin/prog", 04755);
	sysroot_elf(&s, "/opt/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /lib/liba.so");
}

TEST(a_directory_that_is_too_long_for_musl_is_passed_over)
{
	struct sysroot s = sysroot_new();
	char *long_one = arena_alloc(s.c->arena, 512);

	memset(long_one, 'd', 250);
	long_one[250] = '/';
	memset(long_one + 251, 'e', 252);
	s = given(arena_printf(s.c->arena, "--needed liba.so --runpath /%s", long_one));
	sysroot_elf(&s, arena_printf(s.c->arena, "/%s/liba.so", long_one), "");
	sysroot_elf(&s, "/lib/liba.so", "");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /lib/liba.so");
}

TEST(musl_keeps_the_slash_at_the_end_of_a_directory)
{
	struct sysroot s = given("--needed liba.so --runpath /opt/a/");

	sysroot_elf(&s, "/opt/a/liba.so", "--needed libb.so --runpath $ORIGIN/../b");
	sysroot_elf(&s, "/opt/b/libb.so", "--needed libgone.so");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "RUNPATH of /opt/a//liba.so /opt/a//../b"));
}

TEST(a_loop_of_links_ends_the_whole_search_of_musl)
{
	struct sysroot s = given("--needed liba.so --runpath /opt");

	sysroot_link(&s, "/opt/liba.so", "liba.so");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "in a circle");
}

TEST(musl_ignores_filters_audits_caches_and_preloads)
{
	struct sysroot s = given("--filter libf.so --auxiliary libg.so --audit libh.so");

	sysroot_file(&s, 9, "/etc/ld.so.preload")->content = (struct m_text){.v = "/lib/libp.so"};
	sysroot_elf(&s, "/lib/libp.so", "");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1");
	unit_expect_none(s.c);
}

TEST(a_program_of_musl_needs_all_its_symbols_at_the_start)
{
	struct sysroot s = given("--needed libc.so --undefined puts --undefined gone");

	expect_error(&s, DIAG_SYMBOL_MISSING, "'gone'");
}

TEST(musl_takes_a_text_for_a_library_that_is_broken)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_text(&s, "/lib/liba.so", "GROUP ( libb.so )");
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "is not an ELF file");
}

TEST(musl_does_not_look_at_versions)
{
	struct sysroot s = given("--needed liba.so --needs-version liba.so:A_9 --undefined a@A_9");

	sysroot_elf(&s, "/lib/liba.so", "--version A_1 --defines a@A_1");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1 /lib/liba.so");
	unit_expect_none(s.c);
}

TEST(the_loader_of_musl_opens_nothing_by_itself)
{
	struct sysroot s = given("--needed libc.so --undefined pthread_exit");

	sysroot_elf(&s, "/lib/ld-musl-x86_64.so.1", "--defines pthread_exit");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-musl-x86_64.so.1");
}

/* K7 */

TEST(for_musl_the_vdso_is_a_library_like_any_other)
{
	struct sysroot s = given("--needed linux-vdso.so.1");

	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
}

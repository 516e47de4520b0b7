/* What the loaders do beside following DT_NEEDED, and what would end a program although every library is there. */
#include "unit.h"

#include <string.h>

#include "resolve/resolve.h"
#include "sysroot.h"

#define LOADER "/lib64/ld-linux-x86-64.so.2"

/* A pool with glibc's loader and C library, and /bin/prog, asked for in line 3, which needs libc.so.6 and OPTIONS. */
static struct sysroot
given(const char *options)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, LOADER, "--soname ld-linux-x86-64.so.2 --rodata /lib/\\0/usr/lib/");
	sysroot_elf(&s, "/lib/libc.so.6", "--soname libc.so.6 --version GLIBC_2.2.5 --version GLIBC_2.34 --defines puts@GLIBC_2.2.5");
	sysroot_elf(&s, "/bin/prog", arena_printf(s.c->arena, "--interp " LOADER " --flags-1 0x08000000 %s", options));
	sysroot_program(&s, 3, "/bin/prog");
	return s;
}

static void
expect_needs(struct sysroot *s, const char *more)
{
	const char *needs = sysroot_needs(s);

	unit_expect_none(s->c);
	assert_string_equal(needs, arena_printf(s->c->arena, "/bin/prog " LOADER "%s%s", *more ? " " : "", more));
}

/* The image has all of MORE, and the only diagnostic is a warning of KIND that says WHAT. */
static void
expect_warning(struct sysroot *s, const char *more, enum diag_kind kind, const char *what)
{
	const char *needs = sysroot_needs(s);

	assert_string_equal(needs, arena_printf(s->c->arena, "/bin/prog " LOADER "%s%s", *more ? " " : "", more));
	assert_int_equal(s->c->diags.count, 1);
	unit_expect(s->c, 0, kind, 3, 1);
	if (!sysroot_says(s, 0, what))
		fail_msg("'%s' does not say '%s'", s->c->diags.list[0]->text, what);
}

static void
expect_error(struct sysroot *s, enum diag_kind kind, const char *what)
{
	assert_false(sysroot_resolve(s));
	assert_int_equal(s->c->diags.count, 1);
	unit_expect(s->c, 0, kind, 3, 1);
	assert_int_equal(diagnostics_status(&s->c->diags), 4);
	if (!sysroot_says(s, 0, what))
		fail_msg("'%s' does not say '%s'", s->c->diags.list[0]->text, what);
}

static void
list(struct sysroot *s, struct m_texts *texts, uint32_t line, const char *text)
{
	*ARENA_PUSH(s->c->arena, texts->v, texts->count) = sysroot_words(s, line, text);
}

/* The text of a file that the manifest puts at PATH. */
static void
give_text(struct sysroot *s, const char *path, const char *text)
{
	sysroot_file(s, 9, path)->content = (struct m_text){.v = text};
}

/* G3, G10, G11: what a candidate must be. */

TEST(an_osabi_but_those_of_linux_ends_the_search)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--osabi 9");
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "EI_OSABI");
}

TEST(the_osabi_of_gnu_is_taken_with_any_abi_version)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--osabi 3 --abi-version 9");
	expect_needs(&s, "/lib/liba.so");
}

TEST(an_abi_version_without_an_osabi_ends_the_search)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--abi-version 1");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "EI_ABIVERSION");
}

TEST(bytes_in_the_padding_of_e_ident_end_the_search)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--padding 1");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "e_ident");
}

TEST(the_other_byte_order_ends_the_search)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--data msb --machine 0x3e00"); /* x86-64 to who reads it in the order of x86-64 */
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "byte order");
}

TEST(another_machine_or_class_is_passed_over_whatever_else_is_wrong_with_it)
{
	static const char *const others[] = {"--machine 8 --osabi 9", "--machine 8 --data msb", "--machine 8 --padding 1",
		"--class 32 --machine 3 --padding 1"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct sysroot s = given("--needed liba.so");

		sysroot_elf(&s, "/lib/liba.so", others[i]);
		sysroot_elf(&s, "/usr/lib/liba.so", "");
		expect_needs(&s, "/usr/lib/liba.so");
	}
}

TEST(a_broken_file_of_another_machine_is_passed_over_and_not_spoken_of)
{
	struct sysroot s = given("--needed liba.so");
	const struct content *made = sysroot_made(s.c, "--machine 8");
	char *bytes = arena_alloc(s.c->arena, (size_t)made->size);

	memcpy(bytes, made->bytes, (size_t)made->size);
	bytes[54]++; /* e_phentsize */
	sysroot_bytes(&s, "/lib/liba.so", bytes, (size_t)made->size);
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	expect_needs(&s, "/usr/lib/liba.so");
}

TEST(a_program_is_no_library)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--flags-1 0x08000000");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "is a program");
}

TEST(a_file_without_a_dynamic_section_is_no_library)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--static");
	expect_error(&s, DIAG_LIBRARY_UNUSABLE, "no dynamic section");
}

TEST(the_abi_flags_of_mips_must_agree)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld.so.1", "--class 32 --data msb --machine 8 --flags 0x20 --rodata /lib32/\\0/usr/lib32/");
	sysroot_elf(&s, "/bin/p", "--class 32 --data msb --machine 8 --flags 0x20 --interp /lib/ld.so.1 --needed liba.so");
	sysroot_elf(&s, "/lib32/liba.so", "--class 32 --data msb --machine 8");
	sysroot_elf(&s, "/usr/lib32/liba.so", "--class 32 --data msb --machine 8 --flags 0x20");
	sysroot_program(&s, 3, "/bin/p");
	assert_string_equal(sysroot_needs(&s), "/bin/p /lib/ld.so.1 /usr/lib32/liba.so");
}

TEST(soft_and_hard_floats_do_not_mix)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-linux-armhf.so.3", "--class 32 --machine 40 --flags 0x5000400 --rodata /lib/\\0/usr/lib/");
	sysroot_elf(&s, "/bin/p", "--class 32 --machine 40 --flags 0x5000400 --interp /lib/ld-linux-armhf.so.3 --needed liba.so");
	sysroot_elf(&s, "/lib/liba.so", "--class 32 --machine 40 --flags 0x5000200");
	sysroot_program(&s, 3, "/bin/p");
	expect_error(&s, DIAG_LIBRARY_MISSING, "32-bit ARM, soft floats, not 32-bit ARM, hard floats");
}

/* G5, G12: paths. */

TEST(an_empty_element_is_warned_of_and_never_used)
{
	struct sysroot s = given("--needed liba.so --runpath /opt::/x");

	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/liba.so", "");
	expect_warning(&s, "/lib/liba.so", DIAG_SEARCH_PATH_INSECURE, "an empty element");
}

TEST(a_relative_element_is_warned_of_and_never_used)
{
	struct sysroot s = given("--needed liba.so --rpath lib");

	sysroot_elf(&s, "/lib/liba.so", "");
	expect_warning(&s, "/lib/liba.so", DIAG_SEARCH_PATH_INSECURE, "the element 'lib'");
}

TEST(a_loop_of_links_ends_a_list_of_directories_but_not_the_search)
{
	struct sysroot s = given("--needed liba.so --runpath /opt/a:/opt/b");

	sysroot_link(&s, "/opt/a/liba.so", "liba.so");
	sysroot_elf(&s, "/opt/b/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/lib/liba.so");
}

/* G6 */

TEST(init_that_needs_its_origin_is_warned_of)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt");

	sysroot_link(&s, "/sbin/init", "../bin/prog");
	sysroot_elf(&s, "/opt/liba.so", "");
	expect_warning(&s, "/bin /opt/liba.so", DIAG_ORIGIN_OF_INIT, "'$ORIGIN/../opt'");
}

TEST(the_init_of_the_arguments_is_init)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt");

	s.manifest.kernel.arguments.v = "quiet init=/bin/prog";
	sysroot_elf(&s, "/opt/liba.so", "");
	expect_warning(&s, "/bin /opt/liba.so", DIAG_ORIGIN_OF_INIT, "/proc");
}

TEST(another_program_may_need_its_origin)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt");

	sysroot_elf(&s, "/opt/liba.so", "");
	expect_needs(&s, "/bin /opt/liba.so");
}

/* G7, G8 */

TEST(lib_is_the_first_directory_of_the_loader_as_its_text_says)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, LOADER, "--rodata lib64\\0/opt/lib64/\\0/usr/lib64/");
	sysroot_elf(&s, "/bin/prog", "--interp " LOADER " --needed liba.so --runpath /x/$LIB");
	sysroot_elf(&s, "/x/lib64/liba.so", "");
	sysroot_program(&s, 3, "/bin/prog");
	expect_needs(&s, "/x/lib64/liba.so");
}

TEST(directories_of_the_manifest_replace_those_of_the_loader)
{
	struct sysroot s = given("--needed liba.so");

	list(&s, &s.manifest.libraries.search, 5, "/opt/lib");
	sysroot_elf(&s, "/opt/lib/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/opt/lib/liba.so");
}

/* G9 */

TEST(no_variant_of_a_library_comes_unasked)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v2/liba.so", "");
	expect_needs(&s, "/lib/liba.so");
}

TEST(variants_up_to_a_level_come_with_the_plain_library_and_with_what_they_need)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.hwcaps.v = HWCAPS_X86_64_V3;
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v2/liba.so", "");
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v3/liba.so", "--needed libb.so");
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v4/liba.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/lib/liba.so /lib/glibc-hwcaps/x86-64-v2/liba.so /lib/glibc-hwcaps/x86-64-v3/liba.so /lib/libb.so");
}

TEST(all_variants_are_those_of_the_machine)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.hwcaps.v = HWCAPS_ALL;
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v4/liba.so", "");
	sysroot_elf(&s, "/lib/glibc-hwcaps/power10/liba.so", "");
	expect_needs(&s, "/lib/liba.so /lib/glibc-hwcaps/x86-64-v4/liba.so");
}

TEST(a_variant_alone_is_no_library_for_every_cpu)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.hwcaps.v = HWCAPS_X86_64_V2;
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v2/liba.so", "");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
}

TEST(a_variant_alone_is_enough_where_every_machine_uses_it)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.hwcaps.v = HWCAPS_X86_64_V2;
	s.manifest.libraries.cpu.v = HWCAPS_X86_64_V2;
	sysroot_elf(&s, "/lib/glibc-hwcaps/x86-64-v2/liba.so", "");
	expect_needs(&s, "/lib/glibc-hwcaps/x86-64-v2/liba.so");
}

TEST(a_library_for_a_better_cpu_is_warned_of_when_nothing_is_known_of_the_machine)
{
	struct sysroot s = given("--needed liba.so");

	sysroot_elf(&s, "/lib/liba.so", "--isa 2");
	expect_warning(&s, "/lib/liba.so", DIAG_CPU_UNKNOWN, "cpu: x86-64-v2");
}

TEST(a_library_for_a_better_cpu_than_the_machine_s_is_an_error)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.cpu = (struct m_enum){.given = true, .v = HWCAPS_X86_64_V2, .at = sysroot_words(&s, 5, "x86-64-v2").at};
	sysroot_elf(&s, "/lib/liba.so", "--isa 4");
	expect_error(&s, DIAG_CPU_TOO_OLD, "x86-64-v3");
	assert_int_equal(s.c->diags.list[0]->notes[s.c->diags.list[0]->note_count - 1].at.line, 5);
}

TEST(a_library_for_the_machine_s_cpu_is_fine)
{
	struct sysroot s = given("--needed liba.so");

	s.manifest.libraries.cpu = (struct m_enum){.given = true, .v = HWCAPS_X86_64_V3};
	sysroot_elf(&s, "/lib/liba.so", "--isa 7");
	expect_needs(&s, "/lib/liba.so");
}

TEST(a_missing_library_is_pointed_out_elsewhere_by_its_soname_and_broken_files_are_not_spoken_of)
{
	struct sysroot s = given("--needed liba.so.1");

	sysroot_elf(&s, "/opt/liba.so.1.4", "--soname liba.so.1");
	sysroot_text(&s, "/opt/liba.so.1.bad", "\177ELF, but broken");
	sysroot_elf(&s, "/opt/glibc-hwcaps/x86-64-v2/liba.so.1", "");
	expect_error(&s, DIAG_LIBRARY_MISSING, "the pool has '/opt/liba.so.1.4'");
	assert_false(sysroot_says(&s, 0, "glibc-hwcaps"));
}

/* G17 */

TEST(a_file_that_is_asked_for_by_two_names_is_loaded_once)
{
	static const struct trace_options nothing_more;
	const char *const paths[] = {"/bin/prog"};
	struct sysroot s = given("--needed liba.so --needed libb.so");
	const struct traces *traces;

	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_link(&s, "/lib/libb.so", "liba.so");
	traces = resolve_traces(s.c, s.pool, &nothing_more, paths, 1);
	assert_int_equal(traces->count, 1);
	assert_int_equal(traces->list[0]->object_count, 3);
	assert_ptr_equal(traces->list[0]->objects[0]->edges[1].to, traces->list[0]->objects[0]->edges[2].to);
}

/* G19, G20 */

TEST(audit_libraries_come_before_all_others)
{
	struct sysroot s = given("--needed liba.so --audit libx.so:/opt/liby.so --depaudit libz.so");

	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/libx.so", "--needed libb.so");
	sysroot_elf(&s, "/opt/liby.so", "");
	sysroot_elf(&s, "/usr/lib/libz.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/lib/libx.so /opt/liby.so /usr/lib/libz.so /lib/liba.so /lib/libb.so");
	assert_string_equal(sysroot_reason(&s, "/lib/libx.so"), "AUDIT libx.so: built-in directory /lib");
}

TEST(a_missing_audit_library_is_only_warned_of)
{
	struct sysroot s = given("--audit libx.so");

	expect_warning(&s, "", DIAG_LIBRARY_ABSENT, "libx.so");
}

TEST(what_ld_so_preload_of_the_image_names_is_loaded)
{
	struct sysroot s = given("");

	give_text(&s, "/etc/ld.so.preload", "# /opt/no.so\n/opt/liba.so:libb.so\tlibc.so.6 # libn.so\n");
	sysroot_elf(&s, "/opt/liba.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/opt/liba.so /lib/libb.so /lib/libc.so.6");
	assert_string_equal(sysroot_reason(&s, "/opt/liba.so"), "/etc/ld.so.preload /opt/liba.so: by its path");
}

TEST(an_ld_so_preload_that_does_not_enter_the_image_means_nothing)
{
	struct sysroot s = given("");

	sysroot_text(&s, "/etc/ld.so.preload", "/opt/liba.so");
	sysroot_elf(&s, "/opt/liba.so", "");
	expect_needs(&s, "");
}

/* G21 */

TEST(a_setuid_program_may_not_need_a_library_by_a_token)
{
	struct sysroot s = given("--needed $ORIGIN/liba.so");

	sysroot_mode(&s, "/bin/prog", 04755);
	sysroot_elf(&s, "/bin/liba.so", "");
	expect_error(&s, DIAG_TOKEN_NOT_ALLOWED, "$ORIGIN/liba.so");
}

TEST(the_origin_of_a_setuid_program_counts_only_below_a_built_in_directory)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt:$ORIGIN/../lib/x");

	sysroot_mode(&s, "/bin/prog", 02755);
	sysroot_elf(&s, "/opt/liba.so", "");
	sysroot_elf(&s, "/lib/x/liba.so", "");
	expect_needs(&s, "/bin /lib/x/liba.so");
}

TEST(the_origin_of_a_setuid_program_stands_first_or_nowhere)
{
	struct sysroot s = given("--needed liba.so --runpath /lib/$ORIGIN");

	sysroot_mode(&s, "/bin/prog", 04755);
	sysroot_elf(&s, "/lib/bin/liba.so", "");
	sysroot_elf(&s, "/usr/lib/liba.so", "");
	expect_needs(&s, "/usr/lib/liba.so");
}

TEST(a_program_with_capabilities_is_loaded_as_a_setuid_one)
{
	static const unsigned char net_raw[20] = {1, 0, 0, 2, 0, 0x20}, nothing[20] = {0, 0, 0, 2}, inheritable[20] = {0, 0, 0, 2, 0, 0, 0, 0, 1};
	const unsigned char *const values[] = {net_raw, nothing, inheritable};

	for (size_t i = 0; i < 3; i++) {
		struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt:$ORIGIN/../lib/x");

		sysroot_capability(&s, "/bin/prog", values[i], 20);
		sysroot_elf(&s, "/opt/liba.so", "");
		sysroot_elf(&s, "/lib/x/liba.so", "");
		expect_needs(&s, i ? "/bin /opt/liba.so" : "/bin /lib/x/liba.so");
	}
}

TEST(a_program_that_the_manifest_gives_capabilities_is_loaded_as_a_setuid_one)
{
	struct sysroot s = given("--needed liba.so --runpath $ORIGIN/../opt:$ORIGIN/../lib/x");
	struct m_file *file = sysroot_file(&s, 9, "/bin/prog");

	file->source = sysroot_words(&s, 10, "/bin/prog");
	file->capabilities = sysroot_words(&s, 11, "cap_net_raw+ep");
	s.manifest.programs = (struct m_texts){0};
	sysroot_elf(&s, "/opt/liba.so", "");
	sysroot_elf(&s, "/lib/x/liba.so", "");
	assert_non_null(strstr(sysroot_needs(&s), "/lib/x/liba.so"));
}

/* G22 */

TEST(a_version_that_the_library_lacks_is_an_error)
{
	struct sysroot s = given("--needed libc.so.6 --needs-version libc.so.6:GLIBC_2.99");

	expect_error(&s, DIAG_LIBRARY_VERSION, "'GLIBC_2.99' of 'libc.so.6'");
}

TEST(a_version_is_found_in_the_library_of_that_soname)
{
	struct sysroot s = given("--needed libc.so.6 --needs-version libc.so.6:GLIBC_2.34");

	expect_needs(&s, "/lib/libc.so.6");
}

TEST(a_weak_version_may_be_missing_and_a_library_without_versions_has_all)
{
	struct sysroot s = given("--needed libc.so.6 --needed liba.so --weakly-needs-version libc.so.6:GLIBC_2.99 "
		"--needs-version liba.so:A_1");

	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/lib/libc.so.6 /lib/liba.so");
}

TEST(relative_relocations_must_be_said_to_a_glibc_that_asks)
{
	struct sysroot s = given("--needed libc.so.6 --relr 0 --needs-version libc.so.6:GLIBC_2.36");

	sysroot_elf(&s, "/lib/libc.so.6", "--soname libc.so.6 --version GLIBC_2.36 --version GLIBC_ABI_DT_RELR");
	expect_error(&s, DIAG_LIBRARY_VERSION, "DT_RELR");
}

/* G23 */

TEST(a_program_that_binds_at_its_start_needs_all_its_symbols)
{
	struct sysroot s = given("--needed libc.so.6 --dt-flags 8 --undefined puts --undefined gone --undefined lost");

	expect_error(&s, DIAG_SYMBOL_MISSING, "'gone' and 1 more symbols");
}

TEST(a_program_that_binds_lazily_may_lack_symbols)
{
	struct sysroot s = given("--needed libc.so.6 --undefined gone");

	expect_needs(&s, "/lib/libc.so.6");
}

TEST(a_weak_symbol_may_be_missing)
{
	struct sysroot s = given("--needed libc.so.6 --dt-flags 8 --weak gone --undefined puts");

	expect_needs(&s, "/lib/libc.so.6");
}

TEST(a_symbol_counts_only_in_its_version)
{
	struct sysroot s = given("--needed libc.so.6 --dt-flags 8 --needs-version libc.so.6:GLIBC_2.34 --undefined puts@GLIBC_2.34");

	expect_error(&s, DIAG_SYMBOL_MISSING, "'puts'");
}

TEST(symbols_are_found_by_the_hash_of_old_in_any_byte_order_and_class)
{
	static const char *const abis[] = {"--class 32 --machine 3", "--class 32 --data msb --machine 20", "--data msb --machine 22"};

	for (size_t i = 0; i < sizeof abis / sizeof *abis; i++) {
		struct sysroot s = sysroot_new();

		sysroot_elf(&s, "/lib/ld.so.1", arena_printf(s.c->arena, "%s --rodata /lib/\\0/usr/lib/", abis[i]));
		sysroot_elf(&s, "/lib/liba.so", arena_printf(s.c->arena,
			"%s --hash sysv --version A --undefined u --defines a --defines b@A", abis[i]));
		sysroot_elf(&s, "/bin/p", arena_printf(s.c->arena,
			"%s --interp /lib/ld.so.1 --needed liba.so --dt-flags 8 --needs-version liba.so:A --undefined a --undefined b@A", abis[i]));
		sysroot_program(&s, 3, "/bin/p");
		assert_string_equal(sysroot_needs(&s), "/bin/p /lib/ld.so.1 /lib/liba.so");
		unit_expect_none(s.c);
	}
}

/* G24 */

TEST(who_cancels_threads_gets_libgcc)
{
	struct sysroot s = given("--needed libc.so.6 --undefined pthread_cancel");

	sysroot_elf(&s, "/lib/libgcc_s.so.1", "");
	expect_needs(&s, "/lib/libc.so.6 /lib/libgcc_s.so.1");
	assert_string_equal(sysroot_reason(&s, "/lib/libgcc_s.so.1"),
		"for pthread_cancel, libgcc_s.so.1: built-in directory /lib");
}

TEST(who_cancels_threads_without_libgcc_is_an_error)
{
	struct sysroot s = given("--needed libc.so.6 --undefined pthread_cancel");

	expect_error(&s, DIAG_LIBRARY_MISSING, "libgcc_s.so.1");
}

TEST(services_of_nsswitch_conf_come_with_who_asks_them)
{
	struct sysroot s = given("--needed libc.so.6 --undefined getaddrinfo");

	s.manifest.libraries.dlopen.v = DLOPEN_RECOMMENDED;
	give_text(&s, "/etc/nsswitch.conf", "passwd: ldap\nhosts:\tfiles mdns [NOTFOUND=return] dns # wins\n");
	sysroot_elf(&s, "/lib/libnss_mdns.so.2", "");
	sysroot_elf(&s, "/lib/libnss_ldap.so.2", "");
	sysroot_elf(&s, "/lib/libnss_files.so.2", "");
	expect_needs(&s, "/lib/libc.so.6 /lib/libnss_mdns.so.2");
	assert_string_equal(sysroot_reason(&s, "/lib/libnss_mdns.so.2"),
		"service of hosts in /etc/nsswitch.conf, libnss_mdns.so.2: built-in directory /lib");
}

TEST(before_glibc_2_34_files_is_a_library)
{
	struct sysroot s = given("--needed libc.so.6 --undefined getpwnam");

	s.manifest.libraries.dlopen.v = DLOPEN_RECOMMENDED;
	sysroot_elf(&s, "/lib/libc.so.6", "--soname libc.so.6 --version GLIBC_2.31");
	give_text(&s, "/etc/nsswitch.conf", "passwd: files\n");
	sysroot_elf(&s, "/lib/libnss_files.so.2", "");
	expect_needs(&s, "/lib/libc.so.6 /lib/libnss_files.so.2");
}

TEST(modules_of_iconv_come_when_they_are_asked_for_with_their_tables)
{
	struct sysroot s = given("--needed libc.so.6");

	list(&s, &s.manifest.libraries.gconv, 5, "UTF-*");
	sysroot_elf(&s, "/usr/lib/gconv/UTF-16.so", "--needed libx.so");
	sysroot_elf(&s, "/usr/lib/gconv/EBCDIC.so", "");
	sysroot_text(&s, "/usr/lib/gconv/gconv-modules", "");
	sysroot_text(&s, "/usr/lib/gconv/gconv-modules.d/extra.conf", "");
	sysroot_elf(&s, "/lib/libx.so", "");
	expect_needs(&s, "/lib/libc.so.6 /usr/lib/gconv/UTF-16.so /usr/lib/gconv/gconv-modules "
		"/usr/lib/gconv/gconv-modules.d/extra.conf /lib/libx.so");
}

TEST(a_module_of_iconv_that_is_not_there_is_an_error)
{
	struct sysroot s = given("");

	list(&s, &s.manifest.libraries.gconv, 5, "UTF-16");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_POOL_PATH_MISSING, 5, 1);
}

/* G25 */

#define NOTE(soname, rest) "--opens [{\"soname\":[" soname "]" rest "}]"

TEST(what_a_note_requires_comes_with_what_it_needs)
{
	struct sysroot s = given("--needed liba.so " NOTE("\"libq.so.4\"", ",\"priority\":\"required\",\"unknown\":{\"a\":[1,null]}"));

	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/libq.so.4", "--needed libr.so");
	sysroot_elf(&s, "/lib/libr.so", "");
	expect_needs(&s, "/lib/liba.so /lib/libq.so.4 /lib/libr.so");
	assert_string_equal(sysroot_reason(&s, "/lib/libq.so.4"), "dlopen note, required, libq.so.4: built-in directory /lib");
}

TEST(what_a_note_requires_and_nobody_has_is_an_error)
{
	struct sysroot s = given(NOTE("\"libq.so.4\"", ",\"priority\":\"required\""));

	expect_error(&s, DIAG_LIBRARY_MISSING, "libq.so.4");
}

TEST(what_a_note_recommends_is_only_warned_of_when_it_is_missing)
{
	struct sysroot s = given(NOTE("\"libq.so.4\"", ",\"feature\":\"qr\""));

	s.manifest.libraries.dlopen.v = DLOPEN_RECOMMENDED;
	expect_warning(&s, "", DIAG_LIBRARY_ABSENT, "dlopen note, recommended for qr");
}

TEST(what_a_note_suggests_stays_out)
{
	struct sysroot s = given(NOTE("\"libq.so.4\"", ",\"priority\":\"suggested\""));

	s.manifest.libraries.dlopen.v = DLOPEN_RECOMMENDED;
	sysroot_elf(&s, "/lib/libq.so.4", "");
	expect_needs(&s, "");
}

TEST(the_first_alternative_that_is_there_is_taken)
{
	struct sysroot s = given(NOTE("\"libq.so.5\",\"libq.so.4\",\"libq.so.3\"", ",\"priority\":\"required\""));

	sysroot_elf(&s, "/lib/libq.so.4", "");
	sysroot_elf(&s, "/lib/libq.so.3", "");
	expect_needs(&s, "/lib/libq.so.4");
}

TEST(a_feature_can_be_left_out_or_asked_for)
{
	struct sysroot s = given("--opens [{\"soname\":[\"liba.so\"],\"feature\":\"fido2\"},{\"soname\":[\"libb.so\"],"
		"\"priority\":\"suggested\",\"feature\":\"qr\"}]");

	s.manifest.libraries.dlopen.v = DLOPEN_RECOMMENDED;
	list(&s, &s.manifest.libraries.features, 5, "-fido*");
	list(&s, &s.manifest.libraries.features, 6, "qr");
	sysroot_elf(&s, "/lib/liba.so", "");
	sysroot_elf(&s, "/lib/libb.so", "");
	expect_needs(&s, "/lib/libb.so");
}

TEST(a_note_that_is_no_json_is_left_out_with_a_warning)
{
	static const char *const notes[] = {"[{\"soname\":[\"a\"]}", "{\"soname\":[\"a\"]}", "[{\"soname\":\"a\"}]",
		"[{\"feature\":\"a\"}]", "[{\"soname\":[\"\\u0000\"]}]", "[{\"soname\":[]}]", "x"};

	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		struct sysroot s = sysroot_new();

		s = given(arena_printf(s.c->arena, "--opens %s", notes[i]));
		expect_warning(&s, "", DIAG_NOTE_BROKEN, "/bin/prog");
	}
}

TEST(libraries_that_are_opened_later_need_no_symbols_at_the_start)
{
	struct sysroot s = given("--needed libc.so.6 --dt-flags 8 " NOTE("\"libq.so\"", ",\"priority\":\"required\""));

	sysroot_elf(&s, "/lib/libq.so", "--dt-flags 8 --undefined of_the_host");
	expect_needs(&s, "/lib/libc.so.6 /lib/libq.so");
}

/* G13 to G16: the cache. */

static void
want_cache(struct sysroot *s)
{
	s->manifest.libraries.cache = (struct m_bool){.given = true, .v = true, .at = sysroot_words(s, 7, "true").at};
}

TEST(a_library_of_ld_so_conf_is_found_by_the_cache_that_the_image_gets)
{
	struct sysroot s = given("--needed liba.so");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "# first\ninclude ld.so.conf.d/*.conf\n");
	sysroot_text(&s, "/etc/ld.so.conf.d/x.conf", "  /opt/x/ # libraries\n");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	expect_needs(&s, "/opt/x/liba.so");
	assert_string_equal(sysroot_reason(&s, "/opt/x/liba.so"), "NEEDED liba.so: cache <- /etc/ld.so.conf.d/x.conf");
	assert_non_null(s.closure->cache);
}

TEST(the_cache_comes_before_the_built_in_directories_and_its_first_directory_wins)
{
	struct sysroot s = given("--needed liba.so");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n/opt/y\n");
	sysroot_elf(&s, "/opt/y/liba.so", "");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/opt/x/liba.so");
}

TEST(a_library_is_cached_by_its_soname_and_gets_the_link_that_ldconfig_would_make)
{
	struct sysroot s = given("--needed liba.so.1");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n");
	sysroot_elf(&s, "/opt/x/liba.so.1.2", "--soname liba.so.1");
	sysroot_elf(&s, "/opt/x/liba.so.1.10", "--soname liba.so.1");
	expect_needs(&s, "/opt/x/liba.so.1 /opt/x/liba.so.1.10");
}

TEST(a_link_beside_the_cache_is_found_after_libraries_that_are_nowhere)
{
	struct sysroot s = given("--auxiliary libgone.so --auxiliary libb.so --needed liba.so.1 --runpath /opt/long/directory:/opt");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n");
	sysroot_elf(&s, "/opt/x/liba.so.1.2", "--soname liba.so.1 --auxiliary libgone.so.2 --runpath /opt/x");
	expect_needs(&s, "/opt/x/liba.so.1 /opt/x/liba.so.1.2");
}

TEST(a_variant_in_the_cache_is_for_those_cpus_that_use_it)
{
	struct sysroot s = given("--needed liba.so");

	want_cache(&s);
	s.manifest.libraries.hwcaps.v = HWCAPS_X86_64_V3;
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	sysroot_elf(&s, "/opt/x/glibc-hwcaps/x86-64-v3/liba.so", "--isa 4");
	expect_needs(&s, "/opt/x/liba.so /opt/x/glibc-hwcaps/x86-64-v3/liba.so");
}

TEST(what_is_called_like_leftovers_of_package_managers_is_not_cached)
{
	struct sysroot s = given("--needed liba.so.1");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n");
	sysroot_elf(&s, "/opt/x/liba.so.1.9.dpkg-new", "--soname liba.so.1");
	sysroot_elf(&s, "/opt/x/liba.so.1.#prelink#.Ab", "--soname liba.so.1");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
}

TEST(who_wants_no_default_directories_gets_from_the_cache_only_what_lies_elsewhere)
{
	struct sysroot s = given("--needed liba.so --needed libb.so --flags-1 0x08000800");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "/opt/x\n/usr/lib/private\n");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	sysroot_elf(&s, "/usr/lib/private/libb.so", "");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_LIBRARY_MISSING, 3, 1);
	assert_true(sysroot_says(&s, 0, "libb.so"));
	assert_int_equal(s.c->diags.count, 1);
}

TEST(a_cache_that_the_manifest_gives_is_believed)
{
	struct sysroot s = given("--needed liba.so");
	struct m_file *file = sysroot_file(&s, 9, "/etc/ld.so.cache");

	file->content = (struct m_text){.v = "not a cache"};
	sysroot_elf(&s, "/lib/liba.so", "");
	expect_needs(&s, "/lib/liba.so");
}

TEST(an_ld_so_conf_that_includes_itself_or_everything_comes_to_an_end)
{
	struct sysroot s = given("--needed liba.so");

	want_cache(&s);
	sysroot_text(&s, "/etc/ld.so.conf", "include /etc/*\ninclude ld.so.conf\ninclude /*/*\n/opt/x\n");
	sysroot_elf(&s, "/opt/x/liba.so", "");
	expect_needs(&s, "/opt/x/liba.so");
}

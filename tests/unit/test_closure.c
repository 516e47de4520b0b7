#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sysroot.h"

static void
want_kernel(struct sysroot *s, const char *image)
{
	s->manifest.kernel.given = true;
	s->manifest.kernel.image = sysroot_words(s, 2, image);
}

static void
want_grub(struct sysroot *s)
{
	s->manifest.grub.given = true;
	s->manifest.grub.version.at = sysroot_words(s, 9, "legacy").at;
}

/* The errors of a manifest whose only mistake is at LINE. */
static void
expect_only(struct sysroot *s, enum diag_kind kind, uint32_t line, const char *says)
{
	assert_false(sysroot_resolve(s));
	assert_int_equal(s->c->diags.count, 1);
	unit_expect(s->c, 0, kind, line, 1);
	if (!sysroot_says(s, 0, says))
		fail_msg("'%s' does not say '%s'", s->c->diags.list[0]->text, says);
}

TEST(an_empty_manifest_needs_nothing)
{
	struct sysroot s = sysroot_new();

	assert_true(sysroot_resolve(&s));
	assert_int_equal(s.closure->need_count, 0);
	assert_null(s.closure->kernel_path);
	assert_null(s.closure->boot.stage1);
}

TEST(a_kernel_pattern_that_matches_one_file_is_the_kernel)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/boot/vmlinuz-6.1", "x");
	sysroot_text(&s, "/boot/config-6.1", "x");
	want_kernel(&s, "/boot/vmlinuz-*");
	assert_string_equal(sysroot_needs(&s), "/boot/vmlinuz-6.1");
	assert_string_equal(s.closure->kernel_path, "/boot/vmlinuz-6.1");
	assert_string_equal(sysroot_reason(&s, "/boot/vmlinuz-6.1"), "kernel.image");
}

TEST(a_kernel_pattern_that_matches_two_files_lists_them_sorted)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/boot/vmlinuz-b", "x");
	sysroot_text(&s, "/boot/vmlinuz-a", "x");
	want_kernel(&s, "/boot/vmlinuz-*");
	expect_only(&s, DIAG_PATTERN_AMBIGUOUS, 2, "matches 2");
	assert_string_equal(s.c->diags.list[0]->notes[0].text, "matches '/boot/vmlinuz-a'");
	assert_string_equal(s.c->diags.list[0]->notes[1].text, "matches '/boot/vmlinuz-b'");
}

TEST(a_pattern_that_matches_nothing_says_from_where_on)
{
	struct sysroot s = sysroot_new();

	want_kernel(&s, "/boot/vmlinuz-*");
	expect_only(&s, DIAG_POOL_PATH_MISSING, 2, "no '/boot'");
}

TEST(a_missing_program_is_reported_at_its_words)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/bin/dropbear", "x");
	sysroot_program(&s, 5, "/usr/bin/dropbaer");
	expect_only(&s, DIAG_POOL_PATH_MISSING, 5, "did you mean '/usr/bin/dropbear'?");
}

TEST(all_missing_things_are_reported_in_one_run)
{
	struct sysroot s = sysroot_new();

	want_kernel(&s, "/boot/vmlinuz");
	sysroot_program(&s, 5, "/bin/a");
	sysroot_program(&s, 6, "/bin/b");
	sysroot_file(&s, 7, "/etc/x")->source = sysroot_words(&s, 8, "/etc/y");
	want_grub(&s);
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 5);
	unit_expect(s.c, 0, DIAG_POOL_PATH_MISSING, 2, 1);
	unit_expect(s.c, 1, DIAG_POOL_PATH_MISSING, 5, 1);
	unit_expect(s.c, 2, DIAG_POOL_PATH_MISSING, 6, 1);
	unit_expect(s.c, 3, DIAG_POOL_PATH_MISSING, 8, 1);
	unit_expect(s.c, 4, DIAG_GRUB_FILES, 9, 1);
}

TEST(a_dangling_link_is_missing_at_its_target)
{
	struct sysroot s = sysroot_new();

	sysroot_link(&s, "/bin/x", "/etc/alternatives/x");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_POOL_PATH_MISSING, 5, "'/bin/x' is a link to '/etc/alternatives/x'");
}

TEST(a_circle_of_links_is_an_error_of_the_input)
{
	struct sysroot s = sysroot_new();

	sysroot_link(&s, "/bin/x", "x");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_LINK_LOOP, 5, "more than 40 links");
}

TEST(a_directory_is_no_program)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/bin/x", "");
	sysroot_program(&s, 5, "/usr/bin");
	expect_only(&s, DIAG_POOL_PATH_KIND, 5, "/usr/bin/*");
}

TEST(a_text_is_no_program)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "hello\n");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_PROGRAM_UNRUNNABLE, 5, "neither an ELF file nor a script");
}

TEST(a_program_that_nobody_may_run_is_an_error)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/bin/x", "--type exec --static");
	sysroot_mode(&s, "/bin/x", 0644);
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_PROGRAM_UNRUNNABLE, 5, "0644");
}

TEST(a_pattern_of_programs_takes_every_file_and_no_directory)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/opt/b", "--type exec --static");
	sysroot_elf(&s, "/opt/a", "--type exec --static");
	sysroot_text(&s, "/opt/d/x", "");
	sysroot_program(&s, 5, "/opt/*");
	assert_string_equal(sysroot_needs(&s), "/opt/a /opt/b");
}

TEST(a_broken_program_is_reported_once_and_not_as_missing)
{
	struct sysroot s = sysroot_new();

	sysroot_bytes(&s, "/bin/x", "\177ELF\2\1\1", 7);
	sysroot_program(&s, 5, "/bin/x");
	sysroot_program(&s, 6, "/bin/x");
	expect_only(&s, DIAG_ELF_BROKEN, 5, "'/bin/x'");
}

TEST(a_script_brings_its_interpreter_and_that_its_own)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "#! /bin/y -a b\n");
	sysroot_text(&s, "/bin/y", "#!/bin/sh");
	sysroot_link(&s, "/bin/sh", "dash");
	sysroot_elf(&s, "/bin/dash", "--type exec --static");
	sysroot_program(&s, 5, "/bin/x");
	assert_string_equal(sysroot_needs(&s), "/bin/x /bin/y /bin/sh /bin/dash");
	assert_string_equal(sysroot_reason(&s, "/bin/dash"), "#! of /bin/y");
	assert_string_equal(s.closure->needs[3]->why.needed_by->path, "/bin/y");
	assert_int_equal(s.closure->needs[3]->why.at.line, 5);
}

TEST(a_missing_interpreter_is_reported_with_the_chain)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "#!/bin/y\n");
	sysroot_text(&s, "/bin/y", "#!/bin/z\n");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_INTERPRETER_MISSING, 5,
		"the script '/bin/y' is run by '/bin/z', which is not in the pool");
	assert_true(sysroot_says(&s, 0, "needed by '/bin/x', asked for here"));
}

TEST(env_brings_what_it_looks_for)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "#!/usr/bin/env -S -i A=b prog -v\n");
	sysroot_elf(&s, "/usr/bin/env", "--type exec --static");
	sysroot_elf(&s, "/sbin/prog", "--type exec --static");
	sysroot_elf(&s, "/bin/prog", "--type exec --static");
	sysroot_program(&s, 5, "/bin/x");
	assert_string_equal(sysroot_needs(&s), "/bin/x /usr/bin/env /sbin/prog");
}

TEST(env_without_s_looks_for_all_of_its_argument)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "#!/usr/bin/env prog -v\n");
	sysroot_elf(&s, "/usr/bin/env", "--type exec --static");
	sysroot_elf(&s, "/bin/prog", "--type exec --static");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_INTERPRETER_MISSING, 5, "run by 'prog -v'");
}

TEST(the_first_line_of_a_script_must_work)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"#!/bin/sh\r\n", "CR LF"},
		{"#!bin/sh\n", "not an absolute path"},
		{"#!\n", "names no interpreter"},
		{"#! \t\n", "names no interpreter"},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sysroot s = sysroot_new();

		sysroot_text(&s, "/bin/x", bad[i].text);
		sysroot_program(&s, 5, "/bin/x");
		expect_only(&s, DIAG_SCRIPT_BROKEN, 5, bad[i].says);
	}
}

TEST(a_first_line_of_more_than_256_bytes_is_refused)
{
	struct sysroot s = sysroot_new();
	char text[301];

	memset(text, 'a', sizeof text);
	memcpy(text, "#!/", 3);
	sysroot_bytes(&s, "/bin/x", text, sizeof text);
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_SCRIPT_BROKEN, 5, "longer than 256 bytes");
}

TEST(scripts_that_run_each_other_are_refused)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/bin/x", "#!/bin/y\n");
	sysroot_text(&s, "/bin/y", "#!/bin/x\n");
	sysroot_program(&s, 5, "/bin/x");
	expect_only(&s, DIAG_SCRIPT_BROKEN, 5, "more than 5 deep");
}

TEST(five_scripts_may_run_each_other)
{
	struct sysroot s = sysroot_new();

	for (int i = 1; i < 5; i++)
		sysroot_text(&s, arena_printf(s.c->arena, "/bin/x%d", i),
			arena_printf(s.c->arena, "#!/bin/x%d\n", i + 1));
	sysroot_text(&s, "/bin/x5", "#!/bin/real\n");
	sysroot_elf(&s, "/bin/real", "--type exec --static");
	sysroot_program(&s, 5, "/bin/x1");
	assert_string_equal(sysroot_needs(&s), "/bin/x1 /bin/x2 /bin/x3 /bin/x4 /bin/x5 /bin/real");
}

TEST(six_scripts_may_not_run_each_other)
{
	struct sysroot s = sysroot_new();

	for (int i = 1; i < 6; i++)
		sysroot_text(&s, arena_printf(s.c->arena, "/bin/x%d", i),
			arena_printf(s.c->arena, "#!/bin/x%d\n", i + 1));
	sysroot_text(&s, "/bin/x6", "#!/bin/real\n");
	sysroot_elf(&s, "/bin/real", "--type exec --static");
	sysroot_program(&s, 5, "/bin/x1");
	expect_only(&s, DIAG_SCRIPT_BROKEN, 5, "more than 5 deep");
}

TEST(an_applet_or_a_file_of_the_manifest_can_be_the_interpreter)
{
	struct sysroot s = sysroot_new();
	struct m_text applet = sysroot_words(&s, 4, "sh");

	sysroot_elf(&s, "/bin/busybox", "--type exec --static --rodata [\\0ls\\0sh");
	s.manifest.busybox.given = true;
	s.manifest.busybox.program = sysroot_words(&s, 3, "/bin/busybox");
	s.manifest.busybox.applets = (struct m_texts){.v = &applet, .count = 1};
	sysroot_text(&s, "/bin/x", "#!/bin/sh\n");
	sysroot_text(&s, "/bin/y", "#!/bin/mine\n");
	sysroot_program(&s, 5, "/bin/x");
	sysroot_program(&s, 6, "/bin/y");
	sysroot_file(&s, 7, "/bin/mine")->link = sysroot_words(&s, 8, "busybox");
	assert_string_equal(sysroot_needs(&s), "/bin/busybox /bin/x /bin/y");
}

TEST(a_source_from_the_pool_gives_its_bytes_and_what_it_needs_but_not_its_path)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/share/rcS", "#!/bin/dash\n");
	sysroot_link(&s, "/usr/share/rc", "rcS");
	sysroot_elf(&s, "/bin/dash", "--type exec --static");
	sysroot_file(&s, 7, "/etc/motd");
	sysroot_file(&s, 8, "/etc/init.d/rcS")->source = sysroot_words(&s, 9, "/usr/share/rc");
	assert_string_equal(sysroot_needs(&s), "/bin/dash");
	assert_null(s.closure->sources[0]);
	assert_string_equal(s.closure->source_entries[1]->name, "rcS");
	assert_ptr_equal(s.closure->sources[1], s.closure->source_entries[1]->content);
	assert_string_equal(s.closure->needs[0]->why.needed_by->path, "/etc/init.d/rcS");
	assert_int_equal(s.closure->needs[0]->why.at.line, 9);
}

TEST(a_script_that_is_not_to_be_run_brings_nothing)
{
	struct sysroot s = sysroot_new();
	struct m_file *file = sysroot_file(&s, 8, "/etc/functions");

	sysroot_text(&s, "/etc/f", "#!/bin/dash\r\n");
	file->source = sysroot_words(&s, 9, "/etc/f");
	file->mode.given = true;
	file->mode.v = 0644;
	assert_string_equal(sysroot_needs(&s), "");
	unit_expect_none(s.c);
}

TEST(a_written_script_brings_its_interpreter_when_it_can_be_run)
{
	struct sysroot s = sysroot_new();
	struct m_file *file = sysroot_file(&s, 8, "/etc/rc");

	sysroot_elf(&s, "/bin/dash", "--type exec --static");
	file->content = sysroot_words(&s, 9, "#!/bin/dash\necho\n");
	file->mode.given = true;
	file->mode.v = 0755;
	assert_string_equal(sysroot_needs(&s), "/bin/dash");
	assert_null(s.closure->sources[0]);
}

TEST(a_library_that_the_manifest_puts_there_is_found_there)
{
	struct sysroot s = sysroot_new();

	sysroot_elf(&s, "/lib/ld-linux.so.2", "--rodata /lib/\\0/usr/lib/");
	sysroot_elf(&s, "/bin/prog", "--interp /lib/ld-linux.so.2 --needed liba.so");
	sysroot_elf(&s, "/store/liba.so", "--needed libb.so");
	sysroot_elf(&s, "/usr/lib/libb.so", "");
	sysroot_program(&s, 5, "/bin/prog");
	sysroot_file(&s, 7, "/lib/liba.so")->source = sysroot_words(&s, 8, "/store/liba.so");
	assert_string_equal(sysroot_needs(&s), "/bin/prog /lib/ld-linux.so.2 /usr/lib/libb.so");
	assert_string_equal(s.closure->needs[2]->why.needed_by->path, "/lib/liba.so");
}

/* A directory of its own, to which the manifest's sources are relative. */
static const char *
make_directory(struct sysroot *s)
{
	char *path = arena_strdup(s->c->arena, "/tmp/rootc-unit-XXXXXX");

	assert_non_null(mkdtemp(path));
	s->manifest.directory = path;
	return path;
}

static const char *
beside(struct sysroot *s, const char *name)
{
	return arena_printf(s->c->arena, "%s/%s", s->manifest.directory, name);
}

static void
write_beside(struct sysroot *s, const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(beside(s, name), "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	chmod(beside(s, name), mode);
}

TEST(a_source_beside_the_manifest_is_stamped_and_brings_its_interpreter)
{
	struct sysroot s = sysroot_new();

	make_directory(&s);
	mkdir(beside(&s, "d"), 0755);
	write_beside(&s, "d/run", "#!/bin/dash\n", 0755);
	sysroot_elf(&s, "/bin/dash", "--type exec --static");
	sysroot_file(&s, 7, "/etc/rc")->source = sysroot_words(&s, 8, "./d//run");
	assert_string_equal(sysroot_needs(&s), "/bin/dash");
	assert_string_equal(s.closure->sources[0]->path, "d/run");
	assert_string_equal(s.closure->sources[0]->shown, "./d//run");
	assert_true(s.closure->sources[0]->stamped);
	assert_int_equal(s.closure->sources[0]->size, 12);
	assert_null(s.closure->source_entries[0]);
	unlink(beside(&s, "d/run"));
	rmdir(beside(&s, "d"));
	rmdir(s.manifest.directory);
}

TEST(what_is_no_file_beside_the_manifest_is_refused_at_once)
{
	struct sysroot s = sysroot_new();

	make_directory(&s);
	assert_int_equal(mkfifo(beside(&s, "fifo"), 0644), 0);
	assert_int_equal(symlink("/etc/passwd", beside(&s, "link")), 0);
	sysroot_file(&s, 1, "/a")->source = sysroot_words(&s, 11, "fifo");
	sysroot_file(&s, 2, "/b")->source = sysroot_words(&s, 12, "link");
	sysroot_file(&s, 3, "/c")->source = sysroot_words(&s, 13, "nothing");
	sysroot_file(&s, 4, "/d")->source = sysroot_words(&s, 14, ".");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 4);
	for (uint32_t i = 0; i < 4; i++)
		unit_expect(s.c, i, DIAG_FILE_UNREADABLE, 11 + i, 1);
	assert_true(sysroot_says(&s, 0, "FIFO"));
	assert_true(sysroot_says(&s, 1, "link"));
	assert_true(sysroot_says(&s, 2, strerror(ENOENT)));
	assert_true(sysroot_says(&s, 3, strerror(EISDIR)));
	unlink(beside(&s, "fifo"));
	unlink(beside(&s, "link"));
	rmdir(s.manifest.directory);
}

TEST(a_source_never_leads_out_of_the_directory_of_the_manifest)
{
	struct sysroot s = sysroot_new();

	sysroot_file(&s, 1, "/a")->source = sysroot_words(&s, 11, "../x");
	sysroot_file(&s, 2, "/b")->source = sysroot_words(&s, 12, "a/../../x");
	assert_false(sysroot_resolve(&s));
	unit_expect(s.c, 0, DIAG_SOURCE_OUTSIDE, 11, 1);
	unit_expect(s.c, 1, DIAG_SOURCE_OUTSIDE, 12, 1);
}

TEST(a_file_that_is_longer_than_it_says_changed)
{
	struct sysroot s = sysroot_new();

	s.manifest.directory = "/proc/self";
	sysroot_file(&s, 1, "/a")->source = sysroot_words(&s, 11, "status");
	expect_only(&s, DIAG_FILE_CHANGED, 11, "status");
}

TEST(a_sparse_source_of_a_tebibyte_is_only_measured)
{
	struct sysroot s = sysroot_new();

	make_directory(&s);
	write_beside(&s, "big", "", 0644);
	if (truncate(beside(&s, "big"), (off_t)1 << 40) == 0) {
		sysroot_file(&s, 1, "/a")->source = sysroot_words(&s, 11, "big");
		assert_true(sysroot_resolve(&s));
		assert_true(s.closure->sources[0]->size == (uint64_t)1 << 40);
	}
	unlink(beside(&s, "big"));
	rmdir(s.manifest.directory);
}

/* A kernel of 5 setup sectors and 4096 bytes behind them. */
static void
make_kernel(unsigned char *kernel)
{
	memset(kernel, 0, 7168);
	kernel[0x1f1] = 5;
	kernel[0x1f5] = 1; /* syssize 0x100 paragraphs */
	kernel[0x1fe] = 0x55;
	kernel[0x1ff] = 0xaa;
	memcpy(kernel + 0x202, "HdrS\x0f\x02", 6);
	kernel[0x211] = 1;
}

/* The three files as grub-legacy of Debian 12 has them, as far as they are looked at. */
static void
put_grub(struct sysroot *s, const char *directory)
{
	unsigned char stage1[512] = {0}, stage1_5[9460] = {0}, stage2[4000] = {0};

	memcpy(stage1 + 0x3e, "\3\2", 2);
	memcpy(stage1 + 0x1fe, "\x55\xaa", 2);
	memcpy(stage1_5 + 0x206, "\3\2", 2);
	stage1_5[0x210] = 2;
	memcpy(stage1_5 + 0x212, "0.97", 5);
	memcpy(stage2 + 0x206, "\3\2", 2);
	memcpy(stage2 + 0x212, "0.97", 5);
	sysroot_bytes(s, arena_printf(s->c->arena, "%s/stage1", directory), stage1, sizeof stage1);
	sysroot_bytes(s, arena_printf(s->c->arena, "%s/e2fs_stage1_5", directory), stage1_5, sizeof stage1_5);
	sysroot_bytes(s, arena_printf(s->c->arena, "%s/stage2", directory), stage2, sizeof stage2);
}

static const char grub_directory[] = "/usr/lib/grub/x86_64-pc";

TEST(a_kernel_is_checked_for_grub)
{
	static const struct {
		size_t offset;
		unsigned char value;
		const char *says;
	} bad[] = {
		{0x1fe, 0, "at 0x1fe stands 00 aa, not 55 aa"},
		{0x203, 'x', "at 0x202 stands 48 78 72 53"},
		{0x207, 1, "boot protocol at 0x206 is 10f"},
		{0x211, 0, "bit 0 at 0x211"},
		{0x1f1, 65, "65 sectors, more than 64"},
		{0x1f4, 1, "its header says 7184 bytes, it has 7168"},
	};
	unsigned char kernel[7168];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct sysroot s = sysroot_new();

		make_kernel(kernel);
		kernel[bad[i].offset] = bad[i].value;
		sysroot_bytes(&s, "/boot/vmlinuz", kernel, sizeof kernel);
		want_kernel(&s, "/boot/vmlinuz");
		put_grub(&s, grub_directory);
		want_grub(&s);
		expect_only(&s, DIAG_KERNEL_BAD, 2, bad[i].says);
	}
}

TEST(a_good_kernel_and_good_stages_are_taken_and_stage2_is_no_need)
{
	struct sysroot s = sysroot_new();
	unsigned char kernel[7168];

	make_kernel(kernel);
	sysroot_bytes(&s, "/boot/vmlinuz", kernel, sizeof kernel);
	want_kernel(&s, "/boot/vmlinuz");
	put_grub(&s, grub_directory);
	want_grub(&s);
	assert_string_equal(sysroot_needs(&s), "/boot/vmlinuz");
	assert_int_equal(s.closure->boot.stage1[0x1fe], 0x55);
	assert_int_equal(s.closure->boot.stage1_5_size, 9460);
	assert_string_equal(s.closure->boot.stage2->path, "/usr/lib/grub/x86_64-pc/stage2");
	assert_int_equal(s.closure->boot.stage2->entry->content->size, 4000);
}

TEST(a_short_file_is_no_kernel)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/boot/vmlinuz", "x");
	want_kernel(&s, "/boot/vmlinuz");
	put_grub(&s, grub_directory);
	want_grub(&s);
	expect_only(&s, DIAG_KERNEL_BAD, 2, "it has 1 bytes");
}

TEST(the_directory_of_grub_2_does_not_count_but_two_of_grub_legacy_are_too_many)
{
	struct sysroot s = sysroot_new();

	put_grub(&s, grub_directory);
	sysroot_text(&s, "/usr/lib/grub/i386-pc/boot.img", "");
	want_grub(&s);
	assert_true(sysroot_resolve(&s));
	put_grub(&s, "/usr/lib/grub/i386-pc");
	expect_only(&s, DIAG_GRUB_FILES, 9, "one is '/usr/lib/grub/i386-pc/stage1'");
}

TEST(a_missing_stage_is_named)
{
	struct sysroot s = sysroot_new();

	sysroot_text(&s, "/usr/lib/grub/x86_64-pc/stage2", "");
	sysroot_text(&s, "/usr/lib/grub/x86_64-pc/stage1", "");
	want_grub(&s);
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.count, 3);
	unit_expect(s.c, 0, DIAG_GRUB_FILE_BAD, 9, 1);
	assert_true(sysroot_says(&s, 0, "has 0 bytes, where stage1 has 512 to 512"));
	unit_expect(s.c, 1, DIAG_GRUB_FILES, 9, 1);
	assert_true(sysroot_says(&s, 1, "'/usr/lib/grub/x86_64-pc/e2fs_stage1_5', which is no file"));
	unit_expect(s.c, 2, DIAG_GRUB_FILE_BAD, 9, 1);
}

TEST(a_stage_with_other_marks_is_refused_with_offset_and_bytes)
{
	struct sysroot s = sysroot_new();
	unsigned char stage2[4000] = {0};

	put_grub(&s, grub_directory);
	memcpy(stage2 + 0x206, "\3\1", 2);
	memcpy(stage2 + 0x212, "0.97", 5);
	sysroot_bytes(&s, "/usr/lib/grub/x86_64-pc/stage2", stage2, sizeof stage2);
	want_grub(&s);
	expect_only(&s, DIAG_GRUB_FILE_BAD, 9, "at 0x206 stands 03 01, not 03 02");
}

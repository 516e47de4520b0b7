#include "unit.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/elf.h"
#include "sysroot.h"

struct case_file {
	struct sysroot s;
	struct content *content;
	unsigned char *bytes;
	struct elf_facts facts;
};

static struct case_file
given(const char *options)
{
	struct case_file f = {.s = sysroot_new()};
	const struct content *made = sysroot_made(f.s.c, options);

	f.content = ARENA_NEW(f.s.c->arena, struct content);
	*f.content = *made;
	f.bytes = arena_alloc(f.s.c->arena, (size_t)made->size + 1);
	memcpy(f.bytes, made->bytes, (size_t)made->size);
	f.content->bytes = (const char *)f.bytes;
	return f;
}

static bool
reads(struct case_file *f)
{
	struct bytes bytes = {.c = f->s.c, .content = f->content, .at = sysroot_words(&f->s, 7, "prog").at, .fd = -1};

	memset(&f->facts, 0, sizeof f->facts);
	return facts_read(&bytes, &f->facts);
}

/* F is refused for a reason that holds WHY, at the manifest's words. */
static void
expect_broken(struct case_file *f, const char *why)
{
	assert_false(reads(f));
	facts_report(f->s.c, f->content, &f->facts, sysroot_words(&f->s, 7, "prog").at);
	unit_expect(f->s.c, 0, DIAG_ELF_BROKEN, 7, 1);
	assert_true(sysroot_says(&f->s, 0, "'made'"));
	if (!sysroot_says(&f->s, 0, why))
		fail_msg("'%s' does not say '%s'", f->s.c->diags.list[0]->text, why);
}

static Elf64_Phdr *
segment(struct case_file *f, size_t index)
{
	return (Elf64_Phdr *)(f->bytes + sizeof(Elf64_Ehdr)) + index;
}

static Elf64_Dyn *
dynamic(struct case_file *f, size_t segment_index)
{
	return (Elf64_Dyn *)(f->bytes + segment(f, segment_index)->p_offset);
}

static const char everything[] = "--interp /lib/ld.so.1 --needed a.so --filter f.so --auxiliary x.so --needed b.so "
	"--soname me.so --rpath /r --runpath $ORIGIN/x --flags-1 0x08000800 --machine 62";

static void
expect_everything(const struct elf_facts *facts)
{
	assert_string_equal(facts->interp, "/lib/ld.so.1");
	assert_int_equal(facts->needed_count, 4);
	assert_string_equal(facts->needed[0].name, "a.so");
	assert_int_equal(facts->needed[1].kind, REQUEST_FILTER);
	assert_int_equal(facts->needed[2].kind, REQUEST_AUXILIARY);
	assert_string_equal(facts->needed[3].name, "b.so");
	assert_string_equal(facts->soname, "me.so");
	assert_string_equal(facts->rpath, "/r");
	assert_string_equal(facts->runpath, "$ORIGIN/x");
	assert_true(facts->is_pie && facts->no_default_directories && facts->is_dynamic);
	assert_int_equal(facts->type, ET_DYN);
	assert_int_equal(facts->machine, 62);
}

TEST(both_classes_and_byte_orders_give_the_same_facts)
{
	static const char *const kinds[] = {"--class 64 --data lsb", "--class 64 --data msb", "--class 32 --data lsb",
		"--class 32 --data msb"};

	for (size_t i = 0; i < 4; i++) {
		struct case_file f = given("--static");

		f = given(arena_printf(f.s.c->arena, "%s %s", everything, kinds[i]));
		assert_true(reads(&f));
		unit_expect_none(f.s.c);
		expect_everything(&f.facts);
	}
}

TEST(a_static_program_needs_nothing)
{
	struct case_file f = given("--type exec --static");

	assert_true(reads(&f));
	assert_false(f.facts.is_dynamic);
	assert_null(f.facts.interp);
	assert_int_equal(f.facts.needed_count, 0);
}

TEST(of_two_sonames_the_last_counts)
{
	struct case_file f = given("--soname one --soname two");

	assert_true(reads(&f));
	assert_string_equal(f.facts.soname, "two");
}

TEST(what_is_said_of_sections_is_never_looked_at)
{
	struct case_file f = given(everything);
	Elf64_Ehdr *head = (Elf64_Ehdr *)f.bytes;

	head->e_shoff = 0x7fffffffffffffff;
	head->e_shnum = 0;
	head->e_shentsize = 1;
	head->e_shstrndx = 0xffff;
	assert_true(reads(&f));
	expect_everything(&f.facts);
}

TEST(a_file_that_ends_anywhere_is_refused_and_never_read_beyond)
{
	size_t size = (size_t)given(everything).content->size;

	for (size_t cut = 0; cut < size; cut++) {
		struct case_file f = given(everything);
		unsigned char *exact = malloc(cut ? cut : 1); /* so that the sanitizer sees a read beyond */

		memcpy(exact, f.bytes, cut);
		f.content->bytes = (const char *)exact;
		f.content->size = cut;
		assert_false(reads(&f));
		assert_non_null(f.facts.broken);
		free(exact);
	}
}

TEST(any_one_byte_may_be_wrong_without_harm)
{
	size_t size = (size_t)given(everything).content->size;

	for (size_t at = 0; at < size; at++) {
		for (unsigned i = 0; i < 4; i++) {
			struct case_file f = given(everything);
			bool ok;

			f.bytes[at] = (unsigned char[]){0, 0xff, 0x80, 1}[i];
			ok = reads(&f);
			assert_int_equal(ok, !f.facts.broken);
		}
	}
}

TEST(a_wrong_program_header_size_is_refused)
{
	static const uint16_t sizes[] = {0, 1, 55, 57};

	for (size_t i = 0; i < 4; i++) {
		struct case_file f = given(everything);

		((Elf64_Ehdr *)f.bytes)->e_phentsize = sizes[i];
		expect_broken(&f, "e_phentsize");
	}
}

TEST(too_many_program_headers_are_refused)
{
	struct case_file f = given(everything);

	((Elf64_Ehdr *)f.bytes)->e_phnum = 0xffff;
	expect_broken(&f, "65535 program headers, more than 512");
}

TEST(program_headers_beyond_the_end_are_refused)
{
	struct case_file f = given(everything);

	((Elf64_Ehdr *)f.bytes)->e_phoff = 0x7fffffffffffffff;
	expect_broken(&f, "program headers lie beyond its end");
}

TEST(program_headers_over_the_header_are_refused)
{
	struct case_file f = given(everything);

	((Elf64_Ehdr *)f.bytes)->e_phoff = 8;
	expect_broken(&f, "overlap its header");
}

TEST(a_dynamic_section_that_is_mapped_elsewhere_is_refused)
{
	struct case_file f = given(everything);

	segment(&f, 2)->p_vaddr -= 16;
	expect_broken(&f, "not where a PT_LOAD maps it");
}

TEST(a_dynamic_section_that_is_nowhere_is_refused)
{
	struct case_file f = given(everything);

	segment(&f, 2)->p_offset = UINT64_MAX;
	segment(&f, 2)->p_vaddr = 1;
	expect_broken(&f, "not where a PT_LOAD maps it");
}

TEST(two_dynamic_sections_are_refused)
{
	struct case_file f = given(everything);

	*segment(&f, 1) = *segment(&f, 2);
	expect_broken(&f, "two PT_DYNAMIC");
}

TEST(a_dynamic_section_of_a_broken_size_is_refused)
{
	struct case_file f = given(everything);

	segment(&f, 2)->p_filesz -= 8;
	expect_broken(&f, "not a multiple of 16");
}

TEST(a_dynamic_section_without_an_end_is_refused)
{
	struct case_file f = given(everything);

	segment(&f, 2)->p_filesz -= 16;
	expect_broken(&f, "has no end");
}

TEST(entries_behind_the_end_do_not_exist)
{
	struct case_file f = given("--needed a.so --needed b.so");

	dynamic(&f, 1)[0].d_tag = DT_NULL;
	assert_true(reads(&f));
	assert_int_equal(f.facts.needed_count, 0);
}

TEST(a_string_table_outside_the_file_is_refused)
{
	struct case_file f = given("--needed a.so");

	dynamic(&f, 1)[1].d_un.d_ptr = 0x400000;
	expect_broken(&f, "DT_STRTAB is not inside a PT_LOAD");
}

TEST(a_string_outside_its_table_is_refused)
{
	struct case_file f = given("--needed a.so");

	dynamic(&f, 1)[0].d_un.d_val = 6;
	expect_broken(&f, "outside DT_STRTAB");
}

TEST(a_string_without_an_end_is_refused)
{
	struct case_file f = given("--needed a.so");

	dynamic(&f, 1)[2].d_un.d_val = 5;
	expect_broken(&f, "does not end");
}

/* 600 KiB that would be 15000 names of up to 4 KiB: 60 MiB. */
TEST(names_that_share_their_bytes_do_not_multiply)
{
	enum { NAME = 4000, NAMES = 15000 };
	struct case_file f = given("--static");
	const char *options = arena_printf(f.s.c->arena, "--soname %0*d --needed x", NAME, 0);
	struct case_file base = given(options);
	Elf64_Dyn *from = dynamic(&base, 1), *to;
	size_t at = (size_t)segment(&base, 1)->p_offset, size = at + (NAMES + 4) * sizeof *to;
	unsigned char *bytes = arena_alloc(base.s.c->arena, size);

	memcpy(bytes, base.bytes, at);
	to = (Elf64_Dyn *)(bytes + at);
	for (size_t i = 0; i < NAMES; i++)
		to[i] = (Elf64_Dyn){.d_tag = DT_NEEDED, .d_un.d_val = from[0].d_un.d_val + i % (NAME / 2)};
	to[NAMES] = from[2];
	to[NAMES + 1] = from[3];
	base.content->bytes = (const char *)bytes;
	base.content->size = size;
	base.bytes = bytes;
	segment(&base, 0)->p_filesz = segment(&base, 0)->p_memsz = size;
	segment(&base, 1)->p_filesz = segment(&base, 1)->p_memsz = size - at;
	expect_broken(&base, "more than 1048576 bytes");
}

TEST(strings_are_found_wherever_they_stand)
{
	struct case_file f = given("--static");
	char *options = arena_printf(f.s.c->arena, "--needed first --soname %0*d --needed last --rpath /r", 4095, 0);

	f = given(options);
	assert_true(reads(&f));
	assert_string_equal(f.facts.needed[0].name, "first");
	assert_string_equal(f.facts.needed[1].name, "last");
	assert_int_equal(strlen(f.facts.soname), 4095);
	assert_string_equal(f.facts.rpath, "/r");
}

TEST(a_name_with_control_characters_is_refused)
{
	struct case_file f = given("--needed \033[31m");

	expect_broken(&f, "control characters");
}

TEST(overlapping_segments_are_refused)
{
	struct case_file f = given(everything);

	*segment(&f, 1) = *segment(&f, 0);
	expect_broken(&f, "overlaps the one before it");
}

TEST(a_relative_interpreter_is_refused)
{
	struct case_file f = given("--interp lib/ld.so.1");

	expect_broken(&f, "'lib/ld.so.1' is not absolute");
}

TEST(an_interpreter_without_a_nul_is_refused)
{
	struct case_file f = given("--interp /lib/ld.so.1");

	segment(&f, 1)->p_filesz--;
	expect_broken(&f, "not a text that ends in a NUL");
}

TEST(of_two_interpreters_the_first_counts)
{
	static const char other[] = "/lib/other.so";
	struct case_file f = given("--interp /lib/ld.so.1 --soname /lib/other.so --isa 1");
	Elf64_Phdr *second = segment(&f, 2);

	second->p_type = PT_INTERP;
	second->p_offset = (Elf64_Off)((unsigned char *)memmem(f.bytes, (size_t)f.content->size, other, sizeof other) - f.bytes);
	second->p_filesz = sizeof other;
	assert_true(reads(&f));
	assert_string_equal(f.facts.interp, "/lib/ld.so.1");
}

TEST(float_calls_of_arm_must_agree)
{
	struct case_file hard = given("--class 32 --machine 40 --flags 0x5000400"),
		soft = given("--class 32 --machine 40 --flags 0x5000200");
	struct case_file neither = given("--class 32 --machine 40 --flags 0x5000000");

	assert_true(reads(&hard) && reads(&soft) && reads(&neither));
	assert_false(facts_fit(&hard.facts, &soft.facts));
	assert_true(facts_fit(&hard.facts, &neither.facts));
}

TEST(machines_are_called_by_their_names)
{
	struct case_file f = given("--class 32 --data msb --machine 8");

	assert_true(reads(&f));
	assert_string_equal(facts_machine(f.s.c, &f.facts), "32-bit big-endian MIPS");
}

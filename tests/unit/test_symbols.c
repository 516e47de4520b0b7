#include "unit.h"

#include <elf.h>
#include <string.h>

#include "resolve/symbols.h"
#include "sysroot.h"

struct case_file {
	struct sysroot s;
	struct content content;
	unsigned char *bytes;
};

static struct case_file
given(const char *options)
{
	struct case_file f = {.s = sysroot_new()};
	const struct content *made = sysroot_made(f.s.c, options);

	f.bytes = arena_alloc(f.s.c->arena, (size_t)made->size + 1);
	memcpy(f.bytes, made->bytes, (size_t)made->size);
	f.content = *made;
	f.content.bytes = (const char *)f.bytes;
	return f;
}

/* The value of the entry TAG of the dynamic section, the last segment of a file made without notes. */
static Elf64_Xword *
value_of(struct case_file *f, Elf64_Sxword tag)
{
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)f->bytes;
	const Elf64_Phdr *last = (const Elf64_Phdr *)(f->bytes + head->e_phoff) + head->e_phnum - 1;
	Elf64_Dyn *entry = (Elf64_Dyn *)(f->bytes + last->p_offset);

	while (entry->d_tag != tag)
		entry++;
	return &entry->d_un.d_val;
}

static const struct elf_symbols *
read_all(struct case_file *f)
{
	struct resolver r = {.c = f->s.c};
	const struct file_facts *facts = facts_of(&r, &f->content, (struct span){0});

	assert_int_equal(facts->kind, FILE_ELF);
	return symbols_of(&r, &f->content, &facts->elf, (struct span){0});
}

TEST(symbols_are_found_by_name_and_version)
{
	struct case_file f = given("--version V1 --undefined u --defines f@V1");
	const struct elf_symbols *symbols = read_all(&f);
	struct symbol undefined;
	size_t next = 0;

	assert_non_null(symbols);
	assert_true(symbols_define(symbols, "f", "V1"));
	assert_false(symbols_define(symbols, "f", "V2"));
	assert_false(symbols_define(symbols, "u", NULL));
	assert_true(symbols_next_undefined(symbols, &next, &undefined));
	assert_string_equal(undefined.name, "u");
	assert_false(symbols_next_undefined(symbols, &next, &undefined));
}

/* Found by tests/fuzz: no symbols, and a table of them that is not in the file. */
TEST(a_table_without_symbols_may_be_anywhere)
{
	struct case_file f = given("--undefined u");

	*value_of(&f, DT_SYMTAB) = 0x7fffffff;
	assert_non_null(read_all(&f));
	unit_expect_none(f.s.c);
}

TEST(a_symbol_table_outside_the_file_is_refused)
{
	struct case_file f = given("--undefined u --hash sysv");

	*value_of(&f, DT_SYMTAB) = 0x7fffffff;
	assert_null(read_all(&f));
	unit_expect(f.s.c, 0, DIAG_ELF_BROKEN, 0, 0);
}

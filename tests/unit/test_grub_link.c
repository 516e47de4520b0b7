#include "unit.h"

#include <elf.h>
#include <string.h>

#include "plan/grub_core.h"
#include "resolve/grub_link.h"
#include "support/little_endian.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* Where the parts of the made-up object file stand, and its sections. */
enum {
	CODE = 64, CODE_SIZE = 0x20,
	DATA = CODE + CODE_SIZE, DATA_SIZE = 0x18,
	RELOCATIONS = DATA + DATA_SIZE,
	SYMBOLS = RELOCATIONS + sizeof(Elf64_Rela), SYMBOL_COUNT = 4,
	NAMES = SYMBOLS + SYMBOL_COUNT * sizeof(Elf64_Sym), NAMES_SIZE = 16,
	TABLE = NAMES + NAMES_SIZE,
	S_CODE = 1, S_DATA, S_ZEROES, S_RELOCATIONS, S_SYMBOLS, S_NAMES, SECTIONS,
	SIZE = TABLE + SECTIONS * sizeof(Elf64_Shdr),
};

/* Symbols: _start in the code, "thing" in the data, "heap" in the zeroes. */
enum { START = 1, THING, HEAP };

/* Where things are when they are linked: code in the second page, data in the third and then zeroes. */
enum { START_AT = 0x1004, DATA_AT = 0x2000, THING_AT = 0x2008, HEAP_AT = 0x2020 };

struct object {
	struct compilation *c;
	unsigned char bytes[SIZE];
	unsigned machine;
	struct grub_files files;
};

static void
put_section(struct object *o, unsigned index, uint32_t type, uint64_t flags, uint64_t offset, uint64_t size, uint32_t link, uint32_t info)
{
	unsigned char *at = o->bytes + TABLE + index * sizeof(Elf64_Shdr);

	put32(at + offsetof(Elf64_Shdr, sh_type), type);
	put64(at + offsetof(Elf64_Shdr, sh_flags), flags);
	put64(at + offsetof(Elf64_Shdr, sh_offset), offset);
	put64(at + offsetof(Elf64_Shdr, sh_size), size);
	put32(at + offsetof(Elf64_Shdr, sh_link), link);
	put32(at + offsetof(Elf64_Shdr, sh_info), info);
	put64(at + offsetof(Elf64_Shdr, sh_addralign), 0x20);
}

static void
put_symbol(struct object *o, unsigned index, uint32_t name, unsigned section, uint64_t value)
{
	unsigned char *at = o->bytes + SYMBOLS + index * sizeof(Elf64_Sym);

	put32(at + offsetof(Elf64_Sym, st_name), name);
	put16(at + offsetof(Elf64_Sym, st_shndx), section);
	put64(at + offsetof(Elf64_Sym, st_value), value);
}

static void
put_relocation(struct object *o, uint64_t offset, uint32_t kind, uint32_t symbol, uint64_t addend)
{
	unsigned char *at = o->bytes + RELOCATIONS;

	put64(at + offsetof(Elf64_Rela, r_offset), offset);
	put64(at + offsetof(Elf64_Rela, r_info), (uint64_t)symbol << 32 | kind);
	put64(at + offsetof(Elf64_Rela, r_addend), addend);
}

/* An object for MACHINE that can be linked; eight bytes of its code are to be the address of "thing". */
static struct object *
object_for(unsigned machine)
{
	struct compilation *c = unit_compilation();
	struct object *o = ARENA_NEW(c->arena, struct object);

	o->c = c;
	o->machine = machine;
	put64(o->bytes + offsetof(Elf64_Ehdr, e_shoff), TABLE);
	put16(o->bytes + offsetof(Elf64_Ehdr, e_shentsize), sizeof(Elf64_Shdr));
	put16(o->bytes + offsetof(Elf64_Ehdr, e_shnum), SECTIONS);
	memcpy(o->bytes + DATA, "data", 4);
	memcpy(o->bytes + NAMES, "\0_start\0_x", 10);
	put_section(o, S_CODE, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, CODE, CODE_SIZE, 0, 0);
	put_section(o, S_DATA, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, DATA, DATA_SIZE, 0, 0);
	put_section(o, S_ZEROES, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, DATA, 0x1000, 0, 0);
	put_section(o, S_RELOCATIONS, SHT_RELA, 0, RELOCATIONS, sizeof(Elf64_Rela), S_SYMBOLS, S_CODE);
	put_section(o, S_SYMBOLS, SHT_SYMTAB, 0, SYMBOLS, SYMBOL_COUNT * sizeof(Elf64_Sym), S_NAMES, 0);
	put_section(o, S_NAMES, SHT_STRTAB, 0, NAMES, NAMES_SIZE, 0, 0);
	put_symbol(o, START, 1, S_CODE, 4);
	put_symbol(o, THING, 8, S_DATA, 8);
	put_symbol(o, HEAP, 8, S_ZEROES, 0);
	put_relocation(o, 0x10, machine == EM_X86_64 ? R_X86_64_64 : R_AARCH64_ABS64, THING, 0);
	return o;
}

static const char *
link_object(struct object *o)
{
	return grub_link_kernel(o->c, o->bytes, SIZE, o->machine, &o->files);
}

TEST(code_data_and_zeroes_begin_with_pages)
{
	struct object *o = object_for(EM_X86_64);

	assert_null(link_object(o));
	assert_int_equal(o->files.code_size, 0x1000);
	assert_int_equal(o->files.kernel_size, 0x3000);
	assert_int_equal(o->files.entry, START_AT);
	assert_memory_equal(o->files.kernel + 0x1000, "data", 4);
	assert_int_equal(o->files.fixup_count, 1);
	assert_int_equal(o->files.fixups[0], 0x1010);
	assert_int_equal(get64(o->files.kernel + 0x10), THING_AT);
}

/* The bits that a relocation has nothing to do with are those of the instruction. */
TEST(relocations_are_what_the_psabis_say)
{
	static const struct {
		unsigned machine;
		uint32_t kind, symbol;
		uint64_t offset, addend;
		uint32_t before, after;
	} cases[] = {
		{EM_X86_64, R_X86_64_PC32, THING, 0x08, (uint64_t)-4, 0, THING_AT - 4 - 0x1008},
		{EM_X86_64, R_X86_64_PLT32, START, 0x1c, (uint64_t)-4, 0, (uint32_t)(START_AT - 4 - 0x101c)},
		{EM_AARCH64, R_AARCH64_CALL26, HEAP, 0x08, 0, 0x94000000, 0x94000000 | (HEAP_AT - 0x1008) / 4},
		{EM_AARCH64, R_AARCH64_JUMP26, START, 0x1c, 0, 0x14000000, 0x17fffffa},
		{EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, THING, 0x08, 0, 0x90000001, 0xb0000001},
		{EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, THING, 0x08, 0x4000, 0x90000001, 0xb0000021},
		{EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, START, 0x08, (uint64_t)-0x1000, 0x90000001, 0xf0ffffe1},
		{EM_AARCH64, R_AARCH64_ADD_ABS_LO12_NC, HEAP, 0x08, 1, 0x91000021, 0x91008421},
		{EM_AARCH64, R_AARCH64_LDST64_ABS_LO12_NC, THING, 0x08, 0, 0xf9400021, 0xf9400421},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct object *o = object_for(cases[i].machine);

		put32(o->bytes + CODE + cases[i].offset, cases[i].before);
		/* with addends, what stands there does not count */
		put_relocation(o, cases[i].offset, cases[i].kind, cases[i].symbol, cases[i].addend);
		assert_null(link_object(o));
		assert_int_equal(get32(o->files.kernel + cases[i].offset), cases[i].after);
		assert_int_equal(o->files.fixup_count, 0);
	}
}

static void
assert_broken(struct object *o, const char *why)
{
	const char *got = link_object(o);

	assert_non_null(got);
	assert_string_equal(got, why);
}

TEST(relocations_that_cannot_be_done_are_told)
{
	static const struct {
		unsigned machine;
		uint32_t kind;
		uint64_t offset, symbol, addend;
		const char *why;
	} cases[] = {
		{EM_X86_64, R_X86_64_PC32, 0x1d, THING, 0, "a relocation lies outside its section, or has no symbol"},
		{EM_X86_64, R_X86_64_PC32, UINT64_MAX, THING, 0, "a relocation lies outside its section, or has no symbol"},
		{EM_X86_64, R_X86_64_PC32, 0, SYMBOL_COUNT, 0, "a relocation lies outside its section, or has no symbol"},
		{EM_X86_64, R_X86_64_64, 0x19, THING, 0, "a relocation reaches past its section, or there are too many"},
		{EM_X86_64, R_X86_64_PC32, 0, THING, 0x80000000, "a relocation reaches too far"},
		{EM_X86_64, R_X86_64_32, 0, THING, 0, "rootc does not know relocation 10 of x86-64"},
		{EM_AARCH64, R_AARCH64_CALL26, 0, THING, 0x8000000, "a relocation reaches too far"},
		{EM_AARCH64, R_AARCH64_CALL26, 0, THING, 2, "a relocation reaches too far"},
		{EM_AARCH64, R_AARCH64_ADR_PREL_PG_HI21, 0, THING, UINT64_C(1) << 32, "a relocation reaches too far"},
		{EM_AARCH64, R_AARCH64_ADR_GOT_PAGE, 0, THING, 0, "rootc does not know relocation 311 of arm64"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct object *o = object_for(cases[i].machine);

		put_relocation(o, cases[i].offset, cases[i].kind, (uint32_t)cases[i].symbol, cases[i].addend);
		assert_broken(o, cases[i].why);
	}
}

#define OUTSIDE "a section reaches past its end"

TEST(what_sections_say_is_not_believed)
{
	static const struct {
		unsigned index;
		size_t member;
		uint64_t value;
		const char *why;
	} cases[] = {
		{S_DATA, offsetof(Elf64_Shdr, sh_offset), SIZE, OUTSIDE},
		{S_DATA, offsetof(Elf64_Shdr, sh_offset), UINT64_MAX, OUTSIDE},
		{S_DATA, offsetof(Elf64_Shdr, sh_size), UINT64_MAX, OUTSIDE},
		{S_ZEROES, offsetof(Elf64_Shdr, sh_size), UINT64_MAX, OUTSIDE},
		{S_ZEROES, offsetof(Elf64_Shdr, sh_size), 1024 * 1024, "it is larger than any real one"},
		{S_CODE, offsetof(Elf64_Shdr, sh_addralign), 3, "the alignment of a section is none"},
		{S_CODE, offsetof(Elf64_Shdr, sh_addralign), UINT64_C(1) << 63, "the alignment of a section is none"},
		{S_CODE, offsetof(Elf64_Shdr, sh_flags), SHF_ALLOC, "its code has no _start"},
		{S_SYMBOLS, offsetof(Elf64_Shdr, sh_type), SHT_PROGBITS, "it has no symbols"},
		{S_NAMES, offsetof(Elf64_Shdr, sh_type), SHT_PROGBITS, "it has no symbols"},
		{S_RELOCATIONS, offsetof(Elf64_Shdr, sh_type), SHT_REL, "it has relocations without addends"},
		{S_RELOCATIONS, offsetof(Elf64_Shdr, sh_info), S_ZEROES, "a relocation lies in zeroes"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct object *o = object_for(EM_X86_64);
		unsigned char *at = o->bytes + TABLE + cases[i].index * sizeof(Elf64_Shdr) + cases[i].member;

		if (cases[i].member == offsetof(Elf64_Shdr, sh_type) || cases[i].member == offsetof(Elf64_Shdr, sh_info))
			put32(at, (uint32_t)cases[i].value);
		else
			put64(at, cases[i].value);
		assert_broken(o, cases[i].why);
	}
}

/* Relocations of what is not loaded, such as debugging information, and of sections that are none, are left alone. */
TEST(relocations_of_what_is_not_loaded_do_not_count)
{
	static const uint32_t targets[] = {0, S_NAMES, SECTIONS, UINT32_MAX};

	for (size_t i = 0; i < COUNT(targets); i++) {
		struct object *o = object_for(EM_X86_64);

		put32(o->bytes + TABLE + S_RELOCATIONS * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_info), targets[i]);
		assert_null(link_object(o));
		assert_int_equal(o->files.fixup_count, 0);
	}
}

TEST(what_symbols_say_is_not_believed)
{
	struct object *o = object_for(EM_X86_64);

	put_symbol(o, HEAP, 8, SECTIONS, 0);
	assert_broken(o, "a symbol lies in no section");
	o = object_for(EM_X86_64);
	put_symbol(o, HEAP, 8, SHN_UNDEF, 0);
	assert_broken(o, "it needs a symbol that it has not");
	o = object_for(EM_X86_64);
	put_symbol(o, START, 1, S_CODE, 0x1000);
	assert_broken(o, "its code has no _start");
	o = object_for(EM_X86_64);
	put_symbol(o, START, UINT32_MAX, S_CODE, 4);
	assert_broken(o, "its code has no _start");
}

TEST(a_symbol_may_be_a_number)
{
	struct object *o = object_for(EM_X86_64);

	put_symbol(o, THING, 8, SHN_ABS, 0x1234);
	assert_null(link_object(o));
	assert_int_equal(get64(o->files.kernel + 0x10), 0x1234);
}

TEST(a_kernel_that_is_cut_short_is_told)
{
	struct object *o = object_for(EM_X86_64);

	assert_string_equal(grub_link_kernel(o->c, o->bytes, sizeof(Elf64_Ehdr) - 1, o->machine, &o->files), "it is too short for an ELF file");
	assert_string_equal(grub_link_kernel(o->c, o->bytes, SIZE - 1, o->machine, &o->files),
		"its section headers lie outside it, or are too many");
}

/* The program of a kernel of two pages whose addresses at FIXUPS change, without modules. */
static unsigned char *
program(struct compilation *c, uint32_t *fixups, size_t count, size_t *size)
{
	struct grub_files files = {.word = 8, .kernel = arena_alloc(c->arena, 2 * GRUB_PAGE), .kernel_size = 2 * GRUB_PAGE,
		.code_size = GRUB_PAGE, .entry = START_AT, .pe_machine = 0xaa64, .fixups = fixups, .fixup_count = count};
	struct grub_core core = {.prefix = "(hd0)/b", .config = "config"};

	return grub_core_efi(c, &files, &core, size);
}

TEST(sections_have_the_same_place_in_the_file_and_in_memory)
{
	static const struct {
		const char *name;
		uint32_t at, size;
	} sections[] = {{".text", 0x1000, 0x1000}, {".data", 0x2000, 0x1000}, {"mods", 0x3000, 0x1000}, {".reloc", 0x4000, 0x1000}};
	uint32_t fixup = 0x1010;
	size_t size;
	unsigned char *image = program(unit_compilation(), &fixup, 1, &size), *pe = image + get32(image + 0x3c);

	assert_int_equal(size, 0x5000);
	assert_memory_equal(image, "MZ", 2);
	assert_memory_equal(pe, "PE\0\0\x64\xaa\4\0", 8);
	assert_int_equal(get32(pe + 24 + 16), START_AT);
	assert_int_equal(get32(pe + 24 + 56), size);
	for (size_t i = 0; i < COUNT(sections); i++) {
		const unsigned char *header = pe + 24 + get16(pe + 20) + i * 40;

		assert_string_equal((const char *)header, sections[i].name);
		assert_int_equal(get32(header + 8), sections[i].size);
		assert_int_equal(get32(header + 12), sections[i].at);
		assert_int_equal(get32(header + 16), sections[i].size);
		assert_int_equal(get32(header + 20), sections[i].at);
	}
}

/* boot.md 3: what a 64-bit GRUB has behind its kernel. */
TEST(modules_of_64_bit_platforms_are_aligned_to_eight_bytes)
{
	static const char expected[] = "mimg\0\0\0\0\x18\0\0\0\0\0\0\0\x38\0\0\0\0\0\0\0"
		"\2\0\0\0\x10\0\0\0config\0\0"
		"\3\0\0\0\x10\0\0\0(hd0)/b";
	size_t size;
	const unsigned char *image = program(unit_compilation(), NULL, 0, &size);

	assert_memory_equal(image + 0x3000, expected, sizeof expected);
	assert_int_equal(size, 0x4000);
}

TEST(fixups_stand_page_by_page)
{
	static const char first[] = "\x00\x10\0\0\x10\0\0\0" "\x10\xa0\xff\xaf\x20\xa0\0\0", second[] = "\x00\x20\0\0\x10\0\0\0" "\x08\xa0\0\0\0\0\0\0",
		last[] = "\x00\x10\0\0\xe0\x0f\0\0" "\x30\xa0\0";
	uint32_t fixups[] = {0x1010, 0x1fff, 0x1020, 0x2008, 0x1030};
	size_t size;
	const unsigned char *image = program(unit_compilation(), fixups, COUNT(fixups), &size);

	assert_int_equal(size, 0x5000);
	assert_memory_equal(image + 0x4000, first, sizeof first - 1);
	assert_memory_equal(image + 0x4010, second, sizeof second - 1);
	assert_memory_equal(image + 0x4020, last, sizeof last - 1);
	assert_int_equal(get32(image + 0x80 + 24 + 112 + 5 * 8), 0x4000);
	assert_int_equal(get32(image + 0x80 + 24 + 112 + 5 * 8 + 4), 0x1000);
}

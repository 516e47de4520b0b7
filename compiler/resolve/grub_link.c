/* Links GRUB's kernel for EFI: its code, from the next page on its data, and zeroes (gABI 4.1, chapter 4; the machines' psABIs). */
#include "resolve/grub_link.h"

#include <elf.h>
#include <string.h>

#include "support/compilation.h"
#include "support/little_endian.h"

enum {
	LARGEST_LINKED = 1024 * 1024,
	MOST_SECTIONS = 64,
	MOST_SYMBOLS = 16384,
	MOST_FIXUPS = LARGEST_LINKED / 8,
};

struct section {
	uint32_t type, link, info;
	uint64_t flags, offset, size, alignment;
	bool is_kept;
	uint64_t address; /* of one that is kept, from the start of the image */
};

struct linking {
	struct compilation *c;
	const unsigned char *bytes;
	uint64_t size;
	unsigned machine;
	struct section sections[MOST_SECTIONS];
	size_t section_count;
	uint64_t *symbols; /* addresses */
	uint64_t symbol_count;
	unsigned char *image; /* from its start: the first page is left to headers */
	uint64_t end;      /* of what has a place in it */
	struct grub_files *files;
	const char *broken;
};

/* A place in a section that depends on where something else is. */
struct relocation {
	unsigned char *at;
	uint64_t room;    /* bytes from AT to the end of the section; at least 4 */
	uint64_t address; /* of AT */
	uint64_t value;   /* what it is to mean: symbol and addend */
};

static bool
broken(struct linking *l, const char *why)
{
	l->broken = why;
	return false;
}

static bool
lies_inside(const struct linking *l, uint64_t offset, uint64_t size)
{
	return offset <= l->size && size <= l->size - offset;
}

static uint64_t
round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

#define SECTION32(member) get32(header + offsetof(Elf64_Shdr, member))
#define SECTION64(member) get64(header + offsetof(Elf64_Shdr, member))

static bool
read_section(struct linking *l, const unsigned char *header)
{
	struct section *s = &l->sections[l->section_count++];

	*s = (struct section){
		.type = SECTION32(sh_type),
		.link = SECTION32(sh_link),
		.info = SECTION32(sh_info),
		.flags = SECTION64(sh_flags),
		.offset = SECTION64(sh_offset),
		.size = SECTION64(sh_size),
		.alignment = SECTION64(sh_addralign),
	};
	s->alignment += s->alignment == 0;
	s->is_kept = s->flags & SHF_ALLOC;
	if (s->alignment > GRUB_PAGE || (s->alignment & (s->alignment - 1)))
		return broken(l, "the alignment of a section is none");
	if (s->type != SHT_NOBITS ? !lies_inside(l, s->offset, s->size) : s->size > LARGEST_LINKED)
		return broken(l, "a section reaches past its end");
	return true;
}

static bool
read_sections(struct linking *l)
{
	uint64_t table = get64(l->bytes + offsetof(Elf64_Ehdr, e_shoff));
	unsigned count = get16(l->bytes + offsetof(Elf64_Ehdr, e_shnum));

	if (count > MOST_SECTIONS || get16(l->bytes + offsetof(Elf64_Ehdr, e_shentsize)) != sizeof(Elf64_Shdr) ||
	    !lies_inside(l, table, count * sizeof(Elf64_Shdr)))
		return broken(l, "its section headers lie outside it, or are too many");
	for (unsigned i = 0; i < count; i++)
		if (!read_section(l, l->bytes + table + i * sizeof(Elf64_Shdr)))
			return false;
	return true;
}

enum part { PART_CODE, PART_DATA, PART_ZEROES };

static enum part
part_of(const struct section *s)
{
	return s->flags & SHF_EXECINSTR ? PART_CODE : s->type == SHT_NOBITS ? PART_ZEROES : PART_DATA;
}

static bool
place_sections(struct linking *l, enum part part)
{
	for (size_t i = 0; i < l->section_count; i++) {
		struct section *s = &l->sections[i];

		if (!s->is_kept || part_of(s) != part)
			continue;
		s->address = round_up(l->end, s->alignment);
		if (s->size > LARGEST_LINKED - s->address)
			return broken(l, "it is larger than any real one");
		l->end = s->address + s->size;
	}
	return true;
}

/* Zeroes are part of the image, as with grub-mkimage: there is firmware that does not clear what is not in the file. */
static bool
place_all(struct linking *l)
{
	l->end = GRUB_PAGE;
	if (!place_sections(l, PART_CODE))
		return false;
	l->end = round_up(l->end, GRUB_PAGE);
	l->files->code_size = (size_t)l->end - GRUB_PAGE;
	if (!place_sections(l, PART_DATA) || !place_sections(l, PART_ZEROES))
		return false;
	l->end = round_up(l->end, GRUB_PAGE);
	l->image = arena_alloc(l->c->arena, (size_t)l->end);
	for (size_t i = 0; i < l->section_count; i++) {
		const struct section *s = &l->sections[i];

		if (s->is_kept && s->type != SHT_NOBITS)
			memcpy(l->image + s->address, l->bytes + s->offset, (size_t)s->size);
	}
	l->files->kernel = l->image + GRUB_PAGE;
	l->files->kernel_size = (size_t)l->end - GRUB_PAGE;
	return true;
}

/* Whether the symbol whose name stands at OFFSET of the table NAMES is the one that firmware jumps to. */
static bool
is_entry(const struct linking *l, const struct section *names, uint64_t offset)
{
	static const char name[] = "_start";

	return offset < names->size && names->size - offset >= sizeof name && memcmp(l->bytes + names->offset + offset, name, sizeof name) == 0;
}

static bool
read_symbol(struct linking *l, const unsigned char *symbol, const struct section *names)
{
	uint32_t name = get32(symbol + offsetof(Elf64_Sym, st_name)), index = get16(symbol + offsetof(Elf64_Sym, st_shndx));
	uint64_t value = get64(symbol + offsetof(Elf64_Sym, st_value));

	if (index == SHN_UNDEF && name)
		return broken(l, "it needs a symbol that it has not");
	if (index != SHN_UNDEF && index != SHN_ABS && index >= l->section_count)
		return broken(l, "a symbol lies in no section");
	if (index != SHN_ABS)
		value += l->sections[index].address;
	l->symbols[l->symbol_count++] = value;
	if (is_entry(l, names, name) && value >= GRUB_PAGE && value < GRUB_PAGE + l->files->code_size)
		l->files->entry = (uint32_t)value;
	return true;
}

static bool
read_symbols(struct linking *l)
{
	const struct section *table = NULL;
	uint64_t count;

	for (size_t i = 0; i < l->section_count && !table; i++)
		if (l->sections[i].type == SHT_SYMTAB)
			table = &l->sections[i];
	if (!table || table->link >= l->section_count || l->sections[table->link].type != SHT_STRTAB)
		return broken(l, "it has no symbols");
	count = table->size / sizeof(Elf64_Sym);
	if (count > MOST_SYMBOLS)
		return broken(l, "it has too many symbols");
	l->symbols = ARENA_ARRAY(l->c->arena, uint64_t, (size_t)count);
	while (l->symbol_count < count)
		if (!read_symbol(l, l->bytes + table->offset + l->symbol_count * sizeof(Elf64_Sym), &l->sections[table->link]))
			return false;
	return l->files->entry || broken(l, "its code has no _start");
}

/* Whether VALUE, which counts from an instruction on, can be told by BITS with a sign. */
static bool
fits(uint64_t value, unsigned bits)
{
	uint64_t half = UINT64_C(1) << (bits - 1);

	return value + half < 2 * half;
}

/* An address of 64 bits, which whoever loads the image elsewhere has to change. */
static bool
put_address(struct linking *l, const struct relocation *r)
{
	if (r->room < 8 || l->files->fixup_count >= MOST_FIXUPS)
		return broken(l, "a relocation reaches past its section, or there are too many");
	put64(r->at, r->value);
	*ARENA_PUSH(l->c->arena, l->files->fixups, l->files->fixup_count) = (uint32_t)r->address;
	return true;
}

/* Puts VALUE's low bits into those of the instruction at AT that MASK has. */
static bool
put_bits(unsigned char *at, uint32_t mask, uint32_t value)
{
	put32(at, (get32(at) & ~mask) | (value & mask));
	return true;
}

static bool
relocate_x86(struct linking *l, const struct relocation *r, uint32_t kind)
{
	switch (kind) {
	case R_X86_64_64:
		return put_address(l, r);
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		if (!fits(r->value - r->address, 32))
			return broken(l, "a relocation reaches too far");
		return put_bits(r->at, UINT32_MAX, (uint32_t)(r->value - r->address));
	}
	return broken(l, arena_printf(l->c->arena, "rootc does not know relocation %u of x86-64", kind));
}

/* Where two bits of an ADRP stand above the others. */
static uint32_t
adrp_bits(uint64_t pages)
{
	return (uint32_t)(pages & 3) << 29 | (uint32_t)(pages >> 2 & 0x7ffff) << 5;
}

static bool
relocate_arm64(struct linking *l, const struct relocation *r, uint32_t kind)
{
	uint64_t distance = r->value - r->address, pages = (r->value >> 12) - (r->address >> 12);

	switch (kind) {
	case R_AARCH64_ABS64:
		return put_address(l, r);
	case R_AARCH64_CALL26:
	case R_AARCH64_JUMP26:
		if (!fits(distance, 28) || distance % 4)
			return broken(l, "a relocation reaches too far");
		return put_bits(r->at, 0x03ffffff, (uint32_t)(distance >> 2));
	case R_AARCH64_ADR_PREL_PG_HI21:
		if (!fits(pages, 21))
			return broken(l, "a relocation reaches too far");
		return put_bits(r->at, 0x60ffffe0, adrp_bits(pages));
	case R_AARCH64_ADD_ABS_LO12_NC:
		return put_bits(r->at, 0x003ffc00, (uint32_t)(r->value & 0xfff) << 10);
	case R_AARCH64_LDST64_ABS_LO12_NC:
		return put_bits(r->at, 0x003ffc00, (uint32_t)(r->value & 0xff8) << 7);
	}
	return broken(l, arena_printf(l->c->arena, "rootc does not know relocation %u of arm64", kind));
}

static bool
relocate(struct linking *l, const struct section *target, const unsigned char *entry)
{
	uint64_t offset = get64(entry + offsetof(Elf64_Rela, r_offset)), info = get64(entry + offsetof(Elf64_Rela, r_info));
	struct relocation r;

	if (offset > target->size || target->size - offset < 4 || ELF64_R_SYM(info) >= l->symbol_count)
		return broken(l, "a relocation lies outside its section, or has no symbol");
	r = (struct relocation){
		.at = l->image + target->address + offset,
		.room = target->size - offset,
		.address = target->address + offset,
		.value = l->symbols[ELF64_R_SYM(info)] + get64(entry + offsetof(Elf64_Rela, r_addend)),
	};
	if (l->machine == EM_AARCH64)
		return relocate_arm64(l, &r, (uint32_t)ELF64_R_TYPE(info));
	return relocate_x86(l, &r, (uint32_t)ELF64_R_TYPE(info));
}

static bool
relocate_all(struct linking *l)
{
	for (size_t i = 0; i < l->section_count; i++) {
		const struct section *s = &l->sections[i], *target = &l->sections[s->info < l->section_count ? s->info : 0];

		if (s->type == SHT_REL)
			return broken(l, "it has relocations without addends");
		if (s->type != SHT_RELA || !target->is_kept)
			continue;
		if (target->type == SHT_NOBITS)
			return broken(l, "a relocation lies in zeroes");
		for (uint64_t at = 0; s->size - at >= sizeof(Elf64_Rela); at += sizeof(Elf64_Rela))
			if (!relocate(l, target, l->bytes + s->offset + at))
				return false;
	}
	return true;
}

const char *
grub_link_kernel(struct compilation *c, const unsigned char *bytes, size_t size, unsigned machine, struct grub_files *files)
{
	struct linking *l = ARENA_NEW(c->arena, struct linking);

	*l = (struct linking){.c = c, .bytes = bytes, .size = size, .machine = machine, .files = files};
	if (size < sizeof(Elf64_Ehdr))
		return "it is too short for an ELF file";
	(void)(read_sections(l) && place_all(l) && read_symbols(l) && relocate_all(l));
	return l->broken;
}

/* Composes GRUB 2 as an EFI program, as grub-mkimage does; only the MS-DOS header and the time are other bytes. */

#include "plan/grub_core.h"

#include <string.h>

#include "plan/grub.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/pe.h"

enum {
	HEADER = 0x80,          /* where the PE header stands, as everybody has it */
	OPTIONAL_SIZE = PE_OPTIONAL_LEAST + PE_DIRECTORIES * 8,
	FLAGS = 0x20e,          /* a program, without line numbers, symbols and debugging information */
	STACK_AND_HEAP = 65536, /* bytes, of which firmware takes no notice */
	FIXUP_ADDRESS = 0xa000, /* that 64 bits at the low 12 bits of an address are one */
	FIXUP_HEAD = 8,         /* of a page's fixups: le32 address of the page, le32 bytes with this */
	FIXUP_ALIGNMENT = 8,
};

/* A section has the same place in the file and in memory. */
struct section {
	const char *name;
	uint32_t characteristics;
	size_t size;
};

static size_t
round_up(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

/* Ends the fixups of the page that begin at START; gives where others begin. */
static size_t
end_fixups(unsigned char *bytes, size_t start, size_t end, size_t alignment)
{
	end = round_up(end, alignment);
	if (end > start)
		put32(bytes + start + 4, (uint32_t)(end - start));
	return end;
}

/* The fixups, page by page, in whole pages. */
static unsigned char *
pack_fixups(struct compilation *c, const struct grub_files *files, size_t *size)
{
	/* At most a head and three empty ones, which align the next, for each. */
	unsigned char *bytes = arena_alloc(c->arena, files->fixup_count * (FIXUP_HEAD + 2 + 6) + GRUB_PAGE);
	size_t start = 0, end = 0;
	uint32_t page = 0; /* that of the headers, where there are none */

	for (size_t i = 0; i < files->fixup_count; i++) {
		uint32_t address = files->fixups[i];

		if (address / GRUB_PAGE * GRUB_PAGE != page) {
			page = address / GRUB_PAGE * GRUB_PAGE;
			start = end_fixups(bytes, start, end, FIXUP_ALIGNMENT);
			put32(bytes + start, page);
			end = start + FIXUP_HEAD;
		}
		put16(bytes + end, FIXUP_ADDRESS | address % GRUB_PAGE);
		end += 2;
	}
	*size = end_fixups(bytes, start, end, GRUB_PAGE);
	return bytes;
}

static void
put_headers(unsigned char *image, const struct grub_files *files, const struct section *sections, size_t count)
{
	unsigned char *pe = image + HEADER, *header = pe + PE_OPTIONAL + OPTIONAL_SIZE;
	size_t address = GRUB_PAGE;

	memcpy(image, "MZ", 2);
	put32(image + PE_POINTER, HEADER);
	memcpy(pe, "PE", 2);
	put16(pe + PE_MACHINE, files->pe_machine);
	put16(pe + PE_SECTION_COUNT, (uint32_t)count);
	put16(pe + PE_OPTIONAL_SIZE, OPTIONAL_SIZE);
	put16(pe + PE_FLAGS, FLAGS);
	put16(pe + PE_OPTIONAL, PE_MAGIC_64);
	put32(pe + PE_CODE_SIZE, (uint32_t)sections[0].size);
	put32(pe + PE_DATA_SIZE, (uint32_t)(sections[1].size + sections[2].size));
	put32(pe + PE_ENTRY, files->entry);
	put32(pe + PE_CODE_BASE, GRUB_PAGE);
	put32(pe + PE_SECTION_ALIGNMENT, GRUB_PAGE);
	put32(pe + PE_FILE_ALIGNMENT, GRUB_PAGE);
	put32(pe + PE_HEADERS_SIZE, GRUB_PAGE);
	put16(pe + PE_SUBSYSTEM, PE_SUBSYSTEM_EFI);
	for (size_t i = 0; i < 4; i++)
		put64(pe + PE_STACK_AND_HEAP + 8 * i, STACK_AND_HEAP);
	put32(pe + PE_DIRECTORY_COUNT, PE_DIRECTORIES);
	for (size_t i = 0; i < count; i++, header += PE_SECTION_HEADER) {
		memcpy(header, sections[i].name, strlen(sections[i].name));
		put32(header + PE_VIRTUAL_SIZE, (uint32_t)sections[i].size);
		put32(header + PE_VIRTUAL_ADDRESS, (uint32_t)address);
		put32(header + PE_RAW_SIZE, (uint32_t)sections[i].size);
		put32(header + PE_RAW_OFFSET, (uint32_t)address);
		put32(header + PE_CHARACTERISTICS, sections[i].characteristics);
		address += sections[i].size;
	}
	put32(pe + PE_IMAGE_SIZE, (uint32_t)address);
	put32(pe + PE_FIXUPS, (uint32_t)(address - sections[count - 1].size));
	put32(pe + PE_FIXUPS + 4, (uint32_t)sections[count - 1].size);
}

unsigned char *
grub_core_efi(struct compilation *c, const struct grub_files *files, const struct grub_core *core, size_t *size)
{
	size_t payload_size, fixups_size;
	const unsigned char *payload = grub_core_payload(c, files, core, &payload_size);
	const unsigned char *fixups = pack_fixups(c, files, &fixups_size);
	const struct section sections[] = {
		{".text", 0x60000020, files->code_size}, /* code, to be executed and read */
		{".data", 0xc0000040, files->kernel_size - files->code_size}, /* data, to be read and written */
		{"mods", 0xc0000040, round_up(payload_size, GRUB_PAGE) - files->kernel_size},
		{".reloc", 0x42000040, fixups_size}, /* data, to be read, and thrown away */
	};
	size_t fixups_at = GRUB_PAGE + round_up(payload_size, GRUB_PAGE);
	unsigned char *image;

	*size = fixups_at + fixups_size;
	image = arena_alloc(c->arena, *size);
	put_headers(image, files, sections, sizeof sections / sizeof *sections);
	memcpy(image + GRUB_PAGE, payload, payload_size);
	memcpy(image + fixups_at, fixups, fixups_size);
	return image;
}

/* All of GRUB is in the program: firmware loads it whatever its size. */
const struct content *
plan_grub2_efi(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	const struct grub_files *files = &closure->grub_efi;
	struct grub_core core = grub2_core(c, m, files->module_count);
	struct content *content = ARENA_NEW(c->arena, struct content);
	size_t size;
	const unsigned char *image = grub_core_efi(c, files, &core, &size);

	*content = (struct content){.kind = CONTENT_BYTES, .bytes = (const char *)image, .size = size, .shown = files->program};
	return content;
}

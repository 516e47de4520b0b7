/*
 * Writes a unified kernel image into memory: systemd's EFI stub with the command line, the initial ramdisk and the kernel as sections
 * that it looks for by name (UAPI.5; Microsoft's PE format).
 */
#include "emit/emit.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/integer.h"
#include "support/little_endian.h"
#include "support/memory.h"
#include "support/pe.h"

enum {
	LARGEST_STUB = 1024 * 1024,
	LARGEST_IMAGE = 1 << 30,
	ADDED = 3, /* sections at most */
	PAGE = 4096,
};

/* Initialised data, readable. */
static const uint32_t data_section = 0x40000040;

struct section {
	const char *name; /* at most 8 bytes */
	const struct content *content;
};

struct image {
	struct compilation *c;
	const struct unified *parts;
	struct section added[ADDED];
	size_t added_count;
	const unsigned char *stub;
	uint32_t stub_size, pe, table, section_count; /* offsets in the stub, and how many sections it has */
	uint32_t raw_end, address_end;
	uint32_t section_alignment, file_alignment;
	unsigned char *bytes;
};

static uint64_t
round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static bool
bad_stub(struct image *i, const char *why)
{
	diag(&i->c->diags, DIAG_STUB_BAD, i->parts->at, "'%s' is no EFI stub that a kernel could be put into: %s", content_name(i->c, i->parts->stub), why);
	return false;
}

/* Where its sections end in the file and in memory. */
static bool
measure_sections(struct image *i)
{
	for (uint32_t n = 0; n < i->section_count; n++) {
		const unsigned char *header = i->stub + i->table + n * PE_SECTION_HEADER;
		uint64_t raw = (uint64_t)get32(header + PE_RAW_OFFSET) + get32(header + PE_RAW_SIZE);
		uint64_t address = (uint64_t)get32(header + PE_VIRTUAL_ADDRESS) + get32(header + PE_VIRTUAL_SIZE);

		if (raw > i->stub_size || address > LARGEST_IMAGE)
			return bad_stub(i, "a section reaches past its end");
		i->raw_end = raw > i->raw_end ? (uint32_t)raw : i->raw_end;
		i->address_end = address > i->address_end ? (uint32_t)address : i->address_end;
	}
	return true;
}

static bool
look_into_stub(struct image *i)
{
	uint32_t headers;

	if (i->stub_size < 64 || memcmp(i->stub, "MZ", 2) != 0)
		return bad_stub(i, "it does not begin with MZ");
	i->pe = get32(i->stub + PE_POINTER);
	if (i->pe > i->stub_size - 64 || i->stub_size - i->pe < PE_OPTIONAL + PE_OPTIONAL_LEAST || memcmp(i->stub + i->pe, "PE\0\0", 4) != 0)
		return bad_stub(i, "it has no PE header");
	if (get16(i->stub + i->pe + PE_OPTIONAL) != PE_MAGIC_64)
		return bad_stub(i, "it is no 64-bit program");
	i->section_alignment = get32(i->stub + i->pe + PE_SECTION_ALIGNMENT);
	i->file_alignment = get32(i->stub + i->pe + PE_FILE_ALIGNMENT);
	if (!is_power_of_two(i->section_alignment) || !is_power_of_two(i->file_alignment) || i->section_alignment > 65536 ||
	    i->file_alignment > i->section_alignment)
		return bad_stub(i, "its alignments are no powers of two");
	i->section_count = get16(i->stub + i->pe + PE_SECTION_COUNT);
	i->table = i->pe + PE_OPTIONAL + get16(i->stub + i->pe + PE_OPTIONAL_SIZE);
	headers = get32(i->stub + i->pe + PE_HEADERS_SIZE);
	if (headers > i->stub_size || i->table + (i->section_count + i->added_count) * PE_SECTION_HEADER > headers)
		return bad_stub(i, "there is no room in it for the headers of more sections");
	i->raw_end = headers;
	return measure_sections(i);
}

/* Without a ramdisk there is none; the kernel is last, since stubs may unpack it where it lies. */
static void
choose_sections(struct image *i)
{
	const struct unified *parts = i->parts;

	i->added[i->added_count++] = (struct section){".cmdline", parts->arguments};
	if (parts->initramfs)
		i->added[i->added_count++] = (struct section){".initrd", parts->initramfs};
	i->added[i->added_count++] = (struct section){".linux", parts->kernel};
}

static uint64_t
whole_size(const struct image *i)
{
	uint64_t size = round_up(i->raw_end, i->file_alignment);

	for (size_t n = 0; n < i->added_count; n++)
		size += round_up(i->added[n].content->size, i->file_alignment);
	return size;
}

static bool
read_content(struct image *i, const struct content *content, unsigned char *to)
{
	bool good;
	int fd;

	if (content->kind == CONTENT_BYTES) {
		memcpy(to, content->bytes, (size_t)content->size);
		return true;
	}
	fd = content_open(i->c, content, i->parts->at);
	if (fd < 0)
		return false;
	good = content_read_exactly(i->c, content, i->parts->at, fd, to, (size_t)content->size) &&
		content_unchanged(i->c, content, i->parts->at, fd);
	close(fd);
	return good;
}

static bool
add_section(struct image *i, const struct section *section)
{
	unsigned char *header = i->bytes + i->table + i->section_count++ * PE_SECTION_HEADER;
	uint32_t size = (uint32_t)section->content->size, raw = (uint32_t)round_up(i->raw_end, i->file_alignment);
	uint32_t address = (uint32_t)round_up(i->address_end, i->section_alignment > PAGE ? i->section_alignment : PAGE);

	memset(header, 0, PE_SECTION_HEADER); /* a stub's spare room may hold anything */
	memcpy(header, section->name, strlen(section->name));
	put32(header + PE_VIRTUAL_SIZE, size);
	put32(header + PE_VIRTUAL_ADDRESS, address);
	put32(header + PE_RAW_SIZE, (uint32_t)round_up(size, i->file_alignment));
	put32(header + PE_RAW_OFFSET, raw);
	put32(header + PE_CHARACTERISTICS, data_section);
	i->raw_end = raw + (uint32_t)round_up(size, i->file_alignment);
	i->address_end = address + size;
	return read_content(i, section->content, i->bytes + raw);
}

/* The checksum is for drivers and left out, as the time is the stub's own; what its symbol table was is gone. */
static void
finish_headers(struct image *i)
{
	unsigned char *pe = i->bytes + i->pe;

	put16(pe + PE_SECTION_COUNT, i->section_count);
	memset(pe + PE_SYMBOLS, 0, 8);
	put32(pe + PE_IMAGE_SIZE, (uint32_t)round_up(i->address_end, i->section_alignment));
	put32(pe + PE_CHECKSUM, 0);
}

static bool
is_too_large(struct image *i, uint64_t size)
{
	if (size <= LARGEST_IMAGE)
		return false;
	diag(&i->c->diags, DIAG_UNIFIED_TOO_LARGE, i->parts->at, "the unified kernel image would have %" PRIu64 " bytes", size);
	return true;
}

const struct content *
emit_unified(struct compilation *c, const struct unified *parts)
{
	struct image i = {.c = c, .parts = parts, .stub_size = (uint32_t)parts->stub->size};
	struct content *content = ARENA_NEW(c->arena, struct content);
	uint64_t size;
	bool good = true;

	choose_sections(&i);
	if (!(i.stub = (const unsigned char *)content_read(c, parts->stub, parts->at, LARGEST_STUB)) || !look_into_stub(&i))
		return NULL;
	size = whole_size(&i);
	if (is_too_large(&i, size))
		return NULL;
	i.bytes = arena_alloc(c->arena, (size_t)size);
	memset(i.bytes, 0, (size_t)size);
	memcpy(i.bytes, i.stub, i.raw_end);
	for (size_t n = 0; n < i.added_count; n++)
		good = add_section(&i, &i.added[n]) && good;
	finish_headers(&i);
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = (const char *)i.bytes, .size = size, .shown = "the unified kernel image"};
	return good ? content : NULL;
}

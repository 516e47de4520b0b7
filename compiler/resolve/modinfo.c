/* Reads what a kernel module says of itself. */
#include "resolve/modinfo.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "resolve/bytes.h"
#include "support/compilation.h"

enum {
	MOST_SECTIONS = 65536,
	LARGEST_MODINFO = 1024 * 1024,
	LARGEST_NAMES = 1024 * 1024,
};

/* A field of a structure that has two forms: where it is in each, and how long. */
struct field {
	uint8_t at_32, size_32, at_64, size_64;
};

#define FIELD(member, T) \
	{offsetof(Elf32_##T, member), sizeof((Elf32_##T *)0)->member, offsetof(Elf64_##T, member), sizeof((Elf64_##T *)0)->member}

static const struct field
	header_type = FIELD(e_type, Ehdr),
	header_sections = FIELD(e_shoff, Ehdr),
	header_section_size = FIELD(e_shentsize, Ehdr),
	header_section_count = FIELD(e_shnum, Ehdr),
	header_names = FIELD(e_shstrndx, Ehdr),
	section_name = FIELD(sh_name, Shdr),
	section_offset = FIELD(sh_offset, Shdr),
	section_size = FIELD(sh_size, Shdr);

struct reading {
	struct bytes *bytes;
	struct arena *scratch; /* for what is not part of INFO */
	struct modinfo *info;
	bool is_64, is_big;
	unsigned char head[sizeof(Elf64_Ehdr)];
	unsigned char *sections;
	size_t section_bytes; /* of one header */
	uint64_t count;
	const char *names;
	uint64_t names_size;
};

static bool
broken(struct reading *r, const char *why)
{
	r->info->broken = why;
	return false;
}

static uint64_t
get(const struct reading *r, const unsigned char *base, const struct field *field)
{
	const unsigned char *at = base + (r->is_64 ? field->at_64 : field->at_32);
	size_t size = r->is_64 ? field->size_64 : field->size_32;
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (uint64_t)at[r->is_big ? size - 1 - i : i] << 8 * i;
	return value;
}

static bool
lies_inside(const struct reading *r, uint64_t offset, uint64_t size)
{
	uint64_t whole = r->bytes->content->size;

	return offset <= whole && size <= whole - offset;
}

static const unsigned char *
section(const struct reading *r, uint64_t index)
{
	return r->sections + index * r->section_bytes;
}

/* The bytes of section INDEX, with a NUL behind them, or NULL: broken, or not to be read. */
static char *
read_section(struct reading *r, struct arena *arena, uint64_t index, uint64_t most, uint64_t *size)
{
	uint64_t offset = get(r, section(r, index), &section_offset);
	char *bytes;

	*size = get(r, section(r, index), &section_size);
	if (*size > most || !lies_inside(r, offset, *size)) {
		broken(r, "a section reaches past its end");
		return NULL;
	}
	bytes = arena_alloc(arena, (size_t)*size + 1);
	bytes[*size] = '\0';
	return bytes_read(r->bytes, offset, bytes, (size_t)*size) ? bytes : NULL;
}

static bool
read_header(struct reading *r)
{
	static const unsigned char magic[] = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3};

	if (!lies_inside(r, 0, sizeof r->head))
		return broken(r, "it is too short for an ELF file");
	if (!bytes_read(r->bytes, 0, r->head, sizeof r->head))
		return false;
	if (memcmp(r->head, magic, sizeof magic) != 0)
		return broken(r, "it is no ELF file");
	r->is_64 = r->head[EI_CLASS] == ELFCLASS64;
	r->is_big = r->head[EI_DATA] == ELFDATA2MSB;
	if (get(r, r->head, &header_type) != ET_REL)
		return broken(r, "it is an ELF file, but not a relocatable one");
	return true;
}

static bool
read_sections(struct reading *r)
{
	uint64_t offset = get(r, r->head, &header_sections), names = get(r, r->head, &header_names);

	r->section_bytes = r->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
	r->count = get(r, r->head, &header_section_count);
	if (r->count > MOST_SECTIONS || names >= r->count || get(r, r->head, &header_section_size) != r->section_bytes ||
	    !lies_inside(r, offset, r->count * r->section_bytes))
		return broken(r, "its section headers lie outside it");
	r->sections = arena_alloc(r->scratch, (size_t)r->count * r->section_bytes);
	if (!bytes_read(r->bytes, offset, r->sections, (size_t)r->count * r->section_bytes))
		return false;
	r->names = read_section(r, r->scratch, names, LARGEST_NAMES, &r->names_size);
	return r->names;
}

static bool
find_modinfo(struct reading *r)
{
	for (uint64_t i = 0; i < r->count; i++) {
		uint64_t name = get(r, section(r, i), &section_name), size;
		const char *texts;

		if (name >= r->names_size || strcmp(r->names + name, ".modinfo") != 0)
			continue;
		texts = read_section(r, r->bytes->c->arena, i, LARGEST_MODINFO, &size);
		if (!texts)
			return false;
		r->info->texts = texts;
		r->info->size = (size_t)size + 1;
		return true;
	}
	return broken(r, "it has no section .modinfo");
}

bool
modinfo_read(struct compilation *c, const struct content *content, struct span at, struct modinfo *info)
{
	struct bytes bytes = {.c = c, .content = content, .at = at, .fd = -1};
	struct reading r = {.bytes = &bytes, .info = info};
	bool good;

	*info = (struct modinfo){0};
	if (content->kind == CONTENT_HOST && (bytes.fd = content_open(c, content, at)) < 0)
		return false;
	r.scratch = arena_new();
	good = read_header(&r) && read_sections(&r) && find_modinfo(&r);
	if (good || info->broken)
		good = bytes_unchanged(&bytes);
	arena_free(r.scratch);
	if (bytes.fd >= 0)
		close(bytes.fd);
	return good;
}

const char *
modinfo_next(const struct modinfo *info, const char *key, const char *from)
{
	size_t length = strlen(key), at = from ? (size_t)(from - info->texts) : 0;

	if (from)
		at += strlen(from) + 1;
	for (; at < info->size; at += strlen(info->texts + at) + 1)
		if (strncmp(info->texts + at, key, length) == 0 && info->texts[at + length] == '=')
			return info->texts + at + length + 1;
	return NULL;
}

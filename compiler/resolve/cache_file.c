/*
 * The file ld.so.cache (sysdeps/generic/dl-cache.h of glibc), in the byte order of the machine that reads it:
 *
 *	0   "glibc-ld.so.cache" "1.1"
 *	20  number of entries, bytes of the texts
 *	28  byte order: 2 little, 3 big, 0 not said; three bytes of zero
 *	32  offset of the extension, or 0; three words of zero
 *	48  entries of 24 bytes: flags, offset of the name, offset of the path, 0, 64 bits: of a variant bit 62 and the index of its name
 *	    texts, each ended by a NUL
 *	    extension: 0xeaa42174, number of sections; each: tag, flags, offset, size. Tag 0: who wrote it; tag 1: offsets of variants' names
 *
 * A file may begin with the format of old, "ld.so-1.7.0", behind which the new one stands.
 */
#include <elf.h>
#include <string.h>

#include "resolve/cache.h"
#include "support/compilation.h"
#include "support/names.h"

#define MAGIC "glibc-ld.so.cache1.1"
#define OLD_MAGIC "ld.so-1.7.0"
#define GENERATOR "rootc"

enum {
	HEAD = 48,
	ENTRY = 24,
	OLD_HEAD = 16,
	OLD_ENTRY = 12,
	EXTENSION_HEAD = 8,
	SECTION = 16,
	SECTIONS = 2,
	IS_VARIANT = 1 << 30, /* bit 62, in the upper word */
	MOST_ENTRIES = 1 << 20,
};

static const uint32_t extension_magic = 0xeaa42174;

/* A file on its way, in memory that is large enough. */
struct print {
	unsigned char *bytes;
	size_t size;
	uint8_t data;
};

static void
put(struct print *p, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		p->bytes[p->size++] = (unsigned char)(value >> 8 * (p->data == ELFDATA2MSB ? size - 1 - i : i));
}

static void
put_bytes(struct print *p, const char *bytes, size_t size)
{
	memcpy(p->bytes + p->size, bytes, size);
	p->size += size;
}

/* The texts behind the entries, each once. */
struct texts {
	struct arena *arena;
	struct names offsets; /* text -> its offset in the file, as a pointer */
	const char **list;
	size_t count, end;
};

static uint32_t
text_offset(struct texts *t, const char *text)
{
	void **slot = names_slot(t->arena, &t->offsets, text);

	if (!*slot) {
		*slot = (void *)(uintptr_t)t->end;
		*ARENA_PUSH(t->arena, t->list, t->count) = text;
		t->end += strlen(text) + 1;
	}
	return (uint32_t)(uintptr_t)*slot;
}

/* The names of variants that occur, bytewise, as ldconfig sorts them. */
static const char **
variants_of(struct arena *a, const struct cached *list, size_t count, size_t *variant_count)
{
	const char **variants = NULL;
	size_t at;

	*variant_count = 0;
	for (size_t i = 0; i < count; i++) {
		if (!list[i].hwcaps)
			continue;
		for (at = 0; at < *variant_count && strcmp(variants[at], list[i].hwcaps) < 0; at++)
			;
		if (at < *variant_count && strcmp(variants[at], list[i].hwcaps) == 0)
			continue;
		(void)ARENA_PUSH(a, variants, *variant_count);
		memmove(variants + at + 1, variants + at, (*variant_count - 1 - at) * sizeof *variants);
		variants[at] = list[i].hwcaps;
	}
	return variants;
}

static uint64_t
variant_bits(const char *const *variants, const char *hwcaps)
{
	uint64_t index = 0;

	if (!hwcaps)
		return 0;
	while (strcmp(variants[index], hwcaps) != 0)
		index++;
	return (uint64_t)IS_VARIANT << 32 | index;
}

static void
put_extension(struct print *p, const uint32_t *variant_offsets, size_t variant_count)
{
	size_t body;

	put(p, extension_magic, 4);
	put(p, SECTIONS, 4);
	body = p->size + (size_t)SECTIONS * SECTION;
	put(p, 0, 4);
	put(p, 0, 4);
	put(p, body + 4 * variant_count, 4);
	put(p, strlen(GENERATOR), 4);
	put(p, 1, 4);
	put(p, 0, 4);
	put(p, body, 4);
	put(p, 4 * variant_count, 4);
	for (size_t i = 0; i < variant_count; i++)
		put(p, variant_offsets[i], 4);
	put_bytes(p, GENERATOR, strlen(GENERATOR));
}

const unsigned char *
cache_print(struct compilation *c, const struct cached *list, size_t count, uint8_t data, size_t *size)
{
	struct texts t = {.arena = c->arena, .end = HEAD + count * ENTRY};
	size_t variant_count, text_bytes, extension;
	const char **variants = variants_of(c->arena, list, count, &variant_count);
	uint32_t *variant_offsets = ARENA_ARRAY(c->arena, uint32_t, variant_count);
	struct print p = {.data = data};

	for (size_t i = 0; i < count; i++) {
		text_offset(&t, list[i].name);
		text_offset(&t, list[i].path);
	}
	for (size_t i = 0; i < variant_count; i++)
		variant_offsets[i] = text_offset(&t, variants[i]);
	text_bytes = t.end - HEAD - count * ENTRY;
	extension = (t.end + 3) / 4 * 4;
	p.bytes = arena_alloc(c->arena, extension + EXTENSION_HEAD + (size_t)SECTIONS * SECTION + 4 * variant_count + sizeof GENERATOR);
	put_bytes(&p, MAGIC, sizeof MAGIC - 1);
	put(&p, count, 4);
	put(&p, text_bytes, 4);
	put(&p, data == ELFDATA2MSB ? 3 : 2, 1);
	put(&p, 0, 3);
	put(&p, extension, 4);
	p.size = HEAD;
	for (size_t i = 0; i < count; i++) {
		put(&p, list[i].flags, 4);
		put(&p, text_offset(&t, list[i].name), 4);
		put(&p, text_offset(&t, list[i].path), 4);
		put(&p, 0, 4);
		put(&p, variant_bits(variants, list[i].hwcaps), 8);
	}
	for (size_t i = 0; i < t.count; i++)
		put_bytes(&p, t.list[i], strlen(t.list[i]) + 1);
	p.size = extension;
	put_extension(&p, variant_offsets, variant_count);
	*size = p.size;
	return p.bytes;
}

/* A file from a hostile hand: SIZE bytes, followed by a NUL. */
struct parse {
	const char *bytes;
	size_t size;
	uint8_t data;
};

static uint32_t
word(const struct parse *p, size_t at)
{
	const unsigned char *b = (const unsigned char *)p->bytes + at;

	if (p->data == ELFDATA2MSB)
		return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

/* Where the new format begins, or false. */
static bool
skip_old(struct parse *p)
{
	size_t entries, start;

	if (p->size < OLD_HEAD || memcmp(p->bytes, OLD_MAGIC, sizeof OLD_MAGIC - 1) != 0)
		return true;
	entries = word(p, 12);
	start = (OLD_HEAD + entries * OLD_ENTRY + 7) / 8 * 8;
	if (entries > MOST_ENTRIES || start > p->size)
		return false;
	p->bytes += start;
	p->size -= start;
	return true;
}

static bool
has_head(const struct parse *p)
{
	unsigned order;

	if (p->size < HEAD || memcmp(p->bytes, MAGIC, sizeof MAGIC - 1) != 0)
		return false;
	order = (unsigned char)p->bytes[28] & 3;
	return order == 0 || order == (p->data == ELFDATA2MSB ? 3u : 2u);
}

/* The section of the extension that has the names of variants: its words. */
static size_t
find_variants(const struct parse *p, size_t *count)
{
	size_t at = word(p, 32), sections;

	*count = 0;
	if (at == 0 || at % 4 || at > p->size || p->size - at < EXTENSION_HEAD || word(p, at) != extension_magic)
		return 0;
	sections = word(p, at + 4);
	at += EXTENSION_HEAD;
	for (; sections > 0 && p->size - at >= SECTION; sections--, at += SECTION) {
		size_t offset = word(p, at + 8), size = word(p, at + 12);

		if (word(p, at) != 1 || offset > p->size || size > p->size - offset)
			continue;
		*count = size / 4;
		return offset;
	}
	return 0;
}

bool
cache_parse(struct compilation *c, const char *bytes, size_t size, uint8_t data, struct library_cache *cache)
{
	struct parse p = {.bytes = bytes, .size = size, .data = data};
	size_t count, variants, variant_count;
	struct cached *list;

	*cache = (struct library_cache){0};
	if (!skip_old(&p) || !has_head(&p))
		return false;
	count = word(&p, 20);
	if (count > MOST_ENTRIES || count > (p.size - HEAD) / ENTRY)
		return false;
	variants = find_variants(&p, &variant_count);
	list = ARENA_ARRAY(c->arena, struct cached, count);
	for (size_t i = 0; i < count; i++) {
		size_t at = HEAD + i * ENTRY, name = word(&p, at + 4), path = word(&p, at + 8);
		uint32_t low = word(&p, at + (data == ELFDATA2MSB ? 20 : 16)), high = word(&p, at + (data == ELFDATA2MSB ? 16 : 20));
		size_t variant = high == IS_VARIANT && low < variant_count ? word(&p, variants + 4 * (size_t)low) : 0;

		if (name >= p.size || path >= p.size || variant >= p.size || p.bytes[path] != '/')
			return false;
		list[i] = (struct cached){.flags = word(&p, at), .name = p.bytes + name, .path = p.bytes + path,
			.how = "/etc/ld.so.cache", .hwcaps = variant ? p.bytes + variant : NULL};
		if (high != 0 && !variant)
			list[i].flags = 0; /* for hardware of old: no entry counts for more than its directory */
	}
	*cache = (struct library_cache){.list = list, .count = count};
	return true;
}

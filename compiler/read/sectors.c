/* Decides how many bytes a size has that is written in sectors, once it is known how many bytes the disk's sectors have. */
#include "read/stages.h"

#include <string.h>

#include "model/manifest.h"

static void
multiply_array(struct compilation *c, const struct field *f, const char *base, uint64_t sector_size)
{
	char *items;
	size_t count;

	memcpy(&items, base + f->offset, sizeof items);
	memcpy(&count, base + f->count_offset, sizeof count);
	for (size_t i = 0; i < count; i++)
		decode_sectors(c, f->of, items + i * f->of->size, sector_size);
}

void
decode_sectors(struct compilation *c, const struct schema *s, void *decoded, uint64_t sector_size)
{
	char *base = decoded;

	for (const struct field *f = s->fields; f->key; f++) {
		if (f->kind == KIND_SIZE || f->kind == KIND_EXTENT || f->kind == KIND_LENGTH || f->kind == KIND_ROOM)
			decode_in_sectors(c, f, (struct m_size *)(void *)(base + f->offset), sector_size);
		else if (f->kind == KIND_MAPPING)
			decode_sectors(c, f->of, base + f->offset, sector_size);
		else if (f->kind == KIND_MAPPINGS || f->kind == KIND_NAMED)
			multiply_array(c, f, base, sector_size);
	}
}

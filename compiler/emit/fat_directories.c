/* Writes the directories of a FAT file system (fatgen103, "FAT Directory Structure" and "Long Directory Entries"). */
#include "emit/fat.h"

#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"

enum {
	ENTRY = 32,
	ALIAS = 11,
	UNITS = 13,       /* of UTF-16 in an entry */
	LAST_PART = 0x40,
	READ_ONLY = 0x01,
	VOLUME_LABEL = 0x08,
	DIRECTORY = 0x10,
	ARCHIVE = 0x20,
	LONG_NAME = 0x0f,
};

/* Bytes of a directory, filled from the start. */
struct directory {
	const struct fat_layout *layout;
	unsigned char *at;
};

static uint8_t
checksum(const uint8_t alias[ALIAS])
{
	uint8_t sum = 0;

	for (size_t i = 0; i < ALIAS; i++)
		sum = (uint8_t)((sum >> 1 | sum << 7) + alias[i]);
	return sum;
}

/* All that is made, changed and read has one time; NTRes stays 0: a name with small letters has a long one. */
static void
put_short(struct directory *d, const void *alias, unsigned attributes, uint32_t cluster, uint32_t size)
{
	const struct fat_layout *l = d->layout;
	unsigned char *b = d->at;

	memcpy(b, alias, ALIAS);
	b[11] = (unsigned char)attributes;
	b[13] = l->hundredths;
	put16(b + 14, l->time);
	put16(b + 16, l->date);
	put16(b + 18, l->date);
	put16(b + 20, cluster >> 16);
	put16(b + 22, l->time);
	put16(b + 24, l->date);
	put16(b + 26, cluster);
	put32(b + 28, size);
	d->at += ENTRY;
}

/* Part PART (from 1) of a long name. Behind the name stands a zero, if there is room, then ones. */
static void
put_long_part(struct directory *d, const struct fat_dirent *e, size_t part, bool is_last)
{
	static const unsigned char places[UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	unsigned char *b = d->at;

	b[0] = (unsigned char)(part | (is_last ? LAST_PART : 0));
	b[11] = LONG_NAME;
	b[13] = checksum(e->alias);
	for (size_t i = 0; i < UNITS; i++) {
		size_t unit = (part - 1) * UNITS + i;

		put16(b + places[i], unit < e->long_length ? e->long_name[unit] : unit == e->long_length ? 0 : UINT16_MAX);
	}
	d->at += ENTRY;
}

/* The last part of a long name stands first, the alias behind the first. */
static void
put_dirent(struct directory *d, const struct fat_dirent *e)
{
	const struct fat_object *object = &d->layout->objects[e->object];
	size_t parts = (e->long_length + UNITS - 1) / UNITS;

	for (size_t part = parts; part > 0; part--)
		put_long_part(d, e, part, part == parts);
	if (object->is_directory)
		put_short(d, e->alias, DIRECTORY, object->first_cluster, 0);
	else
		put_short(d, e->alias, ARCHIVE | (object->is_read_only ? READ_ONLY : 0), object->first_cluster,
			(uint32_t)object->size);
}

/* ".." leads to cluster 0 where the parent is the root, wherever that lies. */
static void
put_dots(struct directory *d, const struct fat_object *object)
{
	put_short(d, ".          ", DIRECTORY, object->first_cluster, 0);
	put_short(d, "..         ", DIRECTORY, object->parent ? d->layout->objects[object->parent].first_cluster : 0, 0);
}

static bool
write_directory(struct fat_writer *w, const struct fat_object *object)
{
	const struct fat_layout *l = w->layout;
	unsigned char *bytes = arena_alloc(w->out->c->arena, object->size);
	struct directory d = {.layout = l, .at = bytes};

	if (object != l->objects)
		put_dots(&d, object);
	else if (*l->label)
		put_short(&d, l->label, VOLUME_LABEL, 0, 0);
	for (size_t i = 0; i < object->entry_count; i++)
		put_dirent(&d, &object->entries[i]);
	ASSERT(d.at == bytes + object->size);
	return object->size == 0 || fat_write(w, fat_sector_of(l, object), 0, bytes, object->size);
}

bool
fat_write_directories(struct fat_writer *w)
{
	for (size_t i = 0; i < w->layout->object_count; i++)
		if (w->layout->objects[i].is_directory && !write_directory(w, &w->layout->objects[i]))
			return false;
	return true;
}

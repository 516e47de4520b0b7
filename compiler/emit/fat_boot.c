/* Writes what stands in front of the directories of a FAT file system (fatgen103): its boot sector, FSInfo, and the FATs. */
#include "emit/fat.h"

#include <string.h>

#include "emit/output.h"
#include "model/fat.h"
#include "support/compilation.h"
#include "support/little_endian.h"

enum {
	FIRST_CLUSTER = 2,
	FAT_BUFFER = 3 * 32 * 1024, /* bytes, a whole number of entries of each kind */
};

static void
put_fsinfo(const struct fat_layout *l, unsigned char *b)
{
	put32(b, 0x41615252);
	put32(b + 484, 0x61417272);
	put32(b + 488, l->free_clusters);
	put32(b + 492, l->free_clusters ? FIRST_CLUSTER + l->cluster_count - l->free_clusters : UINT32_MAX);
	put32(b + 508, 0xaa550000);
}

bool
fat_write_boot(struct fat_writer *w)
{
	unsigned char boot[RECORD_SIZE] = {0}, fsinfo[RECORD_SIZE] = {0};

	fat_put_boot(boot, w->layout);
	if (w->layout->bits != 32)
		return fat_write(w, 0, 0, boot, sizeof boot);
	put_fsinfo(w->layout, fsinfo);
	return fat_write(w, 0, 0, boot, sizeof boot) &&
		fat_write(w, FAT_FSINFO_SECTOR, 0, fsinfo, sizeof fsinfo) &&
		fat_write(w, FAT_BACKUP_SECTOR, 0, boot, sizeof boot) &&
		fat_write(w, FAT_BACKUP_SECTOR + FAT_FSINFO_SECTOR, 0, fsinfo, sizeof fsinfo);
}

/* The mark of the last cluster of a chain: all ones. */
static uint32_t
end_mark(const struct fat_layout *l)
{
	return l->bits == 32 ? 0x0fffffff : (1u << l->bits) - 1;
}

/* The entry of CLUSTER, which is in use; *OBJECT goes along with the clusters. */
static uint32_t
entry_of(const struct fat_layout *l, const struct fat_object **object, uint32_t cluster)
{
	if (cluster == 0)
		return (end_mark(l) & ~UINT32_C(0xff)) | FAT_MEDIA;
	if (cluster == 1)
		return end_mark(l); /* and so neither dirty nor with errors */
	while (cluster >= (*object)->first_cluster + (*object)->cluster_count)
		++*object;
	return cluster + 1 < (*object)->first_cluster + (*object)->cluster_count ? cluster + 1 : end_mark(l);
}

/* Entry INDEX in zeroed BYTES. Two of 12 bits share three bytes. */
static void
put_entry(const struct fat_layout *l, unsigned char *bytes, size_t index, uint32_t value)
{
	unsigned char *at = bytes + index * l->bits / 8;

	if (l->bits == 32) {
		put32(at, value);
	} else if (l->bits == 16) {
		put16(at, value);
	} else if (index % 2 == 0) {
		put16(at, value);
	} else {
		at[0] |= (unsigned char)(value << 4);
		at[1] = (unsigned char)(value >> 4);
	}
}

/* The entries in use; those behind them are zero, as the file is already. */
bool
fat_write_fats(struct fat_writer *w)
{
	const struct fat_layout *l = w->layout;
	const struct fat_object *object = l->objects;
	const uint32_t end = FIRST_CLUSTER + l->cluster_count - l->free_clusters, most = FAT_BUFFER * 8 / l->bits;
	unsigned char *bytes = arena_alloc(w->out->c->arena, FAT_BUFFER);
	uint32_t count;

	for (uint32_t first = 0; first < end; first += count) {
		uint64_t at = (uint64_t)first * l->bits / 8;
		size_t size;

		count = end - first < most ? end - first : most;
		size = ((size_t)count * l->bits + 7) / 8;
		memset(bytes, 0, FAT_BUFFER);
		for (uint32_t i = 0; i < count; i++)
			put_entry(l, bytes, i, entry_of(l, &object, first + i));
		for (uint32_t copy = 0; copy < FAT_COPIES; copy++)
			if (!fat_write(w, l->reserved_sectors + copy * l->fat_sectors, at, bytes, size))
				return false;
	}
	return true;
}

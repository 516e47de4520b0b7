/* Writes what stands in front of the directories of a FAT file system (fatgen103): its boot sector, FSInfo, and the FATs. */
#include "emit/fat.h"

#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"
#include "support/little_endian.h"

enum {
	MEDIA = 0xf8,             /* a fixed disk */
	DRIVE = 0x80,
	SECTORS = 63, HEADS = 255, /* the geometry that the partition table claims, too */
	FATS = 2,
	EXTENDED_SIGNATURE = 0x29, /* volume id, label and type follow */
	FIRST_CLUSTER = 2,
	FSINFO_SECTOR = 1,
	BACKUP_SECTOR = 6,
	FAT_BUFFER = 3 * 32 * 1024, /* bytes, a whole number of entries of each kind */
};

/* What a BIOS runs that was told to boot from here: "int 18h", which goes on to the next disk, then a stop. */
static const unsigned char boot_code[] = {0xcd, 0x18, 0xf4, 0xeb, 0xfd};

/* The fields that all kinds have in one place. */
static void
put_common(const struct fat_layout *l, unsigned char *b)
{
	bool is_large = l->bits == 32 || l->sector_count > UINT16_MAX;

	memcpy(b + 3, "MSWIN4.1", 8);
	put16(b + 11, l->sector_size);
	b[13] = (unsigned char)l->sectors_per_cluster;
	put16(b + 14, l->reserved_sectors);
	b[16] = FATS;
	put16(b + 17, l->root_entries);
	put16(b + 19, is_large ? 0 : l->sector_count);
	b[21] = MEDIA;
	put16(b + 22, l->bits == 32 ? 0 : l->fat_sectors);
	put16(b + 24, SECTORS);
	put16(b + 26, HEADS);
	put32(b + 28, l->hidden_sectors);
	put32(b + 32, is_large ? l->sector_count : 0);
	put16(b + 510, 0xaa55);
}

/* The fields that FAT32 moved to the end of its own, at AT; boot code follows, to which the first instruction jumps. */
static void
put_extended(const struct fat_layout *l, unsigned char *b, size_t at)
{
	const char *type = l->bits == 12 ? "FAT12   " : l->bits == 16 ? "FAT16   " : "FAT32   ";

	b[at] = DRIVE;
	b[at + 2] = EXTENDED_SIGNATURE;
	put32(b + at + 3, l->volume_id);
	memcpy(b + at + 7, *l->label ? l->label : "NO NAME    ", 11);
	memcpy(b + at + 18, type, 8);
	memcpy(b + at + 26, boot_code, sizeof boot_code);
	b[0] = 0xeb;
	b[1] = (unsigned char)(at + 26 - 2);
	b[2] = 0x90;
}

static void
put_fat32(const struct fat_layout *l, unsigned char *b)
{
	put32(b + 36, l->fat_sectors);
	put32(b + 44, l->objects[0].first_cluster);
	put16(b + 48, FSINFO_SECTOR);
	put16(b + 50, BACKUP_SECTOR);
}

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

	put_common(w->layout, boot);
	if (w->layout->bits != 32) {
		put_extended(w->layout, boot, 36);
		return fat_write(w, 0, 0, boot, sizeof boot);
	}
	put_fat32(w->layout, boot);
	put_extended(w->layout, boot, 64);
	put_fsinfo(w->layout, fsinfo);
	return fat_write(w, 0, 0, boot, sizeof boot) &&
		fat_write(w, FSINFO_SECTOR, 0, fsinfo, sizeof fsinfo) &&
		fat_write(w, BACKUP_SECTOR, 0, boot, sizeof boot) &&
		fat_write(w, BACKUP_SECTOR + FSINFO_SECTOR, 0, fsinfo, sizeof fsinfo);
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
		return (end_mark(l) & ~UINT32_C(0xff)) | MEDIA;
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
		for (uint32_t copy = 0; copy < FATS; copy++)
			if (!fat_write(w, l->reserved_sectors + copy * l->fat_sectors, at, bytes, size))
				return false;
	}
	return true;
}

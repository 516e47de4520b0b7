/* Decides what a FAT file system is: its boot sector, the copy of that, and FSInfo (fatgen103). */
#include "load/fat.h"

#include <inttypes.h>
#include <string.h>

#include "support/integer.h"

enum {
	FAT_COUNT = 16,
	SIGNATURE = 510,
	FSINFO_SIGNATURE = 484,
	FSINFO_FREE = 488,
	FSINFO_NEXT = 492,
	FSINFO_END = 508,
	EXTENDED_SIGNATURE = 0x29,
	MOST_FAT12 = 4084, /* clusters */
	MOST_FAT16 = 65524,
	MOST_FAT32 = 0x0ffffff5,
	LARGEST_CLUSTER = 64 * 1024,
	FATS = 2,
	FATS_MOST = 4, /* that mkfs.fat makes */
};

bool
load_is_fat(const unsigned char *b)
{
	uint32_t sector = get16(b + 11);

	return get16(b + SIGNATURE) == 0xaa55 && (b[0] == 0xeb || b[0] == 0xe9) && is_power_of_two(sector) && sector >= SECTOR_USUAL &&
		sector <= SECTOR_4K && is_power_of_two(b[13]) && (b[21] == 0xf0 || b[21] >= 0xf8) && get16(b + 14);
}

/* The geometry, in the file system's own sectors. What it cannot be, or NULL. */
static const char *
get_geometry(struct fat_loader *f, const unsigned char *b, uint64_t size)
{
	struct fat_layout *l = f->layout;
	uint64_t sectors = get16(b + 19) ? get16(b + 19) : get32(b + 32), fat = get16(b + 22) ? get16(b + 22) : get32(b + 36), head;
	uint32_t root;

	l->sector_size = get16(b + 11);
	l->sectors_per_cluster = b[13];
	f->cluster_bytes = fat_cluster_bytes(l);
	l->root_entries = get16(b + 17);
	l->reserved_sectors = get16(b + 14);
	root = l->root_entries * FAT_ENTRY;
	head = l->reserved_sectors + FATS * fat + (root + l->sector_size - 1) / l->sector_size;
	if (b[FAT_COUNT] != FATS)
		return "number of FATs";
	if (f->cluster_bytes > LARGEST_CLUSTER)
		return "size of clusters";
	if (root % l->sector_size)
		return "number of entries in the root directory";
	if (sectors > size / l->sector_size)
		return "number of sectors";
	if (fat == 0 || head >= sectors)
		return "number of sectors in a FAT";
	l->sector_count = (uint32_t)sectors;
	l->fat_sectors = (uint32_t)fat;
	l->data_sector = (uint32_t)head;
	l->cluster_count = (uint32_t)((sectors - head) / l->sectors_per_cluster);
	/* Linux tells FAT32 by this field, and the number of clusters agrees with it wherever the format was followed. */
	l->bits = get16(b + 22) == 0 ? 32 : l->cluster_count <= MOST_FAT12 ? 12 : 16;
	if (l->cluster_count == 0 || l->cluster_count > (l->bits == 32 ? MOST_FAT32 : MOST_FAT16))
		return "number of clusters";
	if (((uint64_t)l->cluster_count + FAT_FIRST_CLUSTER) * l->bits > fat * l->sector_size * 8)
		return "number of sectors in a FAT";
	if ((l->bits == 32) != (l->root_entries == 0))
		return "number of entries in the root directory";
	return NULL;
}

static void
get_identity(struct fat_loader *f, const unsigned char *b)
{
	struct fat_layout *l = f->layout;
	size_t at = l->bits == 32 ? 64 : 36;

	l->hidden_sectors = get32(b + 28);
	f->root_cluster = l->bits == 32 ? get32(b + 44) : 0;
	if (b[at + 2] != EXTENDED_SIGNATURE)
		return;
	l->volume_id = get32(b + at + 3);
	if (memcmp(b + at + 7, "NO NAME    ", FAT_ALIAS) != 0)
		memcpy(l->label, b + at + 7, FAT_ALIAS);
}

static void
claim_sector(struct fat_loader *f, uint32_t sector, enum owner_kind kind, uint64_t number)
{
	load_claim(f->l, &(struct owner){.offset = f->offset + (uint64_t)sector * f->layout->sector_size, .size = RECORD_SIZE, .kind = kind,
		.partition = f->l->partition, .number = number});
}

/* The bytes [START, END) of FSInfo are reserved. */
static void
tell_unused(struct loader *l, uint64_t start, uint64_t end)
{
	uint64_t at = load_nonzero(l, start, end);

	if (at < end)
		load_finding(l, FINDING_UNOWNED, at, end - at, "FSInfo is not zero at byte %" PRIu64 ", which is reserved", at);
}

/* FSInfo in SECTOR; only the first of the two is kept up to date. */
static void
load_fsinfo(struct fat_loader *f, uint32_t sector, uint64_t number)
{
	uint64_t at = f->offset + (uint64_t)sector * f->layout->sector_size;
	const unsigned char *b = load_bytes(f->l, at, RECORD_SIZE, "FSInfo");
	uint32_t free, next;

	claim_sector(f, sector, OWNER_FSINFO, number);
	if (!b)
		return;
	free = get32(b + FSINFO_FREE);
	next = get32(b + FSINFO_NEXT);
	tell_unused(f->l, at + 4, at + FSINFO_SIGNATURE);
	tell_unused(f->l, at + FSINFO_NEXT + 4, at + FSINFO_END);
	if (get32(b) != 0x41615252 || get32(b + FSINFO_SIGNATURE) != 0x61417272 || get32(b + FSINFO_END) != 0xaa550000)
		load_finding(f->l, FINDING_INVALID, at, RECORD_SIZE, "FSInfo has not the signatures that it should have");
	if (number == 0 && free != UINT32_MAX && free != f->layout->free_clusters)
		load_finding(f->l, FINDING_COUNT, at + FSINFO_FREE, 4, "%" PRIu32 " clusters are free, but FSInfo says %" PRIu32,
			f->layout->free_clusters, free);
	if (next != UINT32_MAX && (next < FAT_FIRST_CLUSTER || next - FAT_FIRST_CLUSTER > f->layout->cluster_count))
		load_finding(f->l, FINDING_INVALID, at + FSINFO_NEXT, 4, "FSInfo says that clusters are free from %" PRIu32 " on", next);
}

/* What FAT32 has besides: it says itself where. */
static void
load_extras(struct fat_loader *f, const unsigned char *boot)
{
	uint32_t fsinfo = get16(boot + 48), backup = get16(boot + 50);
	uint64_t copy_at = f->offset + (uint64_t)backup * f->layout->sector_size;
	const unsigned char *copy;

	if (fsinfo && fsinfo < f->layout->reserved_sectors)
		load_fsinfo(f, fsinfo, 0);
	else
		load_finding(f->l, FINDING_INVALID, f->offset + 48, 2, "FSInfo would lie in sector %" PRIu32, fsinfo);
	if (backup == 0)
		return;
	if (backup + fsinfo >= f->layout->reserved_sectors) {
		load_finding(f->l, FINDING_INVALID, f->offset + 50, 2, "the copy of the boot sector would lie in sector %" PRIu32, backup);
		return;
	}
	claim_sector(f, backup, OWNER_BOOT_SECTOR, 1);
	load_fsinfo(f, backup + fsinfo, 1);
	copy = load_bytes(f->l, copy_at, RECORD_SIZE, "the copy of the boot sector");
	if (copy && memcmp(copy, boot, RECORD_SIZE) != 0)
		load_finding(f->l, FINDING_TABLE, copy_at, RECORD_SIZE, "the boot sector and its copy differ");
}

static void
describe(struct arena *a, struct partition_layout *p, struct fat_layout *l)
{
	struct m_partition *from = ARENA_NEW(a, struct m_partition);

	*from = *p->from;
	from->filesystem.given = true;
	from->filesystem.type.v = FILESYSTEM_VFAT;
	from->filesystem.label.v = l->label;
	l->from = &from->filesystem;
	p->from = from;
	p->fat = l;
}

bool
load_fat(struct loader *loader, struct partition_layout *p, uint64_t offset, uint64_t size)
{
	struct fat_layout *l = ARENA_NEW(loader->c->arena, struct fat_layout);
	struct fat_loader f = {.l = loader, .layout = l, .offset = offset};
	const unsigned char *boot;
	const char *wrong;

	if (size < RECORD_SIZE || !(boot = load_bytes(loader, offset, RECORD_SIZE, "the boot sector")) || !load_is_fat(boot))
		return false;
	if ((wrong = get_geometry(&f, boot, size))) {
		if (boot[FAT_COUNT] != FATS && boot[FAT_COUNT] >= 1 && boot[FAT_COUNT] <= FATS_MOST)
			load_finding(loader, FINDING_NOT_UNDERSTOOD, offset + FAT_COUNT, 1, "the file system has %u FATs; rootc reads those that have two",
				(unsigned)boot[FAT_COUNT]);
		else
			load_finding(loader, FINDING_INVALID, offset, RECORD_SIZE, "the boot sector's %s cannot be", wrong);
		load_claim(loader, &(struct owner){.offset = offset, .size = size, .kind = OWNER_UNKNOWN, .partition = loader->partition});
		return true;
	}
	get_identity(&f, boot);
	claim_sector(&f, 0, OWNER_BOOT_SECTOR, 0);
	if (!fat_load_table(&f))
		return true;
	p->root = fat_load_tree(&f);
	fat_check_table(&f);
	if (l->bits == 32)
		load_extras(&f, boot);
	describe(loader->c->arena, p, l);
	return true;
}

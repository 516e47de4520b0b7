#include "model/fat.h"

#include <inttypes.h>
#include <string.h>

#include "model/mbr.h"
#include "support/arena.h"
#include "support/little_endian.h"

enum {
	DRIVE = 0x80,
	EXTENDED_SIGNATURE = 0x29, /* volume id, label and type follow */
};

const char *
fat_volume_text(struct arena *a, const struct fat_layout *l)
{
	return arena_printf(a, "%04" PRIX32 "-%04" PRIX32, l->volume_id >> 16, l->volume_id & 0xffff);
}

const char *
fat_label_text(struct arena *a, const struct fat_layout *l)
{
	size_t length = strlen(l->label);

	while (length && l->label[length - 1] == ' ')
		length--;
	return arena_strndup(a, l->label, length);
}

bool
fat_is_label(const char *label)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()-@^_`{}~";
	size_t length = strlen(label);

	return length <= FAT_LABEL_MOST && strspn(label, allowed) == length && label[0] != ' ' && label[length - 1] != ' ';
}

/* What a BIOS runs that was told to boot from here: "int 18h", which goes on to the next disk, then a stop. */
static const unsigned char boot_code[] = {0xcd, 0x18, 0xf4, 0xeb, 0xfd};

/* The fields that all kinds have in one place. */
static void
put_common(unsigned char *b, const struct fat_layout *l)
{
	bool is_large = l->bits == 32 || l->sector_count > UINT16_MAX;

	memcpy(b + 3, "MSWIN4.1", 8);
	put16(b + 11, l->sector_size);
	b[13] = (unsigned char)l->sectors_per_cluster;
	put16(b + 14, l->reserved_sectors);
	b[16] = FAT_COPIES;
	put16(b + 17, l->root_entries);
	put16(b + 19, is_large ? 0 : l->sector_count);
	b[21] = FAT_MEDIA;
	put16(b + 22, l->bits == 32 ? 0 : l->fat_sectors);
	put16(b + 24, MBR_TRACK);
	put16(b + 26, MBR_HEADS);
	put32(b + 28, l->hidden_sectors);
	put32(b + 32, is_large ? l->sector_count : 0);
	put16(b + 510, 0xaa55);
}

/* The fields that FAT32 moved to the end of its own, at AT; boot code follows, to which the first instruction jumps. */
static void
put_extended(unsigned char *b, const struct fat_layout *l, size_t at)
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
put_fat32(unsigned char *b, const struct fat_layout *l)
{
	put32(b + 36, l->fat_sectors);
	put32(b + 44, l->objects[0].first_cluster);
	put16(b + 48, FAT_FSINFO_SECTOR);
	put16(b + 50, FAT_BACKUP_SECTOR);
}

void
fat_put_boot(unsigned char sector[RECORD_SIZE], const struct fat_layout *l)
{
	put_common(sector, l);
	if (l->bits == 32)
		put_fat32(sector, l);
	put_extended(sector, l, l->bits == 32 ? 64 : 36);
}

#ifndef MODEL_FAT_H
#define MODEL_FAT_H

#include "model/layout.h"

struct arena;

/* What is told of a FAT file system, as people know it, and what of it follows from a rule of rootc's. */

enum {
	FAT_MEDIA = 0xf8, /* a fixed disk */
	FAT_COPIES = 2,
	FAT_LABEL_MOST = 11, /* bytes */
	FAT_FSINFO_SECTOR = 1, /* here and below, of a FAT32 */
	FAT_BACKUP_SECTOR = 6,
};

/* "1234-ABCD". */
const char *fat_volume_text(struct arena *, const struct fat_layout *);

/* The label without the blanks that fill it up; not escaped. */
const char *fat_label_text(struct arena *, const struct fat_layout *);

/*
 * Whether LABEL, which is not empty, can be that of a vfat. It stands in the root directory like a short name, but may have blanks in it;
 * small letters are read differently by different systems (fatgen103, "Name Limits and Character Sets").
 */
bool fat_is_label(const char *label);

/* Puts its boot sector, as rootc writes it (fatgen103), into SECTOR, which is zero. */
void fat_put_boot(unsigned char sector[RECORD_SIZE], const struct fat_layout *);

#endif

#ifndef EMIT_FAT_H
#define EMIT_FAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/layout.h"

struct output;

/* What the files of emit_fat ask of one another. */

/* One file system while it is written. */
struct fat_writer {
	struct output *out;
	const struct fat_layout *layout;
	uint64_t offset; /* of the file system, bytes from the start of the disk */
};

/* Writes SIZE bytes at byte AT of sector SECTOR of the file system. */
bool fat_write(struct fat_writer *, uint32_t sector, uint64_t at, const void *bytes, size_t size);

/* The first sector of what OBJECT holds; it has something. */
uint32_t fat_sector_of(const struct fat_layout *, const struct fat_object *);

/* fat_boot.c: the boot sector, with FAT32 its copy and the FSInfo sectors, and both FATs. */
bool fat_write_boot(struct fat_writer *);
bool fat_write_fats(struct fat_writer *);

/* fat_directories.c */
bool fat_write_directories(struct fat_writer *);

#endif

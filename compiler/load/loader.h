#ifndef LOAD_LOADER_H
#define LOAD_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/image.h"
#include "support/checksum.h"
#include "support/compilation.h"
#include "support/little_endian.h"

/* What the files of load/ ask of one another. */

struct loader {
	struct compilation *c;
	int fd;
	struct image *image;
	int partition; /* the one that is being read; -1: none */
	bool told;     /* how large the disk's sectors are, whatever the table says */
};

/* Records what is wrong with the SIZE bytes at OFFSET. The format is printf's. */
void load_finding(struct loader *, enum finding_kind, uint64_t offset, uint64_t size, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The path of NODE for a finding; empty where no more are kept, since paths are long and nothing bounds how many are wrong. */
const char *load_path(struct loader *, const struct node *);

enum { LOAD_PATH_MOST = 4096 }; /* bytes that a path of Linux can have */

/* The SIZE bytes at OFFSET of the image, in the arena; NULL, with a finding about WHAT, when they are not there. */
unsigned char *load_bytes(struct loader *, uint64_t offset, size_t size, const char *what);

/* The same into BYTES, for what is not kept. */
bool load_into(struct loader *, void *bytes, uint64_t offset, size_t size, const char *what);

/* Says whose the SIZE bytes at OFFSET are. What is claimed twice becomes a finding when all is sorted. */
void load_claim(struct loader *, const struct owner *);

/* Sorts the owners, names what overlaps, and fills what is between them. */
void load_owners(struct loader *);

/* The first byte of [START, END) that is not zero, or END. */
uint64_t load_nonzero(struct loader *, uint64_t start, uint64_t end);

/*
 * Begins to read the image at PATH: only the descriptor and the size are there then, and load_end closes it. Its sectors have SECTOR_SIZE
 * bytes unless the table says it, 0: the usual 512. False, with errno: it cannot be read.
 */
bool load_begin(struct loader *, struct compilation *, const char *path, uint32_t sector_size);
void load_end(struct loader *);

/* Reads the partition table, and the boot code in front of the first partition. */
void load_table(struct loader *);

/* Reads what is in the partitions. */
void load_contents(struct loader *);

/* Reads an ext2, ext3 or ext4 file system from SIZE bytes at OFFSET on into P; false: there is none, which is no finding. */
bool load_ext(struct loader *, struct partition_layout *p, uint64_t offset, uint64_t size);

/* The same of a FAT12, FAT16 or FAT32; whether SECTOR, 512 bytes, begins one. */
bool load_fat(struct loader *, struct partition_layout *p, uint64_t offset, uint64_t size);
bool load_is_fat(const unsigned char *sector);

/* The same of swap space of Linux. */
bool load_swap(struct loader *, struct partition_layout *p, uint64_t offset, uint64_t size);

#endif

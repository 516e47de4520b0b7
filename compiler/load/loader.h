#ifndef LOAD_LOADER_H
#define LOAD_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "model/image.h"
#include "support/checksum.h"
#include "support/compilation.h"
#include "support/little_endian.h"

/* What the files of load/ ask of one another. */

enum { BOOT_CODE_SIZE = 0x1b8 }; /* of sector 0, in front of what belongs to the table */

struct loader {
	struct compilation *c;
	int fd;
	struct image *image;
	int partition; /* the one that is being read; -1: none */
};

/*
 * Opens the file at PATH to be read into a new image in the compilation's arena; the caller closes FD. False, with errno: it cannot be
 * opened, and there is nothing to close.
 */
bool load_open(struct loader *, struct compilation *, const char *path);

/* Records what is wrong with the SIZE bytes at OFFSET. The format is printf's. */
void load_finding(struct loader *, enum finding_kind, uint64_t offset, uint64_t size, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The SIZE bytes at OFFSET of the image, in the arena; NULL, with a finding about WHAT, when they are not there. */
unsigned char *load_bytes(struct loader *, uint64_t offset, size_t size, const char *what);

/* Says whose the SIZE bytes at OFFSET are. What is claimed twice becomes a finding when all is sorted. */
void load_claim(struct loader *, const struct owner *);

/* The same of bytes of the table, or of the partition that is being read, which are KIND and no more. */
void load_own(struct loader *, uint64_t offset, uint64_t size, enum owner_kind kind);

/* Sorts the owners, names what overlaps, and fills what is between them. */
void load_owners(struct loader *);

/* The first byte of [START, END) that is not zero, or END. */
uint64_t load_nonzero(struct loader *, uint64_t start, uint64_t end);

/* Whether all SIZE bytes at BYTES are zero. */
bool load_is_zero(const unsigned char *bytes, size_t size);

/* Reads the image: its table, and what is in the partitions. */
void load_disk(struct loader *);

/* Reads the partition table and the boot code in front of the first partition, and nothing in the partitions. */
void load_table(struct loader *);
void load_gpt(struct loader *);
void load_boot_code(struct loader *, const unsigned char *sector);

/* Adds a partition to the layout. NAME may be NULL or empty: the table has none. */
struct partition_layout *load_add_partition(struct loader *, uint32_t number, uint64_t first, uint64_t sectors, const char *name);

/* Reads an ext2, ext3 or ext4 file system from SIZE bytes at OFFSET on into P; false: there is none, which is no finding. */
bool load_ext(struct loader *, struct partition_layout *p, uint64_t offset, uint64_t size);

#endif

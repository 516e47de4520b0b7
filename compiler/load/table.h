#ifndef LOAD_TABLE_H
#define LOAD_TABLE_H

#include "load/loader.h"

/* What the files that read the partition table and what stands in front of the partitions ask of one another. */

enum {
	TABLE_CODE_SIZE = 0x1b8, /* bytes of code in sector 0; the disk's signature follows */
	TABLE_ENTRIES = 0x1be,   /* where an MBR's four are */
	TABLE_ENTRIES_SIZE = 64,
};

/* Says that the SIZE bytes at OFFSET are of the disk's KIND. */
void table_claim(struct loader *, uint64_t offset, uint64_t size, enum owner_kind kind);

/* One more partition; NAME is the table's, NULL or empty: it has none. */
struct partition_layout *table_add(struct loader *, uint32_t number, uint64_t first_lba, uint64_t sectors, const char *name);

/* A partition in front of the one at INDEX in the table that has some of its sectors; NULL: none has. */
const struct partition_layout *table_overlapped(const struct layout *, size_t index);

/* Reads both copies of the GPT that a protective MBR announces. */
void load_gpt(struct loader *);

/* Reads what SECTOR, the first one, starts. */
void load_boot_code(struct loader *, const unsigned char *sector);

#endif

#ifndef MODEL_PARTITION_TYPE_H
#define MODEL_PARTITION_TYPE_H

#include <stdint.h>

/* What a partition is for, by a name of ours and as the tables say it: UEFI, the Discoverable Partitions Specification. */
struct partition_type {
	const char *name;
	uint8_t mbr;      /* 0: an MBR has no such type */
	uint8_t guid[16]; /* in the order in which it is written */
};

enum { PARTITION_TYPES = 11 };

/* All that have a name; they end with one that has none. */
extern const struct partition_type partition_types[PARTITION_TYPES + 1];

/* The one called NAME, or NULL. */
const struct partition_type *partition_type_called(const char *name);

#endif

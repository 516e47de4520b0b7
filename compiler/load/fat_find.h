#ifndef LOAD_FAT_FIND_H
#define LOAD_FAT_FIND_H

#include <stdbool.h>
#include <stdint.h>

/* A FAT file system that is open for reading (fatgen103). Nothing in it is believed beyond its own bounds. */
struct fat {
	int fd;
	uint64_t start;         /* its first byte in FD */
	unsigned bits;          /* of an entry of the FAT */
	uint32_t cluster_bytes;
	uint32_t cluster_count;
	uint32_t root_cluster;  /* 0: the root directory lies in front of the clusters ... */
	uint32_t root_bytes;    /* ... and is so long */
	uint64_t fat, root, data; /* where the FAT, that root directory and cluster 2 begin, from START on */
};

/* A name as a directory has it, padded with blanks: "BOOT       ". */
enum { FAT_NAME = 11 };

/* The one at byte START of FD. False: there is none. */
bool fat_open(struct fat *, int fd, uint64_t start);

/* Whether there is something at the path of NAMES, COUNT short names from the root on. */
bool fat_has(const struct fat *, const char *const *names, unsigned count);

#endif

#ifndef LOAD_FAT_H
#define LOAD_FAT_H

#include "load/loader.h"

/* What the files that read FAT12, FAT16 and FAT32 ask of one another. The format is that of fatgen103. */

enum {
	FAT_FIRST_CLUSTER = 2,
	FAT_ENTRY = 32,       /* bytes of a directory entry */
	FAT_ALIAS = 11,       /* bytes of a short name */
	FAT_DIRECTORY_MOST = 65536 * FAT_ENTRY,
};

/* A file system while it is read. */
struct fat_loader {
	struct loader *l;
	struct fat_layout *layout;
	uint64_t offset;        /* of it in the image, bytes */
	uint32_t cluster_bytes;
	uint32_t root_cluster;  /* 0: the root directory lies in front of the clusters */
	unsigned char *table;   /* the first FAT */
	unsigned char *claimed; /* a bit for each cluster that has an owner, from cluster 0 on */
};

/* Clusters that lie one behind the other, as a chain comes to them: logical counts clusters, too. */
struct fat_chain {
	struct run *runs;
	size_t run_count;
	uint32_t clusters;
};

static inline uint64_t
fat_at(const struct fat_loader *f, uint64_t cluster)
{
	return f->offset + (uint64_t)f->layout->data_sector * f->layout->sector_size + (cluster - FAT_FIRST_CLUSTER) * f->cluster_bytes;
}

/* The entry of CLUSTER in the FAT, without the bits that are reserved. */
uint32_t fat_entry(const struct fat_loader *, uint32_t cluster);

/* Where that lies in the image. */
uint64_t fat_entry_at(const struct fat_loader *, uint32_t cluster);

/* The chain from FIRST on, all of whose clusters get an owner; it ends, with a finding about NODE, where it cannot go on. */
struct fat_chain fat_chain(struct fat_loader *, uint32_t first, const struct node *);

/* Reads the FATs, and claims them; false: they are not all there. */
bool fat_load_table(struct fat_loader *);

/* Counts what is free, names what the FAT holds for nobody, and claims both; after all chains were followed. */
void fat_check_table(struct fat_loader *);

/* Reads the directories from the root on: the objects, and the tree of their names. */
struct node *fat_load_tree(struct fat_loader *);

/* The directory entry at the path of NAMES, COUNT short names padded with blanks, from the root on; NULL: there is none. */
const struct fat_dirent *fat_find(const struct fat_layout *, const char *const *names, size_t count);

#endif

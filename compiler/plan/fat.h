#ifndef PLAN_FAT_H
#define PLAN_FAT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/layout.h"

struct arena;
struct compilation;

/*
 * What the files of plan_fat ask of one another. The format is that of Microsoft's "FAT: General Overview of On-Disk Format"
 * (fatgen103) and its successor of 2005, which the UEFI specification refers to.
 */

enum {
	FAT_FIRST_CLUSTER = 2,
	FAT_ENTRY_BYTES = 32, /* of a directory entry */
	FAT_LONG_UNITS = 13,  /* of UTF-16 in an entry that is part of a long name */
	FAT_MOST_UNITS = 255, /* in a long name */
};

/* The file system of P with all that does not depend on its size: what fat_attempt starts from. NULL with diagnostics. */
struct fat_layout *fat_prepare(struct compilation *, const struct manifest *, const struct m_partition *p, const struct node *root);

/*
 * Fills in the objects of LAYOUT from the tree below ROOT, but for their clusters: what they are whatever the size of the file
 * system. False with diagnostics for what a FAT cannot hold.
 */
bool fat_collect(struct compilation *, const struct node *root, struct fat_layout *);

/*
 * The name of NODE in UTF-16: *UNITS, and how many of them; 0 with a diagnostic when the format does not allow the name.
 */
size_t fat_long_name(struct compilation *, const struct node *, const uint16_t **units);

/*
 * Gives the COUNT entries of one directory, whose long names are set, their aliases; takes the long name from those that need
 * none. False with diagnostics for names that are one on a FAT.
 */
bool fat_give_aliases(struct compilation *, struct fat_dirent *entries, size_t count);

/* The largest file system of the asked kind, in bytes. */
uint64_t fat_most_bytes(const struct fat_layout *);

/* The fewest clusters that a file system of LAYOUT's kind can have. */
uint32_t fat_least_clusters(const struct fat_layout *);

/* The entries of the root directory, those of its long names and the label's among them. */
uint64_t fat_root_entries(const struct fat_layout *);

/*
 * The file system with the objects of COLLECTED on BYTES bytes (at most fat_most_bytes), in ARENA. Gives 0, or, when they do not
 * fit, a number of bytes above BYTES below which they cannot; *MADE is then only good for its geometry and its sums.
 */
uint64_t fat_attempt(struct arena *, const struct fat_layout *collected, uint64_t bytes, struct fat_layout *made);

/* The smallest size, in bytes, on which COLLECTED fits, with as much left as it wants; 0: there is none. */
uint64_t fat_smallest(const struct fat_layout *collected);

/* Says of partition P, BYTES long, that COLLECTED does not fit: FAILED is the attempt, BOUND what it gave. */
void fat_report_shortage(struct compilation *, const struct m_partition *p, const struct fat_layout *collected,
	const struct fat_layout *failed, uint64_t bytes, uint64_t bound);

#endif

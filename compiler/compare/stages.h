#ifndef COMPARE_STAGES_H
#define COMPARE_STAGES_H

#include "compare/compare.h"
#include "support/compilation.h"

/* What the passes of a comparison share. */
struct comparison {
	struct compilation *c;
	struct diff *diff;
	uint64_t *differing; /* of each owner in `before`: how many of its bytes differ from what stands there in `after` */
};

/* Takes down that WHAT differs; the strings live as long as the compilation. */
void compare_add(struct comparison *, const struct change *);

/* Finds all bytes that differ, and whose they are. */
bool compare_bytes(struct comparison *);

/* The disk, its table, boot code, partitions and file systems. */
void compare_disk(struct comparison *);

/* The parameters of one partition. */
void compare_partition(struct comparison *, const struct partition_layout *before, const struct partition_layout *after);

/* The files of one partition. False, with a diagnostic: one cannot be read. */
bool compare_trees(struct comparison *, uint32_t partition, const struct node *before, const struct node *after);

#endif

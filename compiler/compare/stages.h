#ifndef COMPARE_STAGES_H
#define COMPARE_STAGES_H

#include "compare/compare.h"
#include "support/compilation.h"
#include "support/digest.h"

/* What the passes of a comparison share. */
struct comparison {
	struct compilation *c;
	struct diff *diff;
	const struct compare_readers *readers;
	uint64_t *differing; /* of each owner in `before`: how many of its bytes differ from what stands there in `after` */
};

/* Takes down that WHAT differs; the strings live as long as the compilation. */
void compare_add(struct comparison *, const struct change *);

/* A file that only one image has, and which of the changes says so. */
struct alone {
	const struct node *node;
	size_t change;
	struct digest digest; /* of its bytes, when it was taken */
};

struct alones {
	struct alone *list;
	size_t count;
};

/*
 * Makes one change of two where a file has only got another name, among those from FIRST on; both lists are used up. False, with a
 * diagnostic: a file cannot be read.
 */
bool compare_renames(struct comparison *, struct alones *removed, struct alones *added, size_t first);

/* Finds all bytes that differ, and whose they are. */
bool compare_bytes(struct comparison *);

/* The disk, its table, boot code, partitions and file systems. */
void compare_disk(struct comparison *);

/* The parameters of one partition. */
void compare_partition(struct comparison *, const struct partition_layout *before, const struct partition_layout *after);

/* A partition in both images. */
struct pair {
	const struct partition_layout *before, *after;
};

/* The files of one partition, which both images have. False, with a diagnostic: one cannot be read. */
bool compare_trees(struct comparison *, const struct pair *of);

/* The times and flags of one file, A and B, of that partition; PATH is what it is called. */
void compare_remarks(struct comparison *, const struct pair *of, const char *path, const struct node *a, const struct node *b);

#endif

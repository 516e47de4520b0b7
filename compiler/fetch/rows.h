#ifndef FETCH_ROWS_H
#define FETCH_ROWS_H

#include "fetch/index.h"
#include "support/arena.h"

/* The entries of an archive while it is read: each path once. */
struct rows {
	struct arena *arena;
	struct index_row **list;
	size_t count;
	struct index_row **slots; /* a hash table of LIST by path */
	size_t slot_count;        /* zero or a power of two */
};

/* The row at PATH, or NULL. */
struct index_row *rows_find(const struct rows *, const char *path);

/* Adds a copy of ROW. The last of those with one path wins, as it would on a disk. */
void rows_add(struct rows *, const struct index_row *row);

/* Puts LIST in the order of the paths, bytewise. */
void rows_sort(struct rows *);

#endif

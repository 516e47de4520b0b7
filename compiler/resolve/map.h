#ifndef RESOLVE_MAP_H
#define RESOLVE_MAP_H

#include <stddef.h>

struct arena;

/*
 * Values by the address of what they belong to. Only looked up, never walked, so that no address shows in the
 * output.
 */
struct map {
	struct map_cell {
		const void *key;
		void *value;
	} *cells;
	size_t size, used; /* SIZE is zero or a power of two */
};

/* Where the value of KEY stands; NULL is stored there when KEY is new. Valid until the next call. */
void **map_slot(struct arena *, struct map *, const void *key);

#endif

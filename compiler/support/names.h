#ifndef SUPPORT_NAMES_H
#define SUPPORT_NAMES_H

#include <stddef.h>

struct arena;

/* Values by a text that somebody else chose, so that no choice of texts makes it slow. Only looked up, never walked. */
struct names {
	struct names_cell {
		const char *name;
		void *value;
	} *cells;
	size_t size, used; /* SIZE is zero or a power of two */
};

/* Where the value of NAME, which is kept, not copied, stands; NULL is stored there when NAME is new. Valid until the next call. */
void **names_slot(struct arena *, struct names *, const char *name);

#endif

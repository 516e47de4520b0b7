#ifndef SUPPORT_NAMES_H
#define SUPPORT_NAMES_H

#include <stddef.h>

struct arena;
struct names_node;

/*
 * Values by a text that somebody else chose: a crit-bit tree (D. J. Bernstein), in which no choice of texts makes a search longer
 * than the text itself is. Only looked up, never walked.
 */
struct names {
	struct names_node *root; /* NULL: none */
	size_t used;
};

/* Where the value of NAME, which is kept, not copied, stands; NULL is stored there when NAME is new. */
void **names_slot(struct arena *, struct names *, const char *name);

/* The value of NAME, LENGTH bytes long, or NULL. */
void *names_find(const struct names *, const char *name, size_t length);

#endif

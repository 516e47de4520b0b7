#ifndef PLAN_ATTRIBUTES_H
#define PLAN_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/tree.h"

struct compilation;

/*
 * What files lose where there are no extended attributes. Those describe a file, as a mode does: it is told that they are lost. But a
 * program that needs its capabilities fails without them, unless only root runs programs there, who has all of them.
 */
struct lost_attributes {
	struct compilation *c;
	const char *where;        /* "a vfat" */
	bool only_root;           /* runs programs there */
	const struct node *first; /* of the files whose attributes come with an input */
	size_t count;             /* of them */
};

/* NODE is kept without its attributes. False, with a diagnostic, when it cannot be. */
bool attributes_lose(struct lost_attributes *, const struct node *);

/* After the last of them: tells of those that came with inputs, all in one, for often each file of an archive has some. */
void attributes_report(const struct lost_attributes *);

#endif

#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "model/diff.h"

struct compilation;

/* What other stages know of the bytes of a file. */
struct compare_readers {
	/* Tells a file that is no text in lines, which then are compared; NULL: it cannot. */
	const char *(*describe)(struct arena *, const char *bytes, uint64_t size);
	/* What an archive holds: the root of a tree; NULL, with why not: it is none. */
	const struct node *(*open)(struct compilation *, const struct content *, const char **why_not);
};

/*
 * All in which two loaded images differ. Holes that both have are skipped; a file is read again only when its blocks lie elsewhere
 * or differ, and then its members are compared, too. NULL, with a diagnostic, when one of the images cannot be read.
 */
const struct diff *compare_images(struct compilation *, const struct image *before, const struct image *after,
	const struct compare_readers *);

/* The same difference, with the causes of its facts, when the images are what these two plans make. */
const struct diff *compare_causes(struct compilation *, const struct diff *, const struct plan *before, const struct plan *after);

#endif

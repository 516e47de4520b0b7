#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "model/diff.h"

struct compilation;

/*
 * All in which two loaded images differ. Holes that both have are skipped; a file is read again only when its blocks lie elsewhere
 * or differ. DESCRIBE, which may be NULL, tells a file that is no text in lines, which then are compared; NULL: it cannot. NULL, with a diagnostic, when one of the images cannot be read.
 */
const struct diff *compare_images(struct compilation *, const struct image *before, const struct image *after,
	const char *(*describe)(struct arena *, const char *bytes, uint64_t size));

/* The same difference, with the causes of its facts, when the images are what these two plans make. */
const struct diff *compare_causes(struct compilation *, const struct diff *, const struct plan *before, const struct plan *after);

#endif

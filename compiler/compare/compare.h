#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "model/diff.h"

struct compilation;

/*
 * All in which two loaded images differ. Holes that both have are skipped; a file is read again only when its blocks lie elsewhere
 * or differ. NULL, with a diagnostic, when one of the images cannot be read.
 */
const struct diff *compare_images(struct compilation *, const struct image *before, const struct image *after);

#endif

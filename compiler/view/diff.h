#ifndef VIEW_DIFF_H
#define VIEW_DIFF_H

#include "model/diff.h"

/* What all views of a diff say first: "identical", "same files, layout differs" and so on. */
const char *diff_headline(const struct diff *);

#endif

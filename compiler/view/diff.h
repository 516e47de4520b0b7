#ifndef VIEW_DIFF_H
#define VIEW_DIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "model/diff.h"

struct arena;
struct compilation;

/* What all views of a diff say first: "identical", "same files, layout differs" and so on. */
const char *diff_headline(const struct diff *);

/* What there is to say of a change besides what was and is: its note and its cause, "" for neither. Not escaped for pages. */
const char *diff_note(struct arena *, const struct change *);

/* How much differs, in one line. */
void diff_counts(FILE *, const struct diff *, bool ignores_layout);

/* Whose the bytes are that differ, a line each, up to a limit. */
void diff_bytes(FILE *, struct compilation *, const struct diff *);

#endif

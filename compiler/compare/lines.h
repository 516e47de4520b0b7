#ifndef COMPARE_LINES_H
#define COMPARE_LINES_H

#include <stddef.h>

struct arena;

/*
 * The unified diff of the texts A and B, without the lines that name files, in RESULT; SCRATCH may be forgotten afterwards. NULL: one
 * has a NUL and so is no text, or they differ in more than 200 lines.
 */
const char *lines_unified(struct arena *result, struct arena *scratch, const char *a, size_t a_size, const char *b, size_t b_size);

#endif

#ifndef RESOLVE_BUILT_IN_H
#define RESOLVE_BUILT_IN_H

#include "resolve/resolver.h"

/* What is compiled into one ld.so of glibc. */
struct built_in {
	const char *const *directories; /* in the order of searching, without a '/' at the end */
	size_t count;
	const char *lib; /* what $LIB stands for, or NULL when the file does not tell */
};

/*
 * What the loader in CONTENT, called INTERP, has built in; by its name when it does not show it. Read once for each. NULL with
 * a diagnostic at AT.
 */
const struct built_in *built_in_of(struct resolver *, const struct content *, const char *interp, struct span at);

#endif

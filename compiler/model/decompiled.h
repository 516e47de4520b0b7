#ifndef MODEL_DECOMPILED_H
#define MODEL_DECOMPILED_H

#include <stdbool.h>
#include <stddef.h>

struct content;

/* A directory on the host as it will be: a manifest that makes an image again, and what this is made of. Made by decompile/. */

/* One of: a directory, which has none of these; a file; a link. */
struct decompiled_entry {
	const char *path;              /* below the directory; what it lies in comes first */
	const struct content *content; /* of a file, in the image */
	const char *target;            /* of a link */
	bool executable;
};

struct decompiled {
	const char *path;          /* of the manifest, below the directory */
	const char *manifest;      /* its text */
	struct decompiled_entry *entries;
	size_t entry_count;
	const char *const *unsaid; /* what no manifest can say of the image, a line each, not escaped */
	size_t unsaid_count;
};

#endif

#ifndef RESOLVE_GRUB_FILE_H
#define RESOLVE_GRUB_FILE_H

#include "resolve/resolver.h"

/* What the resolvers of the generations of GRUB share: finding its directory in the pool, reading and checking its files. */

enum { GRUB_MOST_FIELDS = 3 };

/* Bytes that must stand somewhere in a file. */
struct grub_field {
	size_t offset;
	const char *bytes;
	size_t size;
	const char *meaning;
};

struct grub_generation {
	const char *name;    /* "GRUB legacy" */
	const char *version; /* "GRUB 0.97" */
	const char *pattern; /* of a file that is in each of its directories */
	const char *help;    /* where to take it from */
};

/* A kind of file, such as stage1. */
struct grub_kind {
	const char *name;
	size_t least, most; /* bytes */
	struct grub_field fields[GRUB_MOST_FIELDS];
};

/* The one directory of the pool that has this GRUB, or NULL with a diagnostic. */
const char *grub_find_directory(struct resolver *, const struct grub_generation *);

/* Reads the file of DIRECTORY that is called as its KIND. False with a diagnostic: it is not there, or not what it should be. */
bool grub_read_file(struct resolver *, const struct grub_generation *, const char *directory, const struct grub_kind *,
	struct grub_file *);

#endif

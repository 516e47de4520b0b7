#ifndef MODEL_DIFF_H
#define MODEL_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/field.h"

/* In what two loaded images differ: as facts, and byte for byte. Made by compare/. */

/* Why an image has what it has. */
struct cause {
	struct span at;            /* the manifest's words that decide it */
	const char *how;           /* for a file, how it comes from these: "NEEDED libc.so.6, ..."; NULL: they name it */
	const struct entry *entry; /* of the pool, whose bytes it has; NULL: of none */
};

/* A fact that is not the same in both. */
struct change {
	uint32_t partition; /* its number; 0: the disk */
	const char *path;   /* of a file, from the root of its partition; NULL: not about a file */
	const char *what;   /* "mode" */
	const char *before, *after; /* NULL: it is not there; both NULL: NOTE says it all */
	const char *note;   /* "the first is byte 4", or NULL */
	const char *lines;  /* of a text: a unified diff without the lines that name files; NULL: none was made */
	const struct cause *cause_before, *cause_after; /* by the manifests; NULL: not asked for, or they do not tell */
	bool is_layout;     /* where something lies, or when it was written, not what it is */
	bool is_alone;      /* only one image has the file */
};

/* Bytes that differ among those that belong to one owner in each image, and to one field of it. */
struct differing {
	const struct owner *before, *after; /* one of them NULL: behind the end of that image */
	uint64_t first;                     /* the offset of the first of them */
	uint64_t count;
	const struct field *field;          /* they are all in, of `before`; NULL: what they are part of has none */
};

struct diff {
	const struct image *before, *after;
	struct change *changes; /* the disk, then partition by partition, its files bytewise by path */
	size_t change_count;
	size_t content_change_count; /* of those, the ones that are not layout */
	struct differing *bytes; /* by offset: they add up to every byte that differs */
	size_t byte_row_count;
	uint64_t byte_count;
};

#endif

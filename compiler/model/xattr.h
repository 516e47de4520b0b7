#ifndef MODEL_XATTR_H
#define MODEL_XATTR_H

#include <stdbool.h>
#include <stddef.h>

#include "model/manifest.h"

struct arena;

/* An extended attribute (xattr(7)). */
struct xattr {
	const char *name; /* with its namespace: "user.note" */
	const unsigned char *value;
	size_t size;      /* bytes of the value */
	struct span at;   /* the manifest's words, or no place */
};

/* Those of one file, sorted bytewise by name, each name once. */
struct xattrs {
	struct xattr *list;
	size_t count;
};

/*
 * The bytes that TEXT stands for, as setfattr(1) takes it but for quotes: hexadecimal digits behind 0x, base64 behind 0s, else the
 * text itself. NULL when it is none of these.
 */
const unsigned char *xattr_decode(struct arena *, const char *text, size_t *size);

/* A value as it would be written: as text when nothing in it needs care, else in hexadecimal. */
const char *xattr_show(struct arena *, const struct xattr *);

/* The attribute called NAME, or NULL. XATTRS may be NULL, here and below. */
const struct xattr *xattrs_find(const struct xattrs *, const char *name);

/* Whether both are there and have the same value; and whether all in both are the same. Either may be NULL. */
bool xattr_equal(const struct xattr *, const struct xattr *);
bool xattrs_equal(const struct xattrs *, const struct xattrs *);

/* Puts NEW among them, in the place of one with its name. */
void xattrs_put(struct arena *, struct xattrs *, const struct xattr *new);

/* The attributes that FILE has: those of its source, FROM, unless the manifest says others; and its capabilities. NULL: none. */
const struct xattrs *xattrs_of_file(struct arena *, const struct m_file *file, const struct xattrs *from);

/* Those of PAIRS, which read/ has checked. NULL: none. */
const struct xattrs *xattrs_of_pairs(struct arena *, const struct m_pairs *pairs);

#endif

#ifndef RESOLVE_MODINFO_H
#define RESOLVE_MODINFO_H

#include <stdbool.h>
#include <stddef.h>

#include "model/content.h"

struct compilation;

/* What a kernel module says of itself, in its section .modinfo: texts KEY=VALUE, each with a NUL behind it (Linux, module.h). */
struct modinfo {
	const char *texts;
	size_t size;        /* of all, the last NUL included */
	const char *broken; /* the file is no usable module, because ...; or NULL */
};

/* Reads it, by the section headers alone. False, with a diagnostic at AT: the file cannot be read. */
bool modinfo_read(struct compilation *, const struct content *, struct span at, struct modinfo *);

/* The value of the next text with KEY behind FROM (NULL: the first), or NULL. */
const char *modinfo_next(const struct modinfo *, const char *key, const char *from);

#endif

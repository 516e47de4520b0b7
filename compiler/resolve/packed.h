#ifndef RESOLVE_PACKED_H
#define RESOLVE_PACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "model/content.h"

struct compilation;

/* How a file is packed: those that Linux unpacks itself when it loads a module. */
enum packing { PACKING_NONE, PACKING_GZIP, PACKING_XZ, PACKING_ZSTD };

/* What is in a packed file. */
struct unpacked {
	char *bytes;        /* a NUL follows */
	size_t size;
	const char *broken; /* it cannot be unpacked, because ...; or NULL */
};

/*
 * Unpacks CONTENT, which is packed by one of the ways above and not more than once, into ARENA. More than MOST bytes are not unpacked.
 * False with a diagnostic at AT: it cannot be read, or there is no library to unpack it with.
 */
bool packed_read(struct compilation *, struct arena *, const struct content *, struct span at, enum packing, size_t most,
	struct unpacked *);

#endif

#ifndef SUPPORT_LZMA_H
#define SUPPORT_LZMA_H

#include <stddef.h>

struct arena;

/* What a decoder must be told, since a raw stream does not say it: lc 3, lp 0, pb 2. */
enum { LZMA_DICTIONARY = 1 << 16 };

/*
 * BYTES as a raw LZMA1 stream, without header and end mark. The same bytes give the same stream for ever: what a library makes of
 * them changes with its version.
 */
const unsigned char *encode_lzma(struct arena *, const unsigned char *bytes, size_t size, size_t *encoded_size);

#endif

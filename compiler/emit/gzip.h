#ifndef EMIT_GZIP_H
#define EMIT_GZIP_H

#include <stddef.h>

struct arena;

/*
 * The SIZE bytes at BYTES as one gzip member (RFC 1952) of deflate blocks (RFC 1951), in the arena, with their number in *PACKED_SIZE.
 * No name, no time: the result depends on the bytes alone, for ever. A library's would change with its version.
 */
const unsigned char *gzip(struct arena *, const unsigned char *bytes, size_t size, size_t *packed_size);

#endif

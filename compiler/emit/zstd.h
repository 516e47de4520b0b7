#ifndef EMIT_ZSTD_H
#define EMIT_ZSTD_H

#include <stddef.h>

struct arena;

/*
 * The SIZE bytes at BYTES as one Zstandard frame (RFC 8878), in the arena, with their number in *PACKED_SIZE. It says its size and has
 * a checksum; a decoder needs a window of 8 MiB at most, as the RFC asks of all and Linux has. The result depends on the bytes
 * alone, for ever.
 */
const unsigned char *zstd(struct arena *, const unsigned char *bytes, size_t size, size_t *packed_size);

#endif

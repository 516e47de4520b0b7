#ifndef EMIT_ZSTD_BLOCK_H
#define EMIT_ZSTD_BLOCK_H

#include <stddef.h>
#include <stdint.h>

/* What the files of zstd ask of one another. */

enum {
	ZSTD_BLOCK = 128 * 1024,                /* bytes in one, at most */
	ZSTD_LEAST_MATCH = 3,
	ZSTD_SEQUENCES = ZSTD_BLOCK / ZSTD_LEAST_MATCH, /* in a block, at most */
	ZSTD_ROOM = 1024 * 1024,                /* more than a block can take, however badly it is packed */
	ZSTD_REPEATS = 3,
};

/* LITERALS bytes as they are, then LENGTH bytes again. OFFSET as it is written: 1 to 3 are those of late, others are 3 more than they mean. */
struct zstd_sequence {
	uint32_t literals, length, offset;
};

/* A block as matches were found in it. */
struct zstd_block {
	unsigned char literals[ZSTD_BLOCK];
	size_t literal_count;
	struct zstd_sequence sequences[ZSTD_SEQUENCES];
	size_t sequence_count;
};

/* Writes the two sections of a compressed block to OUT, with ZSTD_ROOM bytes each; gives their size (RFC 8878, 3.1.1.3). */
size_t zstd_put_literals(const unsigned char *literals, size_t count, unsigned char *out);
size_t zstd_put_sequences(const struct zstd_sequence *, size_t count, unsigned char *out);

#endif

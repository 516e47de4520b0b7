#ifndef RESOLVE_BYTES_H
#define RESOLVE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/content.h"

struct compilation;

/* A content that is open for reading at any offset; only what is asked for is read, however large the file is. */
struct bytes {
	struct compilation *c;
	const struct content *content;
	struct span at; /* where diagnostics point to */
	int fd;         /* CONTENT_HOST */
	unsigned char head[1024]; /* CONTENT_HOST: its first HEAD_SIZE bytes, read at once, since most that is asked for is there */
	size_t head_size;
};

/* Reads SIZE bytes at OFFSET, which must lie inside the content. False with a diagnostic. */
bool bytes_read(struct bytes *, uint64_t offset, void *to, size_t size);

/* After the last read: false with a diagnostic when the file is no longer what it was when it was opened. */
bool bytes_unchanged(struct bytes *);

/* Opens CONTENT, reads its first SIZE bytes, which it must have, and closes it. False with a diagnostic at AT. */
bool bytes_read_head(struct compilation *, const struct content *, struct span at, void *to, size_t size);

#endif

#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "model/image.h"

/*
 * Which field of its structure a byte of an image is in: names as UEFI, e2fsprogs (ext2_fs.h), Linux (ext4.h, swap.h) and Microsoft
 * (fatgen103) have them.
 */

/* The bytes [OFFSET, OFFSET + SIZE) of the image. */
struct field {
	uint64_t offset, size;
	const char *name; /* "s_free_blocks_count"; NULL: what they are part of has no fields */
	const char *item; /* which of many alike in one owner: "group", "inode", "entry", and ... */
	uint64_t number;  /* ... the number of it; NULL: there is one */
	const unsigned char *entry_name; /* the name in a directory's entry, ENTRY_LENGTH bytes, not escaped; NULL: it is none */
	size_t entry_length;
};

enum { FIELD_BLOCK_MOST = 64 << 10 };

/* An image whose fields are asked for. Begins as {.image = ..., .fd = ...}, a descriptor open for reading. */
struct field_reader {
	const struct image *image;
	int fd;
	uint64_t block, block_size; /* of what is in BYTES; size 0: nothing is */
	unsigned char bytes[FIELD_BLOCK_MOST];
};

/* The field of the byte at OFFSET, which is OWNER's. ENTRY_NAME is good until the next call. */
struct field field_at(struct field_reader *, const struct owner *, uint64_t offset);

#endif

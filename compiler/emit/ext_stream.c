/* Gathers the blocks of a file system into few writes. */
#include "emit/ext.h"

#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"

enum { BUFFER_SIZE = 1024 * 1024 };

bool
ext_flush(struct ext_writer *w)
{
	size_t block_size = w->layout->block_size, size = w->buffer_blocks * block_size;

	w->buffer_blocks = 0;
	return size == 0 || output_write(w->out, w->offset + w->buffer_first * block_size, w->buffer, size);
}

unsigned char *
ext_room(struct ext_writer *w, uint64_t first, uint64_t count, uint32_t *got)
{
	uint32_t block_size = w->layout->block_size, capacity = BUFFER_SIZE / block_size, left;
	unsigned char *room;

	if (!w->buffer)
		w->buffer = arena_alloc(w->out->c->arena, BUFFER_SIZE);
	if ((w->buffer_first + w->buffer_blocks != first || w->buffer_blocks == capacity) && !ext_flush(w))
		return NULL;
	if (w->buffer_blocks == 0)
		w->buffer_first = first;
	left = capacity - w->buffer_blocks;
	*got = count < left ? (uint32_t)count : left;
	room = w->buffer + (size_t)w->buffer_blocks * block_size;
	w->buffer_blocks += *got;
	return room;
}

unsigned char *
ext_zeroed_block(struct ext_writer *w, uint64_t block)
{
	uint32_t got;
	unsigned char *room = ext_room(w, block, 1, &got);

	return room ? memset(room, 0, w->layout->block_size) : NULL;
}

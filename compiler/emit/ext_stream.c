/* Gathers the blocks of a file system into few writes. */
#include "emit/ext.h"

#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"
#include "support/memory.h"

enum {
	BUFFER_SIZE = 1024 * 1024,
	LEAST_GAP = 16 * 1024, /* bytes: to write fewer zeroes costs less than a second write */
};

unsigned char *
ext_buffer(struct arena *a)
{
	return arena_alloc(a, BUFFER_SIZE);
}

/* How many blocks from START on, of COUNT, are zero, or are not, as WANTED. */
static uint32_t
alike(const struct ext_writer *w, uint32_t start, uint32_t count, bool wanted)
{
	size_t size = w->layout->block_size;
	uint32_t i = start;

	while (i < count && memory_is_zero(w->buffer + i * size, size) == wanted)
		i++;
	return i - start;
}

static bool
write_blocks(struct ext_writer *w, uint32_t start, uint32_t count)
{
	uint64_t size = w->layout->block_size;

	if (count)
		w->failure.write_error = output_store(w->out, w->offset + (w->buffer_first + start) * size,
			w->buffer + start * size, count * size);
	return !w->failure.write_error;
}

bool
ext_flush(struct ext_writer *w)
{
	uint32_t count = w->buffer_blocks, least = LEAST_GAP / w->layout->block_size, start = 0, end = 0;

	w->buffer_blocks = 0;
	while (end < count) {
		uint32_t zeroes = alike(w, end, count, true);

		if (zeroes >= least) {
			if (!write_blocks(w, start, end - start))
				return false;
			start = end + zeroes;
		}
		end += zeroes;
		end += alike(w, end, count, false);
	}
	return write_blocks(w, start, end - start);
}

unsigned char *
ext_room(struct ext_writer *w, uint64_t first, uint64_t count, uint32_t *got)
{
	uint32_t block_size = w->layout->block_size, capacity = BUFFER_SIZE / block_size, left;
	unsigned char *room;

	if ((w->buffer_first + w->buffer_blocks != first || w->buffer_blocks == capacity) && !ext_flush(w))
		return NULL;
	if (w->buffer_blocks == 0)
		w->buffer_first = first;
	left = capacity - w->buffer_blocks;
	*got = count < left ? (uint32_t)count : left;
	room = w->buffer + (size_t)w->buffer_blocks * block_size;
	w->buffer_blocks += *got;
	w->blocks_written += *got;
	return room;
}

unsigned char *
ext_zeroed_block(struct ext_writer *w, uint64_t block)
{
	uint32_t got;
	unsigned char *room = ext_room(w, block, 1, &got);

	return room ? memset(room, 0, w->layout->block_size) : NULL;
}

/* Writes partitions that have no file system: swap space, or the bytes of a file. */
#include "emit/stages.h"

#include <string.h>
#include <unistd.h>

#include "emit/output.h"
#include "model/content.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"

/* The header of swap space (Linux, include/linux/swap.h: union swap_header). Its numbers are little-endian here, whatever the host. */
enum {
	PAGE_SIZE = 4096,
	VERSION = 1024,
	LAST_PAGE = 1028,
	SWAP_UUID = 1036,
	SWAP_LABEL = 1052,
	LABEL_SIZE = 16,
	SIGNATURE = PAGE_SIZE - 10,
};

enum { CHUNK_SIZE = 1024 * 1024 };

bool
emit_swap(struct output *o, const struct partition_layout *p, uint64_t offset)
{
	unsigned char page[PAGE_SIZE] = {0};

	page[VERSION] = 1;
	put32(page + LAST_PAGE, (uint32_t)(p->swap->pages - 1));
	memcpy(page + SWAP_UUID, p->swap->uuid, sizeof p->swap->uuid);
	memcpy(page + SWAP_LABEL, p->swap->label, LABEL_SIZE);
	memcpy(page + SIGNATURE, "SWAPSPACE2", 10);
	return output_write(o, offset, page, sizeof page);
}

/* Where there is nothing but zeroes, the output has them already. */
static bool
copy(struct output *o, const struct partition_layout *p, uint64_t offset, int fd)
{
	const struct content *raw = p->raw;
	unsigned char *chunk = arena_alloc(o->c->arena, CHUNK_SIZE);

	for (uint64_t at = 0, size; at < raw->size; at += size) {
		size = raw->size - at < CHUNK_SIZE ? raw->size - at : CHUNK_SIZE;
		if (!content_read_exactly(o->c, raw, p->from->raw.at, fd, chunk, size))
			return false;
		if (!memory_is_zero(chunk, size) && !output_write(o, offset + at, chunk, size))
			return false;
	}
	return content_unchanged(o->c, raw, p->from->raw.at, fd);
}

bool
emit_raw(struct output *o, const struct partition_layout *p, uint64_t offset)
{
	bool good;
	int fd;

	if (p->raw->kind == CONTENT_BYTES)
		return output_write(o, offset, p->raw->bytes, p->raw->size);
	fd = content_open(o->c, p->raw, p->from->raw.at);
	if (fd < 0)
		return false;
	good = copy(o, p, offset, fd);
	close(fd);
	return good;
}

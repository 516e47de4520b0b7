/* Decides where a sparse file has holes: where its source holds nothing but zeroes, whatever the host's file system says of it. */
#include <errno.h>
#include <unistd.h>

#include "resolve/resolver.h"
#include "support/memory.h"

enum { PORTION = 1024 * 1024 };

struct scan {
	struct resolver *r;
	const struct content *content;
	struct span at;
	struct content_data *data;
	unsigned char *buffer; /* PORTION bytes */
	int fd;
};

/* All that the host knows to be zeroes from AT on is passed over unread; where it knows nothing, nothing is. */
static uint64_t
pass_over(const struct scan *s, uint64_t at)
{
	off_t data = lseek(s->fd, (off_t)at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? s->content->size : at;
	return (uint64_t)data / CONTENT_GRAIN * CONTENT_GRAIN;
}

/* Where the next portion ends that begins at AT. */
static uint64_t
portion_end(const struct scan *s, uint64_t at)
{
	off_t hole = lseek(s->fd, (off_t)at, SEEK_HOLE);
	uint64_t end = s->content->size - at < PORTION ? s->content->size : at + PORTION;

	return hole > (off_t)at && (uint64_t)hole < end ? (uint64_t)hole : end;
}

static void
add_unit(const struct scan *s, uint64_t at)
{
	struct content_data *data = s->data;

	if (data->count && data->ranges[data->count - 1].end == at)
		data->ranges[data->count - 1].end += CONTENT_GRAIN;
	else
		*ARENA_PUSH(s->r->c->arena, data->ranges, data->count) = (struct byte_range){at, at + CONTENT_GRAIN};
}

static bool
scan_portion(const struct scan *s, uint64_t at, uint64_t end)
{
	size_t size = (size_t)(end - at), unit;

	if (!content_read_at(s->r->c, s->content, s->at, s->fd, at, s->buffer, size))
		return false;
	for (size_t i = 0; i < size; i += unit) {
		unit = size - i < CONTENT_GRAIN ? size - i : CONTENT_GRAIN;
		if (!memory_is_zero(s->buffer + i, unit))
			add_unit(s, at + i);
	}
	return true;
}

/* False with a diagnostic when the file cannot be read to its end. */
static bool
scan_all(const struct scan *s)
{
	uint64_t end;

	for (uint64_t at = pass_over(s, 0); at < s->content->size; at = pass_over(s, end)) {
		end = portion_end(s, at);
		if (end < s->content->size)
			end = (end + CONTENT_GRAIN - 1) / CONTENT_GRAIN * CONTENT_GRAIN;
		if (end > s->content->size)
			end = s->content->size;
		if (!scan_portion(s, at, end))
			return false;
	}
	return lseek(s->fd, (off_t)s->content->size, SEEK_SET) >= 0 && content_unchanged(s->r->c, s->content, s->at, s->fd);
}

static const struct content_data *
find_data(struct resolver *r, const struct content *content, struct span at, unsigned char *buffer)
{
	struct scan s = {.r = r, .content = content, .at = at, .data = ARENA_NEW(r->c->arena, struct content_data), .buffer = buffer};

	ASSERT(content->kind == CONTENT_HOST);
	if ((s.fd = content_open(r->c, content, at)) < 0)
		return NULL;
	scan_all(&s);
	close(s.fd);
	return s.data;
}

void
resolve_sparse(struct resolver *r)
{
	unsigned char *buffer = NULL;

	for (size_t i = 0; i < r->manifest->file_count; i++) {
		const struct m_file *file = &r->manifest->files[i];
		const struct content *content = r->closure->sources[i];

		if (!file->sparse.v || !content)
			continue;
		buffer = buffer ? buffer : arena_alloc(r->c->arena, PORTION);
		r->closure->data[i] = find_data(r, content, file->sparse.at, buffer);
	}
}

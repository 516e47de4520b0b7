#include "resolve/bytes.h"

#include <string.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/memory.h"

static bool
read_from_file(struct bytes *bytes, uint64_t offset, void *to, size_t size)
{
	return content_read_at(bytes->c, bytes->content, bytes->at, bytes->fd, offset, to, size);
}

static bool
fill_head(struct bytes *bytes)
{
	uint64_t size = bytes->content->size;

	if (bytes->head_size)
		return true;
	bytes->head_size = size < sizeof bytes->head ? (size_t)size : sizeof bytes->head;
	return read_from_file(bytes, 0, bytes->head, bytes->head_size);
}

bool
bytes_read(struct bytes *bytes, uint64_t offset, void *to, size_t size)
{
	const struct content *content = bytes->content;

	ASSERT(offset <= content->size && size <= content->size - offset);
	if (content->kind == CONTENT_BYTES) {
		memcpy(to, content->bytes + offset, size);
		return true;
	}
	if (offset + size > sizeof bytes->head)
		return read_from_file(bytes, offset, to, size);
	if (!fill_head(bytes))
		return false;
	memcpy(to, bytes->head + offset, size);
	return true;
}

bool
bytes_unchanged(struct bytes *bytes)
{
	return bytes->content->kind == CONTENT_BYTES || content_unchanged(bytes->c, bytes->content, bytes->at, bytes->fd);
}

bool
bytes_read_head(struct compilation *c, const struct content *content, struct span at, void *to, size_t size)
{
	struct bytes bytes = {.c = c, .content = content, .at = at, .fd = -1};
	bool ok;

	if (content->kind == CONTENT_HOST && (bytes.fd = content_open(c, content, at)) < 0)
		return false;
	ok = bytes_read(&bytes, 0, to, size) && bytes_unchanged(&bytes);
	if (bytes.fd >= 0)
		close(bytes.fd);
	return ok;
}

#include "resolve/bytes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/memory.h"

static bool
seek(struct bytes *bytes, uint64_t offset)
{
	if (lseek(bytes->fd, (off_t)offset, SEEK_SET) >= 0)
		return true;
	diag(&bytes->c->diags, DIAG_FILE_UNREADABLE, bytes->at, "cannot read '%s': %s", bytes->content->shown,
		strerror(errno));
	return false;
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
	if (!seek(bytes, offset))
		return false;
	return content_read_exactly(bytes->c, content, bytes->at, bytes->fd, to, size);
}

bool
bytes_unchanged(struct bytes *bytes)
{
	const struct content *content = bytes->content;

	if (content->kind == CONTENT_BYTES)
		return true;
	return seek(bytes, content->size) && content_unchanged(bytes->c, content, bytes->at, bytes->fd);
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

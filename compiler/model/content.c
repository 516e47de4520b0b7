#include "model/content.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"

void
content_stamp(struct content *content, const struct stat *info)
{
	content->stamped = true;
	content->device = info->st_dev;
	content->inode = info->st_ino;
	content->mtime_s = info->st_mtim.tv_sec;
	content->mtime_ns = info->st_mtim.tv_nsec;
	content->ctime_s = info->st_ctim.tv_sec;
	content->ctime_ns = info->st_ctim.tv_nsec;
	content->executable = (info->st_mode & 0111) != 0;
}

static bool
stamp_matches(const struct content *content, const struct stat *info)
{
	struct content now = {0};

	if ((uint64_t)info->st_size != content->size)
		return false;
	if (!content->stamped)
		return true;
	content_stamp(&now, info);
	return now.device == content->device && now.inode == content->inode &&
		now.mtime_s == content->mtime_s && now.mtime_ns == content->mtime_ns &&
		now.ctime_s == content->ctime_s && now.ctime_ns == content->ctime_ns;
}

static bool
changed(struct compilation *c, const struct content *content, struct span at)
{
	diag_help(diag(&c->diags, DIAG_FILE_CHANGED, at, "'%s' changed while it was being read", content->shown),
		"build again when nothing writes to it");
	return false;
}

static bool
unreadable(struct compilation *c, const struct content *content, struct span at, int error)
{
	diag(&c->diags, DIAG_FILE_UNREADABLE, at, "cannot read '%s': %s", content->shown, strerror(error));
	return false;
}

int
content_open(struct compilation *c, const struct content *content, struct span at)
{
	int fd = file_open_beneath(content->directory, content->path);
	struct stat info;

	if (fd < 0) {
		unreadable(c, content, at, errno);
		return -1;
	}
	if (fstat(fd, &info) == 0 && stamp_matches(content, &info))
		return fd;
	close(fd);
	changed(c, content, at);
	return -1;
}

bool
content_read_exactly(struct compilation *c, const struct content *content, struct span at, int fd, void *bytes, size_t size)
{
	ssize_t got = file_read(fd, bytes, size);

	if (got < 0)
		return unreadable(c, content, at, errno);
	return (size_t)got == size ? true : changed(c, content, at);
}

bool
content_read_at(struct compilation *c, const struct content *content, struct span at, int fd, uint64_t offset, void *bytes,
	size_t size)
{
	ssize_t got = file_read_at(fd, bytes, size, (off_t)offset);

	if (got < 0)
		return unreadable(c, content, at, errno);
	return (size_t)got == size ? true : changed(c, content, at);
}

bool
content_unchanged(struct compilation *c, const struct content *content, struct span at, int fd)
{
	struct stat info;
	char more;

	if (file_read(fd, &more, 1) == 0 && fstat(fd, &info) == 0 && stamp_matches(content, &info))
		return true;
	return changed(c, content, at);
}

const char *
content_read(struct compilation *c, const struct content *content, struct span at, uint64_t limit)
{
	char *bytes;
	bool ok;
	int fd;

	if (content->size > limit) {
		diag(&c->diags, DIAG_FILE_TOO_LARGE, at, "'%s' has %" PRIu64 " bytes, more than the %" PRIu64 " that are read of such a file",
			content->shown, content->size, limit);
		return NULL;
	}
	if (content->kind == CONTENT_BYTES)
		return content->bytes;
	if ((fd = content_open(c, content, at)) < 0)
		return NULL;
	bytes = arena_alloc(c->arena, content->size + 1);
	ok = content_read_exactly(c, content, at, fd, bytes, content->size) && content_unchanged(c, content, at, fd);
	close(fd);
	return ok ? bytes : NULL;
}

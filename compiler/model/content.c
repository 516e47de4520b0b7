#include "model/content.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"

void
content_stamp(struct content *content, const struct stat *info)
{
	content->stamped = true;
	content->device = (uint32_t)(major(info->st_dev) << 20 | minor(info->st_dev));
	content->inode = info->st_ino;
	content->mtime_s = info->st_mtim.tv_sec;
	content->mtime_ns = (uint32_t)info->st_mtim.tv_nsec;
	content->ctime_s = info->st_ctim.tv_sec;
	content->ctime_ns = (uint32_t)info->st_ctim.tv_nsec;
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

const char *
content_name(struct compilation *c, const struct content *content)
{
	return content->shown ? content->shown : arena_printf(c->arena, "%s/%s", content->directory, content->path);
}

static bool
changed(struct compilation *c, const struct content *content, struct span at)
{
	diag_help(diag(&c->diags, DIAG_FILE_CHANGED, at, "'%s' changed while it was being read", content_name(c, content)),
		"build again when nothing writes to it");
	return false;
}

static bool
unreadable(struct compilation *c, const struct content *content, struct span at, int error)
{
	diag(&c->diags, DIAG_FILE_UNREADABLE, at, "cannot read '%s': %s", content_name(c, content), strerror(error));
	return false;
}

void
content_report(struct compilation *c, const struct content_failure *failure, struct span at)
{
	if (failure->error)
		unreadable(c, failure->content, at, failure->error);
	else
		changed(c, failure->content, at);
}

int
content_open(struct compilation *c, const struct content *content, struct span at)
{
	const char *name;
	int directory = directories_enter_parent(&c->directories, content->directory, content->path, &name);
	int fd = directory < 0 ? -1 : file_open_in(directory, name);
	struct stat info = {0};

	if (fd < 0) {
		unreadable(c, content, at, errno);
		return -1;
	}
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && stamp_matches(content, &info)) {
		seen_add(c, SEEN_OPENED, content);
		return fd;
	}
	close(fd);
	if (S_ISDIR(info.st_mode))
		unreadable(c, content, at, EISDIR);
	else if (S_ISREG(info.st_mode))
		changed(c, content, at);
	else
		unreadable(c, content, at, EINVAL);
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

/* A size vouches for the end of the file, unless it is zero: so say files of /proc, whatever they hold. */
bool
content_unchanged(struct compilation *c, const struct content *content, struct span at, int fd)
{
	struct stat info;
	char more;

	if (fstat(fd, &info) == 0 && stamp_matches(content, &info) && (content->size > 0 || file_read_at(fd, &more, 1, 0) == 0))
		return true;
	return changed(c, content, at);
}

/* The index of the first run that does not end in front of the byte AT of the file. */
static size_t
run_at(const struct image_bytes *image, uint64_t at)
{
	size_t low = 0, high = image->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (image->runs[middle].start + image->runs[middle].size <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Reads the SIZE bytes from AT on of a file in the image that is open in FD: 0, errno, or -1 when the image has become shorter. */
static int
read_image(const struct image_bytes *image, int fd, uint64_t at, unsigned char *bytes, size_t size)
{
	memset(bytes, 0, size);
	for (size_t i = run_at(image, at); i < image->count && image->runs[i].start < at + size; i++) {
		const struct image_run *run = &image->runs[i];
		uint64_t first = run->start > at ? run->start : at;
		uint64_t end = run->start + run->size < at + size ? run->start + run->size : at + size;
		ssize_t got;

		got = file_read_at(fd, bytes + (first - at), end - first, (off_t)(run->offset + (first - run->start)));
		if (got < 0)
			return errno;
		if ((uint64_t)got != end - first)
			return -1;
	}
	return 0;
}

/* The whole of CONTENT, a file in an image. */
static const char *
read_from_image(struct compilation *c, const struct content *content, struct span at)
{
	int fd = file_open(content->image->path), error;
	char *bytes;

	if (fd < 0) {
		unreadable(c, content, at, errno);
		return NULL;
	}
	bytes = arena_alloc(c->arena, content->size + 1);
	error = read_image(content->image, fd, 0, (unsigned char *)bytes, content->size);
	close(fd);
	if (error > 0)
		unreadable(c, content, at, error);
	else if (error < 0)
		changed(c, content, at);
	return error ? NULL : bytes;
}

const char *
content_read(struct compilation *c, const struct content *content, struct span at, uint64_t limit)
{
	char *bytes;
	bool ok;
	int fd;

	if (content->size > limit) {
		diag(&c->diags, DIAG_FILE_TOO_LARGE, at, "'%s' has %" PRIu64 " bytes, more than the %" PRIu64 " that are read of such a file",
			content_name(c, content), content->size, limit);
		return NULL;
	}
	if (content->kind == CONTENT_BYTES)
		return content->bytes;
	if (content->kind == CONTENT_IMAGE)
		return read_from_image(c, content, at);
	if ((fd = content_open(c, content, at)) < 0)
		return NULL;
	bytes = arena_alloc(c->arena, content->size + 1);
	ok = content_read_exactly(c, content, at, fd, bytes, content->size) && content_unchanged(c, content, at, fd);
	close(fd);
	return ok ? bytes : NULL;
}

/* Records why CONTENT could not be read (ERROR 0: it changed); gives false. */
static bool
reader_fails(struct content_reader *r, int error)
{
	r->failure = (struct content_failure){.content = r->content, .error = error};
	return false;
}

bool
content_reader_open(struct content_reader *r, const struct content *content)
{
	const char *name;
	int directory;

	r->content = content;
	r->at = 0;
	if (content->kind == CONTENT_BYTES)
		return true;
	if (content->kind == CONTENT_IMAGE) {
		r->fd = file_open(content->image->path);
		return r->fd >= 0 ? true : reader_fails(r, errno);
	}
	directory = directories_enter_parent(&r->directories, content->directory, content->path, &name);
	if (directory < 0)
		return reader_fails(r, errno);
	r->fd = file_open_in(directory, name);
	return r->fd >= 0 ? true : reader_fails(r, errno);
}

bool
content_reader_read(struct content_reader *r, void *bytes, size_t size)
{
	ssize_t got;
	int error;

	if (r->content->kind == CONTENT_BYTES) {
		memcpy(bytes, r->content->bytes + r->at, size);
		r->at += size;
		return true;
	}
	if (r->content->kind == CONTENT_IMAGE) {
		error = read_image(r->content->image, r->fd, r->at, bytes, size);
		r->at += size;
		return error ? reader_fails(r, error < 0 ? 0 : error) : true;
	}
	got = file_read(r->fd, bytes, size);
	if (got < 0)
		return reader_fails(r, errno);
	r->at += size;
	return (size_t)got == size ? true : reader_fails(r, 0);
}

uint64_t
content_reader_data(const struct content_reader *r, uint64_t at)
{
	const struct image_bytes *image = r->content->image;
	size_t i;

	if (r->content->kind != CONTENT_IMAGE)
		return at;
	i = run_at(image, at);
	if (i == image->count)
		return r->content->size;
	return image->runs[i].start > at ? image->runs[i].start : at;
}

bool
content_reader_seek(struct content_reader *r, uint64_t at)
{
	r->at = at;
	if (r->content->kind != CONTENT_HOST)
		return true;
	return lseek(r->fd, (off_t)at, SEEK_SET) >= 0 ? true : reader_fails(r, errno);
}

/* One look at the file behind all reading says of the whole time since the pool was made that nothing happened to it. */
bool
content_reader_close(struct content_reader *r)
{
	struct stat info;
	bool ok;

	if (r->content->kind == CONTENT_BYTES)
		return true;
	ok = fstat(r->fd, &info) == 0 && S_ISREG(info.st_mode) &&
		(r->content->kind == CONTENT_IMAGE || stamp_matches(r->content, &info));
	close(r->fd);
	r->fd = -1;
	return ok ? true : reader_fails(r, 0);
}

void
content_reader_end(struct content_reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
	directories_close(&r->directories);
	r->fd = -1;
}

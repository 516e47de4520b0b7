/* Takes the digest of a finished image. */

#include "emit/emit.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"

enum { CHUNK = 256 * 1024 };

static const unsigned char zeroes[CHUNK];

struct reading {
	int fd;
	uint64_t size, at;
	unsigned char *buffer;
	struct digest_stream digest;
};

static size_t
chunk(uint64_t left)
{
	return left < CHUNK ? (size_t)left : CHUNK;
}

/* Where the next WHENCE begins, SEEK_DATA or SEEK_HOLE. A file system that knows no holes has data everywhere. */
static uint64_t
seek(const struct reading *r, int whence)
{
	off_t found = lseek(r->fd, (off_t)r->at, whence);

	if (found >= 0)
		return (uint64_t)found < r->size ? (uint64_t)found : r->size;
	return errno == ENXIO || whence == SEEK_HOLE ? r->size : r->at;
}

static void
add_hole(struct reading *r, uint64_t end)
{
	for (size_t size; r->at < end; r->at += size) {
		size = chunk(end - r->at);
		digest_add(&r->digest, zeroes, size);
	}
}

/* 0, or an error number. */
static int
add_data(struct reading *r, uint64_t end)
{
	if (lseek(r->fd, (off_t)r->at, SEEK_SET) < 0)
		return errno;
	while (r->at < end) {
		size_t size = chunk(end - r->at);
		ssize_t got = file_read(r->fd, r->buffer, size);

		if (got != (ssize_t)size)
			return got < 0 ? errno : EIO;
		digest_add(&r->digest, r->buffer, size);
		r->at += size;
	}
	return 0;
}

static int
add_all(struct reading *r)
{
	struct stat info;
	int error = 0;

	if (fstat(r->fd, &info) < 0)
		return errno;
	r->size = (uint64_t)info.st_size;
	while (!error && r->at < r->size) {
		add_hole(r, seek(r, SEEK_DATA));
		if (r->at < r->size)
			error = add_data(r, seek(r, SEEK_HOLE));
	}
	return error;
}

bool
emit_digest(struct compilation *c, const char *path, struct digest *digest)
{
	struct reading r = {.fd = file_open(path), .buffer = arena_alloc(c->arena, CHUNK)};
	int error = r.fd < 0 ? errno : 0;

	digest_begin(&r.digest);
	if (!error)
		error = add_all(&r);
	*digest = digest_end(&r.digest);
	if (r.fd >= 0)
		close(r.fd);
	if (error)
		diag(&c->diags, DIAG_OUTPUT_FAILED, (struct span){0}, "cannot read '%s' back: %s",
			path, strerror(error));
	return !error;
}

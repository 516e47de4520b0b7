/* Takes the digest of a finished image, which is still ours alone: what is said of it is true whoever else writes to its path. */

#include "emit/emit.h"
#include "emit/output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/digest.h"
#include "support/file.h"

enum { CHUNK = 256 * 1024 };

static const unsigned char zeroes[CHUNK];

struct reading {
	struct progress *progress;
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

/* Where the next hole begins. */
static uint64_t
next_hole(const struct reading *r)
{
	off_t found = lseek(r->fd, (off_t)r->at, SEEK_HOLE);

	return found >= 0 && (uint64_t)found < r->size ? (uint64_t)found : r->size;
}

static void
add_hole(struct reading *r, uint64_t end)
{
	for (size_t size; r->at < end; r->at += size) {
		size = chunk(end - r->at);
		digest_add(&r->digest, zeroes, size);
		progress_bytes(r->progress, size);
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
		progress_bytes(r->progress, size);
		r->at += size;
	}
	return 0;
}

static int
add_all(struct reading *r)
{
	int error = 0;

	while (!error && r->at < r->size) {
		add_hole(r, file_next_data(r->fd, r->at, r->size));
		if (r->at < r->size)
			error = add_data(r, next_hole(r));
	}
	return error;
}

bool
output_digest(struct output *o, struct digest *digest)
{
	struct reading r = {.progress = &o->c->progress, .fd = o->fd, .size = o->size, .buffer = arena_alloc(o->c->arena, CHUNK)};
	int error;

	progress_begin(r.progress, ROOTC_HASHING, o->path, o->size);
	digest_begin(&r.digest);
	error = add_all(&r);
	*digest = digest_end(&r.digest);
	if (!error)
		return true;
	o->failed = true;
	diag(&o->c->diags, DIAG_OUTPUT_FAILED, (struct span){0}, "cannot write '%s': cannot read it back: %s", o->path, strerror(error));
	return false;
}

bool
emit_has_digest(struct compilation *c, const char *path, const struct digest *digest)
{
	struct reading r = {.progress = &c->progress, .fd = file_open(path), .buffer = arena_alloc(c->arena, CHUNK)};
	struct stat info;
	struct digest is;
	bool good;

	if (r.fd < 0)
		return false;
	good = fstat(r.fd, &info) == 0;
	r.size = good ? (uint64_t)info.st_size : 0;
	progress_begin(r.progress, ROOTC_HASHING, path, r.size);
	digest_begin(&r.digest);
	good = good && add_all(&r) == 0;
	is = digest_end(&r.digest);
	close(r.fd);
	return good && digest_equal(&is, digest);
}

#ifndef EMIT_OUTPUT_H
#define EMIT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/temporary.h"

struct compilation;
struct digest;
struct stat;

/* The bytes [OFFSET, END) of the image. */
struct output_range {
	uint64_t offset, end;
};

/*
 * The output file while it is written: a fresh, sparse temporary in the directory of PATH. Every byte of an image goes through
 * output_write or output_store. The first failure is recorded as a diagnostic; after it every call is a no-op that gives false.
 */
struct output {
	struct compilation *c;
	const char *path;      /* what it becomes */
	const char *directory; /* of PATH */
	const char *name;      /* of PATH, without the directory */
	char temporary[64];    /* its name now, in that directory ... */
	struct temporary noted; /* ... which a signal or the end of memory removes */
	int directory_fd, fd;
	uint64_t size;
	bool failed;
	struct output_range *kept; /* in place already, taken over from an older image; by offset, apart from one another */
	size_t kept_count;
	uint64_t device, inode; /* of the file, once it is complete */
};

/* Makes the temporary, SIZE zero bytes long. False with a diagnostic when PATH cannot become an image. */
bool output_begin(struct output *, struct compilation *, const char *path, uint64_t size);

/* Writes at OFFSET. Bytes never written stay zero. */
bool output_write(struct output *, uint64_t offset, const void *bytes, size_t size);

/* The same, but says nothing: 0, or an error number for output_fail. For any thread. */
int output_store(const struct output *, uint64_t offset, const void *bytes, size_t size);

/* Whether all of [OFFSET, END) is in place already. For any thread. */
bool output_has(const struct output *, uint64_t offset, uint64_t end);

/* Records that a write failed with ERROR. */
void output_fail(struct output *, int error);

/* Reads back what was written. */
bool output_read(struct output *, uint64_t offset, void *bytes, size_t size);

/* The SHA-256 of all that was written, holes read as zeroes. */
bool output_digest(struct output *, struct digest *);

/* Whether the file at PATH is an image that has all these bytes already, and is on the disk. */
bool output_is_there(struct output *);

/* Makes PATH, in the same directory, what it becomes. False with a diagnostic when that cannot become an image. */
bool output_divert(struct output *, const char *path);

/* fsync, rename onto PATH with mode 0644, fsync of the directory. */
bool output_publish(struct output *);

/* What the file at PATH is after output_publish, into *INFO; false when another has taken its place since. */
bool output_published(const struct output *, struct stat *info);

/* Closes everything; removes the temporary unless it was published. */
void output_end(struct output *);

#endif

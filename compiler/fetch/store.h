#ifndef FETCH_STORE_H
#define FETCH_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/digest.h"
#include "support/source.h"

struct compilation;

/*
 * The store, a directory:
 *	blob/ab/SHA256          the bytes of one regular file, mode 0444
 *	archive/SHA256.index    what the archive with that hash holds (index.h)
 *	apt/ARCHITECTURE/       apt's own state; with -HASH behind it, for the sources of an input
 *	lock, temporary         of whoever writes now
 * Readers need no lock, for everything in it appears whole, by rename, and never changes. Writers exclude one another.
 */
struct store {
	struct compilation *c;
	const char *path;
	struct span at; /* where failures are recorded */
	int fd;         /* of the directory */
	int lock_fd;
};

/*
 * Makes the store and the directories above it when they are not there, and waits until nobody else writes to it. False
 * with a diagnostic at AT.
 */
bool store_open(struct store *, struct compilation *, const char *path, struct span at);
void store_close(struct store *);

/* Records that the operating system refused to do WHAT ("write 'x'"); always false. */
bool store_failed(const struct store *, const char *what, int error);

/* Makes the directory PATH, relative, and all above it. */
bool store_directory(const struct store *, const char *path);

/* The bytes of a file on their way into the store. */
struct store_blob {
	struct store *store;
	struct digest_stream stream;
	uint64_t size;
	int fd;
};

bool store_blob_begin(struct store_blob *, struct store *);

/* Writes at OFFSET, which may leave a hole behind what was written, but not lie before its end. */
bool store_blob_add(struct store_blob *, uint64_t offset, const void *bytes, size_t size);

/* Gives the blob SIZE bytes, its place and its digest. */
bool store_blob_end(struct store_blob *, uint64_t size, struct digest *);

/* Closes a blob that is not to be kept. */
void store_blob_abandon(struct store_blob *);

/* Puts a whole file at PATH, relative, whose directory exists. */
bool store_put(struct store *, const char *path, const void *bytes, size_t size);

enum { BLOB_PATH = sizeof "blob/ab/" - 1 + DIGEST_HEX };

/* "blob/ab/HEX" into PATH (BLOB_PATH bytes); gives PATH. */
char *store_blob_path(const char *hex, char *path);

/* Whether the store has a blob at PATH, SIZE bytes long. */
bool store_has_blob(const struct store *, const char *path, uint64_t size);

#endif

#ifndef UNIT_FIXTURE_H
#define UNIT_FIXTURE_H

#include "unit.h"

#include "fetch/fetch.h"

/* Everything of a test lies below a fresh directory, which is removed at its end. */
struct fixture {
	struct compilation *c;
	const char *directory, *store;
	struct manifest manifest;
	struct m_input inputs[4];
	char *tar; /* grows */
	size_t tar_size;
};

struct fixture *fixture_begin(void);
/* Removes the directory. */
void fixture_end(struct fixture *f);
/* NAME in the directory. */
const char *fixture_path(struct fixture *f, const char *name);
void fixture_write(struct fixture *f, const char *name, const void *bytes, size_t size);
void fixture_text(struct fixture *f, const char *name, const char *text);
/* Appends a ustar header (POSIX pax, "ustar Interchange Format") and BYTES to the tar. */
void fixture_add(struct fixture *f, char type, const char *name, unsigned mode, const char *link, const char *bytes, unsigned claimed_size);
void fixture_add_file(struct fixture *f, const char *name, const char *bytes);
void fixture_add_link(struct fixture *f, const char *name, const char *target);
/* Writes what was added as the file NAME, with the two empty blocks that end a tar, and begins anew. */
void fixture_finish_tar(struct fixture *f, const char *name);
/* Adds an input with this directory or archive to the manifest: its key at 3:3, an archive at 4:14, a directory at 4:16. */
struct m_input *fixture_input(struct fixture *f, enum input_kind kind, const char *value);
const struct pool *fixture_pool(struct fixture *f);
/* The entry at PATH ("usr/bin/x"), or NULL. */
const struct entry *fixture_find(const struct pool *pool, const char *path);
void fixture_expect_bytes(struct fixture *f, const struct entry *entry, const char *bytes);

#endif

#ifndef FETCH_STORED_H
#define FETCH_STORED_H

#include <stdbool.h>

#include "fetch/index.h"
#include "model/manifest.h"
#include "model/pool.h"

struct compilation;

/* The inputs on their way into the pool. */
struct loading {
	struct compilation *c;
	struct pool *pool;
	const struct manifest *manifest;
	const struct lock *lock; /* or NULL */
	const char *store;
	int store_fd; /* its directory; -1 when it was not there yet */
	bool vendored; /* it is only read */
};

/* What an archive in the store holds, entry by entry, as the pool takes it. */
struct stored_archive {
	const struct loading *l;
	const struct m_input *input;
	const char *package; /* or NULL */
	const char *origin;  /* how messages name the archive */
	struct index_reader reader;
	const void **files;  /* those with several names */
	size_t file_count;
};

/* Begins a walk through the archive HEX, whose input, package and origin are set. False: the store has none, or the reader is broken. */
bool stored_open(struct stored_archive *, struct loading *, const char *hex);

/* The next entry, and the path at which it belongs into ROW; false at the end, or with the reader broken. */
bool stored_next(struct stored_archive *, struct index_row *row, struct entry *entry);

/*
 * Unpacks CONTENT, stamped, open in FD and of the hash HEX, into the store, unless that has it, or is only read. False with diagnostics
 * at AT; ADVICE as unpack_archive has it.
 */
bool stored_unpack(const struct loading *, const struct content *, int fd, const char *hex, struct span at, const char *advice);

enum outcome { PUT, ABSENT, BROKEN, BLOCKED, OUTCOMES };

/* Puts what the archive HEX holds into the pool. BLOCKED: with diagnostics. */
enum outcome stored_put(struct loading *, const struct m_input *, const char *hex, const char *package, const char *origin);

/* Lays an `archive` input over the pool. False with diagnostics. */
bool put_archive(struct loading *, const struct m_input *);

/* Lays an `oci` input over the pool. False with diagnostics. */
bool put_oci(struct loading *, const struct m_input *);

/* Lays a `file` input over the pool. False with diagnostics. */
bool put_single(struct loading *, const struct m_input *);

#endif

#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>

#include "model/closure.h"
#include "model/lock.h"
#include "model/manifest.h"
#include "model/pool.h"

struct compilation;

/* The only stage that may use the network or start a process (apt's), and that only in fetch_lock and fetch_files. */

/* How a lock is to be made. */
struct lock_wishes {
	const struct lock *old;   /* what is locked now, or NULL */
	bool updates;             /* packages become today's: ... */
	const char *const *names; /* ... these, by package or input, and what they need, or without names all */
	size_t name_count;
	bool offline;             /* apt's lists are good enough as they are */
};

/*
 * What the manifest's inputs stand for. Packages that are locked and asked for still stay as they are, unless WISHES say otherwise.
 * About others it asks the host's apt, unprivileged and with a state directory of its own below STORE; about all that they depend
 * on, too. Without a closure yet. NULL with diagnostics.
 */
struct lock *fetch_lock(struct compilation *, const struct manifest *, const char *store, const struct lock_wishes *);

/* Writes LOCK to PATH (fresh temporary, rename), unless OLD (or NULL), which was read from there, is the same text. False with a diagnostic at AT. */
bool fetch_write_lock(struct compilation *, const struct lock *, const struct lock *old, const char *path, struct span at);

/* Whether LOCK is about all inputs of the manifest, no others, and what they are today; else false with diagnostics. */
bool fetch_check_lock(struct compilation *, const struct manifest *, const struct lock *);

/* The files that are in IMAGE or in RAMDISK (or NULL) only because others need them, sorted by path, each once. */
struct need **fetch_needed(struct compilation *, const struct closure *image, const struct closure *ramdisk, size_t *count);

/* Writes them into LOCK as its closure. */
void fetch_lock_closure(struct compilation *, struct lock *, struct need *const *needed, size_t count);

/* Whether they are the closure of LOCK, which must have one; else false with diagnostics. */
bool fetch_check_closure(struct compilation *, const struct manifest *, const struct lock *, struct need *const *needed, size_t count);

/*
 * Brings every locked file that is not there yet into STORE, by apt, checked by its hash and unpacked; OFFLINE: it must be there. False
 * with diagnostics.
 */
bool fetch_files(struct compilation *, const struct manifest *, const struct lock *, const char *store, bool offline);

/*
 * The pool of the manifest's inputs, from STORE and the manifest's own directories, archives, image layouts and single files; LOCK may be
 * NULL when no input has packages. VENDORED: the store has been vendored, and is not written to. Uses no network and starts no process.
 * NULL with diagnostics.
 */
const struct pool *fetch_pool(struct compilation *, const struct manifest *, const struct lock *, const char *store, bool vendored);

/*
 * Puts all that the manifest's packages and archives hold into DIRECTORY, a store that a build can do with alone, from STORE, where the
 * packages must be. What is in it already stays. False with diagnostics.
 */
bool fetch_vendor(struct compilation *, const struct manifest *, const struct lock *, const char *store, const char *directory);

/*
 * The pool of all that is below DIRECTORY on the host, the root of a system, each path of which is looked at when it is first
 * asked for: whoever goes through all children of a directory sees those only that were asked for. NULL with a diagnostic.
 */
const struct pool *fetch_sysroot(struct compilation *, const char *directory);

#endif

#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>

#include "model/lock.h"
#include "model/manifest.h"
#include "model/pool.h"

struct compilation;

/* The only stage that may use the network or start a process (apt's), and that only in fetch_lock and fetch_files. */

/*
 * Asks the host's apt, unprivileged and with a state directory of its own below STORE, what the manifest's `packages` and all
 * that they depend on are today, and writes LOCK_PATH (fresh temporary, rename). False with diagnostics.
 */
bool fetch_lock(struct compilation *, const struct manifest *, const char *store, const char *lock_path);

/* Brings every locked file that is not there yet into STORE, by apt, checked by its hash and unpacked. False with diagnostics. */
bool fetch_files(struct compilation *, const struct manifest *, const struct lock *, const char *store);

/*
 * The pool of the manifest's inputs, from STORE and the manifest's own directories and archives; LOCK may be NULL when no
 * input has packages. Uses no network and starts no process. NULL with diagnostics.
 */
const struct pool *fetch_pool(struct compilation *, const struct manifest *, const struct lock *, const char *store);

/*
 * The pool of all that is below DIRECTORY on the host, the root of a system, each path of which is looked at when it is first
 * asked for: whoever goes through all children of a directory sees those only that were asked for. NULL with a diagnostic.
 */
const struct pool *fetch_sysroot(struct compilation *, const char *directory);

#endif

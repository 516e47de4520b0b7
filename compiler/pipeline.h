#ifndef PIPELINE_H
#define PIPELINE_H

#include <pthread.h>

#include "model/diff.h"
#include "model/image.h"
#include "model/layout.h"
#include "model/lock.h"
#include "rootc/rootc.h"
#include "support/compilation.h"

/* What the files that know all stages ask of one another: inputs.c, compile.c, build.c, images.c, and api.c around them. */

struct rootc_shared {
	struct memo *memo;
	pthread_mutex_t sums; /* whoever changes a list of sums has it */
};

struct rootc {
	struct compilation c;
	struct rootc_options options;
	struct plan plan; /* filled from left to right as far as the compilation has come */
	const struct lock *lock; /* what was read, or NULL */
	const struct lock *new_lock; /* what was written, or NULL */
	bool planned;
	const struct traces *traces; /* what was found for single programs, or NULL */
	const struct image *image;   /* that was read back, or NULL */
	const struct node *node;     /* that was found in it, or NULL */
	const struct diff *diff;     /* of two images, or NULL */
	const struct decompiled *decompiled; /* what an image was decompiled into, or NULL */
	const struct image *older;   /* from which growth is counted, or NULL */
	const struct sums *sums;     /* what the image is to be, or NULL */
};

/* The status of a call whose stages came out GOOD or not, and which is about to return. A stage that fails says why. */
enum rootc_status pipeline_status(struct rootc *, bool good);

/* Reads and checks the manifest at PATH, into the plan. False with diagnostics, as all below. */
bool pipeline_read(struct rootc *, const char *path);

/* PATH below the directory of the manifest, when it is relative. */
const char *pipeline_beside_manifest(struct rootc *, const char *path);

/* The path of the lock, which need not be there. */
const char *pipeline_lock_path(struct rootc *);

/* Whether all must be as the lock, which was read, tells it. */
bool pipeline_is_locked(const struct rootc *);

/* Opens what the manifest's inputs stand for. NULL with diagnostics. */
const struct pool *pipeline_open(struct rootc *);

/*
 * Finds what the image needs of POOL, into the plan, and what its initial ramdisk does, which is a small image with a manifest of its own,
 * *RAMDISK; NULL: there is none to make.
 */
bool pipeline_resolve(struct rootc *, const struct pool *pool, const struct manifest **ramdisk);

/* Whether what the image needs, which was found, is what the lock says, if all must be as it tells. */
bool pipeline_closure_is_locked(struct rootc *);

/* Decides the whole image from POOL. Writes nothing. */
bool pipeline_plan(struct rootc *, const struct pool *pool);

/*
 * Reads two images; what they differ in goes to DIFF. The sectors of their disks have so many bytes, unless their tables say it; 0: not
 * known.
 */
bool pipeline_compare(struct rootc *, const char *before, const char *after, const uint32_t sector_sizes[2]);

#endif

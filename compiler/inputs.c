/* The way of the inputs: what the manifest's stand for, from the lock and the store to the pool, and how these come to be. */

#include "pipeline.h"

#include <unistd.h>

#include "fetch/fetch.h"
#include "read/read.h"

static const char *
store_path(struct rootc *r)
{
	return r->options.vendor ? r->options.vendor : r->options.store ? r->options.store : pipeline_beside_manifest(r, ".rootc");
}

const char *
pipeline_lock_path(struct rootc *r)
{
	if (r->options.lock)
		return r->options.lock;
	return pipeline_beside_manifest(r, arena_printf(r->c.arena, "%s.lock", r->plan.manifest->name.v));
}

static bool
has_packages(const struct manifest *m)
{
	for (size_t i = 0; i < m->input_count; i++)
		if (m->inputs[i].kind == INPUT_PACKAGES)
			return true;
	return false;
}

/* Reads the lock: where the manifest has packages it must be there, else it may. */
static bool
read_lock_if_any(struct rootc *r)
{
	const char *path = pipeline_lock_path(r);
	bool must = has_packages(r->plan.manifest) || r->options.locked == ROOTC_LOCKED_YES;

	return (!must && access(path, F_OK) != 0) || (r->lock = read_lock(&r->c, path));
}

bool
pipeline_is_locked(const struct rootc *r)
{
	switch (r->options.locked) {
	case ROOTC_LOCKED_NO:
		return false;
	case ROOTC_LOCKED_IF_ALL:
		return r->lock && r->lock->format.v >= LOCK_FORMAT;
	case ROOTC_LOCKED_YES:
		break;
	}
	return true;
}

/* Reads the lock, and holds the inputs to it if they are to be. */
static bool
lock_is_good(struct rootc *r)
{
	return read_lock_if_any(r) && (!pipeline_is_locked(r) || fetch_check_lock(&r->c, r->plan.manifest, r->lock));
}

const struct pool *
pipeline_open(struct rootc *r)
{
	if (!lock_is_good(r))
		return NULL;
	return fetch_pool(&r->c, r->plan.manifest, r->lock, store_path(r), r->options.vendor);
}

/*
 * Finds what the image needs, if its inputs, as LOCK tells them, are at hand and do for that; what may be wrong with them is the business
 * of a build.
 */
static bool
resolve_if_possible(struct rootc *r, const struct lock *lock)
{
	struct diagnostics *d = &r->c.diags;
	size_t count = d->count, error_count = d->error_count;
	const struct manifest *ramdisk;
	const struct pool *pool = fetch_pool(&r->c, r->plan.manifest, lock, store_path(r), false);
	bool resolved = pool && pipeline_resolve(r, pool, &ramdisk);

	d->count = count;
	d->error_count = error_count;
	return resolved;
}

/* Adds to LOCK what of the image is there only because others need it, if that can be told. */
static void
lock_closure(struct rootc *r, struct lock *lock)
{
	struct need **needed;
	size_t count;

	if (!resolve_if_possible(r, lock))
		return;
	needed = fetch_needed(&r->c, r->plan.closure, r->plan.ramdisk, &count);
	fetch_lock_closure(&r->c, lock, needed, count);
}

/* Reads the lock that is there, if there is one, which may be broken when nothing of it is to stay. */
static bool
read_old_lock(struct rootc *r, bool may_be_broken)
{
	struct diagnostics *d = &r->c.diags;
	size_t count = d->count, error_count = d->error_count;
	const char *path = pipeline_lock_path(r);

	if (access(path, F_OK) != 0 || (r->lock = read_lock(&r->c, path)))
		return true;
	if (may_be_broken) {
		d->count = count;
		d->error_count = error_count;
	}
	return may_be_broken;
}

static bool
write_lock(struct rootc *r, struct lock *lock)
{
	lock_closure(r, lock);
	lock->path = pipeline_lock_path(r);
	r->new_lock = lock;
	return fetch_write_lock(&r->c, lock, r->lock, lock->path, r->plan.manifest->at);
}

static bool
lock(struct rootc *r, const char *manifest, const struct rootc_update *update)
{
	struct lock_wishes wishes = {.updates = update->packages, .names = update->names, .name_count = update->count,
		.offline = r->options.offline};
	struct lock *lock;

	if (!pipeline_read(r, manifest))
		return false;
	if (r->options.locked == ROOTC_LOCKED_YES)
		return lock_is_good(r) && (!resolve_if_possible(r, r->lock) || pipeline_closure_is_locked(r));
	if (!read_old_lock(r, update->packages && !update->count))
		return false;
	wishes.old = r->lock;
	return (lock = fetch_lock(&r->c, r->plan.manifest, store_path(r), &wishes)) && write_lock(r, lock);
}

enum rootc_status
rootc_lock(struct rootc *r, const char *manifest, const struct rootc_update *update)
{
	return pipeline_status(r, lock(r, manifest, update));
}

const struct lock *
rootc_locked(const struct rootc *r, const struct lock **before)
{
	*before = r->lock;
	return r->new_lock;
}

/* Writes into a lock what could not be told when it was made, before its inputs were here. */
static bool
complete_lock(struct rootc *r)
{
	struct lock *lock = ARENA_NEW(r->c.arena, struct lock);

	*lock = *r->lock;
	return pipeline_is_locked(r) || lock->format.v < LOCK_FORMAT || lock->closure.given || write_lock(r, lock);
}

static bool
fetch(struct rootc *r, const char *manifest)
{
	if (!pipeline_read(r, manifest))
		return false;
	return !has_packages(r->plan.manifest) ||
		((r->lock = read_lock(&r->c, pipeline_lock_path(r))) &&
		fetch_files(&r->c, r->plan.manifest, r->lock, store_path(r), r->options.offline) &&
		complete_lock(r));
}

enum rootc_status
rootc_fetch(struct rootc *r, const char *manifest)
{
	return pipeline_status(r, fetch(r, manifest));
}

static bool
vendor(struct rootc *r, const char *manifest, const char *directory)
{
	return pipeline_read(r, manifest) &&
		lock_is_good(r) &&
		fetch_vendor(&r->c, r->plan.manifest, r->lock, store_path(r), directory);
}

enum rootc_status
rootc_vendor(struct rootc *r, const char *manifest, const char *directory)
{
	return pipeline_status(r, vendor(r, manifest, directory));
}

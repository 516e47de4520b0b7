/* The pipeline: from a manifest to the plan of an image. Read it top to bottom to know what happens when. */

#include "pipeline.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "emit/emit.h"
#include "fetch/fetch.h"
#include "load/load.h"
#include "plan/plan.h"
#include "read/read.h"
#include "resolve/resolve.h"
#include "support/compilation.h"
#include "support/memo.h"
#include "support/memory.h"
#include "support/temporary.h"
#include "support/text.h"

struct rootc_shared *
rootc_shared_new(void)
{
	struct rootc_shared *shared = calloc(1, sizeof *shared);

	if (!shared)
		memory_exhausted();
	shared->memo = memo_new();
	pthread_mutex_init(&shared->sums, NULL);
	return shared;
}

void
rootc_shared_free(struct rootc_shared *shared)
{
	memo_free(shared->memo);
	pthread_mutex_destroy(&shared->sums);
	free(shared);
}

struct rootc *
rootc_new(const struct rootc_options *options)
{
	struct arena *arena = arena_new();
	struct rootc *r = ARENA_NEW(arena, struct rootc);

	r->c.arena = arena;
	r->c.diags.arena = arena;
	r->c.jobs = options->jobs;
	r->c.memo = options->shared ? options->shared->memo : NULL;
	r->c.progress = (struct progress){.tell = options->progress, .of = options->progress_of};
	r->options = *options;
	return r;
}

void
rootc_free(struct rootc *r)
{
	if (!r)
		return;
	directories_close(&r->c.directories);
	arena_free(r->c.arena);
}

bool
rootc_message(const struct rootc *r, size_t index, struct rootc_message *message)
{
	const struct diag *d;

	if (index >= r->c.diags.count)
		return false;
	d = r->c.diags.list[index];
	*message = (struct rootc_message){.name = diag_catalogue[d->kind].name, .file = d->at.source ? d->at.source->name : NULL,
		.line = d->at.line, .column = d->at.column, .text = d->text, .help = d->help, .is_error = diag_is_error(d)};
	return true;
}

struct diagnostics *
rootc_diagnostics(struct rootc *r)
{
	return &r->c.diags;
}

struct compilation *
rootc_compilation(struct rootc *r)
{
	return &r->c;
}

bool
rootc_allow(struct rootc *r, const char *name)
{
	for (size_t i = 0; i < DIAG_KINDS; i++)
		if (diag_catalogue[i].severity == DIAG_REFUSAL && strcmp(diag_catalogue[i].name, name) == 0)
			return r->c.diags.allowed[i] = true;
	return false;
}

const struct plan *
rootc_planned(const struct rootc *r)
{
	return r->planned ? &r->plan : NULL;
}

bool
rootc_checked_inputs(const struct rootc *r)
{
	return r->planned;
}

void
rootc_abandon(void)
{
	temporaries_abandon();
}

bool
rootc_can_be_name(struct rootc *r, const char *name)
{
	return read_can_be_name(&r->c, name);
}

void
rootc_print_schema(FILE *out)
{
	read_print_schema(out);
}

void
rootc_print_manual(FILE *out)
{
	read_print_manual(out);
}

bool
rootc_explain_key(FILE *out, const char *key)
{
	return read_explain_key(out, key);
}

const char *const *
rootc_keys(struct rootc *r, size_t *count)
{
	return read_keys(r->c.arena, count);
}

struct rootc_start
rootc_start_of(const char *path, unsigned sector_size)
{
	struct start start = load_start(path, sector_size);

	return (struct rootc_start){.sector_size = start.sector_size, .bios = start.bios, .efi_x86_64 = start.efi_x86_64, .efi_arm64 = start.efi_arm64};
}

enum rootc_status
pipeline_status(struct rootc *r, bool good)
{
	enum rootc_status status = (enum rootc_status)diagnostics_status(&r->c.diags);

	ASSERT(good == (status == ROOTC_DONE));
	progress_begin(&r->c.progress, ROOTC_OVER, NULL, 0);
	return status;
}

const char *
pipeline_beside_manifest(struct rootc *r, const char *path)
{
	return text_below(r->c.arena, r->plan.manifest->directory, path);
}

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

bool
pipeline_read(struct rootc *r, const char *manifest)
{
	progress_begin(&r->c.progress, ROOTC_READING, manifest, 0);
	return (r->plan.manifest = read_manifest(&r->c, manifest)) &&
		check_manifest(&r->c, r->plan.manifest);
}

enum rootc_status
rootc_targets(struct rootc *r, const char *const *operands, size_t operand_count, const char *const **targets, size_t *count)
{
	*targets = read_targets(&r->c, operands, operand_count, count);
	return pipeline_status(r, *targets);
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

static bool
is_locked(const struct rootc *r)
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
	return read_lock_if_any(r) && (!is_locked(r) || fetch_check_lock(&r->c, r->plan.manifest, r->lock));
}

const struct pool *
pipeline_open(struct rootc *r)
{
	if (!lock_is_good(r))
		return NULL;
	return fetch_pool(&r->c, r->plan.manifest, r->lock, store_path(r), r->options.vendor);
}

/* What the initial ramdisk needs: it is a small image of its own, with a manifest of its own, *RAMDISK; NULL: there is none to make. */
static bool
resolve_ramdisk(struct rootc *r, const struct pool *pool, const struct manifest **ramdisk)
{
	const struct m_initramfs *wanted = &r->plan.manifest->kernel.initramfs;

	*ramdisk = NULL;
	if (!wanted->given || wanted->file.given || wanted->mount.given)
		return true;
	*ramdisk = plan_initramfs(&r->c, r->plan.manifest, resolve_kernel_release(r->plan.closure));
	return (r->plan.ramdisk = resolve_closure(&r->c, *ramdisk, pool));
}

static bool
resolve(struct rootc *r, const struct pool *pool, const struct manifest **ramdisk)
{
	progress_begin(&r->c.progress, ROOTC_RESOLVING, NULL, 0);
	return (r->plan.closure = resolve_closure(&r->c, r->plan.manifest, pool)) && resolve_ramdisk(r, pool, ramdisk);
}

static bool
closure_is_locked(struct rootc *r)
{
	struct need **needed;
	size_t count;

	if (!is_locked(r) || !r->lock->closure.given)
		return true;
	needed = fetch_needed(&r->c, r->plan.closure, r->plan.ramdisk, &count);
	return fetch_check_closure(&r->c, r->plan.manifest, r->lock, needed, count);
}

/* What is in an initial ramdisk that is the root directory: the image, without what only starts it. */
static const struct tree *
plan_root_ramdisk(struct rootc *r)
{
	struct manifest *m = ARENA_NEW(r->c.arena, struct manifest);
	const struct tree *tree;

	*m = *r->plan.manifest;
	m->grub.given = m->kernel.unified.v = false;
	tree = plan_tree(&r->c, m, r->plan.closure, NULL, &(struct composed){0});
	return tree && plan_fits_initramfs(&r->c, tree) ? tree : NULL;
}

/* The initial ramdisk, by its own manifest or as the root directory, becomes a file of the image. */
static bool
plan_ramdisk(struct rootc *r, const struct manifest *ramdisk, const struct content **initramfs)
{
	const struct tree *tree;

	*initramfs = r->plan.closure->initramfs;
	if (r->plan.manifest->kernel.initramfs.mount.given)
		tree = plan_root_ramdisk(r);
	else if (ramdisk)
		tree = plan_tree(&r->c, ramdisk, r->plan.ramdisk, NULL, &(struct composed){0});
	else
		return true;
	return tree && (*initramfs = emit_initramfs(&r->c, r->plan.manifest, tree));
}

/* The kernel, and what comes with it, as one EFI program. */
static bool
plan_unified_image(struct rootc *r, struct composed *composed)
{
	struct unified parts;

	progress_begin(&r->c.progress, ROOTC_PLANNING, NULL, 0);
	if (!plan_unified(&r->c, r->plan.manifest, r->plan.closure, composed->initramfs, &parts))
		return false;
	return !parts.stub || (composed->unified = emit_unified(&r->c, &parts));
}

/* Whether what was planned will start, as far as that can be told. */
static bool
will_start(struct rootc *r, const struct composed *composed)
{
	const struct startup *startup = resolve_startup(&r->c, r->plan.manifest, r->plan.tree);
	const struct machine machine = {.memory_bytes = r->options.memory_bytes, .disk = r->options.disk,
		.on_serial_port = r->options.on_serial_port};

	r->plan.initramfs = composed->initramfs;
	return startup && plan_startup(&r->c, &r->plan, startup, &machine);
}

bool
pipeline_plan(struct rootc *r, const struct pool *pool)
{
	struct compilation *c = &r->c;
	struct plan *p = &r->plan;
	struct composed composed = {0};
	const struct manifest *ramdisk;

	r->planned = resolve(r, pool, &ramdisk) &&
		closure_is_locked(r) &&
		plan_ramdisk(r, ramdisk, &composed.initramfs) &&
		plan_unified_image(r, &composed) &&
		(p->boot = plan_boot(c, p->manifest, p->closure)) &&
		(p->tree = plan_tree(c, p->manifest, p->closure, p->boot, &composed)) &&
		(p->layout = plan_layout(c, p->manifest, p->closure, p->boot, p->tree)) &&
		will_start(r, &composed) &&
		plan_budget(c, p, r->older);
	return r->planned;
}

/* Finds what can be found wrong without the pool: the manifest's own paths and the bounds of the disk. */
static bool
plan_without_inputs(struct rootc *r)
{
	struct compilation *c = &r->c;
	struct manifest *alone = ARENA_NEW(c->arena, struct manifest);
	struct closure *nothing = ARENA_NEW(c->arena, struct closure);
	const struct boot *boot;
	const struct tree *tree;

	*alone = *r->plan.manifest;
	alone->grub.given = false;
	nothing->sources = ARENA_ARRAY(c->arena, const struct content *, alone->file_count);
	nothing->raws = ARENA_ARRAY(c->arena, const struct content *, alone->partition_count);
	nothing->source_entries = ARENA_ARRAY(c->arena, const struct entry *, alone->file_count);
	nothing->data = ARENA_ARRAY(c->arena, const struct content_data *, alone->file_count);
	return (boot = plan_boot(c, alone, nothing)) &&
		(tree = plan_tree(c, alone, nothing, boot, &(struct composed){0})) &&
		plan_layout(c, alone, nothing, boot, tree);
}

/* Whether all errors since BEFORE say only that inputs have not been locked or fetched yet; they are then forgotten. */
static bool
inputs_are_absent(struct rootc *r, size_t before)
{
	struct diagnostics *d = &r->c.diags;

	for (size_t i = before; i < d->count; i++)
		if ((d->list[i]->kind != DIAG_LOCK_MISSING || r->options.locked == ROOTC_LOCKED_YES) && d->list[i]->kind != DIAG_NOT_FETCHED)
			return false;
	d->error_count -= d->count - before;
	d->count = before;
	return true;
}

static bool
check(struct rootc *r, const char *manifest)
{
	const struct pool *pool;
	size_t before;

	if (!pipeline_read(r, manifest))
		return false;
	before = r->c.diags.count;
	if ((pool = pipeline_open(r)))
		return pipeline_plan(r, pool);
	return inputs_are_absent(r, before) && plan_without_inputs(r);
}

enum rootc_status
rootc_check(struct rootc *r, const char *manifest)
{
	return pipeline_status(r, check(r, manifest));
}

/*
 * Adds to LOCK what of the image is there only because others need it, if its inputs are at hand and do for that; what may be wrong
 * with them is the business of a build.
 */
static void
lock_closure(struct rootc *r, struct lock *lock)
{
	struct diagnostics *d = &r->c.diags;
	size_t count = d->count, error_count = d->error_count, needed_count;
	const struct manifest *ramdisk;
	const struct pool *pool = fetch_pool(&r->c, r->plan.manifest, lock, store_path(r), false);
	struct need **needed;

	if (pool && resolve(r, pool, &ramdisk)) {
		needed = fetch_needed(&r->c, r->plan.closure, r->plan.ramdisk, &needed_count);
		fetch_lock_closure(&r->c, lock, needed, needed_count);
	}
	d->count = count;
	d->error_count = error_count;
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
		return read_lock_if_any(r) && fetch_check_lock(&r->c, r->plan.manifest, r->lock);
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
	return is_locked(r) || lock->format.v < LOCK_FORMAT || lock->closure.given || write_lock(r, lock);
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

static bool
plan(struct rootc *r, const char *manifest)
{
	const struct pool *pool;

	return pipeline_read(r, manifest) && (pool = pipeline_open(r)) && pipeline_plan(r, pool);
}

enum rootc_status
rootc_plan(struct rootc *r, const char *manifest)
{
	return pipeline_status(r, plan(r, manifest));
}

const struct traces *
rootc_traced(const struct rootc *r)
{
	return r->traces;
}

static enum rootc_status
closure(struct rootc *r, const struct pool *pool, const struct trace_options *options, const char *const *paths, size_t count)
{
	enum rootc_status status;

	progress_begin(&r->c.progress, ROOTC_RESOLVING, NULL, 0);
	if (pool)
		r->traces = resolve_traces(&r->c, pool, options, paths, count);
	status = pipeline_status(r, r->c.diags.error_count == 0);
	return status == ROOTC_DONE && r->traces->missing_count > 0 ? ROOTC_NO : status;
}

const char *const *
rootc_dlopen_priorities(void)
{
	return dlopen_names;
}

const char *const *
rootc_cpu_levels(void)
{
	return hwcaps_names;
}

enum rootc_status
rootc_closure(struct rootc *r, const char *root, const struct rootc_closure_options *options, const char *const *paths, size_t count)
{
	const struct trace_options trace = {
		.opens = options->dlopen,
		.least = options->dlopen ? (enum dlopen_priority)text_index(dlopen_names, options->dlopen) : DLOPEN_REQUIRED,
		.cpu = options->cpu ? (enum hwcaps)text_index(hwcaps_names, options->cpu) : HWCAPS_NONE,
		.verifies = options->checks,
	};

	return closure(r, fetch_sysroot(&r->c, root), &trace, paths, count);
}

enum rootc_status
rootc_closure_planned(struct rootc *r, const char *path)
{
	const struct m_libraries *libraries = &r->plan.manifest->libraries;
	const struct trace_options trace = {.opens = true, .least = (enum dlopen_priority)libraries->dlopen.v,
		.cpu = (enum hwcaps)libraries->cpu.v};

	return closure(r, tree_pool(&r->c, r->plan.tree), &trace, &path, 1);
}

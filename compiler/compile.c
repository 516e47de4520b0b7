/* The pipeline: from a manifest to the plan of an image. Read it top to bottom to know what happens when. */

#include "pipeline.h"

#include "check/check.h"
#include "emit/emit.h"
#include "fetch/fetch.h"
#include "plan/plan.h"
#include "read/read.h"
#include "resolve/resolve.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

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

/* What the initial ramdisk needs: it is a small image of its own, with a manifest of its own, *RAMDISK; NULL: there is none to make. */
static bool
resolve_ramdisk(struct rootc *r, const struct pool *pool, const struct manifest **ramdisk)
{
	const struct m_initramfs *wanted = &r->plan.manifest->kernel.initramfs;

	*ramdisk = NULL;
	if (!wanted->given || wanted->file.given || wanted->mount.given)
		return true;
	*ramdisk = plan_initramfs(&r->c, r->plan.manifest, &r->plan.closure->kernel);
	return (r->plan.ramdisk = resolve_closure(&r->c, *ramdisk, pool));
}

bool
pipeline_resolve(struct rootc *r, const struct pool *pool, const struct manifest **ramdisk)
{
	progress_begin(&r->c.progress, ROOTC_RESOLVING, NULL, 0);
	return (r->plan.closure = resolve_closure(&r->c, r->plan.manifest, pool)) && resolve_ramdisk(r, pool, ramdisk);
}

bool
pipeline_closure_is_locked(struct rootc *r)
{
	struct need **needed;
	size_t count;

	if (!pipeline_is_locked(r) || !r->lock->closure.given)
		return true;
	needed = fetch_needed(&r->c, r->plan.closure, r->plan.ramdisk, &count);
	return fetch_check_closure(&r->c, r->plan.manifest, r->lock, needed, count);
}

/* What is in an initial ramdisk that is the root directory: the image, without what only starts it. */
static const struct tree *
plan_root_ramdisk(struct rootc *r)
{
	struct manifest *m = ARENA_NEW(r->c.arena, struct manifest);

	*m = *r->plan.manifest;
	m->grub.given = m->kernel.unified.v = false;
	return plan_tree(&r->c, m, r->plan.closure, NULL, &(struct composed){0});
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
		tree = r->plan.ramdisk_tree = plan_tree(&r->c, ramdisk, r->plan.ramdisk, NULL, &(struct composed){0});
	else
		return true;
	return tree && plan_fits_initramfs(&r->c, r->plan.manifest, tree) && (*initramfs = emit_initramfs(&r->c, r->plan.manifest, tree));
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
	const struct startup *startup = resolve_startup(&r->c, r->plan.manifest, r->plan.tree, r->plan.ramdisk_tree);
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

	r->planned = pipeline_resolve(r, pool, &ramdisk) &&
		pipeline_closure_is_locked(r) &&
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

/* The pipeline: the one file that knows all stages. Read it top to bottom to know what happens when. */

#include "rootc/rootc.h"

#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "compare/compare.h"
#include "emit/emit.h"
#include "fetch/fetch.h"
#include "load/load.h"
#include "plan/plan.h"
#include "read/read.h"
#include "resolve/resolve.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* An image above this is not read again for its digest unless asked. */
#define DIGEST_UNASKED_BYTES (64ull << 20)

struct rootc {
	struct compilation c;
	struct rootc_options options;
	struct plan plan; /* filled from left to right as far as the compilation has come */
	bool planned;
	const struct traces *traces; /* what was found for single programs, or NULL */
	const struct image *image;   /* that was read back, or NULL */
	const struct node *node;     /* that was found in it, or NULL */
	const struct diff *diff;     /* of two images, or NULL */
	const struct image *older;   /* from which growth is counted, or NULL */
	const struct sums *sums;     /* what the image is to be, or NULL */
};

struct rootc *
rootc_new(const struct rootc_options *options)
{
	struct arena *arena = arena_new();
	struct rootc *r = ARENA_NEW(arena, struct rootc);

	r->c.arena = arena;
	r->c.diags.arena = arena;
	r->c.jobs = options->jobs;
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
	emit_abandon();
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
rootc_start_of(const char *path)
{
	struct start start = load_start(path);

	return (struct rootc_start){.bios = start.bios, .efi_x86_64 = start.efi_x86_64, .efi_arm64 = start.efi_arm64};
}

/* The status of a call whose stages came out GOOD or not. A stage that fails says why. */
static enum rootc_status
status_of(const struct rootc *r, bool good)
{
	enum rootc_status status = (enum rootc_status)diagnostics_status(&r->c.diags);

	ASSERT(good == (status == ROOTC_DONE));
	return status;
}

/* PATH below the directory of the manifest, when it is relative. */
static const char *
beside_manifest(struct rootc *r, const char *path)
{
	return text_below(r->c.arena, r->plan.manifest->directory, path);
}

static const char *
store_path(struct rootc *r)
{
	return r->options.store ? r->options.store : beside_manifest(r, ".rootc");
}

static const char *
lock_path(struct rootc *r)
{
	if (r->options.lock)
		return r->options.lock;
	return beside_manifest(r, arena_printf(r->c.arena, "%s.lock", r->plan.manifest->name.v));
}

/* Adds PATH, if it is given, which is relative to the manifest in which it stands. */
static void
add_named(struct rootc *r, struct emit_input **list, size_t *count, const struct m_text *path)
{
	const char *directory = manifest_directory(r->c.arena, r->plan.manifest, &path->at);

	if (path->v)
		*ARENA_PUSH(r->c.arena, *list, *count) = (struct emit_input){text_below(r->c.arena, directory, path->v), path->at};
}

/* A source without a '/' in front is a file on the host. */
static void
add_source(struct rootc *r, struct emit_input **list, size_t *count, const struct m_text *source)
{
	if (source->v && source->v[0] != '/')
		add_named(r, list, count, source);
}

/* The files and directories on the host that the manifest names, itself and its lock included. */
static struct emit_input *
named_on_host(struct rootc *r, size_t *count)
{
	const struct manifest *m = r->plan.manifest;
	struct emit_input *list = NULL;

	*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){m->path, m->at};
	*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){lock_path(r), m->at};
	if (r->sums)
		*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){r->sums->path, source_whole(r->sums->source)};
	for (size_t i = 0; i < m->base_count; i++)
		*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){m->bases[i].v, m->bases[i].at};
	for (size_t i = 0; i < m->input_count; i++) {
		add_named(r, &list, count, &m->inputs[i].directory);
		add_named(r, &list, count, &m->inputs[i].archive);
	}
	add_source(r, &list, count, &m->kernel.initramfs.file);
	add_source(r, &list, count, &m->kernel.initramfs.init);
	for (size_t i = 0; i < m->partition_count; i++)
		add_source(r, &list, count, &m->partitions[i].raw);
	for (size_t i = 0; i < m->file_count; i++)
		add_source(r, &list, count, &m->files[i].source);
	return list;
}

/* Where an image goes that is not the golden one. */
static const char *
apart_from(struct rootc *r, const char *output)
{
	return arena_printf(r->c.arena, "%s.new", output);
}

static bool
can_write(struct rootc *r, const char *output)
{
	size_t count = 0;
	const struct emit_input *inputs = named_on_host(r, &count);

	return emit_can_write(&r->c, output) && emit_is_apart(&r->c, output, inputs, count) &&
		(!r->options.depfile || emit_is_apart(&r->c, r->options.depfile, inputs, count)) &&
		(!r->sums || emit_is_apart(&r->c, apart_from(r, output), inputs, count));
}

static bool
read_and_check(struct rootc *r, const char *manifest)
{
	return (r->plan.manifest = read_manifest(&r->c, manifest)) &&
		check_manifest(&r->c, r->plan.manifest);
}

static bool
has_packages(const struct manifest *m)
{
	for (size_t i = 0; i < m->input_count; i++)
		if (m->inputs[i].kind == INPUT_PACKAGES)
			return true;
	return false;
}

static const struct pool *
open_inputs(struct rootc *r)
{
	const struct lock *lock = NULL;

	if (has_packages(r->plan.manifest) && !(lock = read_lock(&r->c, lock_path(r))))
		return NULL;
	return fetch_pool(&r->c, r->plan.manifest, lock, store_path(r));
}

/* The initial ramdisk is a small image of its own, with a manifest of its own, and then a file of the large one. */
static bool
plan_ramdisk(struct rootc *r, const struct pool *pool, const struct content **initramfs)
{
	struct compilation *c = &r->c;
	const struct m_initramfs *wanted = &r->plan.manifest->kernel.initramfs;
	const struct manifest *m;
	const struct closure *closure;
	const struct tree *tree;

	*initramfs = r->plan.closure->initramfs;
	if (!wanted->given || wanted->file.given)
		return true;
	m = plan_initramfs(c, r->plan.manifest, resolve_kernel_release(r->plan.closure));
	r->plan.ramdisk = closure = resolve_closure(c, m, pool);
	return closure && (tree = plan_tree(c, m, closure, NULL, &(struct composed){0})) &&
		(*initramfs = emit_initramfs(c, r->plan.manifest, tree));
}

/* The kernel, and what comes with it, as one EFI program. */
static bool
plan_unified_image(struct rootc *r, struct composed *composed)
{
	struct unified parts;

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

/* Decides the whole image from the pool. Writes nothing. */
static bool
plan_image(struct rootc *r, const struct pool *pool)
{
	struct compilation *c = &r->c;
	struct plan *p = &r->plan;
	struct composed composed = {0};

	r->planned = (p->closure = resolve_closure(c, p->manifest, pool)) &&
		plan_ramdisk(r, pool, &composed.initramfs) &&
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
inputs_are_absent(struct diagnostics *d, size_t before)
{
	for (size_t i = before; i < d->count; i++)
		if (d->list[i]->kind != DIAG_LOCK_MISSING && d->list[i]->kind != DIAG_NOT_FETCHED)
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

	if (!read_and_check(r, manifest))
		return false;
	before = r->c.diags.count;
	if ((pool = open_inputs(r)))
		return plan_image(r, pool);
	return inputs_are_absent(&r->c.diags, before) && plan_without_inputs(r);
}

enum rootc_status
rootc_check(struct rootc *r, const char *manifest)
{
	return status_of(r, check(r, manifest));
}

enum rootc_status
rootc_lock(struct rootc *r, const char *manifest)
{
	return status_of(r, read_and_check(r, manifest) &&
		fetch_lock(&r->c, r->plan.manifest, store_path(r), lock_path(r)));
}

static bool
fetch(struct rootc *r, const char *manifest)
{
	const struct lock *lock;

	if (!read_and_check(r, manifest))
		return false;
	return !has_packages(r->plan.manifest) ||
		((lock = read_lock(&r->c, lock_path(r))) && fetch_files(&r->c, r->plan.manifest, lock, store_path(r)));
}

enum rootc_status
rootc_fetch(struct rootc *r, const char *manifest)
{
	return status_of(r, fetch(r, manifest));
}

static bool
plan(struct rootc *r, const char *manifest)
{
	const struct pool *pool;

	return read_and_check(r, manifest) && (pool = open_inputs(r)) && plan_image(r, pool);
}

enum rootc_status
rootc_plan(struct rootc *r, const char *manifest)
{
	return status_of(r, plan(r, manifest));
}

static bool
wants_digest(const struct rootc *r)
{
	switch (r->options.digest) {
	case ROOTC_DIGEST_AUTO:
		return r->plan.layout->disk_bytes <= DIGEST_UNASKED_BYTES;
	case ROOTC_DIGEST_ALWAYS:
		return true;
	case ROOTC_DIGEST_NEVER:
		break;
	}
	return false;
}

static struct rootc_built
built_of(const char *output, const struct emit_vouched *vouched)
{
	struct rootc_built built = {.path = output, .bytes = vouched->bytes};

	if (vouched->has_digest)
		digest_format(&vouched->digest, built.sha256);
	return built;
}

static bool
write_depfile(struct rootc *r, const char *output, const struct emit_vouched *vouched)
{
	const char *depfile = r->options.depfile;

	return !r->options.lists ||
		emit_depfile(&r->c, depfile ? depfile : arena_printf(r->c.arena, "%s.d", output), output, vouched, r->options.phony);
}

/* All that is asked for, but for the output's path, and could make other bytes or say other things of them. */
static const char *
words_of(struct rootc *r, const char *manifest)
{
	const struct rootc_options *o = &r->options;
	struct arena *a = r->c.arena;
	const char *words = arena_printf(a, "%s\n%s\n%s\n%d %llu %s", text_escape(a, manifest), o->lock ? text_escape(a, o->lock) : "",
		o->store ? text_escape(a, o->store) : "", (int)o->digest, o->memory_bytes, o->disk ? o->disk : "");

	for (size_t i = 0; i < DIAG_KINDS; i++)
		if (r->c.diags.allowed[i])
			words = arena_printf(a, "%s %s", words, diag_catalogue[i].name);
	return words;
}

/*
 * Whether a stamp can be used. With a base there is more to leave than the image, with a list of sums more to say, and standard input
 * is not there a second time.
 */
static bool
uses_stamps(const struct rootc *r, const char *manifest)
{
	return !r->options.base && !r->options.golden && strcmp(manifest, "-") != 0;
}

/* Whether the image at OUTPUT needs no building. */
static bool
is_current(struct rootc *r, const char *manifest, const char *output, struct emit_vouched *vouched)
{
	return uses_stamps(r, manifest) && !r->options.rebuilds && emit_is_current(&r->c, output, words_of(r, manifest), vouched) &&
		(vouched->read_count || !r->options.lists);
}

/* What the two images differ in goes to r->diff. */
static bool
diff(struct rootc *r, const char *before, const char *after)
{
	const struct image *a = load_image(&r->c, before), *b = load_image(&r->c, after);

	return a && b && (r->diff = compare_images(&r->c, a, b));
}

/* The image that the list of sums tells, if it is at hand, else NULL. */
static const char *
golden_image(struct rootc *r, const char *output)
{
	const char *const candidates[] = {output, r->options.base};

	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
		if (candidates[i] && emit_has_digest(&r->c, candidates[i], &r->sums->digest))
			return candidates[i];
	return NULL;
}

/* Tells that the image at BUILT->path is not the golden one, whose place would have been OUTPUT, and in what they differ. */
static bool
report_mismatch(struct rootc *r, const char *output, struct rootc_built *built)
{
	const char *golden = golden_image(r, output);
	struct diag *d = diag(&r->c.diags, DIAG_GOLDEN_MISMATCH, r->sums->at, "'%s' would be another image than the golden one", output);

	diag_label(d, "the sum of what was built is %s", built->sha256);
	diag_note(d, (struct span){0}, "what was built is '%s'; nothing was put at '%s'", built->path, output);
	if (!golden)
		diag_note(d, (struct span){0}, "to be told in what they differ, have the golden image at '%s', or name it as --base", output);
	diag_help(d, "when the change is meant, build with --update-golden, and commit '%s'", r->sums->path);
	built->golden = ROOTC_GOLDEN_DIFFERS;
	if (golden)
		diff(r, golden, built->path);
	return false;
}

static bool
update_sums(struct rootc *r, const struct digest *digest, struct rootc_built *built)
{
	bool same = r->sums->at.line && digest_equal(&r->sums->digest, digest);

	built->golden = same ? ROOTC_GOLDEN_SAME : r->sums->at.line ? ROOTC_GOLDEN_UPDATED : ROOTC_GOLDEN_ADDED;
	return same || emit_sums(&r->c, r->sums, digest);
}

static bool
emit(struct rootc *r, const char *manifest, const char *output, const struct pool *pool, struct rootc_built *built)
{
	struct emit_base base = {.path = r->options.base};
	struct emit_sum sum = {.wanted = r->sums && !r->options.updates_golden ? &r->sums->digest : NULL, .apart = apart_from(r, output)};
	struct emit_vouched vouched = {.bytes = r->plan.layout->disk_bytes, .has_digest = r->sums || wants_digest(r)};
	bool unchanged;

	if (!emit_image(&r->c, &r->plan, output, base.path ? &base : NULL, vouched.has_digest ? &sum : NULL, &unchanged))
		return false;
	vouched.digest = sum.is;
	*built = built_of(sum.differs ? sum.apart : output, &vouched);
	built->unchanged = unchanged;
	built->kept = base.kept_bytes;
	built->kept_none = base.why_none;
	if (sum.differs)
		return report_mismatch(r, output, built);
	if (r->options.lists)
		emit_list_read(&r->c, &r->plan, &vouched);
	if (!write_depfile(r, output, &vouched))
		return false;
	if (uses_stamps(r, manifest))
		emit_stamp(&r->c, output, words_of(r, manifest), pool, &vouched);
	return !r->sums || update_sums(r, &sum.is, built);
}

/* What the list of sums says of OUTPUT, if there is to be such a list. */
static bool
read_golden(struct rootc *r, const char *output)
{
	const char *slash = strrchr(output, '/');

	return !r->options.golden ||
		(r->sums = read_sums(&r->c, r->options.golden, slash ? slash + 1 : output, r->options.updates_golden));
}

/* What an image is called when nobody says so and the target is called like its manifest, which is not read for this. */
static const char *
likely_output(struct rootc *r, const char *manifest)
{
	const char *slash = strrchr(manifest, '/'), *name = slash ? slash + 1 : manifest, *dot = strrchr(name, '.');

	return arena_printf(r->c.arena, "%.*s.img", (int)(dot ? (size_t)(dot - name) : strlen(name)), name);
}

/* The image from which growth is counted: of those at hand the one that is best known. */
static bool
load_older(struct rootc *r, const char *output)
{
	const struct m_size *growth = &r->plan.manifest->budget.growth;
	bool listed = r->sums && r->sums->at.line;
	const char *path;

	if (!growth->given)
		return true;
	path = listed ? golden_image(r, output) : r->options.base ? r->options.base : output;
	if (path && access(path, F_OK) == 0)
		return (r->older = load_image(&r->c, path));
	diag_help(diag(&r->c.diags, DIAG_BUDGET_UNCHECKED, growth->at, "growth is not checked: there is no %s image at '%s'",
		listed ? "golden" : "older", path ? path : output), "name it as --base, or have it where the output goes");
	return true;
}

static bool
build(struct rootc *r, const char *manifest, const char *output, struct rootc_built *built)
{
	const char *likely = output ? output : likely_output(r, manifest);
	struct emit_vouched vouched;
	const struct pool *pool;
	bool current = is_current(r, manifest, likely, &vouched);

	if (!current) {
		if (!read_and_check(r, manifest))
			return false;
		if (!output)
			output = arena_printf(r->c.arena, "%s.img", r->plan.manifest->name.v);
		current = strcmp(output, likely) != 0 && is_current(r, manifest, likely = output, &vouched);
	}
	if (current) {
		*built = built_of(likely, &vouched);
		built->current = true;
		return write_depfile(r, likely, &vouched);
	}
	return read_golden(r, output) &&
		can_write(r, output) &&
		load_older(r, output) &&
		(pool = open_inputs(r)) &&
		plan_image(r, pool) &&
		emit(r, manifest, output, pool, built);
}

enum rootc_status
rootc_build(struct rootc *r, const char *manifest, const char *output, struct rootc_built *built)
{
	return status_of(r, build(r, manifest, output, built));
}

const struct traces *
rootc_traced(const struct rootc *r)
{
	return r->traces;
}

static enum rootc_status
closure(struct rootc *r, const struct pool *pool, const struct trace_options *options, const char *const *paths, size_t count)
{
	if (pool)
		r->traces = resolve_traces(&r->c, pool, options, paths, count);
	if (r->c.diags.error_count == 0 && r->traces->missing_count > 0)
		return ROOTC_NO;
	return status_of(r, r->c.diags.error_count == 0);
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

enum rootc_status
rootc_load(struct rootc *r, const char *path)
{
	return status_of(r, (r->image = load_image(&r->c, path)));
}

const struct image *
rootc_loaded(const struct rootc *r)
{
	return r->image;
}

static bool
find(struct rootc *r, const char *image, const char *partition, const char *path)
{
	return (r->image = load_image(&r->c, image)) && (r->node = image_find(&r->c, r->image, partition, path));
}

enum rootc_status
rootc_find(struct rootc *r, const char *image, const char *partition, const char *path)
{
	return status_of(r, find(r, image, partition, path));
}

const struct node *
rootc_found(const struct rootc *r)
{
	return r->node;
}

const struct content *
rootc_content(struct rootc *r)
{
	return image_content(&r->c, r->image, r->node);
}

enum rootc_status
rootc_copy(struct rootc *r, const char *to)
{
	const struct content *content = rootc_content(r);

	return status_of(r, content && emit_file(&r->c, content, to));
}

enum rootc_status
rootc_diff(struct rootc *r, const char *before, const char *after)
{
	enum rootc_status status = status_of(r, diff(r, before, after));

	if (status != ROOTC_DONE)
		return status;
	return r->diff->byte_count || r->diff->before->size != r->diff->after->size ? ROOTC_NO : ROOTC_DONE;
}

const struct diff *
rootc_compared(const struct rootc *r)
{
	return r->diff;
}

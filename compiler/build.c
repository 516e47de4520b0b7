/* Builds: what is written besides the image or instead of it, and whether there is anything to do at all. */

#include "pipeline.h"

#include <string.h>
#include <unistd.h>

#include "emit/emit.h"
#include "load/load.h"
#include "model/apt_source.h"
#include "read/read.h"
#include "support/memory.h"
#include "support/text.h"

/* An image above this is not read again for its digest unless asked. */
#define DIGEST_UNASKED_BYTES (64ull << 20)

/* Adds PATH, if it is given, which is relative to the manifest in which it stands. */
static void
add_named(struct rootc *r, struct emit_input **list, size_t *count, const struct m_text *path)
{
	const char *directory = manifest_directory(r->c.arena, r->plan.manifest, &path->at);

	if (path->v)
		*ARENA_PUSH(r->c.arena, *list, *count) = (struct emit_input){text_below(r->c.arena, directory, path->v), path->at};
}

/* Adds what LINE, one of `sources`, names on the host with WORDS, if they are there. */
static void
add_words(struct rootc *r, struct emit_input **list, size_t *count, const struct m_text *line, const struct apt_words *words)
{
	if (words->length > 0)
		add_named(r, list, count, &(struct m_text){.at = line->at, .v = arena_strndup(r->c.arena, words->at, words->length)});
}

/* Adds what LINE, one of `sources`, names on the host. */
static void
add_source(struct rootc *r, struct emit_input **list, size_t *count, const struct m_text *line)
{
	struct apt_source source;
	struct apt_source_fault fault;

	if (!apt_source_parse(line->v, &source, &fault))
		BUG("a source that read/ has not checked");
	add_words(r, list, count, line, &source.directory);
	if (!apt_source_is_fingerprint(&source.signed_by))
		add_words(r, list, count, line, &source.signed_by);
}

/* The files and directories on the host that the manifest names, itself and its lock included. */
static struct emit_input *
named_on_host(struct rootc *r, size_t *count)
{
	const struct manifest *m = r->plan.manifest;
	struct emit_input *list = NULL;
	size_t source_count;
	const struct m_text **sources = manifest_host_sources(r->c.arena, m, &source_count);

	*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){m->path, m->at};
	*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){pipeline_lock_path(r), m->at};
	if (r->sums)
		*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){r->sums->path, source_whole(r->sums->source)};
	for (size_t i = 0; i < m->base_count; i++)
		*ARENA_PUSH(r->c.arena, list, *count) = (struct emit_input){m->bases[i].v, m->bases[i].at};
	for (size_t i = 0; i < m->input_count; i++) {
		for (size_t k = 0; k < m->inputs[i].sources.count; k++)
			add_source(r, &list, count, &m->inputs[i].sources.v[k]);
		add_named(r, &list, count, &m->inputs[i].directory);
		add_named(r, &list, count, &m->inputs[i].archive);
		add_named(r, &list, count, &m->inputs[i].oci);
		add_named(r, &list, count, &m->inputs[i].file);
	}
	for (size_t i = 0; i < source_count; i++)
		add_named(r, &list, count, sources[i]);
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
	static const struct emit_role image = {"output", "-o"}, depfile = {"depfile", "-MF"};
	size_t count = 0;
	const struct emit_input *inputs = named_on_host(r, &count);

	return emit_can_write(&r->c, output) && emit_is_apart(&r->c, output, &image, inputs, count) &&
		(!r->options.depfile || emit_is_apart(&r->c, r->options.depfile, &depfile, inputs, count)) &&
		(!r->sums || emit_is_apart(&r->c, apart_from(r, output), &image, inputs, count));
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
	struct rootc_built built = {.path = output, .bytes = vouched->bytes, .sector_size = vouched->sector_size};

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
	const char *words = arena_printf(a, "%s\n%s\n%s\n%s\n%d %d %d %llu %s", text_escape(a, manifest), o->lock ? text_escape(a, o->lock) : "",
		o->store ? text_escape(a, o->store) : "", o->vendor ? text_escape(a, o->vendor) : "", (int)o->locked, (int)o->digest, (int)o->on_serial_port, o->memory_bytes,
		o->disk ? o->disk : "");

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
	if (!uses_stamps(r, manifest) || r->options.rebuilds)
		return false;
	progress_begin(&r->c.progress, ROOTC_CHECKING, output, 0);
	return emit_is_current(&r->c, output, words_of(r, manifest), vouched) && (vouched->read_count || !r->options.lists);
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
		pipeline_compare(r, golden, built->path, (const uint32_t[]){built->sector_size, built->sector_size});
	return false;
}

/* What the list of sums says of OUTPUT, if there is to be such a list. */
static bool
read_golden(struct rootc *r, const char *output)
{
	const char *slash = strrchr(output, '/');

	return !r->options.golden ||
		(r->sums = read_sums(&r->c, r->options.golden, slash ? slash + 1 : output, r->options.updates_golden));
}

static bool
update_line(struct rootc *r, const char *output, const struct digest *digest, struct rootc_built *built)
{
	bool same;

	/* Another compilation may have changed the list since it was read. */
	if (!read_golden(r, output))
		return false;
	same = r->sums->at.line && digest_equal(&r->sums->digest, digest);
	built->golden = same ? ROOTC_GOLDEN_SAME : r->sums->at.line ? ROOTC_GOLDEN_UPDATED : ROOTC_GOLDEN_ADDED;
	return same || emit_sums(&r->c, r->sums, digest);
}

static bool
update_sums(struct rootc *r, const char *output, const struct digest *digest, struct rootc_built *built)
{
	struct rootc_shared *shared = r->options.shared;
	bool good;

	if (!r->options.updates_golden) {
		built->golden = ROOTC_GOLDEN_SAME;
		return true;
	}
	if (shared)
		pthread_mutex_lock(&shared->sums);
	good = update_line(r, output, digest, built);
	if (shared)
		pthread_mutex_unlock(&shared->sums);
	return good;
}

static bool
emit(struct rootc *r, const char *manifest, const char *output, const struct pool *pool, struct rootc_built *built)
{
	struct emit_base base = {.path = r->options.base};
	struct emit_sum sum = {.wanted = r->sums && !r->options.updates_golden ? &r->sums->digest : NULL, .apart = apart_from(r, output)};
	struct emit_vouched vouched = {.bytes = r->plan.layout->disk_bytes, .sector_size = r->plan.layout->sector_size,
		.has_digest = r->sums || wants_digest(r)};
	struct emit_written written;

	if (!emit_image(&r->c, &r->plan, output, base.path ? &base : NULL, vouched.has_digest ? &sum : NULL, &written))
		return false;
	vouched.digest = sum.is;
	vouched.device = written.device;
	vouched.inode = written.inode;
	*built = built_of(sum.differs ? sum.apart : output, &vouched);
	built->unchanged = written.unchanged;
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
	return !r->sums || update_sums(r, output, &sum.is, built);
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
		return (r->older = load_image(&r->c, path, (uint32_t)r->plan.manifest->disk.sector_size.bytes));
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
		if (!pipeline_read(r, manifest))
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
		(pool = pipeline_open(r)) &&
		pipeline_plan(r, pool) &&
		emit(r, manifest, output, pool, built);
}

enum rootc_status
rootc_build(struct rootc *r, const char *manifest, const char *output, struct rootc_built *built)
{
	return pipeline_status(r, build(r, manifest, output, built));
}

/* Decides which files of the pool the manifest's own words ask for: kernel.image, busybox.program and programs. */
#include <string.h>

#include "resolve/resolver.h"
#include "support/text.h"

enum { MOST_SHOWN = 10 };

/* Nothing matches: says which component was the first that nothing matched. */
static void
report_no_match(struct resolver *r, const struct m_text *text)
{
	struct compilation *c = r->c;
	const char *slash = text->v;
	struct diag *d = diag(&c->diags, DIAG_POOL_PATH_MISSING, text->at, "nothing in the pool matches '%s'", text->v);
	size_t count;

	while ((slash = strchr(slash + 1, '/'))) {
		const char *prefix = arena_strndup(c->arena, text->v, (size_t)(slash - text->v));

		walk_pattern(c, r->closure->pool, prefix, &count);
		if (!count) {
			diag_label(d, "no '%s'", prefix);
			break;
		}
	}
	diag_help(d, POOL_HELP);
}

/* PATH in the pool, which must be a regular file; false with a diagnostic otherwise. */
static bool
find_file(struct resolver *r, const char *path, struct span at, struct place *place)
{
	struct diag *d;

	*place = (struct place){.path = path, .walk = walk_path(r->c, r->closure->pool, path)};
	if (place->walk.end != WALK_FOUND) {
		walk_report(r->c, &place->walk, path, at);
		return false;
	}
	if (place->walk.entry->kind == ENTRY_FILE)
		return true;
	d = diag(&r->c->diags, DIAG_POOL_PATH_KIND, at, "'%s' is %s in the pool, not a file", path,
		place->walk.entry->kind == ENTRY_DIRECTORY ? "a directory" : "a device, FIFO or socket");
	if (place->walk.entry->kind == ENTRY_DIRECTORY)
		diag_help(d, "to name all files in it, write '%s/*'", path);
	return false;
}

static struct need *
take_file(struct resolver *r, const char *path, struct span at, const char *reason)
{
	struct place place;

	return find_file(r, path, at, &place) ? place_take(r, &place, (struct reason){.at = at, .text = reason}) : NULL;
}

bool
find_single(struct resolver *r, const struct m_text *text, struct place *place)
{
	size_t count;
	const char **paths = walk_pattern(r->c, r->closure->pool, text->v, &count);
	struct diag *d;

	if (count == 1)
		return find_file(r, paths[0], text->at, place);
	if (count == 0 && !text_is_pattern(text->v))
		return find_file(r, text->v, text->at, place);
	if (count == 0) {
		report_no_match(r, text);
		return false;
	}
	d = diag(&r->c->diags, DIAG_PATTERN_AMBIGUOUS, text->at, "'%s' must match one file, but matches %zu",
		text->v, count);
	for (size_t i = 0; i < count && i < MOST_SHOWN; i++)
		diag_note(d, (struct span){0}, "matches '%s'", paths[i]);
	diag_help(d, "write more of the name");
	return false;
}

struct need *
resolve_single(struct resolver *r, const struct m_text *text, const char *reason)
{
	struct place place;

	return find_single(r, text, &place) ? place_take(r, &place, (struct reason){.at = text->at, .text = reason}) : NULL;
}

static bool
is_directory(struct resolver *r, const char *path)
{
	struct walk walk = walk_path(r->c, r->closure->pool, path);

	return walk.end == WALK_FOUND && walk.entry->kind == ENTRY_DIRECTORY;
}

/* A program by its own path must be one; a pattern stands for whatever files match, and leaves out directories. */
static void
resolve_one(struct resolver *r, const struct m_text *text)
{
	bool is_exact = walk_path(r->c, r->closure->pool, text->v).end == WALK_FOUND || !text_is_pattern(text->v);
	size_t count = 1;
	const char *exact = text->v, **paths = &exact;

	if (!is_exact)
		paths = walk_pattern(r->c, r->closure->pool, text->v, &count);
	if (count == 0)
		report_no_match(r, text);
	for (size_t i = 0; i < count; i++) {
		struct need *need;

		if (!is_exact && is_directory(r, paths[i]))
			continue;
		need = take_file(r, paths[i], text->at, "programs");
		if (need)
			root_add(r,
				(struct root){.need = need, .content = need->entry->content, .mode = need->entry->mode,
				.xattrs = need->entry->xattrs, .must_run = is_exact});
	}
}

void
resolve_programs(struct resolver *r)
{
	const struct m_texts *programs = &r->manifest->programs;

	for (size_t i = 0; i < programs->count; i++)
		resolve_one(r, &programs->v[i]);
}

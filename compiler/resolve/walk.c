#include "resolve/walk.h"

#include <stdlib.h>
#include <string.h>

#include "resolve/map.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* A walk on its way. */
struct way {
	struct compilation *c;
	const struct pool *pool;
	struct walk *walk;
	const struct entry *here;
	const char *rest; /* what is still to be followed: "" or from a '/' on, but for the target of a link */
	unsigned links;
};

static bool
stop_at(struct way *way, enum walk_end end, const char *part, size_t length)
{
	way->walk->end = end;
	way->walk->stop = way->here;
	way->walk->part = part;
	way->walk->part_length = length;
	return false;
}

static void
pass(struct way *way, const struct entry *entry)
{
	*ARENA_PUSH(way->c->arena, way->walk->passed, way->walk->passed_count) = entry;
}

static bool
enter_link(struct way *way, const struct entry *link)
{
	if (++way->links > WALK_LINKS)
		return stop_at(way, WALK_LOOP, link->name, strlen(link->name));
	pass(way, link);
	if (link->target[0] == '/')
		way->here = way->pool->root;
	way->rest = arena_printf(way->c->arena, "%s%s", link->target, way->rest);
	return true;
}

static bool
step(struct way *way, const char *name, size_t length)
{
	const struct entry *next;

	if (way->here->kind != ENTRY_DIRECTORY)
		return stop_at(way, WALK_NOT_DIRECTORY, name, length);
	if (length == 1 && name[0] == '.')
		return true;
	if (length == 2 && memcmp(name, "..", 2) == 0) {
		if (way->here->parent) {
			pass(way, way->here);
			way->here = way->here->parent;
		}
		return true;
	}
	next = entry_child(way->here, name, length);
	if (!next)
		return stop_at(way, WALK_MISSING, name, length);
	if (next->kind == ENTRY_LINK)
		return enter_link(way, next);
	way->here = next;
	return true;
}

struct walk
walk_path(struct compilation *c, const struct pool *pool, const char *path)
{
	struct walk walk = {.end = WALK_FOUND};
	struct way way = {.c = c, .pool = pool, .walk = &walk, .here = pool->root, .rest = path};

	for (;;) {
		const char *name = way.rest + strspn(way.rest, "/");
		size_t length = strcspn(name, "/");

		if (length == 0)
			break;
		way.rest = name + length;
		if (!step(&way, name, length))
			return walk;
	}
	if (way.here->kind != ENTRY_DIRECTORY && *way.rest == '/')
		stop_at(&way, WALK_NOT_DIRECTORY, "", 0);
	else
		walk.entry = way.here;
	return walk;
}

const struct entry *
walk_entry(struct compilation *c, const struct pool *pool, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	struct walk walk = walk_path(c, pool, arena_strndup(c->arena, path, (size_t)(name - path)));

	if (walk.end != WALK_FOUND || walk.entry->kind != ENTRY_DIRECTORY)
		return NULL;
	return entry_child(walk.entry, name, strlen(name));
}

/* One way in which the beginning of a pattern can be read. */
struct prefix {
	const char *path; /* "" for the root */
	const struct entry *entry;
};

struct prefixes {
	struct prefix *list;
	size_t count;
};

static void
add_child(struct compilation *c, const struct pool *pool, struct prefixes *next, struct map *seen,
	const struct prefix *from, const char *name, bool is_last)
{
	const char *path = arena_printf(c->arena, "%s/%s", from->path, name);
	struct walk walk = walk_path(c, pool, path);
	void **slot;

	if (walk.end != WALK_FOUND && !is_last)
		return;
	if (!is_last) {
		slot = map_slot(c->arena, seen, walk.entry);
		if (walk.entry->kind != ENTRY_DIRECTORY || *slot)
			return;
		*slot = next;
	}
	*ARENA_PUSH(c->arena, next->list, next->count) = (struct prefix){.path = path, .entry = walk.entry};
}

static struct prefixes
extend(struct compilation *c, const struct pool *pool, const struct prefixes *all, const char *component, bool is_last)
{
	struct prefixes next = {0};
	struct map seen = {0};

	for (size_t i = 0; i < all->count; i++) {
		const struct entry *directory = all->list[i].entry;

		if (entry_child(directory, component, strlen(component))) {
			add_child(c, pool, &next, &seen, &all->list[i], component, is_last);
			continue;
		}
		if (!text_is_pattern(component))
			continue;
		for (size_t j = 0; j < directory->child_count; j++)
			if (text_matches(component, directory->children[j]->name))
				add_child(c, pool, &next, &seen, &all->list[i], directory->children[j]->name, is_last);
	}
	return next;
}

const char **
walk_pattern(struct compilation *c, const struct pool *pool, const char *pattern, size_t *count)
{
	struct prefixes found = {.list = &(struct prefix){.path = "", .entry = pool->root}, .count = 1};
	const char **paths = NULL;

	*count = 0;
	while (*(pattern += strspn(pattern, "/"))) {
		size_t length = strcspn(pattern, "/");

		found = extend(c, pool, &found, arena_strndup(c->arena, pattern, length), !pattern[length]);
		pattern += length;
	}
	for (size_t i = 0; i < found.count; i++)
		*ARENA_PUSH(c->arena, paths, *count) = found.list[i].path;
	if (*count)
		qsort(paths, *count, sizeof *paths, text_order);
	return paths;
}

/* What the missing component was probably meant to be: a name that goes on with a version where it ends, or one that is alike. */
static const char *
nearest_child(struct compilation *c, const struct walk *walk)
{
	const char **names = ARENA_ARRAY(c->arena, const char *, walk->stop->child_count);
	const char *part = arena_strndup(c->arena, walk->part, walk->part_length);

	for (size_t i = 0; i < walk->stop->child_count; i++) {
		names[i] = walk->stop->children[i]->name;
		if (text_starts_with(names[i], part) && strchr("-._", names[i][walk->part_length]))
			return names[i];
	}
	return text_nearest(part, names, walk->stop->child_count);
}

void
walk_explain(struct compilation *c, const struct walk *walk, struct diag *d)
{
	const char *directory, *near;

	if (walk->end == WALK_FOUND)
		return;
	if (walk->end == WALK_LOOP) {
		diag_label(d, "in circles at '%.*s'", (int)walk->part_length, walk->part);
		return;
	}
	directory = entry_path(c, walk->stop);
	if (walk->end == WALK_NOT_DIRECTORY) {
		diag_label(d, "%s is not a directory", directory);
	} else {
		diag_label(d, "no '%.*s' in %s", (int)walk->part_length, walk->part, directory);
		near = nearest_child(c, walk);
		if (near)
			diag_help(d, "did you mean '%s/%s'?", walk->stop->parent ? directory : "", near);
	}
	for (size_t i = 0; i < walk->passed_count; i++)
		if (walk->passed[i]->kind == ENTRY_LINK)
			diag_note(d, (struct span){0}, "'%s' is a link to '%s'", entry_path(c, walk->passed[i]),
				walk->passed[i]->target);
}

struct diag *
walk_report(struct compilation *c, const struct walk *walk, const char *path, struct span at)
{
	struct diag *d;

	if (walk->end == WALK_LOOP)
		d = diag(&c->diags, DIAG_LINK_LOOP, at, "'%s' leads through more than %d links", path, (int)WALK_LINKS);
	else
		d = diag_help(diag(&c->diags, DIAG_POOL_PATH_MISSING, at, "'%s' is not in the pool", path), POOL_HELP);
	walk_explain(c, walk, d);
	return d;
}

#include "model/pool.h"

#include <string.h>

#include "support/compilation.h"
#include "support/memory.h"

enum {
	LINKS_MAX = 40, /* what Linux follows before it says ELOOP */
	ENTRIES_MAX = 1 << 21,
};

struct pool *
pool_new(struct compilation *c)
{
	struct pool *pool = ARENA_NEW(c->arena, struct pool);

	pool->root = ARENA_NEW(c->arena, struct entry);
	*pool->root = (struct entry){.name = "", .kind = ENTRY_DIRECTORY, .mode = 0755};
	return pool;
}

/* Below, at or above zero as CHILD's name comes before, is, or comes after NAME. */
static int
compare_name(const struct entry *child, const char *name, size_t length)
{
	int order = strncmp(child->name, name, length);

	return order ? order : child->name[length] != '\0';
}

/* The position of the first child that does not come before NAME. */
static size_t
child_position(const struct entry *directory, const char *name, size_t length)
{
	size_t low = 0, high = directory->child_count;

	/* Inputs come sorted, so that most names belong at the end. */
	if (high > 0 && compare_name(directory->children[high - 1], name, length) < 0)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_name(directory->children[middle], name, length) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct entry *
entry_child(const struct entry *directory, const char *name, size_t length)
{
	size_t at = child_position(directory, name, length);

	if (at < directory->child_count && compare_name(directory->children[at], name, length) == 0)
		return directory->children[at];
	if (directory->kind != ENTRY_DIRECTORY || !directory->source)
		return NULL;
	/* What a source adds was part of the directory all along. */
	return directory->source->find(directory->source, (struct entry *)directory, name, length);
}

void
entry_adopt(struct compilation *c, struct entry *directory, struct entry *child)
{
	size_t at = child_position(directory, child->name, strlen(child->name));
	size_t after = directory->child_count - at;

	(void)ARENA_PUSH(c->arena, directory->children, directory->child_count);
	memmove(&directory->children[at + 1], &directory->children[at], after * sizeof(struct entry *));
	directory->children[at] = child;
	child->parent = directory;
}

/* One walk down from the root. */
struct walk {
	struct compilation *c;
	struct pool *pool;
	bool makes;          /* missing directories ... */
	struct entry parent; /* ... like this one */
	unsigned links;      /* followed so far */
	const struct entry *blocker; /* what is no directory, or a link to none */
};

static struct entry *
new_child(struct walk *w, struct entry *directory, const char *name, size_t length, const struct entry *like)
{
	struct entry *child = ARENA_NEW(w->c->arena, struct entry);

	*child = *like;
	child->name = arena_strndup(w->c->arena, name, length);
	entry_adopt(w->c, directory, child);
	w->pool->entry_count++;
	return child;
}

static struct entry *descend(struct walk *, struct entry *from, const char *path, size_t length);

/* The directory that NAME in FROM leads to, made when it is missing if W makes any; NULL when it is none. */
static struct entry *
step(struct walk *w, struct entry *from, const char *name, size_t length)
{
	struct entry *child = entry_child(from, name, length), *directory = NULL;

	if (!child)
		return w->makes ? new_child(w, from, name, length, &w->parent) : NULL;
	if (child->kind == ENTRY_DIRECTORY)
		return child;
	if (child->kind == ENTRY_LINK && w->links++ < LINKS_MAX)
		directory = descend(w, from, child->target, strlen(child->target));
	if (!directory)
		w->blocker = child; /* the last to say so is the outermost: the link on the path itself */
	return directory;
}

/* The directory at PATH, which may be a link's target: ".." ends at the pool's root, as below a chroot. */
static struct entry *
descend(struct walk *w, struct entry *from, const char *path, size_t length)
{
	const char *end = path + length, *next;

	if (length > 0 && *path == '/')
		from = w->pool->root;
	for (; from && path < end; path = next + 1) {
		next = memchr(path, '/', (size_t)(end - path));
		if (!next)
			next = end;
		length = (size_t)(next - path);
		if (length == 0 || (length == 1 && *path == '.'))
			continue;
		if (length == 2 && memcmp(path, "..", 2) == 0)
			from = from->parent ? from->parent : from;
		else
			from = step(w, from, path, length);
	}
	return from;
}

bool
entry_lies_below(const struct entry *entry, const struct entry *directory)
{
	while (entry && entry != directory)
		entry = entry->parent;
	return entry != NULL;
}

/* Moves what FROM holds into TO; what TO has already stays. */
static void
move_children(struct compilation *c, struct entry *from, struct entry *to)
{
	for (size_t i = 0; i < from->child_count; i++) {
		struct entry *child = from->children[i];
		struct entry *there = entry_child(to, child->name, strlen(child->name));

		if (!there)
			entry_adopt(c, to, child);
		else if (there->kind == ENTRY_DIRECTORY && child->kind == ENTRY_DIRECTORY)
			move_children(c, child, there);
	}
}

static struct entry *
replace(struct compilation *c, struct entry *old, const struct entry *new)
{
	size_t at = child_position(old->parent, old->name, strlen(old->name));
	struct entry *fresh = ARENA_NEW(c->arena, struct entry);

	*fresh = *new;
	fresh->name = old->name;
	fresh->parent = old->parent;
	fresh->shadowed = old->input == new->input ? old->shadowed : old;
	old->parent->children[at] = fresh;
	return fresh;
}

/* A host directory's mode says nothing (git keeps none), so it leaves alone what an archive said of /tmp. */
static struct entry *
merge_directory(struct entry *old, const struct entry *new)
{
	if (new->input && new->input->kind == INPUT_DIRECTORY && old->input)
		return old;
	old->mode = new->mode;
	old->owner = new->owner;
	old->group = new->group;
	old->xattrs = new->xattrs;
	old->input = new->input;
	old->package = new->package;
	return old;
}

/*
 * A directory never takes the place of a link to one, and a link that takes the place of a directory takes its children
 * along: so the order in which packages come does not decide whether /bin/sh is found where /bin is a link.
 */
static struct entry *
lay_over(struct walk *w, struct entry *old, const struct entry *new)
{
	struct entry *target = NULL;

	if (new->kind == ENTRY_DIRECTORY && old->kind == ENTRY_DIRECTORY)
		return merge_directory(old, new);
	if (new->kind == ENTRY_DIRECTORY && old->kind == ENTRY_LINK)
		target = step(w, old->parent, old->name, strlen(old->name));
	if (target)
		return target;
	if (new->kind == ENTRY_LINK && old->kind == ENTRY_DIRECTORY && old->child_count > 0)
		target = descend(w, old->parent, new->target, strlen(new->target));
	if (target && !entry_lies_below(target, old) && !entry_lies_below(old, target))
		move_children(w->c, old, target);
	return replace(w->c, old, new);
}

static struct span
place_of(const struct entry *new)
{
	return new->input ? new->input->key_at : (struct span){0};
}

static struct entry *
report_full(const struct walk *w, const struct entry *new)
{
	diag(&w->c->diags, DIAG_INPUT_TOO_LARGE, place_of(new), "the inputs together have more than %d paths", ENTRIES_MAX);
	return NULL;
}

/* About what is in the way, not what it is in the way of: that may be thousands. */
static struct entry *
report_blocked(const struct walk *w, const struct entry *new)
{
	const struct m_input *first = w->blocker->input;
	struct diag *d = diag(&w->c->diags, DIAG_INPUT_PATH_BLOCKED, place_of(new),
		"'%s' is no directory, but this input has something below it", entry_path(w->c, w->blocker));

	if (first && first != new->input)
		diag_note(d, first->key_at, "it comes from here");
	return NULL;
}

struct entry *
pool_put_in(struct compilation *c, struct pool *pool, struct entry *directory, const struct entry *new)
{
	struct walk w = {.c = c, .pool = pool, .makes = true};
	struct entry clean = *new, *old;

	w.parent = (struct entry){.kind = ENTRY_DIRECTORY, .mode = 0755, .input = new->input, .package = new->package};
	if (clean.kind == ENTRY_DIRECTORY)
		clean.children = NULL;
	clean.child_count = 0;
	clean.shadowed = NULL;
	if (pool->entry_count > ENTRIES_MAX)
		return report_full(&w, new);
	old = entry_child(directory, new->name, strlen(new->name));
	return old ? lay_over(&w, old, &clean) : new_child(&w, directory, new->name, strlen(new->name), &clean);
}

struct entry *
pool_put(struct compilation *c, struct pool *pool, const char *path, const struct entry *new)
{
	const char *slash = strrchr(path, '/');
	struct walk w = {.c = c, .pool = pool, .makes = true};
	struct entry named = *new, *directory;

	named.name = slash ? slash + 1 : path;
	w.parent = (struct entry){.kind = ENTRY_DIRECTORY, .mode = 0755, .input = new->input, .package = new->package};
	if (*path == '\0')
		return new->kind == ENTRY_DIRECTORY ? merge_directory(pool->root, new) : NULL;
	if (pool->entry_count > ENTRIES_MAX)
		return report_full(&w, new);
	directory = descend(&w, pool->root, path, slash ? (size_t)(slash - path) : 0);
	return directory ? pool_put_in(c, pool, directory, &named) : report_blocked(&w, new);
}

void
pool_remove(struct compilation *c, struct pool *pool, const char *path, bool spares_directories)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	struct walk w = {.c = c, .pool = pool};
	struct entry *parent = descend(&w, pool->root, path, slash ? (size_t)(slash - path) : 0);
	struct entry *old = parent ? entry_child(parent, name, strlen(name)) : NULL;
	size_t at;

	if (!old || (spares_directories && old->kind == ENTRY_DIRECTORY))
		return;
	at = child_position(parent, name, strlen(name));
	parent->child_count--;
	memmove(&parent->children[at], &parent->children[at + 1], (parent->child_count - at) * sizeof(struct entry *));
}

void
pool_empty(struct compilation *c, struct pool *pool, const char *path)
{
	struct walk w = {.c = c, .pool = pool};
	struct entry *directory = descend(&w, pool->root, path, strlen(path));

	if (directory)
		directory->child_count = 0;
}

/* Puts what UPPER holds into DIRECTORY. Goes on after a failure: the next one may be of another cause. */
static bool
lay_children(struct compilation *c, struct pool *pool, struct entry *directory, const struct entry *upper)
{
	bool ok = true;

	for (size_t i = 0; i < upper->child_count; i++) {
		const struct entry *child = upper->children[i];
		struct entry *put = pool_put_in(c, pool, directory, child);

		ok = put && (child->kind != ENTRY_DIRECTORY || lay_children(c, pool, put, child)) && ok;
	}
	return ok;
}

bool
pool_lay(struct compilation *c, struct pool *pool, const struct pool *upper)
{
	if (upper->root->input)
		merge_directory(pool->root, upper->root);
	return lay_children(c, pool, pool->root, upper->root);
}

void
pool_fill(struct pool *pool, struct entry *directory, struct entry **children, size_t count)
{
	ASSERT(directory->child_count == 0);
	directory->children = children;
	directory->child_count = (uint32_t)count;
	pool->entry_count += count;
	for (size_t i = 0; i < count; i++)
		children[i]->parent = directory;
}

const char *
entry_path(struct compilation *c, const struct entry *entry)
{
	size_t length = 0;
	char *path;

	for (const struct entry *e = entry; e->parent; e = e->parent)
		length += strlen(e->name) + 1;
	if (length == 0)
		return "/";
	path = arena_alloc(c->arena, length + 1);
	for (const struct entry *e = entry; e->parent; e = e->parent) {
		size_t size = strlen(e->name);

		length -= size + 1;
		path[length] = '/';
		memcpy(path + length + 1, e->name, size);
	}
	return path;
}

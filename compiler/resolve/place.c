/* Decides what stands at a path of the image to be, and takes it from the pool. */
#include <string.h>

#include "model/applets.h"
#include "resolve/resolver.h"

enum { OTHERS_NAMED = 3 }; /* of those who need what somebody else was told to lack */

static const struct m_file *
given_at(struct resolver *r, const char *path, size_t *index)
{
	size_t low = 0, high = r->manifest->file_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct m_file *file = &r->manifest->files[r->given_order[middle]];
		int order = strcmp(path, file->path);

		*index = r->given_order[middle];
		if (order == 0)
			return file;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* Whether the directory of PATH is DIRECTORY. */
static bool
lies_in(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(path, directory, length) == 0 && path[length] == '/' && !strchr(path + length + 1, '/');
}

/*
 * Whether applets of DIRECTORY can be at PATH: in it, or in the directory that it leads to, when that is known because busybox
 * itself was named below it (/bin, which is a link to usr/bin).
 */
static bool
is_home(const struct resolver *r, const char *directory, const char *path)
{
	const char *program = r->closure->busybox_path;

	if (lies_in(path, directory))
		return true;
	return program && lies_in(r->manifest->busybox.program.v, directory) &&
		lies_in(path, arena_strndup(r->c->arena, program, (size_t)(strrchr(program, '/') - program)));
}

/* Whether the image is to have an applet NAME. Where all are wanted and the table was not to be read, that is the one mistake: it has. */
static bool
has_applet(const struct resolver *r, const char *name)
{
	if (r->manifest->busybox.applets.all && !r->closure->applet_count)
		return true;
	return names_find(&r->applets, name, strlen(name));
}

static bool
is_needed(struct resolver *r, const struct entry *entry)
{
	return *map_slot(r->c->arena, &r->needs, entry);
}

/* Whether other words of the manifest put something at PATH: `all` gives only what nothing else does. */
static bool
is_filled(struct resolver *r, const char *path)
{
	const struct entry *entry = walk_entry(r->c, r->closure->pool, path);

	return (entry && is_needed(r, entry)) || subtree_fills(r, path);
}

static bool
is_applet(struct resolver *r, const char *path)
{
	const char *name = strrchr(path, '/');

	if (!name || !has_applet(r, name + 1) || !is_home(r, applet_directory(name + 1), path))
		return false;
	return !r->manifest->busybox.applets.all || !is_filled(r, path);
}

/* A link that the pool lacks, but the image will have: on to its target, with the link on the way. The path may be in a caller's buffer. */
static void
follow_made_link(struct resolver *r, struct place *place)
{
	struct entry *link = names_find(&r->links, place->path, strlen(place->path));

	if (!link)
		return;
	place->walk = walk_path(r->c, r->closure->pool,
		arena_printf(r->c->arena, "%s/%s", entry_path(r->c, link->parent), link->target));
	*ARENA_PUSH(r->c->arena, place->walk.passed, place->walk.passed_count) = link;
}

void
place_link(struct resolver *r, const char *path, const char *target, struct entry *directory)
{
	struct entry *link = ARENA_NEW(r->c->arena, struct entry);

	*link = (struct entry){.name = strrchr(path, '/') + 1, .parent = directory, .kind = ENTRY_LINK, .mode = 0777, .target = target};
	*names_slot(r->c->arena, &r->links, path) = link;
}

/* Whether the manifest puts anything below PATH. */
static bool
is_given_below(struct resolver *r, const char *path)
{
	const char *inside = arena_printf(r->c->arena, "%s/x", path);
	size_t length = strlen(inside) - 1;

	for (size_t i = 0; i < r->manifest->file_count; i++)
		if (strncmp(r->manifest->files[i].path, inside, length) == 0)
			return true;
	for (size_t i = 0; r->manifest->busybox.given && applet_directories[i]; i++)
		if (is_home(r, applet_directories[i], inside))
			return true;
	return false;
}

struct place_directory
place_directory(struct resolver *r, const char *path)
{
	struct walk walk = walk_path(r->c, r->closure->pool, path);
	struct place_directory directory = {.has_more = walk.end == WALK_LOOP || r->subtrees || is_given_below(r, path)};

	if (walk.end == WALK_FOUND && walk.entry->kind == ENTRY_DIRECTORY)
		directory.entry = walk.entry;
	return directory;
}

bool
place_lacks(const struct resolver *r, const struct place_directory *directory, const char *name)
{
	if (directory->has_more || r->links.used || name[0] == '.')
		return false;
	return !directory->entry || !entry_child(directory->entry, name, strlen(name));
}

struct place
place_find(struct resolver *r, const char *path)
{
	struct place place = {.path = path};
	size_t index, left = r->manifest->file_count;

	/* Hard links that lead round are plan/'s to report. */
	while ((place.file = given_at(r, place.path, &index)) && place.file->hardlink.v && left--)
		place.path = place.file->hardlink.v;
	path = place.path;
	if (place.file) {
		place.given = r->given[index];
		place.content = place.given ? place.given->entry->content : NULL;
		return place;
	}
	place.is_applet = is_applet(r, path);
	if (place.is_applet || subtree_has(r, &place))
		return place;
	place.walk = walk_path(r->c, r->closure->pool, path);
	if (place.walk.end == WALK_MISSING)
		follow_made_link(r, &place);
	if (place.walk.end == WALK_FOUND && place.walk.entry->kind == ENTRY_FILE)
		place.content = place.walk.entry->content;
	return place;
}

struct need *
need_entry(struct resolver *r, const struct entry *entry, struct reason why)
{
	struct need **known = (struct need **)map_slot(r->c->arena, &r->needs, entry);

	if (!*known) {
		*known = ARENA_NEW(r->c->arena, struct need);
		**known = (struct need){.path = entry_path(r->c, entry), .entry = entry, .why = why};
		*ARENA_PUSH(r->c->arena, r->closure->needs, r->closure->need_count) = *known;
	}
	return *known;
}

bool
place_is_taken(struct resolver *r, const struct place *place)
{
	return place->given || (place->walk.entry && is_needed(r, place->walk.entry));
}

struct need *
place_take(struct resolver *r, const struct place *place, struct reason why)
{
	struct reason way = {.at = why.at, .needed_by = why.needed_by};

	if (place->given)
		return place->given;
	for (size_t i = 0; i < place->walk.passed_count; i++) {
		const struct entry *passed = place->walk.passed[i];

		if (is_needed(r, passed))
			continue;
		way.text = arena_printf(r->c->arena, "%s on the way to %s",
			passed->kind == ENTRY_LINK ? "link" : "directory", place->path);
		need_entry(r, passed, way);
	}
	return place->walk.entry ? need_entry(r, place->walk.entry, why) : NULL;
}

/* Whether D tells of NEED, where it is asked for, in its first line already. */
static bool
is_told(const struct diag *d, const struct need *need)
{
	return span_is_same(need->why.at, d->at) && strstr(d->text, arena_printf(d->owner->arena, "'%s'", need->path));
}

void
need_explain(struct diag *d, const struct need *need)
{
	if (!need->why.needed_by && is_told(d, need))
		return;
	for (; need->why.needed_by; need = need->why.needed_by)
		diag_note(d, (struct span){0}, "needed by '%s' (%s)", need->path, need->why.text);
	diag_note(d, need->why.at, "needed by '%s', asked for here", need->path);
}

struct lack *
lack_of(struct resolver *r, const char *text)
{
	void **slot = names_slot(r->c->arena, &r->lacks, text);

	if (!*slot)
		*slot = ARENA_NEW(r->c->arena, struct lack);
	return *slot;
}

void
lack_repeat(struct lack *lack, const struct need *need)
{
	struct diag *d = lack->told;
	const struct need *first = need;

	while (first->why.needed_by)
		first = first->why.needed_by;
	if (++lack->others > OTHERS_NAMED + 1)
		d->notes[d->note_count - 1].text = arena_printf(d->owner->arena, "and by %zu more", lack->others - OTHERS_NAMED);
	else if (lack->others > OTHERS_NAMED)
		diag_note(d, (struct span){0}, "and by 1 more");
	else if (first->why.at.line == d->at.line && first->why.at.source == d->at.source)
		diag_note(d, (struct span){0}, "also needed by '%s'", need->path);
	else
		diag_note(d, first->why.at, "also needed by '%s', asked for here", need->path);
}

void
root_add(struct resolver *r, struct root root)
{
	void **known = map_slot(r->c->arena, &r->programs, root.need);

	if (!*known) {
		*known = root.need;
		*ARENA_PUSH(r->c->arena, r->roots, r->root_count) = root;
	}
}

const struct content *
image_file(struct resolver *r, const char *path)
{
	struct place place = place_find(r, path);

	return place.file || r->pool_is_image ? place.content : NULL;
}

bool
is_news(struct resolver *r, const char *text)
{
	void **slot = names_slot(r->c->arena, &r->reported, text);
	bool news = !*slot;

	*slot = r;
	return news;
}

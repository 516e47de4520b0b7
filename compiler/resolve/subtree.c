/* Decides what the subtrees among the manifest's `files` are copies of, and what their files need besides. */
#include <string.h>

#include "resolve/resolver.h"
#include "support/text.h"

/* A directory of the pool and where it is copied to. */
struct subtree {
	const struct m_file *file;
	const char *directory, *source; /* absolute paths, "" for the root: in the image, in the pool */
	const struct entry *top;        /* what SOURCE is */
	struct map needs;               /* struct entry -> struct need: the files of it that need others */
	struct subtree *next;
};

/* What needs others: ENTRY at PATH in the image, from where $ORIGIN counts. */
static struct need *
need_of(struct resolver *r, struct subtree *s, const struct entry *entry, const char *path)
{
	struct need **known = (struct need **)map_slot(r->c->arena, &s->needs, entry);

	if (!*known) {
		*known = ARENA_NEW(r->c->arena, struct need);
		**known = (struct need){.path = path, .entry = entry, .why = {.at = s->file->key_at, .text = "files"}};
	}
	return *known;
}

/* The rest of PATH below S, "/..." ; NULL when it lies elsewhere. */
static const char *
rest_of(const struct subtree *s, const char *path)
{
	size_t length = strlen(s->directory);

	return strncmp(path, s->directory, length) == 0 && path[length] == '/' ? path + length : NULL;
}

bool
subtree_has(struct resolver *r, struct place *place)
{
	for (struct subtree *s = r->subtrees; s; s = s->next) {
		const char *rest = rest_of(s, place->path);
		struct walk walk;

		if (!rest)
			continue;
		walk = walk_path(r->c, r->closure->pool, arena_printf(r->c->arena, "%s%s", s->source, rest));
		if (walk.end != WALK_FOUND || walk.entry->kind != ENTRY_FILE || !entry_lies_below(walk.entry, s->top))
			continue;
		place->file = s->file;
		place->given = need_of(r, s, walk.entry, place->path);
		place->content = walk.entry->content;
		return true;
	}
	return false;
}

bool
subtree_fills(struct resolver *r, const char *path)
{
	for (struct subtree *s = r->subtrees; s; s = s->next) {
		const char *rest = rest_of(s, path);

		if (rest && walk_entry(r->c, r->closure->pool, arena_printf(r->c->arena, "%s%s", s->source, rest)))
			return true;
	}
	return false;
}

/* TARGET of a link in DIRECTORY as an absolute path; DIRECTORY has no links in it, so that ".." at the start takes a name away. */
static const char *
absolute_target(struct arena *a, const char *directory, const char *target)
{
	size_t length = strlen(directory);

	if (target[0] == '/')
		return target;
	for (; strncmp(target, "../", 3) == 0; target += 3)
		while (length > 0 && directory[--length] != '/')
			;
	return arena_printf(a, "%.*s/%s", (int)length, directory, target);
}

/* What a link in the subtree leads to comes along; a directory as such, without what lies in it. What is nowhere is no mistake. */
static void
follow_link(struct resolver *r, struct subtree *s, const struct entry *link, const char *directory)
{
	struct place place = place_find(r, absolute_target(r->c->arena, directory, link->target));
	const char *path = arena_printf(r->c->arena, "%s/%s", directory, link->name);
	struct need *need;

	if (place.file || place.is_applet || place.walk.end != WALK_FOUND || place.walk.entry->kind == ENTRY_OTHER ||
			entry_lies_below(place.walk.entry, s->top))
		return;
	need = place_take(r, &place, (struct reason){.at = s->file->key_at,
		.text = arena_printf(r->c->arena, "target of %s", path), .needed_by = need_of(r, s, link, path)});
	if (place.content)
		root_add(r, (struct root){.need = need, .content = place.content, .mode = need->entry->mode});
}

/* To look into every file would cost as much as to copy it. */
static bool
may_need_others(const struct entry *file)
{
	return file->mode & 0111 || strstr(file->name, ".so");
}

static void
add_file(struct resolver *r, struct subtree *s, const struct entry *file, const char *directory)
{
	const char *path = arena_printf(r->c->arena, "%s/%s", directory, file->name);
	struct place place = place_find(r, path);

	if (place.file == s->file)
		root_add(r, (struct root){.need = place.given, .content = file->content, .mode = file->mode});
}

/* Recursion is as deep as the pool's directories are. */
static void
add_files(struct resolver *r, struct subtree *s, const struct entry *directory, const char *path)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct entry *e = directory->children[i];

		if (e->kind == ENTRY_DIRECTORY)
			add_files(r, s, e, arena_printf(r->c->arena, "%s/%s", path, e->name));
		else if (e->kind == ENTRY_LINK)
			follow_link(r, s, e, path);
		else if (e->kind == ENTRY_FILE && may_need_others(e))
			add_file(r, s, e, path);
	}
}

/* The directory of the pool that FILE is a copy of, at SOURCE; NULL with a diagnostic. */
static const struct entry *
source_directory(struct resolver *r, const struct m_file *file, const char *source)
{
	struct span at = file->source.v ? file->source.at : file->key_at;
	struct walk walk = walk_path(r->c, r->closure->pool, source);
	struct diag *d;

	if (walk.end != WALK_FOUND) {
		d = walk_report(r->c, &walk, source, at);
		if (!file->source.v)
			diag_note(d, (struct span){0}, "without 'source' a subtree is that of the same path in the pool");
		else if (text_ends_with(source, SUBTREE_SUFFIX))
			diag_help(d, "'source' is the directory itself: leave out the '" SUBTREE_SUFFIX "' there");
		return NULL;
	}
	if (walk.entry->kind != ENTRY_DIRECTORY) {
		diag_help(diag(&r->c->diags, DIAG_POOL_PATH_KIND, at, "'%s' is %s in the pool, not a directory", source,
			walk.entry->kind == ENTRY_FILE ? "a file" : "a device, FIFO or socket"),
			"leave out '" SUBTREE_SUFFIX "', and give the file as 'source'");
		return NULL;
	}
	if (walk.entry->child_count == 0) {
		diag_help(diag(&r->c->diags, DIAG_SUBTREE_EMPTY, at, "nothing lies below '%s' in the pool", source),
			"for an empty directory, write '%s: {directory: true}'", subtree_directory(r->c->arena, file));
		return NULL;
	}
	return walk.entry;
}

static void
begin(struct resolver *r, size_t index)
{
	const struct m_file *file = &r->manifest->files[index];
	struct subtree *s = ARENA_NEW(r->c->arena, struct subtree);

	s->file = file;
	s->directory = subtree_directory(r->c->arena, file);
	s->source = !file->source.v ? s->directory : file->source.v[1] ? file->source.v : "";
	s->top = source_directory(r, file, *s->source ? s->source : "/");
	if (!s->top)
		return;
	r->closure->source_entries[index] = s->top;
	s->next = r->subtrees;
	r->subtrees = s;
}

void
resolve_subtrees(struct resolver *r)
{
	for (size_t i = 0; i < r->manifest->file_count; i++)
		if (r->manifest->files[i].is_subtree)
			begin(r, i);
	for (struct subtree *s = r->subtrees; s && !r->manifest->complete.v; s = s->next)
		add_files(r, s, s->top, s->directory);
}

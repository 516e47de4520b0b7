/* Decides which file musl's ld-musl-ARCH.so.1 opens for a NEEDED entry (elf-rules M1 to M8). */
#include <elf.h>
#include <string.h>

#include "resolve/loader.h"
#include "support/text.h"

enum { LARGEST_PATH_FILE = 64 * 1024 };

/* The directories in TEXT, which ends at a NUL: separated by ':' or line feed, nothing else is special (M4). */
static void
split(struct program *p, const char *text)
{
	struct arena *a = p->r->c->arena;
	const char **directories = NULL;

	p->directory_count = 0;
	for (; *text; text += *text != '\0') {
		size_t length = strcspn(text, ":\n");

		if (length)
			*ARENA_PUSH(a, directories, p->directory_count) = arena_strndup(a, text, length);
		text += length;
	}
	p->directories = directories;
}

/* "/etc/ld-musl-ARCH.path", below what stands above the loader's directory (M4). */
static bool
prepare(struct program *p)
{
	struct compilation *c = p->r->c;
	const char *directory = path_directory(c, p->interp), *above = strrchr(directory, '/');
	const char *name = strrchr(p->interp, '/') + 1;
	size_t length = strlen(name) - strlen(".so.1");
	struct place place = place_find(p->r,
		arena_printf(c->arena, "%.*s/etc/%.*s.path", (int)(above - directory), directory, (int)length, name));
	const char *text;

	if (!place.content) {
		split(p, "/lib:/usr/local/lib:/usr/lib");
		return true;
	}
	text = content_read(c, place.content, p->main->need->why.at, LARGEST_PATH_FILE);
	if (!text)
		return false;
	split(p, text);
	return true;
}

/* $ORIGIN alone is known; any other '$' voids the whole path (M7). */
static const char *
expand(struct program *p, const struct object *object, const char *path)
{
	const char *dollar = strchr(path, '$'), *rest, *origin = path_directory(p->r->c, object->path);
	size_t length;

	if (!dollar)
		return path;
	length = text_starts_with(dollar, "$ORIGIN") ? 7 : text_starts_with(dollar, "${ORIGIN}") ? 9 : 0;
	rest = length ? expand(p, object, dollar + length) : NULL;
	return rest ? arena_printf(p->r->c->arena, "%.*s%s%s", (int)(dollar - path), path, origin, rest) : NULL;
}

/* Names that are the loader itself: no file is searched (M2). */
static bool
is_loader(const struct program *p, const char *name)
{
	static const char *const parts[] = {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};

	for (size_t i = 0; text_starts_with(name, "lib") && i < sizeof parts / sizeof *parts; i++)
		if (text_starts_with(name + 3, parts[i]))
			return true;
	return strcmp(name, p->interp) == 0;
}

/* musl opens the first file there is and never looks further (M5): what does not fit is an error. */
static bool
try_path(struct program *p, struct object *by, struct search *search, const char *path, const char *how,
	struct object **object)
{
	struct place place = place_find(p->r, path);
	const struct file_facts *file;

	if (!place.content &&
		(place.walk.end == WALK_MISSING || place.walk.end == WALK_NOT_DIRECTORY || place.is_applet))
		return false;
	file = place.content ? facts_of(p->r, place.content, search->by->need->why.at) : NULL;
	if (file && file->kind == FILE_BROKEN)
		search->is_settled = true;
	else if (!file || file->kind != FILE_ELF)
		search_fatal(p, search, path, "is not an ELF file");
	else if (!facts_fit(&file->elf, p->main->facts))
		search_fatal(p, search, path,
			arena_printf(p->r->c->arena, "is %s", facts_machine(p->r->c, &file->elf)));
	else if (file->elf.type != ET_DYN || !file->elf.is_dynamic)
		search_fatal(p, search, path, "is not a shared object");
	else
		*object = program_load(p, by, search, &place, &file->elf, how);
	return true;
}

static bool
try_directory(struct program *p, struct object *by, struct search *search, const char *directory, const char *how,
	struct object **object)
{
	search_tried(p, search, "%s %s", how, directory);
	return directory[0] == '/' &&
		try_path(p, by, search, arena_printf(p->r->c->arena, "%s/%s", directory, search->name),
		arena_printf(p->r->c->arena, "%s %s", how, directory), object);
}

/* RUNPATH, or else RPATH, of OWNER: both are inherited (M3). */
static bool
search_run_path(struct program *p, struct object *by, struct search *search, const struct object *owner,
	struct object **object)
{
	const char *path = owner->facts->runpath ? owner->facts->runpath : owner->facts->rpath;
	const char *how = arena_printf(p->r->c->arena, "%s of %s", owner->facts->runpath ? "RUNPATH" : "RPATH",
		owner->path);

	path = path ? expand(p, owner, path) : NULL;
	for (; path && *path; path += *path != '\0') {
		size_t length = strcspn(path, ":\n");

		if (length && try_directory(p, by, search, arena_strndup(p->r->c->arena, path, length), how, object))
			return true;
		path += length;
	}
	return false;
}

static struct object *
find_loaded(struct program *p, const char *name)
{
	if (is_loader(p, name))
		return p->interp_object;
	for (struct object *object = p->loaded; object; object = object->loaded_next)
		if (object_has_name(object, name)) /* M6: a SONAME is no name */
			return object;
	return NULL;
}

static struct object *
find(struct program *p, struct object *by, struct search *search)
{
	struct object *object = find_loaded(p, search->name);

	if (object)
		return object;
	if (strchr(search->name, '/')) { /* M8 */
		search_tried(p, search, "the path itself");
		if (search->name[0] == '/')
			try_path(p, by, search, search->name, "by its path", &object);
		return object;
	}
	for (const struct object *owner = by; owner; owner = owner->by)
		if (search_run_path(p, by, search, owner, &object))
			return object;
	for (size_t i = 0; i < p->directory_count; i++)
		if (try_directory(p, by, search, p->directories[i], "system path", &object))
			return object;
	return NULL;
}

const struct loader loader_musl = {
	.name = "musl",
	.interpreters = {"ld-musl-*.so.1", NULL},
	.prepare = prepare,
	.find = find,
};

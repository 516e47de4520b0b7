/* Decides which file musl's ld-musl-ARCH.so.1 opens for a NEEDED entry (elf-rules M1 to M8). */
#include <elf.h>
#include <limits.h>
#include <string.h>

#include "resolve/loader.h"
#include "resolve/symbols.h"
#include "support/text.h"

enum {
	LARGEST_PATH_FILE = 64 * 1024,
	PATH_BUFFER = 2 * NAME_MAX + 2, /* path_open of musl */
	LONGEST_SEARCH = 16 * 1024, /* bytes of an RPATH or RUNPATH with $ORIGIN put in */
};

/* What is searched beside directories, for messages. */
static const struct search_path path_itself = {.how = "the path itself", .list = &(struct search_directory){0}, .count = 1};

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

/*
 * "/etc/ld-musl-ARCH.path", below what stands above the loader's directory (M4). It decides what is found, so the image gets
 * it, too.
 */
static bool
prepare(struct program *p)
{
	struct compilation *c = p->r->c;
	const char *directory = path_directory(c, p->interp), *above = strrchr(directory, '/');
	const char *name = strrchr(p->interp, '/') + 1, *text;
	size_t length = strlen(name) - strlen(".so.1");
	struct place place = place_find(p->r,
		arena_printf(c->arena, "%.*s/etc/%.*s.path", (int)(above - directory), directory, (int)length, name));
	struct reason why = {.at = p->main->need->why.at, .needed_by = p->interp_object->need, .text = "search path of the loader"};

	if (!place.content) {
		split(p, "/lib:/usr/local/lib:/usr/lib");
		return true;
	}
	text = content_read(c, place.content, p->main->need->why.at, LARGEST_PATH_FILE);
	if (!text)
		return false;
	place_take(p->r, &place, why);
	split(p, text);
	return true;
}

/*
 * $ORIGIN alone is known; any other '$' voids the whole path, as does that of a program with the rights of another user
 * (M7), and here a length that no honest file needs.
 */
static const char *
expand(struct program *p, const struct object *object, const char *path)
{
	const char *origin;
	char expanded[LONGEST_SEARCH];
	size_t used = 0;

	if (!strchr(path, '$'))
		return path;
	if (p->is_secure && object == p->main)
		return NULL;
	origin = path_directory(p->r->c, object->path);
	while (*path) {
		size_t token = text_starts_with(path, "$ORIGIN") ? 7 : text_starts_with(path, "${ORIGIN}") ? 9 : 0;
		size_t size = token ? strlen(origin) : strcspn(path, "$");

		if (!size || size >= sizeof expanded - used)
			return NULL;
		memcpy(expanded + used, token ? origin : path, size);
		used += size;
		path += token ? token : size;
	}
	return arena_strndup(p->r->c->arena, expanded, used);
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

/* A library that is a whole C library is replaced by the loader, which is one, too (M2). */
static bool
is_libc(struct program *p, const struct place *place, const struct elf_facts *facts)
{
	const struct elf_symbols *symbols = symbols_of(p->r, place->content, facts, p->main->need->why.at);

	return symbols && symbols_define(symbols, "__libc_start_main", NULL) && symbols_define(symbols, "stdin", NULL);
}

/* What musl would take for a library, or why that ends badly; it never looks further (M5). */
static struct object *
take(struct program *p, struct search *search, const struct place *place, const char *how, const char *where)
{
	const struct file_facts *file =
		place->content ? facts_of(p->r, place->content, search->by->need->why.at) : NULL;

	if (file && file->kind == FILE_BROKEN)
		search->is_settled = true;
	else if (!file || file->kind != FILE_ELF)
		return search_fatal(p, search, place->path, "is not an ELF file");
	else if (!facts_fit(&file->elf, p->main->facts))
		return search_fatal(p, search, place->path,
			arena_printf(p->r->c->arena, "is %s", facts_machine(p->r->c, &file->elf)));
	else if (file->elf.type != ET_DYN || !file->elf.is_dynamic)
		return search_fatal(p, search, place->path, "is not a shared object");
	else if (is_libc(p, place, &file->elf))
		return p->interp_object;
	else
		return program_load(p, search, place, &file->elf, how, where);
	return NULL;
}

enum verdict {
	SKIP,  /* the search goes on */
	TAKEN, /* it is over, well or badly */
};

static enum verdict
try_path(struct program *p, struct search *search, const char *path, const char *how, const char *where, struct object **object)
{
	struct place place = place_find(p->r, path);

	if (!place.content && !place.file) {
		if (place.walk.end == WALK_MISSING || place.walk.end == WALK_NOT_DIRECTORY || place.is_applet)
			return SKIP;
		if (place.walk.end == WALK_LOOP) {
			search_fatal(p, search, path, "is a link that leads in a circle");
			return TAKEN;
		}
	}
	place.path = arena_strdup(p->r->c->arena, path);
	*object = take(p, search, &place, how, where);
	return TAKEN;
}

/* A path that is too long for musl's buffer is passed over (M5). */
static enum verdict
try_directory(struct program *p, struct search *search, const struct search_directory *d, const char *how, struct object **object)
{
	const char *directory = d->path;
	char path[PATH_MAX];

	if (!d->is_usable || strlen(directory) + strlen(search->name) + 1 >= PATH_BUFFER)
		return SKIP;
	if (place_lacks(p->r, &d->place, search->name) || !search_candidate(path, directory, strlen(directory), "", search->name))
		return SKIP;
	return try_path(p, search, path, how, directory, object);
}

static enum verdict
try_directories(struct program *p, struct search *search, const struct search_path *path, struct object **object)
{
	enum verdict verdict = SKIP;

	for (size_t i = 0; i < path->count && verdict == SKIP; i++) {
		search_tried(p, search, path);
		verdict = try_directory(p, search, &path->list[i], path->how, object);
		if (verdict == TAKEN && *object && path->list[i].by_origin)
			(*object)->by_origin = path->list[i].by_origin;
	}
	return verdict;
}

static void
split_run_path(struct program *p, const struct object *owner, const char *path, struct search_path *to)
{
	struct arena *a = p->r->c->arena;
	const char *expanded = expand(p, owner, path);

	to->how = arena_printf(a, "%s of %s", owner->facts->runpath ? "RUNPATH" : "RPATH", owner->path);
	for (const char *at = expanded; at && *at; at += *at != '\0') {
		size_t length = strcspn(at, ":\n");
		const char *element = arena_strndup(a, at, length);

		at += length;
		if (!length)
			continue;
		*ARENA_PUSH(a, to->list, to->count) = searched_directory(p, element);
		if (owner == p->main && expanded != path)
			to->list[to->count - 1].by_origin = path;
	}
}

/* RUNPATH, or else RPATH, of OWNER: both are inherited (M3). */
static enum verdict
search_run_path(struct program *p, struct search *search, const struct object *owner, struct object **object)
{
	const char *path = owner->facts->runpath ? owner->facts->runpath : owner->facts->rpath;

	if (!path)
		return SKIP;
	if (!owner->paths->how)
		split_run_path(p, owner, path, owner->paths);
	return try_directories(p, search, owner->paths, object);
}

static void
search_all(struct program *p, struct search *search, struct object **object)
{
	enum verdict verdict = SKIP;

	for (const struct object *owner = search->by; owner && verdict == SKIP; owner = owner->by)
		verdict = search_run_path(p, search, owner, object);
	search_own_directories(p, "system path");
	if (verdict == SKIP)
		try_directories(p, search, &p->own, object);
}

static struct object *
find(struct program *p, struct search *search)
{
	struct object *object = NULL;

	if (is_loader(p, search->name))
		return p->interp_object;
	if ((object = program_object(p, search->name))) /* M6 */
		return object;
	if (strchr(search->name, '/')) { /* M8 */
		search_tried(p, search, &path_itself);
		if (search->name[0] == '/')
			try_path(p, search, search->name, "by its path", NULL, &object);
	} else if (strlen(search->name) <= NAME_MAX) {
		search_all(p, search, &object);
	}
	return object;
}

const struct loader loader_musl = {
	.name = "musl",
	.interpreters = {"ld-musl-*.so.1", NULL},
	.prepare = prepare,
	.find = find,
};

/* Decides what a program loads: breadth-first, as its loader would (elf-rules K2, G17 to G20, M6, M8). */
#include <elf.h>
#include <string.h>

#include "model/capability.h"
#include "resolve/loader.h"
#include "support/text.h"

enum { LARGEST_PRELOAD = 64 * 1024 };

static const struct loader *const loaders[] = {&loader_glibc, &loader_musl};

const struct loader *
loader_of(const char *interp)
{
	const char *name = strrchr(interp, '/') + 1;

	for (size_t i = 0; i < sizeof loaders / sizeof *loaders; i++)
		for (const char *const *pattern = loaders[i]->interpreters; *pattern; pattern++)
			if (text_matches(*pattern, name))
				return loaders[i];
	return NULL;
}

const char *
path_directory(struct compilation *c, const char *path)
{
	size_t length = (size_t)(strrchr(path, '/') - path);

	return length ? arena_strndup(c->arena, path, length) : "/";
}

/* The first object of a name keeps it, as a loader goes through its list from the start (G2). */
static void
add_name(struct program *p, struct object *object, const char *name)
{
	void **slot = names_slot(p->r->c->arena, &p->known, name);

	if (!*slot)
		*slot = object;
}

struct object *
program_object(struct program *p, const char *name)
{
	return *names_slot(p->r->c->arena, &p->known, name);
}

/* What makes two names one library: the file, even if it has several names on the disk (G17). */
static const void *
identity(const struct need *need)
{
	return entry_inode(need->entry) ? entry_inode(need->entry) : need;
}

static struct object *
new_object(struct program *p, struct need *need, const char *path, const struct content *content,
	const struct elf_facts *facts)
{
	struct object *object = ARENA_NEW(p->r->c->arena, struct object);

	*object = (struct object){.path = path, .facts = facts, .content = content, .need = need, .is_late = p->is_late};
	if (facts->rpath || facts->runpath)
		object->paths = ARENA_ARRAY(p->r->c->arena, struct search_path, 2);
	*map_slot(p->r->c->arena, &p->by_file, identity(need)) = object;
	return object;
}

static void
add_names(struct program *p, struct object *object)
{
	add_name(p, object, object->path);
	if (p->loader->knows_sonames && object->facts->soname)
		add_name(p, object, object->facts->soname);
}

static const char *
words_of(const struct program *p, const struct request *request)
{
	static const char *const tags[] = {
		[REQUEST_NEEDED] = "NEEDED",
		[REQUEST_AUXILIARY] = "AUXILIARY",
		[REQUEST_FILTER] = "FILTER",
		[REQUEST_AUDIT] = "AUDIT",
		[REQUEST_PRELOAD] = "/etc/ld.so.preload",
	};

	return request->kind == REQUEST_OPENED ? arena_printf(p->r->c->arena, "%s,", request->why) : tags[request->kind];
}

static const char *
how_text(struct arena *a, const char *how, const char *where)
{
	return where ? arena_printf(a, "%s %s", how, where) : how;
}

struct object *
program_load(struct program *p, const struct search *search, const struct place *place, const struct elf_facts *facts,
	const char *how, const char *where)
{
	struct object *by = search->by;
	struct reason why = {.at = by->need->why.at, .needed_by = by->need};
	struct object *object;
	struct need *need;

	/* Texts are made for the first only: most libraries are found again and again. */
	if (!place_is_taken(p->r, place))
		why.text = arena_printf(p->r->c->arena, "%s %s: %s", words_of(p, &search->request), search->request.name,
			how_text(p->r->c->arena, how, where));
	need = place_take(p->r, place, why);
	object = *map_slot(p->r->c->arena, &p->by_file, identity(need));
	if (!object) {
		object = new_object(p, need, place->path, place->content, facts);
		object->by = by;
		object->asked_as = search->name;
		object->how = how_text(p->r->c->arena, how, where);
		add_names(p, object);
	}
	add_name(p, object, place->path);
	add_name(p, object, search->name);
	return object;
}

/* Puts OBJECT into the queue behind AFTER, unless it was queued before. */
static void
enqueue(struct program *p, struct object *after, struct object *object)
{
	if (object == p->main || object == p->searched_last || object->search_next)
		return;
	object->search_next = after->search_next;
	after->search_next = object;
	if (after == p->searched_last)
		p->searched_last = object;
}

/* What a filter passes on to goes before the objects that wait (G18). */
static bool
comes_first(enum request_kind kind)
{
	return kind == REQUEST_AUXILIARY || kind == REQUEST_FILTER;
}

static struct edge *
ask(struct program *p, struct object *by, const struct request *request)
{
	struct search *search = ARENA_NEW(p->r->c->arena, struct search);
	struct edge *edge;
	struct object *object;

	*search = (struct search){.by = by, .request = *request, .name = request->name};
	object = p->loader->find(p, search);
	edge = ARENA_PUSH(p->r->c->arena, by->edges, by->edge_count);
	*edge = (struct edge){.request = *request, .to = object};
	if (object) {
		enqueue(p, comes_first(request->kind) ? by : p->searched_last, object);
		if (!object->asked_as) /* the loader itself, which is there before anybody asks */
			object->asked_as = search->name;
	} else if (!search->is_settled && request->kind != REQUEST_AUXILIARY) {
		edge->miss = search;
	}
	return edge;
}

static void
ask_list(struct program *p, enum request_kind kind, const char *list, const char *separators)
{
	size_t length;

	for (; list && *list; list += length) {
		list += strspn(list, separators);
		length = strcspn(list, separators);
		if (length)
			ask(p, p->main, &(struct request){.kind = kind, .name = arena_strndup(p->r->c->arena, list, length)});
	}
}

/* The lines of /etc/ld.so.preload with their comments blanked (G20). */
static const char *
preload_list(struct program *p)
{
	const struct content *content = image_file(p->r, "/etc/ld.so.preload");
	const char *text = content ? content_read(p->r->c, content, p->main->need->why.at, LARGEST_PRELOAD) : NULL;
	char *list = text ? arena_strdup(p->r->c->arena, text) : NULL;

	for (char *comment = list; comment && (comment = strchr(comment, '#'));)
		while (*comment && *comment != '\n')
			*comment++ = ' ';
	return list;
}

/* What is loaded before anything that is needed. */
static void
load_first(struct program *p)
{
	if (!p->loader->knows_filters)
		return;
	ask_list(p, REQUEST_AUDIT, p->main->facts->audit, ":");
	ask_list(p, REQUEST_AUDIT, p->main->facts->depaudit, ":");
	ask_list(p, REQUEST_PRELOAD, preload_list(p), " \t\n:");
}

static void
load_needed(struct program *p, struct object *by)
{
	for (size_t i = 0; i < by->facts->needed_count; i++) {
		const struct dependency *d = &by->facts->needed[i];

		if (d->kind == REQUEST_NEEDED || p->loader->knows_filters)
			ask(p, by, &(struct request){.kind = d->kind, .name = d->name});
	}
}

/* Asks for the first of REQUESTS and, until one is found, for its alternatives; when none is, the first is missing (G25). */
static void
ask_in_turn(struct program *p, struct object *by, const struct request *requests, size_t count)
{
	size_t first = by->edge_count;
	bool found = false;

	for (size_t i = 0; i < count && !found; i++)
		found = ask(p, by, &requests[i])->to;
	for (size_t i = found ? first : first + 1; i < by->edge_count; i++)
		by->edges[i].miss = NULL;
}

static void
load_opened(struct program *p, struct object *by)
{
	size_t count, end;
	const struct request *requests = requests_of(p, by, &count);

	for (size_t i = 0; i < count; i = end) {
		for (end = i + 1; end < count && requests[end].is_alternative;)
			end++;
		if (requests[i].priority <= p->policy.least)
			ask_in_turn(p, by, requests + i, end - i);
	}
}

static void
load_all(struct program *p)
{
	struct object *opener = p->main, *next;

	p->searched_last = p->main;
	load_first(p);
	for (struct object *by = p->main; by; by = next) {
		load_needed(p, by);
		while (!by->search_next && opener && p->policy.opens) {
			p->is_late = true;
			load_opened(p, opener);
			opener = opener->search_next;
		}
		next = by->search_next;
	}
}

/* The PT_INTERP of the program: shipped as it is written, with its links, and of the program's kind (K2). */
static enum program_end
load_interpreter(struct program *p)
{
	struct resolver *r = p->r;
	struct place place = place_find(r, p->interp);
	struct reason why = {.at = p->main->need->why.at, .needed_by = p->main->need};
	const struct file_facts *facts;
	struct need *need;

	if (!place.content)
		return PROGRAM_LOADER_MISSING;
	facts = facts_of(r, place.content, why.at);
	if (facts->kind == FILE_BROKEN)
		return PROGRAM_BROKEN;
	if (facts->kind != FILE_ELF || !facts_fit(&facts->elf, p->main->facts))
		return PROGRAM_LOADER_UNFIT;
	why.text = arena_printf(r->c->arena, "PT_INTERP of %s", p->main->path);
	need = place_take(r, &place, why);
	p->interp_object = new_object(p, need, p->interp, place.content, &facts->elf);
	p->interp_object->how = "the loader itself";
	add_names(p, p->interp_object);
	return PROGRAM_LOADED;
}

void
program_begin(struct program *p, struct resolver *r, struct need *need, const struct content *content,
	const struct elf_facts *facts, uint16_t mode, const struct xattrs *xattrs)
{
	const struct xattr *capability = xattrs_find(xattrs, CAPABILITY_XATTR);

	p->r = r;
	p->is_secure = mode & 06000 || (capability && capability_grants(capability->value, capability->size));
	p->main = new_object(p, need, need->path, content, facts);
}

enum program_end
program_start(struct program *p, const char *interp)
{
	enum program_end end;

	p->interp = interp;
	p->loader = loader_of(interp);
	if (!p->loader)
		return PROGRAM_LOADER_UNKNOWN;
	add_names(p, p->main);
	end = load_interpreter(p);
	if (end != PROGRAM_LOADED)
		return end;
	if (!p->loader->prepare(p))
		return PROGRAM_BROKEN;
	load_all(p);
	return PROGRAM_LOADED;
}

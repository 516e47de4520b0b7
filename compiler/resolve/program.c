/* Decides which libraries a program needs, breadth-first as its loader would load them (elf-rules K2, K3, G18, M8). */
#include <elf.h>
#include <stdarg.h>
#include <string.h>

#include "resolve/loader.h"
#include "support/memory.h"
#include "support/text.h"

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

void
object_add_name(struct program *p, struct object *object, const char *name)
{
	if (!object_has_name(object, name))
		*ARENA_PUSH(p->r->c->arena, object->names, object->name_count) = name;
}

bool
object_has_name(const struct object *object, const char *name)
{
	for (size_t i = 0; i < object->name_count; i++)
		if (strcmp(object->names[i], name) == 0)
			return true;
	return false;
}

void
search_tried(struct program *p, struct search *search, const char *format, ...)
{
	struct arena *a = p->r->c->arena;
	va_list arguments;

	va_start(arguments, format);
	*ARENA_PUSH(a, search->tried, search->tried_count) = arena_vprintf(a, format, arguments);
	va_end(arguments);
}

void
search_refused(struct program *p, struct search *search, const char *format, ...)
{
	struct arena *a = p->r->c->arena;
	va_list arguments;

	va_start(arguments, format);
	*ARENA_PUSH(a, search->refused, search->refused_count) = arena_vprintf(a, format, arguments);
	va_end(arguments);
}

struct object *
search_fatal(struct program *p, struct search *search, const char *path, const char *why)
{
	struct diag *d = diag(&p->r->c->diags, DIAG_LIBRARY_UNUSABLE, p->main->need->why.at,
		"for the library '%s' the %s loader takes '%s', which %s", search->name, p->loader->name, path, why);

	need_explain(d, search->by->need);
	search->is_settled = true;
	return NULL;
}

static struct object *
new_object(struct program *p, struct need *need, const char *path, const struct content *content,
	const struct elf_facts *facts)
{
	struct object *object = ARENA_NEW(p->r->c->arena, struct object);

	*object = (struct object){.path = path, .facts = facts, .content = content, .need = need};
	object_add_name(p, object, path);
	if (p->loaded_last)
		p->loaded_last->loaded_next = object;
	else
		p->loaded = object;
	p->loaded_last = object;
	return object;
}

static struct object *
object_with(const struct program *p, const struct content *content, const struct need *need)
{
	for (struct object *object = p->loaded; object; object = object->loaded_next)
		if (object->content == content && object->need == need)
			return object;
	return NULL;
}

struct object *
program_load(struct program *p, struct object *by, const struct search *search, const struct place *place,
	const struct elf_facts *facts, const char *how)
{
	struct reason why = {.at = by->need->why.at, .needed_by = by->need};
	struct object *object;
	struct need *need;

	why.text = arena_printf(p->r->c->arena, "NEEDED %s: %s", search->name, how);
	need = place_take(p->r, place, why);
	object = object_with(p, place->content, need);
	if (!object) {
		object = new_object(p, need, place->path, place->content, facts);
		object->by = by;
	}
	object_add_name(p, object, place->path);
	object_add_name(p, object, search->name);
	return object;
}

/* Puts OBJECT into the queue behind LAST, unless it is queued already; gives the new last. */
static struct object *
enqueue(struct object *first, struct object *last, struct object *object)
{
	if (object == first || object == last || object->search_next)
		return last;
	last->search_next = object;
	return object;
}

/* A filtee goes before the objects that wait (G18). */
static struct object *
enqueue_first(struct object *at, struct object *last, struct object *object)
{
	if (object == last || object->search_next)
		return last;
	object->search_next = at->search_next;
	at->search_next = object;
	return at == last ? object : last;
}

static struct object *
find_one(struct program *p, struct object *by, const struct dependency *dependency)
{
	struct search search = {.by = by, .name = dependency->name};
	struct object *object = p->loader->find(p, by, &search);

	if (!object && !search.is_settled && dependency->kind != DEPENDENCY_AUXILIARY)
		report_missing_library(p, &search);
	return object;
}

static void
load_all(struct program *p)
{
	struct object *last = p->main;

	for (struct object *by = p->main; by; by = by->search_next) {
		for (size_t i = 0; i < by->facts->needed_count; i++) {
			struct object *object = find_one(p, by, &by->facts->needed[i]);

			if (!object || object == p->main)
				continue;
			if (by->facts->needed[i].kind == DEPENDENCY_NEEDED)
				last = enqueue(p->main, last, object);
			else
				last = enqueue_first(by, last, object);
		}
	}
}

static void
interpreter_missing(struct program *p, const struct place *place)
{
	struct compilation *c = p->r->c;
	struct diag *d = diag(&c->diags, DIAG_INTERPRETER_MISSING, p->main->need->why.at,
		"'%s' is started by the loader '%s', which is not in the pool", p->main->path, p->interp);

	if (place->walk.entry)
		diag_label(d, "%s is not a file", p->interp);
	diag_help(d, "add an input that has it; the host's is never used");
	walk_explain(c, &place->walk, d);
	need_explain(d, p->main->need);
}

/* The PT_INTERP of the program: shipped as it is written, with its links, and of the program's kind (K2). */
static bool
load_interpreter(struct program *p)
{
	struct resolver *r = p->r;
	struct place place = place_find(r, p->interp);
	const struct file_facts *facts;
	struct reason why = {.at = p->main->need->why.at, .needed_by = p->main->need};

	if (!place.content) {
		interpreter_missing(p, &place);
		return false;
	}
	why.text = arena_printf(r->c->arena, "PT_INTERP of %s", p->main->path);
	facts = facts_of(r, place.content, why.at);
	if (facts->kind == FILE_BROKEN)
		return false;
	if (facts->kind != FILE_ELF || !facts_fit(&facts->elf, p->main->facts)) {
		need_explain(diag(&r->c->diags, DIAG_LIBRARY_UNUSABLE, why.at,
			"'%s' is %s, but its loader '%s' is %s", p->main->path,
			facts_machine(r->c, p->main->facts), p->interp,
			facts->kind == FILE_ELF ? facts_machine(r->c, &facts->elf) : "no ELF file"), p->main->need);
		return false;
	}
	p->interp_object = new_object(p, place_take(r, &place, why), p->interp, place.content, &facts->elf);
	return true;
}

/* A library that was asked for by itself is opened by programs of the same kind, and so by their loader (K3). */
static const char *
interp_for(struct resolver *r, const struct root *root, const struct elf_facts *facts)
{
	struct diag *d;

	if (facts->interp)
		return facts->interp;
	for (size_t i = 0; i < r->known_loader_count; i++)
		if (facts_fit(r->known_loaders[i].of, facts))
			return r->known_loaders[i].interp;
	d = diag(&r->c->diags, DIAG_LOADER_UNKNOWN, root->need->why.at,
		"'%s' needs libraries, but names no loader, nor does any program of %s here", root->need->path,
		facts_machine(r->c, facts));
	need_explain(diag_help(d, "name the program that opens it under 'programs'"), root->need);
	return NULL;
}

void
resolve_program(struct resolver *r, const struct root *root, const struct elf_facts *facts)
{
	struct program p = {.r = r};

	if (!facts->is_dynamic || (!facts->interp && facts->needed_count == 0))
		return;
	p.interp = interp_for(r, root, facts);
	if (!p.interp)
		return;
	p.main = new_object(&p, root->need, root->need->path, root->content, facts);
	p.loader = loader_of(p.interp);
	if (!p.loader) {
		need_explain(diag(&r->c->diags, DIAG_LOADER_UNKNOWN, root->need->why.at,
			"how the loader '%s' of '%s' finds libraries is not known", p.interp, root->need->path),
			root->need);
		return;
	}
	if (!load_interpreter(&p) || !p.loader->prepare(&p))
		return;
	if (facts->interp)
		*ARENA_PUSH(r->c->arena, r->known_loaders, r->known_loader_count) =
			(struct known_loader){p.interp, facts};
	load_all(&p);
}

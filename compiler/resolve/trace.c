/* Decides what the loader of each program finds for it in a pool. Nothing enters an image by it; what is missing is an answer. */
#include <elf.h>
#include <string.h>

#include "resolve/loader.h"
#include "resolve/resolve.h"
#include "support/memory.h"
#include "support/names.h"
#include "support/text.h"

/* exec_binprm of the kernel gives up at the sixth. */
enum { MOST_SCRIPTS = 5 };

/* One program on its way. */
struct tracer {
	struct resolver *r;
	struct program p;
	struct trace *trace;
	struct map objects;  /* struct object -> struct trace_object */
	struct names found;  /* NEEDED without a '$' -> struct trace_object: its second meaning is always the first */
	struct object *last; /* in the order of searching */
	size_t missing_count;
};

__attribute__((format(printf, 3, 4))) static void
untraceable(struct tracer *t, const char *path, const char *format, ...)
{
	va_list arguments;
	const char *why;

	va_start(arguments, format);
	why = arena_vprintf(t->r->c->arena, format, arguments);
	va_end(arguments);
	diag(&t->r->c->diags, DIAG_ROOT_UNTRACEABLE, (struct span){0}, "what '%s' needs cannot be told: %s", path, why);
}

static struct trace_object *
add_object(struct tracer *t, const char *path, const char *name, const char *how, const struct trace_object *by)
{
	struct trace_object *object = ARENA_NEW(t->r->c->arena, struct trace_object);

	*object = (struct trace_object){.index = t->trace->object_count, .path = path, .name = name, .how = how, .by = by};
	*ARENA_PUSH(t->r->c->arena, t->trace->objects, t->trace->object_count) = object;
	t->missing_count += !path;
	return object;
}

static void
add_edge(struct tracer *t, struct trace_object *from, const char *name, const struct trace_object *to)
{
	*ARENA_PUSH(t->r->c->arena, from->edges, from->edge_count) = (struct trace_edge){.name = name, .to = to};
}

/* Puts OBJECT into the queue behind AFTER, unless it was queued before. */
static void
enqueue(struct tracer *t, struct object *after, struct object *object)
{
	if (object == t->p.main || object == t->last || object->search_next)
		return;
	object->search_next = after->search_next;
	after->search_next = object;
	if (after == t->last)
		t->last = object;
}

/* What is known of OBJECT so far, or what SEARCH has just found out. */
static struct trace_object *
loaded(struct tracer *t, struct object *object, const struct search *search, const struct trace_object *by)
{
	struct trace_object **known = (struct trace_object **)map_slot(t->r->c->arena, &t->objects, object);
	bool is_libc = object == t->p.interp_object && t->p.loader == &loader_musl;

	/* musl's loader is its C library too, and is told twice: as the interpreter, and by the first name that means it. */
	if (*known && (!is_libc || strcmp((*known)->name, t->p.interp) != 0))
		return *known;
	if (object == t->p.interp_object)
		*known = add_object(t, object->path, is_libc ? search->name : t->p.interp, "the loader itself", by);
	else
		*known = add_object(t, object->path, search->name, search->tried[search->tried_count - 1], by);
	return *known;
}

static struct trace_object *
not_found(struct tracer *t, const struct search *search, const struct trace_object *by)
{
	const char *tried = text_join(t->r->c->arena, search->tried, search->tried_count, ", ", ", ");

	return add_object(t, NULL, search->name, search->tried_count ? tried : NULL, by);
}

static struct trace_object *
find(struct tracer *t, struct object *by, struct trace_object *from, const struct dependency *dependency)
{
	struct search search = {.by = by, .name = dependency->name};
	struct object *object = t->p.loader->find(&t->p, by, &search);

	if (object) {
		enqueue(t, dependency->kind == DEPENDENCY_NEEDED ? t->last : by, object);
		return loaded(t, object, &search, from);
	}
	if (search.is_settled || dependency->kind == DEPENDENCY_AUXILIARY)
		return NULL;
	return not_found(t, &search, from);
}

static void
follow(struct tracer *t, struct object *by, struct trace_object *from, const struct dependency *dependency)
{
	const struct trace_object *to;
	void **slot;

	if (strchr(dependency->name, '$')) {
		to = find(t, by, from, dependency);
	} else {
		slot = names_slot(t->r->c->arena, &t->found, dependency->name);
		if (!*slot)
			*slot = find(t, by, from, dependency);
		to = *slot;
	}
	if (to)
		add_edge(t, from, dependency->name, to);
}

static void
follow_all(struct tracer *t)
{
	t->last = t->p.main;
	for (struct object *by = t->p.main; by; by = by->search_next) {
		struct trace_object *from = *map_slot(t->r->c->arena, &t->objects, by);

		for (size_t i = 0; i < by->facts->needed_count; i++)
			follow(t, by, from, &by->facts->needed[i]);
	}
}

static struct object *
load(struct tracer *t, const char *path, const struct place *place, const struct elf_facts *facts, struct trace_object *known)
{
	struct arena *a = t->r->c->arena;
	struct object *object = ARENA_NEW(a, struct object);
	struct reason why = {.text = "asked about"};

	*object = (struct object){.path = path, .facts = facts, .content = place->content,
		.need = place_take(t->r, place, why)};
	object_add_name(&t->p, object, path);
	if (t->p.loaded_last)
		t->p.loaded_last->loaded_next = object;
	else
		t->p.loaded = object;
	t->p.loaded_last = object;
	*map_slot(a, &t->objects, object) = known;
	return object;
}

/*
 * A library by itself is opened by programs, so by their loader (K3): that of the shell, or else the first usual one of its
 * machine.
 */
static const char *
loader_for_library(struct tracer *t, const struct elf_facts *library)
{
	static const char *const usual[] = {
		"/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux.so.2", "/libx32/ld-linux-x32.so.2", "/lib/ld-linux-aarch64.so.1",
		"/lib/ld-linux-armhf.so.3", "/lib/ld-linux.so.3", "/lib/ld64.so.1", "/lib64/ld64.so.2", "/lib64/ld64.so.1",
		"/lib/ld.so.1", "/lib/ld-linux-riscv64-lp64d.so.1", "/lib64/ld-linux-loongarch-lp64d.so.1",
		"/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-i386.so.1", "/lib/ld-musl-aarch64.so.1", "/lib/ld-musl-armhf.so.1",
		"/lib/ld-musl-arm.so.1", "/lib/ld-musl-s390x.so.1", "/lib/ld-musl-powerpc64le.so.1", "/lib/ld-musl-riscv64.so.1",
		"/lib/ld-musl-loongarch64.so.1",
	};
	struct place shell = place_find(t->r, "/bin/sh");
	const struct file_facts *facts = shell.content ? facts_of(t->r, shell.content, (struct span){0}) : NULL;

	if (facts && facts->kind == FILE_ELF && facts->elf.interp && facts_fit(&facts->elf, library))
		return facts->elf.interp;
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		struct place place = place_find(t->r, usual[i]);

		facts = place.content ? facts_of(t->r, place.content, (struct span){0}) : NULL;
		if (facts && facts->kind == FILE_ELF && facts_fit(&facts->elf, library))
			return usual[i];
	}
	return NULL;
}

/* The loader's own file, which is the first to be there beside the program. */
static bool
load_interpreter(struct tracer *t, const char *path, const struct elf_facts *program, struct trace_object *self)
{
	struct compilation *c = t->r->c;
	struct place place = place_find(t->r, t->p.interp);
	const struct file_facts *facts = place.content ? facts_of(t->r, place.content, (struct span){0}) : NULL;
	struct trace_object *known = NULL;

	/* Who opens a library is not known; its loader is told when something needs it. */
	if (program->interp) {
		known = add_object(t, facts ? t->p.interp : NULL, t->p.interp, "PT_INTERP", self);
		add_edge(t, self, t->p.interp, known);
	}
	if (!facts || facts->kind == FILE_BROKEN)
		return false;
	if (facts->kind == FILE_ELF && facts_fit(&facts->elf, program)) {
		t->p.interp_object = load(t, t->p.interp, &place, &facts->elf, known);
		return true;
	}
	untraceable(t, path, "it is %s, but its loader '%s' is %s", facts_machine(c, program), t->p.interp,
		facts->kind == FILE_ELF ? facts_machine(c, &facts->elf) : "no ELF file");
	return false;
}

static void
trace_elf(struct tracer *t, const struct place *place, const struct elf_facts *facts, struct trace_object *self)
{
	if (facts->type != ET_EXEC && facts->type != ET_DYN) {
		untraceable(t, place->path, "it is an ELF file, but neither a program nor a library");
		return;
	}
	if (!facts->is_dynamic || (!facts->interp && facts->needed_count == 0))
		return;
	t->p = (struct program){.r = t->r};
	t->p.interp = facts->interp ? facts->interp : loader_for_library(t, facts);
	t->p.loader = t->p.interp ? loader_of(t->p.interp) : NULL;
	if (!t->p.loader && t->p.interp)
		untraceable(t, place->path, "how its loader '%s' finds libraries is not known", t->p.interp);
	else if (!t->p.loader)
		untraceable(t, place->path, "it names no loader, and there is none for %s", facts_machine(t->r->c, facts));
	if (!t->p.loader)
		return;
	t->trace->loader = t->p.loader->name;
	t->p.main = load(t, entry_path(t->r->c, place->walk.entry), place, facts, self);
	if (load_interpreter(t, place->path, facts, self) && t->p.loader->prepare(&t->p))
		follow_all(t);
}

/* The interpreter of a script, which may be a script itself (K6); false: there is none, or none that counts. */
static bool
follow_script(struct tracer *t, struct place *place, const struct file_facts *facts, struct trace_object **self,
	unsigned scripts)
{
	struct trace_object *known;

	if (facts->problem)
		untraceable(t, place->path, "%s", facts->problem);
	else if (scripts == MOST_SCRIPTS)
		untraceable(t, place->path, "it is a script that is interpreted by scripts, more than %d deep", (int)MOST_SCRIPTS);
	if (facts->problem || scripts == MOST_SCRIPTS)
		return false;
	*place = place_find(t->r, facts->interpreter);
	known = add_object(t, place->content ? place->path : NULL, facts->interpreter, "#!", *self);
	add_edge(t, *self, facts->interpreter, known);
	*self = known;
	return place->content;
}

static void
trace_file(struct tracer *t, struct place *place, struct trace_object *self)
{
	const struct file_facts *facts = facts_of(t->r, place->content, (struct span){0});

	for (unsigned scripts = 0; facts->kind == FILE_SCRIPT; scripts++) {
		if (!follow_script(t, place, facts, &self, scripts))
			return;
		facts = facts_of(t->r, place->content, (struct span){0});
	}
	if (facts->kind == FILE_ELF)
		trace_elf(t, place, &facts->elf, self);
	else if (facts->kind == FILE_DATA)
		untraceable(t, place->path, "it is neither an ELF file nor a script");
}

static const char *
why_absent(struct compilation *c, const struct walk *walk)
{
	switch (walk->end) {
	case WALK_FOUND:
		return walk->entry->kind == ENTRY_DIRECTORY ? "it is a directory" : "it is a device, a FIFO or a socket";
	case WALK_MISSING:
		return arena_printf(c->arena, "there is no '%s' in %s", walk->part, entry_path(c, walk->stop));
	case WALK_NOT_DIRECTORY:
		return arena_printf(c->arena, "%s is not a directory", entry_path(c, walk->stop));
	case WALK_LOOP:
		return arena_printf(c->arena, "it leads through more than %d links", (int)WALK_LINKS);
	}
	BUG("no such end of a walk");
}

static struct trace *
trace_program(struct resolver *r, const char *path, size_t *missing_count)
{
	struct tracer t = {.r = r, .trace = ARENA_NEW(r->c->arena, struct trace)};
	struct place place = place_find(r, path);
	struct trace_object *self;

	if (!place.content) {
		diag(&r->c->diags, DIAG_ROOT_PATH_MISSING, (struct span){0}, "cannot look into '%s': %s", path,
			why_absent(r->c, &place.walk));
		return NULL;
	}
	self = add_object(&t, path, path, NULL, NULL);
	trace_file(&t, &place, self);
	*missing_count += t.missing_count;
	return t.trace;
}

const struct traces *
resolve_traces(struct compilation *c, const struct pool *pool, const char *const *paths, size_t count)
{
	struct traces *traces = ARENA_NEW(c->arena, struct traces);
	struct closure *closure = ARENA_NEW(c->arena, struct closure);
	struct resolver r = {.c = c, .manifest = ARENA_NEW(c->arena, struct manifest), .closure = closure};

	closure->pool = pool;
	for (size_t i = 0; i < count; i++) {
		struct trace *trace = trace_program(&r, paths[i], &traces->missing_count);

		if (trace)
			*ARENA_PUSH(c->arena, traces->list, traces->count) = trace;
	}
	return traces;
}

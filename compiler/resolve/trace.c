/* Decides what the loader of each program finds for it in a pool. Nothing enters an image by it; what is missing is an answer. */
#include <elf.h>
#include <string.h>

#include "resolve/hwcaps.h"
#include "resolve/loader.h"
#include "resolve/resolve.h"
#include "resolve/verify.h"
#include "support/memory.h"
#include "support/text.h"

/* exec_binprm of the kernel gives up at the sixth. */
enum { MOST_SCRIPTS = 5 };

/* One program on its way. */
struct tracer {
	struct resolver *r;
	const struct trace_options *options;
	struct program p;
	struct trace *trace;
	struct map objects;   /* struct object -> struct trace_object */
	struct names missing; /* names of what is not found -> struct trace_object */
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

/* How what REQUEST asks for was found, or where it was searched. */
static const char *
in_words(struct tracer *t, const struct request *request, const char *how)
{
	return request->kind == REQUEST_OPENED ? arena_printf(t->r->c->arena, "%s: %s", request->why, how) : how;
}

static const struct trace_object *
found(struct tracer *t, const struct edge *edge, const struct trace_object *by)
{
	struct object *object = edge->to;
	struct trace_object **known = (struct trace_object **)map_slot(t->r->c->arena, &t->objects, object);
	bool is_libc = object == t->p.interp_object && t->p.loader == &loader_musl;

	/* musl's loader is its C library too, and is told twice: as the interpreter, and by the first name that means it. */
	if (*known && (!is_libc || strcmp((*known)->name, t->p.interp) != 0))
		return *known;
	if (object == t->p.interp_object)
		*known = add_object(t, object->path, is_libc ? edge->request.name : t->p.interp, object->how, by);
	else
		*known = add_object(t, object->path, object->asked_as, in_words(t, &edge->request, object->how), by);
	return *known;
}

static const struct trace_object *
not_found(struct tracer *t, const struct edge *edge, const struct trace_object *by)
{
	const struct search *miss = edge->miss;
	struct arena *a = t->r->c->arena;
	void **known = names_slot(a, &t->missing, miss->name);
	const char *places = search_places(t->r->c, miss);

	if (!*known)
		*known = add_object(t, NULL, miss->name, places ? in_words(t, &edge->request, places) : NULL, by);
	return *known;
}

/* Tells of what was loaded, in the order in which it was asked for. */
static void
tell(struct tracer *t)
{
	for (const struct object *o = t->p.main; o; o = o->search_next) {
		struct trace_object *from = *map_slot(t->r->c->arena, &t->objects, o);

		for (size_t i = 0; i < o->edge_count; i++) {
			const struct edge *edge = &o->edges[i];

			if (edge->to)
				add_edge(t, from, edge->request.name, found(t, edge, from));
			else if (edge->miss)
				add_edge(t, from, edge->request.name, not_found(t, edge, from));
		}
	}
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

/* The loader is the first to be there beside the program. Who opens a library is not known: its loader is told when it is needed. */
static void
tell_loader(struct tracer *t, enum program_end end, struct trace_object *self)
{
	const char *interp = t->p.main->facts->interp;
	struct trace_object *known;

	if (!interp || end == PROGRAM_LOADER_UNKNOWN)
		return;
	known = add_object(t, end == PROGRAM_LOADER_MISSING ? NULL : interp, interp, "PT_INTERP", self);
	add_edge(t, self, interp, known);
	if (t->p.interp_object)
		*map_slot(t->r->c->arena, &t->objects, t->p.interp_object) = known;
}

static void
report_unfit_loader(struct tracer *t, const char *path)
{
	struct place place = place_find(t->r, t->p.interp);
	const struct file_facts *facts = facts_of(t->r, place.content, (struct span){0});

	untraceable(t, path, "it is %s, but its loader '%s' is %s", facts_machine(t->r->c, t->p.main->facts), t->p.interp,
		facts->kind == FILE_ELF ? facts_machine(t->r->c, &facts->elf) : "no ELF file");
}

static void
tell_end(struct tracer *t, enum program_end end, const char *path, struct trace_object *self)
{
	tell_loader(t, end, self);
	switch (end) {
	case PROGRAM_LOADED:
		t->trace->loader = t->p.loader->name;
		tell(t);
		if (t->options->verifies)
			verify_program(&t->p);
		break;
	case PROGRAM_LOADER_UNKNOWN:
		untraceable(t, path, "how its loader '%s' finds libraries is not known", t->p.interp);
		break;
	case PROGRAM_LOADER_UNFIT:
		report_unfit_loader(t, path);
		break;
	case PROGRAM_LOADER_MISSING:
	case PROGRAM_BROKEN:
		break;
	}
}

static void
trace_elf(struct tracer *t, const struct place *place, const struct elf_facts *facts, struct trace_object *self)
{
	const char *const *const *lists, *interp;
	struct need *need;
	size_t count;

	if (facts->type != ET_EXEC && facts->type != ET_DYN) {
		untraceable(t, place->path, "it is an ELF file, but neither a program nor a library");
		return;
	}
	if (!facts->is_dynamic || (!facts->interp && facts->needed_count == 0))
		return;
	interp = facts->interp ? facts->interp : loader_for_library(t, facts);
	if (!interp) {
		untraceable(t, place->path, "it names no loader, and there is none for %s", facts_machine(t->r->c, facts));
		return;
	}
	lists = hwcaps_lists(t->r->c->arena, facts, t->options->cpu, t->options->cpu, &count);
	t->p = (struct program){.policy = {.opens = t->options->opens, .least = t->options->least, .hwcaps = lists[0]}};
	need = place_take(t->r, place, (struct reason){.text = "asked about"});
	program_begin(&t->p, t->r, need, place->content, facts, need->entry->mode, need->entry->xattrs);
	*map_slot(t->r->c->arena, &t->objects, t->p.main) = self;
	tell_end(t, program_start(&t->p, interp), place->path, self);
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
		return arena_printf(c->arena, "there is no '%.*s' in %s", (int)walk->part_length, walk->part, entry_path(c, walk->stop));
	case WALK_NOT_DIRECTORY:
		return arena_printf(c->arena, "%s is not a directory", entry_path(c, walk->stop));
	case WALK_LOOP:
		return arena_printf(c->arena, "it leads through more than %d links", (int)WALK_LINKS);
	}
	BUG("no such end of a walk");
}

static struct trace *
trace_program(struct resolver *r, const struct trace_options *options, const char *path, size_t *missing_count)
{
	struct tracer t = {.r = r, .options = options, .trace = ARENA_NEW(r->c->arena, struct trace)};
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
resolve_traces(struct compilation *c, const struct pool *pool, const struct trace_options *options,
	const char *const *paths, size_t count)
{
	struct traces *traces = ARENA_NEW(c->arena, struct traces);
	struct closure *closure = ARENA_NEW(c->arena, struct closure);
	struct manifest *nothing = ARENA_NEW(c->arena, struct manifest);
	struct resolver r = {.c = c, .manifest = nothing, .closure = closure, .pool_is_image = true};

	nothing->libraries.cpu.v = (int)options->cpu;
	nothing->libraries.cpu.given = options->cpu != HWCAPS_NONE;
	closure->pool = pool;
	for (size_t i = 0; i < count; i++) {
		struct trace *trace = trace_program(&r, options, paths[i], &traces->missing_count);

		if (trace)
			*ARENA_PUSH(c->arena, traces->list, traces->count) = trace;
	}
	return traces;
}

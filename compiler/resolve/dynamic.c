/* Decides what a dynamic program brings into the image: what its loader finds for it, on every CPU that the image is for. */
#include <string.h>

#include "resolve/hwcaps.h"
#include "resolve/loader.h"
#include "resolve/verify.h"

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

static void
remember_loader(struct resolver *r, const struct elf_facts *facts)
{
	for (size_t i = 0; facts->interp && i < r->known_loader_count; i++)
		if (strcmp(r->known_loaders[i].interp, facts->interp) == 0 && facts_fit(r->known_loaders[i].of, facts))
			return;
	if (facts->interp)
		*ARENA_PUSH(r->c->arena, r->known_loaders, r->known_loader_count) =
			(struct known_loader){facts->interp, facts};
}

static void
report_missing_loader(struct program *p)
{
	struct compilation *c = p->r->c;
	struct place place = place_find(p->r, p->interp);
	struct lack *lack = lack_of(p->r, p->interp);
	struct diag *d;

	if (lack->told) {
		lack_repeat(lack, p->main->need);
		return;
	}
	lack->told = d = diag(&c->diags, DIAG_INTERPRETER_MISSING, p->main->need->why.at,
		"'%s' is started by the loader '%s', which is not in the pool", p->main->path, p->interp);

	if (place.walk.entry)
		diag_label(d, "%s is not a file", p->interp);
	diag_help(d, "add an input that has it; the host's is never used");
	walk_explain(c, &place.walk, d);
	need_explain(d, p->main->need);
}

static void
report_unfit_loader(struct program *p)
{
	struct compilation *c = p->r->c;
	struct place place = place_find(p->r, p->interp);
	const struct file_facts *facts = facts_of(p->r, place.content, p->main->need->why.at);

	need_explain(diag(&c->diags, DIAG_LIBRARY_UNUSABLE, p->main->need->why.at,
		"'%s' is %s, but its loader '%s' is %s", p->main->path, facts_machine(c, p->main->facts), p->interp,
		facts->kind == FILE_ELF ? facts_machine(c, &facts->elf) : "no ELF file"), p->main->need);
}

/* A library without which the program still runs. */
static void
report_absent(struct program *p, const struct search *miss)
{
	const struct request *request = &miss->request;
	struct diag *d;

	if (!is_news(p->r, arena_printf(p->r->c->arena, "%s may want %s", miss->by->need->path, miss->name)))
		return;
	d = diag(&p->r->c->diags, DIAG_LIBRARY_ABSENT, p->main->need->why.at,
		"'%s' would use the library '%s' (%s), which is not found in the pool", miss->by->need->path, miss->name,
		request->kind == REQUEST_OPENED ? request->why : request->kind == REQUEST_AUDIT ? "DT_AUDIT" : "/etc/ld.so.preload");
	need_explain(d, miss->by->need);
}

static bool
is_vital(const struct request *request)
{
	switch (request->kind) {
	case REQUEST_NEEDED:
	case REQUEST_FILTER:
		return true;
	case REQUEST_OPENED:
		return request->priority == DLOPEN_REQUIRED;
	case REQUEST_AUXILIARY:
	case REQUEST_AUDIT:
	case REQUEST_PRELOAD:
		break;
	}
	return false;
}

static void
report_misses(struct program *p)
{
	for (const struct object *o = p->main; o; o = o->search_next) {
		for (size_t i = 0; i < o->edge_count; i++) {
			const struct search *miss = o->edges[i].miss;

			if (miss && is_vital(&miss->request))
				report_missing_library(p, miss);
			else if (miss)
				report_absent(p, miss);
		}
	}
}

static void
report_end(struct program *p, enum program_end end)
{
	switch (end) {
	case PROGRAM_LOADED:
		report_misses(p);
		verify_program(p);
		break;
	case PROGRAM_LOADER_UNKNOWN:
		need_explain(diag(&p->r->c->diags, DIAG_LOADER_UNKNOWN, p->main->need->why.at,
			"how the loader '%s' of '%s' finds libraries is not known", p->interp, p->main->path),
			p->main->need);
		break;
	case PROGRAM_LOADER_MISSING:
		report_missing_loader(p);
		break;
	case PROGRAM_LOADER_UNFIT:
		report_unfit_loader(p);
		break;
	case PROGRAM_BROKEN:
		break;
	}
}

void
resolve_program(struct resolver *r, const struct root *root, const struct elf_facts *facts)
{
	const struct m_libraries *libraries = &r->manifest->libraries;
	const char *const *const *lists, *interp;
	size_t count;

	if (!facts->is_dynamic || (!facts->interp && facts->needed_count == 0))
		return;
	interp = interp_for(r, root, facts);
	if (!interp)
		return;
	lists = hwcaps_lists(r->c->arena, facts, (enum hwcaps)libraries->cpu.v, (enum hwcaps)libraries->hwcaps.v, &count);
	for (size_t i = 0; i < count; i++) {
		struct program p = {.policy = {.opens = true, .least = (enum dlopen_priority)libraries->dlopen.v,
			.hwcaps = lists[i]}};
		enum program_end end;

		program_begin(&p, r, root->need, root->content, facts, root->mode, root->xattrs);
		end = program_start(&p, interp);
		report_end(&p, end);
		if (end != PROGRAM_LOADED)
			return;
	}
	remember_loader(r, facts);
}

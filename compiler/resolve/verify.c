#include "resolve/verify.h"

#include <elf.h>
#include <string.h>

#include "resolve/hwcaps.h"
#include "resolve/notes.h"
#include "resolve/symbols.h"
#include "support/text.h"

static const struct elf_symbols *
symbols_in(struct program *p, const struct object *object)
{
	return symbols_of(p->r, object->content, object->facts, p->main->need->why.at);
}

/* Whether nothing was said yet of WHAT in OBJECT: it is the same in every program. */
static bool
is_new(struct program *p, const struct object *object, const char *what)
{
	return is_news(p->r, arena_printf(p->r->c->arena, "%s: %s", object->need->path, what));
}

__attribute__((format(printf, 4, 5))) static struct diag *
say(struct program *p, const struct object *object, enum diag_kind kind, const char *format, ...)
{
	va_list arguments;
	struct diag *d;

	va_start(arguments, format);
	d = diag(&p->r->c->diags, kind, p->main->need->why.at, "%s", arena_vprintf(p->r->c->arena, format, arguments));
	va_end(arguments);
	need_explain(d, object->need);
	return d;
}

/* G22: each version must be in the object that goes by the name of the file; one without any versions has them all. */
static void
check_version(struct program *p, const struct object *object, const struct version_need *need)
{
	const struct object *provider = program_object(p, need->file);
	const struct elf_symbols *defined = provider ? symbols_in(p, provider) : NULL;

	if (!defined || defined->definition_count == 0 || need->is_weak || symbols_define_version(defined, need->name))
		return;
	if (is_new(p, object, need->name))
		say(p, object, DIAG_LIBRARY_VERSION, "'%s' needs the version '%s' of '%s', which '%s' does not have",
			object->need->path, need->name, need->file, provider->need->path);
}

/* G22: since 2.36 glibc wants whoever has DT_RELR to say so by a version. */
static void
check_relr(struct program *p, const struct object *object, const struct elf_symbols *s)
{
	static const char version[] = "GLIBC_ABI_DT_RELR";
	const struct object *libc = program_object(p, "libc.so.6");
	const struct elf_symbols *defined = libc ? symbols_in(p, libc) : NULL;
	bool needs_libc = false;

	if (!object->facts->has_relr || object == libc || object == p->interp_object || !defined ||
		!symbols_define_version(defined, version))
		return;
	for (size_t i = 0; i < s->need_count; i++) {
		needs_libc |= strcmp(s->needs[i].file, "libc.so.6") == 0;
		if (strcmp(s->needs[i].name, version) == 0)
			return;
	}
	if (needs_libc && is_new(p, object, version))
		say(p, object, DIAG_LIBRARY_VERSION,
			"'%s' has DT_RELR, but does not ask for the version '%s', without which the loader ends it",
			object->need->path, version);
}

static void
check_versions(struct program *p, const struct object *object)
{
	const struct elf_symbols *s = symbols_in(p, object);

	if (!s || p->loader != &loader_glibc) /* musl does not check versions (M8) */
		return;
	for (size_t i = 0; i < s->need_count; i++)
		check_version(p, object, &s->needs[i]);
	check_relr(p, object, s);
}

static bool
is_defined(struct program *p, const struct symbol *symbol)
{
	const char *version = p->loader == &loader_glibc ? symbol->version : NULL;

	for (const struct object *o = p->main; o; o = o->search_next) {
		const struct elf_symbols *s = symbols_in(p, o);

		if (s && symbols_define(s, symbol->name, version))
			return true;
	}
	return false;
}

/* G23, M8: a strong symbol that nothing defines ends a program that looks for all of them when it starts. */
static void
check_symbols(struct program *p, const struct object *object)
{
	const struct elf_symbols *s = symbols_in(p, object);
	const char *first = NULL;
	struct symbol symbol;
	size_t at = 0, count = 0;

	if (!object->facts->binds_now && p->loader == &loader_glibc)
		return;
	while (s && symbols_next_undefined(s, &at, &symbol)) {
		if (symbol.is_weak || is_defined(p, &symbol))
			continue;
		first = first ? first : symbol.name;
		count++;
	}
	if (count && is_new(p, object, first))
		say(p, object, DIAG_SYMBOL_MISSING, "no library defines %s, which '%s' needs when it starts",
			count == 1 ? arena_printf(p->r->c->arena, "the symbol '%s'", first) :
				     arena_printf(p->r->c->arena, "'%s' and %zu more symbols", first, count - 1),
			object->need->path);
}

/* G9: the loader ends a program when a file says that it needs a better CPU. */
static void
check_cpu(struct program *p, const struct object *object)
{
	const struct m_enum *cpu = &p->r->manifest->libraries.cpu;
	const struct elf_remarks *remarks = remarks_of(p->r, object->content, object->facts, p->main->need->why.at);
	enum hwcaps needed = remarks ? hwcaps_of_isa(object->facts, remarks->isa_needed) : HWCAPS_NONE;

	if (needed <= (enum hwcaps)cpu->v || object->by_hwcaps || !is_new(p, object, "cpu"))
		return;
	if (cpu->given)
		diag_note(say(p, object, DIAG_CPU_TOO_OLD, "'%s' needs a CPU of level %s", object->need->path,
			hwcaps_name(needed)), cpu->at, "the machine has %s", hwcaps_name((enum hwcaps)cpu->v));
	else
		diag_help(say(p, object, DIAG_CPU_UNKNOWN, "'%s' needs a CPU of level %s, and nothing says that the machine has one",
			object->need->path, hwcaps_name(needed)), "write libraries: {cpu: %s}", hwcaps_name(needed));
}

/* G5: an empty or relative element is the directory that the program happens to run in. */
static void
check_search_path(struct program *p, const struct object *object, const char *tag, const char *path)
{
	for (const char *end; path && *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		if (*path == '/' || *path == '$')
			continue;
		if (is_new(p, object, tag))
			say(p, object, DIAG_SEARCH_PATH_INSECURE,
				"%s of '%s' has %s: the loader would look into whatever directory the program runs in", tag,
				object->need->path,
				end == path ? "an empty element" : arena_printf(p->r->c->arena, "the element '%.*s'", (int)(end - path), path));
		return;
	}
}

/* G6: before /proc is there the loader cannot tell where the program is. */
static void
check_origin(struct program *p, const struct object *object)
{
	if (object->by_origin && p->r->init == p->main->content && is_new(p, object, "origin"))
		say(p, object, DIAG_ORIGIN_OF_INIT,
			"init finds '%s' by '%s', which the loader can only tell where /proc is mounted", object->need->path,
			object->by_origin);
}

static bool
is_complete(const struct program *p)
{
	for (const struct object *o = p->main; o; o = o->search_next)
		for (size_t i = 0; i < o->edge_count; i++)
			if (!o->edges[i].to && o->edges[i].request.kind == REQUEST_NEEDED)
				return false;
	return true;
}

void
verify_program(struct program *p)
{
	bool is_whole = is_complete(p);

	for (const struct object *o = p->main; o; o = o->search_next) {
		check_versions(p, o);
		check_cpu(p, o);
		check_search_path(p, o, "RPATH", o->facts->rpath);
		check_search_path(p, o, "RUNPATH", o->facts->runpath);
		check_origin(p, o);
		if (is_whole && !o->is_late && p->main->facts->interp)
			check_symbols(p, o);
	}
}

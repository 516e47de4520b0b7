/* Decides what of the pool enters the image: what the manifest asks for, and all that this needs. */
#include "resolve/resolve.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/cache.h"
#include "resolve/resolver.h"
#include "support/text.h"

static int
compare_files(const void *a, const void *b, void *context)
{
	const struct resolver *r = context;
	const struct m_file *files = r->manifest->files;

	return strcmp(files[*(const size_t *)a].path, files[*(const size_t *)b].path);
}

static void
begin(struct resolver *r)
{
	const struct manifest *m = r->manifest;
	struct arena *a = r->c->arena;

	r->closure->sources = ARENA_ARRAY(a, const struct content *, m->file_count);
	r->closure->source_entries = ARENA_ARRAY(a, const struct entry *, m->file_count);
	r->closure->data = ARENA_ARRAY(a, const struct content_data *, m->file_count);
	r->closure->raws = ARENA_ARRAY(a, const struct content *, m->partition_count);
	r->given = ARENA_ARRAY(a, struct need *, m->file_count);
	r->given_order = ARENA_ARRAY(a, size_t, m->file_count);
	for (size_t i = 0; i < m->file_count; i++)
		r->given_order[i] = i;
	if (m->file_count)
		qsort_r(r->given_order, m->file_count, sizeof *r->given_order, compare_files, r);
}

static void
report_unrunnable(struct resolver *r, const struct root *root, const char *why, const char *help)
{
	need_explain(diag_help(diag(&r->c->diags, DIAG_PROGRAM_UNRUNNABLE, root->need->why.at, "'%s' cannot be run: %s",
		root->need->path, why), "%s", help),
		root->need);
}

/* Whether the kernel could run what was asked for as a program; libraries may be asked for too. */
static bool
is_runnable(struct resolver *r, const struct root *root, const struct file_facts *facts)
{
	bool is_library = facts->kind == FILE_ELF && facts->elf.type == ET_DYN && !facts->elf.is_pie;

	if (facts->kind == FILE_DATA)
		report_unrunnable(r, root, "it is neither an ELF file nor a script", "take a program here, and name what is none under 'files'");
	else if (facts->kind == FILE_ELF && facts->elf.type != ET_EXEC && facts->elf.type != ET_DYN)
		report_unrunnable(r, root, "it is an ELF file, but no program", "take a program here, and name what is none under 'files'");
	else if (!(root->mode & 0111) && !is_library)
		report_unrunnable(r, root, arena_printf(r->c->arena, "nobody may, its mode is %04o", root->mode),
			"set its x bit in the input, or name it under 'files' with 'mode: 0755'");
	else
		return true;
	return false;
}

/* A shared object without a loader of its own is opened by those programs that have one: they come first (K3). */
static bool
waits(const struct elf_facts *facts)
{
	return facts->is_dynamic && !facts->interp && facts->needed_count > 0;
}

static void
resolve_root(struct resolver *r, const struct root *root, bool is_last_turn)
{
	const struct file_facts *facts = facts_of(r, root->content, root->need->why.at);

	if (facts->kind == FILE_BROKEN || (facts->kind == FILE_ELF && waits(&facts->elf) != is_last_turn))
		return;
	if (facts->kind != FILE_ELF && is_last_turn)
		return;
	if (root->must_run && !is_runnable(r, root, facts))
		return;
	if (facts->kind == FILE_ELF)
		resolve_program(r, root, &facts->elf);
	else if (facts->kind == FILE_SCRIPT && (root->mode & 0111))
		resolve_script(r, root, facts);
}

static void
resolve_roots(struct resolver *r)
{
	size_t first = r->resolved_count;

	if (r->manifest->complete.v)
		return;
	for (size_t i = first; i < r->root_count; i++) {
		struct root root = r->roots[i]; /* the list grows and moves */

		resolve_root(r, &root, false);
	}
	for (size_t i = first; i < r->root_count; i++)
		resolve_root(r, &r->roots[i], true);
	r->resolved_count = r->root_count;
}

/* What the kernel runs first: what the arguments say, or the first that is there of its own list. */
static void
find_init(struct resolver *r)
{
	const char *arguments = r->manifest->kernel.arguments.v, *given = arguments ? startup_argument(r->c->arena, arguments, "init=") : NULL;
	struct place place;

	if (given && given[0] == '/')
		r->init = place_find(r, given).content;
	for (size_t i = 0; !given && !r->init && startup_usual[i]; i++) {
		place = place_find(r, startup_usual[i]);
		if (place.is_applet)
			place = place_find(r, r->manifest->busybox.program.v);
		r->init = place.content;
	}
}

static void
resolve_grub(struct resolver *r)
{
	switch ((enum grub_version)r->manifest->grub.version.v) {
	case GRUB_LEGACY:
		resolve_grub_legacy(r);
		return;
	case GRUB_2:
		resolve_grub2(r);
		return;
	}
}

const struct closure *
resolve_closure(struct compilation *c, const struct manifest *m, const struct pool *pool)
{
	struct closure *closure = ARENA_NEW(c->arena, struct closure);
	struct resolver r = {.c = c, .manifest = m, .closure = closure};
	size_t errors = c->diags.error_count;

	closure->pool = pool;
	begin(&r);
	resolve_kernel(&r);
	resolve_busybox(&r);
	resolve_programs(&r);
	resolve_sources(&r);
	resolve_sparse(&r);
	resolve_subtrees(&r);
	resolve_modules(&r);
	find_init(&r);
	resolve_roots(&r);
	resolve_gconv(&r);
	resolve_roots(&r);
	if (m->grub.given)
		resolve_grub(&r);
	if (m->libraries.cache.v)
		closure->cache = cache_for_image(&r);
	return c->diags.error_count == errors ? closure : NULL;
}

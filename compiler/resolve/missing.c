/* Decides what to say of a library that was not found: where was searched, and where else the pool has it. */
#include <stdlib.h>
#include <string.h>

#include "resolve/conf.h"
#include "resolve/loader.h"
#include "support/text.h"

enum {
	MOST_ELSEWHERE = 3,
	MOST_LOOKED_INTO = 100,
};

/* Whether ENTRY is what was searched for, by its name or by the SONAME that a longer name has, and could have been used. */
static bool
would_fit(struct program *p, const struct search *search, const struct entry *entry)
{
	struct place place;
	const struct file_facts *facts;
	bool by_name = strcmp(entry->name, search->name) == 0;

	place = place_find(p->r, entry_path(p->r->c, entry));
	if (!place.content)
		return false;
	facts = facts_peek(p->r, place.content, p->main->need->why.at);
	return facts->kind == FILE_ELF && facts_fit(&facts->elf, p->main->facts) &&
		(by_name || (facts->elf.soname && strcmp(facts->elf.soname, search->name) == 0));
}

static void
collect(struct resolver *r, const struct entry *directory)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct entry *child = directory->children[i];

		if (strcmp(child->name, "glibc-hwcaps") == 0) /* variants of what stands above them */
			continue;
		if (child->kind == ENTRY_DIRECTORY)
			collect(r, child);
		else
			*ARENA_PUSH(r->c->arena, r->by_name.list, r->by_name.count) =
				(struct named_entry){child, r->by_name.count};
	}
}

/* By name; those of one name as they stand in the tree. */
static int
compare_named(const void *a, const void *b)
{
	const struct named_entry *x = a, *y = b;
	int order = strcmp(x->entry->name, y->entry->name);

	return order ? order : x->at < y->at ? -1 : 1;
}

/* Where the names that begin with NAME begin. */
static size_t
first_named(struct resolver *r, const char *name)
{
	size_t low = 0, high;

	if (!r->by_name.is_read && (collect(r, r->closure->pool->root), r->by_name.count))
		qsort(r->by_name.list, r->by_name.count, sizeof *r->by_name.list, compare_named);
	r->by_name.is_read = true;
	for (high = r->by_name.count; low < high;) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(r->by_name.list[middle].entry->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A name may be all that the files of a pool begin with: not all of them are looked into. */
static size_t
find_elsewhere(struct program *p, const struct search *search, const char **paths)
{
	struct resolver *r = p->r;
	size_t first = first_named(r, search->name), count = 0;

	for (size_t i = first; i < r->by_name.count && i - first < MOST_LOOKED_INTO && count < MOST_ELSEWHERE; i++) {
		const struct entry *entry = r->by_name.list[i].entry;

		if (!text_starts_with(entry->name, search->name))
			break;
		if (would_fit(p, search, entry))
			paths[count++] = entry_path(r->c, entry);
	}
	return count;
}

/* Whether a line of ld.so.conf leads to the directory of PATH. */
static bool
is_in_conf(struct program *p, const char *path)
{
	struct compilation *c = p->r->c;
	const struct pool *pool = p->r->closure->pool;
	struct walk wanted = walk_path(c, pool, path_directory(c, path));
	size_t count;
	const struct conf_directory *directories = conf_read(p->r, p->main->need->why.at, &count);

	for (size_t i = 0; i < count; i++)
		if (walk_path(c, pool, directories[i].path).entry == wanted.entry)
			return true;
	return false;
}

static void
note_elsewhere(struct program *p, const struct search *search, struct diag *d)
{
	const char *paths[MOST_ELSEWHERE];
	size_t count = find_elsewhere(p, search, paths);

	for (size_t i = 0; i < count; i++) {
		if (p->loader == &loader_glibc && is_in_conf(p, paths[i]))
			diag_note(d, (struct span){0},
				"found in %s via ld.so.conf, which only ldconfig reads: the image has no ld.so.cache; "
				"libraries: {cache: true} makes one", paths[i]);
		else
			diag_note(d, (struct span){0}, "the pool has '%s', but no search leads there", paths[i]);
	}
	if (!count)
		diag_help(d, "add an input that has it; the host's libraries are never used");
	else
		diag_help(d,
			"put the library into a directory that is searched, by 'files', or give the program a RUNPATH");
}

void
report_missing_library(struct program *p, const struct search *search)
{
	struct compilation *c = p->r->c;
	struct lack *lack = lack_of(p->r, arena_printf(c->arena, "%s, %s", search->name, facts_machine(c, p->main->facts)));
	struct diag *d;

	/* The same file needs the same library in every program: once is enough. */
	if (!is_news(p->r, arena_printf(c->arena, "%s needs %s", search->by->need->path, search->name)))
		return;
	if (lack->told) {
		lack_repeat(lack, search->by->need);
		return;
	}
	lack->told = d = diag(&c->diags, DIAG_LIBRARY_MISSING, p->main->need->why.at,
		"library '%s' of '%s' is not found in the pool", search->name,
		search->by->need->path);
	diag_label(d, "needs %s", search->name);
	if (search->by != p->main || search->by->need->why.needed_by) /* else all that it would say is said */
		need_explain(d, search->by->need);
	if (search->tried_count)
		diag_note(d, (struct span){0}, "searched, in this order: %s", search_places(c, search));
	for (size_t i = 0; i < search->refused_count; i++)
		diag_note(d, (struct span){0}, "%s, not %s", search->refused[i], facts_machine(c, p->main->facts));
	note_elsewhere(p, search, d);
}

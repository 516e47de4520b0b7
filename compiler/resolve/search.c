/* Decides what is kept of a search for a library, for those who explain it: each path is split once, whoever is looked for in it. */
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "resolve/loader.h"
#include "support/text.h"

enum {
	MOST_PLACES = 64, /* that a message names */
	MOST_REFUSED = 16,
};

struct search_directory
searched_directory(struct program *p, const char *path)
{
	size_t length = strlen(path);

	while (length && path[length - 1] == '/')
		length--;
	return (struct search_directory){.path = path, .length = length, .is_usable = *path == '/',
		.place = place_directory(p->r, arena_strndup(p->r->c->arena, path, length))};
}

void
search_own_directories(struct program *p, const char *how)
{
	struct search_directory *list;

	if (p->own.how)
		return;
	list = ARENA_ARRAY(p->r->c->arena, struct search_directory, p->directory_count);
	for (size_t i = 0; i < p->directory_count; i++)
		list[i] = searched_directory(p, p->directories[i]);
	p->own = (struct search_path){.how = how, .list = list, .count = p->directory_count};
}

bool
search_candidate(char path[PATH_MAX], const char *directory, size_t directory_length, const char *below, const char *name)
{
	size_t below_length = strlen(below), length = strlen(name);

	if (directory_length + below_length + length + 2 > PATH_MAX)
		return false;
	path = mempcpy(path, directory, directory_length);
	path = mempcpy(path, below, below_length);
	*path = '/';
	memcpy(path + 1, name, length + 1);
	return true;
}

void
search_tried(struct program *p, struct search *search, const struct search_path *path)
{
	if (!search->tried_count || search->tried[search->tried_count - 1].path != path)
		*ARENA_PUSH(p->r->c->arena, search->tried, search->tried_count) = (struct tried){.path = path};
	search->tried[search->tried_count - 1].count++;
}

static const char *
directory_text(struct arena *a, const struct search_path *path, const struct search_directory *d)
{
	if (!d->path)
		return path->how;
	return arena_printf(a, d->is_usable ? "%s %s" : "%s '%s' (not usable)", path->how, d->path);
}

const char *
search_places(struct compilation *c, const struct search *search)
{
	const char *texts[MOST_PLACES + 1];
	size_t count = 0, all = 0;

	for (size_t i = 0; i < search->tried_count; i++) {
		const struct tried *t = &search->tried[i];

		for (size_t j = 0; j < t->count && count < MOST_PLACES; j++)
			texts[count++] = directory_text(c->arena, t->path, &t->path->list[j]);
		all += t->count;
	}
	if (all > count)
		texts[count++] = arena_printf(c->arena, "and %zu more", all - MOST_PLACES);
	return count ? text_join(c->arena, texts, count, ", ", ", ") : NULL;
}

void
search_refused(struct program *p, struct search *search, const char *format, ...)
{
	struct arena *a = p->r->c->arena;
	va_list arguments;

	if (search->refused_count == MOST_REFUSED)
		return;
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

/* Decides what to say of a library that was not found: where was searched, and where else the pool has it. */
#include <string.h>

#include "resolve/loader.h"
#include "support/text.h"

enum {
	LARGEST_CONF = 1024 * 1024,
	DEEPEST_INCLUDE = 8,
	MOST_CONF_FILES = 256,
	MOST_ELSEWHERE = 3,
};

struct conf {
	struct resolver *r;
	struct span at;
	const char **directories;
	size_t count, file_count;
};

static void read_conf(struct conf *, const char *path, unsigned depth);

static void
include(struct conf *conf, const char *from, char *patterns, unsigned depth)
{
	struct compilation *c = conf->r->c;
	size_t length, count;

	for (;; patterns += length) {
		const char *pattern, **paths;

		patterns += strspn(patterns, " \t");
		length = strcspn(patterns, " \t");
		if (length == 0)
			return;
		pattern = arena_strndup(c->arena, patterns, length);
		if (pattern[0] != '/')
			pattern = arena_printf(c->arena, "%s/%s", path_directory(c, from), pattern);
		paths = walk_pattern(c, conf->r->closure->pool, pattern, &count);
		for (size_t i = 0; i < count; i++)
			read_conf(conf, paths[i], depth + 1);
	}
}

/* One line, as parse_conf of ldconfig reads it (G15). */
static void
read_line(struct conf *conf, const char *from, char *line, unsigned depth)
{
	size_t length;

	line[strcspn(line, "#")] = '\0';
	line += strspn(line, " \t\r\f\v");
	length = strlen(line);
	while (length && strchr(" \t\r\f\v/", line[length - 1]))
		line[--length] = '\0';
	if (text_starts_with(line, "include ") || text_starts_with(line, "include\t"))
		include(conf, from, line + strlen("include "), depth);
	else if (line[0] == '/')
		*ARENA_PUSH(conf->r->c->arena, conf->directories, conf->count) = line;
}

static void
read_conf(struct conf *conf, const char *path, unsigned depth)
{
	struct place place = place_find(conf->r, path);
	struct compilation *c = conf->r->c;
	const char *text;

	if (!place.content || depth > DEEPEST_INCLUDE || ++conf->file_count > MOST_CONF_FILES)
		return;
	text = content_read(c, place.content, conf->at, LARGEST_CONF);
	for (size_t length; text && *text; text += length + (text[length] != '\0')) {
		length = strcspn(text, "\n");
		read_line(conf, path, arena_strndup(c->arena, text, length), depth);
	}
}

/* The directories of /etc/ld.so.conf of the pool, which only a cache would make known to the loader. */
static const char **
conf_directories(struct resolver *r, struct span at, size_t *count)
{
	struct conf conf = {.r = r, .at = at};

	read_conf(&conf, "/etc/ld.so.conf", 0);
	*count = conf.count;
	return conf.directories;
}

/* Whether ENTRY is what was searched for, and could have been used. */
static bool
would_fit(struct program *p, const struct search *search, const struct entry *entry)
{
	struct place place;
	const struct file_facts *facts;

	if (strcmp(entry->name, search->name) != 0 || entry->kind == ENTRY_DIRECTORY)
		return false;
	place = place_find(p->r, entry_path(p->r->c, entry));
	if (!place.content)
		return false;
	facts = facts_of(p->r, place.content, p->main->need->why.at);
	return facts->kind == FILE_ELF && facts_fit(&facts->elf, p->main->facts);
}

static void
find_elsewhere(struct program *p, const struct search *search, const struct entry *directory, const char **paths,
	size_t *count)
{
	for (size_t i = 0; i < directory->child_count && *count < MOST_ELSEWHERE; i++) {
		const struct entry *child = directory->children[i];

		if (child->kind == ENTRY_DIRECTORY)
			find_elsewhere(p, search, child, paths, count);
		else if (would_fit(p, search, child))
			paths[(*count)++] = entry_path(p->r->c, child);
	}
}

/* Whether a line of ld.so.conf leads to the directory of PATH. */
static bool
is_in_conf(struct program *p, const char *path)
{
	struct compilation *c = p->r->c;
	const struct pool *pool = p->r->closure->pool;
	struct walk wanted = walk_path(c, pool, path_directory(c, path));
	size_t count;
	const char **directories = conf_directories(p->r, p->main->need->why.at, &count);

	for (size_t i = 0; i < count; i++)
		if (walk_path(c, pool, directories[i]).entry == wanted.entry)
			return true;
	return false;
}

static void
note_elsewhere(struct program *p, const struct search *search, struct diag *d)
{
	const char *paths[MOST_ELSEWHERE];
	size_t count = 0;

	find_elsewhere(p, search, p->r->closure->pool->root, paths, &count);
	for (size_t i = 0; i < count; i++) {
		if (p->loader == &loader_glibc && is_in_conf(p, paths[i]))
			diag_note(d, (struct span){0},
				"found in %s via ld.so.conf, which only ldconfig reads: the image has no ld.so.cache", paths[i]);
		else
			diag_note(d, (struct span){0}, "the pool has '%s', but no search leads there", paths[i]);
	}
	if (!count)
		diag_help(d, "add an input that has it; the host's libraries are never used");
	else
		diag_help(d,
			"put the library into a directory that is searched, by 'files', or give the program a RUNPATH");
}

/* The same file needs the same library in every program: once is enough. */
static bool
is_news(struct resolver *r, const struct search *search)
{
	const char *what = arena_printf(r->c->arena, "%s needs %s", search->by->need->path, search->name);

	for (size_t i = 0; i < r->missing_count; i++)
		if (strcmp(r->missing[i], what) == 0)
			return false;
	*ARENA_PUSH(r->c->arena, r->missing, r->missing_count) = what;
	return true;
}

void
report_missing_library(struct program *p, const struct search *search)
{
	struct compilation *c = p->r->c;
	struct diag *d;

	if (!is_news(p->r, search))
		return;
	d = diag(&c->diags, DIAG_LIBRARY_MISSING, p->main->need->why.at,
		"library '%s' of '%s' is not found in the pool", search->name,
		search->by->need->path);
	diag_label(d, "needs %s", search->name);
	need_explain(d, search->by->need);
	if (search->tried_count)
		diag_note(d, (struct span){0}, "searched, in this order: %s",
			text_join(c->arena, search->tried, search->tried_count, ", ", ", "));
	for (size_t i = 0; i < search->refused_count; i++)
		diag_note(d, (struct span){0}, "%s, not %s", search->refused[i], facts_machine(c, p->main->facts));
	note_elsewhere(p, search, d);
}

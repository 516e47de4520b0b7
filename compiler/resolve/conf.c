/* Decides which directories ldconfig would look into: those in ld.so.conf and in the files that it includes (elf-rules G15). */
#include "resolve/conf.h"

#include <string.h>

#include "resolve/walk.h"
#include "support/text.h"

/* ldconfig itself has no limits: a file that includes itself keeps it busy for ever. */
enum {
	LARGEST_CONF = 1024 * 1024,
	DEEPEST_INCLUDE = 8,
	MOST_CONF_FILES = 256,
	MOST_PATTERNS = 1024,
	MOST_DIRECTORIES = 4096,
};

struct conf {
	struct resolver *r;
	struct span at;
	struct conf_directory *directories;
	size_t count, file_count, pattern_count;
	struct map read; /* struct content of a file that was read: reading it again would tell nothing new */
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
		if (length == 0 || ++conf->pattern_count > MOST_PATTERNS)
			return;
		pattern = arena_strndup(c->arena, patterns, length);
		if (pattern[0] != '/')
			pattern = arena_printf(c->arena, "%.*s/%s", (int)(strrchr(from, '/') - from), from, pattern);
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
	if (text_starts_with(line, "include ") || text_starts_with(line, "include\t")) {
		include(conf, from, line + strlen("include "), depth);
		return;
	}
	line[strcspn(line, "=")] = '\0'; /* "DIRECTORY=TYPE" of old */
	length = strlen(line);
	while (length && strchr(" \t\r\f\v/", line[length - 1]))
		line[--length] = '\0';
	if (line[0] == '/' && conf->count < MOST_DIRECTORIES)
		*ARENA_PUSH(conf->r->c->arena, conf->directories, conf->count) =
			(struct conf_directory){.path = line, .from = from};
}

static void
read_conf(struct conf *conf, const char *path, unsigned depth)
{
	struct place place = place_find(conf->r, path);
	struct compilation *c = conf->r->c;
	const char *text;
	void **known;

	if (!place.content || depth > DEEPEST_INCLUDE)
		return;
	known = map_slot(c->arena, &conf->read, place.content);
	if (*known || ++conf->file_count > MOST_CONF_FILES)
		return;
	*known = conf;
	text = content_read(c, place.content, conf->at, LARGEST_CONF);
	for (size_t length; text && *text; text += length + (text[length] != '\0')) {
		length = strcspn(text, "\n");
		read_line(conf, path, arena_strndup(c->arena, text, length), depth);
	}
}

const struct conf_directory *
conf_read(struct resolver *r, struct span at, size_t *count)
{
	struct conf conf = {.r = r, .at = at};

	if (!r->conf.is_read) {
		read_conf(&conf, "/etc/ld.so.conf", 0);
		r->conf.is_read = true;
		r->conf.directories = conf.directories;
		r->conf.count = conf.count;
	}
	*count = r->conf.count;
	return r->conf.directories;
}

#include "model/seen.h"

#include <sys/stat.h>

#include "support/compilation.h"
#include "support/text.h"

void
seen_add(struct compilation *c, enum seen_kind kind, const struct content *content)
{
	*ARENA_PUSH(c->arena, c->seen, c->seen_count) = (struct seen){kind, content};
}

const struct content *
seen_file(struct compilation *c, const char *path, int fd)
{
	struct content *content = ARENA_NEW(c->arena, struct content);
	bool settled = false;
	struct stat info;

	*content = (struct content){.kind = CONTENT_HOST, .directory = ".", .path = arena_strdup(c->arena, path)};
	if (file_look(&c->clock, fd, "", &info, &settled) == 0) {
		content->size = (uint64_t)info.st_size;
		content_stamp(content, &info);
	}
	content->settled = settled;
	seen_add(c, SEEN_PATH, content);
	return content;
}

const char *
seen_path(struct arena *arena, const struct content *content)
{
	return *content->path ? text_below(arena, content->directory, content->path) : content->directory;
}

/* Decides what of a directory on the host counts: names, kinds, links' targets, the x bits and the bytes; nothing else. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "fetch/stages.h"
#include "support/compilation.h"

enum { DEPTH_MAX = 128, ENTRIES_MAX = 1 << 20 };

struct scan {
	struct compilation *c;
	struct pool *pool;
	const struct m_input *input;
	const char *host; /* the directory, as it is opened */
	size_t entry_count;
};

const char *
host_path(struct compilation *c, const struct manifest *m, const char *path)
{
	if (path[0] == '/' || strcmp(m->directory, ".") == 0)
		return path;
	return arena_printf(c->arena, "%s/%s", m->directory, path);
}

static const char *
join(struct arena *arena, const char *directory, const char *name)
{
	return *directory ? arena_printf(arena, "%s/%s", directory, name) : name;
}

static bool
unreadable(const struct scan *s, const char *path, int error)
{
	diag_label(diag(&s->c->diags, DIAG_DIRECTORY_UNREADABLE, s->input->directory.at, "cannot read '%s': %s",
		*path ? join(s->c->arena, s->host, path) : s->host, strerror(error)), "of this input");
	return false;
}

static bool
too_large(const struct scan *s, const char *path, const char *how)
{
	diag(&s->c->diags, DIAG_INPUT_TOO_LARGE, s->input->directory.at, "'%s' %s",
		*path ? join(s->c->arena, s->host, path) : s->host, how);
	return false;
}

/* The only readdir in rootc. */
const char **
directory_names(struct arena *arena, int fd, size_t *count)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *directory = copy >= 0 ? fdopendir(copy) : NULL;
	const char **names = ARENA_NEW(arena, const char *);
	const struct dirent *item;

	*count = 0;
	if (!directory)
		return NULL;
	while (errno = 0, *count <= ENTRIES_MAX && (item = readdir(directory)))
		if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
			*ARENA_PUSH(arena, names, *count) = arena_strdup(arena, item->d_name);
	if (errno != 0 && *count <= ENTRIES_MAX)
		names = NULL;
	closedir(directory);
	return names;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const struct content *
file_content(const struct scan *s, const char *path, const struct stat *info)
{
	struct content *content = ARENA_NEW(s->c->arena, struct content);

	*content = (struct content){
		.kind = CONTENT_HOST, .size = (uint64_t)info->st_size, .directory = s->host, .path = path,
		.shown = join(s->c->arena, s->host, path),
	};
	content_stamp(content, info);
	return content;
}

static bool
read_target(const struct scan *s, int fd, const char *name, const char *path, const char **target)
{
	char bytes[INDEX_PATH_MAX + 1];
	ssize_t length = readlinkat(fd, name, bytes, sizeof bytes);

	if (length < 0)
		return unreadable(s, path, errno);
	if ((size_t)length == sizeof bytes)
		return too_large(s, path, "is a link with a target of more than 4095 bytes");
	*target = arena_strndup(s->c->arena, bytes, (size_t)length);
	return true;
}

static bool scan_children(struct scan *, int fd, const char *path, unsigned depth);

static bool
scan_below(struct scan *s, int fd, const char *name, const char *path, unsigned depth)
{
	int child = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool ok;

	if (child < 0)
		return unreadable(s, path, errno);
	ok = scan_children(s, child, path, depth);
	close(child);
	return ok;
}

static bool
scan_entry(struct scan *s, int fd, const char *name, const char *path, unsigned depth)
{
	struct entry new = {.kind = ENTRY_OTHER, .mode = 0644, .input = s->input};
	struct stat info;

	if (strlen(path) > INDEX_PATH_MAX)
		return too_large(s, "", "has a path of more than 4095 bytes below it");
	if (++s->entry_count > ENTRIES_MAX)
		return too_large(s, "", "has more than 1048576 entries below it");
	if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return unreadable(s, path, errno);
	if (S_ISDIR(info.st_mode)) {
		new.kind = ENTRY_DIRECTORY;
		new.mode = 0755;
	} else if (S_ISLNK(info.st_mode)) {
		new.kind = ENTRY_LINK;
		new.mode = 0777;
		if (!read_target(s, fd, name, path, &new.target))
			return false;
	} else if (S_ISREG(info.st_mode)) {
		new.kind = ENTRY_FILE;
		new.mode = info.st_mode & 0111 ? 0755 : 0644;
		new.content = file_content(s, path, &info);
	}
	if (!pool_put(s->c, s->pool, path, &new))
		return false;
	return new.kind == ENTRY_DIRECTORY ? scan_below(s, fd, name, path, depth + 1) : true;
}

/* Goes on after a failure: the next one may be of another cause. */
static bool
scan_children(struct scan *s, int fd, const char *path, unsigned depth)
{
	size_t count;
	const char **names;
	bool ok = true;

	if (depth > DEPTH_MAX)
		return too_large(s, "", "is more than 128 directories deep");
	names = directory_names(s->c->arena, fd, &count);
	if (!names)
		return unreadable(s, path, errno);
	qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 0; i < count && s->entry_count <= ENTRIES_MAX; i++)
		ok = scan_entry(s, fd, names[i], join(s->c->arena, path, names[i]), depth) && ok;
	return ok;
}

bool
scan_directory(struct compilation *c, struct pool *pool, const struct manifest *m, const struct m_input *input)
{
	struct scan s = {.c = c, .pool = pool, .input = input, .host = host_path(c, m, input->directory.v)};
	int fd = open(s.host, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
	bool ok;

	if (fd < 0)
		return unreadable(&s, "", errno);
	ok = scan_children(&s, fd, "", 0);
	close(fd);
	return ok;
}

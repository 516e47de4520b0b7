/* Decides what stands in a directory that is a whole system, such as "/": only what is asked for is looked at. */
#include "fetch/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"
#include "support/names.h"

enum { ENTRIES_MAX = 1 << 20 };

struct sysroot {
	struct entry_source source; /* the pool's directories point to it */
	struct compilation *c;
	struct pool *pool;
	const char *directory;
	struct names looked_at; /* paths -> not NULL when absent: some, such as ld.so.preload, are asked for again and again */
	struct names inodes; /* "DEVICE:INODE" of files with several names -> something for each */
};

static struct entry *
unreadable(const struct sysroot *s, const char *path, int error)
{
	diag(&s->c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read '%s' in '%s': %s", path, s->directory,
		strerror(error));
	return NULL;
}

/* "/srv/root/usr/bin/x", but never "//usr/bin/x". */
static const char *
shown_path(const struct sysroot *s, const char *path)
{
	size_t length = strlen(s->directory);

	while (length && s->directory[length - 1] == '/')
		length--;
	return arena_printf(s->c->arena, "%.*s%s", (int)length, s->directory, path);
}

/* The same for all names of the file that INFO describes; NULL when it has only one. */
static const void *
inode_of(struct sysroot *s, const struct stat *info)
{
	void **known;

	if (info->st_nlink < 2)
		return NULL;
	known = names_slot(s->c->arena, &s->inodes,
		arena_printf(s->c->arena, "%ju:%ju", (uintmax_t)info->st_dev, (uintmax_t)info->st_ino));
	if (!*known)
		*known = arena_alloc(s->c->arena, 1);
	return *known;
}

static const struct content *
file_content(const struct sysroot *s, const char *path, const struct stat *info)
{
	struct content *content = ARENA_NEW(s->c->arena, struct content);

	*content = (struct content){
		.kind = CONTENT_HOST,
		.size = (uint64_t)info->st_size,
		.directory = s->directory,
		.path = path + 1,
		.shown = shown_path(s, path),
	};
	content_stamp(content, info);
	return content;
}

static bool
read_target(struct sysroot *s, int fd, const char *name, struct entry *link)
{
	char bytes[PATH_MAX];
	ssize_t length = readlinkat(fd, name, bytes, sizeof bytes);

	if (length >= 0)
		link->target = arena_strndup(s->c->arena, bytes, (size_t)length);
	return length >= 0;
}

/* Finds out what NAME in FD, PATH in the root, is. False and errno: it is not there, or cannot be looked at. */
static bool
describe(struct sysroot *s, int fd, const char *name, const char *path, struct entry *entry)
{
	struct stat info;

	if (fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	entry->mode = (uint16_t)(info.st_mode & 07777);
	entry->owner = info.st_uid;
	entry->group = info.st_gid;
	if (S_ISLNK(info.st_mode)) {
		entry->kind = ENTRY_LINK;
		return read_target(s, fd, name, entry);
	}
	if (S_ISDIR(info.st_mode)) {
		entry->kind = ENTRY_DIRECTORY;
		entry->source = &s->source;
	} else if (S_ISREG(info.st_mode)) {
		entry->kind = ENTRY_FILE;
		entry->content = file_content(s, path, &info);
		entry->inode = inode_of(s, &info);
	}
	return true;
}

static bool
look_at(struct sysroot *s, const char *path, struct entry *entry)
{
	const char *name;
	int fd = file_open_parent(s->directory, path + 1, &name), error;
	bool found;

	if (fd < 0)
		return false;
	found = describe(s, fd, name, path, entry);
	error = errno;
	close(fd);
	errno = error;
	return found;
}

static struct entry *
find(struct entry_source *source, struct entry *directory, const char *name, size_t length)
{
	struct sysroot *s = (struct sysroot *)source;
	struct entry *child;
	const char *path;
	void **absent;

	if (length > NAME_MAX)
		return NULL;
	path = arena_printf(s->c->arena, "%s/%.*s", directory->parent ? entry_path(s->c, directory) : "", (int)length, name);
	absent = names_slot(s->c->arena, &s->looked_at, path);
	if (*absent)
		return NULL;
	child = ARENA_NEW(s->c->arena, struct entry);
	*child = (struct entry){.name = arena_strndup(s->c->arena, name, length), .kind = ENTRY_OTHER};
	if (!look_at(s, path, child)) {
		*absent = s;
		return errno == ENOENT || errno == ENAMETOOLONG ? NULL : unreadable(s, path, errno);
	}
	if (++s->pool->entry_count > ENTRIES_MAX) {
		diag(&s->c->diags, DIAG_INPUT_TOO_LARGE, (struct span){0}, "more than %d paths of '%s' are asked for",
			(int)ENTRIES_MAX, s->directory);
		return NULL;
	}
	entry_adopt(s->c, directory, child);
	return child;
}

const struct pool *
fetch_sysroot(struct compilation *c, const char *directory)
{
	struct sysroot *s = ARENA_NEW(c->arena, struct sysroot);
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*s = (struct sysroot){.source = {.find = find}, .c = c, .pool = pool_new(c), .directory = directory};
	s->pool->root->source = &s->source;
	if (fd < 0) {
		diag(&c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read the root '%s': %s", directory,
			strerror(errno));
		return NULL;
	}
	close(fd);
	return s->pool;
}

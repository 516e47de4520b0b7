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

enum {
	ENTRIES_MAX = 1 << 20,
	ABSENT_MAX = 1 << 16, /* more names that are not there are not remembered, but looked for again */
};

struct sysroot {
	struct compilation *c;
	struct pool *pool;
	const char *directory;
	size_t absent_count; /* names in the ABSENT of all directories */
	struct names inodes; /* "DEVICE:INODE" of files with several names -> something for each */
};

/* A directory of the pool. */
struct directory {
	struct entry_source source;
	struct sysroot *s;
	const char *path;    /* in the root, relative */
	bool is_unreadable;  /* which was reported: it is not looked into again */
	struct names absent; /* what it does not have: some, such as ld.so.preload, are asked for again and again */
};

/* "DIRECTORY/NAME", without printf: it is done for every file. */
static const char *
path_below(struct arena *a, const char *directory, size_t directory_length, const char *name, size_t length)
{
	char *path = arena_alloc(a, directory_length + length + 2);

	memcpy(path, directory, directory_length);
	path[directory_length] = '/';
	memcpy(path + directory_length + 1, name, length);
	return path;
}

/* "/srv/root/usr/bin/x", but never "//usr/bin/x". */
static const char *
shown_path(const struct sysroot *s, const char *path)
{
	size_t length = strlen(s->directory);

	while (length && s->directory[length - 1] == '/')
		length--;
	return path_below(s->c->arena, s->directory, length, path, strlen(path));
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
		.path = path,
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

/* The path in the root of NAME in D. */
static const char *
path_in(const struct directory *d, const char *name)
{
	return *d->path ? path_below(d->s->c->arena, d->path, strlen(d->path), name, strlen(name)) : name;
}

static struct entry *
unreadable(const struct directory *d, const char *name, int error)
{
	diag(&d->s->c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read '/%s' in '%s': %s", path_in(d, name),
		d->s->directory, strerror(error));
	return NULL;
}

static struct directory *new_directory(struct sysroot *, const char *path);

/* What stands in D, open in FD, under the name of ENTRY, of which INFO is known. False and errno: it cannot be looked at. */
static bool
describe(const struct directory *d, int fd, const struct stat *info, struct entry *entry)
{
	entry->mode = (uint16_t)(info->st_mode & 07777);
	entry->owner = info->st_uid;
	entry->group = info->st_gid;
	if (S_ISLNK(info->st_mode)) {
		entry->kind = ENTRY_LINK;
		return read_target(d->s, fd, entry->name, entry);
	}
	if (S_ISDIR(info->st_mode)) {
		entry->kind = ENTRY_DIRECTORY;
		entry->source = &new_directory(d->s, path_in(d, entry->name))->source;
	} else if (S_ISREG(info->st_mode)) {
		entry->kind = ENTRY_FILE;
		entry->content = file_content(d->s, path_in(d, entry->name), info);
		entry->inode = inode_of(d->s, info);
	}
	return true;
}

/* NULL and errno: there is no such name, or it cannot be looked at. */
static struct entry *
look_at(const struct directory *d, const char *name)
{
	struct arena *a = d->s->c->arena;
	int fd = directories_enter(&d->s->c->directories, d->s->directory, d->path, strlen(d->path));
	struct entry *entry;
	struct stat info;

	if (fd < 0 || fstatat(fd, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return NULL;
	entry = ARENA_NEW(a, struct entry);
	*entry = (struct entry){.name = arena_strdup(a, name), .kind = ENTRY_OTHER};
	return describe(d, fd, &info, entry) ? entry : NULL;
}

static struct entry *
report_absent(struct directory *d, const char *name, int error)
{
	struct arena *a = d->s->c->arena;

	if (d->s->absent_count++ < ABSENT_MAX)
		*names_slot(a, &d->absent, arena_strdup(a, name)) = d;
	if (error == ENOENT || error == ENAMETOOLONG)
		return NULL;
	d->is_unreadable = true;
	return unreadable(d, name, error);
}

static struct entry *
find(struct entry_source *source, struct entry *entry, const char *text, size_t length)
{
	struct directory *d = (struct directory *)source;
	struct sysroot *s = d->s;
	char name[NAME_MAX + 1];
	struct entry *child;

	if (length > NAME_MAX || d->is_unreadable || names_find(&d->absent, text, length))
		return NULL;
	memcpy(name, text, length);
	name[length] = '\0';
	child = look_at(d, name);
	if (!child)
		return report_absent(d, name, errno);
	if (++s->pool->entry_count > ENTRIES_MAX) {
		diag(&s->c->diags, DIAG_INPUT_TOO_LARGE, (struct span){0}, "more than %d paths of '%s' are asked for",
			(int)ENTRIES_MAX, s->directory);
		return NULL;
	}
	entry_adopt(s->c, entry, child);
	return child;
}

static struct directory *
new_directory(struct sysroot *s, const char *path)
{
	struct directory *d = ARENA_NEW(s->c->arena, struct directory);

	*d = (struct directory){.source = {.find = find}, .s = s, .path = path};
	return d;
}

const struct pool *
fetch_sysroot(struct compilation *c, const char *directory)
{
	struct sysroot *s = ARENA_NEW(c->arena, struct sysroot);

	*s = (struct sysroot){.c = c, .pool = pool_new(c), .directory = directory};
	s->pool->root->source = &new_directory(s, "")->source;
	if (directories_enter(&c->directories, directory, "", 0) < 0) {
		diag(&c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read the root '%s': %s", directory,
			strerror(errno));
		return NULL;
	}
	return s->pool;
}

/* Makes the output file so that its path holds the old bytes or the new ones, whole, whatever happens on the way. */

#include "emit/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emit.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	IMAGE_MODE = 0644, /* whatever the umask */
	ATTEMPTS = 65536,
	SUFFIX_SIZE = sizeof ".rootc-XXXXXXXX",
};

static const struct span nowhere = {0};

/* Records that ACTION failed with ERROR; gives false. */
static bool
fail(struct output *o, const char *action, int error)
{
	struct diag *d;

	o->failed = true;
	d = diag(&o->c->diags, DIAG_OUTPUT_FAILED, nowhere, "cannot write '%s': %s: %s",
		o->path, action, strerror(error));
	if (error == ENOSPC || error == EDQUOT)
		diag_help(d, "make room in '%s': it takes at most %s",
			o->directory, text_bytes(o->c->arena, o->size));
	return false;
}

static bool
refuse(struct output *o, const char *why, const char *help)
{
	struct diag *d = diag(&o->c->diags, DIAG_OUTPUT_UNWRITABLE, nowhere, "cannot write '%s': %s", o->path, why);

	o->failed = true;
	if (help)
		diag_help(d, "%s", help);
	return false;
}

static void
split_path(struct output *o)
{
	const char *slash = strrchr(o->path, '/');

	o->name = slash ? slash + 1 : o->path;
	o->directory = !slash ? "." : slash == o->path ? "/" :
		arena_strndup(o->c->arena, o->path, (size_t)(slash - o->path));
}

static bool
refuse_directory(struct output *o, int error)
{
	return refuse(o, arena_printf(o->c->arena, "directory '%s': %s", o->directory, strerror(error)), NULL);
}

static bool
open_directory(struct output *o)
{
	o->directory_fd = open(o->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (o->directory_fd >= 0)
		return true;
	if (errno == ENOENT)
		return refuse(o, arena_printf(o->c->arena, "there is no directory '%s'", o->directory),
			"make the directory first");
	return refuse_directory(o, errno);
}

/*
 * Refuses what is there and no regular file. A symbolic link too: written through it, the image would replace a file
 * that the command line does not name; put in its place, it would end an arrangement that somebody made.
 */
static bool
check_target(struct output *o)
{
	struct stat info;

	if (!*o->name)
		return refuse(o, "it names a directory", "add the image's file name");
	if (fstatat(o->directory_fd, o->name, &info, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? true : refuse(o, strerror(errno), NULL);
	if (S_ISREG(info.st_mode))
		return true;
	if (S_ISDIR(info.st_mode))
		return refuse(o, "it is a directory", "add the image's file name");
	if (S_ISLNK(info.st_mode))
		return refuse(o, "it is a symbolic link", "name the file that it leads to, or remove the link");
	if (S_ISBLK(info.st_mode))
		return refuse(o, "it is a block device", "write to a file, then copy that to the device");
	return refuse(o, "it is no regular file", NULL);
}

/* As many bytes of the name as fit beside the rest of a temporary's name, cut between characters. */
static int
kept_length(const struct output *o)
{
	size_t room = sizeof o->temporary - SUFFIX_SIZE - strlen("."), size = strlen(o->name), kept = 0, next;

	while (kept < size && kept + (next = text_sequence_length(o->name + kept, size - kept)) <= room)
		kept += next;
	return (int)kept;
}

/* Other builds have other process numbers; what a killed one left under this number is passed over. */
static bool
create_temporary(struct output *o)
{
	unsigned seed = (unsigned)getpid() << 8;
	int kept = kept_length(o);

	for (unsigned i = 0; i < ATTEMPTS; i++) {
		snprintf(o->temporary, sizeof o->temporary, ".%.*s.rootc-%08x", kept, o->name, seed + i);
		o->fd = openat(o->directory_fd, o->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (o->fd >= 0 || errno != EEXIST)
			break;
	}
	if (o->fd < 0)
		o->temporary[0] = '\0';
	return o->fd >= 0;
}

static bool
create_noted(struct output *o)
{
	sigset_t before;
	bool created;

	temporaries_hold(&before);
	created = create_temporary(o);
	o->noted = (struct temporary){.directory_fd = o->directory_fd, .name = o->temporary};
	if (created)
		temporary_note(&o->noted);
	temporaries_release(&before);
	return created;
}

/* The temporary is no more, or has its own name. */
static void
forget(struct output *o)
{
	temporary_forget(&o->noted);
	o->temporary[0] = '\0';
}

static bool
prepare(struct output *o, struct compilation *c, const char *path, uint64_t size)
{
	*o = (struct output){.c = c, .path = path, .size = size, .directory_fd = -1, .fd = -1};
	split_path(o);
	return open_directory(o) && check_target(o);
}

bool
output_begin(struct output *o, struct compilation *c, const char *path, uint64_t size)
{
	if (!prepare(o, c, path, size))
		return false;
	if (!create_noted(o))
		return errno == ENOSPC || errno == EDQUOT ? fail(o, "cannot make a file beside it", errno) :
			refuse_directory(o, errno);
	if (size > INT64_MAX)
		return fail(o, "cannot give it its size", EFBIG);
	if (ftruncate(o->fd, (off_t)size) < 0)
		return fail(o, "cannot give it its size", errno);
	return true;
}

static void
check_range(const struct output *o, uint64_t offset, size_t size)
{
	ASSERT(offset <= o->size && size <= o->size - offset);
}

int
output_store(const struct output *o, uint64_t offset, const void *bytes, size_t size)
{
	check_range(o, offset, size);
	if (file_write_at(o->fd, bytes, size, (off_t)offset) < 0)
		return errno;
	progress_bytes(&o->c->progress, size);
	return 0;
}

bool
output_has(const struct output *o, uint64_t offset, uint64_t end)
{
	size_t low = 0, high = o->kept_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (o->kept[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < o->kept_count && o->kept[low].offset <= offset && end <= o->kept[low].end;
}

void
output_fail(struct output *o, int error)
{
	if (!o->failed)
		fail(o, "cannot write to it", error);
}

bool
output_write(struct output *o, uint64_t offset, const void *bytes, size_t size)
{
	int error = o->failed ? 0 : output_store(o, offset, bytes, size);

	if (error)
		output_fail(o, error);
	return !o->failed;
}

bool
output_read(struct output *o, uint64_t offset, void *bytes, size_t size)
{
	size_t done = 0;

	if (o->failed)
		return false;
	check_range(o, offset, size);
	while (done < size) {
		ssize_t got = pread(o->fd, (char *)bytes + done, size - done, (off_t)(offset + done));

		if (got > 0)
			done += (size_t)got;
		else if (got == 0 || errno != EINTR)
			return fail(o, "cannot read it back", got == 0 ? EIO : errno);
	}
	return true;
}

/* Whether A and B, SIZE bytes each, are the same. Holes of both are passed over. */
static bool
same_bytes(struct arena *arena, int a, int b, uint64_t size)
{
	enum { CHUNK = 256 * 1024 };
	char *left = arena_alloc(arena, CHUNK), *right = arena_alloc(arena, CHUNK);
	uint64_t at = 0;

	for (;;) {
		uint64_t in_a = file_next_data(a, at, size), in_b = file_next_data(b, at, size);
		size_t want;

		at = in_a < in_b ? in_a : in_b;
		if (at == size)
			return true;
		want = size - at < CHUNK ? (size_t)(size - at) : CHUNK;
		if (file_read_at(a, left, want, (off_t)at) != (ssize_t)want || file_read_at(b, right, want, (off_t)at) != (ssize_t)want ||
				memcmp(left, right, want) != 0)
			return false;
		at += want;
	}
}

bool
output_is_there(struct output *o)
{
	int fd = o->failed ? -1 : openat(o->directory_fd, o->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	bool same;

	progress_begin(&o->c->progress, ROOTC_COMPARING, o->path, 0);
	same = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & 07777) == IMAGE_MODE &&
		(uint64_t)info.st_size == o->size && same_bytes(o->c->arena, o->fd, fd, o->size) && fsync(fd) == 0;

	if (same) {
		o->device = info.st_dev;
		o->inode = info.st_ino;
	}
	if (fd >= 0)
		close(fd);
	return same;
}

/* Brings the file to the disk and closes it: an error that was kept back comes out here, before the old file goes. */
static bool
finish_file(struct output *o)
{
	struct stat info;
	int closed;

	if (fchmod(o->fd, IMAGE_MODE) < 0)
		return fail(o, "cannot set its mode", errno);
	if (fsync(o->fd) < 0)
		return fail(o, "cannot bring it to the disk", errno);
	if (fstat(o->fd, &info) < 0)
		return fail(o, "cannot look at it", errno);
	o->device = info.st_dev;
	o->inode = info.st_ino;
	closed = close(o->fd);
	o->fd = -1;
	/* Linux closes the descriptor even when a signal interrupts it, and after fsync nothing is left to write. */
	return closed == 0 || errno == EINTR ? true : fail(o, "cannot close it", errno);
}

bool
output_divert(struct output *o, const char *path)
{
	o->path = path;
	split_path(o);
	return check_target(o);
}

bool
output_publish(struct output *o)
{
	progress_begin(&o->c->progress, ROOTC_SYNCING, o->path, 0);
	if (o->failed || !finish_file(o))
		return false;
	if (renameat(o->directory_fd, o->temporary, o->directory_fd, o->name) < 0)
		return fail(o, "cannot put it in its place", errno);
	forget(o);
	/* Some file systems have no fsync for directories; there is nothing better to do on them. */
	if (fsync(o->directory_fd) < 0 && errno != EINVAL)
		return fail(o, "it is complete, but its directory cannot be brought to the disk", errno);
	return true;
}

bool
output_published(const struct output *o, struct stat *info)
{
	return fstatat(o->directory_fd, o->name, info, AT_SYMLINK_NOFOLLOW) == 0 && info->st_dev == o->device &&
		info->st_ino == o->inode;
}

void
output_end(struct output *o)
{
	if (o->fd >= 0)
		close(o->fd);
	if (o->temporary[0]) {
		unlinkat(o->directory_fd, o->temporary, 0);
		forget(o);
	}
	if (o->directory_fd >= 0)
		close(o->directory_fd);
}

bool
emit_can_write(struct compilation *c, const char *path)
{
	struct output o;
	bool good = prepare(&o, c, path, 0);

	/* As the effective user; that a write will succeed only writing can tell. */
	if (good && faccessat(o.directory_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
		good = refuse_directory(&o, errno);
	if (o.directory_fd >= 0)
		close(o.directory_fd);
	return good;
}

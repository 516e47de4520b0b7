#include "support/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* O_NONBLOCK keeps the open of a FIFO from waiting for a writer. */
enum { CAREFULLY = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

static int
close_with(int fd, int error)
{
	close(fd);
	errno = error;
	return -1;
}

static int
only_regular(int fd)
{
	struct stat info;

	if (fd < 0)
		return -1;
	if (fstat(fd, &info) < 0)
		return close_with(fd, errno);
	if (S_ISDIR(info.st_mode))
		return close_with(fd, EISDIR);
	if (!S_ISREG(info.st_mode))
		return close_with(fd, EINVAL);
	return fd;
}

int
file_open(const char *path)
{
	return only_regular(open(path, CAREFULLY));
}

static bool
has_dots(const char *path)
{
	for (; path; path = strchr(path, '/')) {
		path += *path == '/';
		if (strncmp(path, "..", 2) == 0 && (path[2] == '/' || path[2] == '\0'))
			return true;
	}
	return false;
}

/* Opens what NAME (LENGTH bytes) is in FD, which is closed. */
static int
step_down(int fd, const char *name, size_t length, int flags)
{
	char component[NAME_MAX + 1];
	int next;

	if (length >= sizeof component)
		return close_with(fd, ENAMETOOLONG);
	memcpy(component, name, length);
	component[length] = '\0';
	if (strcmp(component, "..") == 0)
		return close_with(fd, EINVAL);
	next = openat(fd, component, flags | O_NOFOLLOW | O_CLOEXEC);
	return close_with(fd, errno), next;
}

/* Opens the LENGTH bytes of PATH below FD, which is closed, component by component. */
static int
walk_down(int fd, const char *path, size_t length, int flags)
{
	const char *end = path + length, *slash;

	while (fd >= 0 && (slash = memchr(path, '/', (size_t)(end - path)))) {
		fd = step_down(fd, path, (size_t)(slash - path), O_PATH | O_DIRECTORY);
		path = slash + 1;
	}
	return fd < 0 ? -1 : step_down(fd, path, (size_t)(end - path), flags);
}

/* The same in one call, of Linux 5.6. */
static int
open_below(int fd, const char *path, size_t length, int flags)
{
	struct open_how how = {.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	char whole[PATH_MAX];
	int opened;

	if (length >= sizeof whole)
		return walk_down(fd, path, length, flags);
	memcpy(whole, path, length);
	whole[length] = '\0';
	if (has_dots(whole))
		return close_with(fd, EINVAL);
	/* The number as Linux names it: its headers have it together with linux/openat2.h, glibc from 2.33 on. */
	opened = (int)syscall(__NR_openat2, fd, whole, &how, sizeof how);
	if (opened < 0 && (errno == ENOSYS || errno == EPERM || errno == EAGAIN))
		return walk_down(fd, path, length, flags);
	return close_with(fd, errno), opened;
}

/* The directory below DIRECTORY to which the first LENGTH bytes of PATH lead. */
static int
open_directory(const char *directory, const char *path, size_t length)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 || !length ? fd : open_below(fd, path, length, O_PATH | O_DIRECTORY);
}

int
file_open_parent(const char *directory, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	return open_directory(directory, path, slash ? (size_t)(slash - path) : 0);
}

static bool
is_open(const struct entered_directory *open, const char *directory, const char *path, size_t length)
{
	return open->directory == directory && open->length == length && memcmp(open->path, path, length) == 0;
}

static void
leave(struct entered_directory *open)
{
	if (open->directory)
		close(open->fd);
	open->directory = NULL;
}

int
directories_enter(struct open_directories *all, const char *directory, const char *path, size_t length)
{
	enum { COUNT = sizeof all->list / sizeof *all->list };
	struct entered_directory *open;
	int fd;

	for (open = all->list; open < all->list + COUNT; open++)
		if (is_open(open, directory, path, length))
			return open->fd;
	fd = open_directory(directory, path, length);
	if (fd < 0)
		return -1;
	open = &all->list[all->oldest++ % COUNT];
	leave(open);
	open->directory = directory;
	open->fd = fd;
	open->length = length < sizeof open->path ? length : SIZE_MAX; /* too long: as that of no path */
	if (length < sizeof open->path)
		memcpy(open->path, path, length);
	return fd;
}

void
directories_close(struct open_directories *all)
{
	for (size_t i = 0; i < sizeof all->list / sizeof *all->list; i++)
		leave(&all->list[i]);
}

int
file_open_directory(const char *directory, const char *path)
{
	int fd = open(directory, (*path ? O_PATH : O_RDONLY) | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 || !*path ? fd : open_below(fd, path, strlen(path), O_RDONLY | O_DIRECTORY | O_NONBLOCK);
}

int
file_open_in(int directory_fd, const char *name)
{
	return openat(directory_fd, name, CAREFULLY | O_NOFOLLOW);
}

int
file_open_beneath(const char *directory, const char *path)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : only_regular(open_below(fd, path, strlen(path), CAREFULLY));
}

ssize_t
file_read(int fd, void *bytes, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = read(fd, (char *)bytes + done, size - done);

		if (got == 0)
			break;
		if (got > 0)
			done += (size_t)got;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)done;
}

ssize_t
file_read_at(int fd, void *bytes, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t got = pread(fd, (char *)bytes + done, size - done, offset + (off_t)done);

		if (got == 0)
			break;
		if (got > 0)
			done += (size_t)got;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)done;
}

int
file_write_at(int fd, const void *bytes, size_t size, off_t offset)
{
	size_t done = 0;

	while (done < size) {
		ssize_t put = pwrite(fd, (const char *)bytes + done, size - done, offset + (off_t)done);

		if (put > 0)
			done += (size_t)put;
		else if (put == 0 || errno != EINTR)
			return put == 0 ? (errno = EIO, -1) : -1;
	}
	return 0;
}

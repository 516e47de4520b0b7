#include "support/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/temporary.h"

/* O_NONBLOCK keeps the open of a FIFO from waiting for a writer. */
enum { CAREFULLY = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

static int
close_with(int fd, int error)
{
	close(fd);
	errno = error;
	return -1;
}

bool
file_is_directory(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
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

/* Opens what NAME (LENGTH bytes) is in FD. */
static int
step_down(int fd, const char *name, size_t length, int flags)
{
	char component[NAME_MAX + 1];

	if (length >= sizeof component) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(component, name, length);
	component[length] = '\0';
	if (strcmp(component, "..") == 0) {
		errno = EINVAL;
		return -1;
	}
	return openat(fd, component, flags | O_NOFOLLOW | O_CLOEXEC);
}

/* Opens the LENGTH bytes of PATH below FD component by component. */
static int
walk_down(int fd, const char *path, size_t length, int flags)
{
	const char *end = path + length;
	int at = fd;

	for (;;) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		int next = step_down(at, path, (size_t)((slash ? slash : end) - path), slash ? O_PATH | O_DIRECTORY : flags);

		if (at != fd)
			close_with(at, errno);
		if (next < 0 || !slash)
			return next;
		at = next;
		path = slash + 1;
	}
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
	if (has_dots(whole)) {
		errno = EINVAL;
		return -1;
	}
	/* The number as Linux names it: its headers have it together with linux/openat2.h, glibc from 2.33 on. */
	opened = (int)syscall(__NR_openat2, fd, whole, &how, sizeof how);
	if (opened < 0 && (errno == ENOSYS || errno == EPERM || errno == EAGAIN))
		return walk_down(fd, path, length, flags);
	return opened;
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

/* DIRECTORY itself: it stays open until another one is entered. */
static int
enter_top(struct open_directories *all, const char *directory)
{
	int fd;

	if (all->top.directory == directory)
		return all->top.fd;
	fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	leave(&all->top);
	all->top.directory = directory;
	return all->top.fd = fd;
}

int
directories_enter(struct open_directories *all, const char *directory, const char *path, size_t length)
{
	enum { COUNT = sizeof all->list / sizeof *all->list };
	struct entered_directory *open;
	int top, fd;

	for (open = all->list; open < all->list + COUNT; open++)
		if (is_open(open, directory, path, length))
			return open->fd;
	top = enter_top(all, directory);
	if (top < 0 || !length)
		return top;
	fd = open_below(top, path, length, O_PATH | O_DIRECTORY);
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

int
directories_enter_parent(struct open_directories *all, const char *directory, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	return directories_enter(all, directory, path, slash ? (size_t)(slash - path) : 0);
}

void
directories_close(struct open_directories *all)
{
	leave(&all->top);
	for (size_t i = 0; i < sizeof all->list / sizeof *all->list; i++)
		leave(&all->list[i]);
}

int
directories_open(struct open_directories *all, const char *directory, const char *path)
{
	enum { FOR_NAMES = O_RDONLY | O_DIRECTORY | O_NONBLOCK };
	int top = enter_top(all, directory);

	if (top < 0)
		return -1;
	return *path ? open_below(top, path, strlen(path), FOR_NAMES) : openat(top, ".", FOR_NAMES | O_CLOEXEC);
}

int
file_open_in(int directory_fd, const char *name)
{
	return openat(directory_fd, name, CAREFULLY | O_NOFOLLOW);
}

int
file_open_beneath(const char *directory, const char *path)
{
	int top = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (top < 0)
		return -1;
	fd = open_below(top, path, strlen(path), CAREFULLY);
	return close_with(top, errno), only_regular(fd);
}

enum {
	TICKS_NS = 20 * 1000 * 1000, /* Linux counts times of files in ticks of at most 10 ms ... */
	COARSE_GRAIN_S = 2,          /* ... but FAT in 2 s, and others in whole seconds */
	NAP_NS = 1000 * 1000,
};

/* Reads the clock by making a file, for it is only compared with what other files have. False: it cannot be read. */
static bool
read_clock(struct file_clock *clock)
{
	int fd = memfd_create("clock", MFD_CLOEXEC);
	struct stat info;
	bool good = fd >= 0 && fstat(fd, &info) == 0;

	if (good)
		*clock = (struct file_clock){info.st_ctim.tv_sec, info.st_ctim.tv_nsec};
	if (fd >= 0)
		close(fd);
	return good;
}

/* The nanoseconds from CHANGED to CLOCK, within a day. */
static int64_t
passed_ns(const struct file_clock *clock, const struct timespec *changed)
{
	enum { DAY_S = 24 * 60 * 60 };
	int64_t s = clock->s - changed->tv_sec;

	s = s > DAY_S ? DAY_S : s < -DAY_S ? -DAY_S : s;
	return s * 1000000000 + clock->ns - changed->tv_nsec;
}

/* How long after INFO's last change the next tick of its clock is certain to have come. */
static int64_t
grain_ns(const struct stat *info)
{
	return info->st_ctim.tv_nsec == 0 ? COARSE_GRAIN_S * INT64_C(1000000000) : 0;
}

static bool
is_settled(struct file_clock *clock, const struct stat *info)
{
	return passed_ns(clock, &info->st_ctim) > grain_ns(info) ||
		(read_clock(clock) && passed_ns(clock, &info->st_ctim) > grain_ns(info));
}

static int
look(int fd, const char *name, struct stat *info)
{
	return fstatat(fd, name, info, AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH));
}

int
file_look(struct file_clock *clock, int fd, const char *name, struct stat *info, bool *settled)
{
	int64_t passed;

	for (int waited_ns = 0; look(fd, name, info) == 0; waited_ns += NAP_NS) {
		if ((*settled = is_settled(clock, info)))
			return 0;
		passed = passed_ns(clock, &info->st_ctim);
		/* A time to come is a clock that was set back, or another machine's. */
		if (grain_ns(info) || passed < -TICKS_NS || waited_ns >= TICKS_NS)
			return 0;
		nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
	}
	return -1;
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

uint64_t
file_next_data(int fd, uint64_t offset, uint64_t size)
{
	off_t found = offset < size ? lseek(fd, (off_t)offset, SEEK_DATA) : (off_t)size;

	if (found < 0)
		return errno == ENXIO ? size : offset;
	return (uint64_t)found < size ? (uint64_t)found : size;
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

int
file_replace(struct arena *a, const char *path, const void *bytes, size_t size)
{
	char *pattern = arena_printf(a, "%s.XXXXXX", path);
	struct temporary temporary;
	int fd = temporary_make(&temporary, pattern), error;
	bool good;

	if (fd < 0)
		return errno;
	good = file_write_at(fd, bytes, size, 0) == 0 && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
	error = errno;
	if (close(fd) < 0 && good) {
		good = errno == EINTR;
		error = errno;
	}
	if (good && rename(pattern, path) < 0) {
		good = false;
		error = errno;
	}
	if (!good)
		unlink(pattern);
	temporary_forget(&temporary);
	return good ? 0 : error;
}

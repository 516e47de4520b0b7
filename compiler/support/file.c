#include "support/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* Opens the directory called NAME (LENGTH bytes) in FD, which is closed. */
static int
step_down(int fd, const char *name, size_t length)
{
	char component[256];
	int next;

	if (length >= sizeof component)
		return close_with(fd, ENAMETOOLONG);
	memcpy(component, name, length);
	component[length] = '\0';
	if (strcmp(component, "..") == 0)
		return close_with(fd, EINVAL);
	next = openat(fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return close_with(fd, errno), next;
}

int
file_open_parent(const char *directory, const char *path, const char **name)
{
	int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash;

	while (fd >= 0 && (slash = strchr(path, '/'))) {
		fd = step_down(fd, path, (size_t)(slash - path));
		path = slash + 1;
	}
	*name = path;
	return fd;
}

int
file_open_beneath(const char *directory, const char *path)
{
	const char *name;
	int fd = file_open_parent(directory, path, &name), file;

	if (fd < 0)
		return -1;
	file = openat(fd, name, CAREFULLY | O_NOFOLLOW);
	return close_with(fd, errno), only_regular(file);
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

#include "given.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "read/read.h"

/* A file without a name in any directory; its descriptor is closed by the caller, and its path is in PATH. */
static int
file_of(const char *bytes, size_t size, char path[32])
{
	int fd = memfd_create("given", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

const struct manifest *
given_bytes(struct compilation *c, const char *bytes, size_t size)
{
	char path[32];
	int fd = file_of(bytes, size, path);
	const struct manifest *m = read_manifest(c, arena_strdup(c->arena, path));

	close(fd);
	return m;
}

const struct manifest *
given(struct compilation *c, const char *text)
{
	return given_bytes(c, text, strlen(text));
}

const struct lock *
given_lock(struct compilation *c, const char *text)
{
	char path[32];
	int fd = file_of(text, strlen(text), path);
	const struct lock *l = read_lock(c, arena_strdup(c->arena, path));

	close(fd);
	return l;
}

/* Decides how things get into the store: under one lock, to a temporary, and whole or not at all. */
#include "fetch/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"

bool
store_failed(const struct store *store, const char *what, int error)
{
	diag_help(diag(&store->c->diags, DIAG_STORE_UNUSABLE, store->at, "cannot %s in the store '%s': %s", what, store->path,
		strerror(error)), "name another store with --store, or delete this one and run `rootc fetch`");
	return false;
}

/* One directory. The umask is the user's affair elsewhere, but a store that cannot be searched is of no use. */
static int
make_directory(int fd, const char *path)
{
	if (mkdirat(fd, path, 0755) == 0)
		return fchmodat(fd, path, 0755, 0);
	return errno == EEXIST ? 0 : -1;
}

/* The directory PATH in FD and all above it. */
static int
make_directories(struct arena *arena, int fd, const char *path)
{
	char *prefix = arena_strdup(arena, path);

	for (char *at = prefix; *at; at++) {
		if (*at != '/' || at == prefix)
			continue;
		*at = '\0';
		if (make_directory(fd, prefix) < 0)
			return -1;
		*at = '/';
	}
	return make_directory(fd, prefix);
}

bool
store_directory(const struct store *store, const char *path)
{
	if (make_directories(store->c->arena, store->fd, path) == 0)
		return true;
	return store_failed(store, "make a directory", errno);
}

static bool
take_lock(struct store *store)
{
	store->lock_fd = openat(store->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (store->lock_fd < 0)
		return store_failed(store, "open the file 'lock'", errno);
	if (flock(store->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	progress_begin(&store->c->progress, ROOTC_WAITING, store->path, 0);
	while (flock(store->lock_fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return store_failed(store, "lock the file 'lock'", errno);
	return true;
}

bool
store_open(struct store *store, struct compilation *c, const char *path, struct span at)
{
	*store = (struct store){.c = c, .path = path, .at = at, .fd = -1, .lock_fd = -1};
	if (make_directories(c->arena, AT_FDCWD, path) < 0)
		return store_failed(store, "make the directory", errno);
	store->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (store->fd < 0)
		return store_failed(store, "open the directory", errno);
	if (take_lock(store) && store_directory(store, "blob") && store_directory(store, "archive"))
		return true;
	store_close(store);
	return false;
}

void
store_close(struct store *store)
{
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->fd >= 0)
		close(store->fd);
	store->fd = store->lock_fd = -1;
}

/* The lock makes one name enough; what an interrupted writer left under it is removed here. */
static int
new_temporary(struct store *store)
{
	if (unlinkat(store->fd, "temporary", 0) < 0 && errno != ENOENT)
		return -1;
	return openat(store->fd, "temporary", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static bool
publish(struct store *store, int fd, const char *path)
{
	bool ok = fchmod(fd, 0444) == 0;

	ok = close(fd) == 0 && ok;
	if (ok && renameat(store->fd, "temporary", store->fd, path) == 0)
		return true;
	return store_failed(store, "finish a file", errno);
}

bool
store_blob_begin(struct store_blob *blob, struct store *store)
{
	*blob = (struct store_blob){.store = store, .fd = new_temporary(store)};
	digest_begin(&blob->stream);
	return blob->fd >= 0 ? true : store_failed(store, "make a file", errno);
}

static void
add_hole(struct store_blob *blob, uint64_t end)
{
	static const char zeroes[65536];

	while (blob->size < end) {
		size_t part = end - blob->size < sizeof zeroes ? (size_t)(end - blob->size) : sizeof zeroes;

		digest_add(&blob->stream, zeroes, part);
		blob->size += part;
	}
}

bool
store_blob_add(struct store_blob *blob, uint64_t offset, const void *bytes, size_t size)
{
	ASSERT(offset >= blob->size);
	add_hole(blob, offset);
	digest_add(&blob->stream, bytes, size);
	blob->size += size;
	if (file_write_at(blob->fd, bytes, size, (off_t)offset) < 0)
		return store_failed(blob->store, "write a file", errno);
	return true;
}

void
store_blob_abandon(struct store_blob *blob)
{
	if (blob->fd >= 0)
		close(blob->fd);
	blob->fd = -1;
}

char *
store_blob_path(const char *hex, char *path)
{
	memcpy(path, "blob/", 5);
	memcpy(path + 5, hex, 2);
	path[7] = '/';
	memcpy(path + 8, hex, DIGEST_HEX);
	return path;
}

bool
store_blob_end(struct store_blob *blob, uint64_t size, struct digest *digest)
{
	char hex[DIGEST_HEX], path[BLOB_PATH], directory[] = "blob/ab";
	int fd = blob->fd;

	add_hole(blob, size);
	*digest = digest_end(&blob->stream);
	digest_format(digest, hex);
	memcpy(directory + 5, hex, 2);
	if (make_directory(blob->store->fd, directory) < 0)
		return store_failed(blob->store, "make a directory", errno);
	if (ftruncate(fd, (off_t)size) < 0)
		return store_failed(blob->store, "write a file", errno);
	blob->fd = -1;
	return publish(blob->store, fd, store_blob_path(hex, path));
}

bool
store_put(struct store *store, const char *path, const void *bytes, size_t size)
{
	int fd = new_temporary(store);

	if (fd < 0)
		return store_failed(store, "make a file", errno);
	if (file_write_at(fd, bytes, size, 0) < 0) {
		store_failed(store, "write a file", errno);
		close(fd);
		return false;
	}
	return publish(store, fd, path);
}

bool
store_has_blob(const struct store *store, const char *path, uint64_t size)
{
	struct stat info;

	return fstatat(store->fd, path, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode) &&
		(uint64_t)info.st_size == size;
}

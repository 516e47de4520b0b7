#include "support/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "support/arena.h"

/* The only place in rootc that reads a directory, by the kernel's own call: readdir makes five of each for a small one. */
struct directory_name *
directory_names(struct arena *arena, int fd, size_t most, size_t *count)
{
	enum { CHUNK = 32 * 1024 };
	struct directory_name *names = ARENA_NEW(arena, struct directory_name);
	char *bytes = arena_alloc(arena, CHUNK);
	ssize_t got;

	*count = 0;
	while ((got = getdents64(fd, bytes, CHUNK)) > 0 && *count <= most) {
		const struct dirent64 *item;

		for (ssize_t at = 0; at < got; at += item->d_reclen) {
			item = (const void *)(bytes + at);
			if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
				*ARENA_PUSH(arena, names, *count) =
					(struct directory_name){arena_strdup(arena, item->d_name), item->d_type};
		}
	}
	return got < 0 ? NULL : names;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct directory_name *)a)->name, ((const struct directory_name *)b)->name);
}

void
directory_sort(struct directory_name *names, size_t count)
{
	qsort(names, count, sizeof *names, compare_names);
}

uint64_t
directory_bytes(const char *path, size_t most)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct arena *arena = arena_new();
	size_t count = 0;
	struct directory_name *names = fd < 0 ? NULL : directory_names(arena, fd, most, &count);
	uint64_t bytes = 0;
	struct stat info;

	for (size_t i = 0; names && i < count; i++)
		if (fstatat(fd, names[i].name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode))
			bytes += (uint64_t)info.st_size;
	if (fd >= 0)
		close(fd);
	arena_free(arena);
	return bytes;
}

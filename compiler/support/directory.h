#ifndef SUPPORT_DIRECTORY_H
#define SUPPORT_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct directory_name {
	const char *name;
	unsigned char type; /* DT_*; DT_UNKNOWN: the file system does not say */
};

/*
 * The names in the directory open in FD, unsorted, without "." and "..", but not many more once there are MOST; NULL and errno on
 * failure.
 */
struct directory_name *directory_names(struct arena *, int fd, size_t most, size_t *count);

/* Puts them in the order of their bytes. */
void directory_sort(struct directory_name *, size_t count);

/* The bytes in the files that lie in the directory PATH, but not in many more than MOST of them; what cannot be looked at counts as none. */
uint64_t directory_bytes(const char *path, size_t most);

#endif

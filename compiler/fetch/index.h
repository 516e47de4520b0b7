#ifndef FETCH_INDEX_H
#define FETCH_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/store.h"
#include "model/pool.h"

/*
 * What an archive holds, one line an entry, sorted bytewise by path:
 *
 *	rootc-index 3
 *	d 0755 0 0 usr/bin
 *	f 0755 0 0 1024 blob/ab/SHA256 usr/bin/x =1 security.capability=0100000200200000000000000000000000000000
 *	f 0755 0 0 1024 blob/ab/SHA256 usr/bin/z =1
 *	l 0777 0 0 usr/bin/y x
 *	o 0660 0 6 dev/sda
 *	sum 0123456789abcdef
 *
 * Type, mode (octal), owner, group, a file's size and where in the store its bytes are, path ("." is the archive's
 * root), a link's target, a number that the names of one file share behind '=', extended attributes in hexadecimal. Space,
 * control characters and backslash are written \xHH. The last line has a checksum of all lines above it.
 */
struct index_row {
	enum entry_kind kind;
	uint16_t mode;
	uint32_t owner, group;
	uint64_t size;      /* ENTRY_FILE: bytes */
	struct digest digest; /* ENTRY_FILE: of the bytes */
	const char *blob;   /* ENTRY_FILE: store_blob_path of the digest; set by index_next alone */
	const char *path;   /* clean, "" for the root */
	const char *target; /* ENTRY_LINK */
	uint32_t file;      /* ENTRY_FILE: the same for the names of one file, at most INDEX_FILES_MAX; 0: it has no other */
	const struct xattrs *xattrs; /* or NULL */
};

enum { INDEX_PATH_MAX = 4095, INDEX_NAME_MAX = 255, INDEX_FILES_MAX = 1 << 20 };

/* Whether PATH is relative, without empty, "." and ".." components, and no longer than the limits. "" is. */
bool index_path_is_clean(const char *path);

/* Puts the index of the archive HEX into the store. */
bool index_write(struct store *, const char *hex, struct index_row *const *rows, size_t count);

struct index_reader {
	struct arena *arena;
	char *at, *end;
	bool broken; /* it is no index, or was cut short, or holds what no index does */
};

/*
 * Reads the index of the archive HEX from the store whose directory is open in STORE_FD: false when there is none, or
 * with READER broken.
 */
bool index_open(struct index_reader *, struct compilation *, int store_fd, const char *hex);

/* The next row, whose strings live as long as the arena; false at the end or with READER broken. */
bool index_next(struct index_reader *, struct index_row *);

#endif

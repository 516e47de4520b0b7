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
 *	rootc-index 1
 *	d 0755 0 0 - - usr/bin
 *	f 0755 0 0 1024 SHA256 usr/bin/x
 *	l 0777 0 0 - - usr/bin/y x
 *	o 0660 0 6 - - dev/sda
 *	sha256 SHA256
 *
 * Type, mode (octal), owner, group, size, SHA-256 of the bytes, path ("." is the archive's root), a link's target. Space,
 * control characters and backslash are written \xHH. The last line has the SHA-256 of all lines above it.
 */
struct index_row {
	enum entry_kind kind;
	uint16_t mode;
	uint32_t owner, group;
	uint64_t size;      /* ENTRY_FILE: bytes */
	const char *hex;    /* ENTRY_FILE: 64 digits and a NUL */
	const char *path;   /* clean, "" for the root */
	const char *target; /* ENTRY_LINK */
};

enum { INDEX_PATH_MAX = 4095, INDEX_NAME_MAX = 255 };

/* Whether PATH is relative, without empty, "." and ".." components, and no longer than the limits. "" is. */
bool index_path_is_clean(const char *path);

/* Puts the index of the archive HEX into the store. */
bool index_write(struct store *, const char *hex, struct index_row *const *rows, size_t count);

struct index_reader {
	char *at, *end;
	bool broken; /* it is no index, or was cut short, or holds what no index does */
};

/* Reads the index of the archive HEX from the store at PATH: false when there is none, or with READER broken. */
bool index_open(struct index_reader *, struct compilation *, const char *store, const char *hex);

/* The next row, whose strings live as long as the arena; false at the end or with READER broken. */
bool index_next(struct index_reader *, struct index_row *);

#endif

#ifndef RESOLVE_CACHE_H
#define RESOLVE_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/elf.h"

struct program;
struct resolver;

/* What an ld.so.cache says of one name (elf-rules G13; the format is in cache_file.c). */
struct cached {
	const char *name;   /* a SONAME, or a file name without one */
	const char *path;   /* absolute, in the image */
	const char *how;    /* "cache <- /etc/ld.so.conf.d/x.conf" */
	const char *hwcaps; /* the directory below glibc-hwcaps that it is in; NULL: none */
	uint32_t flags;     /* the ABI */
};

/* In the order of the file, which descends by name as cache_compare does. */
struct library_cache {
	const struct cached *list;
	size_t count;
};

/* How the loader compares names: digits by their value, so that "x.so.01" is "x.so.1" (_dl_cache_libcmp). */
int cache_compare(const char *, const char *);

/* The flags of libraries of the ABI of FACTS (FLAG_* of glibc's ldconfig.h); 0 when it is not known. */
uint32_t cache_flags(const struct elf_facts *);

/* The one entry that the loader of the program gets for NAME, or NULL. */
const struct cached *cache_find(const struct program *, const struct library_cache *, const char *name);

/*
 * The cache that the program's loader will find in the image: the file, when the manifest or the pool of a whole image has one,
 * or else the one that is to be made (`libraries.cache`). *CACHE is NULL when there is none. False with a diagnostic.
 */
bool cache_of(struct program *, const struct library_cache **cache);

/*
 * The file /etc/ld.so.cache for all libraries in the closure so far, in the byte order of the programs; NULL when no
 * program has a loader that reads it.
 */
const struct content *cache_for_image(struct resolver *);

/* The bytes of a cache in LIST, sorted as struct library_cache says, with the byte order DATA (ELFDATA*); in the arena. */
const unsigned char *cache_print(struct compilation *, const struct cached *list, size_t count, uint8_t data, size_t *size);

/* What the loader would read in the SIZE BYTES of a file; false when it would ignore them. */
bool cache_parse(struct compilation *, const char *bytes, size_t size, uint8_t data, struct library_cache *);

#endif

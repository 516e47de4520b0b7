#ifndef RESOLVE_CONF_H
#define RESOLVE_CONF_H

#include "resolve/resolver.h"

/* A directory that ld.so.conf names, and the file in which it does. */
struct conf_directory {
	const char *path, *from;
};

/*
 * The directories in /etc/ld.so.conf of the pool, and in what it includes, in their order: ldconfig reads it, and never a
 * loader (elf-rules G14, G15). Read once. Diagnostics about files that cannot be read are at AT.
 */
const struct conf_directory *conf_read(struct resolver *, struct span at, size_t *count);

#endif

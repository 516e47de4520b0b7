#ifndef MODEL_POOL_H
#define MODEL_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/content.h"
#include "model/manifest.h"
#include "model/xattr.h"

struct compilation;

/*
 * The pool: all inputs laid over one another, as one tree in memory. A later input shadows an earlier one at the same path.
 * Nothing in it enters the image by itself. Facts of the host (times, owners, inode numbers) are not part of it.
 */

enum entry_kind { ENTRY_DIRECTORY, ENTRY_FILE, ENTRY_LINK, ENTRY_OTHER };

struct entry;

/* Where a directory's children come from that are made only when somebody asks for them, such as those of a running system. */
struct entry_source {
	/* The child of DIRECTORY called NAME (LENGTH bytes), which was not asked for before or not found, adopted; or NULL. */
	struct entry *(*find)(struct entry_source *, struct entry *directory, const char *name, size_t length);
};

/* There are as many of these as inputs have files: what is for one kind alone shares its place. */
struct entry {
	const char *name;              /* one component; "" for the root */
	struct entry *parent;          /* NULL for the root */
	union {
		struct entry **children;       /* ENTRY_DIRECTORY: sorted bytewise by name */
		const struct content *content; /* ENTRY_FILE */
		const char *target;            /* ENTRY_LINK */
	};
	union {
		struct entry_source *source;   /* ENTRY_DIRECTORY: knows the children that are not there yet; NULL: all are */
		const void *inode;             /* ENTRY_FILE: equal for the names of one file; NULL: it has no other */
	};
	const struct xattrs *xattrs;   /* what an archive says, or NULL */
	const struct m_input *input;   /* who gave it */
	const char *package;           /* "busybox 1:1.35.0-4", or NULL */
	const struct entry *shadowed;  /* what stood here from an earlier input, or NULL */
	uint32_t child_count;          /* ENTRY_DIRECTORY; else 0 */
	uint32_t owner, group;         /* what an archive says; 0 for directories on the host */
	uint16_t mode;                 /* 07777 bits; what an archive or the manifest says, or the x bits of a host file made 0755 or 0644 */
	enum entry_kind kind : 8;      /* ENTRY_OTHER: a device, FIFO or socket; exists, but cannot be used */
};

struct pool {
	struct entry *root; /* a directory */
	size_t entry_count; /* made so far: hostile inputs must not fill the memory with directories */
};

/* An empty pool. */
struct pool *pool_new(struct compilation *);

/*
 * Puts NEW at PATH ("usr/bin/x"; no empty, "." or ".." components; "" is the root), making missing parents (0755). A directory
 * laid over a directory keeps the children of both. A parent that is a link to a directory is followed, as dpkg does, so that
 * packages that say /bin and pools where /bin is usr/bin agree. Gives the entry in the pool, or NULL when a parent is no
 * directory or the pool is full (recorded against INPUT's place).
 */
struct entry *pool_put(struct compilation *, struct pool *, const char *path, const struct entry *new);

/* The same for a child of DIRECTORY, whose NAME is set. */
struct entry *pool_put_in(struct compilation *, struct pool *, struct entry *directory, const struct entry *new);

/*
 * Takes away what is at PATH, with all below it; a parent that is a link to a directory is followed. What is not there, and a
 * directory where it SPARES_DIRECTORIES, is left as it is.
 */
void pool_remove(struct compilation *, struct pool *, const char *path, bool spares_directories);

/* Takes away all that the directory at PATH holds, or the one that a link there leads to. */
void pool_empty(struct compilation *, struct pool *, const char *path);

/* Lays all of UPPER over POOL, as if each of its entries had been put there. False with diagnostics. */
bool pool_lay(struct compilation *, struct pool *, const struct pool *upper);

/* Makes the COUNT CHILDREN, by name and with room as arena_room gives, those of DIRECTORY, which has none. */
void pool_fill(struct pool *, struct entry *directory, struct entry **children, size_t count);

/* What tells ENTRY's file from all others, and is the same for all its names; NULL: it has no other name, or is no file. */
static inline const void *
entry_inode(const struct entry *entry)
{
	return entry->kind == ENTRY_FILE ? entry->inode : NULL;
}

/* The child of DIRECTORY called NAME (LENGTH bytes), or NULL. */
struct entry *entry_child(const struct entry *directory, const char *name, size_t length);

/* Puts CHILD, whose name is set and new there, among the children of DIRECTORY. For sources. */
void entry_adopt(struct compilation *, struct entry *directory, struct entry *child);

/* Whether ENTRY is DIRECTORY, or something in it. */
bool entry_lies_below(const struct entry *entry, const struct entry *directory);

/* The absolute path of an entry inside the pool, "/" for the root. */
const char *entry_path(struct compilation *, const struct entry *);

#endif

#ifndef FETCH_STAGES_H
#define FETCH_STAGES_H

#include <stdbool.h>

#include "fetch/store.h"
#include "model/lock.h"
#include "model/pool.h"

struct arena;
struct compilation;

/* What the passes of fetch/ ask of one another. */

/*
 * Brings CONTENT, a .deb, .apk or tar that is stamped, open in FD and read to its end for its hash HEX, into STORE: every regular
 * file as a blob, then the index. Nothing in it is run; a .deb's control.tar is not even looked at, of an .apk's control only what vouches for the files. False with diagnostics at
 * STORE's place.
 */
bool unpack_archive(struct store *, const struct content *, int fd, const char *hex);

/* Whether the host has the library that unpack_archive needs; a diagnostic at STORE's place when it has not. */
bool unpack_is_possible(struct store *);

/* Whether STORE has the index of the archive HEX, whole, and every blob that it names. */
bool store_has_archive(const struct store *, const char *hex);

/* The SHA-256 of what FD still has to give; false and errno when it cannot be read. */
bool digest_file(int fd, struct digest *);

/* A path of the manifest as the host understands it: relative ones start at the manifest's directory. */
const char *host_path(struct compilation *, const struct manifest *, const struct m_text *path);

/* What a directory on the host holds. */
struct look {
	const char *path;          /* relative to the top, "" for that */
	unsigned depth;
	struct entry **entries;    /* by name, bytewise; room for more */
	size_t count;
	struct look *below;        /* for each directory among them, in the same order, what that holds */
	size_t below_count;
	struct content *stamp;     /* of the directory before its names were read; NULL: it could not be opened */
	const char *unreadable;    /* the first path, it or one in it, that could not be looked at, by ERROR, or is too long; or NULL */
	int error;
	struct look *next;         /* of those that are still to be looked at */
};

enum { LOOK_DEPTH_MAX = 128, LOOK_ENTRIES_MAX = 1 << 20 };

/*
 * Looks at all that is below HOST with several threads: INPUT's. ENTRY_FILEs are stamped. Deeper directories than LOOK_DEPTH_MAX
 * are not opened; looking ends once there are more than LOOK_ENTRIES_MAX entries: *COUNT is how many there are, or were then.
 */
struct look *look_at(struct compilation *, const struct m_input *input, const char *host, size_t *count);

struct directory_name {
	const char *name;
	unsigned char type; /* DT_*; DT_UNKNOWN: the file system does not say */
};

/* The names in the directory open in FD, unsorted, without "." and ".."; NULL and errno on failure. */
struct directory_name *directory_names(struct arena *, int fd, size_t *count);

/* Lays a `directory` input over the pool. False with diagnostics. */
bool scan_directory(struct compilation *, struct pool *, const struct manifest *, const struct m_input *);

/* What the lock says of INPUT (of packages), or NULL with a diagnostic when that is not what the manifest says. */
const struct m_locked_input *locked_input(struct compilation *, const struct lock *, const struct m_input *);

#endif

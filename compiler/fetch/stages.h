#ifndef FETCH_STAGES_H
#define FETCH_STAGES_H

#include <stdbool.h>

#include "fetch/store.h"
#include "model/content.h"
#include "model/lock.h"
#include "model/pool.h"

struct compilation;
struct diag;

/* What the passes of fetch/ ask of one another. */

/*
 * Brings CONTENT, a .deb, .apk or tar that is stamped, open in FD and read to its end for its hash HEX, into STORE: every regular file
 * as a blob, then the index. Nothing in it is run; a .deb's control.tar is not even looked at, of an .apk's control only what vouches
 * for the files. False with diagnostics at STORE's place; ADVICE, or NULL, is the help for what is of no known format.
 */
bool unpack_archive(struct store *, const struct content *, int fd, const char *hex, const char *advice);

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

/* Lays a `directory` input over the pool. False with diagnostics. */
bool scan_directory(struct compilation *, struct pool *, const struct manifest *, const struct m_input *);

/*
 * The digest of what of a `directory` input counts: paths, kinds, x bits, links' targets and bytes, never times and owners. It is what
 * a lock has as `tree`. False with diagnostics.
 */
bool digest_directory(struct compilation *, const struct manifest *, const struct m_input *, struct digest *);

/* The SHA-256 of CONTENT, of CONTENT_HOST; false with a diagnostic at AT. */
bool digest_content(struct compilation *, const struct content *, struct span at, struct digest *);

/*
 * Whether SIZE, the bytes of the archive that messages call SHOWN, is more than one can have that unpacks to as much as is taken; then
 * with a diagnostic at AT. So nobody waits for the hash of such a file.
 */
bool host_archive_too_large(struct compilation *, struct span at, const char *shown, uint64_t size);

/* Adds to what was told of a file on the host that is not there, which the manifest calls PATH, where it is looked for. */
void host_explain_missing(struct diag *, const struct m_text *path);

/* Opens an `archive` input, and says of it what the host does; -1 with a diagnostic. */
int host_archive_open(struct compilation *, const struct manifest *, const struct m_input *, struct stat *);

/* The SHA-256 of an `archive` input as it lies there; false with a diagnostic. */
bool digest_archive(struct compilation *, const struct manifest *, const struct m_input *, struct digest *);

/* The SHA-256 of the file on the host that the manifest names with PATH; false with a diagnostic. */
bool digest_source(struct compilation *, const struct manifest *, const struct m_text *path, struct digest *);

/*
 * A `file` input as it lies there, found again without following a link, though the manifest may name one: stamped, so that a later change
 * of it is seen. NULL with a diagnostic.
 */
const struct content *single_content(struct compilation *, const struct manifest *, const struct m_input *);

/* The SHA-256 of a `file` input, whose CONTENT that is; false with a diagnostic. */
bool digest_single(struct compilation *, const struct m_input *, const struct content *, struct digest *);

/* What the lock says of the input NAME, or NULL. */
const struct m_locked_input *lock_find(const struct lock *, const char *name);

/* Whether TEXTS has TEXT among its items. */
bool texts_have(const struct m_texts *, const char *text);

/* Whether LOCKED was made from the sources that INPUT has, in their order. */
bool lock_has_sources(const struct m_locked_input *locked, const struct m_input *input);

/* Whether LOCKED was made for the architecture, from the sources and of the packages that INPUT has. */
bool lock_is_as_asked(const struct m_locked_input *locked, const struct m_input *input);

/* What the lock (or NULL) says of INPUT, or NULL with a diagnostic when that is nothing, or of another kind of input. */
const struct m_locked_input *locked_of_kind(struct compilation *, const struct lock *, const struct m_input *);

/* What the lock says of INPUT (of packages), or NULL with a diagnostic when that is not what the manifest says. */
const struct m_locked_input *locked_input(struct compilation *, const struct lock *, const struct m_input *);

/*
 * Whether INPUT's WHAT ("archive"), called so by WORDS, has by its SHA-256 HEX the one that the manifest agreed on, or it names none; else
 * false with a diagnostic.
 */
bool is_as_agreed(struct compilation *, const struct m_input *, const char *what, const struct m_text *words, const char *hex);

/*
 * Whether INPUT, an archive or file whose SHA-256 is HEX, or an image whose manifest's it is, is the locked one, or LOCK (may be NULL) says
 * nothing of it; else false with a diagnostic.
 */
bool is_locked_blob(struct compilation *, const struct manifest *, const struct lock *, const struct m_input *, const char *hex);

/* The same for the x bits of a `file` input, which is CONTENT. */
bool is_locked_program(struct compilation *, const struct manifest *, const struct lock *, const struct m_input *, const struct content *);

#endif

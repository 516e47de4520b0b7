#ifndef FETCH_UNPACK_H
#define FETCH_UNPACK_H

#include <sys/types.h>

#include "fetch/rows.h"
#include "fetch/stages.h"
#include "support/digest.h"
#include "support/libarchive.h"

/* What the files that unpack archives ask of one another. */

enum { UNPACK_READ_SIZE = 65536 };

/* One archive while it is unpacked. */
struct unpacking {
	struct store *store;
	const char *shown;
	const char *advice;  /* for what is of no format that is known; or NULL */
	struct diag *told;   /* what is wrong with it */
	struct libarchive library;
	struct arena *arena; /* what is needed until the index is written */
	struct archive *reader;
	int fd;
	off_t at, end;       /* of the tar inside the file */
	struct rows rows;
	int64_t bytes;       /* unpacked so far */
	size_t name_bytes;
	uint32_t file_count; /* with several names */
	bool has_failed;     /* to read the next entry */
	bool has_info;       /* of an .apk: its .PKGINFO is read */
	bool has_data_hash;  /* of one: ... */
	struct digest data_hash; /* ... what its control says of the rest */
	char buffer[UNPACK_READ_SIZE];
};

/* Says that the archive, or its entry PATH, is not usable, and WHY; always false. */
bool unpack_broken(struct unpacking *, const char *why);
bool unpack_broken_entry(struct unpacking *, const char *path, const char *why);

/* Begins to read what lies from AT to END of the file. */
bool unpack_open(struct unpacking *);

/* The next entry; NULL at the end, or with a diagnostic where reading fails: then HAS_FAILED. */
struct archive_entry *unpack_next(struct unpacking *);

/* The path of ENTRY; NULL with a diagnostic. */
const char *unpack_path(struct unpacking *, struct archive_entry *entry);

/* Takes the kind, mode, owner and extended attributes of ENTRY into ROW, which has its path. False with a diagnostic. */
bool unpack_attributes(struct unpacking *, struct index_row *row, struct archive_entry *entry);

/* Takes ENTRY, or nothing if it is NULL, and all behind it. False with a diagnostic. */
bool unpack_entries(struct unpacking *, struct archive_entry *entry);

/* apk.c */

/*
 * Takes an .apk, whose first entry is ENTRY. Its files are those that its control was made for, and all of them: they are what the
 * datahash is of, from its first byte to the end of the file, and the control must lead there. False with a diagnostic.
 */
bool unpack_apk(struct unpacking *, struct archive_entry *entry);

#endif

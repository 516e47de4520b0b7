#ifndef EMIT_RECORD_H
#define EMIT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct arena;
struct plan;

/*
 * The record of an image says which bytes of it came from which file: one line for each run of blocks, with what vouches for the
 * file's contents. It lies beside the image, as IMAGE.record, and holds only for the very file that it was written for:
 *
 *	rootc record 1
 *	image DEVICE INODE SIZE MTIME CTIME
 *	OFFSET SIZE LOGICAL sha256 HEX
 *	OFFSET SIZE LOGICAL file DEVICE INODE SIZE MTIME CTIME
 *	end LINES
 *
 * Lines stand by OFFSET, in bytes from the start of the disk, and differ where anything of a run does.
 */
struct record_line {
	uint64_t offset, size;
	const char *text;     /* the whole line */
	int64_t changed_s;    /* when the file last changed; INT64_MIN where a hash vouches for it */
};

struct record {
	struct record_line *lines;
	size_t count;
};

/* The record that the image of PLAN will have. */
struct record record_of(struct arena *, const struct plan *);

/* IMAGE.record, into *RECORD: false when there is none, or it is not whole, or not of the file that INFO is of. */
bool record_read(struct arena *, const char *image, const struct stat *info, struct record *);

/*
 * Writes IMAGE.record for the image that INFO is of; 0 or errno. Files that changed within two seconds of the image's end are left
 * out: a change after they were read could have left their times as they are.
 */
int record_write(struct arena *, const char *image, const struct stat *info, const struct record *);

#endif

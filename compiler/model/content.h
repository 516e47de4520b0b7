#ifndef MODEL_CONTENT_H
#define MODEL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "support/digest.h"
#include "support/file.h"
#include "support/source.h"

struct compilation;

enum content_kind {
	CONTENT_BYTES, /* in memory */
	CONTENT_HOST,  /* a file below a directory on the host */
	CONTENT_IMAGE, /* a file in an image that was loaded */
};

/* The SIZE bytes of a file from START on lie at OFFSET of the image. */
struct image_run {
	uint64_t start, offset, size;
};

/* A file of the image at PATH: what no run covers is zero. The runs are in order and apart, and lie in the image. */
struct image_bytes {
	const char *path;
	struct image_run *runs;
	size_t count;
};

/* Where the bytes of a regular file come from. */
struct content {
	uint64_t size;         /* bytes */
	union {
		const char *bytes; /* CONTENT_BYTES */
		const char *path;  /* CONTENT_HOST: relative, no component of which may be a link ... */
		const struct image_bytes *image; /* CONTENT_IMAGE */
	};
	const char *directory; /* ... below this, which is opened as written */
	const char *shown;     /* how messages name it; NULL: by directory and path */
	union {
		/* CONTENT_HOST outside the store: what fstat said when the pool was made; a file that differs later was changed under us. */
		struct {
			uint64_t inode;
			int64_t mtime_s, ctime_s;
			uint32_t mtime_ns, ctime_ns;
		};
		struct digest digest; /* the store vouches for it */
	};
	uint32_t device;          /* of the stamp, as Linux numbers devices within itself: 12 and 20 bits */
	enum content_kind kind : 8;
	bool stamped : 1, has_digest : 1; /* which of the two there is, if any */
	bool settled : 1;         /* whatever changes in the file after the stamp was taken is seen in it */
	bool executable : 1;      /* by somebody, on the host: the one fact of a host file that git keeps too */
};

/* The bytes of a file from START on, up to END. */
struct byte_range {
	uint64_t start, end;
};

enum { CONTENT_GRAIN = 1024 }; /* bytes: no file system has smaller blocks */

/* Where a file holds more than zeroes: in order, apart, in units of CONTENT_GRAIN, the last of which the file may end in. */
struct content_data {
	struct byte_range *ranges;
	size_t count;
};

/* Takes down in CONTENT what INFO, from fstat or fstatat, says of the file, so that a later change is seen, and whether it is executable. */
void content_stamp(struct content *, const struct stat *info);

/* How messages name CONTENT. */
const char *content_name(struct compilation *, const struct content *);

/*
 * Opens CONTENT_HOST for reading: a regular file, reached without following a link below its directory, of the stamped
 * identity and of exactly the size in CONTENT. Gives a descriptor that the caller closes, or -1 with a diagnostic at AT.
 */
int content_open(struct compilation *, const struct content *, struct span at);

/*
 * The whole of CONTENT, in the arena and followed by a NUL, or NULL with a diagnostic at AT: it cannot be read, was changed
 * while it was read, or is larger than LIMIT bytes.
 */
const char *content_read(struct compilation *, const struct content *, struct span at, uint64_t limit);

/* Reads the next SIZE bytes, retrying what a signal cut short, or says at AT why not: false for an error or an early end. */
bool content_read_exactly(struct compilation *, const struct content *, struct span at, int fd, void *bytes, size_t size);

/* The same for the SIZE bytes at OFFSET, which must lie inside the content; where FD stands is left alone. */
bool content_read_at(struct compilation *, const struct content *, struct span at, int fd, uint64_t offset, void *bytes,
	size_t size);

/* After the last byte: false, with a diagnostic at AT, when the file grew or its stamp changed while it was read. */
bool content_unchanged(struct compilation *, const struct content *, struct span at, int fd);

/* Why a file could not be read. */
struct content_failure {
	const struct content *content;
	int error; /* errno; 0: it changed under us */
};

/* Says so at AT. */
void content_report(struct compilation *, const struct content_failure *, struct span at);

/*
 * Reads many files, one after another, never behind their ends; the directory of the last one stays open for the next. One
 * thread's own: nothing is allocated and nothing recorded but FAILURE. Begins as {.fd = -1}.
 */
struct content_reader {
	const struct content *content; /* the open one */
	struct open_directories directories;
	int fd;
	uint64_t at; /* the byte to read next */
	struct content_failure failure;
};

/* Opens CONTENT, to read it from its first byte on. */
bool content_reader_open(struct content_reader *, const struct content *);

/* The next SIZE bytes. */
bool content_reader_read(struct content_reader *, void *bytes, size_t size);

/* Goes on reading at byte AT. */
bool content_reader_seek(struct content_reader *, uint64_t at);

/* The first byte from AT on that may be other than zero, as far as holes of a file in an image tell; its size: there is none. */
uint64_t content_reader_data(const struct content_reader *, uint64_t at);

/* Closes the file: false when it is no longer what the pool saw. */
bool content_reader_close(struct content_reader *);

/* Closes all, whatever became of it. */
void content_reader_end(struct content_reader *);

#endif

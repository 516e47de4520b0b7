#ifndef MODEL_SEEN_H
#define MODEL_SEEN_H

#include "model/content.h"

struct compilation;

/*
 * What a compilation looked at on the host, in its order: what stamps and depfiles are made of. The files in directories of the pool
 * are not here, for the pool has them; nor what only the writing of the image reads, which the plan has.
 */
enum seen_kind {
	SEEN_PATH,      /* a file by its path, which may lead through links: the manifest, its bases, its lock, its archives and single files */
	SEEN_FILE,      /* a file that the manifest names, below its directory: no link leads to it */
	SEEN_DIRECTORY, /* its names were read */
	SEEN_OPENED,    /* its bytes were read, for whatever it is: of the store, of the pool, or one of these above */
};

struct seen {
	enum seen_kind kind;
	const struct content *content;
};

/* Takes down CONTENT, of CONTENT_HOST, which is kept. For the compilation's own thread. */
void seen_add(struct compilation *, enum seen_kind, const struct content *);

/*
 * Takes down the file at PATH, open in FD, whose bytes are read next; waits until a later change of them would be seen. Gives what it
 * took down.
 */
const struct content *seen_file(struct compilation *, const char *path, int fd);

/* Where CONTENT lies, as it is opened. */
const char *seen_path(struct arena *, const struct content *);

#endif

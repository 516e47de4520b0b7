#ifndef SUPPORT_MEMO_H
#define SUPPORT_MEMO_H

#include <stddef.h>

struct arena;
struct digest;

/*
 * What compilations of one process have worked out from bytes alone, so that none does it a second time: the results by a digest of
 * what they were made from. For any thread. It has no say in what comes out, only in how soon.
 */
struct memo;

/* A new one, empty; and its end. */
struct memo *memo_new(void);
void memo_free(struct memo *);

/*
 * A copy in the arena of what is known by KEY, *SIZE bytes. NULL: nothing is, and the caller must work it out and end with memo_put;
 * whoever asks for the same until then waits.
 */
const void *memo_find(struct memo *, const struct digest *key, struct arena *, size_t *size);

/* Takes down a copy of what was asked for in vain; BYTES NULL: it could not be worked out, and the next one may try. */
void memo_put(struct memo *, const struct digest *key, const void *bytes, size_t size);

/*
 * What ENCODE makes of the SIZE bytes at BYTES, *ENCODED_SIZE bytes in the arena. NAME tells it from others that share the memo; with
 * MEMO NULL it is always made anew.
 */
const unsigned char *memo_encode(struct memo *, const char *name,
	const unsigned char *(*encode)(struct arena *, const unsigned char *bytes, size_t size, size_t *encoded_size), struct arena *,
	const unsigned char *bytes, size_t size, size_t *encoded_size);

#endif

#ifndef SUPPORT_PROGRESS_H
#define SUPPORT_PROGRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "rootc/progress.h"

/* What a compilation tells of how far it has come, while it works. It decides nothing: nobody listens to what comes of it. */
struct progress {
	void (*tell)(void *of, const struct rootc_progress *); /* NULL: nobody wants to know */
	void *of;
	struct rootc_progress now;
	_Atomic uint64_t done; /* of NOW, of which not every byte is told */
	atomic_bool telling;   /* a thread is at it */
};

/* Begins PHASE, which ends when the next one begins. WHAT may be NULL, and must live until then. TOTAL 0: not known. */
void progress_begin(struct progress *, enum rootc_phase, const char *what, uint64_t total);

/* So many things or bytes are done, and ITEM (or NULL) is begun, which is told at once. */
void progress_to(struct progress *, uint64_t done, const char *item);

/* So many bytes more are done. Told is each MiB, and by one thread at a time. For any thread. */
void progress_bytes(struct progress *, uint64_t more);

#endif

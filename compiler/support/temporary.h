#ifndef SUPPORT_TEMPORARY_H
#define SUPPORT_TEMPORARY_H

#include <signal.h>

/*
 * Files that are to become others by rename, and must not be left behind by a process that ends before that. The list of them is one
 * for the whole process, since neither a signal nor the end of memory says whose it is. For any thread.
 */
struct temporary {
	int directory_fd;  /* as for unlinkat ... */
	const char *name;  /* ... which is asked to remove this; both stay until the file is forgotten */
	struct temporary *next;
};

/*
 * Between these two, in which a file is made and noted, no signal comes to this thread, and no other thread does the same. Both leave
 * errno alone.
 */
void temporaries_hold(sigset_t *before);
void temporaries_release(const sigset_t *before);

/* Takes down T, a file that has just been made, while they are held. */
void temporary_note(struct temporary *t);

/* Makes a file by PATTERN, as mkstemp(3) does, and notes it as T: its descriptor, or -1 and errno. */
int temporary_make(struct temporary *t, char *pattern);

/* T is no more, or has its own name. */
void temporary_forget(struct temporary *t);

/*
 * Removes all that are noted. For the end of the process: whoever wants to make or forget one from then on waits for it.
 * Async-signal-safe.
 */
void temporaries_abandon(void);

#endif

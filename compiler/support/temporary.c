#include "support/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Process-wide state, as a process has but one end. The list belongs to whoever has set HELD. */
static struct temporary *noted;
static atomic_flag held = ATOMIC_FLAG_INIT;

/* No mutex, for a signal handler may not take one. Whoever holds the list is interrupted by no handler that would wait for it. */
void
temporaries_hold(sigset_t *before)
{
	int error = errno;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, before);
	while (atomic_flag_test_and_set_explicit(&held, memory_order_acquire))
		sched_yield();
	errno = error;
}

void
temporaries_release(const sigset_t *before)
{
	int error = errno;

	atomic_flag_clear_explicit(&held, memory_order_release);
	pthread_sigmask(SIG_SETMASK, before, NULL);
	errno = error;
}

void
temporary_note(struct temporary *t)
{
	t->next = noted;
	noted = t;
}

int
temporary_make(struct temporary *t, char *pattern)
{
	sigset_t before;
	int fd;

	temporaries_hold(&before);
	fd = mkostemp(pattern, O_CLOEXEC);
	*t = (struct temporary){.directory_fd = AT_FDCWD, .name = pattern};
	if (fd >= 0)
		temporary_note(t);
	temporaries_release(&before);
	return fd;
}

void
temporary_forget(struct temporary *t)
{
	struct temporary **link = &noted;
	sigset_t before;

	temporaries_hold(&before);
	while (*link && *link != t)
		link = &(*link)->next;
	if (*link)
		*link = t->next;
	temporaries_release(&before);
}

void
temporaries_abandon(void)
{
	sigset_t before;

	temporaries_hold(&before);
	for (const struct temporary *t = noted; t; t = t->next)
		unlinkat(t->directory_fd, t->name, 0);
}

#include "limits.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sanitizer/allocator_interface.h>

#include "support/memory.h"

enum {
	FACTOR = 3,
	SLACK = 32 << 20,
	MOST_MS = 2000,
};

static struct {
	bool counts;
	int64_t in_use, most; /* bytes */
	int64_t start_ms;
} now;

void
require_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

/* What ends a process by itself, a bug or the end of memory, must be seen as a crash. */
static void
ends_by_itself(void)
{
	abort();
}

static void
taken(const volatile void *at, size_t size)
{
	(void)at;
	if (!now.counts)
		return;
	now.in_use += (int64_t)size;
	if (now.in_use <= now.most)
		return;
	now.counts = false;
	fprintf(stderr, "more memory in use than %lld bytes\n", (long long)now.most);
	abort();
}

static void
given_back(const volatile void *at)
{
	if (now.counts && at)
		now.in_use -= (int64_t)__sanitizer_get_allocated_size((const void *)at);
}

static int64_t
thread_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
limits_begin(size_t size)
{
	static bool installed;

	if (!installed)
		REQUIRE(__sanitizer_install_malloc_and_free_hooks(taken, given_back));
	installed = true;
	memory_on_exhaustion(ends_by_itself);
	now.in_use = 0;
	now.most = FACTOR * (int64_t)size + SLACK;
	now.start_ms = thread_ms();
	now.counts = true;
}

void
limits_end(void)
{
	now.counts = false;
	if (thread_ms() - now.start_ms <= MOST_MS)
		return;
	fprintf(stderr, "more time than %d ms\n", (int)MOST_MS);
	abort();
}

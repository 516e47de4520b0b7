/*
 * A host that goes wrong, for LD_PRELOAD (tests/faults/). FAULT says how:
 *   malloc FIRST LAST    the allocations with these numbers give NULL; LAST 0: all from FIRST on
 *   short                no read or write moves more than half of what it is asked for
 *   interrupt            every second read or write is interrupted before it has done anything
 *   stop NUMBER          the process stops (SIGSTOP) before this read
 * At the end FAULT_COUNTS, a file, gets the numbers of allocations and of reads.
 * The program has a malloc of its own (compiler/malloc.c); what fails here is the C library's below it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { OFTEN = 2 };

static atomic_ulong allocations, reads, transfers;
static unsigned long first_failing, last_failing, stop_at;
static int is_short, interrupts;
static char counts_path[4096];

#define REAL(name) real_##name = (__typeof__(real_##name))dlsym(RTLD_NEXT, #name)

static void *(*real___libc_malloc)(size_t);
static void *(*real___libc_calloc)(size_t, size_t);
static void *(*real___libc_realloc)(void *, size_t);
static int (*real_posix_memalign)(void **, size_t, size_t);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pread64)(int, void *, size_t, off64_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

__attribute__((constructor)) static void
begin(void)
{
	const char *fault = getenv("FAULT"), *path = getenv("FAULT_COUNTS");

	if (path)
		strncpy(counts_path, path, sizeof counts_path - 1);
	if (!fault)
		return;
	sscanf(fault, "malloc %lu %lu", &first_failing, &last_failing);
	sscanf(fault, "stop %lu", &stop_at);
	is_short = strcmp(fault, "short") == 0;
	interrupts = strcmp(fault, "interrupt") == 0;
}

__attribute__((destructor)) static void
end(void)
{
	FILE *out = counts_path[0] ? fopen(counts_path, "w") : NULL;

	if (!out)
		return;
	fprintf(out, "%lu %lu\n", allocations, reads);
	fclose(out);
}

/* Whether the allocation that is asked for fails. */
static int
no_memory(void)
{
	unsigned long number = atomic_fetch_add(&allocations, 1) + 1;

	if (!first_failing || number < first_failing || (last_failing && number > last_failing))
		return 0;
	errno = ENOMEM;
	return 1;
}

void *
__libc_malloc(size_t size)
{
	if (!real___libc_malloc)
		REAL(__libc_malloc);
	return no_memory() ? NULL : real___libc_malloc(size);
}

void *
__libc_calloc(size_t count, size_t size)
{
	if (!real___libc_calloc)
		REAL(__libc_calloc);
	return no_memory() ? NULL : real___libc_calloc(count, size);
}

void *
__libc_realloc(void *old, size_t size)
{
	if (!real___libc_realloc)
		REAL(__libc_realloc);
	return no_memory() ? NULL : real___libc_realloc(old, size);
}

int
posix_memalign(void **memory, size_t alignment, size_t size)
{
	if (!real_posix_memalign)
		REAL(posix_memalign);
	return no_memory() ? ENOMEM : real_posix_memalign(memory, alignment, size);
}

/* Before a transfer of SIZE bytes: how many of them it may move, or -1 with errno. */
static ssize_t
disturb(size_t size)
{
	if (interrupts && atomic_fetch_add(&transfers, 1) % OFTEN == 0) {
		errno = EINTR;
		return -1;
	}
	return (ssize_t)(is_short && size > 1 ? size / 2 : size);
}

static void
count_read(void)
{
	if (atomic_fetch_add(&reads, 1) + 1 == stop_at)
		raise(SIGSTOP);
}

ssize_t
read(int fd, void *bytes, size_t size)
{
	ssize_t some = disturb(size);

	if (!real_read)
		REAL(read);
	count_read();
	return some < 0 ? -1 : real_read(fd, bytes, (size_t)some);
}

ssize_t
write(int fd, const void *bytes, size_t size)
{
	ssize_t some = disturb(size);

	if (!real_write)
		REAL(write);
	return some < 0 ? -1 : real_write(fd, bytes, (size_t)some);
}

ssize_t
pread64(int fd, void *bytes, size_t size, off64_t offset)
{
	ssize_t some = disturb(size);

	if (!real_pread64)
		REAL(pread64);
	count_read();
	return some < 0 ? -1 : real_pread64(fd, bytes, (size_t)some, offset);
}

ssize_t
pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
	ssize_t some = disturb(size);

	if (!real_pwrite64)
		REAL(pwrite64);
	return some < 0 ? -1 : real_pwrite64(fd, bytes, (size_t)some, offset);
}

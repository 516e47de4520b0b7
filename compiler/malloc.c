/*
 * The program's own malloc, calloc and realloc, which also serve the shared libraries: they call the C library's and never give
 * NULL. libext2fs, tried with every single allocation failing in turn, crashed in 72 of 300 cases and wrote a wrong image in
 * 10; so the end of memory ends the process, here, where the temporary output is removed. Left out of sanitizer builds, which
 * bring an allocator of their own, and of libcs without these entry points.
 */

#include <stdlib.h> /* and by it __GLIBC__, without which nothing would be here */

#include "support/memory.h"

#ifdef __GLIBC__
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	void *new = __libc_malloc(size);

	if (!new)
		memory_exhausted();
	return new;
}

void *
calloc(size_t count, size_t size)
{
	void *new = __libc_calloc(count, size);

	if (!new)
		memory_exhausted();
	return new;
}

void *
realloc(void *old, size_t size)
{
	void *new = __libc_realloc(old, size);

	/* realloc(p, 0) frees, and gives NULL without being short of memory. */
	if (!new && size)
		memory_exhausted();
	return new;
}
#endif

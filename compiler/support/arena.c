#include "support/arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/memory.h"

enum {
	ALIGNMENT = 8,
	FIRST_CHUNK = 64 * 1024,
	LAST_CHUNK = 4 * 1024 * 1024,
	AHEAD = 128 * 1024,
	AT_ONCE = 1024 * 1024, /* of what is larger, more may never be touched */
};

/* Under AddressSanitizer only what was asked for may be touched, as if each allocation were malloc's. */
#ifndef __has_feature
#define __has_feature(name) 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
void __asan_poison_memory_region(const volatile void *from, size_t size);
void __asan_unpoison_memory_region(const volatile void *from, size_t size);
enum { GAP = ALIGNMENT }; /* between allocations */
#else
#define __asan_poison_memory_region(from, size) ((void)(from))
#define __asan_unpoison_memory_region(from, size) ((void)(from))
enum { GAP = 0 };
#endif

struct chunk {
	struct chunk *next;
	size_t size, used, asked; /* ASKED: up to where the kernel was asked for pages */
	_Alignas(ALIGNMENT) unsigned char bytes[];
};

struct arena {
	struct chunk *chunks; /* newest first */
	size_t next_size;
};

static struct chunk *
new_chunk(struct arena *a, size_t least)
{
	size_t size = least > a->next_size ? least : a->next_size;
	struct chunk *chunk;

	if (size > SIZE_MAX - sizeof *chunk || !(chunk = calloc(1, sizeof *chunk + size)))
		memory_exhausted();
	chunk->size = size;
	chunk->next = a->chunks;
	a->chunks = chunk;
	if (a->next_size < LAST_CHUNK)
		a->next_size *= 2;
	if (size > least) /* else malloc's own gaps will do */
		__asan_poison_memory_region(chunk->bytes, size);
	return chunk;
}

struct arena *
arena_new(void)
{
	struct arena *a = calloc(1, sizeof *a);

	if (!a)
		memory_exhausted();
	a->next_size = FIRST_CHUNK;
	return a;
}

void
arena_free(struct arena *a)
{
	struct chunk *next;

	if (!a)
		return;
	for (struct chunk *chunk = a->chunks; chunk; chunk = next) {
		next = chunk->next;
		__asan_unpoison_memory_region(chunk->bytes, chunk->size);
		free(chunk);
	}
	free(a);
}

void
arena_reset(struct arena *a)
{
	struct chunk *newest = a->chunks, *next;

	if (!newest)
		return;
	while ((next = newest->next)) {
		newest->next = next->next;
		__asan_unpoison_memory_region(next->bytes, next->size);
		free(next);
	}
	__asan_unpoison_memory_region(newest->bytes, newest->used);
	memset(newest->bytes, 0, newest->used);
	newest->used = 0;
	__asan_poison_memory_region(newest->bytes, newest->size);
}

void
arena_join(struct arena *into, struct arena *from)
{
	struct chunk **end = &from->chunks;

	while (*end)
		end = &(*end)->next;
	if (into->chunks) { /* behind the one that has room */
		*end = into->chunks->next;
		into->chunks->next = from->chunks;
	} else {
		*end = NULL;
		into->chunks = from->chunks;
	}
	free(from);
}

/*
 * Asks the kernel for the pages of CHUNK's last SIZE bytes and for the next ones together: one at a time, as they are touched,
 * they cost more than what is done in them, above all in a virtual machine. A kernel that cannot (Linux before 5.14) gives them one
 * at a time as ever.
 */
static void
ask_ahead(struct chunk *chunk, size_t size)
{
	size_t ahead = chunk->size - chunk->used < AHEAD ? chunk->size - chunk->used : AHEAD;
#ifdef MADV_POPULATE_WRITE
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at = (uintptr_t)(chunk->bytes + chunk->used);
	uintptr_t from = (at - (size < AT_ONCE ? size : AT_ONCE)) / page * page, to = (at + ahead) / page * page;
	int error = errno;

	madvise((void *)from, to - from, MADV_POPULATE_WRITE);
	errno = error;
#endif
	chunk->asked = chunk->used + ahead;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	struct chunk *chunk = a->chunks;
	size_t rounded;
	void *new;

	if (size > SIZE_MAX - ALIGNMENT - GAP)
		memory_exhausted();
	rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP;
	if (rounded == 0)
		rounded = ALIGNMENT;
	if (!chunk || chunk->size - chunk->used < rounded)
		chunk = new_chunk(a, rounded);
	new = chunk->bytes + chunk->used;
	chunk->used += rounded;
	if (chunk->used > chunk->asked)
		ask_ahead(chunk, rounded);
	__asan_unpoison_memory_region(new, size);
	return new;
}

void *
arena_array(struct arena *a, uint64_t count, size_t size)
{
	if (count > SIZE_MAX / size)
		memory_exhausted();
	return arena_alloc(a, (size_t)count * size);
}

char *
arena_strndup(struct arena *a, const char *text, size_t length)
{
	char *copy = arena_alloc(a, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *
arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *
arena_vprintf(struct arena *a, const char *format, va_list args)
{
	va_list again;
	char *text;
	int length;

	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		BUG("bad format");
	text = arena_alloc(a, (size_t)length + 1);
	vsnprintf(text, (size_t)length + 1, format, args);
	return text;
}

char *
arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = arena_vprintf(a, format, args);
	va_end(args);
	return text;
}

void *
arena_grow(struct arena *a, void *items, size_t count, size_t size)
{
	size_t capacity;
	void *grown;

	if (count & (count - 1))
		return items;
	capacity = count ? count * 2 : 1;
	if (capacity > SIZE_MAX / size)
		memory_exhausted();
	grown = arena_alloc(a, capacity * size);
	if (count)
		memcpy(grown, items, count * size);
	return grown;
}

void *
arena_room(struct arena *a, size_t count, size_t size)
{
	size_t capacity = 1;

	while (capacity < count)
		capacity *= 2;
	return arena_array(a, capacity, size);
}

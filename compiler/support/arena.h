#ifndef SUPPORT_ARENA_H
#define SUPPORT_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Memory that lives as long as one compilation. Nothing in it is freed alone; arena_free frees it whole. */
struct arena;

/* A new, empty arena. Never NULL: running out of memory ends the process. */
struct arena *arena_new(void);
void arena_free(struct arena *);

/* Forgets all that is in an arena; some of its memory stays for what comes next. */
void arena_reset(struct arena *);

/* Makes all that is in FROM part of INTO; FROM is then gone. */
void arena_join(struct arena *into, struct arena *from);

/* SIZE zeroed bytes, aligned for pointers and 64-bit numbers. SIZE 0 gives a unique pointer. */
void *arena_alloc(struct arena *, size_t size);

/* COUNT zeroed elements of SIZE bytes. */
void *arena_array(struct arena *, uint64_t count, size_t size);

/* Copies that end in NUL. */
char *arena_strdup(struct arena *, const char *);
char *arena_strndup(struct arena *, const char *, size_t length);
char *arena_printf(struct arena *, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *format, va_list) __attribute__((format(printf, 2, 0)));

/*
 * The array ITEMS of COUNT elements of SIZE bytes, with room for one more. Its capacity is COUNT rounded up to a power of
 * two, so it is moved only when COUNT is zero or a power of two: every append must go through here.
 */
void *arena_grow(struct arena *, void *items, size_t count, size_t size);

/* An array for COUNT elements of SIZE bytes, zeroed, to which more may be appended once it has them. */
void *arena_room(struct arena *, size_t count, size_t size);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

/* Appends a zeroed element to the array ITEMS and is its address: *ARENA_PUSH(a, m->x, m->x_count) = value. */
#define ARENA_PUSH(arena, items, count) \
	((items) = arena_grow((arena), (items), (count), sizeof *(items)), &(items)[(count)++])

#endif

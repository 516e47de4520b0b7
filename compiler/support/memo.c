#include "support/memo.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "support/arena.h"
#include "support/digest.h"
#include "support/memory.h"

/* What is kept at most: some ramdisks. Targets that are alike ask for the same ones, and one after another. */
#define MOST_BYTES ((size_t)64 << 20)

struct result {
	struct result *next; /* an older one */
	struct digest key;
	void *bytes;         /* NULL: somebody is at work */
	size_t size;
};

struct memo {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct result *newest;
	size_t bytes; /* of all */
};

struct memo *
memo_new(void)
{
	struct memo *m = calloc(1, sizeof *m);

	if (!m)
		memory_exhausted();
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	return m;
}

/* Takes the result at LINK out. */
static void
drop(struct memo *m, struct result **link)
{
	struct result *r = *link;

	*link = r->next;
	m->bytes -= r->size;
	free(r->bytes);
	free(r);
}

void
memo_free(struct memo *m)
{
	if (!m)
		return;
	while (m->newest)
		drop(m, &m->newest);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

static struct result **
link_of(struct memo *m, const struct digest *key)
{
	struct result **link = &m->newest;

	while (*link && !digest_equal(&(*link)->key, key))
		link = &(*link)->next;
	return link;
}

/* Makes room: the oldest results go, but none that somebody is at work on. */
static void
forget_oldest(struct memo *m)
{
	while (m->bytes > MOST_BYTES) {
		struct result **oldest = NULL;

		for (struct result **link = &m->newest; *link; link = &(*link)->next)
			if ((*link)->bytes)
				oldest = link;
		drop(m, oldest);
	}
}

const void *
memo_find(struct memo *m, const struct digest *key, struct arena *arena, size_t *size)
{
	struct result *r;
	void *copy = NULL;

	pthread_mutex_lock(&m->lock);
	while ((r = *link_of(m, key)) && !r->bytes)
		pthread_cond_wait(&m->changed, &m->lock);
	if (r) {
		*size = r->size;
		copy = memcpy(arena_alloc(arena, r->size), r->bytes, r->size);
	} else {
		if (!(r = calloc(1, sizeof *r)))
			memory_exhausted();
		*r = (struct result){.next = m->newest, .key = *key};
		m->newest = r;
	}
	pthread_mutex_unlock(&m->lock);
	return copy;
}

void
memo_put(struct memo *m, const struct digest *key, const void *bytes, size_t size)
{
	struct result **link;

	pthread_mutex_lock(&m->lock);
	link = link_of(m, key);
	if (!bytes) {
		drop(m, link);
	} else {
		if (!((*link)->bytes = malloc(size ? size : 1)))
			memory_exhausted();
		memcpy((*link)->bytes, bytes, size);
		(*link)->size = size;
		m->bytes += size;
		forget_oldest(m);
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

const unsigned char *
memo_encode(struct memo *m, const char *name,
	const unsigned char *(*encode)(struct arena *, const unsigned char *bytes, size_t size, size_t *encoded_size), struct arena *arena,
	const unsigned char *bytes, size_t size, size_t *encoded_size)
{
	const unsigned char *encoded;
	struct digest_stream stream;
	struct digest key;

	if (!m)
		return encode(arena, bytes, size, encoded_size);
	digest_begin(&stream);
	digest_add(&stream, name, strlen(name) + 1);
	digest_add(&stream, bytes, size);
	key = digest_end(&stream);
	if ((encoded = memo_find(m, &key, arena, encoded_size)))
		return encoded;
	encoded = encode(arena, bytes, size, encoded_size);
	memo_put(m, &key, encoded, *encoded_size);
	return encoded;
}

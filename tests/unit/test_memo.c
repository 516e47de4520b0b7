#include "unit.h"

#include <pthread.h>
#include <string.h>

#include "support/digest.h"
#include "support/memo.h"

static int calls;

/* Doubles each byte, and counts how often it was asked. */
static const unsigned char *
double_bytes(struct arena *a, const unsigned char *bytes, size_t size, size_t *encoded_size)
{
	unsigned char *twice = arena_alloc(a, 2 * size);

	for (size_t i = 0; i < 2 * size; i++)
		twice[i] = bytes[i / 2];
	*encoded_size = 2 * size;
	__atomic_fetch_add(&calls, 1, __ATOMIC_SEQ_CST);
	return twice;
}

static const unsigned char *
encode(struct memo *m, struct arena *a, const char *name, const char *text, size_t *size)
{
	return memo_encode(m, name, double_bytes, a, (const unsigned char *)text, strlen(text), size);
}

TEST(what_is_made_of_the_same_bytes_is_made_once)
{
	struct arena *a = unit_compilation()->arena;
	struct memo *m = memo_new();
	size_t size;

	calls = 0;
	assert_memory_equal(encode(m, a, "double", "ab", &size), "aabb", 4);
	assert_memory_equal(encode(m, a, "double", "ab", &size), "aabb", 4);
	assert_int_equal(size, 4);
	assert_int_equal(calls, 1);
	encode(m, a, "double", "ac", &size);
	encode(m, a, "other", "ab", &size);
	encode(NULL, a, "double", "ab", &size);
	assert_int_equal(calls, 4);
	memo_free(m);
}

TEST(what_could_not_be_worked_out_may_be_tried_again)
{
	struct arena *a = unit_compilation()->arena;
	struct digest key = digest_of("key", 3);
	struct memo *m = memo_new();
	size_t size;

	assert_null(memo_find(m, &key, a, &size));
	memo_put(m, &key, NULL, 0);
	assert_null(memo_find(m, &key, a, &size));
	memo_put(m, &key, "known", 5);
	assert_memory_equal(memo_find(m, &key, a, &size), "known", 5);
	assert_int_equal(size, 5);
	memo_free(m);
}

TEST(a_memo_forgets_its_oldest_results)
{
	enum { LARGE = 40 << 20 };
	struct arena *a = unit_compilation()->arena;
	struct digest first = digest_of("1", 1), second = digest_of("2", 1);
	const char *bytes = arena_alloc(a, LARGE);
	struct memo *m = memo_new();
	size_t size;

	assert_null(memo_find(m, &first, a, &size));
	memo_put(m, &first, bytes, LARGE);
	assert_null(memo_find(m, &second, a, &size));
	memo_put(m, &second, bytes, LARGE);
	assert_non_null(memo_find(m, &second, a, &size));
	assert_null(memo_find(m, &first, a, &size));
	memo_put(m, &first, NULL, 0);
	memo_free(m);
}

static void *
ask(void *memo)
{
	struct arena *a = arena_new();
	size_t size;

	encode(memo, a, "double", "asked by all", &size);
	arena_free(a);
	return NULL;
}

TEST(threads_that_ask_at_once_wait_for_one)
{
	struct memo *m = memo_new();
	pthread_t threads[8];

	calls = 0;
	for (int i = 0; i < 8; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, m), 0);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(calls, 1);
	memo_free(m);
}

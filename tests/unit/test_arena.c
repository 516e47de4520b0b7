#include "unit.h"

#include <stdint.h>
#include <string.h>

#include "support/arena.h"

static struct arena *
given(void)
{
	return unit_compilation()->arena;
}

TEST(memory_is_zeroed_and_aligned_at_every_size)
{
	struct arena *a = given();

	for (size_t size = 1; size < 300; size += 7) {
		unsigned char *bytes = arena_alloc(a, size);

		assert_int_equal((uintptr_t)bytes % _Alignof(uint64_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
}

TEST(nothing_at_all_is_still_unique)
{
	struct arena *a = given();

	assert_ptr_not_equal(arena_alloc(a, 0), arena_alloc(a, 0));
}

TEST(a_large_piece_leaves_small_ones_alone)
{
	struct arena *a = given();
	char *small = arena_strdup(a, "small");
	char *large = arena_alloc(a, 10 << 20);

	memset(large, 'x', 10 << 20);
	assert_string_equal(small, "small");
	assert_string_equal(arena_strdup(a, "after"), "after");
}

TEST(copies_end_where_they_are_told)
{
	struct arena *a = given();

	assert_string_equal(arena_strndup(a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(a, "", 0), "");
	assert_string_equal(arena_printf(a, "%s-%d", "n", 7), "n-7");
}

TEST(pushed_items_keep_order_and_values_over_many_moves)
{
	struct arena *a = given();
	size_t *items = NULL, count = 0;

	for (size_t i = 0; i < 1000; i++)
		*ARENA_PUSH(a, items, count) = i * i;
	assert_int_equal(count, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(items[i], i * i);
}

TEST(a_pushed_element_is_zeroed)
{
	struct arena *a = given();
	struct { int x, y; } *items = NULL;
	size_t count = 0;

	for (int i = 0; i < 9; i++) {
		ARENA_PUSH(a, items, count)->x = i + 1;
		assert_int_equal(items[i].y, 0);
	}
	assert_int_equal(items[8].x, 9);
}

TEST(freeing_no_arena_is_nothing)
{
	arena_free(NULL);
}

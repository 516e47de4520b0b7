#include "unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "support/names.h"

TEST(each_name_has_a_slot_of_its_own_whatever_the_order)
{
	static const char *const list[] = {"libz.so.1", "", "libz.so", "a", "libz.so.10", "\xff", "libz.so.2", "A", "\x80", "aa", "lib"};
	enum { COUNT = sizeof list / sizeof *list };
	struct compilation *c = unit_compilation();

	for (size_t start = 0; start < COUNT; start++) {
		struct names names = {0};

		for (size_t i = 0; i < COUNT; i++) {
			void **slot = names_slot(c->arena, &names, list[(start + i) % COUNT]);

			assert_null(*slot);
			*slot = (void *)list[(start + i) % COUNT];
		}
		for (size_t i = 0; i < COUNT; i++) {
			assert_string_equal(*names_slot(c->arena, &names, arena_strdup(c->arena, list[i])), list[i]);
			assert_string_equal(names_find(&names, list[i], strlen(list[i])), list[i]);
		}
		assert_null(names_find(&names, "libz.so.1", 6));
		assert_null(names_find(&names, "b", 1));
		assert_null(names_find(&(struct names){0}, "", 0));
		assert_int_equal(names.used, COUNT);
	}
}

TEST(many_names_are_all_found_again)
{
	struct compilation *c = unit_compilation();
	struct names names = {0};

	for (uintptr_t i = 1; i <= 20000; i++)
		*names_slot(c->arena, &names, arena_printf(c->arena, "%zu", (size_t)(i * 7919 % 20011))) = (void *)i;
	for (uintptr_t i = 1; i <= 20000; i++)
		assert_int_equal((uintptr_t)*names_slot(c->arena, &names, arena_printf(c->arena, "%zu", (size_t)(i * 7919 % 20011))), i);
}

TEST(names_chosen_to_differ_late_take_no_longer)
{
	struct compilation *c = unit_compilation();
	struct names names = {0};

	for (size_t i = 1; i < 2000; i++) {
		char *name = arena_alloc(c->arena, i + 1);

		memset(name, 'x', i);
		assert_null(*names_slot(c->arena, &names, name));
		*names_slot(c->arena, &names, name) = name;
	}
	assert_int_equal(names.used, 1999);
}

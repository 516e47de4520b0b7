/* The file ld.so.cache, and what the loader finds in it. */
#include "unit.h"

#include <elf.h>
#include <string.h>

#include "resolve/loader.h"

/* A program of the 64-bit x86-64, whose CPU has v3. */
static struct program
given(struct object *main, struct elf_facts *facts)
{
	static const char *const hwcaps[] = {"x86-64-v3", "x86-64-v2", NULL};

	*facts = (struct elf_facts){.class = ELFCLASS64, .data = ELFDATA2LSB, .machine = EM_X86_64};
	*main = (struct object){.facts = facts};
	return (struct program){.main = main, .policy = {.hwcaps = hwcaps}};
}

/* What is found for NAME in LIST, or "nothing". */
static const char *
found(const struct cached *list, size_t count, const char *name)
{
	struct library_cache cache = {.list = list, .count = count};
	struct elf_facts facts;
	struct object main;
	struct program p = given(&main, &facts);
	const struct cached *hit = cache_find(&p, &cache, name);

	return hit ? hit->path : "nothing";
}

TEST(names_compare_by_the_numbers_in_them)
{
	assert_int_equal(cache_compare("libx.so.01", "libx.so.1"), 0);
	assert_true(cache_compare("libx.so.10", "libx.so.9") > 0);
	assert_true(cache_compare("libx.so.9", "libx.so.10") < 0);
	assert_true(cache_compare("libx.so.1", "libx.so") > 0);
	assert_true(cache_compare("libx1", "libxa") > 0); /* digits after all else */
}

TEST(an_entry_of_another_abi_is_passed_over)
{
	static const struct cached list[] = {
		{.name = "libx.so.1", .path = "/x32/libx.so.1", .flags = 0x803},
		{.name = "libx.so.1", .path = "/64/libx.so.1", .flags = 0x303},
		{.name = "libx.so.1", .path = "/32/libx.so.1", .flags = 3},
	};

	assert_string_equal(found(list, 3, "libx.so.1"), "/64/libx.so.1");
	assert_string_equal(found(list, 1, "libx.so.1"), "nothing");
	assert_string_equal(found(list, 3, "libx.so.2"), "nothing");
}

TEST(the_best_variant_that_the_cpu_can_use_is_found)
{
	static const struct cached list[] = {
		{.name = "libx.so.1", .path = "/v2/libx.so.1", .flags = 0x303, .hwcaps = "x86-64-v2"},
		{.name = "libx.so.1", .path = "/v3/libx.so.1", .flags = 0x303, .hwcaps = "x86-64-v3"},
		{.name = "libx.so.1", .path = "/v4/libx.so.1", .flags = 0x303, .hwcaps = "x86-64-v4"},
		{.name = "libx.so.1", .path = "/libx.so.1", .flags = 0x303},
	};

	assert_string_equal(found(list, 4, "libx.so.1"), "/v3/libx.so.1");
	assert_string_equal(found(list + 2, 2, "libx.so.1"), "/libx.so.1");
}

static const struct cached sample[] = {
	{.name = "libz.so.1", .path = "/lib/libz.so.1", .flags = 0x303},
	{.name = "libx.so.1", .path = "/lib/glibc-hwcaps/x86-64-v3/libx.so.1.2", .flags = 0x303, .hwcaps = "x86-64-v3"},
	{.name = "libx.so.1", .path = "/lib/libx.so.1", .flags = 0x303},
};

TEST(what_is_printed_is_read_again_in_either_byte_order)
{
	static const uint8_t orders[] = {ELFDATA2LSB, ELFDATA2MSB};

	for (size_t i = 0; i < 2; i++) {
		struct compilation *c = unit_compilation();
		struct library_cache cache;
		size_t size;
		const char *bytes = (const char *)cache_print(c, sample, 3, orders[i], &size);

		assert_true(cache_parse(c, bytes, size, orders[i], &cache));
		assert_int_equal(cache.count, 3);
		for (size_t j = 0; j < 3; j++) {
			assert_string_equal(cache.list[j].name, sample[j].name);
			assert_string_equal(cache.list[j].path, sample[j].path);
			assert_int_equal(cache.list[j].flags, sample[j].flags);
			assert_string_equal(cache.list[j].hwcaps ? cache.list[j].hwcaps : "", sample[j].hwcaps ? sample[j].hwcaps : "");
		}
		assert_false(cache_parse(c, bytes, size, orders[1 - i], &cache));
	}
}

TEST(a_cache_of_the_other_byte_order_is_ignored_even_without_entries)
{
	struct compilation *c = unit_compilation();
	struct library_cache cache;
	size_t size;
	const char *bytes = (const char *)cache_print(c, NULL, 0, ELFDATA2MSB, &size);

	assert_true(cache_parse(c, bytes, size, ELFDATA2MSB, &cache));
	assert_false(cache_parse(c, bytes, size, ELFDATA2LSB, &cache));
}

TEST(a_cache_behind_one_of_the_old_format_is_read)
{
	struct compilation *c = unit_compilation();
	struct library_cache cache;
	size_t size;
	const unsigned char *bytes = cache_print(c, sample, 3, ELFDATA2LSB, &size);
	char *whole = arena_alloc(c->arena, 32 + size + 1);

	memcpy(whole, "ld.so-1.7.0\0\1\0\0\0", 16); /* one entry of 12 bytes, then 4 to the next multiple of 8 */
	memcpy(whole + 32, bytes, size);
	assert_true(cache_parse(c, whole, 32 + size, ELFDATA2LSB, &cache));
	assert_int_equal(cache.count, 3);
}

TEST(a_cache_that_is_cut_or_damaged_anywhere_does_no_harm)
{
	struct compilation *c = unit_compilation();
	struct library_cache cache;
	size_t size;
	const unsigned char *bytes = cache_print(c, sample, 3, ELFDATA2LSB, &size);

	for (size_t i = 0; i < size; i++) {
		char *copy = arena_alloc(c->arena, size + 1);

		memcpy(copy, bytes, i); /* as the loader sees it: followed by a NUL */
		cache_parse(c, copy, i, ELFDATA2LSB, &cache);
		memcpy(copy, bytes, size);
		copy[i] = (char)~copy[i];
		if (!cache_parse(c, copy, size, ELFDATA2LSB, &cache))
			continue;
		for (size_t j = 0; j < cache.count; j++)
			assert_true(strlen(cache.list[j].name) <= size && cache.list[j].path[0] == '/');
	}
}

TEST(no_cache_at_all_is_ignored)
{
	struct compilation *c = unit_compilation();
	struct library_cache cache;

	assert_false(cache_parse(c, "", 0, ELFDATA2LSB, &cache));
	assert_false(cache_parse(c, "not a cache, but long enough to have the head of one", 52, ELFDATA2LSB, &cache));
	assert_int_equal(cache.count, 0);
}

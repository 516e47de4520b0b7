#include "resolve/hwcaps.h"

#include <elf.h>

#include "support/arena.h"

enum { LEVELS_OF_ONE = 5 };

static const struct level {
	enum hwcaps level;
	uint16_t machine;
} levels[] = {
	/* of each machine the least first */
	{HWCAPS_X86_64_V2, EM_X86_64},
	{HWCAPS_X86_64_V3, EM_X86_64},
	{HWCAPS_X86_64_V4, EM_X86_64},
	{HWCAPS_POWER9, EM_PPC64},
	{HWCAPS_POWER10, EM_PPC64},
	{HWCAPS_Z13, EM_S390},
	{HWCAPS_Z14, EM_S390},
	{HWCAPS_Z15, EM_S390},
	{HWCAPS_Z16, EM_S390},
	{HWCAPS_Z17, EM_S390},
};

enum { LEVELS = sizeof levels / sizeof *levels };

const char *
hwcaps_name(enum hwcaps level)
{
	return level == HWCAPS_NONE ? "baseline" : hwcaps_names[level];
}

enum hwcaps
hwcaps_of_isa(const struct elf_facts *facts, uint32_t isa)
{
	if (facts->machine != EM_X86_64)
		return HWCAPS_NONE;
	/* bit 0 is the baseline, then v2, v3, v4 */
	return isa >= 8 ? HWCAPS_X86_64_V4 : isa >= 4 ? HWCAPS_X86_64_V3 : isa >= 2 ? HWCAPS_X86_64_V2 : HWCAPS_NONE;
}

/* How many of the levels in OF, COUNT of one machine, are at most LEVEL. */
static size_t
rank(const struct level *const *of, size_t count, enum hwcaps level)
{
	if (level == HWCAPS_ALL)
		return count;
	for (size_t i = count; i > 0; i--)
		if (of[i - 1]->level == level)
			return i;
	return 0;
}

const char *const *const *
hwcaps_lists(struct arena *a, const struct elf_facts *facts, enum hwcaps cpu, enum hwcaps level, size_t *count)
{
	const char ***lists = ARENA_ARRAY(a, const char **, LEVELS_OF_ONE + 1);
	const struct level *of[LEVELS];
	size_t of_count = 0, best, least;

	for (size_t i = 0; i < LEVELS; i++)
		if (levels[i].machine == facts->machine)
			of[of_count++] = &levels[i];
	best = rank(of, of_count, level);
	least = rank(of, of_count, cpu);
	least = least < best ? least : best;
	for (*count = 0; least + *count <= best; ++*count) {
		size_t length = least + *count;

		lists[*count] = ARENA_ARRAY(a, const char *, length + 1);
		for (size_t i = 0; i < length; i++)
			lists[*count][i] = hwcaps_names[of[length - 1 - i]->level];
	}
	return (const char *const *const *)lists;
}

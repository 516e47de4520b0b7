#include "resolve/runs.h"

#include <string.h>

#include "support/arena.h"

struct stretch {
	const char *first;
	size_t count;
	bool preferred;
};

static bool
is_better(const struct stretch *a, const struct stretch *b, const struct run_rule *rule)
{
	if (a->count < rule->least && !a->preferred)
		return false;
	if (a->preferred != b->preferred)
		return a->preferred;
	return a->count > b->count;
}

struct run_of_texts
run_find(struct arena *a, const char *bytes, size_t size, const struct run_rule *rule)
{
	struct stretch best = {0}, now = {0};
	const char *before = NULL, *end = bytes + size;
	const char **texts;

	for (const char *text = bytes; text < end; text += strlen(text) + 1) {
		if (before && !rule->belongs(text, before))
			before = NULL;
		if (!before)
			now = (struct stretch){.first = text};
		if (!before && !rule->belongs(text, NULL))
			continue;
		now.count++;
		now.preferred |= rule->prefers && rule->prefers(text);
		if (is_better(&now, &best, rule))
			best = now;
		before = text;
	}
	texts = ARENA_ARRAY(a, const char *, best.count);
	for (size_t i = 0; i < best.count; i++) {
		texts[i] = best.first;
		best.first += strlen(best.first) + 1;
	}
	return (struct run_of_texts){.texts = texts, .count = best.count};
}

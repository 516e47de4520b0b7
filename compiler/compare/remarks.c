/* Decides in what two files differ that a manifest cannot say of one file alone: times and flags. */
#include "compare/stages.h"

#include <inttypes.h>

#include "support/text.h"

enum { FLAG_BITS = 32 };

static const char *const moment_names[MOMENTS] = {"modified", "changed", "accessed", "created"};

/* What bits are called; the others are shown as numbers. */
struct flag {
	uint32_t bit;
	const char *name;
};

/* As chattr(1) and Microsoft have them. */
static const struct flag ext_flags[] = {
	{0x8, "sync"}, {0x10, "immutable"}, {0x20, "append-only"}, {0x40, "no-dump"}, {0x80, "no-atime"}, {0, NULL}};

static const struct flag fat_attributes[] = {{0x2, "hidden"}, {0x4, "system"}, {0x20, "archive"}, {0, NULL}};

/* All times that differ are one finding. Those that in both images are the file system's are told with it, for all files at once. */
static void
compare_moments(struct comparison *x, const struct pair *of, const char *path, const struct node *a, const struct node *b)
{
	struct arena *arena = x->c->arena;
	struct moment own[MOMENTS], other[MOMENTS];
	const char *before = NULL, *after = NULL;

	image_moments(of->before, own);
	image_moments(of->after, other);
	for (size_t i = 0; i < MOMENTS; i++) {
		const struct moment *m = &a->remarks->moments[i], *n = &b->remarks->moments[i];

		if (!m->given || !n->given || moment_equal(m, n) || (moment_equal(m, &own[i]) && moment_equal(n, &other[i])))
			continue;
		before = arena_printf(arena, "%s%s%s %s", before ? before : "", before ? ", " : "", moment_names[i], calendar_text(arena, m));
		after = arena_printf(arena, "%s%s%s %s", after ? after : "", after ? ", " : "", moment_names[i], calendar_text(arena, n));
	}
	if (before)
		compare_add(x, &(struct change){.partition = of->before->number, .path = path, .what = "times", .before = before,
			.after = after, .is_layout = true});
}

static const char *
flags_text(struct arena *a, const struct flag *names, uint32_t flags)
{
	const char *list[FLAG_BITS];
	size_t count = 0;

	for (; names->bit; names++)
		if (flags & names->bit) {
			list[count++] = names->name;
			flags &= ~names->bit;
		}
	if (flags)
		list[count++] = arena_printf(a, "0x%" PRIx32, flags);
	return count ? text_join(a, list, count, ", ", ", ") : "none";
}

void
compare_remarks(struct comparison *x, const struct pair *of, const char *path, const struct node *a, const struct node *b)
{
	const struct flag *names = of->before->fat ? fat_attributes : ext_flags;

	if (!a->remarks || !b->remarks || !of->before->fat != !of->after->fat)
		return;
	compare_moments(x, of, path, a, b);
	if (a->remarks->flags != b->remarks->flags)
		compare_add(x, &(struct change){.partition = of->before->number, .path = path, .what = "flags",
			.before = flags_text(x->c->arena, names, a->remarks->flags), .after = flags_text(x->c->arena, names, b->remarks->flags)});
}

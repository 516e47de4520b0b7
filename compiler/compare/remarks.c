/* Decides in what two files differ that a manifest cannot say of one file alone: times and flags. */
#include "compare/stages.h"

#include <inttypes.h>

#include "support/text.h"

enum { FLAG_BITS = 32, DAY = 24 * 60 * 60 };

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

/* The times that a file system was made at, as a file of it would have them. */
static void
get_own(const struct partition_layout *p, struct moment own[MOMENTS])
{
	for (size_t i = 0; i < MOMENTS; i++)
		own[i] = p->fat ? calendar_fat(p->fat->date, p->fat->time, i == MOMENT_CREATED ? p->fat->hundredths : 0) :
			(struct moment){.seconds = p->ext ? p->ext->epoch : 0, .given = p->ext != NULL};
	if (p->fat)
		own[MOMENT_ACCESSED].seconds -= own[MOMENT_ACCESSED].seconds % DAY;
}

static bool
is_same(const struct moment *a, const struct moment *b)
{
	return a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

/* All times that differ are one finding. Those that in both images are the file system's are told with it, for all files at once. */
static void
compare_moments(struct comparison *x, const struct pair *of, const char *path, const struct node *a, const struct node *b)
{
	struct arena *arena = x->c->arena;
	struct moment own[MOMENTS], other[MOMENTS];
	const char *before = NULL, *after = NULL;

	get_own(of->before, own);
	get_own(of->after, other);
	for (size_t i = 0; i < MOMENTS; i++) {
		const struct moment *m = &a->remarks->moments[i], *n = &b->remarks->moments[i];

		if (!m->given || !n->given || is_same(m, n) || (is_same(m, &own[i]) && is_same(n, &other[i])))
			continue;
		before = arena_printf(arena, "%s%s%s %s", before ? before : "", before ? ", " : "", moment_names[i], calendar_text(arena, m));
		after = arena_printf(arena, "%s%s%s %s", after ? after : "", after ? ", " : "", moment_names[i], calendar_text(arena, n));
	}
	if (before)
		compare_add(x, &(struct change){.partition = of->before->number, .path = path, .what = "times", .before = before,
			.after = after});
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

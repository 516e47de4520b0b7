/* Decides in which order two images are compared. */
#include "compare/stages.h"

void
compare_add(struct comparison *x, const struct change *change)
{
	*ARENA_PUSH(x->c->arena, x->diff->changes, x->diff->change_count) = *change;
	x->diff->content_change_count += !change->is_layout;
}

static bool
compare_partitions(struct comparison *x)
{
	const struct layout *a = x->diff->before->layout, *b = x->diff->after->layout;

	for (size_t i = 0; i < a->partition_count && i < b->partition_count; i++) {
		const struct partition_layout *p = &a->partitions[i], *q = &b->partitions[i];

		compare_partition(x, p, q);
		if (p->root && q->root && !compare_trees(x, p->number, p->root, q->root))
			return false;
	}
	return true;
}

const struct diff *
compare_images(struct compilation *c, const struct image *before, const struct image *after)
{
	struct diff *diff = ARENA_NEW(c->arena, struct diff);
	struct comparison x = {.c = c, .diff = diff, .differing = ARENA_ARRAY(c->arena, uint64_t, before->owner_count)};

	diff->before = before;
	diff->after = after;
	if (!compare_bytes(&x))
		return NULL;
	compare_disk(&x);
	return compare_partitions(&x) ? diff : NULL;
}

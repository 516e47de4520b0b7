/* Decides in which order two images are compared. */
#include "compare/stages.h"

#include <inttypes.h>

void
compare_add(struct comparison *x, const struct change *change)
{
	*ARENA_PUSH(x->c->arena, x->diff->changes, x->diff->change_count) = *change;
	x->diff->content_change_count += !change->is_layout;
}

/* A partition that only one image has. */
static void
add_partition(struct comparison *x, const struct partition_layout *p, bool is_new)
{
	const char *text = arena_printf(x->c->arena, "%" PRIu64 " sectors from %" PRIu64 " on", p->sector_count, p->first_lba);

	compare_add(x, &(struct change){.partition = p->number, .what = "partition", .before = is_new ? NULL : text,
		.after = is_new ? text : NULL});
}

/* Files that one of the images has, but that cannot be read back, are not the same. */
static bool
compare_files(struct comparison *x, const struct partition_layout *a, const struct partition_layout *b)
{
	if (a->root && b->root)
		return compare_trees(x, &(struct pair){a, b});
	if ((a->ext || b->ext) && x->diff->byte_count)
		compare_add(x, &(struct change){.partition = a->number, .what = "files", .note = "not compared",
			.before = a->root ? "read" : "not understood", .after = b->root ? "read" : "not understood"});
	return true;
}

/* Both lists are sorted by number. */
static bool
compare_partitions(struct comparison *x)
{
	const struct layout *a = x->diff->before->layout, *b = x->diff->after->layout;
	size_t i = 0, k = 0;

	while (i < a->partition_count || k < b->partition_count) {
		const struct partition_layout *p = i < a->partition_count ? &a->partitions[i] : NULL;
		const struct partition_layout *q = k < b->partition_count ? &b->partitions[k] : NULL;

		if (p && (!q || p->number < q->number)) {
			add_partition(x, p, false);
			i++;
		} else if (!p || q->number < p->number) {
			add_partition(x, q, true);
			k++;
		} else {
			compare_partition(x, p, q);
			if (!compare_files(x, p, q))
				return false;
			i++, k++;
		}
	}
	return true;
}

const struct diff *
compare_images(struct compilation *c, const struct image *before, const struct image *after,
	const struct compare_readers *readers)
{
	struct diff *diff = ARENA_NEW(c->arena, struct diff);
	struct comparison x = {.c = c, .diff = diff, .readers = readers, .differing = ARENA_ARRAY(c->arena, uint64_t, before->owner_count)};

	diff->before = before;
	diff->after = after;
	if (!compare_bytes(&x))
		return NULL;
	compare_disk(&x);
	return compare_partitions(&x) ? diff : NULL;
}

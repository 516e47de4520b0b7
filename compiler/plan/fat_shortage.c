/* Decides what to say of a partition that is too small for its FAT: how much is missing, what for, and which size would do. */
#include "plan/fat.h"

#include <inttypes.h>

#include "support/compilation.h"
#include "support/text.h"

enum { NOTES = 3, MIB = 1024 * 1024 };

/* The smallest whole number of MiB that COLLECTED fits into, tried upwards from BOUND, with its layout; 0: there is none. */
static uint64_t
smallest_size(struct arena *a, const struct fat_layout *collected, uint64_t bound, struct fat_layout *made)
{
	uint64_t size;

	do {
		size = (bound + MIB - 1) / MIB * MIB;
		if (size > fat_most_bytes(collected))
			return 0;
		bound = fat_attempt(a, collected, size, made);
	} while (bound);
	return size;
}

/* The files that take most, largest first. */
static void
note_largest(struct compilation *c, struct diag *d, const struct fat_layout *l)
{
	const struct fat_object *best[NOTES] = {NULL};

	for (size_t i = 0; i < l->object_count; i++) {
		const struct fat_object *new = &l->objects[i];

		for (size_t k = 0; k < NOTES && !l->objects[i].is_directory; k++)
			if (new && (!best[k] || new->cluster_count > best[k]->cluster_count)) {
				const struct fat_object *next = best[k];

				best[k] = new;
				new = next;
			}
	}
	for (size_t i = 0; i < NOTES && best[i]; i++)
		diag_note(d, best[i]->node->why->at, "%s %s, %s", i ? "next:" : "largest:", node_path(c, best[i]->node),
			text_bytes(c->arena, best[i]->size));
}

/* Not the size is at fault, but where the root directory of a FAT12 or FAT16 stands. */
static bool
report_root(struct compilation *c, const struct m_partition *p, const struct fat_layout *failed)
{
	uint64_t entries = fat_root_entries(failed);
	const struct node *root = failed->objects[0].node;

	if (!failed->root_entries || entries <= failed->root_entries)
		return false;
	diag_help(diag(&c->diags, DIAG_UNSTORABLE, root && root->why->at.line ? root->why->at : p->filesystem.at,
		"the root directory of partition '%s' cannot be stored: it needs %" PRIu64 " entries, and that of a FAT%u of this "
		"size has %u", p->name, entries, failed->bits, failed->root_entries),
		"put its files into a directory, or set 'fat: 32': each name that is no short one in capitals takes two entries or "
		"more");
	return true;
}

/* A kind that was asked for has so many clusters, or is another. */
static bool
report_too_few_clusters(struct compilation *c, const struct m_partition *p, const struct fat_layout *failed, uint64_t bytes,
	uint64_t size)
{
	struct diag *d;

	if (failed->cluster_count >= fat_least_clusters(failed))
		return false;
	d = diag(&c->diags, DIAG_FILESYSTEM_TOO_SMALL, p->size.at, "partition '%s' is too small for a FAT%u: it has %s", p->name,
		failed->bits, text_bytes(c->arena, bytes));
	diag_label(d, "room for %" PRIu32 " clusters of %s, and a FAT%u has at least %" PRIu32, failed->cluster_count,
		text_bytes(c->arena, fat_cluster_bytes(failed)), failed->bits, fat_least_clusters(failed));
	if (size)
		diag_help(d, "set size: %" PRIu64 "MiB%s", size / MIB, p->filesystem.fat.given ? ", or leave out 'fat'" : "");
	return true;
}

void
fat_report_shortage(struct compilation *c, const struct m_partition *p, const struct fat_layout *collected,
	const struct fat_layout *failed, uint64_t bytes, uint64_t bound)
{
	struct arena *scratch = arena_new();
	struct fat_layout enough = {0};
	uint64_t size = smallest_size(scratch, collected, bound, &enough), files, used;
	struct diag *d;

	if (report_root(c, p, failed) || report_too_few_clusters(c, p, failed, bytes, size))
		goto out;
	d = diag(&c->diags, DIAG_PARTITION_TOO_SMALL, p->size.at, "partition '%s' is too small for its contents: it has %s", p->name,
		text_bytes(c->arena, bytes));
	if (!size)
		goto out;
	files = (uint64_t)(enough.cluster_count - enough.free_clusters) * fat_cluster_bytes(&enough);
	used = files + (uint64_t)enough.data_sector * enough.sector_size;
	diag_label(d, "%s needed: files %s, metadata %s", text_bytes(c->arena, used), text_bytes(c->arena, files),
		text_bytes(c->arena, used - files));
	note_largest(c, d, &enough);
	if (p->size.kind == SIZE_BYTES && p->size.given)
		diag_help(d, "set size: %" PRIu64 "MiB", size / MIB);
	else
		diag_help(d, "leave at least %" PRIu64 " MiB for it: enlarge the disk by %s", size / MIB,
			text_bytes(c->arena, size - bytes));
out:
	arena_free(scratch);
}

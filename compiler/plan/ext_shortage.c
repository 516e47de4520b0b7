/* Decides what to say of a partition that is too small: how much is missing, what for, and which size would do. */
#include "plan/ext.h"

#include <inttypes.h>

#include "support/compilation.h"
#include "support/integer.h"
#include "support/text.h"

enum { NOTES = 3 };

/* A file, or a directory with all below it, and its bytes on the disk. */
struct heap {
	const struct node *node;
	uint64_t bytes;
};

/* The child of DIRECTORY that NODE is or lies below, or NULL. */
static const struct node *
child_above(const struct node *directory, const struct node *node)
{
	while (node && node->parent != directory)
		node = node->parent;
	return node;
}

static void
rank(struct heap best[NOTES], struct heap new)
{
	for (size_t i = 0; i < NOTES; i++)
		if (new.bytes > best[i].bytes) {
			struct heap next = best[i];

			best[i] = new;
			new = next;
		}
}

/*
 * The children of DIRECTORY that take most, largest first. Inodes stand in the order of the tree: each child's
 * lie together.
 */
static void
heaviest_children(const struct ext_layout *l, const struct node *directory, struct heap best[NOTES])
{
	struct heap current = {0};

	for (size_t i = 0; i < l->inode_used_count; i++) {
		const struct node *child = l->inodes[i].node ? child_above(directory, l->inodes[i].node) : NULL;

		if (child != current.node) {
			rank(best, current);
			current = (struct heap){.node = child};
		}
		if (child)
			current.bytes += l->inodes[i].block_count * l->block_size;
	}
	rank(best, current);
}

/* From a directory down to where the bytes really are: as long as one child has more than half of them. */
static struct heap
narrow(const struct ext_layout *l, struct heap heap)
{
	for (;;) {
		struct heap best[NOTES] = {{0}};

		heaviest_children(l, heap.node, best);
		if (best[0].bytes <= heap.bytes / 2)
			return heap;
		heap = best[0];
	}
}

static void
note_largest(struct compilation *c, struct diag *d, const struct ext_layout *l)
{
	struct heap best[NOTES] = {{0}};

	if (!l->inodes[0].node)
		return;
	heaviest_children(l, l->inodes[0].node, best);
	for (size_t i = 0; i < NOTES && best[i].bytes; i++) {
		struct heap heap = narrow(l, best[i]);

		diag_note(d, heap.node->why->at, "%s %s, %s", i ? "next:" : "largest:", node_path(c, heap.node),
			text_bytes(c->arena, heap.bytes));
	}
}

/* The bytes of L that hold what the tree holds, without maps and the journal. */
static uint64_t
file_bytes(const struct ext_layout *l)
{
	uint64_t blocks = 0;

	for (size_t i = 0; i < l->inode_used_count; i++)
		if (l->inodes[i].number != EXT_JOURNAL)
			blocks += ext_data_blocks(&l->inodes[i]);
	return blocks * l->block_size;
}

/*
 * The smallest whole number of MiB that COLLECTED fits into, tried upwards from BOUND, with its layout; 0:
 * there is none.
 */
static uint64_t
smallest_size(struct arena *a, const struct ext_layout *collected, uint64_t bound, struct ext_layout *made)
{
	uint64_t most = ext_most_blocks(collected) * collected->block_size;
	uint64_t size;

	do {
		size = divide_up(bound, EXT_MIB) * EXT_MIB;
		if (size > most)
			return 0;
		bound = ext_attempt(a, collected, size, made);
	} while (bound);
	return size;
}

static void
help_with_size(struct compilation *c, struct diag *d, const struct m_partition *p, uint64_t bytes, uint64_t size)
{
	if (p->size.kind == SIZE_BYTES && p->size.given)
		diag_help(d, "set size: %" PRIu64 "MiB", size / EXT_MIB);
	else
		diag_help(d, "leave at least %" PRIu64 " MiB for it: enlarge the disk by %s", size / EXT_MIB,
			text_bytes(c->arena, size - bytes));
}

static struct diag *
name_shortage(struct compilation *c, const struct m_partition *p, const struct ext_layout *failed, uint64_t bytes)
{
	const char *has = text_bytes(c->arena, bytes);

	if (failed->group_count == 0 && failed->from->inodes.given)
		return diag(&c->diags, DIAG_PARTITION_TOO_SMALL, p->size.at,
			"partition '%s' is too small for the %" PRIu64 " inodes that are asked for: it has %s", p->name,
			failed->from->inodes.v, has);
	if (failed->group_count == 0)
		return diag(&c->diags, DIAG_FILESYSTEM_TOO_SMALL, p->size.at,
			"partition '%s' is too small for any file system with blocks of %s: it has %s", p->name,
			text_bytes(c->arena, failed->block_size), has);
	if (ext_lacks_journal(failed))
		return diag(&c->diags, DIAG_FILESYSTEM_TOO_SMALL, p->size.at,
			"partition '%s' is too small for a journal, and ext3 without one is ext2: it has %s", p->name, has);
	return diag(&c->diags, DIAG_PARTITION_TOO_SMALL, p->size.at,
		"partition '%s' is too small for its contents: it has %s", p->name, has);
}

void
ext_report_shortage(struct compilation *c, const struct m_partition *p, const struct ext_layout *collected,
	const struct ext_layout *failed, uint64_t bytes, uint64_t bound)
{
	struct arena *scratch = arena_new();
	struct ext_layout enough = {0};
	uint64_t size = smallest_size(scratch, collected, bound, &enough);
	struct diag *d = name_shortage(c, p, failed, bytes);

	if (size) {
		uint64_t used = (enough.block_count - enough.free_blocks) * enough.block_size;
		uint64_t files = file_bytes(&enough);

		if (used > bytes) /* else it is not room that is missing, but groups to have inodes in */
			diag_label(d, "%s needed: files %s, metadata %s", text_bytes(c->arena, used),
				text_bytes(c->arena, files), text_bytes(c->arena, used - files));
		note_largest(c, d, &enough);
		help_with_size(c, d, p, bytes, size);
	}
	if (p->filesystem.inodes.given)
		diag_note(d, p->filesystem.inodes.at, "%" PRIu64 " inodes are asked for here", p->filesystem.inodes.v);
	arena_free(scratch);
}

/*
 * Decides how large an ext2, ext3 or ext4 file system must be at least. Whether it fits is not monotonous in its size: a journal comes
 * or grows, a new group brings tables of its own. So sizes are tried upwards, by steps that pass over none that would do.
 */
#include "plan/ext.h"

#include "support/arena.h"
#include "support/integer.h"

/* The free blocks that L must have and has not. */
static uint64_t
lacking_free(const struct ext_layout *l)
{
	const struct m_size *wanted = l->wanted_free;
	uint64_t least = l->reserved_blocks;

	if (!wanted)
		return 0;
	if (wanted->kind == SIZE_PERCENT)
		least += divide_up(l->block_count * wanted->bytes, 100);
	else
		least += divide_up(wanted->bytes, l->block_size);
	return least > l->free_blocks ? least - l->free_blocks : 0;
}

/* By how much it must grow for MISSING blocks more to be free, where a part of what it grows by must be left free itself. */
static uint64_t
growth(const struct ext_layout *l, uint64_t missing)
{
	uint64_t kept = l->from->reserved_percent.v, scaled;

	if (l->wanted_free->kind == SIZE_PERCENT)
		kept += l->wanted_free->bytes;
	if (missing <= 2) /* of two roundings each hides less than a block */
		return missing;
	scaled = (missing - 2) * 100 / (100 - kept);
	return scaled > missing ? scaled : missing;
}

/* The blocks of any file system in which USED are in use and as many free as L must have. */
static uint64_t
with_free(const struct ext_layout *l, uint64_t used)
{
	const struct m_size *wanted = l->wanted_free;
	uint64_t kept = l->from->reserved_percent.v;

	if (!wanted)
		return used;
	if (wanted->kind == SIZE_PERCENT)
		kept += wanted->bytes;
	else
		used += divide_up(wanted->bytes, l->block_size);
	return (used - 1) * 100 / (100 - kept); /* of the two parts that are kept, one is rounded down */
}

/* What any file system that holds the same must have: its blocks, those that must be free, and the least of bitmaps and inode tables. */
static uint64_t
least_for_all(const struct ext_layout *l, uint64_t inodes)
{
	uint64_t blocks = l->first_data_block + divide_up(inodes, l->block_size / l->inode_size);

	for (size_t i = 0; i < l->inode_used_count; i++)
		blocks += l->inodes[i].block_count;
	blocks -= ext_map_slack(l);
	return with_free(l, blocks + 2 * (blocks / l->blocks_per_group));
}

uint64_t
ext_bound(const struct ext_layout *l, uint64_t missing, uint64_t inodes)
{
	uint64_t end = l->first_data_block + (uint64_t)l->group_count * l->blocks_per_group;
	uint64_t bound = l->block_count, slack = ext_map_slack(l), least;

	if (missing)
		bound += missing > slack ? missing - slack : 1;
	else if ((missing = lacking_free(l)))
		bound += missing > slack ? growth(l, missing - slack) : 1;
	else
		return 0;
	/* As many groups gain at most what they grow by. One more may have smaller tables in all of them. */
	if (bound > end)
		bound = end + ext_least_group(l, inodes);
	least = least_for_all(l, inodes);
	return bound > least ? bound : least;
}

bool
ext_smallest(struct arena *a, const struct ext_layout *collected, struct ext_layout *made)
{
	uint64_t most = ext_most_blocks(collected) * collected->block_size, size, bound = 1;

	do {
		struct arena *scratch = arena_new();

		size = divide_up(bound, collected->block_size) * collected->block_size;
		bound = size > most ? 0 : ext_attempt(scratch, collected, size, made);
		arena_free(scratch);
	} while (bound);
	return size <= most && ext_attempt(a, collected, size, made) == 0;
}

/*
 * Decides how the blocks of an ext2, ext3 or ext4 file system are divided into groups, as mke2fs would, without
 * growth in reserve.
 */
#include "plan/ext.h"

#include "support/arena.h"
#include "support/integer.h"
#include "support/memory.h"

enum {
	LEAST_INODES_PER_GROUP = 16, /* so that the reserved inodes, 1 to 11, lie in group 0 */
	LEAST_USE = 50, /* blocks: ext2fs_initialize drops a last group that would have fewer for files */
	MOST_TABLE_BLOCKS = 2048, /* of a group: as many inodes as its bitmap has bits, 256 bytes each */
};

static bool
is_power(uint32_t n, uint32_t of)
{
	while (n % of == 0)
		n /= of;
	return n == 1;
}

/* The rule of sparse_super: groups 0 and 1, and the powers of 3, 5 and 7. */
static bool
has_super(uint32_t group)
{
	return group < 2 || is_power(group, 3) || is_power(group, 5) || is_power(group, 7);
}

static uint32_t
metadata_blocks(const struct ext_layout *l, uint32_t group)
{
	return 2 + l->inode_table_blocks + (has_super(group) ? 1 + l->descriptor_blocks : 0);
}

uint64_t
ext_most_blocks(const struct ext_layout *l)
{
	uint64_t per_group = 8 * (uint64_t)l->block_size;
	uint64_t descriptor_blocks = per_group - 3 - MOST_TABLE_BLOCKS; /* all copies must fit into their groups */
	uint64_t groups = descriptor_blocks * (l->block_size / l->descriptor_size);

	if (!(l->feature_incompat & EXT_INCOMPAT_64BIT) && groups * per_group > UINT32_MAX)
		return UINT32_MAX;
	return groups * per_group;
}

/* All that follows from the number of blocks and inodes. False: so few groups cannot have so many inodes. */
static bool
count_groups(struct ext_layout *l, uint64_t inodes)
{
	uint32_t per_block = l->block_size / l->inode_size, step = per_block > 8 ? per_block : 8;
	uint64_t per_group;

	l->group_count = (uint32_t)divide_up(l->block_count - l->first_data_block, l->blocks_per_group);
	l->descriptor_blocks = (uint32_t)divide_up(l->group_count, l->block_size / l->descriptor_size);
	if (inodes > UINT32_MAX)
		return false;
	per_group = divide_up(inodes, l->group_count);
	if (per_group < LEAST_INODES_PER_GROUP)
		per_group = LEAST_INODES_PER_GROUP;
	/* Full blocks, and full bytes of the bitmap: what the library would round to as well. */
	per_group = divide_up(per_group, step) * step;
	/* The inode bitmap is one block, too. */
	if (per_group > l->blocks_per_group || per_group * l->group_count > UINT32_MAX)
		return false;
	l->inodes_per_group = (uint32_t)per_group;
	l->inode_table_blocks = l->inodes_per_group / per_block;
	l->inode_count = l->inodes_per_group * l->group_count;
	return true;
}

/* The blocks of the last group when it is too short to be worth having; else 0. */
static uint64_t
short_last_group(const struct ext_layout *l)
{
	uint64_t rest = (l->block_count - l->first_data_block) % l->blocks_per_group;

	return rest < metadata_blocks(l, l->group_count - 1) + LEAST_USE ? rest : 0;
}

static uint64_t
too_small(struct ext_layout *l, uint64_t bound)
{
	l->group_count = 0;
	return bound;
}

static uint64_t
too_small_for_inodes(struct ext_layout *l, uint64_t inodes)
{
	uint64_t groups = divide_up(inodes, l->blocks_per_group);

	if (groups > UINT32_MAX / l->blocks_per_group)
		return too_small(l, UINT32_MAX + UINT64_C(1)); /* no size will do */
	return too_small(l, (groups - 1) * l->blocks_per_group);
}

uint64_t
ext_least_group(const struct ext_layout *l, uint64_t inodes)
{
	struct ext_layout larger = *l;

	larger.block_count = l->first_data_block + (uint64_t)l->group_count * l->blocks_per_group + 1;
	return count_groups(&larger, inodes) ? metadata_blocks(&larger, l->group_count) + LEAST_USE : 1;
}

static void
lay_out_group(const struct ext_layout *l, struct ext_group *g, uint32_t index)
{
	uint64_t left;

	g->first_block = l->first_data_block + (uint64_t)index * l->blocks_per_group;
	left = l->block_count - g->first_block;
	g->block_count = left < l->blocks_per_group ? (uint32_t)left : l->blocks_per_group;
	g->has_super = has_super(index);
	g->block_bitmap = g->first_block + (g->has_super ? 1 + l->descriptor_blocks : 0);
	g->inode_bitmap = g->block_bitmap + 1;
	g->inode_table = g->inode_bitmap + 1;
	g->free_blocks = g->block_count - metadata_blocks(l, index);
}

uint64_t
ext_divide(struct arena *a, struct ext_layout *l, uint64_t blocks, uint64_t inodes)
{
	uint64_t dropped;

	l->first_data_block = l->block_size == 1024; /* block 0 is then the boot block alone */
	l->blocks_per_group = 8 * l->block_size;     /* what one block of bitmap can tell */
	if (blocks <= l->first_data_block)
		return too_small(l, l->first_data_block + 1);
	for (l->block_count = blocks;; l->block_count -= dropped) {
		if (!count_groups(l, inodes))
			return too_small_for_inodes(l, inodes);
		if ((dropped = short_last_group(l)) == 0)
			break;
		if (l->group_count == 1)
			return too_small(l, l->first_data_block + metadata_blocks(l, 0) + LEAST_USE);
	}
	ASSERT(metadata_blocks(l, 0) <= l->blocks_per_group);
	l->groups = ARENA_ARRAY(a, struct ext_group, l->group_count);
	for (uint32_t i = 0; i < l->group_count; i++)
		lay_out_group(l, &l->groups[i], i);
	return 0;
}

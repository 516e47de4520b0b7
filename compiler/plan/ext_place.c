/* Decides which blocks every inode of an ext2, ext3 or ext4 file system has. */
#include "plan/ext.h"

#include "support/arena.h"
#include "support/memory.h"

enum {
	DIRECT_BLOCKS = 12,
	EXTENTS_IN_INODE = 4,
	EXTENT_SIZE = 12, /* also of the header before them */
};

/*
 * One cursor goes over the free blocks once, upwards. Without flex_bg each group's metadata lies at its start,
 * so that what is free of a group is one piece at its end. Past the last group it goes on counting, so that a
 * shortage has a size.
 */
struct cursor {
	struct ext_layout *layout;
	uint32_t group;
	uint64_t missing;
};

/* The next COUNT free blocks, or as many as lie together: *FIRST is where, the result how many. */
static uint64_t
take(struct cursor *c, uint64_t count, uint64_t *first)
{
	struct ext_layout *l = c->layout;
	struct ext_group *g;

	while (c->group < l->group_count && l->groups[c->group].free_blocks == 0)
		c->group++;
	if (c->group == l->group_count) {
		*first = l->block_count + c->missing;
		c->missing += count;
		return count;
	}
	g = &l->groups[c->group];
	if (count > g->free_blocks)
		count = g->free_blocks;
	*first = g->first_block + g->block_count - g->free_blocks;
	g->free_blocks -= (uint32_t)count;
	return count;
}

/* The data of INODE in as few runs as can be: only the metadata of groups parts them. */
static void
place_data(struct arena *a, struct cursor *c, struct ext_inode *inode, uint64_t count)
{
	for (uint64_t logical = 0; logical < count;) {
		struct run run = {.logical = logical};

		run.count = take(c, count - logical, &run.first);
		*ARENA_PUSH(a, inode->runs, inode->run_count) = run;
		logical += run.count;
	}
}

/* The indirect blocks of a file of BLOCKS blocks without holes. */
static uint64_t
indirect_blocks(const struct ext_layout *l, uint64_t blocks)
{
	uint64_t fanout = l->block_size / 4, span = 1, count = 0;

	if (blocks <= DIRECT_BLOCKS)
		return 0;
	blocks -= DIRECT_BLOCKS;
	/* A tree of each height in turn: its own nodes on every level over the blocks that are left for it. */
	for (unsigned height = 1; blocks; height++) {
		uint64_t nodes;

		span *= fanout;
		nodes = blocks < span ? blocks : span;
		blocks -= nodes;
		for (unsigned level = 0; level < height; level++) {
			nodes = divide_up(nodes, fanout);
			count += nodes;
		}
	}
	return count;
}

/*
 * The blocks of an extent tree over RUNS runs, none of which is longer than one extent can say: they end with
 * their group.
 */
static uint64_t
extent_blocks(const struct ext_layout *l, uint64_t runs)
{
	uint64_t fanout = (l->block_size - EXTENT_SIZE) / EXTENT_SIZE, count = 0;

	while (runs > EXTENTS_IN_INODE) {
		runs = divide_up(runs, fanout);
		count += runs;
	}
	return count;
}

static uint64_t
map_blocks(const struct ext_layout *l, const struct ext_inode *inode, uint64_t blocks)
{
	return l->feature_incompat & EXT_INCOMPAT_EXTENTS ? extent_blocks(l, inode->run_count) : indirect_blocks(l, blocks);
}

/* Gives INODE its COUNT blocks of data and, right behind them, those of their map. */
static void
place_inode(struct arena *a, struct cursor *c, struct ext_inode *inode, uint64_t count)
{
	const struct ext_layout *l = c->layout;
	uint64_t first = 0, together = 0;

	place_data(a, c, inode, count);
	inode->map_block_count = map_blocks(l, inode, count);
	inode->map_blocks = ARENA_ARRAY(a, uint64_t, inode->map_block_count);
	for (size_t i = 0; i < inode->map_block_count; i++) {
		if (together == 0)
			together = take(c, inode->map_block_count - i, &first);
		inode->map_blocks[i] = first++;
		together--;
	}
	inode->block_count = count + inode->map_block_count;
}

/* Whether INODE is read on the way to files, rather than being one: these lie together, in front. */
static bool
leads_on(const struct ext_inode *inode)
{
	return inode->entry_count || inode->slow_target;
}

/* Whether INODE has a size that is not kept in the inode itself. */
static bool
has_blocks(const struct ext_inode *inode)
{
	return inode->size && !inode->fast_target;
}

/* The inodes in use are the first ones, so what is free of a group's table is its end. */
static void
count_inodes(struct ext_layout *l)
{
	uint32_t used = l->inodes[l->inode_used_count - 1].number;

	for (uint32_t g = 0; g < l->group_count; g++) {
		uint32_t here = used < l->inodes_per_group ? used : l->inodes_per_group;

		l->groups[g].free_inodes = l->inodes_per_group - here;
		/* Only where descriptors have checksums may a reader trust this. */
		l->groups[g].unused_inodes = l->feature_ro_compat & EXT_RO_METADATA_CSUM ? l->groups[g].free_inodes : 0;
		used -= here;
	}
	for (size_t i = 0; i < l->inode_used_count; i++)
		if (l->inodes[i].entry_count)
			l->groups[(l->inodes[i].number - 1) / l->inodes_per_group].directories++;
	l->free_inodes = l->inode_count - l->inodes[l->inode_used_count - 1].number;
}

uint64_t
ext_place(struct arena *a, struct ext_layout *l)
{
	struct cursor c = {.layout = l};

	for (size_t i = 0; i < l->inode_used_count; i++)
		if (leads_on(&l->inodes[i]))
			place_inode(a, &c, &l->inodes[i], divide_up(l->inodes[i].size, l->block_size));
	for (size_t i = 0; i < l->inode_used_count; i++)
		if (!leads_on(&l->inodes[i]) && has_blocks(&l->inodes[i]))
			place_inode(a, &c, &l->inodes[i], divide_up(l->inodes[i].size, l->block_size));
	count_inodes(l);
	l->free_blocks = 0;
	for (uint32_t g = 0; g < l->group_count; g++)
		l->free_blocks += l->groups[g].free_blocks;
	return c.missing;
}

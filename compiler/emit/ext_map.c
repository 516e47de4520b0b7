/*
 * Writes where an inode's blocks are: ext2's indirect blocks, ext4's extent trees (kernel documentation,
 * ext4/ifork.rst).
 */
#include "emit/ext.h"

#include "support/memory.h"

enum {
	DIRECT_BLOCKS = 12,
	INDIRECT_LEVELS = 3,
	EXTENT_MAGIC = 0xf30a,
	EXTENT_SIZE = 12, /* also of the header */
	EXTENT_LEVELS = 6,
	EXTENT_INDEX_BLOCK = 4, /* offsets in an index entry ... */
	EXTENT_INDEX_HIGH = 8,
	EXTENT_LENGTH = 4,      /* ... and in an extent */
	EXTENT_HIGH = 6,
	EXTENT_START = 8,
};

/*
 * A map is a tree of nodes with FANOUT entries. Level 0 leads to data. Nodes are numbered depth first, parents
 * before children. In an extent tree a node's number follows from its place alone: all subtrees before it are full. Indirect
 * blocks over nothing but holes are not there.
 */
struct map {
	struct ext_writer *writer;
	const struct ext_layout *layout;
	const struct ext_inode *inode;
	uint64_t fanout;
	uint64_t reach[EXTENT_LEVELS]; /* what a full node of each level covers: blocks, or runs in an extent tree */
	uint64_t nodes[EXTENT_LEVELS]; /* in the full subtree of a node of each level */
};

static struct map
begin(const struct ext_layout *l, const struct ext_inode *inode)
{
	bool extents = ext_has_extents(l);
	struct map m = {.layout = l, .inode = inode};

	m.fanout = extents ? l->block_size / EXTENT_SIZE - 1 : l->block_size / 4;
	m.reach[0] = m.fanout;
	m.nodes[0] = 1;
	for (int i = 1; i < EXTENT_LEVELS; i++) {
		m.reach[i] = m.reach[i - 1] * m.fanout;
		m.nodes[i] = 1 + m.nodes[i - 1] * m.fanout;
	}
	return m;
}

/* The first run of INODE that ends behind the block LOGICAL of the file, by its index. */
static size_t
run_behind(const struct ext_inode *inode, uint64_t logical)
{
	size_t low = 0, high = inode->run_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (inode->runs[middle].logical + inode->runs[middle].count <= logical)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The indirect blocks of the tree below a node that covers the file from LOGICAL on, itself included. Recursion ends at level 0. */
static uint64_t
count_nodes(const struct map *m, unsigned level, uint64_t logical)
{
	size_t run = run_behind(m->inode, logical);
	uint64_t count = 1;

	if (run == m->inode->run_count || m->inode->runs[run].logical >= logical + m->reach[level])
		return 0;
	for (uint64_t i = 0; level > 0 && i < m->fanout; i++)
		count += count_nodes(m, level - 1, logical + i * m->reach[level - 1]);
	return count;
}

/* COUNT pointers to data from LOGICAL on; those of holes are 0. */
static void
put_pointers(const struct map *m, uint64_t logical, uint64_t count, unsigned char *bytes)
{
	const struct ext_inode *inode = m->inode;
	uint64_t end = logical + count;

	for (size_t i = run_behind(inode, logical); i < inode->run_count && inode->runs[i].logical < end; i++) {
		const struct run *run = &inode->runs[i];
		uint64_t first = run->logical > logical ? run->logical : logical;
		uint64_t behind = run->logical + run->count < end ? run->logical + run->count : end;

		for (uint64_t at = first; at < behind; at++)
			put32(bytes + 4 * (at - logical), (uint32_t)(run->first + (at - run->logical)));
	}
}

/* An indirect block, number NODE of the map, that covers the file from LOGICAL on. */
static void
put_indirect(const struct map *m, unsigned level, uint64_t node, uint64_t logical, unsigned char *bytes)
{
	if (level == 0) {
		put_pointers(m, logical, m->fanout, bytes);
		return;
	}
	node++;
	for (uint64_t i = 0; i < m->fanout; i++) {
		uint64_t nodes = count_nodes(m, level - 1, logical + i * m->reach[level - 1]);

		if (nodes)
			put32(bytes + 4 * i, (uint32_t)m->inode->map_blocks[node]);
		node += nodes;
	}
}

/* An indirect block and all below it, *NODE and on, unless there are but holes. Recursion ends at level 0. */
static bool
write_indirect(const struct map *m, unsigned level, uint64_t *node, uint64_t logical)
{
	unsigned char *bytes;

	if (count_nodes(m, level, logical) == 0)
		return true;
	if (!(bytes = ext_zeroed_block(m->writer, m->inode->map_blocks[*node])))
		return false;
	put_indirect(m, level, *node, logical, bytes);
	++*node;
	for (uint64_t i = 0; level > 0 && i < m->fanout; i++)
		if (!write_indirect(m, level - 1, node, logical + i * m->reach[level - 1]))
			return false;
	return true;
}

/* The lowest level at which a node with FANOUT entries, the inode's root, covers all runs. */
static unsigned
extent_depth(const struct map *m)
{
	uint64_t roots = (EXT_MAP_SIZE - EXTENT_SIZE) / EXTENT_SIZE;
	unsigned depth = 0;

	while (m->inode->run_count > (depth ? roots * m->reach[depth - 1] : roots))
		depth++;
	return depth;
}

static void
put_extent(const struct run *run, unsigned char *bytes)
{
	put32(bytes, (uint32_t)run->logical);
	put16(bytes + EXTENT_LENGTH, (uint32_t)run->count);
	put16(bytes + EXTENT_HIGH, (uint32_t)(run->first >> 32));
	put32(bytes + EXTENT_START, (uint32_t)run->first);
}

static void
put_extent_index(const struct run *run, uint64_t block, unsigned char *bytes)
{
	put32(bytes, (uint32_t)run->logical);
	put32(bytes + EXTENT_INDEX_BLOCK, (uint32_t)block);
	put32(bytes + EXTENT_INDEX_HIGH, (uint32_t)(block >> 32));
}

/* A node with room for MOST entries over the runs from RUN on. CHILD is the number of its first child. */
static void
put_extents(const struct map *m, unsigned level, uint64_t child, size_t run, uint64_t most, unsigned char *bytes)
{
	const struct ext_inode *inode = m->inode;
	uint64_t step = level ? m->reach[level - 1] : 1, i;

	for (i = 0; i < most && run < inode->run_count; i++, run += step) {
		unsigned char *entry = bytes + EXTENT_SIZE * (i + 1);

		if (level == 0)
			put_extent(&inode->runs[run], entry);
		else
			put_extent_index(&inode->runs[run], inode->map_blocks[child + i * m->nodes[level - 1]], entry);
	}
	put16(bytes, EXTENT_MAGIC);
	put16(bytes + 2, (uint32_t)i);
	put16(bytes + 4, (uint32_t)most);
	put16(bytes + 6, level);
}

/* The children of a node, and all below them. Recursion ends at level 0. */
static bool
write_extents(const struct map *m, unsigned level, uint64_t child, size_t run, uint64_t most)
{
	for (uint64_t i = 0; level > 0 && i < most && run < m->inode->run_count; i++) {
		unsigned char *bytes = ext_zeroed_block(m->writer, m->inode->map_blocks[child]);

		if (!bytes)
			return false;
		put_extents(m, level - 1, child + 1, run, m->fanout, bytes);
		if (!ext_seal_extents(m->writer, m->inode->number, bytes))
			return false;
		if (!write_extents(m, level - 1, child + 1, run, m->fanout))
			return false;
		child += m->nodes[level - 1];
		run += m->reach[level - 1];
	}
	return true;
}

void
ext_map_root(const struct ext_layout *l, const struct ext_inode *inode, unsigned char bytes[EXT_MAP_SIZE])
{
	struct map m = begin(l, inode);
	uint64_t node = 0, logical = DIRECT_BLOCKS;

	if (ext_has_extents(l)) {
		put_extents(&m, extent_depth(&m), 0, 0, EXT_MAP_SIZE / EXTENT_SIZE - 1, bytes);
		return;
	}
	put_pointers(&m, 0, DIRECT_BLOCKS, bytes);
	for (unsigned level = 0; level < INDIRECT_LEVELS; logical += m.reach[level++]) {
		uint64_t nodes = count_nodes(&m, level, logical);

		if (nodes)
			put32(bytes + 4 * (DIRECT_BLOCKS + level), (uint32_t)inode->map_blocks[node]);
		node += nodes;
	}
}

bool
ext_write_map(struct ext_writer *w, const struct ext_inode *inode)
{
	struct map m = begin(w->layout, inode);
	uint64_t node = 0, logical = DIRECT_BLOCKS;

	m.writer = w;
	if (ext_has_extents(w->layout))
		return write_extents(&m, extent_depth(&m), 0, 0, EXT_MAP_SIZE / EXTENT_SIZE - 1);
	for (unsigned level = 0; level < INDIRECT_LEVELS; logical += m.reach[level++])
		if (!write_indirect(&m, level, &node, logical))
			return false;
	ASSERT(node == inode->map_block_count);
	return true;
}

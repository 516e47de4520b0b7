/* Decides which blocks every inode of an ext2, ext3 or ext4 file system has. */
#include "plan/ext.h"

#include "support/arena.h"
#include "support/integer.h"
#include "support/memory.h"

enum {
	DIRECT_BLOCKS = 12,
	EXTENTS_IN_INODE = 4,
	EXTENT_SIZE = 12, /* also of the header before them */
	MANY_GROUPS = 1024, /* 128 GiB with blocks of 4 KiB: all their bitmaps would be 8 MiB */
};

/*
 * Files that follow one another stand on a shelf, shelves in a row, rows in a room. Each takes a round number of blocks while there
 * is room for all that comes after it, so that a file that grows moves those behind it on its shelf, but seldom more. Where one
 * ends the names of the files alone tell: one in so many begins a new shelf, a new row, a new room.
 */
enum { LEVELS = 3 };

static const uint32_t one_in[LEVELS] = {64, 64 * 32, 64 * 32 * 32};

/*
 * One cursor goes over the free blocks once, upwards. Without flex_bg each group's metadata lies at its start,
 * so that what is free of a group is one piece at its end. Past the last group it goes on counting, so that a
 * shortage has a size.
 */
struct cursor {
	struct ext_layout *layout;
	uint32_t group;
	uint64_t at;            /* the next block in it */
	uint64_t left;          /* free blocks from there on, in all groups */
	uint64_t needed;        /* at most so many will be taken yet */
	uint64_t passed[LEVELS]; /* blocks since this shelf, row, room began */
	uint64_t missing;
};

static uint64_t
group_end(const struct ext_group *g)
{
	return g->first_block + g->block_count;
}

static void
enter_group(struct cursor *c)
{
	const struct ext_group *g = &c->layout->groups[c->group];

	c->at = group_end(g) - g->free_blocks;
}

/* How many of COUNT blocks lie together at the cursor; 0: it stands past the last group. */
static uint64_t
together(struct cursor *c, uint64_t count)
{
	const struct ext_layout *l = c->layout;
	uint64_t here;

	while (c->group < l->group_count && c->at == group_end(&l->groups[c->group]))
		if (++c->group < l->group_count)
			enter_group(c);
	if (c->group == l->group_count)
		return 0;
	here = group_end(&l->groups[c->group]) - c->at;
	return here < count ? here : count;
}

static void
pass(struct cursor *c, uint64_t count)
{
	c->at += count;
	c->left -= count;
	for (size_t i = 0; i < LEVELS; i++)
		c->passed[i] += count;
}

/* The next COUNT free blocks, or as many as lie together: *FIRST is where, the result how many. */
static uint64_t
take(struct cursor *c, uint64_t count, uint64_t *first)
{
	uint64_t here = together(c, count);

	if (here == 0) {
		*first = c->layout->block_count + c->missing;
		c->missing += count;
		return count;
	}
	*first = c->at;
	c->layout->groups[c->group].free_blocks -= (uint32_t)here;
	pass(c, here);
	return here;
}

/* What lacks to the next number of three binary digits and zeroes. */
static uint64_t
to_round(uint64_t n)
{
	uint64_t unit = 1;

	while (n / unit >= 8)
		unit *= 2;
	return divide_up(n, unit) * unit - n;
}

/* Ends a shelf and, up to LEVEL, what it is part of: leaves blocks free if there are more than are needed. */
static void
round_up(struct cursor *c, size_t level)
{
	for (size_t i = 0; i <= level; c->passed[i++] = 0) {
		uint64_t spare = to_round(c->passed[i]), here;

		if (c->left < c->needed || c->left - c->needed < spare)
			continue;
		for (; spare; spare -= here) {
			here = together(c, spare);
			pass(c, here);
		}
	}
}

/* FNV-1a. */
static uint32_t
hash_on(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

/* Ends what ends before the file NODE, whatever its place and size. */
static void
begin_file(struct cursor *c, const struct node *node)
{
	uint32_t hash = hash_on(hash_on(2166136261u, node->parent->name), node->name);
	size_t levels = 0;

	while (levels < LEVELS && hash % one_in[levels] == 0)
		levels++;
	if (levels)
		round_up(c, levels - 1);
}

/* The blocks that INODE has, holes included; a short link's target is kept in the inode itself. */
static uint64_t
length_of(const struct ext_layout *l, const struct ext_inode *inode)
{
	return inode->fast_link ? 0 : divide_up(inode->size, l->block_size);
}

static bool
has_attribute_block(const struct ext_inode *inode)
{
	return inode->attributes && inode->attributes->count > inode->attributes->inline_count;
}

/*
 * The blocks of INODE that are no holes, as runs without a place, in order and apart. A file without holes is one, *WHOLE; *COUNT is
 * their number.
 */
static const struct run *
stretches_of(struct arena *a, const struct ext_layout *l, const struct ext_inode *inode, struct run *whole, size_t *count)
{
	const struct content_data *data = inode->node && inode->node->kind == NODE_FILE ? inode->node->data : NULL;
	struct run *list = NULL;

	*whole = (struct run){.count = length_of(l, inode)};
	*count = !data;
	for (size_t i = 0; data && i < data->count; i++) {
		uint64_t first = data->ranges[i].start / l->block_size, end = divide_up(data->ranges[i].end, l->block_size);
		struct run *last = *count ? &list[*count - 1] : NULL;

		if (last && first <= last->logical + last->count)
			last->count = end - last->logical;
		else
			*ARENA_PUSH(a, list, *count) = (struct run){.logical = first, .count = end - first};
	}
	return data ? list : whole;
}

/* A stretch of INODE's data in as few runs as can be: only the metadata of groups parts them. */
static void
place_stretch(struct arena *a, struct cursor *c, struct ext_inode *inode, const struct run *stretch)
{
	for (uint64_t done = 0; done < stretch->count;) {
		struct run run = {.logical = stretch->logical + done};

		run.count = take(c, stretch->count - done, &run.first);
		*ARENA_PUSH(a, inode->runs, inode->run_count) = run;
		done += run.count;
	}
	inode->block_count += stretch->count;
}

/*
 * The nodes on one level of a tree of indirect blocks that lead to data: those of the pieces of SPAN blocks, from the block START
 * of the file on and before END, in which one of the COUNT stretches in LIST has some.
 */
static uint64_t
indirect_nodes(const struct run *list, size_t count, uint64_t span, uint64_t start, uint64_t end)
{
	uint64_t nodes = 0, next = 0; /* pieces: all before NEXT are counted or empty */

	for (size_t i = 0; i < count; i++) {
		uint64_t first = list[i].logical > start ? list[i].logical : start;
		uint64_t behind = list[i].logical + list[i].count < end ? list[i].logical + list[i].count : end;

		if (first >= behind)
			continue;
		first = (first - start) / span;
		behind = (behind - 1 - start) / span + 1;
		if (first < next)
			first = next;
		nodes += behind - first;
		next = behind;
	}
	return nodes;
}

/* The indirect blocks over the stretches in LIST: a tree of each height in turn, with its own nodes on every level. */
static uint64_t
indirect_blocks(const struct ext_layout *l, const struct run *list, size_t count)
{
	uint64_t fanout = l->block_size / 4, end = count ? list[count - 1].logical + list[count - 1].count : 0;
	uint64_t start = DIRECT_BLOCKS, reach = 1, blocks = 0;

	for (unsigned height = 1; start < end; height++) {
		uint64_t span = 1;

		reach *= fanout;
		for (unsigned level = 0; level < height; level++) {
			span *= fanout;
			blocks += indirect_nodes(list, count, span, start, start + reach);
		}
		start += reach;
	}
	return blocks;
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

/* The blocks that INODE needs, wherever they lie: at most each group parts them once. */
static uint64_t
most_blocks(struct arena *a, const struct ext_layout *l, const struct ext_inode *inode)
{
	struct run whole;
	size_t count;
	const struct run *list = stretches_of(a, l, inode, &whole, &count);
	uint64_t blocks = 0, runs;

	for (size_t i = 0; i < count; i++)
		blocks += list[i].count;
	runs = count + l->group_count - 1 < blocks ? count + l->group_count - 1 : blocks;
	return blocks + has_attribute_block(inode) + (ext_has_extents(l) ? extent_blocks(l, runs) : indirect_blocks(l, list, count));
}

static void
place_map(struct arena *a, struct cursor *c, struct ext_inode *inode, uint64_t count)
{
	uint64_t first = 0, adjacent = 0;

	inode->map_block_count = (uint32_t)count;
	inode->map_blocks = ARENA_ARRAY(a, uint64_t, count);
	for (size_t i = 0; i < count; i++) {
		if (adjacent == 0)
			adjacent = take(c, count - i, &first);
		inode->map_blocks[i] = first++;
		adjacent--;
	}
}

uint64_t
ext_map_slack(const struct ext_layout *l)
{
	uint64_t slack = 0;

	for (size_t i = 0; i < l->inode_used_count; i++) {
		const struct ext_inode *inode = &l->inodes[i];
		uint64_t data = ext_data_blocks(inode);
		uint64_t least = extent_blocks(l, divide_up(data, l->blocks_per_group));

		/* Past the last group nothing is parted, where there is a shortage. */
		if (ext_has_extents(l) && inode->map_block_count > least)
			slack += inode->map_block_count - least;
	}
	return slack;
}

/* Gives INODE its blocks of data and, right behind them, those of their map and that of its attributes. */
static void
place_inode(struct arena *a, struct cursor *c, struct ext_inode *inode)
{
	const struct ext_layout *l = c->layout;
	struct run whole;
	size_t count;
	const struct run *list = stretches_of(a, l, inode, &whole, &count);

	c->needed -= most_blocks(a, l, inode);
	inode->run_count = 0;
	inode->block_count = 0;
	for (size_t i = 0; i < count; i++)
		place_stretch(a, c, inode, &list[i]);
	place_map(a, c, inode, ext_has_extents(l) ? extent_blocks(l, inode->run_count) : indirect_blocks(l, list, count));
	inode->block_count += inode->map_block_count;
	if (has_attribute_block(inode))
		inode->block_count += take(c, 1, &inode->attributes->block);
}

/* Whether INODE has more than what is kept in the inode itself. */
static bool
has_blocks(const struct ext_layout *l, const struct ext_inode *inode)
{
	return length_of(l, inode) || has_attribute_block(inode);
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
		if (l->inodes[i].directory)
			l->groups[(l->inodes[i].number - 1) / l->inodes_per_group].directories++;
	l->free_inodes = l->inode_count - l->inodes[l->inode_used_count - 1].number;
}

/*
 * Bitmaps are written for all groups, as libext2fs's versions disagree on which need none. But where there are very many groups and
 * their descriptors have checksums, those in which nothing is but what every reader expects there are left as they are: never the
 * first nor the last one, nor one with a superblock, which is where the versions disagree.
 */
static void
mark_untouched(struct ext_layout *l)
{
	if (l->group_count < MANY_GROUPS || !(l->feature_ro_compat & EXT_RO_METADATA_CSUM))
		return;
	for (uint32_t i = 1; i < l->group_count - 1; i++) {
		struct ext_group *g = &l->groups[i];

		g->untouched = !g->has_super && g->free_inodes == l->inodes_per_group &&
			g->free_blocks == g->block_count - 2 - l->inode_table_blocks;
	}
}

static struct cursor
begin(struct arena *a, struct ext_layout *l)
{
	struct cursor c = {.layout = l};

	for (uint32_t g = 0; g < l->group_count; g++)
		c.left += l->groups[g].free_blocks;
	for (size_t i = 0; i < l->inode_used_count; i++)
		if (has_blocks(l, &l->inodes[i]))
			c.needed += most_blocks(a, l, &l->inodes[i]);
	enter_group(&c);
	return c;
}

uint64_t
ext_place(struct arena *a, struct ext_layout *l)
{
	struct cursor c = begin(a, l);

	for (size_t i = 0; i < l->inode_used_count; i++)
		if (ext_leads_on(&l->inodes[i]))
			place_inode(a, &c, &l->inodes[i]);
	round_up(&c, LEVELS - 1);
	for (size_t i = 0; i < l->inode_used_count; i++) {
		struct ext_inode *inode = &l->inodes[i];

		if (ext_leads_on(inode) || !has_blocks(l, inode))
			continue;
		if (inode->node)
			begin_file(&c, inode->node);
		place_inode(a, &c, inode);
	}
	count_inodes(l);
	mark_untouched(l);
	l->free_blocks = 0;
	for (uint32_t g = 0; g < l->group_count; g++)
		l->free_blocks += l->groups[g].free_blocks;
	return c.missing;
}

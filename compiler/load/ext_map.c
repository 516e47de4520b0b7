/* Decides where an inode's blocks are: ext2's indirect blocks, ext4's extent trees (kernel documentation, ext4/ifork.rst). */
#include "load/ext.h"

#include <inttypes.h>

enum {
	DIRECT_BLOCKS = 12,
	INDIRECT_LEVELS = 3,
	EXTENT_MAGIC = 0xf30a,
	EXTENT_SIZE = 12, /* also of the header */
	EXTENT_LEVELS = 5,
	EXTENT_LONGEST = 0x8000, /* a longer one is as much shorter, and not written yet */
};

/* The map of one inode while it is read. */
struct map {
	struct ext_loader *e;
	struct ext_inode *inode;
	struct loaded *loaded;
	struct image_bytes *bytes; /* of a regular file, or NULL */
	enum owner_kind kind;
	struct run run;            /* of an indirect map: not ended yet */
	uint64_t next;             /* of extents: the block of the file behind the last one */
	uint64_t end;              /* behind the last block that was written */
};

/* The file's bytes in RUN, which are in the image. */
static void
add_bytes(struct map *m, const struct run *run, uint64_t size)
{
	struct ext_loader *e = m->e;

	if (m->bytes && size)
		*ARENA_PUSH(e->l->c->arena, m->bytes->runs, m->bytes->count) = (struct image_run){
			.start = run->logical * e->layout->block_size, .offset = ext_at(e, run->first), .size = size};
}

/* What lies behind the end of the file is slack. */
static void
add_run(struct map *m, const struct run *run, bool written)
{
	struct ext_loader *e = m->e;
	uint32_t block_size = e->layout->block_size;
	uint64_t start = run->logical * block_size, all = run->count * block_size;
	uint64_t size = start >= m->inode->size ? 0 : m->inode->size - start < all ? m->inode->size - start : all;
	struct owner owner = {.offset = ext_at(e, run->first), .size = size, .kind = m->kind, .partition = e->l->partition,
		.number = m->inode->number, .logical = run->logical};

	if (written && run->count)
		m->end = run->logical + run->count;
	if (run->count == 0 || !ext_take(e, run->first, run->count, m->kind, m->inode->number))
		return;
	*ARENA_PUSH(e->l->c->arena, m->inode->runs, m->inode->run_count) = *run;
	m->inode->block_count += run->count;
	load_claim(e->l, &owner);
	owner.offset += size;
	owner.size = all - size;
	owner.kind = OWNER_SLACK;
	owner.logical += size / block_size;
	load_claim(e->l, &owner);
	if (written)
		add_bytes(m, run, size);
}

/* A block of the map itself, claimed, or NULL. */
static unsigned char *
map_block(struct map *m, uint64_t block)
{
	struct ext_loader *e = m->e;

	if (!ext_claim(e, block, 1, OWNER_MAP, m->inode->number, 0))
		return NULL;
	*ARENA_PUSH(e->l->c->arena, m->inode->map_blocks, m->inode->map_block_count) = block;
	m->inode->block_count++;
	return ext_block(e, block, "a block of a map");
}

static bool
check_extents(struct map *m, const unsigned char *node, unsigned depth, uint32_t room, uint64_t at)
{
	uint32_t count = get16(node + 2), most = get16(node + 4);

	if (get16(node) == EXTENT_MAGIC && count <= most && most <= room && get16(node + 6) == depth)
		return true;
	load_finding(m->e->l, FINDING_INVALID, at, EXTENT_SIZE, "a node of the extent tree of inode %u has a header that cannot be",
		m->inode->number);
	return false;
}

/*
 * An extent, which lies at AT. The blocks of one that is out of its order are the inode's, but not the file's: Linux finds none of a
 * leaf that has such a one.
 */
static void
load_extent(struct map *m, const unsigned char *entry, uint64_t at)
{
	uint32_t length = get16(entry + 4);
	bool written = length <= EXTENT_LONGEST;
	struct run run = {.logical = get32(entry), .count = written ? length : length - EXTENT_LONGEST,
		.first = (uint64_t)get16(entry + 6) << 32 | get32(entry + 8)};
	bool in_order = run.logical >= m->next;

	if (!in_order || run.count == 0)
		load_finding(m->e->l, FINDING_INVALID, at, EXTENT_SIZE, in_order ? "an extent of inode %u has no blocks" :
			"an extent of inode %u begins in front of the end of the one before", m->inode->number);
	else
		m->next = run.logical + run.count;
	add_run(m, &run, written && in_order);
}

/* A node of an extent tree, and all below it. Recursion ends at depth 0. */
static void
load_extents(struct map *m, const unsigned char *node, unsigned depth, uint32_t room, uint64_t at)
{
	if (!check_extents(m, node, depth, room, at))
		return;
	for (uint32_t i = 1; i <= get16(node + 2); i++) {
		const unsigned char *entry = node + i * EXTENT_SIZE;
		uint32_t room_below = m->e->layout->block_size / EXTENT_SIZE - 1;
		const unsigned char *child;
		uint64_t block;

		if (depth == 0) {
			load_extent(m, entry, at + i * EXTENT_SIZE);
			continue;
		}
		block = (uint64_t)get16(entry + 8) << 32 | get32(entry + 4);
		if (!(child = map_block(m, block)))
			continue;
		if (m->e->has_checksums && get16(child + 4) <= room_below) {
			size_t size = EXTENT_SIZE * (get16(child + 4) + 1u);

			if (size + 4 <= m->e->layout->block_size && checksum_crc32c(m->loaded->seed, child, size) != get32(child + size))
				load_finding(m->e->l, FINDING_CHECKSUM, ext_at(m->e, block), m->e->layout->block_size,
					"a block of the extent tree of inode %u has a wrong checksum", m->inode->number);
		}
		load_extents(m, child, depth - 1, room_below, ext_at(m->e, block));
	}
}

/* The file's block LOGICAL is BLOCK. */
static void
add_block(struct map *m, uint64_t logical, uint32_t block)
{
	struct run *run = &m->run;

	if (run->count && run->logical + run->count == logical && run->first + run->count == block) {
		run->count++;
		return;
	}
	add_run(m, run, true);
	*run = (struct run){.logical = logical, .first = block, .count = 1};
}

/* An indirect block and all below it. Recursion ends at level 0. */
static void
load_indirect(struct map *m, unsigned level, uint64_t logical, uint32_t block)
{
	uint32_t fanout = m->e->layout->block_size / 4;
	const unsigned char *bytes = map_block(m, block);
	uint64_t reach = 1;

	for (unsigned i = 0; i < level; i++)
		reach *= fanout;
	for (uint32_t i = 0; bytes && i < fanout; i++) {
		uint32_t below = get32(bytes + 4 * i);

		if (below && level)
			load_indirect(m, level - 1, logical + i * reach, below);
		else if (below)
			add_block(m, logical + i, below);
	}
}

static void
load_pointers(struct map *m, const unsigned char *bytes)
{
	uint64_t logical = DIRECT_BLOCKS, reach = 1;

	for (uint32_t i = 0; i < DIRECT_BLOCKS; i++)
		if (get32(bytes + 4 * i))
			add_block(m, i, get32(bytes + 4 * i));
	for (unsigned level = 0; level < INDIRECT_LEVELS; level++) {
		uint32_t block = get32(bytes + 4 * (DIRECT_BLOCKS + level));

		reach *= m->e->layout->block_size / 4;
		if (block)
			load_indirect(m, level, logical, block);
		logical += reach;
	}
	add_run(m, &m->run, true);
}

/* A directory ends with its last block, a file in it or behind it; only what verity adds to one lies behind its end. */
static void
check_size(const struct map *m)
{
	uint64_t block_size = m->e->layout->block_size, reach = m->end * block_size, size = m->inode->size;

	if (size > block_size << 32)
		load_finding(m->e->l, FINDING_INVALID, m->loaded->at + 4, 4, "inode %u says that it has %" PRIu64 " bytes, more than a file can have",
			m->inode->number, size);
	else if (m->kind == OWNER_DIRECTORY ? size != reach : reach > size + block_size && !(m->loaded->flags & EXT_FLAG_VERITY))
		load_finding(m->e->l, FINDING_COUNT, m->loaded->at + 4, 4, "inode %u says that it has %" PRIu64 " bytes, but its blocks end with byte %"
			PRIu64, m->inode->number, size, reach);
}

void
ext_load_map(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *bytes, enum owner_kind kind)
{
	struct map m = {.e = e, .inode = inode, .loaded = loaded, .kind = kind};
	unsigned depth = get16(bytes + 6);

	if (loaded->content) {
		m.bytes = ARENA_NEW(e->l->c->arena, struct image_bytes);
		m.bytes->path = e->l->image->path;
		loaded->content->image = m.bytes;
	}
	if (!(loaded->flags & EXT_FLAG_EXTENTS))
		load_pointers(&m, bytes);
	else if (depth > EXTENT_LEVELS)
		load_finding(e->l, FINDING_INVALID, loaded->at + 40, EXTENT_SIZE, "the extent tree of inode %u has %u levels", inode->number, depth);
	else
		load_extents(&m, bytes, depth, EXT_MAP_SIZE / EXTENT_SIZE - 1, loaded->at + 40);
	check_size(&m);
}

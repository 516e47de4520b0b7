/* Decides what each inode is (kernel documentation, ext4/inodes.rst). */
#include "load/ext.h"

#include <inttypes.h>
#include <string.h>

enum {
	SMALL_INODE = 128,
	STRETCH = 64 << 10, /* bytes of inodes that are read at once: no inode is larger */
	CHECKSUM_LOW = 124,
	CHECKSUM_HIGH = 130,
	TYPE_MASK = 0170000, TYPE_FIFO = 0010000, TYPE_CHAR = 0020000, TYPE_DIRECTORY = 0040000, TYPE_BLOCK = 0060000,
	TYPE_FILE = 0100000, TYPE_LINK = 0120000, TYPE_SOCKET = 0140000,
};

static void
check_sum(struct ext_loader *e, uint32_t number, struct loaded *loaded, const unsigned char *bytes)
{
	size_t size = e->layout->inode_size;
	bool wide = size > SMALL_INODE && get16(bytes + SMALL_INODE) >= 4;
	unsigned char *copy = arena_alloc(e->l->c->arena, size), le[4];
	uint32_t stored = get16(bytes + CHECKSUM_LOW) | (wide ? get16(bytes + CHECKSUM_HIGH) << 16 : 0), sum;

	memcpy(copy, bytes, size);
	put32(le, number);
	loaded->seed = checksum_crc32c(checksum_crc32c(e->seed, le, 4), bytes + 100, 4);
	put16(copy + CHECKSUM_LOW, 0);
	if (wide)
		put16(copy + CHECKSUM_HIGH, 0);
	sum = checksum_crc32c(loaded->seed, copy, size);
	if (e->has_checksums && (wide ? sum : sum & 0xffff) != stored)
		load_finding(e->l, FINDING_CHECKSUM, loaded->at, size, "inode %" PRIu32 " has a wrong checksum", number);
}

/* new_decode_dev, and what there was before it. */
static void
get_device(struct loaded *loaded, const unsigned char *map)
{
	uint32_t small = get32(map), large = get32(map + 4);

	loaded->major = small ? small >> 8 & 0xff : (large & 0xfff00) >> 8;
	loaded->minor = small ? small & 0xff : (large & 0xff) | (large >> 12 & 0xfff00);
}

/* A target has as many bytes as the link, no NUL among them, and one behind them. */
static const char *
get_target(struct ext_loader *e, const struct ext_inode *inode, const struct loaded *loaded, const unsigned char *bytes)
{
	if (inode->size == 0 || strnlen((const char *)bytes, inode->size + 1) != inode->size)
		load_finding(e->l, FINDING_INVALID, loaded->at + 4, 4, "inode %u is a link whose target has not the %" PRIu64 " bytes that it says",
			inode->number, inode->size);
	return arena_strndup(e->l->c->arena, (const char *)bytes, inode->size);
}

static void
get_link(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *map)
{
	const unsigned char *block;

	loaded->target = "";
	if (inode->size < EXT_MAP_SIZE && loaded->sectors * 512 == (loaded->attribute_block ? e->layout->block_size : 0)) {
		inode->fast_link = true;
		loaded->target = get_target(e, inode, loaded, map);
		return;
	}
	inode->slow_link = true;
	ext_load_map(e, inode, loaded, map, OWNER_LINK);
	if (inode->size >= e->layout->block_size || inode->run_count == 0 || inode->runs[0].logical)
		load_finding(e->l, FINDING_INVALID, loaded->at, e->layout->inode_size, "inode %u is a link whose target cannot be read", inode->number);
	else if ((block = ext_block(e, inode->runs[0].first, "a link")))
		loaded->target = get_target(e, inode, loaded, block);
}

static void
get_contents(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *map)
{
	struct content *content;

	switch (inode->mode & TYPE_MASK) {
	case TYPE_DIRECTORY:
		ext_load_map(e, inode, loaded, map, OWNER_DIRECTORY);
		break;
	case TYPE_LINK:
		get_link(e, inode, loaded, map);
		break;
	case TYPE_CHAR:
	case TYPE_BLOCK:
		get_device(loaded, map);
		break;
	case TYPE_FIFO:
	case TYPE_SOCKET:
		load_finding(e->l, FINDING_NOT_UNDERSTOOD, loaded->at, e->layout->inode_size, "inode %u is a %s, which no manifest can have",
			inode->number, (inode->mode & TYPE_MASK) == TYPE_FIFO ? "FIFO" : "socket");
		break;
	case TYPE_FILE:
		content = ARENA_NEW(e->l->c->arena, struct content);
		*content = (struct content){.kind = CONTENT_IMAGE, .size = inode->size, .executable = inode->mode & 0111,
			.shown = arena_printf(e->l->c->arena, "inode %u of %s", inode->number, e->l->image->path)};
		loaded->content = content;
		ext_load_map(e, inode, loaded, map, inode->number == EXT_JOURNAL ? OWNER_JOURNAL : OWNER_DATA);
		break;
	default:
		load_finding(e->l, FINDING_INVALID, loaded->at, 2, "inode %u has the mode 0%o", inode->number, (unsigned)inode->mode);
	}
}

/* The resize inode's blocks are the reserved ones behind the group descriptors; one more leads to them. */
static void
load_resize(struct ext_loader *e, struct ext_inode *inode, const unsigned char *map)
{
	uint32_t block = get32(map + 4 * 13);

	inode->block_count = 0;
	if (block && ext_claim(e, block, 1, OWNER_MAP, EXT_RESIZE, 0))
		*ARENA_PUSH(e->l->c->arena, inode->map_blocks, inode->map_block_count) = block;
}

/* The time at LOW, whose further bits are at HIGH behind the old inode, if inodes are that large: two of seconds, then nanoseconds. */
static struct moment
get_moment(const unsigned char *bytes, size_t size, size_t low, size_t high)
{
	bool has_high = size > SMALL_INODE && SMALL_INODE + get16(bytes + SMALL_INODE) >= high + 4;
	uint32_t extra = has_high ? get32(bytes + high) : 0;

	return (struct moment){.seconds = (int32_t)get32(bytes + low) + ((int64_t)(extra & 3) << 32), .nanoseconds = extra >> 2, .given = true};
}

static struct remarks *
get_remarks(struct arena *a, const unsigned char *bytes, size_t size)
{
	struct remarks *r = ARENA_NEW(a, struct remarks);

	r->moments[MOMENT_ACCESSED] = get_moment(bytes, size, 8, 140);
	r->moments[MOMENT_CHANGED] = get_moment(bytes, size, 12, 132);
	r->moments[MOMENT_MODIFIED] = get_moment(bytes, size, 16, 136);
	if (size > SMALL_INODE && get16(bytes + SMALL_INODE) >= 20)
		r->moments[MOMENT_CREATED] = get_moment(bytes, size, 144, 148);
	r->flags = get32(bytes + 32) & ~(uint32_t)(EXT_FLAG_HUGE | EXT_FLAG_INDEX | EXT_FLAG_EXTENTS | EXT_FLAG_INLINE_DATA);
	return r;
}

static void
load_inode(struct ext_loader *e, uint32_t number, uint64_t at, const unsigned char *bytes)
{
	struct ext_layout *l = e->layout;
	struct arena *a = e->l->c->arena;
	size_t others = l->inode_used_count;
	struct ext_inode *inode = ARENA_PUSH(a, l->inodes, l->inode_used_count);
	struct loaded *loaded = ARENA_PUSH(a, e->inodes, others);

	*inode = (struct ext_inode){.number = number, .mode = (uint16_t)get16(bytes), .links = get16(bytes + 26),
		.size = get32(bytes + 4) | (uint64_t)get32(bytes + 108) << 32};
	*loaded = (struct loaded){.at = at,
		.owner = get16(bytes + 2) | get16(bytes + 120) << 16, .group = get16(bytes + 24) | get16(bytes + 122) << 16,
		.attribute_block = get32(bytes + 104) | (uint64_t)get16(bytes + 118) << 32, .flags = get32(bytes + 32), .sectors = get32(bytes + 28)};
	if (l->feature_ro_compat & EXT_RO_HUGE_FILE)
		loaded->sectors |= (uint64_t)get16(bytes + 116) << 32;
	if (loaded->flags & EXT_FLAG_HUGE)
		loaded->sectors *= l->block_size / EXT_SECTOR;
	check_sum(e, number, loaded, bytes);
	loaded->remarks = get_remarks(a, bytes, l->inode_size);
	/* a superblock has no time before 1970, and then says 0 */
	if (number == EXT_ROOT && l->epoch == 0)
		l->epoch = loaded->remarks->moments[MOMENT_MODIFIED].seconds;
	if (loaded->flags & EXT_FLAG_INLINE_DATA)
		load_finding(e->l, FINDING_NOT_UNDERSTOOD, at, l->inode_size, "inode %" PRIu32 " has its data in itself, which rootc does not read", number);
	else if (number == EXT_RESIZE)
		load_resize(e, inode, bytes + 40);
	else
		get_contents(e, inode, loaded, bytes + 40);
	ext_load_attributes(e, inode, loaded, bytes);
	if (number != EXT_RESIZE && inode->block_count * (l->block_size / EXT_SECTOR) != loaded->sectors)
		load_finding(e->l, FINDING_COUNT, at + 28, 4, "inode %" PRIu32 " says that it has %" PRIu64 " sectors, but it has %" PRIu64,
			number, loaded->sectors, inode->block_count * (l->block_size / EXT_SECTOR));
	load_claim(e->l, &(struct owner){.offset = at, .size = l->inode_size, .kind = OWNER_INODE, .partition = e->l->partition, .number = number});
	if (number == EXT_JOURNAL && inode->run_count)
		l->journal = (struct run){.first = inode->runs[0].first, .count = inode->block_count - inode->map_block_count};
}

/* The inodes of a group, of which a stretch is in memory at a time: all tables of a large file system would not fit. */
struct inode_table {
	uint64_t at;
	uint32_t used;       /* those behind are not */
	uint32_t first, end; /* of the stretch */
	unsigned char bytes[STRETCH];
};

/* Brings the stretch from inode I on into memory, or from the first behind it that holes of the image leave; gives its first inode. */
static uint32_t
bring(struct ext_loader *e, struct inode_table *t, uint32_t i)
{
	uint32_t size = e->layout->inode_size, most = STRETCH / size;
	uint64_t end = t->at + (uint64_t)t->used * size;
	uint64_t data = file_next_data(e->l->fd, t->at + (uint64_t)i * size, end);

	if (data >= end)
		return t->used;
	t->first = (uint32_t)((data - t->at) / size);
	t->end = t->used - t->first < most ? t->used : t->first + most;
	return load_into(e->l, t->bytes, t->at + (uint64_t)t->first * size, (size_t)(t->end - t->first) * size, "a table of inodes") ?
		t->first : t->used;
}

/* The first inode from I on that is in use, whose bytes are then in memory; else the number of those that can be. */
static uint32_t
next_inode(struct ext_loader *e, struct inode_table *t, uint32_t i)
{
	while (i < t->used) {
		const unsigned char *bytes;

		if (i >= t->end && (i = bring(e, t, i)) == t->used)
			break;
		bytes = t->bytes + (size_t)(i - t->first) * e->layout->inode_size;
		if (get16(bytes) && get16(bytes + 26))
			break;
		i++;
	}
	return i;
}

/* A copy of an inode for as long as the image, whose attributes lie in it. */
static const unsigned char *
keep(struct ext_loader *e, const unsigned char *bytes)
{
	return memcpy(arena_alloc(e->l->c->arena, e->layout->inode_size), bytes, e->layout->inode_size);
}

static void
load_inode_table(struct ext_loader *e, struct inode_table *t, uint32_t group)
{
	struct ext_layout *l = e->layout;
	const struct ext_group *g = &l->groups[group];
	uint64_t size = (uint64_t)l->inode_table_blocks * l->block_size;
	uint32_t unused = !ext_has_unused(l) ? 0 : g->unused_inodes < l->inodes_per_group ? g->unused_inodes : l->inodes_per_group;
	uint32_t first = group * l->inodes_per_group + 1;

	if (!ext_take(e, g->inode_table, l->inode_table_blocks, OWNER_INODE_BITMAP, group))
		return;
	t->at = ext_at(e, g->inode_table);
	t->used = l->inodes_per_group - unused;
	t->first = t->end = 0;
	for (uint32_t i = 0, next;; i = next + 1) {
		next = next_inode(e, t, i);
		load_claim(e->l, &(struct owner){.offset = t->at + (uint64_t)i * l->inode_size,
			.size = next < t->used ? (uint64_t)(next - i) * l->inode_size : size - (uint64_t)i * l->inode_size,
			.kind = OWNER_FREE_INODES, .partition = e->l->partition, .number = first + i});
		if (next == t->used)
			break;
		load_inode(e, first + next, t->at + (uint64_t)next * l->inode_size,
			keep(e, t->bytes + (size_t)(next - t->first) * l->inode_size));
	}
}

void
ext_load_inodes(struct ext_loader *e)
{
	struct inode_table *t = ARENA_NEW(e->l->c->arena, struct inode_table);

	for (uint32_t i = 0; i < e->layout->group_count; i++)
		load_inode_table(e, t, i);
}

/*
 * Looks at an ext2, ext3 or ext4 file system that has been written: whether all that sums it up is on the disk as it was planned. Reads
 * superblocks, descriptors and the bitmaps of groups with something in them, and so costs a few blocks a group.
 */
#include "emit/ext.h"

#include <inttypes.h>
#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"

/* A group descriptor (kernel documentation, ext4/group_descr.rst): of each number the lower half, and the upper half with 64bit. */
enum {
	BLOCK_BITMAP = 0x00,
	INODE_BITMAP = 0x04,
	INODE_TABLE = 0x08,
	FREE_BLOCKS = 0x0c,
	FREE_INODES = 0x0e,
	DIRECTORIES = 0x10,
	FLAGS = 0x12,
	UNUSED_INODES = 0x1c,
	HIGH = 0x20, /* what must be added for the upper halves of the first six ... */
	UNUSED_INODES_HIGH = 0x32,
	DIRECTORIES_HIGH = 0x30,
	FLAG_INODE_UNINIT = 1,
	FLAG_BLOCK_UNINIT = 2,
	FLAG_INODE_ZEROED = 4,
};

static uint64_t
get_le(const unsigned char *at, size_t size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | at[size];
	return value;
}

static bool
same(const struct ext_writer *w, const char *what, uint64_t group, uint64_t planned, uint64_t written)
{
	struct compilation *c = w->out->c;

	if (planned == written)
		return true;
	diag(&c->diags, DIAG_PLAN_MISMATCH, w->from->key_at, "%s of group %" PRIu64 " of partition '%s': %" PRIu64 " planned, %" PRIu64 " written",
		what, group, w->from->name, planned, written);
	return false;
}

static bool
read_blocks(const struct ext_writer *w, uint64_t block, unsigned char *bytes, uint64_t count)
{
	return output_read(w->out, w->offset + block * w->layout->block_size, bytes, (size_t)(count * w->layout->block_size));
}

static bool
check_superblock(struct ext_writer *w, uint32_t group)
{
	unsigned char planned[EXT_SUPERBLOCK_SIZE], written[EXT_SUPERBLOCK_SIZE];
	uint64_t at = ext_superblock_place(w->layout, group);

	ext_compose_superblock(w, group, planned);
	return output_read(w->out, w->offset + at, written, sizeof written) &&
		same(w, "differences in the superblock", group, 0, memcmp(planned, written, sizeof written) != 0);
}

/* Two halves of a number, LOW_SIZE bytes each. */
static uint64_t
halves(const struct ext_layout *l, const unsigned char *d, size_t low, size_t high, size_t low_size)
{
	uint64_t upper = l->descriptor_size > HIGH ? get_le(d + high, low_size) : 0;

	return get_le(d + low, low_size) | upper << 8 * low_size;
}

static bool
check_descriptor(const struct ext_writer *w, uint32_t group, const unsigned char *d)
{
	const struct ext_layout *l = w->layout;
	const struct ext_group *g = &l->groups[group];
	unsigned flags = (l->feature_ro_compat & EXT_RO_METADATA_CSUM ? FLAG_INODE_ZEROED : 0) |
		(g->untouched ? FLAG_BLOCK_UNINIT | FLAG_INODE_UNINIT : 0);

	return same(w, "the block bitmap", group, g->block_bitmap, halves(l, d, BLOCK_BITMAP, HIGH + BLOCK_BITMAP, 4)) &&
		same(w, "the inode bitmap", group, g->inode_bitmap, halves(l, d, INODE_BITMAP, HIGH + INODE_BITMAP, 4)) &&
		same(w, "the inode table", group, g->inode_table, halves(l, d, INODE_TABLE, HIGH + INODE_TABLE, 4)) &&
		same(w, "the free blocks", group, g->free_blocks, halves(l, d, FREE_BLOCKS, HIGH + FREE_BLOCKS, 2)) &&
		same(w, "the free inodes", group, g->free_inodes, halves(l, d, FREE_INODES, HIGH + FREE_INODES, 2)) &&
		same(w, "the directories", group, g->directories, halves(l, d, DIRECTORIES, DIRECTORIES_HIGH, 2)) &&
		same(w, "the unused inodes", group, g->unused_inodes, halves(l, d, UNUSED_INODES, UNUSED_INODES_HIGH, 2)) &&
		same(w, "the flags", group, flags, get_le(d + FLAGS, 2)) &&
		same(w, "the checksum", group, ext_descriptor_checksum(w, group), get_le(d + HIGH - 2, 2));
}

/* Copies are like the first, whose numbers are the plan's. */
static bool
check_descriptors(struct ext_writer *w, uint32_t group, const unsigned char *first, unsigned char *copy)
{
	const struct ext_layout *l = w->layout;
	size_t size = (size_t)l->descriptor_blocks * l->block_size;

	return read_blocks(w, l->groups[group].first_block + 1, copy, l->descriptor_blocks) &&
		same(w, "differences in the descriptors", group, 0, memcmp(first, copy, size) != 0);
}

static uint64_t
count_ones(const unsigned char *bytes, size_t size)
{
	uint64_t count = 0;

	for (size_t i = 0; i < size; i++)
		count += (unsigned)__builtin_popcount(bytes[i]);
	return count;
}

/* What lies past the end of the group counts as taken. */
static bool
check_bitmaps(struct ext_writer *w, uint32_t group, unsigned char *bitmap)
{
	const struct ext_layout *l = w->layout;
	const struct ext_group *g = &l->groups[group];
	uint64_t bits = 8 * (uint64_t)l->block_size;

	return read_blocks(w, g->block_bitmap, bitmap, 1) &&
		same(w, "the blocks in the bitmap", group, bits - g->free_blocks, count_ones(bitmap, l->block_size)) &&
		read_blocks(w, g->inode_bitmap, bitmap, 1) &&
		same(w, "the inodes in the bitmap", group, bits - g->free_inodes, count_ones(bitmap, l->block_size));
}

/* Groups in which nothing is are all alike, and there may be very many of them. */
static bool
holds_something(const struct ext_layout *l, const struct ext_group *g)
{
	return g->free_inodes < l->inodes_per_group || g->free_blocks < g->block_count - (g->inode_table + l->inode_table_blocks - g->first_block);
}

bool
ext_check_blocks(struct ext_writer *w)
{
	const struct ext_layout *l = w->layout;
	uint64_t planned = 0;

	for (size_t i = 0; i < l->inode_used_count; i++)
		planned += l->inodes[i].block_count;
	if (planned == w->blocks_written)
		return true;
	diag(&w->out->c->diags, DIAG_PLAN_MISMATCH, w->from->key_at, "the blocks of all files of partition '%s': %" PRIu64 " planned, %" PRIu64 " written",
		w->from->name, planned, w->blocks_written);
	return false;
}

bool
ext_check(struct ext_writer *w)
{
	const struct ext_layout *l = w->layout;
	struct arena *scratch = arena_new();
	size_t size = (size_t)l->descriptor_blocks * l->block_size;
	unsigned char *first = arena_alloc(scratch, size), *other = arena_alloc(scratch, size);
	bool good = read_blocks(w, l->first_data_block + 1, first, l->descriptor_blocks);

	for (uint32_t i = 0; good && i < l->group_count; i++) {
		const struct ext_group *g = &l->groups[i];

		good = check_descriptor(w, i, first + (size_t)i * l->descriptor_size) &&
			(!g->has_super || check_superblock(w, i)) &&
			(!g->has_super || i == 0 || check_descriptors(w, i, first, other)) &&
			(!holds_something(l, g) || check_bitmaps(w, i, other));
	}
	arena_free(scratch);
	return good;
}

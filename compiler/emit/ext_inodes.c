/* Writes the inode tables (kernel documentation, ext4/inodes.rst). */
#include "emit/ext.h"

#include <string.h>

enum {
	SMALL_INODE = 128,
	INODES_AT_ONCE = 4096, /* a thread's portion: 1 MiB of those of 256 bytes */
	EXTRA_SIZE = 32, /* of the fields behind the first 128 bytes: up to i_projid, as mke2fs */
	FLAG_INDEX = 0x1000,
	FLAG_EXTENTS = 0x80000,
	TYPE_MASK = 0170000,
	TYPE_CHAR = 0020000,
	TYPE_BLOCK = 0060000,
};

static bool
is_device(const struct ext_inode *inode)
{
	return (inode->mode & TYPE_MASK) == TYPE_CHAR || (inode->mode & TYPE_MASK) == TYPE_BLOCK;
}

/* Linux keeps small numbers in 16 bits as it did before 2.6, and others in the second word (new_encode_dev). */
static void
put_device(uint32_t major, uint32_t minor, unsigned char bytes[EXT_MAP_SIZE])
{
	if (major < 256 && minor < 256)
		put32(bytes, major << 8 | minor);
	else
		put32(bytes + 4, (minor & 0xff) | major << 8 | (minor & ~UINT32_C(0xff)) << 12);
}

/* All five times are the epoch. In a large inode its bits above 32 stand below the nanoseconds, which are 0. */
static void
put_times(const struct ext_layout *l, unsigned char *inode)
{
	static const unsigned char times[] = {8, 12, 16};            /* atime, ctime, mtime */
	static const unsigned char extra_times[] = {132, 136, 140};  /* of ctime, mtime, atime */
	uint32_t low = (uint32_t)l->epoch, extra = (uint32_t)((l->epoch - (int32_t)low) >> 32) & 3;

	for (size_t i = 0; i < sizeof times; i++)
		put32(inode + times[i], low);
	if (l->inode_size == SMALL_INODE)
		return;
	put16(inode + 128, EXTRA_SIZE);
	for (size_t i = 0; i < sizeof extra_times; i++)
		put32(inode + extra_times[i], extra);
	put32(inode + 144, low); /* crtime */
	put32(inode + 148, extra);
}

static void
put_block_field(const struct ext_layout *l, const struct ext_inode *from, unsigned char *inode)
{
	if (is_device(from)) {
		put_device(from->node->major, from->node->minor, inode + 40);
	} else if (from->fast_link) {
		memcpy(inode + 40, from->node->target, from->size);
	} else {
		ext_map_root(l, from, inode + 40);
		put32(inode + 32, (ext_has_extents(l) ? FLAG_EXTENTS : 0) | (from->directory && from->directory->index ? FLAG_INDEX : 0));
	}
}

/* INODE is zeroed: generation, dtime, flags and what is not named here stay 0. */
static void
put_inode(const struct ext_layout *l, const struct ext_inode *from, unsigned char *inode)
{
	uint64_t sectors = from->block_count * (l->block_size / EXT_SECTOR);
	uint32_t owner = from->node ? from->node->owner : 0, group = from->node ? from->node->group : 0;

	put16(inode, from->mode);
	put16(inode + 2, owner);
	put32(inode + 4, (uint32_t)from->size);
	put16(inode + 24, group);
	put16(inode + 26, from->links);
	put32(inode + 28, (uint32_t)sectors);
	put32(inode + 104, (uint32_t)ext_attribute_block(from));
	put32(inode + 108, (uint32_t)(from->size >> 32));
	put16(inode + 116, (uint32_t)(sectors >> 32)); /* huge_file; 0 without it, where files are small enough */
	put16(inode + 118, (uint32_t)(ext_attribute_block(from) >> 32));
	put16(inode + 120, owner >> 16);
	put16(inode + 122, group >> 16);
	put_times(l, inode);
	put_block_field(l, from, inode);
	if (from->attributes && from->attributes->inline_count)
		ext_put_inline_attributes(from, inode + SMALL_INODE + EXTRA_SIZE, l->inode_size - SMALL_INODE - EXTRA_SIZE);
}

/* The block that INODE lies in, and in *AT where in it. */
static uint64_t
table_block(const struct ext_layout *l, const struct ext_inode *inode, size_t *at)
{
	uint32_t per_block = l->block_size / l->inode_size, index = (inode->number - 1) % l->inodes_per_group;

	*at = (size_t)(index % per_block) * l->inode_size;
	return l->groups[(inode->number - 1) / l->inodes_per_group].inode_table + index / per_block;
}

size_t
ext_next_inodes(const struct ext_layout *l, size_t i)
{
	size_t next = i + INODES_AT_ONCE, at;

	while (next < l->inode_used_count && table_block(l, &l->inodes[next], &at) == table_block(l, &l->inodes[next - 1], &at))
		next++;
	return next < l->inode_used_count ? next : l->inode_used_count;
}

bool
ext_write_inodes(struct ext_writer *w, size_t from, size_t to)
{
	const struct ext_layout *l = w->layout;
	uint64_t current = 0;
	unsigned char *bytes = NULL;

	for (size_t i = from; i < to; i++) {
		const struct ext_inode *inode = &l->inodes[i];
		size_t at;
		uint64_t block = table_block(l, inode, &at);

		if (block != current && !(bytes = ext_zeroed_block(w, block)))
			return false;
		current = block;
		put_inode(l, inode, bytes + at);
		if (!ext_seal_inode(w, inode->number, bytes + at))
			return false;
	}
	return ext_flush(w);
}

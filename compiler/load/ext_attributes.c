/* Decides which extended attributes an inode has (kernel documentation, ext4/attributes.rst). */
#include "load/ext.h"

#include <inttypes.h>
#include <string.h>

#include "model/xattr.h"

#define ATTRIBUTES_MAGIC UINT32_C(0xea020000)

enum { SMALL_INODE = 128, ENTRY_HEADER = 16, BLOCK_HEADER = 32 };

/* The namespaces by number; some are whole names. */
static const char *const prefixes[] = {
	NULL, "user.", "system.posix_acl_access", "system.posix_acl_default", "trusted.", NULL, "security.", "system.", "system.richacl"};

static void
bad_entry(struct ext_loader *e, const struct ext_inode *inode, uint64_t at)
{
	load_finding(e->l, FINDING_INVALID, at, ENTRY_HEADER, "an extended attribute of inode %u cannot be read", inode->number);
}

/* One entry, whose value lies at an offset from BASE (SIZE bytes). */
static bool
add_entry(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *entry,
	const unsigned char *base, size_t size)
{
	struct arena *a = e->l->c->arena;
	uint32_t offset = get16(entry + 2), value_size = get32(entry + 8);
	const char *prefix = entry[1] < sizeof prefixes / sizeof *prefixes ? prefixes[entry[1]] : NULL;
	struct ext_attributes *all = inode->attributes;
	struct xattr x = {.size = value_size};

	if (!prefix || get32(entry + 4) || value_size > size || offset > size - value_size)
		return false;
	x.name = arena_printf(a, "%s%.*s", prefix, (int)entry[0], (const char *)entry + ENTRY_HEADER);
	x.value = base + offset;
	xattrs_put(a, loaded->xattrs, &x);
	*ARENA_PUSH(a, all->list, all->count) = (struct ext_attribute){.index = entry[1],
		.name = arena_strndup(a, (const char *)entry + ENTRY_HEADER, entry[0]), .name_length = entry[0], .value = x.value, .size = value_size};
	return true;
}

/* The entries from FIRST on in SIZE bytes. */
static void
add_entries(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *base, size_t first, size_t size,
	uint64_t at)
{
	while (first + 4 <= size && get32(base + first)) {
		size_t length = (ENTRY_HEADER + base[first] + 3u) / 4 * 4;

		if (length > size - first || !add_entry(e, inode, loaded, base + first, base, size)) {
			bad_entry(e, inode, at + first);
			return;
		}
		first += length;
	}
}

/* Inodes of the same attributes may have one block for all of them; it belongs to the first. */
static bool
claim(struct ext_loader *e, uint64_t block, uint32_t number)
{
	unsigned char bit = (unsigned char)(1 << block % 8);

	if (!e->shareable)
		e->shareable = arena_alloc(e->l->c->arena, e->layout->block_count / 8 + 1);
	if (block < e->layout->block_count && e->shareable[block / 8] & bit)
		return true;
	if (!ext_claim(e, block, 1, OWNER_ATTRIBUTES, number, 0))
		return false;
	e->shareable[block / 8] |= bit;
	return true;
}

static void
load_block(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded)
{
	uint32_t block_size = e->layout->block_size, stored;
	unsigned char number[8], *bytes;
	uint64_t block = loaded->attribute_block;

	if (!claim(e, block, inode->number) || !(bytes = ext_block(e, block, "a block of attributes")))
		return;
	inode->attributes->block = block;
	inode->block_count++;
	if (get32(bytes) != ATTRIBUTES_MAGIC) {
		load_finding(e->l, FINDING_INVALID, ext_at(e, block), 4, "the block of attributes of inode %u is none", inode->number);
		return;
	}
	stored = get32(bytes + 16);
	put32(bytes + 16, 0);
	put64(number, block);
	if (e->has_checksums && checksum_crc32c(checksum_crc32c(e->seed, number, 8), bytes, block_size) != stored)
		load_finding(e->l, FINDING_CHECKSUM, ext_at(e, block), block_size, "the block of attributes of inode %u has a wrong checksum",
			inode->number);
	add_entries(e, inode, loaded, bytes, BLOCK_HEADER, block_size, ext_at(e, block));
}

void
ext_load_attributes(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded, const unsigned char *bytes)
{
	size_t size = e->layout->inode_size, start = size > SMALL_INODE ? SMALL_INODE + get16(bytes + SMALL_INODE) : size;
	bool is_inline = start % 4 == 0 && start + 8 <= size && get32(bytes + start) == ATTRIBUTES_MAGIC;
	struct ext_attributes *all;

	if (!is_inline && !loaded->attribute_block)
		return;
	inode->attributes = all = ARENA_NEW(e->l->c->arena, struct ext_attributes);
	loaded->xattrs = ARENA_NEW(e->l->c->arena, struct xattrs);
	if (is_inline)
		add_entries(e, inode, loaded, bytes + start + 4, 0, size - start - 4, loaded->at + start + 4);
	all->inline_count = all->count;
	if (loaded->attribute_block)
		load_block(e, inode, loaded);
}

/* Decides which extended attributes an inode has (kernel documentation, ext4/attributes.rst). */
#include "load/ext.h"

#include <inttypes.h>
#include <string.h>

#include "model/xattr.h"

#define ATTRIBUTES_MAGIC UINT32_C(0xea020000)

enum { SMALL_INODE = 128, ENTRY_HEADER = 16, BLOCK_HEADER = 32, H_REFCOUNT = 4, PAGE = 1024 };

/* What is in a block of attributes. */
struct block_attributes {
	unsigned char *bytes;       /* NULL: nothing that can be read */
	struct ext_attributes *all; /* of an inode that has these alone; NULL: none was met yet */
	struct xattrs *xattrs;      /* the same */
	uint32_t inodes;            /* that have it */
};

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

/* The place for what is in BLOCK, which is one of the file system's. */
static struct block_attributes **
place_of(struct ext_loader *e, uint64_t block)
{
	struct arena *a = e->l->c->arena;
	struct block_attributes ***page;

	if (!e->attributes)
		e->attributes = ARENA_ARRAY(a, struct block_attributes **, (size_t)(e->layout->block_count / PAGE) + 1);
	page = &e->attributes[block / PAGE];
	if (!*page)
		*page = ARENA_ARRAY(a, struct block_attributes *, PAGE);
	return &(*page)[block % PAGE];
}

/* Reads BLOCK for INODE, which is the first that has it, and so its owner. NULL: it has another one. */
static struct block_attributes *
read_block(struct ext_loader *e, const struct ext_inode *inode, uint64_t block)
{
	uint32_t block_size = e->layout->block_size, stored;
	struct block_attributes *read;
	unsigned char number[8], *bytes;

	if (!ext_claim(e, block, 1, OWNER_ATTRIBUTES, inode->number, 0))
		return NULL;
	read = ARENA_NEW(e->l->c->arena, struct block_attributes);
	if (!(bytes = ext_block(e, block, "a block of attributes")))
		return read;
	if (get32(bytes) != ATTRIBUTES_MAGIC) {
		load_finding(e->l, FINDING_INVALID, ext_at(e, block), 4, "the block of attributes of inode %u is none", inode->number);
		return read;
	}
	stored = get32(bytes + 16);
	put32(bytes + 16, 0);
	put64(number, block);
	if (e->has_checksums && checksum_crc32c(checksum_crc32c(e->seed, number, 8), bytes, block_size) != stored)
		load_finding(e->l, FINDING_CHECKSUM, ext_at(e, block), block_size, "the block of attributes of inode %u has a wrong checksum",
			inode->number);
	read->bytes = bytes;
	return read;
}

/* Inodes of the same attributes may have one block for all of them. Those that have no others share what was read of it, too. */
static void
load_block(struct ext_loader *e, struct ext_inode *inode, struct loaded *loaded)
{
	uint64_t block = loaded->attribute_block;
	struct block_attributes **place = block < e->layout->block_count ? place_of(e, block) : NULL, *read = place ? *place : NULL;

	if (!read && !(read = read_block(e, inode, block)))
		return;
	*place = read;
	inode->attributes->block = block;
	inode->block_count++;
	read->inodes++;
	if (!read->bytes)
		return;
	if (inode->attributes->inline_count == 0 && read->all) {
		inode->attributes = read->all;
		loaded->xattrs = read->xattrs;
		return;
	}
	add_entries(e, inode, loaded, read->bytes, BLOCK_HEADER, e->layout->block_size, ext_at(e, block));
	if (inode->attributes->inline_count == 0) {
		read->all = inode->attributes;
		read->xattrs = loaded->xattrs;
	}
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

void
ext_check_attributes(struct ext_loader *e)
{
	for (uint64_t block = 0; e->attributes && block < e->layout->block_count; block++) {
		struct block_attributes **page = e->attributes[block / PAGE];
		const struct block_attributes *read = page ? page[block % PAGE] : NULL;

		if (!page)
			block += PAGE - 1 - block % PAGE;
		else if (read && read->bytes && get32(read->bytes + H_REFCOUNT) != read->inodes)
			load_finding(e->l, FINDING_COUNT, ext_at(e, block) + H_REFCOUNT, 4, "block %" PRIu64 " of attributes says that %" PRIu32
				" inodes have it, but %" PRIu32 " do", block, get32(read->bytes + H_REFCOUNT), read->inodes);
	}
}

/* Writes extended attributes (kernel documentation, ext4/attributes.rst). */
#include "emit/ext.h"

#include <string.h>

#include "support/memory.h"

#define ATTRIBUTES_MAGIC UINT32_C(0xea020000)

enum {
	INLINE_HEADER = 4, /* the magic number alone */
	BLOCK_HEADER = 32,
	ENTRY_HEADER = 16,
	NAME_SHIFT = 5,
	VALUE_SHIFT = 16,
};

static size_t
round_up(size_t n)
{
	return (n + 3) / 4 * 4;
}

static uint32_t
rotate(uint32_t hash, unsigned shift)
{
	return hash << shift | hash >> (32 - shift);
}

/* Bytes of a name count without a sign, as for the kernel since 6.2 and for the library since 1.46.6. */
static uint32_t
hash_of(const struct ext_attribute *x)
{
	uint32_t hash = 0;

	for (size_t i = 0; i < x->name_length; i++)
		hash = rotate(hash, NAME_SHIFT) ^ (unsigned char)x->name[i];
	for (size_t i = 0; i < x->size; i += 4) {
		uint32_t word = 0;

		for (size_t k = 0; k < 4 && i + k < x->size; k++)
			word |= (uint32_t)x->value[i + k] << 8 * k;
		hash = rotate(hash, VALUE_SHIFT) ^ word;
	}
	return hash;
}

/*
 * COUNT attributes as entries from FIRST on, offsets into BYTES, with their values from END downwards. Four zeroes end the entries.
 * Only a block's have hashes, whose hash is the result: 0, as when one of them is, says that nobody may share the block.
 */
static uint32_t
put_attributes(const struct ext_attribute *list, size_t count, unsigned char *bytes, size_t first, size_t end, bool is_block)
{
	uint32_t all = 0;
	bool any_zero = false;

	for (size_t i = 0; i < count; i++) {
		const struct ext_attribute *x = &list[i];
		unsigned char *entry = bytes + first;
		uint32_t hash = is_block ? hash_of(x) : 0;

		first += round_up(ENTRY_HEADER + x->name_length);
		end -= round_up(x->size);
		ASSERT(first + 4 <= end);
		entry[0] = (unsigned char)x->name_length;
		entry[1] = x->index;
		put16(entry + 2, x->size ? (uint32_t)end : 0);
		put32(entry + 8, (uint32_t)x->size);
		put32(entry + 12, hash);
		memcpy(entry + ENTRY_HEADER, x->name, x->name_length);
		memcpy(bytes + end, x->value, x->size);
		all = rotate(all, VALUE_SHIFT) ^ hash;
		any_zero |= hash == 0;
	}
	return any_zero ? 0 : all;
}

void
ext_put_inline_attributes(const struct ext_inode *inode, unsigned char *bytes, size_t size)
{
	put32(bytes, ATTRIBUTES_MAGIC);
	put_attributes(inode->attributes->list, inode->attributes->inline_count, bytes + INLINE_HEADER, 0, size - INLINE_HEADER, false);
}

bool
ext_write_attributes(struct ext_writer *w, const struct ext_inode *inode)
{
	const struct ext_attributes *all = inode->attributes;
	unsigned char *bytes = ext_zeroed_block(w, ext_attribute_block(inode));

	if (!bytes)
		return false;
	put32(bytes, ATTRIBUTES_MAGIC);
	put32(bytes + 4, 1); /* inodes that use it */
	put32(bytes + 8, 1); /* blocks */
	put32(bytes + 12, put_attributes(all->list + all->inline_count, all->count - all->inline_count, bytes, BLOCK_HEADER,
		w->layout->block_size, true));
	return ext_seal_attributes(w, inode->number, ext_attribute_block(inode), bytes);
}

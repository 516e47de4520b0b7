/* Puts down the index of a large directory: a root and, between it and the leaves, at most one level of nodes. */
#include "emit/ext.h"

#include "support/memory.h"

enum {
	HALF_MD4 = 1,
	INFO_SIZE = 8,
	INDEX_ENTRY = 8,
	INDEX_TAIL = 8,
	ROOT_INFO = 24,   /* behind "." and ".." */
	ROOT_HEADER = 32,
	NODE_HEADER = 8,
	DOT_SIZE = 12,
	DIRECTORY_TYPE = 2,
};

/* Entries for a node: the hash from which on, and the block of the directory in which. */
struct targets {
	const uint32_t *hashes; /* of every STEP-th */
	uint32_t step, first_block, count;
};

/* How many entries a block has room for behind HEADER bytes. */
static uint32_t
limit_of(const struct ext_layout *l, uint32_t header)
{
	uint32_t tail = l->feature_ro_compat & EXT_RO_METADATA_CSUM ? INDEX_TAIL : 0;

	return (l->block_size - header - tail) / INDEX_ENTRY;
}

/* The first entry counts from 0 on; in the place of its hash stand the limit and the count. */
static void
put_targets(unsigned char *at, uint32_t limit, const struct targets *t)
{
	ASSERT(t->count >= 1 && t->count <= limit);
	for (uint32_t i = 0; i < t->count; i++) {
		put32(at + INDEX_ENTRY * i, t->hashes[i * t->step]);
		put32(at + INDEX_ENTRY * i + 4, t->first_block + i);
	}
	put16(at, limit);
	put16(at + 2, t->count);
}

static void
put_own_entry(unsigned char *at, const struct ext_dirent *entry, uint32_t size)
{
	put32(at, entry->inode);
	put16(at + 4, size);
	at[6] = entry->name[1] ? 2 : 1;
	at[7] = DIRECTORY_TYPE;
	at[8] = '.';
	at[9] = (unsigned char)entry->name[1];
}

static void
put_root(const struct ext_layout *l, const struct ext_directory *directory, unsigned char *bytes)
{
	const struct ext_index *index = directory->index;
	struct targets t = {.hashes = index->hashes, .step = 1, .first_block = 1, .count = index->leaf_count};

	if (index->node_count) {
		t.step = limit_of(l, NODE_HEADER);
		t.count = index->node_count;
	}
	put_own_entry(bytes, &directory->entries[0], DOT_SIZE);
	put_own_entry(bytes + DOT_SIZE, &directory->entries[1], l->block_size - DOT_SIZE);
	bytes[ROOT_INFO + 4] = HALF_MD4;
	bytes[ROOT_INFO + 5] = INFO_SIZE;
	bytes[ROOT_INFO + 6] = index->node_count > 0; /* levels below the root that are no leaves */
	put_targets(bytes + ROOT_HEADER, limit_of(l, ROOT_HEADER), &t);
}

static void
put_node(const struct ext_layout *l, const struct ext_index *index, uint32_t node, unsigned char *bytes)
{
	uint32_t limit = limit_of(l, NODE_HEADER), first = node * limit, left = index->leaf_count - first;
	struct targets t = {
		.hashes = index->hashes + first,
		.step = 1,
		.first_block = 1 + index->node_count + first,
		.count = left < limit ? left : limit,
	};

	put16(bytes + 4, l->block_size);
	put_targets(bytes + NODE_HEADER, limit, &t);
}

void
ext_put_index_block(const struct ext_layout *l, const struct ext_directory *directory, size_t block, unsigned char *bytes)
{
	if (block == 0)
		put_root(l, directory, bytes);
	else
		put_node(l, directory->index, (uint32_t)block - 1, bytes);
}

/* Decides which entries stand in which block of a directory, and the index of a large one (kernel documentation, ext4/directory.rst). */
#include "plan/ext.h"

#include <stdlib.h>
#include <string.h>

#include "support/arena.h"
#include "support/integer.h"

enum {
	DIRENT_HEADER = 8,
	CHECKSUM_TAIL = 12,   /* at the end of a block of entries with metadata_csum ... */
	INDEX_TAIL = 8,       /* ... and of one of the index */
	ROOT_HEADER = 32,     /* of the index: "." and "..", and what it is */
	NODE_HEADER = 8,      /* what looks like an unused entry */
	INDEX_ENTRY = 8,
	OWN_ENTRIES = 2,      /* "." and ".." */
};

struct hashed {
	uint32_t hash;
	struct ext_dirent entry;
};

static bool
has_checksums(const struct ext_layout *l)
{
	return l->feature_ro_compat & EXT_RO_METADATA_CSUM;
}

static void
begin_block(struct arena *a, struct ext_directory *directory, size_t entry)
{
	*ARENA_PUSH(a, directory->block_entries, directory->block_entry_count) = entry;
}

/* Entries from FIRST on, in order, each in the first block that it fits into. */
static void
fill_blocks(struct arena *a, const struct ext_layout *l, struct ext_directory *directory, size_t first)
{
	size_t room = l->block_size - (has_checksums(l) ? CHECKSUM_TAIL : 0), left = 0;

	for (size_t i = first; i < directory->entry_count; i++) {
		size_t size = (DIRENT_HEADER + strlen(directory->entries[i].name) + 3) / 4 * 4;

		if (size > left) {
			begin_block(a, directory, i);
			left = room;
		}
		left -= size;
	}
}

/* By name where hashes are equal: the order in which they stood. */
static int
compare_hashes(const void *a_, const void *b_)
{
	const struct hashed *a = a_, *b = b_;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return strcmp(a->entry.name, b->entry.name);
}

/* The entries in the order of their hashes, which are given. */
static struct hashed *
sort_entries(struct arena *a, const struct ext_layout *l, struct ext_directory *directory)
{
	size_t count = directory->entry_count - OWN_ENTRIES;
	struct hashed *list = ARENA_ARRAY(a, struct hashed, count);

	for (size_t i = 0; i < count; i++) {
		list[i].entry = directory->entries[OWN_ENTRIES + i];
		list[i].hash = ext_hash(l->hash_seed, list[i].entry.name);
	}
	qsort(list, count, sizeof *list, compare_hashes);
	for (size_t i = 0; i < count; i++)
		directory->entries[OWN_ENTRIES + i] = list[i].entry;
	return list;
}

/* How many nodes there are between root and leaves; more than MOST are too many. */
static uint32_t
inner_nodes(const struct ext_layout *l, uint64_t leaves, uint64_t *most)
{
	uint64_t tail = has_checksums(l) ? INDEX_TAIL : 0;

	*most = (l->block_size - ROOT_HEADER - tail) / INDEX_ENTRY;
	return leaves <= *most ? 0 : (uint32_t)divide_up(leaves, (l->block_size - NODE_HEADER - tail) / INDEX_ENTRY);
}

/* The lowest hash of each leaf; its lowest bit says that the leaf before ends with the same one. */
static uint32_t *
leaf_hashes(struct arena *a, const struct ext_directory *directory, uint32_t first_leaf, const struct hashed *sorted)
{
	uint32_t *hashes = ARENA_ARRAY(a, uint32_t, directory->block_entry_count - first_leaf);

	for (size_t b = first_leaf; b < directory->block_entry_count; b++) {
		size_t entry = directory->block_entries[b] - OWN_ENTRIES;

		hashes[b - first_leaf] = sorted[entry].hash | (entry > 0 && sorted[entry - 1].hash == sorted[entry].hash);
	}
	return hashes;
}

/*
 * Block 0 is the root and has "." and ".."; nodes follow, then leaves. How many nodes there are follows from the leaves, whose
 * number does not depend on what stands in front of them.
 */
static void
index_directory(struct arena *a, const struct ext_layout *l, struct ext_directory *directory)
{
	struct arena *scratch = arena_new();
	const struct hashed *sorted = sort_entries(scratch, l, directory);
	struct ext_directory leaves = *directory;
	struct ext_index *index = ARENA_NEW(a, struct ext_index);
	uint64_t most;

	leaves.block_entries = NULL;
	leaves.block_entry_count = 0;
	fill_blocks(a, l, &leaves, OWN_ENTRIES);
	index->leaf_count = (uint32_t)leaves.block_entry_count;
	index->node_count = inner_nodes(l, index->leaf_count, &most);
	if (index->node_count > most)
		goto out; /* a reader goes through such a directory from its start, in whatever order it is */
	directory->block_entries = NULL;
	directory->block_entry_count = 0;
	begin_block(a, directory, 0);
	for (uint32_t i = 0; i < index->node_count; i++)
		begin_block(a, directory, OWN_ENTRIES);
	for (size_t i = 0; i < leaves.block_entry_count; i++)
		begin_block(a, directory, leaves.block_entries[i]);
	index->hashes = leaf_hashes(a, directory, 1 + index->node_count, sorted);
	directory->index = index;
out:
	arena_free(scratch);
}

void
ext_arrange_directory(struct arena *a, const struct ext_layout *l, struct ext_inode *inode, uint64_t least)
{
	struct ext_directory *directory = inode->directory;

	fill_blocks(a, l, directory, 0);
	if (directory->block_entry_count > 1 && l->feature_compat & EXT_COMPAT_DIR_INDEX)
		index_directory(a, l, directory);
	while (directory->block_entry_count < least)
		begin_block(a, directory, directory->entry_count);
	inode->size = directory->block_entry_count * (uint64_t)l->block_size;
}

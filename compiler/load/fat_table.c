/* Decides which clusters of a FAT file system belong together, and which to nobody (fatgen103, "FAT Data Structure"). */
#include "load/fat.h"

#include <inttypes.h>
#include <string.h>

enum { BAD_AWAY = 8, END_AWAY = 7 }; /* from the largest entry: the mark of a bad cluster, the first mark of an end */

static uint32_t
largest(const struct fat_loader *f)
{
	return f->layout->bits == 32 ? 0x0fffffff : (1u << f->layout->bits) - 1;
}

uint32_t
fat_entry(const struct fat_loader *f, uint32_t cluster)
{
	const unsigned char *at = f->table + (uint64_t)cluster * f->layout->bits / 8;

	if (f->layout->bits == 32)
		return get32(at) & largest(f);
	if (f->layout->bits == 16)
		return get16(at);
	return cluster % 2 ? get16(at) >> 4 : get16(at) & 0xfff;
}

uint64_t
fat_entry_at(const struct fat_loader *f, uint32_t cluster)
{
	return f->offset + (uint64_t)f->layout->reserved_sectors * f->layout->sector_size + (uint64_t)cluster * f->layout->bits / 8;
}

static bool
is_claimed(const struct fat_loader *f, uint32_t cluster)
{
	return f->claimed[cluster / 8] >> cluster % 8 & 1;
}

/* Whether CLUSTER, to which the chain from FIRST on comes, can be part of it. */
static bool
can_follow(struct fat_loader *f, uint32_t first, uint32_t cluster, uint64_t at, const struct node *node)
{
	if (cluster < FAT_FIRST_CLUSTER || cluster - FAT_FIRST_CLUSTER >= f->layout->cluster_count)
		load_finding(f->l, FINDING_INVALID, at, 4, "the clusters of '%s', from %" PRIu32 " on, come to %" PRIu32
			", which the file system does not have", load_path(f->l, node), first, cluster);
	else if (is_claimed(f, cluster))
		load_finding(f->l, FINDING_SHARED, at, 4, "the clusters of '%s', from %" PRIu32 " on, come to %" PRIu32 ", which has an owner already",
			load_path(f->l, node), first, cluster);
	else
		return true;
	return false;
}

struct fat_chain
fat_chain(struct fat_loader *f, uint32_t first, const struct node *node)
{
	struct fat_chain chain = {0};
	uint32_t cluster = first, end = largest(f) - END_AWAY, next;
	uint64_t at = first < f->layout->cluster_count ? fat_entry_at(f, first) : f->offset;

	for (; can_follow(f, first, cluster, at, node); cluster = next) {
		struct run *last = chain.run_count ? &chain.runs[chain.run_count - 1] : NULL;

		f->claimed[cluster / 8] |= (unsigned char)(1 << cluster % 8);
		if (last && last->first + last->count == cluster)
			last->count++;
		else
			*ARENA_PUSH(f->l->c->arena, chain.runs, chain.run_count) = (struct run){chain.clusters, cluster, 1};
		chain.clusters++;
		at = fat_entry_at(f, cluster);
		next = fat_entry(f, cluster);
		if (next >= end)
			break;
	}
	return chain;
}

/* What the entries say that belong to no cluster: the medium, and how the file system was left. */
static void
check_first_entries(struct fat_loader *f, unsigned media)
{
	uint32_t all = largest(f), flags = f->layout->bits == 12 ? 0 : f->layout->bits == 16 ? 0xc000 : 0x0c000000;
	uint32_t second = fat_entry(f, 1);

	if (fat_entry(f, 0) != ((all & ~UINT32_C(0xff)) | media))
		load_finding(f->l, FINDING_TABLE, fat_entry_at(f, 0), 4, "the FAT begins with 0x%" PRIx32 ", which is not the medium of the boot sector",
			fat_entry(f, 0));
	if ((second | flags) < all - END_AWAY)
		load_finding(f->l, FINDING_INVALID, fat_entry_at(f, 1), 4, "the second entry of the FAT is 0x%" PRIx32, second);
	else if ((second & flags) != flags)
		load_finding(f->l, FINDING_TABLE, fat_entry_at(f, 1), 4, "the FAT says that the file system was not unmounted, or had errors");
}

bool
fat_load_table(struct fat_loader *f)
{
	const struct fat_layout *l = f->layout;
	uint64_t at = fat_entry_at(f, 0), size = (uint64_t)l->fat_sectors * l->sector_size;
	const unsigned char *copy, *boot = load_bytes(f->l, f->offset, RECORD_SIZE, "the boot sector");

	for (unsigned i = 0; i < 2; i++)
		load_claim(f->l, &(struct owner){.offset = at + i * size, .size = size, .kind = OWNER_FAT, .partition = f->l->partition, .number = i});
	f->claimed = arena_alloc(f->l->c->arena, (size_t)l->cluster_count / 8 + 2);
	if (!boot || !(f->table = load_bytes(f->l, at, size, "the FAT")) || !(copy = load_bytes(f->l, at + size, size, "the copy of the FAT")))
		return false;
	if (memcmp(f->table, copy, size) != 0) {
		uint64_t first = 0;

		while (f->table[first] == copy[first])
			first++;
		load_finding(f->l, FINDING_TABLE, at + first, 1, "the FAT and its copy differ, first in the entry of cluster %" PRIu64,
			first * 8 / l->bits);
	}
	check_first_entries(f, boot[21]);
	return true;
}

static bool
is_bad(const struct fat_loader *f, uint32_t cluster)
{
	return fat_entry(f, cluster) == largest(f) - BAD_AWAY;
}

/* What becomes of CLUSTER, as a kind of owner: free, bad or in use. */
static enum owner_kind
kind_of(const struct fat_loader *f, uint32_t cluster)
{
	if (is_claimed(f, cluster))
		return OWNER_FAT_DATA;
	return fat_entry(f, cluster) == 0 ? OWNER_FREE : OWNER_UNKNOWN;
}

/* Whether of clusters A and B the same is to be told. */
static bool
is_alike(const struct fat_loader *f, uint32_t a, uint32_t b)
{
	return kind_of(f, a) == kind_of(f, b) && (kind_of(f, a) != OWNER_UNKNOWN || is_bad(f, a) == is_bad(f, b));
}

/* The clusters [FIRST, END), which no name leads to and the FAT does not call free. */
static void
lost(struct fat_loader *f, uint32_t first, uint32_t end)
{
	if (is_bad(f, first))
		load_finding(f->l, FINDING_NOT_UNDERSTOOD, fat_entry_at(f, first), 4, "clusters from %" PRIu32 " on are marked as bad", first);
	else
		load_finding(f->l, FINDING_COUNT, fat_entry_at(f, first), 4, end - first == 1 ?
			"cluster %" PRIu32 " is in use, but no name leads to it" :
			"clusters from %" PRIu32 " on, %" PRIu32 " of them, are in use, but no name leads to them", first, end - first);
}

void
fat_check_table(struct fat_loader *f)
{
	struct fat_layout *l = f->layout;
	uint32_t behind = FAT_FIRST_CLUSTER + l->cluster_count, end;

	for (uint32_t first = FAT_FIRST_CLUSTER; first < behind; first = end) {
		enum owner_kind kind = kind_of(f, first);

		for (end = first + 1; end < behind && is_alike(f, first, end); end++)
			;
		if (kind == OWNER_FAT_DATA)
			continue;
		if (kind == OWNER_FREE)
			l->free_clusters += end - first;
		else
			lost(f, first, end);
		load_claim(f->l, &(struct owner){.offset = fat_at(f, first), .size = (uint64_t)(end - first) * f->cluster_bytes, .kind = kind,
			.partition = f->l->partition});
	}
}

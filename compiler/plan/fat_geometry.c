/* Decides the kind and the geometry of a FAT file system by its size, and so whether a tree fits. */
#include "plan/fat.h"

#include <string.h>

#include "support/arena.h"
#include "support/memory.h"

enum { FATS = 2, ROOT_SMALL = 224, ROOT_USUAL = 512, ROOT_MOST = 32768 };

/*
 * How a FAT is made on a partition of up to so many sectors. The rows for 16 and 32 bits are those of DskTableFAT16 and
 * DskTableFAT32 in fatgen103, and FAT32 begins where they say, above 512 MiB; below, and where a kind is asked for that the
 * tables do not have at this size, clusters are as small as their number allows.
 */
struct row {
	uint64_t most_sectors;
	unsigned bits;
	uint32_t sectors_per_cluster, root_entries;
};

static const struct row usual[] = {
	{4096, 12, 1, ROOT_SMALL},
	{8400, 12, 2, ROOT_USUAL},
	{32680, 16, 2, ROOT_USUAL},
	{262144, 16, 4, ROOT_USUAL},
	{524288, 16, 8, ROOT_USUAL},
	{1048576, 16, 16, ROOT_USUAL},
	{16777216, 32, 8, 0},
	{33554432, 32, 16, 0},
	{67108864, 32, 32, 0},
	{UINT32_MAX, 32, 64, 0},
};

static const struct row fat12[] = {
	{4096, 12, 1, ROOT_SMALL},
	{8192, 12, 2, ROOT_USUAL},
	{16384, 12, 4, ROOT_USUAL},
	{32768, 12, 8, ROOT_USUAL},
	{65536, 12, 16, ROOT_USUAL},
	{131072, 12, 32, ROOT_USUAL},
	{262144, 12, 64, ROOT_USUAL},
};

static const struct row fat16[] = {
	{8400, 16, 1, ROOT_USUAL},
	{32680, 16, 2, ROOT_USUAL},
	{262144, 16, 4, ROOT_USUAL},
	{524288, 16, 8, ROOT_USUAL},
	{1048576, 16, 16, ROOT_USUAL},
	{2097152, 16, 32, ROOT_USUAL},
	{4194304, 16, 64, ROOT_USUAL},
};

static const struct row fat32[] = {
	{532480, 32, 1, 0},
	{16777216, 32, 8, 0},
	{33554432, 32, 16, 0},
	{67108864, 32, 32, 0},
	{UINT32_MAX, 32, 64, 0},
};

#define ROWS(array) {array, sizeof(array) / sizeof *(array)}

static const struct table {
	unsigned bits; /* asked for; 0: none */
	struct {
		const struct row *v;
		size_t count;
	} rows;
} tables[] = {{0, ROWS(usual)}, {12, ROWS(fat12)}, {16, ROWS(fat16)}, {32, ROWS(fat32)}};

/*
 * It is the number of clusters that makes a file system a FAT12, a FAT16 or a FAT32: below 4085, below 65525, or above. Much
 * code is wrong by a few there, so fatgen103 says to stay away by 16.
 */
static const struct {
	unsigned bits;
	uint32_t least_clusters, most_clusters, least_reserved;
} limits[] = {
	{12, 1, 4084 - 16, 1},
	{16, 4085 + 16, 65524 - 16, 1},
	{32, 65525 + 16, 0x0ffffff5 - 16, 32},
};

static const struct table *
table_of(const struct fat_layout *l)
{
	size_t i = 0;

	while (tables[i].bits != (l->from->fat.given ? l->from->fat.v : 0))
		i++;
	return &tables[i];
}

static size_t
limits_of(const struct row *r)
{
	return r->bits == 12 ? 0 : r->bits == 16 ? 1 : 2;
}

static uint64_t
divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

/* The sectors of one FAT for CLUSTERS clusters. */
static uint64_t
fat_sectors(const struct row *r, uint64_t clusters)
{
	return divide_up(divide_up((clusters + FAT_FIRST_CLUSTER) * r->bits, 8), SECTOR_SIZE);
}

/* The sectors in front of the first cluster, which begins on a whole number of clusters, as their blocks do on a flash memory. */
static uint64_t
head_sectors(const struct row *r, uint64_t sectors_of_fat)
{
	uint64_t root = (uint64_t)r->root_entries * FAT_ENTRY_BYTES / SECTOR_SIZE;
	uint64_t least = limits[limits_of(r)].least_reserved + FATS * sectors_of_fat + root;

	return divide_up(least, r->sectors_per_cluster) * r->sectors_per_cluster;
}

/* How many clusters there are on SECTORS sectors beside FATs of SECTORS_OF_FAT. */
static uint64_t
clusters_beside(const struct row *r, uint64_t sectors, uint64_t sectors_of_fat)
{
	uint64_t head = head_sectors(r, sectors_of_fat), most = limits[limits_of(r)].most_clusters;
	uint64_t clusters = sectors > head ? (sectors - head) / r->sectors_per_cluster : 0;

	return clusters < most ? clusters : most;
}

/* The smallest FAT that has an entry for every cluster beside it. */
static uint64_t
smallest_fat(const struct row *r, uint64_t sectors)
{
	uint64_t low = 1, high = fat_sectors(r, clusters_beside(r, sectors, 1));

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (fat_sectors(r, clusters_beside(r, sectors, middle)) <= middle)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
divide(const struct row *r, uint64_t sectors, struct fat_layout *l)
{
	uint64_t fat = smallest_fat(r, sectors), clusters = clusters_beside(r, sectors, fat), head = head_sectors(r, fat);

	l->bits = r->bits;
	l->sectors_per_cluster = r->sectors_per_cluster;
	l->root_entries = r->root_entries;
	l->fat_sectors = (uint32_t)fat;
	l->data_sector = (uint32_t)head;
	l->reserved_sectors = (uint32_t)(head - FATS * fat - r->root_entries * FAT_ENTRY_BYTES / SECTOR_SIZE);
	l->cluster_count = (uint32_t)clusters;
	l->sector_count = (uint32_t)(head + clusters * r->sectors_per_cluster);
}

/* The clusters that OBJECT needs. A directory has at least one, but for the root that lies in front of them. */
static uint64_t
clusters_for(const struct fat_layout *l, const struct fat_object *object)
{
	uint64_t count = divide_up(object->size, (uint64_t)l->sectors_per_cluster * SECTOR_SIZE);

	if (object == l->objects && l->root_entries)
		return 0;
	return count == 0 && object->is_directory ? 1 : count;
}

/* Gives every object its clusters, one behind the other; how many that takes. */
static uint64_t
place(struct fat_layout *l)
{
	uint64_t next = 0;

	for (size_t i = 0; i < l->object_count; i++) {
		struct fat_object *object = &l->objects[i];
		uint64_t count = clusters_for(l, object);

		object->first_cluster = count ? (uint32_t)(FAT_FIRST_CLUSTER + next) : 0;
		object->cluster_count = (uint32_t)count;
		next += count;
	}
	return next;
}

uint64_t
fat_root_entries(const struct fat_layout *l)
{
	return l->objects[0].size / FAT_ENTRY_BYTES;
}

uint64_t
fat_most_bytes(const struct fat_layout *l)
{
	const struct table *t = table_of(l);

	return t->rows.v[t->rows.count - 1].most_sectors * SECTOR_SIZE;
}

uint32_t
fat_least_clusters(const struct fat_layout *l)
{
	size_t i = 0;

	while (limits[i].bits != l->bits)
		i++;
	return limits[i].least_clusters;
}

/* The clusters that there must be for NEEDED to be in use and as many free as is asked for. */
static uint64_t
with_free(const struct fat_layout *l, uint64_t needed)
{
	const struct m_size *wanted = l->wanted_free;

	if (!wanted)
		return needed;
	if (wanted->kind == SIZE_PERCENT)
		return divide_up(needed * 100, 100 - wanted->bytes);
	return needed + divide_up(wanted->bytes, (uint64_t)l->sectors_per_cluster * SECTOR_SIZE);
}

/* The fewest sectors, above those of MADE, on which row R has CLUSTERS clusters; without them the first of the next row. */
static uint64_t
next_size(const struct row *r, uint64_t clusters, bool root_fits)
{
	uint64_t sectors = head_sectors(r, fat_sectors(r, clusters)) + clusters * r->sectors_per_cluster;

	if (!root_fits || clusters > limits[limits_of(r)].most_clusters || sectors > r->most_sectors)
		return r->most_sectors + 1;
	return sectors;
}

/* ROW with a root directory in front of the clusters that has twice the room, or twice that, where ENTRIES need it. */
static struct row
with_room(const struct row *row, uint64_t entries)
{
	struct row wide = *row;

	while (wide.root_entries && wide.root_entries < entries && wide.root_entries * 2 <= ROOT_MOST)
		wide.root_entries *= 2;
	return wide;
}

uint64_t
fat_attempt(struct arena *a, const struct fat_layout *collected, uint64_t bytes, struct fat_layout *made)
{
	const struct row *r = table_of(collected)->rows.v;
	uint64_t sectors = bytes / SECTOR_SIZE, needed, wanted, least;
	struct row row;
	bool root_fits;

	ASSERT(bytes <= fat_most_bytes(collected));
	while (sectors > r->most_sectors)
		r++;
	*made = *collected;
	made->objects = ARENA_ARRAY(a, struct fat_object, collected->object_count);
	memcpy(made->objects, collected->objects, collected->object_count * sizeof *made->objects);
	row = with_room(r, fat_root_entries(collected));
	divide(&row, sectors, made);
	needed = place(made);
	least = fat_least_clusters(made);
	wanted = with_free(made, needed);
	root_fits = !row.root_entries || fat_root_entries(made) <= row.root_entries;
	made->free_clusters = needed < made->cluster_count ? (uint32_t)(made->cluster_count - needed) : 0;
	if (wanted <= made->cluster_count && least <= made->cluster_count && root_fits)
		return 0;
	return next_size(&row, wanted > least ? wanted : least, root_fits) * SECTOR_SIZE;
}

uint64_t
fat_smallest(const struct fat_layout *collected)
{
	uint64_t most = fat_most_bytes(collected), size, bound = SECTOR_SIZE;
	struct arena *scratch;
	struct fat_layout made;

	do {
		size = bound;
		if (size > most)
			return 0;
		scratch = arena_new();
		bound = fat_attempt(scratch, collected, size, &made);
		arena_free(scratch);
	} while (bound);
	return size;
}

/* Decides the kind and the geometry of a FAT file system by its size, and so whether a tree fits. */
#include "plan/fat.h"

#include <string.h>

#include "support/arena.h"
#include "support/integer.h"
#include "support/memory.h"

enum { FATS = 2, ROOT_SMALL = 224, ROOT_USUAL = 512, ROOT_MOST = 32768 };

/* Sectors of 4096 bytes, 8 TiB: with clusters of 32 KiB, the largest that all read, no FAT32 has more. */
#define MOST_4K (UINT64_C(1) << 31)

/*
 * How a FAT is made on a partition of up to so many sectors. The rows for 16 and 32 bits are those of DskTableFAT16 and
 * DskTableFAT32 in fatgen103, and FAT32 begins where they say, above 512 MiB; below, and where a kind is asked for that the
 * tables do not have at this size, clusters are as small as their number allows. Those tables are for sectors of 512 bytes; with
 * sectors of 4096 the bytes of a cluster are the same where they can be, and FAT16 begins where there are clusters enough for it.
 */
struct row {
	uint64_t most_sectors;
	unsigned bits;
	uint32_t sectors_per_cluster, root_entries;
};

/* What a row makes of one file system. */
struct shape {
	struct row row;
	uint32_t sector_size;
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

static const struct row usual_4k[] = {
	{4200, 12, 1, ROOT_USUAL},
	{65536, 16, 1, ROOT_USUAL},
	{131072, 16, 2, ROOT_USUAL},
	{2097152, 32, 1, 0},
	{4194304, 32, 2, 0},
	{8388608, 32, 4, 0},
	{MOST_4K, 32, 8, 0},
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

static const struct row fat12_4k[] = {
	{4096, 12, 1, ROOT_USUAL},
	{8192, 12, 2, ROOT_USUAL},
	{16384, 12, 4, ROOT_USUAL},
	{32768, 12, 8, ROOT_USUAL},
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

static const struct row fat16_4k[] = {
	{65536, 16, 1, ROOT_USUAL},
	{131072, 16, 2, ROOT_USUAL},
	{262144, 16, 4, ROOT_USUAL},
	{524288, 16, 8, ROOT_USUAL},
};

static const struct row fat32[] = {
	{532480, 32, 1, 0},
	{16777216, 32, 8, 0},
	{33554432, 32, 16, 0},
	{67108864, 32, 32, 0},
	{UINT32_MAX, 32, 64, 0},
};

static const struct row fat32_4k[] = {
	{2097152, 32, 1, 0},
	{4194304, 32, 2, 0},
	{8388608, 32, 4, 0},
	{MOST_4K, 32, 8, 0},
};

#define ROWS(array) {array, sizeof(array) / sizeof *(array)}

static const struct table {
	uint32_t sector_size;
	unsigned bits; /* asked for; 0: none */
	struct {
		const struct row *v;
		size_t count;
	} rows;
} tables[] = {
	{SECTOR_USUAL, 0, ROWS(usual)}, {SECTOR_USUAL, 12, ROWS(fat12)}, {SECTOR_USUAL, 16, ROWS(fat16)}, {SECTOR_USUAL, 32, ROWS(fat32)},
	{SECTOR_4K, 0, ROWS(usual_4k)}, {SECTOR_4K, 12, ROWS(fat12_4k)}, {SECTOR_4K, 16, ROWS(fat16_4k)}, {SECTOR_4K, 32, ROWS(fat32_4k)},
};

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

	while (tables[i].sector_size != l->sector_size || tables[i].bits != (l->from->fat.given ? l->from->fat.v : 0))
		i++;
	return &tables[i];
}

static size_t
limits_of(const struct shape *s)
{
	return s->row.bits == 12 ? 0 : s->row.bits == 16 ? 1 : 2;
}

/* The sectors of one FAT for CLUSTERS clusters. */
static uint64_t
fat_sectors(const struct shape *s, uint64_t clusters)
{
	return divide_up(divide_up((clusters + FAT_FIRST_CLUSTER) * s->row.bits, 8), s->sector_size);
}

/* The sectors in front of the first cluster, which begins on a whole number of clusters, as their blocks do on a flash memory. */
static uint64_t
head_sectors(const struct shape *s, uint64_t sectors_of_fat)
{
	uint64_t root = (uint64_t)s->row.root_entries * FAT_ENTRY_BYTES / s->sector_size;
	uint64_t least = limits[limits_of(s)].least_reserved + FATS * sectors_of_fat + root;

	return divide_up(least, s->row.sectors_per_cluster) * s->row.sectors_per_cluster;
}

/* How many clusters there are on SECTORS sectors beside FATs of SECTORS_OF_FAT. */
static uint64_t
clusters_beside(const struct shape *s, uint64_t sectors, uint64_t sectors_of_fat)
{
	uint64_t head = head_sectors(s, sectors_of_fat), most = limits[limits_of(s)].most_clusters;
	uint64_t clusters = sectors > head ? (sectors - head) / s->row.sectors_per_cluster : 0;

	return clusters < most ? clusters : most;
}

/* The smallest FAT that has an entry for every cluster beside it. */
static uint64_t
smallest_fat(const struct shape *s, uint64_t sectors)
{
	uint64_t low = 1, high = fat_sectors(s, clusters_beside(s, sectors, 1));

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (fat_sectors(s, clusters_beside(s, sectors, middle)) <= middle)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static void
divide(const struct shape *s, uint64_t sectors, struct fat_layout *l)
{
	uint64_t fat = smallest_fat(s, sectors), clusters = clusters_beside(s, sectors, fat), head = head_sectors(s, fat);

	l->bits = s->row.bits;
	l->sectors_per_cluster = s->row.sectors_per_cluster;
	l->root_entries = s->row.root_entries;
	l->fat_sectors = (uint32_t)fat;
	l->data_sector = (uint32_t)head;
	l->reserved_sectors = (uint32_t)(head - FATS * fat - s->row.root_entries * FAT_ENTRY_BYTES / s->sector_size);
	l->cluster_count = (uint32_t)clusters;
	l->sector_count = (uint32_t)(head + clusters * s->row.sectors_per_cluster);
}

/* The clusters that OBJECT needs. A directory has at least one, but for the root that lies in front of them. */
static uint64_t
clusters_for(const struct fat_layout *l, const struct fat_object *object)
{
	uint64_t count = divide_up(object->size, fat_cluster_bytes(l));

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

	return t->rows.v[t->rows.count - 1].most_sectors * l->sector_size;
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
	return needed + divide_up(wanted->bytes, fat_cluster_bytes(l));
}

/* The fewest sectors, above those of MADE, on which S has CLUSTERS clusters; without them the first of the next row. */
static uint64_t
next_size(const struct shape *s, uint64_t clusters, bool root_fits)
{
	uint64_t sectors = head_sectors(s, fat_sectors(s, clusters)) + clusters * s->row.sectors_per_cluster;

	if (!root_fits || clusters > limits[limits_of(s)].most_clusters || sectors > s->row.most_sectors)
		return s->row.most_sectors + 1;
	return sectors;
}

/* ROW for SECTOR_SIZE with a root directory in front of the clusters that has twice the room, or twice that, where ENTRIES need it. */
static struct shape
with_room(const struct row *row, uint32_t sector_size, uint64_t entries)
{
	struct shape wide = {.row = *row, .sector_size = sector_size};

	while (wide.row.root_entries && wide.row.root_entries < entries && wide.row.root_entries * 2 <= ROOT_MOST)
		wide.row.root_entries *= 2;
	return wide;
}

uint64_t
fat_attempt(struct arena *a, const struct fat_layout *collected, uint64_t bytes, struct fat_layout *made)
{
	const struct row *r = table_of(collected)->rows.v;
	uint64_t sectors = bytes / collected->sector_size, needed, wanted, least;
	struct shape shape;
	bool root_fits;

	ASSERT(bytes <= fat_most_bytes(collected));
	while (sectors > r->most_sectors)
		r++;
	*made = *collected;
	made->objects = ARENA_ARRAY(a, struct fat_object, collected->object_count);
	memcpy(made->objects, collected->objects, collected->object_count * sizeof *made->objects);
	shape = with_room(r, collected->sector_size, fat_root_entries(collected));
	divide(&shape, sectors, made);
	needed = place(made);
	least = fat_least_clusters(made);
	wanted = with_free(made, needed);
	root_fits = !made->root_entries || fat_root_entries(made) <= made->root_entries;
	made->free_clusters = needed < made->cluster_count ? (uint32_t)(made->cluster_count - needed) : 0;
	if (wanted <= made->cluster_count && least <= made->cluster_count && root_fits)
		return 0;
	return next_size(&shape, wanted > least ? wanted : least, root_fits) * made->sector_size;
}

uint64_t
fat_smallest(const struct fat_layout *collected)
{
	uint64_t most = fat_most_bytes(collected), size, bound = collected->sector_size;
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

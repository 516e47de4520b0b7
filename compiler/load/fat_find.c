/* Looks for files in a FAT file system, by their short names. */
#include "load/fat_find.h"

#include <string.h>

#include "support/file.h"
#include "support/little_endian.h"

enum {
	BOOT_SECTOR = 512,
	SIGNATURE = 510,
	ENTRY = 32,
	ENTRY_ATTRIBUTES = 11,
	ENTRY_HIGH = 20, /* of the cluster */
	ENTRY_LOW = 26,
	DIRECTORY = 0x10,
	LABEL = 0x08, /* also part of a long name */
	FIRST_CLUSTER = 2,
	MOST_FAT12 = 4084, /* clusters */
	MOST_FAT16 = 65524,
	LARGEST_CLUSTER = 64 * 1024,
	LARGEST_DIRECTORY = 2 * 1024 * 1024, /* bytes, by the format */
};

static bool
read_at(const struct fat *f, uint64_t offset, void *bytes, size_t size)
{
	return file_read_at(f->fd, bytes, size, (off_t)(f->start + offset)) == (ssize_t)size;
}

static bool
is_power_of_two(uint32_t n)
{
	return n && !(n & (n - 1));
}

bool
fat_open(struct fat *f, int fd, uint64_t start)
{
	unsigned char b[BOOT_SECTOR];
	uint32_t sector, fat_sectors, sectors, head;

	*f = (struct fat){.fd = fd, .start = start};
	if (!read_at(f, 0, b, sizeof b) || get16(b + SIGNATURE) != 0xaa55)
		return false;
	sector = get16(b + 11);
	f->cluster_bytes = sector * b[13];
	fat_sectors = get16(b + 22) ? get16(b + 22) : get32(b + 36);
	sectors = get16(b + 19) ? get16(b + 19) : get32(b + 32);
	f->root_bytes = get16(b + 17) * ENTRY;
	f->fat = (uint64_t)get16(b + 14) * sector;
	f->root = f->fat + (uint64_t)fat_sectors * b[16] * sector;
	f->data = f->root + f->root_bytes;
	if (!is_power_of_two(sector) || sector < BOOT_SECTOR || !is_power_of_two(f->cluster_bytes) || f->cluster_bytes > LARGEST_CLUSTER ||
	    f->data / sector >= sectors)
		return false;
	head = (uint32_t)((f->data + sector - 1) / sector);
	f->cluster_count = sectors > head ? (sectors - head) / b[13] : 0;
	f->bits = f->cluster_count <= MOST_FAT12 ? 12 : f->cluster_count <= MOST_FAT16 ? 16 : 32;
	f->root_cluster = f->bits == 32 ? get32(b + 44) : 0;
	return f->cluster_count > 0;
}

static bool
is_cluster(const struct fat *f, uint32_t cluster)
{
	return cluster >= FIRST_CLUSTER && cluster - FIRST_CLUSTER < f->cluster_count;
}

/* The cluster behind CLUSTER, or 0: none. */
static uint32_t
next_cluster(const struct fat *f, uint32_t cluster)
{
	unsigned char bytes[4] = {0};
	uint64_t at = (uint64_t)cluster * f->bits / 8;
	uint32_t next;

	if (!read_at(f, f->fat + at, bytes, f->bits == 32 ? 4 : 2))
		return 0;
	next = get32(bytes) & 0x0fffffff;
	if (f->bits == 12)
		next = cluster % 2 ? next >> 4 : next & 0xfff;
	return is_cluster(f, next) ? next : 0;
}

/*
 * Looks among the entries in SIZE bytes at OFFSET for one called NAME. 1: it is there, with its first cluster; 0: it is not; -1: nor is
 * there one behind them.
 */
static int
find_in(const struct fat *f, uint64_t offset, uint32_t size, const char *name, bool is_directory, uint32_t *cluster)
{
	unsigned char entry[ENTRY];

	for (uint32_t at = 0; at + ENTRY <= size; at += ENTRY) {
		if (!read_at(f, offset + at, entry, sizeof entry) || entry[0] == 0)
			return -1;
		if (entry[ENTRY_ATTRIBUTES] & LABEL || memcmp(entry, name, FAT_NAME) != 0 ||
		    !(entry[ENTRY_ATTRIBUTES] & DIRECTORY) == is_directory)
			continue;
		*cluster = get16(entry + ENTRY_LOW) | (f->bits == 32 ? get16(entry + ENTRY_HIGH) << 16 : 0);
		return 1;
	}
	return 0;
}

/* The same in the directory that begins with cluster *CLUSTER, or in the root that has none. */
static bool
find(const struct fat *f, const char *name, bool is_directory, uint32_t *cluster)
{
	uint32_t at = *cluster;
	int found;

	if (!at)
		return find_in(f, f->root, f->root_bytes, name, is_directory, cluster) > 0;
	/* A chain that bites its own tail ends here, too. */
	for (uint32_t seen = 0; is_cluster(f, at) && seen < LARGEST_DIRECTORY; seen += f->cluster_bytes) {
		found = find_in(f, f->data + (uint64_t)(at - FIRST_CLUSTER) * f->cluster_bytes, f->cluster_bytes, name, is_directory, cluster);
		if (found)
			return found > 0;
		at = next_cluster(f, at);
	}
	return false;
}

bool
fat_has(const struct fat *f, const char *const *names, unsigned count)
{
	uint32_t cluster = f->root_cluster;

	for (unsigned i = 0; i < count; i++)
		if (!find(f, names[i], i + 1 < count, &cluster))
			return false;
	return true;
}

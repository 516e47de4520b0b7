/* Decides what is in each partition. */
#include <inttypes.h>

#include "load/loader.h"

/* Whether the boot loader begins at OFFSET, as in a GPT's partition for it. */
static bool
has_region(const struct loader *l, uint64_t offset)
{
	for (size_t i = 0; i < l->image->layout->region_count; i++)
		if (l->image->layout->regions[i].offset == offset)
			return true;
	return false;
}

/* What a partition holds. What is in none of the known forms is named so, unless it is all zeroes. */
static void
read_partition(struct loader *l, size_t index)
{
	struct partition_layout *p = &l->image->layout->partitions[index];
	uint64_t offset = p->first_lba * SECTOR_SIZE, size = l->image->bare ? l->image->size : p->sector_count * SECTOR_SIZE;

	l->partition = (int)index;
	if (offset >= l->image->size || size > l->image->size - offset)
		load_finding(l, FINDING_TRUNCATED, offset, size, "partition %u ends at byte %" PRIu64 ", behind the image's end at %" PRIu64,
			p->number, offset + size, l->image->size);
	else if (!load_ext(l, p, offset, size) && !has_region(l, offset) && load_nonzero(l, offset, offset + size) < offset + size) {
		load_finding(l, FINDING_NOT_UNDERSTOOD, offset, size, "partition %u holds nothing that rootc can read", p->number);
		load_own(l, offset, size, OWNER_UNKNOWN);
	}
	l->partition = -1;
}

void
load_disk(struct loader *l)
{
	load_table(l);
	for (size_t i = 0; i < l->image->layout->partition_count; i++)
		read_partition(l, i);
}

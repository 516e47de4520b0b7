/* Writes what lies outside the partitions: boot code. */

#include "emit/stages.h"

#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"
#include "support/memory.h"

enum { MBR_DATA = 0x1b8 }; /* the disk's signature, the partition table and 55 aa: emit_table's */

bool
regions_match(struct output *o, const struct layout *layout)
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct region *region = &layout->regions[i];
		unsigned char *there = arena_alloc(o->c->arena, region->size);

		if (!output_read(o, region->offset, there, region->size))
			return false;
		if (memcmp(there, region->bytes, region->size) == 0)
			continue;
		diag(&o->c->diags, DIAG_PLAN_MISMATCH, (struct span){0},
			"the bytes of %s are not those that were planned", region->owner);
		return false;
	}
	return true;
}

bool
emit_regions(struct output *o, const struct layout *layout)
{
	for (size_t i = 0; i < layout->region_count; i++) {
		const struct region *region = &layout->regions[i];

		ASSERT(region->offset >= RECORD_SIZE || region->size <= MBR_DATA - region->offset);
		if (!output_write(o, region->offset, region->bytes, region->size))
			return false;
	}
	return true;
}

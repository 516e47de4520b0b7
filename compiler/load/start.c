/* Tells what could start an image: code for a BIOS, programs for UEFI (UEFI 2.10, 3.5.1.1). */
#include "load/load.h"

#include <string.h>

#include "load/fat.h"
#include "load/table.h"
#include "model/partition_type.h"

static bool
is_esp(const struct layout *layout, const struct partition_layout *p)
{
	const struct partition_type *esp = partition_type_called("esp");

	return layout->table == TABLE_GPT ? memcmp(p->type_guid, esp->guid, sizeof p->type_guid) == 0 : p->mbr_type == esp->mbr;
}

static void
look_into(struct start *start, struct loader *l, struct partition_layout *p)
{
	static const char *const x86_64[] = {"EFI        ", "BOOT       ", "BOOTX64 EFI"};
	static const char *const arm64[] = {"EFI        ", "BOOT       ", "BOOTAA64EFI"};
	uint64_t offset = layout_offset(l->image->layout, p);

	if (offset >= l->image->size || !load_fat(l, p, offset, l->image->size - offset) || !p->fat)
		return;
	start->efi_x86_64 |= fat_find(p->fat, x86_64, 3) != NULL;
	start->efi_arm64 |= fat_find(p->fat, arm64, 3) != NULL;
}

struct start
load_start(const char *image, uint32_t sector_size)
{
	struct compilation c = {.arena = arena_new()};
	struct start start = {0};
	struct loader l;

	if (load_begin(&l, &c, image, sector_size)) {
		load_table(&l);
		start.sector_size = l.image->layout->sector_size;
		start.bios = load_nonzero(&l, 0, TABLE_CODE_SIZE) < TABLE_CODE_SIZE;
		for (size_t i = 0; i < l.image->layout->partition_count; i++)
			if (is_esp(l.image->layout, &l.image->layout->partitions[i]) && !table_overlapped(l.image->layout, i))
				look_into(&start, &l, &l.image->layout->partitions[i]);
		load_end(&l);
	}
	arena_free(c.arena);
	return start;
}

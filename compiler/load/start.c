/* Tells what could start an image: code for a BIOS, programs for UEFI (UEFI 2.10, 3.5.1.1 and chapter 5). */
#include "load/load.h"

#include <string.h>
#include <unistd.h>

#include "load/fat_find.h"
#include "load/loader.h"
#include "model/partition_type.h"

static bool
is_esp(const struct loader *l, const struct partition_layout *p)
{
	const struct partition_type *esp = partition_type_called("esp");

	return l->image->layout->table == TABLE_GPT ? memcmp(p->type_guid, esp->guid, sizeof esp->guid) == 0 : p->mbr_type == esp->mbr;
}

static void
look_into(struct start *start, const struct loader *l, const struct partition_layout *p)
{
	static const char *const x86_64[] = {"EFI        ", "BOOT       ", "BOOTX64 EFI"};
	static const char *const arm64[] = {"EFI        ", "BOOT       ", "BOOTAA64EFI"};
	struct fat fat;

	if (p->first_lba >= l->image->size / SECTOR_SIZE || !fat_open(&fat, l->fd, p->first_lba * SECTOR_SIZE))
		return;
	start->efi_x86_64 |= fat_has(&fat, x86_64, 3);
	start->efi_arm64 |= fat_has(&fat, arm64, 3);
}

struct start
load_start(const char *path)
{
	struct compilation c = {.arena = arena_new()};
	struct start start = {0};
	struct loader l;

	if (load_open(&l, &c, path)) {
		start.bios = l.image->size >= BOOT_CODE_SIZE && load_nonzero(&l, 0, BOOT_CODE_SIZE) < BOOT_CODE_SIZE;
		load_table(&l);
		for (size_t i = 0; i < l.image->layout->partition_count; i++)
			if (is_esp(&l, &l.image->layout->partitions[i]))
				look_into(&start, &l, &l.image->layout->partitions[i]);
		close(l.fd);
	}
	arena_free(c.arena);
	return start;
}

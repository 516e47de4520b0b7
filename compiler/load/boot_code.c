/* Decides which boot loader sector 0 starts, and where the rest of it lies: GRUB 2's boot.S and diskboot.S, GRUB Legacy's stage1.S. */
#include <stdint.h>

#include "load/table.h"
#include "support/memory.h"

static void
add_region(struct loader *l, uint64_t offset, uint64_t size, const char *name)
{
	struct layout *layout = l->image->layout;
	const unsigned char *bytes = load_bytes(l, offset, size, name);

	if (!bytes)
		return;
	*ARENA_PUSH(l->c->arena, layout->regions, layout->region_count) =
		(struct region){.offset = offset, .size = size, .bytes = bytes, .owner = name};
	if (offset)
		table_claim(l, offset, size, OWNER_BOOT_LOADER);
}

/* GRUB's first sector says where the rest of it is, and that how long it is. */
void
load_boot_code(struct loader *l, const unsigned char *sector)
{
	enum { LEGACY_SECTOR = 0x44, CORE_SECTOR = 0x5c, LIST = 0x1f8, CORE_LIST = 0x1f4, CORE_MOST = 0x2000 };
	bool legacy = sector[0] == 0xeb && sector[1] == 0x48 && sector[0x3e] == 3 && sector[0x3f] == 2;
	bool grub2 = sector[0] == 0xeb && sector[1] == 0x63;
	uint64_t lba = legacy ? get32(sector + LEGACY_SECTOR) : get64(sector + CORE_SECTOR);
	const unsigned char *next;
	uint32_t sectors;

	if (memory_is_zero(sector, TABLE_CODE_SIZE))
		return;
	if (!legacy && !grub2) {
		load_finding(l, FINDING_NOT_UNDERSTOOD, 0, TABLE_CODE_SIZE, "the boot code is none that rootc knows");
		return;
	}
	add_region(l, 0, TABLE_CODE_SIZE, legacy ? "stage1" : "boot.img");
	if (lba == 0 || lba > UINT32_MAX || !(next = load_bytes(l, lba * BIOS_SECTOR, BIOS_SECTOR, "the boot loader")))
		return;
	sectors = 1 + get16(next + (legacy ? LIST + 4 : CORE_LIST + 8));
	if (sectors <= CORE_MOST)
		add_region(l, lba * BIOS_SECTOR, (uint64_t)sectors * BIOS_SECTOR, legacy ? "e2fs_stage1_5" : "core.img");
}

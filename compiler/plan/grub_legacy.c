/* Installs GRUB 0.97: patches its boot code for this disk, and sees to it that it will find what it looks for. */

#include "plan/stages.h"

#include <string.h>

#include "plan/grub.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"

/* Offsets in stage1, from its stage1.h. */
enum {
	BPB = 0x03,
	BPB_END = 0x3e,
	BOOT_DRIVE = 0x40,
	STAGE1_FORCE_LBA = 0x41,
	STAGE2_ADDRESS = 0x42,
	STAGE2_SECTOR = 0x44,
	STAGE2_SEGMENT = 0x48,
	BOOT_DRIVE_CHECK = 0x4b,
	BOOT_CODE_END = 0x1b8, /* the disk's signature and partition table follow */
};

/* Offsets in e2fs_stage1_5, from its shared.h and start.S. */
enum {
	FIRST_BLOCK_ENTRY = 0x1f8,
	INSTALL_PARTITION = 0x208,
	SAVED_ENTRY = 0x20c,
	STAGE1_5_FORCE_LBA = 0x211,
	CONFIG_DEVICE = 0x217,
	CONFIG_PATH = 0x21b,
	CONFIG_END = 0x270,
};

enum {
	STAGE1_5_ADDRESS = 0x2000, /* where stage1 loads the first sector of stage1_5 */
	OPCODE_NOP = 0x90,
	BIOS_DRIVE = 0xff,         /* the drive that the BIOS booted from */
};

/* Where stage1_5 and stage2 look, as compiled into them. */
#define STAGE2_PATH "/boot/grub/stage2"
#define MENU_PATH "/boot/grub/menu.lst"

/* Five links: MAX_LINK_COUNT of fsys_ext2fs.c. */
const struct grub_reader grub_legacy_reader = {
	.name = "GRUB legacy",
	.most_links = 5,
	.looks_at_types = true,
	.path_help = "a path begins with '/', or with a device, such as (hd0,0)/boot/vmlinuz",
	.root_help = "paths are those on the partition that 'root' named last",
};

/* stage1 for sector 0, told to load what begins in sector 1. */
static struct region
patch_stage1(struct compilation *c, const unsigned char *stage1)
{
	unsigned char *code = arena_alloc(c->arena, BOOT_CODE_END);

	memcpy(code, stage1, BOOT_CODE_END);
	memset(code + BPB, 0, BPB_END - BPB);
	code[BOOT_DRIVE] = BIOS_DRIVE;
	code[STAGE1_FORCE_LBA] = 0;
	put16(code + STAGE2_ADDRESS, STAGE1_5_ADDRESS);
	put32(code + STAGE2_SECTOR, 1);
	put16(code + STAGE2_SEGMENT, STAGE1_5_ADDRESS >> 4);
	/* As on every hard disk: do not trust a BIOS that passes a wrong drive number. */
	code[BOOT_DRIVE_CHECK] = OPCODE_NOP;
	code[BOOT_DRIVE_CHECK + 1] = OPCODE_NOP;
	return (struct region){.offset = 0, .size = BOOT_CODE_END, .bytes = code, .owner = "stage1"};
}

/* stage1_5 for the sectors from 1 on, told that stage2 lies on partition PARTITION (from 0). */
static struct region
patch_stage1_5(struct compilation *c, const struct boot_files *boot, unsigned partition)
{
	size_t sectors = (boot->stage1_5_size + BIOS_SECTOR - 1) / BIOS_SECTOR;
	unsigned char *code = arena_alloc(c->arena, sectors * BIOS_SECTOR);

	ASSERT(sectors * BIOS_SECTOR >= CONFIG_END);
	memcpy(code, boot->stage1_5, boot->stage1_5_size);
	put32(code + FIRST_BLOCK_ENTRY, 2);
	put16(code + FIRST_BLOCK_ENTRY + 4, (unsigned)sectors - 1);
	put16(code + FIRST_BLOCK_ENTRY + 6, (STAGE1_5_ADDRESS + BIOS_SECTOR) >> 4);
	put32(code + INSTALL_PARTITION, 0x00ffffff); /* stage1_5 itself is on no partition */
	put32(code + SAVED_ENTRY, 0);
	code[STAGE1_5_FORCE_LBA] = 0;
	put32(code + CONFIG_DEVICE, (uint32_t)BIOS_DRIVE << 24 | (uint32_t)partition << 16 | 0xffff);
	memset(code + CONFIG_PATH, 0, CONFIG_END - CONFIG_PATH);
	/* The path ends at the blank; GRUB's own `setup` leaves its next argument there, and so do we, to the byte. */
	memcpy(code + CONFIG_PATH, STAGE2_PATH " " MENU_PATH, sizeof STAGE2_PATH " " MENU_PATH);
	return (struct region){
		.offset = BIOS_SECTOR, .size = sectors * BIOS_SECTOR, .bytes = code, .owner = "e2fs_stage1_5"};
}

/* Where stage1_5 looks for stage2, and stage2 for its menu: those paths are compiled in. */
static void
check_own_files(struct compilation *c, const struct partition_layout *p)
{
	if (!grub_can_mount(c, &grub_legacy_reader, p))
		return;
	if (grub_reach(&grub_legacy_reader, p->root, STAGE2_PATH) && grub_reach(&grub_legacy_reader, p->root, MENU_PATH))
		return;
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, p->from->mount.at,
		"GRUB legacy looks for '%s' on partition '%s', where it is not", MENU_PATH, p->from->name),
		"add '%s/boot: {link: .}' to 'files'", p->from->mount.v);
}

/* Decides the boot code: stage1 in sector 0, and e2fs_stage1_5 behind it, which finds stage2 by its path. */
bool
plan_grub_legacy_regions(struct compilation *c, const struct manifest *m, const struct closure *closure,
	struct layout *layout)
{
	const char *inside;
	int boot = partition_holding(m, STAGE2_PATH, &inside);
	size_t errors = c->diags.error_count;
	struct region stage1, stage1_5;

	ASSERT(boot >= 0 && closure->boot.stage1 && closure->boot.stage1_5);
	check_own_files(c, &layout->partitions[boot]);
	grub_check_entries(c, &grub_legacy_reader, m, closure, layout);
	grub_legacy_check_commands(c, m, layout, boot);
	stage1 = patch_stage1(c, closure->boot.stage1);
	stage1_5 = patch_stage1_5(c, &closure->boot, (unsigned)boot);
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = stage1;
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = stage1_5;
	return c->diags.error_count == errors;
}

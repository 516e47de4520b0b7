/* Installs GRUB 2: composes its core image for a BIOS, and sees to it that it has room and will find what it looks for. */

#include "plan/plan.h"

#include <inttypes.h>
#include <string.h>

#include "model/partition_type.h"
#include "plan/grub.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"
#include "support/text.h"

/* Offsets in boot.img, from include/grub/i386/pc/boot.h. */
enum {
	BPB = 0x03,
	BPB_END = 0x5a,
	KERNEL_SECTOR = 0x5c,
	BOOT_DRIVE = 0x64,
	DRIVE_CHECK = 0x66,
	BOOT_CODE_END = 0x1b8, /* the disk's signature and partition table follow */
};

enum {
	OPCODE_NOP = 0x90,
	BIOS_DRIVE = 0xff,      /* the drive that the BIOS booted from */
	USUAL_START = 2048,     /* sector of a first partition that does not say where it starts */
	CORE_SECTOR = 1,        /* behind an MBR */
};

/* Seven links: GRUB_FSHELP of fshelp.c gives up at the eighth. */
const struct grub_reader grub2_reader = {
	.name = "GRUB 2",
	.most_links = 7,
	.reads_vfat = true,
	.reads_holes = true,
	.path_help = "a path begins with '/', or with a device, such as (hd0,msdos1)/boot/vmlinuz",
	.root_help = "paths are those on the partition of /boot/grub, or that 'set root=' named last",
};

/* Sectors, a BIOS's, that a core image can have, and the words that decide how many there are. */
struct room {
	uint64_t sectors;
	struct span at;
};

/* Up to the partition that starts first; those that do not say where they start follow another. */
static struct room
room_behind_mbr(const struct manifest *m)
{
	const struct m_partition *first = NULL;
	uint64_t start = 0;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		uint64_t sector = p->start.given ? p->start.bytes / BIOS_SECTOR : USUAL_START;

		if ((p->start.given || i == 0) && (!first || sector < start)) {
			first = p;
			start = sector;
		}
	}
	return (struct room){.sectors = start > CORE_SECTOR ? start - CORE_SECTOR : 0,
		.at = first->start.given ? first->start.at : first->key_at};
}

/* The partition of a GPT that is there for the core image, or -1. */
static int
bios_boot_partition(const struct manifest *m)
{
	const struct partition_type *wanted = partition_type_called("bios-boot");

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_parttype *type = &m->partitions[i].type;

		if (type->has_guid && memcmp(type->guid, wanted->guid, sizeof type->guid) == 0)
			return (int)i;
	}
	return -1;
}

/* One without a size in numbers has what it takes, or else fits_partition finds it too small when its size is known. */
static struct room
room_in_gpt(const struct manifest *m)
{
	int index = bios_boot_partition(m);
	const struct m_size *size;

	if (index < 0)
		return (struct room){.at = m->disk.table.at};
	size = &m->partitions[index].size;
	return (struct room){.sectors = size->kind == SIZE_BYTES ? size->bytes / BIOS_SECTOR : GRUB_CORE_PC_MOST / BIOS_SECTOR, .at = size->at};
}

static struct room
room_for_core(const struct manifest *m)
{
	switch ((enum table_kind)m->disk.table.v) {
	case TABLE_MBR:
		return room_behind_mbr(m);
	case TABLE_GPT:
		return room_in_gpt(m);
	case TABLE_NONE: /* check/ sees to it */
		break;
	}
	BUG("a kind of partition table that GRUB cannot be on");
}

/* Where the core image lies. */
static uint64_t
core_lba(const struct manifest *m, const struct layout *layout)
{
	switch (layout->table) {
	case TABLE_MBR:
		return CORE_SECTOR;
	case TABLE_GPT:
		return layout->partitions[bios_boot_partition(m)].first_lba;
	case TABLE_NONE: /* check/ sees to it */
		break;
	}
	BUG("a kind of partition table that GRUB cannot be on");
}

struct grub_core
grub2_core(struct compilation *c, const struct manifest *m, size_t count)
{
	const char *inside;
	int partition = partition_holding(m, "/boot/grub", &inside);

	ASSERT(partition >= 0);
	return (struct grub_core){
		.module_count = count,
		.prefix = arena_printf(c->arena, "(,%s)%s", grub2_partition_name(c, m, partition), inside),
		/* The partition of that number on the disk that was booted, when it has the file system; else the one that has. */
		.config = arena_printf(c->arena, "search.fs_uuid %s root $root\nset prefix=($root)%s\n",
			identity_filesystem_text(c, m, &m->partitions[partition]), inside),
	};
}

/* The core image with the first COUNT modules. */
static struct boot
compose(struct compilation *c, const struct manifest *m, const struct grub_files *files, size_t count)
{
	struct grub_core core = grub2_core(c, m, count);
	struct boot boot = {.reads_modules = count < files->module_count};

	boot.core = grub_core_pc(c, files, &core, &boot.core_size);
	return boot;
}

static void
report_no_room(struct compilation *c, const struct manifest *m)
{
	diag_help(diag(&c->diags, DIAG_GRUB_CORE_TOO_LARGE, m->disk.table.at,
		"GRUB 2 has no partition to lie in: behind a GPT there is no room for it"),
		"add 'bios: {size: 1MiB, type: bios-boot}' to 'partitions', in front of the others");
}

static void
report_too_small(struct compilation *c, const struct room *room, const struct boot *boot)
{
	uint64_t sectors = boot->core_size / BIOS_SECTOR;

	diag_help(diag(&c->diags, DIAG_GRUB_CORE_TOO_LARGE, room->at,
		"GRUB 2 needs %" PRIu64 " sectors, but its partition has %" PRIu64, sectors, room->sectors), "set 'size: 1MiB'");
}

static void
report_too_large(struct compilation *c, const struct room *room, const struct boot *boot)
{
	uint64_t sectors = boot->core_size / BIOS_SECTOR;
	struct diag *d = diag(&c->diags, DIAG_GRUB_CORE_TOO_LARGE, room->at,
		"GRUB 2 needs %" PRIu64 " sectors in front of the first partition, but there are %" PRIu64, sectors, room->sectors);

	diag_help(d, "start it at sector %" PRIu64 " or later, such as at 1MiB", sectors + CORE_SECTOR);
}

/* Decides what starts the image: all of GRUB 2 in its core where there is room, else as little as reads the rest from /boot/grub. */
const struct boot *
plan_boot(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	struct boot *boot = ARENA_NEW(c->arena, struct boot);
	struct room room;
	size_t most;

	if (!m->grub.given || !closure->grub.kernel)
		return boot;
	room = room_for_core(m);
	most = room.sectors < GRUB_CORE_PC_MOST / BIOS_SECTOR ? (size_t)room.sectors * BIOS_SECTOR : GRUB_CORE_PC_MOST;
	*boot = compose(c, m, &closure->grub, closure->grub.module_count);
	if (boot->core_size > most)
		*boot = compose(c, m, &closure->grub, closure->grub.first_count);
	if (boot->core_size <= most)
		return boot;
	if (m->disk.table.v == TABLE_MBR)
		report_too_large(c, &room, boot);
	else if (bios_boot_partition(m) < 0)
		report_no_room(c, m);
	else
		report_too_small(c, &room, boot);
	return NULL;
}

/* boot.img for sector 0, told where the core image is. */
static struct region
patch_boot(struct compilation *c, const struct grub_files *files, uint64_t core_lba)
{
	unsigned char *code = arena_alloc(c->arena, BOOT_CODE_END);

	memcpy(code, files->boot.bytes, BOOT_CODE_END);
	memset(code + BPB, 0, BPB_END - BPB);
	put32(code + KERNEL_SECTOR, (uint32_t)core_lba);
	put32(code + KERNEL_SECTOR + 4, (uint32_t)(core_lba >> 32));
	code[BOOT_DRIVE] = BIOS_DRIVE;
	/* As on every hard disk: do not trust a BIOS that passes a wrong drive number. */
	code[DRIVE_CHECK] = OPCODE_NOP;
	code[DRIVE_CHECK + 1] = OPCODE_NOP;
	return (struct region){.offset = 0, .size = BOOT_CODE_END, .bytes = code, .owner = "boot.img"};
}

static struct region
place_core(const struct boot *boot, uint64_t lba)
{
	grub_core_pc_place(boot->core, boot->core_size, lba);
	return (struct region){.offset = lba * BIOS_SECTOR, .size = boot->core_size, .bytes = boot->core, .owner = "core.img"};
}

/*
 * Whether a partition that has the rest of something is large enough for what was composed as if it were. That one has no sector at
 * all has been said.
 */
static bool
fits_partition(struct compilation *c, const struct manifest *m, const struct boot *boot, const struct layout *layout)
{
	const struct partition_layout *p = layout->table == TABLE_GPT ? &layout->partitions[bios_boot_partition(m)] : NULL;
	struct room room;

	if (!p || p->sector_count == 0 || boot->core_size / BIOS_SECTOR <= p->sector_count)
		return true;
	room = (struct room){.sectors = p->sector_count, .at = p->from->size.at};
	report_too_small(c, &room, boot);
	return false;
}

static bool
place_boot_code(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct boot *boot,
	struct layout *layout)
{
	uint64_t lba = core_lba(m, layout);

	if (!fits_partition(c, m, boot, layout))
		return false;
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = patch_boot(c, &closure->grub, lba);
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = place_core(boot, lba);
	return true;
}

bool
plan_grub2_regions(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct boot *boot,
	struct layout *layout)
{
	const char *inside;
	int partition = partition_holding(m, "/boot/grub", &inside);
	size_t errors = c->diags.error_count;

	if (m->grub.platform.v != GRUB_EFI && !place_boot_code(c, m, closure, boot, layout))
		return false;
	grub_can_mount(c, &grub2_reader, &layout->partitions[partition]);
	grub_check_entries(c, &grub2_reader, m, closure, layout);
	grub2_check_commands(c, m, layout);
	return c->diags.error_count == errors;
}

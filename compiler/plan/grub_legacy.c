/* Installs GRUB 0.97: patches its boot code for this disk, and sees to it that it will find what it looks for. */

#include "plan/grub_legacy.h"

#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
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
	LINK_LIMIT = 5,            /* MAX_LINK_COUNT of fsys_ext2fs.c */
	TYPE_LINUX = 0x83,
	TYPE_RAID = 0xfd,
};

/* Where stage1_5 and stage2 look, as compiled into them. */
#define STAGE2_PATH "/boot/grub/stage2"
#define MENU_PATH "/boot/grub/menu.lst"

static void
put_le16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static void
put_le32(unsigned char *at, uint32_t value)
{
	put_le16(at, value & 0xffff);
	put_le16(at + 2, value >> 16);
}

/* stage1 for sector 0, told to load what begins in sector 1. */
static struct region
patch_stage1(struct compilation *c, const unsigned char *stage1)
{
	unsigned char *code = arena_alloc(c->arena, BOOT_CODE_END);

	memcpy(code, stage1, BOOT_CODE_END);
	memset(code + BPB, 0, BPB_END - BPB);
	code[BOOT_DRIVE] = BIOS_DRIVE;
	code[STAGE1_FORCE_LBA] = 0;
	put_le16(code + STAGE2_ADDRESS, STAGE1_5_ADDRESS);
	put_le32(code + STAGE2_SECTOR, 1);
	put_le16(code + STAGE2_SEGMENT, STAGE1_5_ADDRESS >> 4);
	/* As on every hard disk: do not trust a BIOS that passes a wrong drive number. */
	code[BOOT_DRIVE_CHECK] = OPCODE_NOP;
	code[BOOT_DRIVE_CHECK + 1] = OPCODE_NOP;
	return (struct region){.offset = 0, .size = BOOT_CODE_END, .bytes = code, .owner = "stage1"};
}

/* stage1_5 for the sectors from 1 on, told that stage2 lies on partition PARTITION (from 0). */
static struct region
patch_stage1_5(struct compilation *c, const struct boot_files *boot, unsigned partition)
{
	size_t sectors = (boot->stage1_5_size + SECTOR_SIZE - 1) / SECTOR_SIZE;
	unsigned char *code = arena_alloc(c->arena, sectors * SECTOR_SIZE);

	ASSERT(sectors * SECTOR_SIZE >= CONFIG_END);
	memcpy(code, boot->stage1_5, boot->stage1_5_size);
	put_le32(code + FIRST_BLOCK_ENTRY, 2);
	put_le16(code + FIRST_BLOCK_ENTRY + 4, (unsigned)sectors - 1);
	put_le16(code + FIRST_BLOCK_ENTRY + 6, (STAGE1_5_ADDRESS + SECTOR_SIZE) >> 4);
	put_le32(code + INSTALL_PARTITION, 0x00ffffff); /* stage1_5 itself is on no partition */
	put_le32(code + SAVED_ENTRY, 0);
	code[STAGE1_5_FORCE_LBA] = 0;
	put_le32(code + CONFIG_DEVICE, (uint32_t)BIOS_DRIVE << 24 | (uint32_t)partition << 16 | 0xffff);
	memset(code + CONFIG_PATH, 0, CONFIG_END - CONFIG_PATH);
	/* The path ends at the blank; GRUB's own `setup` leaves its next argument there, and so do we, to the byte. */
	memcpy(code + CONFIG_PATH, STAGE2_PATH " " MENU_PATH, sizeof STAGE2_PATH " " MENU_PATH);
	return (struct region){
		.offset = SECTOR_SIZE, .size = sectors * SECTOR_SIZE, .bytes = code, .owner = "e2fs_stage1_5"};
}

/* What PATH leads to for GRUB, which sees only the partition under ROOT; links are followed while *LINKS_LEFT lasts. */
static const struct node *
walk(const struct node *root, const struct node *directory, const char *path, unsigned *links_left)
{
	const struct node *node = *path == '/' ? root : directory;

	while (node && *path) {
		const struct node *from = node;
		size_t length = strcspn(path, "/");

		if (length && (from->kind != NODE_DIRECTORY || (from != root && from->is_mount)))
			return NULL;
		if (length == 2 && strncmp(path, "..", 2) == 0)
			node = from == root ? root : from->parent;
		else if (length && !(length == 1 && *path == '.'))
			node = node_child(from, path, length);
		if (node && node->kind == NODE_LINK)
			node = *links_left && (*links_left)-- ? walk(root, from, node->target, links_left) : NULL;
		path += length + (path[length] == '/');
	}
	return node;
}

/* The file that GRUB finds at PATH, or NULL. */
static const struct node *
reach(const struct node *root, const char *path)
{
	unsigned links_left = LINK_LIMIT;
	const struct node *node = root ? walk(root, root, path, &links_left) : NULL;

	return node && node->kind == NODE_FILE ? node : NULL;
}

/* GRUB 0.97 takes a hole for a block that it cannot read. */
static bool
check_whole(struct compilation *c, const struct partition_layout *p, const struct node *node)
{
	const struct node *file = node->original ? node->original : node;
	const struct ext_inode *inode;

	if (!file->data || !p->ext)
		return true;
	for (inode = p->ext->inodes; inode->node != file; inode++)
		;
	if (ext_data_blocks(inode) * p->ext->block_size >= inode->size)
		return true;
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, file->why.at,
		"GRUB legacy reads no file with holes, and '%s' has some", node_path(c, file)),
		"leave 'sparse' out, or write 'sparse: false'");
	return false;
}

/* Whether GRUB's ext2 code will mount P at all. */
static bool
can_mount(struct compilation *c, const struct partition_layout *p)
{
	const struct m_partition *from = p->from;

	if (from->filesystem.given && from->filesystem.type.v == FILESYSTEM_VFAT) {
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->filesystem.type.at,
			"GRUB legacy is to read partition '%s', which has a vfat", from->name),
			"its e2fs_stage1_5 reads ext2, ext3 and ext4");
		return false;
	}
	if (p->mbr_type != TYPE_LINUX && p->mbr_type != TYPE_RAID) {
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->type.at,
			"GRUB legacy reads no partition of type 0x%02x", p->mbr_type),
			"partition '%s' holds what GRUB loads: leave out 'type', or write 0x83", from->name);
		return false;
	}
	if (!from->filesystem.given) {
		diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->key_at,
			"GRUB legacy is to read partition '%s', which has no file system", from->name);
		return false;
	}
	return true;
}

/* Where stage1_5 looks for stage2, and stage2 for its menu: those paths are compiled in. */
static bool
check_own_files(struct compilation *c, const struct partition_layout *p)
{
	if (!can_mount(c, p))
		return false;
	if (reach(p->root, STAGE2_PATH) && reach(p->root, MENU_PATH))
		return true;
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, p->from->mount.at,
		"GRUB legacy looks for '%s' on partition '%s', where it is not", MENU_PATH, p->from->name),
		"add '%s/boot: {link: .}' to 'files'", p->from->mount.v);
	return false;
}

/* Whether GRUB finds PATH, of the image, which the words AT name; ENTRY's partition counts when it is not mounted. */
static bool
check_path(struct compilation *c, const struct manifest *m, const struct layout *layout,
	const struct m_menu_entry *entry, const char *path, struct span at)
{
	int named = entry->root.v ? partition_index(m, entry->root.v) : -1;
	const struct node *file;
	const char *inside;
	int holder = grub_partition_of(m, path, &inside);

	if (named >= 0 && !m->partitions[named].mount.v)
		return can_mount(c, &layout->partitions[named]); /* what is on it is not ours to know */
	if (!can_mount(c, &layout->partitions[holder]))
		return false;
	if ((file = reach(layout->partitions[holder].root, inside)))
		return check_whole(c, &layout->partitions[holder], file);
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, at,
		"GRUB legacy does not reach '%s' on partition '%s'", path, layout->partitions[holder].from->name),
		"it sees one partition at a time and follows %d links", LINK_LIMIT);
	return false;
}

static bool
check_entries(struct compilation *c, const struct manifest *m, const struct closure *closure,
	const struct layout *layout)
{
	bool good = true;

	for (size_t i = 0; i < m->grub.menu_count; i++) {
		const struct m_menu_entry *e = &m->grub.menu[i];

		good &= e->kernel.v ? check_path(c, m, layout, e, e->kernel.v, e->kernel.at) :
			check_path(c, m, layout, e, closure->kernel_path, m->kernel.image.at);
		if (e->initrd.v)
			good &= check_path(c, m, layout, e, e->initrd.v, e->initrd.at);
	}
	return good;
}

/* Decides the boot code: stage1 in sector 0, and e2fs_stage1_5 behind it, which finds stage2 by its path. */
bool
plan_grub_legacy_regions(struct compilation *c, const struct manifest *m, const struct closure *closure,
	struct layout *layout)
{
	const char *inside;
	int boot = grub_partition_of(m, STAGE2_PATH, &inside);
	struct region stage1, stage1_5;
	bool good;

	ASSERT(boot >= 0 && closure->boot.stage1 && closure->boot.stage1_5);
	good = check_own_files(c, &layout->partitions[boot]);
	good &= check_entries(c, m, closure, layout);
	stage1 = patch_stage1(c, closure->boot.stage1);
	stage1_5 = patch_stage1_5(c, &closure->boot, (unsigned)boot);
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = stage1;
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) = stage1_5;
	return good;
}

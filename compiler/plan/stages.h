#ifndef PLAN_STAGES_H
#define PLAN_STAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "model/layout.h"

struct arena;
struct compilation;

/* What the passes of plan/ ask of one another. */

/* The UUID of WHAT ("partition/root/filesystem") in this manifest: depends on its namespace, or its name, and WHAT alone. */
void identity_uuid(const struct manifest *, const char *what, uint8_t uuid[16]);

/* The UUID of P's file system: given, or derived. */
void identity_filesystem(struct compilation *, const struct manifest *, const struct m_partition *p, uint8_t uuid[16]);

/* The volume id of P's vfat: given, or derived. */
uint32_t identity_volume(struct compilation *, const struct manifest *, const struct m_partition *p);

/* Either, as GRUB and the kernel write it: "ABCD-1234" for a vfat. */
const char *identity_filesystem_text(struct compilation *, const struct manifest *, const struct m_partition *p);

/* The MBR disk signature: given, or derived, which is never 0. */
uint32_t identity_disk(const struct manifest *);

/* The GUIDs of a GPT's disk and of a partition in it: given, or derived. */
void identity_disk_guid(const struct manifest *, uint8_t guid[16]);
void identity_partition(const struct manifest *, const struct m_partition *p, uint8_t guid[16]);

/* What the kernel calls the partition with INDEX (from 0) by, behind "root=PARTUUID=". */
const char *identity_partuuid(struct arena *, const struct manifest *, int index);

/* What the partition FROM is in the table, into TO: both kinds of types, and the GUID. False with diagnostics. */
bool plan_partition_type(struct compilation *, const struct manifest *, const struct m_partition *from, struct partition_layout *to);

/* The swap space and the raw bytes of the partition FROM, whose length TO says, into TO. False with diagnostics. */
bool plan_swap(struct compilation *, const struct manifest *, const struct m_partition *from, struct partition_layout *to);
bool plan_raw(struct compilation *, const struct closure *, const struct manifest *, const struct m_partition *from,
	struct partition_layout *to);

/* The manifest's own boot code, in front of the partitions of LAYOUT, into its regions. False with a diagnostic. */
bool plan_boot_code(struct compilation *, const struct manifest *, const struct closure *, struct layout *);

/* How many partitions stand before the one called NAME, or mounted at MOUNT; -1: none is. */
int partition_index(const struct manifest *, const char *name);
int partition_mounted_at(const struct manifest *, const char *mount);

/*
 * The text of modules.dep for the modules of the closure. Its lines stand in an order in which each module finds loaded what it
 * needs, which depmod does not promise.
 */
const char *plan_module_list(struct compilation *, const struct closure *);

/*
 * Makes TREE's nodes that the manifest calls hard links what their targets are: they stand there as files with a target and no
 * content. Without a pool, a target may be missing. What are names of one file in an archive become hard links, too. False with
 * diagnostics.
 */
bool plan_hardlinks(struct compilation *, const struct manifest *, const struct closure *, struct tree *);

/* Devices, FIFOs and sockets in subtrees, which are not copied. */
struct uncopied {
	struct uncopied_entry {
		const struct node *directory; /* that they would be in */
		const char *name;
		struct span at; /* of the subtree */
	} *list;
	size_t count;
};

/* What E, which is no ENTRY_OTHER, becomes in the image, but for its name and place. */
struct node plan_node(const struct entry *e, const struct reason *why);

/*
 * Copies all below FROM, a directory of the pool, for FILE to DIRECTORY of the image, which takes over FROM's mode and owner. False
 * with diagnostics.
 */
bool plan_subtree(struct compilation *, const struct m_file *file, const struct entry *from, struct node *directory,
	struct uncopied *);

/* The text of menu.lst for GRUB 0.97, from grub.menu. NULL with diagnostics. */
const char *plan_grub_legacy_menu(struct compilation *, const struct manifest *, const struct closure *);

/* Boot code in sector 0 and stage1_5 in the sectors behind it, patched for LAYOUT (boot.md 1.1, 1.2). False with diagnostics. */
bool plan_grub_legacy_regions(struct compilation *, const struct manifest *, const struct closure *, struct layout *);

/* The text of grub.cfg for GRUB 2, from grub.menu. NULL with diagnostics. */
const char *plan_grub2_menu(struct compilation *, const struct manifest *, const struct closure *);

/* GRUB 2 for UEFI, with all its modules. */
const struct content *plan_grub2_efi(struct compilation *, const struct manifest *, const struct closure *);

/*
 * For a BIOS boot.img in sector 0 and BOOT's core image where LAYOUT has room for it (boot.md 2.2); and whether GRUB 2 will find what it
 * is to load. False with diagnostics.
 */
bool plan_grub2_regions(struct compilation *, const struct manifest *, const struct closure *, const struct boot *, struct layout *);

/*
 * The file system of partition P, BYTES long, that holds the tree below ROOT (NULL: nothing), not descending into directories
 * with is_mount set. When P has the size SIZE_MIN, the smallest that does, and BYTES do not count. NULL with diagnostics: what does
 * not fit is found here.
 */
struct ext_layout *plan_ext(struct compilation *, const struct manifest *, const struct m_partition *p, const struct node *root, uint64_t bytes);

/* The same for a FAT file system whose partition begins at sector FIRST_LBA of the disk. */
struct fat_layout *plan_fat(struct compilation *, const struct manifest *, const struct m_partition *p, const struct node *root,
	uint64_t first_lba, uint64_t bytes);

/* The MBR type of partition P with the FAT file system L, when none is given. */
uint8_t plan_fat_type(const struct m_partition *p, const struct fat_layout *l);

/*
 * Where firmware finds the program called PROGRAM; NULL with a diagnostic at AT: there is no partition that it would look into, for
 * what NOUN tells.
 */
const char *plan_efi_path(struct compilation *, const struct manifest *, const char *program, const char *noun, struct span at);

/* The same for the unified kernel image. */
const char *plan_unified_path(struct compilation *, const struct manifest *, const struct closure *);

/* Whether P is mounted where an EFI system partition is by custom: at /efi or /boot/efi. */
bool partition_is_esp(const struct m_partition *p);

#endif

#ifndef PLAN_GRUB_H
#define PLAN_GRUB_H

#include <stdbool.h>

#include "model/layout.h"
#include "plan/grub_core.h"

struct compilation;

/* What the installers of the generations of GRUB share. */

/* How a generation of GRUB looks for files. */
struct grub_reader {
	const char *name;    /* "GRUB legacy" */
	unsigned most_links; /* that it follows in one path */
	bool reads_vfat, reads_holes;
	bool looks_at_types; /* it mounts only partitions whose MBR type is one of Linux's */
	const char *path_help, *root_help; /* how a path is written, and on which partition it is looked for */
};

/* Whether GRUB will read P at all. False with a diagnostic, which may be allowed. */
bool grub_can_mount(struct compilation *, const struct grub_reader *, const struct partition_layout *p);

/* The file that PATH leads GRUB to, which sees only the partition under ROOT (NULL: nothing); NULL: none. */
const struct node *grub_reach(const struct grub_reader *, const struct node *root, const char *path);

/* Sees to it that GRUB will find the kernels and initial ramdisks of the menu: diagnostics tell of those that it will not. */
void grub_check_entries(struct compilation *, const struct grub_reader *, const struct manifest *, const struct closure *,
	const struct layout *);

/*
 * Sees to it that PATH, which COMMAND of the menu names, is a file of partition P. Nothing is said of a partition whose files are not
 * known.
 */
void grub_check_operand(struct compilation *, const struct grub_reader *, const struct partition_layout *p, const char *path,
	const struct m_text *command);

/*
 * The same for the commands of GRUB 0.97 in the menu, which begin with the partition of index BOOT as root, where the menu is: what
 * they name on the first disk, which is the one that was booted.
 */
void grub_legacy_check_commands(struct compilation *, const struct manifest *, const struct layout *, int boot);

/* The same for those of GRUB 2, as far as their words are plain: of variables and other disks nothing is said. */
void grub2_check_commands(struct compilation *, const struct manifest *, const struct layout *);

/* What an entry of the menu boots. */
struct grub_entry {
	const char *kernel; /* a path of the image */
	struct span kernel_at;
	const char *initrd; /* the same, or NULL */
	struct span initrd_at;
	const struct m_text *arguments; /* as written: the entry's own, or those of all entries; V may be NULL */
	int root; /* the partition that paths are on unless others hold them */
};

struct grub_entry grub_entry_of(const struct manifest *, const struct closure *, const struct m_menu_entry *);

/* TEXT's words, or "". */
const char *grub_text(const struct m_text *text);

/* The kernel's arguments, with the partition mounted at "/" as root= unless they name another. */
const char *grub_kernel_arguments(struct compilation *, const struct manifest *, const struct m_text *written);

/* A port that the menu is shown on. */
struct grub_serial {
	unsigned long unit, speed; /* speed 0: there is none */
	struct span at;
};

/*
 * That of the first serial console that an entry of the menu gives to the kernel: else the menu is on the screen only. A warning
 * tells of one that GRUB does not know.
 */
struct grub_serial grub_serial_port(struct compilation *, const struct grub_reader *, const struct manifest *,
	const struct closure *);

extern const struct grub_reader grub_legacy_reader, grub2_reader;

/* GRUB 2's name for partition INDEX (from 0) of a disk: "msdos1". */
const char *grub2_partition_name(struct compilation *, const struct manifest *, int index);

/* What a core image with the first COUNT modules is told: where /boot/grub is. */
struct grub_core grub2_core(struct compilation *, const struct manifest *, size_t count);

#endif

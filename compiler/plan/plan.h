#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "model/layout.h"
#include "model/startup.h"

struct compilation;
struct image;

/* Pure: no I/O. Each gives its product or NULL with diagnostics. */

/* Decides what starts the image, as far as that is not in files, and how much of it is. */
const struct boot *plan_boot(struct compilation *, const struct manifest *, const struct closure *);

/*
 * Decides every path of the image: what the closure brings, what the manifest writes, and what both imply. The boot may be NULL
 * for a manifest without GRUB.
 */
const struct tree *plan_tree(struct compilation *, const struct manifest *, const struct closure *, const struct boot *,
	const struct composed *);

/* What the unified kernel image is made of, if the manifest asks for one. False with diagnostics. */
bool plan_unified(struct compilation *, const struct manifest *, const struct closure *, const struct content *initramfs,
	struct unified *);

/* The manifest of the initial ramdisk that OF asks for, with modules for KERNEL: resolve and plan it like any other. */
const struct manifest *plan_initramfs(struct compilation *, const struct manifest *of, const struct kernel_facts *kernel);

/* Whether the initial ramdisk that the manifest asks for keeps all that is in TREE and on no partition. False with diagnostics. */
bool plan_fits_initramfs(struct compilation *, const struct manifest *, const struct tree *);

/*
 * Whether the image will start, as far as that is certain: what GRUB and firmware hand to the kernel, whether the kernel finds its
 * root file system and a first process there, on that machine. False with diagnostics.
 */
bool plan_startup(struct compilation *, const struct plan *, const struct startup *, const struct machine *);

/* Decides where on the disk every byte of the tree lies. */
const struct layout *plan_layout(struct compilation *, const struct manifest *, const struct closure *, const struct boot *,
	const struct tree *);

/*
 * Whether the file systems keep within the manifest's budget, whose growth is counted from OLDER, a loaded image (NULL: it is not
 * checked). False with diagnostics.
 */
bool plan_budget(struct compilation *, const struct plan *, const struct image *older);

#endif

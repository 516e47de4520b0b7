#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include "model/layout.h"

struct compilation;

/* Pure: no I/O. Each gives its product or NULL with diagnostics. */

/* Decides what starts the image, as far as that is not in files, and how much of it is. */
const struct boot *plan_boot(struct compilation *, const struct manifest *, const struct closure *);

/*
 * Decides every path of the image: what the closure brings, what the manifest writes, and what both imply. The boot may be NULL
 * for a manifest without GRUB; INITRAMFS is what stands at /boot/initrd.img, or NULL.
 */
const struct tree *plan_tree(struct compilation *, const struct manifest *, const struct closure *, const struct boot *,
	const struct content *initramfs);

/* The manifest of the initial ramdisk that OF asks for, with modules for RELEASE (NULL: the only ones there are): resolve and plan it like any other. */
const struct manifest *plan_initramfs(struct compilation *, const struct manifest *of, const char *release);

/* Decides where on the disk every byte of the tree lies. */
const struct layout *plan_layout(struct compilation *, const struct manifest *, const struct closure *, const struct boot *,
	const struct tree *);

#endif

#ifndef PLAN_GRUB_CORE_H
#define PLAN_GRUB_CORE_H

#include <stddef.h>
#include <stdint.h>

#include "model/closure.h"

struct compilation;

/* A core image of GRUB 2: its kernel with modules that need no file system (util/mkimage.c of GRUB 2). */
struct grub_core {
	const char *prefix; /* where it looks for grub.cfg and for modules: "(,msdos1)/boot/grub" */
	const char *config; /* lines that it obeys before it does so */
	size_t module_count; /* of those of struct grub_files, from the first on */
};

/* The kernel and behind it the modules with config and prefix, in the arena. */
unsigned char *grub_core_payload(struct compilation *, const struct grub_files *, const struct grub_core *, size_t *size);

/* The same for a BIOS: packed, behind the code that unpacks it and that which loads all of it; in whole sectors. */
unsigned char *grub_core_pc(struct compilation *, const struct grub_files *, const struct grub_core *, size_t *size);

/* Tells the image of grub_core_pc that it begins at sector LBA of the disk. */
void grub_core_pc_place(unsigned char *image, size_t size, uint64_t lba);

/*
 * The same as an EFI program: kernel and modules as sections, and what has to be changed in the kernel where it is not loaded at 0
 * (Microsoft's PE format).
 */
unsigned char *grub_core_efi(struct compilation *, const struct grub_files *, const struct grub_core *, size_t *size);

/* Bytes that the image of grub_core_pc may have at most: it is loaded between 0x9000 and 0x78000. */
enum { GRUB_CORE_PC_MOST = 0x78000 - 0x9000 };

#endif

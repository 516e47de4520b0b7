#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/image.h"

struct compilation;

/* What could start an image. */
struct start {
	uint32_t sector_size;        /* of its disk, bytes */
	bool bios;                   /* sector 0 has code */
	bool efi_x86_64, efi_arm64;  /* an EFI system partition has BOOTX64.EFI, BOOTAA64.EFI where firmware looks for it */
};

/*
 * Looks for it in the disk image IMAGE, by whomever it was made. Its sectors have SECTOR_SIZE bytes unless the table says it, 0: the
 * usual 512. What is damaged or cannot be read starts nothing.
 */
struct start load_start(const char *image, uint32_t sector_size);

/*
 * What the initial ramdisk CONTENT holds, or any archive of cpio's newc: early ones as they are, and one packed in any way that the
 * kernel knows behind them. The root of a tree without reasons, whose files are in memory; NULL, with *WHY_NOT: it is none, or more of
 * it is not understood than can be shown. At most 65536 files and 256 MiB are read.
 */
const struct node *load_initramfs(struct compilation *, const struct content *, const char **why_not);

/*
 * Reads the disk image at PATH back into the models, and nothing but it. What is wrong with the image, or not understood, is a
 * finding; NULL, with a diagnostic, only when PATH cannot be read as a file. Time and memory are bounded by the image's size,
 * whatever is in it: no block is read for two owners. How large the disk's sectors are, a GPT tells by its place, and a FAT without a
 * table by its own; nothing in an MBR does: then they have SECTOR_SIZE bytes, 0: the usual 512.
 */
const struct image *load_image(struct compilation *, const char *path, uint32_t sector_size);

#endif

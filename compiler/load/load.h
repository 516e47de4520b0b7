#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <stdbool.h>

/* What could start an image. */
struct start {
	bool bios;                   /* sector 0 has code */
	bool efi_x86_64, efi_arm64;  /* an EFI system partition has BOOTX64.EFI, BOOTAA64.EFI where firmware looks for it */
};

/* Looks for it in the disk image IMAGE, by whomever it was made. What is damaged or cannot be read starts nothing. */
struct start load_start(const char *image);

#endif

#ifndef RESOLVE_GRUB_LINK_H
#define RESOLVE_GRUB_LINK_H

#include "model/closure.h"

struct compilation;

/*
 * Links GRUB's kernel for EFI, the 64-bit little-endian object file in BYTES, for MACHINE (EM_*) and the place that it has in a PE image,
 * as grub-mkimage does; into FILES go the kernel, its entry, and what has to be changed when it is loaded elsewhere. Gives what is
 * wrong with the file, or NULL.
 */
const char *grub_link_kernel(struct compilation *, const unsigned char *bytes, size_t size, unsigned machine, struct grub_files *files);

#endif

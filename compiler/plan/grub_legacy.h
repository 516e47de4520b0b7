#ifndef PLAN_GRUB_LEGACY_H
#define PLAN_GRUB_LEGACY_H

#include "model/manifest.h"

/*
 * Which partition holds the file at PATH, absolute in the image: the one with the longest mount point above it. *INSIDE is its
 * path on that partition. -1 when nothing is mounted at "/" either.
 */
int grub_partition_of(const struct manifest *, const char *path, const char **inside);

#endif

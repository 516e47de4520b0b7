#ifndef CHECK_RULES_H
#define CHECK_RULES_H

#include "check/check.h"

/* One rule each: false when the manifest breaks it, with a diagnostic at each place where it does. */

/* mounts.c */

/* One partition, or the initial ramdisk, holds the root directory, unless there is nothing for it. */
bool check_root(struct compilation *, const struct manifest *);

/* No two partitions are mounted at one place, of which "/" is check_root's; and each has a file system to mount. */
bool check_mounts(struct compilation *, const struct manifest *);

/* table.c */

/* An MBR marks at most one partition active. */
bool check_bootable(struct compilation *, const struct manifest *);

/* Each kind of table has its own identifiers. */
bool check_table(struct compilation *, const struct manifest *);

/* Without a table, an image is one partition, of which there is nothing to be said but what it holds. */
bool check_no_table(struct compilation *, const struct manifest *);

/* No two entries of a GPT have one GUID. */
bool check_partition_uuids(struct compilation *, const struct manifest *);

/* contents.c */

/* A partition holds one thing. */
bool check_contents(struct compilation *, const struct manifest *);

/* Linux mounts no file system with blocks smaller than the sectors of its disk. */
bool check_block_sizes(struct compilation *, const struct manifest *);

/* What is to be free is only a question where the size is not written. */
bool check_free(struct compilation *, const struct manifest *);

/* Each kind of file system has keys of its own. */
bool check_filesystem_keys(struct compilation *, const struct manifest *);

/* The label of a vfat is one. */
bool check_vfat_labels(struct compilation *, const struct manifest *);

/* What tells file systems apart must differ. */
bool check_uuids(struct compilation *, const struct manifest *);

/* boot.c */

/* Where the initial ramdisk is the root directory, who loads it finds nothing in it, neither itself nor the kernel. */
bool check_boot_files(struct compilation *, const struct manifest *);

/* A BIOS, and the code in GRUB that it starts, read sectors of 512 bytes. */
bool check_bios_sectors(struct compilation *, const struct manifest *);

/* What firmware starts is one program. */
bool check_platform(struct compilation *, const struct manifest *);

/* Sector 0 has one boot code. */
bool check_boot_code(struct compilation *, const struct manifest *);

/* What the partition for GRUB 2's core image holds besides would be written over it. */
bool check_bios_boot(struct compilation *, const struct manifest *);

/* What GRUB boots by itself is an entry of its menu. */
bool check_menu_default(struct compilation *, const struct manifest *);

/* Each entry of the menu has a kernel, and a partition to take it from, or commands instead. */
bool check_menu_kernels(struct compilation *, const struct manifest *);

/* The init of the ramdisk that rootc writes is busybox's. */
bool check_initramfs(struct compilation *, const struct manifest *);

/* A ready ramdisk is what it is. */
bool check_ready_initramfs(struct compilation *, const struct manifest *);

/* files.c */

/* A link has no permissions of its own: Linux does not look at them. */
bool check_links(struct compilation *, const struct manifest *);

/* Capabilities are an attribute, which is written in one way or the other, and as the kernel understands it. */
bool check_capabilities(struct compilation *, const struct manifest *);

/* Ranges make many of few words. */
bool check_device_count(struct compilation *, const struct manifest *);

/* The minors of a range count on from the one that is written. */
bool check_device_minors(struct compilation *, const struct manifest *);

#endif

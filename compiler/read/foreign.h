#ifndef READ_FOREIGN_H
#define READ_FOREIGN_H

#include <stddef.h>

/* What other tools (genimage, mkosi, debos, wic, systemd-repart, docker) and habits call what a manifest has another word for. */

struct foreign {
	const char *word; /* in small letters, without '-' and '_'; FOREIGN_ANY: any */
	const char *meant; /* the key or value that it stands for, or NULL: none */
	const char *help; /* NULL: "did you mean 'MEANT'?" */
};

#define FOREIGN_ANY "*"

/* The lists end in a row without a word. */
extern const struct foreign foreign_manifest[], foreign_input[], foreign_disk[], foreign_partition[], foreign_filesystem[], foreign_kernel[],
	foreign_file[], foreign_device[], foreign_grub[], foreign_menu_entry[];                                    /* keys of these */
extern const struct foreign foreign_tables[], foreign_filesystems[], foreign_partition_types[], foreign_extents[], foreign_devices[],
	foreign_grubs[], foreign_platforms[], foreign_compressions[], foreign_block_sizes[], foreign_sector_sizes[],
	foreign_owners[], foreign_entries[], foreign_times[], foreign_architectures[]; /* values */

/* The row of LIST (may be NULL) for WORD, whatever its case, '-' and '_'; NULL when there is none. */
const struct foreign *foreign_find(const struct foreign *list, const char *word);

#endif

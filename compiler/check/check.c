/* The rules that cross the manifest's values, as a table. Each looks at the whole manifest and reports all it finds. */

#include "check/rules.h"

static bool (*const checks[])(struct compilation *, const struct manifest *) = {
	check_root,
	check_boot_files,
	check_mounts,
	check_bootable,
	check_table,
	check_bios_sectors,
	check_block_sizes,
	check_platform,
	check_no_table,
	check_boot_code,
	check_bios_boot,
	check_contents,
	check_free,
	check_filesystem_keys,
	check_vfat_labels,
	check_uuids,
	check_partition_uuids,
	check_menu_default,
	check_menu_kernels,
	check_initramfs,
	check_ready_initramfs,
	check_links,
	check_capabilities,
	check_device_count,
	check_device_minors,
};

bool
check_manifest(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
		good &= checks[i](c, m);
	return good;
}

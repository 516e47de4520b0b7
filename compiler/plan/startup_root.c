/* Decides which partition root= means, and whether the kernel can get at it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "plan/startup.h"
#include "support/compilation.h"
#include "support/text.h"

/* What the kernel calls disks by, each by its driver: the first disk, what stands between it and a partition's number. */
static const struct disk_driver {
	const char *prefix, *first, *between;
	const char *option, *module; /* the driver's; NULL: none has been there for long */
	const char *what;
} drivers[] = {
	{"/dev/sd", "a", "", "BLK_DEV_SD", "sd_mod", "SATA, SCSI and USB disks"},
	{"/dev/vd", "a", "", "VIRTIO_BLK", "virtio_blk", "virtio disks"},
	{"/dev/hd", "a", "", "BLK_DEV_IDE", "ide_gd_mod", "IDE disks by their old names"},
	{"/dev/nvme", "0n1", "p", "BLK_DEV_NVME", "nvme", "NVMe disks"},
	{"/dev/mmcblk", "0", "p", "MMC_BLOCK", "mmc_block", "SD cards and eMMC"},
	{"/dev/xvd", "a", "", "XEN_BLKDEV_FRONTEND", "xen_blkfront", "Xen's disks"},
};

/* What reads a file system: any one of these; the option NEEDS must be there besides. */
static const struct filesystem_driver {
	enum filesystem_kind kind;
	const char *option, *module, *needs;
} filesystems[] = {
	{FILESYSTEM_EXT2, "EXT2_FS", "ext2", NULL},
	{FILESYSTEM_EXT2, "EXT4_FS", "ext4", "EXT4_USE_FOR_EXT2"},
	{FILESYSTEM_EXT3, "EXT3_FS", "ext3", NULL},
	{FILESYSTEM_EXT3, "EXT4_FS", "ext4", NULL},
	{FILESYSTEM_EXT4, "EXT4_FS", "ext4", NULL},
	{FILESYSTEM_VFAT, "VFAT_FS", "vfat", NULL},
};

static struct diag *
not_found(const struct start *s, const char *root, const char *why)
{
	return diag(&s->c->diags, DIAG_ROOT_NOT_FOUND, s->at, "'root=%s' %s", root, why);
}

static const struct disk_driver *
driver_of(const char *root)
{
	for (size_t i = 0; i < sizeof drivers / sizeof *drivers; i++)
		if (text_starts_with(root, drivers[i].prefix))
			return &drivers[i];
	return NULL;
}

/* By its UUID: this disk's, with a partition it has; -1 for another disk's. */
static int
root_by_partuuid(const struct start *s, const char *root)
{
	const struct manifest *m = s->plan->manifest;
	const char *uuid = root + strlen("PARTUUID=");
	char signature[16];

	for (size_t i = 0; i < m->partition_count; i++)
		if (strcasecmp(identity_partuuid(s->c->arena, m, (int)i), uuid) == 0)
			return (int)i;
	snprintf(signature, sizeof signature, "%08" PRIx32 "-", identity_disk(m));
	if (m->disk.table.v == TABLE_MBR && strncasecmp(uuid, signature, strlen(signature)) == 0 && !strchr(uuid, '/'))
		diag_help(not_found(s, root, arena_printf(s->c->arena, "names a partition of this disk, which has %s",
			text_count(s->c->arena, m->partition_count, "partition", "partitions"))),
			"leave 'root=' out: it is then the partition mounted at '/'");
	return -1;
}

/* By its name in a GPT, which is that of the manifest; -1 for another disk's. */
static int
root_by_label(const struct start *s, const char *root)
{
	const struct manifest *m = s->plan->manifest;

	return m->disk.table.v == TABLE_GPT ? partition_index(m, root + strlen("PARTLABEL=")) : -1;
}

/*
 * By its name: the first disk is taken for this one, but only in the entry that is started by default. Another may be there for a
 * system on another disk.
 */
static int
root_by_name(const struct start *s, const char *root)
{
	const struct disk_driver *driver = driver_of(root);
	const char *at = driver ? root + strlen(driver->prefix) : NULL;
	unsigned long number;
	char *end;

	if (driver && s->machine->disk && !text_starts_with(root, s->machine->disk)) {
		diag_help(not_found(s, root, arena_printf(s->c->arena, "is not on the machine's disk, which is %s", s->machine->disk)),
			"leave 'root=' out: it is then right on any bus; or choose another '--bus'");
		return -1;
	}
	if (!driver || !s->by_default || !text_starts_with(at, driver->first))
		return -1;
	at += strlen(driver->first);
	if (!*at) {
		diag_help(not_found(s, root, "names a whole disk, not a partition of it"), "leave 'root=' out, or write '%s%s1'",
			root, driver->between);
		return -1;
	}
	if (!text_starts_with(at, driver->between) || strspn(at += strlen(driver->between), "0123456789") == 0)
		return -1;
	number = strtoul(at, &end, 10);
	if (*end)
		return -1;
	if (number >= 1 && number <= s->plan->manifest->partition_count)
		return (int)number - 1;
	diag_help(not_found(s, root, arena_printf(s->c->arena, "names partition %lu of a disk that has %s", number,
		text_count(s->c->arena, s->plan->manifest->partition_count, "partition", "partitions"))),
		"leave 'root=' out: it is then the partition mounted at '/'");
	return -1;
}

/* The kernel itself knows partitions by what stands in their table, not file systems by what stands in them. */
static void
check_form(const struct start *s, const char *root)
{
	if (s->ramdisk != RAMDISK_NONE || !s->kernel || !s->kernel->config)
		return;
	if (text_starts_with(root, "UUID=") || text_starts_with(root, "LABEL="))
		diag_help(not_found(s, root, "names a file system by what is in it, which only an initial ramdisk looks at"),
			"leave 'root=' out: it is then PARTUUID= of the partition mounted at '/'");
}

int
startup_root(const struct start *s)
{
	const char *root = startup_argument(s->c->arena, s->arguments, "root=");
	const struct m_partition *p;
	int index;

	if (!root)
		return -1;
	check_form(s, root);
	index = text_starts_with(root, "PARTUUID=") ? root_by_partuuid(s, root) :
		text_starts_with(root, "PARTLABEL=") ? root_by_label(s, root) : root_by_name(s, root);
	if (index < 0)
		return -1;
	p = &s->plan->manifest->partitions[index];
	if (p->filesystem.given || p->raw.given || (!p->swap.given && !s->by_default)) /* an update may be to fill an empty one */
		return index;
	diag_note(not_found(s, root, arena_printf(s->c->arena, "names partition '%s', which %s", p->name,
		p->swap.given ? "is swap space" : "has no file system")), p->swap.given ? p->swap.at : p->at, "it is made here");
	return -1;
}

/* What mounts each kind of file system, by the names that rootfstype= has for it. An ext4 has features that others do not know. */
static const char *const mounted_as[][4] = {
	[FILESYSTEM_EXT2] = {"ext2", "ext4", NULL},
	[FILESYSTEM_EXT3] = {"ext2", "ext3", "ext4", NULL},
	[FILESYSTEM_EXT4] = {"ext4", NULL},
	[FILESYSTEM_VFAT] = {"vfat", "msdos", NULL},
};

/* The kernel, and rootc's ramdisk, try only the types that rootfstype= names. */
static void
check_type(const struct start *s)
{
	const struct m_filesystem *filesystem = &s->plan->manifest->partitions[s->root].filesystem;
	const char *types = startup_argument(s->c->arena, s->arguments, "rootfstype="), *kind = filesystem_names[filesystem->type.v];
	size_t length;

	if (!types || !filesystem->given || filesystem->features.count || (s->ramdisk == RAMDISK_OWN && strcmp(types, "auto") == 0))
		return;
	for (const char *type = types; *type; type += length + (type[length] == ',')) {
		length = strcspn(type, ",");
		if (mounted_as[filesystem->type.v][text_index(mounted_as[filesystem->type.v], arena_strndup(s->c->arena, type, length))])
			return;
	}
	diag_help(diag_note(diag(&s->c->diags, DIAG_ROOT_TYPE_WRONG, s->at, "'rootfstype=%s' cannot mount partition '%s'", types,
		s->plan->manifest->partitions[s->root].name), filesystem->type.at, "it is %s by this", kind),
		"leave 'rootfstype=' out, or write 'rootfstype=%s'", kind);
}

/* Whether the file at PATH, up to a line's end, is MODULE ("virtio_blk"). */
static bool
is_module(const char *path, const char *module)
{
	size_t at = strcspn(path, "\n"), k = 0;

	while (at > 0 && path[at - 1] != '/')
		at--;
	for (path += at; module[k] && (path[k] == module[k] || (path[k] == '-' && module[k] == '_')); k++)
		;
	return !module[k] && text_starts_with(path + k, ".ko");
}

static bool
ramdisk_has(const struct start *s, const char *module)
{
	const struct closure *ramdisk = s->plan->ramdisk;

	for (size_t i = 0; s->ramdisk == RAMDISK_OWN && i < ramdisk->module_count; i++)
		if (is_module(ramdisk->modules[i].path, module))
			return true;
	return false;
}

/* By its modules.builtin, which knows all that could have been a module. */
static bool
kernel_contains(const struct kernel_facts *kernel, const char *module)
{
	for (const char *line = kernel->builtin; line && *line; line += strcspn(line, "\n"), line += strspn(line, "\n"))
		if (is_module(line, module))
			return true;
	return false;
}

static bool
has_driver(const struct start *s, const char *option, const char *module)
{
	return kernel_has(s->kernel, option) || kernel_contains(s->kernel, module) || ramdisk_has(s, module);
}

/* Adds to D, about a driver that is missing, whose kernel it is that lacks it and what to do. */
static void
explain_driver(const struct start *s, struct diag *d, const char *option, const char *module)
{
	const char *config = s->kernel->config;
	bool may_be_loaded = !config || strstr(config, arena_printf(s->c->arena, "\nCONFIG_%s=m\n", option));

	if (config)
		diag_note(d, s->plan->manifest->kernel.image.at, "this is the kernel: in its configuration CONFIG_%s is %s", option,
			may_be_loaded ? "a module" : "not set");
	else
		diag_note(d, s->plan->manifest->kernel.image.at, "this is the kernel: its modules.builtin does not have '%s'", module);
	if (may_be_loaded && s->ramdisk == RAMDISK_OWN)
		diag_help(d, "add '%s' to 'kernel.initramfs.modules'", module);
	else if (may_be_loaded)
		diag_help(d, "add 'initramfs: {modules: [%s]}' to 'kernel'", module);
	else
		diag_help(d, "take another kernel");
}

static void
check_disk_driver(const struct start *s)
{
	const char *root = s->machine->disk ? s->machine->disk : startup_argument(s->c->arena, s->arguments, "root=");
	const struct disk_driver *driver = root ? driver_of(root) : NULL;
	struct span at = s->machine->disk ? s->plan->manifest->kernel.image.at : s->at;

	if (driver && !has_driver(s, driver->option, driver->module))
		explain_driver(s, diag(&s->c->diags, DIAG_DRIVER_MISSING, at,
			"the kernel finds no '%s': it has no driver for %s", root, driver->what), driver->option, driver->module);
}

static void
check_filesystem_driver(const struct start *s)
{
	const struct m_partition *p = &s->plan->manifest->partitions[s->root];
	const struct filesystem_driver *last = NULL;

	if (!p->filesystem.given)
		return;
	for (size_t i = 0; i < sizeof filesystems / sizeof *filesystems; i++) {
		const struct filesystem_driver *f = &filesystems[i];

		if ((int)f->kind != p->filesystem.type.v)
			continue;
		if (has_driver(s, f->option, f->module) && (!f->needs || !s->kernel->config || kernel_has(s->kernel, f->needs)))
			return;
		last = f;
	}
	explain_driver(s, diag(&s->c->diags, DIAG_DRIVER_MISSING, p->filesystem.type.at,
		"the kernel cannot mount partition '%s': it has no driver for %s", p->name, filesystem_names[p->filesystem.type.v]),
		last->option, last->module);
}

void
startup_check_drivers(const struct start *s)
{
	if (s->root >= 0)
		check_type(s);
	if (!s->kernel || (!s->kernel->config && !s->kernel->builtin))
		return;
	check_disk_driver(s);
	if (s->root >= 0)
		check_filesystem_driver(s);
}

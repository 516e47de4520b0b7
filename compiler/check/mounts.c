/* Where partitions are mounted. */

#include "check/rules.h"

#include <string.h>

#include "support/compilation.h"

/* Whether something is to lie where no partition is mounted. */
static bool
needs_root(const struct manifest *m)
{
	const char *inside;
	bool needs = m->kernel.given || m->busybox.given || m->programs.count || m->grub.given || m->libraries.cache.v;

	for (size_t i = 0; i < m->file_count && !needs; i++)
		needs = partition_holding(m, m->files[i].path, &inside) < 0;
	for (size_t i = 0; i < m->device_count && !needs; i++)
		needs = partition_holding(m, m->devices[i].path, &inside) < 0;
	return needs;
}

bool
check_root(struct compilation *c, const struct manifest *m)
{
	const struct m_enum *ramdisk = &m->kernel.initramfs.mount;
	const struct m_partition *root = NULL;
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		struct diag *d;

		if (!p->mount.v || strcmp(p->mount.v, "/") != 0)
			continue;
		if (root || ramdisk->given) {
			d = diag(&c->diags, DIAG_MOUNT_TWICE, p->mount.at, "partition '%s' is mounted at '/' too", p->name);
			diag_note(d, root ? root->mount.at : ramdisk->at, "'%s' is mounted there already", root ? root->name : "initramfs");
			good = false;
		}
		root = root ? root : p;
	}
	if (!root && !ramdisk->given && m->partition_count && needs_root(m)) {
		diag_help(diag(&c->diags, DIAG_ROOT_MISSING, m->partitions[0].key_at, "no partition is mounted at '/'"),
			"write 'mount: /' in the partition that holds the system");
		good = false;
	}
	return good;
}

bool
check_mounts(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];

		if (!p->mount.v)
			continue;
		if (!p->filesystem.given) {
			diag_help(diag(&c->diags, DIAG_MOUNT_WITHOUT_FILESYSTEM, p->mount.at, "partition '%s' has no file system to mount", p->name),
				"add 'filesystem: {type: ext2}' or ext4");
			good = false;
		}
		for (size_t k = 0; k < i; k++) {
			const struct m_partition *other = &m->partitions[k];

			if (!p->mount.v[1] || !other->mount.v || strcmp(p->mount.v, other->mount.v) != 0)
				continue;
			diag_note(diag(&c->diags, DIAG_MOUNT_TWICE, p->mount.at, "partition '%s' is mounted at '%s' too", p->name, p->mount.v),
				other->mount.at, "'%s' is mounted there already", other->name);
			good = false;
		}
	}
	return good;
}

/* What starts the system: firmware, GRUB with its menu, the initial ramdisk. */

#include "check/rules.h"

#include <inttypes.h>
#include <string.h>

#include "model/layout.h"
#include "model/partition_type.h"
#include "support/compilation.h"

static bool
check_on_partition(struct compilation *c, const struct manifest *m, const char *path, struct span at)
{
	const char *inside;

	if (partition_holding(m, path, &inside) >= 0)
		return true;
	diag_help(diag(&c->diags, DIAG_NOT_ON_PARTITION, at, "'%s' must lie on a partition: no boot loader looks into the initial ramdisk", path),
		"write 'mount: /boot' in a partition with a file system");
	return false;
}

bool
check_boot_files(struct compilation *c, const struct manifest *m)
{
	const struct m_enum *ramdisk = &m->kernel.initramfs.mount;
	bool good = true;

	if (!ramdisk->given || (m->kernel.unified.v && !m->grub.given))
		return true;
	good = check_on_partition(c, m, INITRAMFS_PATH, ramdisk->at);
	if (m->grub.given)
		good &= check_on_partition(c, m, "/boot/grub", m->grub.at);
	for (size_t i = 0; i < m->grub.menu_count; i++) {
		const struct m_menu_entry *entry = &m->grub.menu[i];

		good &= !entry->kernel.v || check_on_partition(c, m, entry->kernel.v, entry->kernel.at);
		good &= !entry->initrd.v || check_on_partition(c, m, entry->initrd.v, entry->initrd.at);
	}
	return good;
}

bool
check_bios_sectors(struct compilation *c, const struct manifest *m)
{
	const struct m_size *size = &m->disk.sector_size;
	const struct m_grub *grub = &m->grub;
	struct diag *d;

	if (size->bytes == SECTOR_USUAL || !grub->given || (grub->version.v == GRUB_2 && grub->platform.v == GRUB_EFI))
		return true;
	d = diag(&c->diags, DIAG_SECTOR_SIZE_BIOS, size->at, "no BIOS boots from a disk with sectors of %" PRIu64 " bytes", size->bytes);
	if (grub->version.v == GRUB_LEGACY)
		diag_note(d, grub->version.at, "GRUB legacy, which only a BIOS starts, is asked for here");
	else
		diag_note(d, grub->platform.at, "a BIOS is to start GRUB");
	diag_help(d, "write 'version: 2' and 'platform: efi' in 'grub', or 'unified: true' in 'kernel' without 'grub'; or leave 'sector_size' out");
	return false;
}

bool
check_platform(struct compilation *c, const struct manifest *m)
{
	const struct m_enum *platform = &m->grub.platform;

	if (!m->grub.given || platform->v == GRUB_BIOS)
		return true;
	if (m->grub.version.v == GRUB_LEGACY)
		diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, platform->at, "only GRUB 2 is started by UEFI"), m->grub.version.at,
			"GRUB legacy is asked for here");
	else if (m->kernel.unified.v)
		diag_help(diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, platform->at, "firmware starts either GRUB or the kernel itself"),
			m->kernel.unified.at, "a unified kernel image is asked for here"), "leave one of them out");
	else
		return true;
	return false;
}

bool
check_boot_code(struct compilation *c, const struct manifest *m)
{
	const struct m_text *code = &m->disk.boot_code;

	if (!code->v || !m->grub.given || m->disk.table.v == TABLE_NONE || m->grub.platform.v == GRUB_EFI)
		return true;
	diag_help(diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, code->at, "'boot_code' and 'grub' exclude each other"),
		m->grub.at, "a BIOS is to start GRUB"), "leave one of them out");
	return false;
}

bool
check_bios_boot(struct compilation *c, const struct manifest *m)
{
	const struct partition_type *kind = partition_type_called("bios-boot");

	if (!m->grub.given || m->grub.version.v != GRUB_2 || m->disk.table.v != TABLE_GPT)
		return true;
	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];

		if (!p->type.has_guid || memcmp(p->type.guid, kind->guid, sizeof kind->guid) != 0)
			continue;
		if (!p->filesystem.given && !p->swap.given && !p->raw.v)
			return true; /* the first is the one */
		diag_help(diag_note(diag(&c->diags, DIAG_KEY_CONFLICT,
			p->filesystem.given ? p->filesystem.at : p->swap.given ? p->swap.at : p->raw.at,
			"partition '%s' is for GRUB 2's core image, and can hold nothing else", p->name), p->type.at, "its type says so"),
			"leave this out, or choose another type");
		return false;
	}
	return true;
}

bool
check_menu_default(struct compilation *c, const struct manifest *m)
{
	if (!m->grub.given || m->grub.default_entry.v < m->grub.menu_count)
		return true;
	diag_help(diag(&c->diags, DIAG_MENU_ENTRY_MISSING, m->grub.default_entry.at, "the menu has no entry %" PRIu64, m->grub.default_entry.v),
		"entries are counted from 0; the last is %zu", m->grub.menu_count - 1);
	return false;
}

static bool
has_partition(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->partition_count; i++)
		if (strcmp(m->partitions[i].name, name) == 0)
			return true;
	return false;
}

/* An entry that obeys commands boots no kernel. */
static bool
check_menu_commands(struct compilation *c, const struct m_menu_entry *entry)
{
	const struct {
		const struct m_text *text;
		const char *key;
	} others[] = {{&entry->kernel, "kernel"}, {&entry->initrd, "initrd"}, {&entry->arguments, "arguments"}, {&entry->root, "root"}};
	bool good = true;

	for (size_t i = 0; entry->commands.given && i < sizeof others / sizeof *others; i++) {
		if (!others[i].text->given)
			continue;
		diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, others[i].text->at, "'%s' and 'commands' exclude each other", others[i].key),
			entry->commands.at, "'commands' is here");
		good = false;
	}
	return good;
}

bool
check_menu_kernels(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->grub.menu_count; i++) {
		const struct m_menu_entry *entry = &m->grub.menu[i];

		good &= check_menu_commands(c, entry);
		if (!entry->kernel.v && !m->kernel.given && !entry->commands.given) {
			diag_help(diag(&c->diags, DIAG_MENU_WITHOUT_KERNEL, entry->at, "menu entry '%s' has no kernel", entry->title.v),
				"write 'kernel: {image: /boot/vmlinuz-*}' once, or 'kernel: PATH' in the entry");
			good = false;
		}
		if (entry->root.v && !has_partition(m, entry->root.v)) {
			diag(&c->diags, DIAG_PARTITION_UNKNOWN, entry->root.at, "there is no partition '%s'", entry->root.v);
			good = false;
		}
	}
	return good;
}

bool
check_initramfs(struct compilation *c, const struct manifest *m)
{
	const struct m_initramfs *initramfs = &m->kernel.initramfs;

	if (!initramfs->given || initramfs->file.given || initramfs->init.given || initramfs->mount.given || m->busybox.given)
		return true;
	diag_help(diag(&c->diags, DIAG_INITRAMFS_WITHOUT_BUSYBOX, initramfs->at, "the initramfs has no busybox to run its init"),
		"add 'busybox: {program: /bin/busybox}', or write 'init: PATH'");
	return false;
}

bool
check_ready_initramfs(struct compilation *c, const struct manifest *m)
{
	const struct m_initramfs *initramfs = &m->kernel.initramfs;
	struct span at = initramfs->modules.given ? initramfs->modules.at : initramfs->init.at;

	if (!initramfs->file.given || (!initramfs->modules.given && !initramfs->init.given))
		return true;
	diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, at, "nothing can be put into an initramfs that is ready"),
		initramfs->file.at, "it comes from here");
	return false;
}

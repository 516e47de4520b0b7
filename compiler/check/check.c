/* The rules that cross the manifest's values, as a table. Each looks at the whole manifest and reports all it finds. */

#include "check/check.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "model/capability.h"
#include "model/layout.h"
#include "model/partition_type.h"
#include "model/xattr.h"
#include "support/compilation.h"

enum {
	MOST_DEVICES = 16384, /* far above any real /dev */
	MOST_MINOR = 1048575,
	MOST_VFAT_LABEL = 11,
};

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

/* One partition, or the initial ramdisk, holds the root directory, unless there is nothing for it. */
static bool
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

/* Where the initial ramdisk is the root directory, who loads it finds nothing in it, neither itself nor the kernel. */
static bool
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

/* No two partitions are mounted at one place; check_root has spoken of "/". */
static bool
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

/* An MBR marks at most one partition active. */
static bool
check_bootable(struct compilation *c, const struct manifest *m)
{
	const struct m_partition *active = NULL;
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];

		if (!p->bootable.v || m->disk.table.v != TABLE_MBR)
			continue;
		if (active) {
			diag_note(diag(&c->diags, DIAG_BOOTABLE_TWICE, p->bootable.at, "partition '%s' is a second bootable partition", p->name),
				active->bootable.at, "'%s' is the first; an MBR has one", active->name);
			good = false;
		}
		active = active ? active : p;
	}
	return good;
}

static bool
check_of_gpt(struct compilation *c, const struct manifest *m, const struct m_uuid *uuid)
{
	if (!uuid->given || m->disk.table.v != TABLE_MBR)
		return true;
	diag_help(diag(&c->diags, DIAG_TABLE_MISMATCH, uuid->at, "an MBR has no UUIDs"),
		"set 'table: gpt' in 'disk', or leave it out; a file system's UUID belongs in 'filesystem'");
	return false;
}

/* A partition holds one thing. */
static bool
check_contents(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		const struct {
			const char *key;
			bool given;
			struct span at;
		} kinds[] = {
			{"filesystem", p->filesystem.given, p->filesystem.at},
			{"swap", p->swap.given, p->swap.at},
			{"raw", p->raw.v != NULL, p->raw.at},
		};

		for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++)
			for (size_t other = 0; other < k; other++) {
				if (!kinds[k].given || !kinds[other].given)
					continue;
				diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, kinds[k].at, "'%s' and '%s' exclude each other",
					kinds[k].key, kinds[other].key), kinds[other].at, "'%s' is here", kinds[other].key);
				good = false;
			}
	}
	return good;
}

/* What the partition for GRUB 2's core image holds besides would be written over it. */
static bool
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

/* Each kind of table has its own identifiers. */
static bool
check_table(struct compilation *c, const struct manifest *m)
{
	bool good = check_of_gpt(c, m, &m->disk.uuid);

	for (size_t i = 0; i < m->partition_count; i++)
		good &= check_of_gpt(c, m, &m->partitions[i].uuid);
	if (m->disk.id.given && m->disk.table.v == TABLE_GPT) {
		diag_help(diag(&c->diags, DIAG_TABLE_MISMATCH, m->disk.id.at, "a GPT has no signature of 32 bits"),
			"write 'uuid' for the disk's GUID, or leave it out");
		good = false;
	}
	if (m->grub.given && m->grub.version.v == GRUB_LEGACY && m->disk.table.v == TABLE_GPT) {
		diag_note(diag(&c->diags, DIAG_TABLE_MISMATCH, m->disk.table.at,
			"GRUB legacy lies in the sectors where a GPT is, and cannot read one"), m->grub.at, "GRUB legacy is asked for here");
		good = false;
	}
	return good;
}

/* A BIOS, and the code in GRUB that it starts, read sectors of 512 bytes. */
static bool
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

/* Linux mounts no file system with blocks smaller than the sectors of its disk. */
static bool
check_block_sizes(struct compilation *c, const struct manifest *m)
{
	const struct m_size *sector_size = &m->disk.sector_size;
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;

		if (!f->given || !f->block_size.given || f->type.v == FILESYSTEM_VFAT || f->block_size.bytes >= sector_size->bytes)
			continue;
		diag_help(diag_note(diag(&c->diags, DIAG_BLOCK_SIZE_TOO_SMALL, f->block_size.at,
			"blocks of %" PRIu64 " KiB are smaller than the disk's sectors", f->block_size.bytes / 1024),
			sector_size->at, "these have %" PRIu64 " KiB", sector_size->bytes / 1024), "leave 'block_size' out, or write 4KiB");
		good = false;
	}
	return good;
}

/* What firmware starts is one program. */
static bool
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

/* Without a table, an image is one partition, of which there is nothing to be said but what it holds. */
static bool
check_no_table(struct compilation *c, const struct manifest *m)
{
	const struct m_disk *disk = &m->disk;
	const struct m_partition *p = m->partitions;
	const struct {
		const char *key;
		bool given;
		struct span at;
	} keys[] = {
		{"id", disk->id.given, disk->id.at},
		{"uuid", disk->uuid.given, disk->uuid.at},
		{"boot_code", disk->boot_code.v, disk->boot_code.at},
		{"start", p && p->start.given, p ? p->start.at : disk->at},
		{"type", p && p->type.given, p ? p->type.at : disk->at},
		{"uuid", p && p->uuid.given, p ? p->uuid.at : disk->at},
		{"bootable", p && p->bootable.given, p ? p->bootable.at : disk->at},
		{"grub", m->grub.given, m->grub.at},
		{"unified", m->kernel.unified.v, m->kernel.unified.at},
	};
	bool good = true;

	for (size_t i = 0; disk->table.v == TABLE_NONE && i < sizeof keys / sizeof *keys; i++) {
		if (!keys[i].given)
			continue;
		diag_help(diag_note(diag(&c->diags, DIAG_TABLE_MISMATCH, keys[i].at, "without a partition table, '%s' means nothing", keys[i].key),
			disk->table.at, "the image is one file system, and nothing else"), "leave it out, or set 'table: mbr'");
		good = false;
	}
	return good;
}

/* Sector 0 has one boot code. */
static bool
check_boot_code(struct compilation *c, const struct manifest *m)
{
	const struct m_text *code = &m->disk.boot_code;

	if (!code->v || !m->grub.given || m->disk.table.v == TABLE_NONE || m->grub.platform.v == GRUB_EFI)
		return true;
	diag_help(diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, code->at, "'boot_code' and 'grub' exclude each other"),
		m->grub.at, "a BIOS is to start GRUB"), "leave one of them out");
	return false;
}

/* What is to be free is only a question where the size is not written. */
static bool
check_free(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		uint64_t percent = p->filesystem.reserved_percent.v + (p->free.kind == SIZE_PERCENT ? p->free.bytes : 0);

		if (!p->free.given)
			continue;
		if (p->size.kind != SIZE_MIN || !p->filesystem.given) {
			diag_help(diag(&c->diags, DIAG_FREE_MEANINGLESS, p->free.at,
				"'free' means nothing for partition '%s', which has no smallest size", p->name),
				"write 'size: min' for one with a file system, or leave 'free' out");
			good = false;
		} else if (percent >= 100) {
			diag_note(diag(&c->diags, DIAG_FREE_MEANINGLESS, p->free.at,
				"%" PRIu64 "%% cannot be free where %" PRIu64 "%% are reserved", p->free.bytes, percent - p->free.bytes),
				p->filesystem.reserved_percent.at, "reserved here");
			good = false;
		}
	}
	return good;
}

/* Each kind of file system has keys of its own. */
static bool
check_filesystem_keys(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;
		const bool is_vfat = f->type.v == FILESYSTEM_VFAT;
		const struct {
			const char *key;
			bool of_vfat, given;
			struct span at;
			const char *help;
		} keys[] = {
			{"block_size", false, f->block_size.given, f->block_size.at, "a vfat's clusters follow from its size"},
			{"uuid", false, f->uuid.given, f->uuid.at, "a vfat has 'volume_id', such as ABCD-1234"},
			{"hash_seed", false, f->hash_seed.given, f->hash_seed.at, "a vfat hashes no names"},
			{"inodes", false, f->inodes.given, f->inodes.at, "a vfat has no inodes"},
			{"inode_size", false, f->inode_size.given, f->inode_size.at, "a vfat has no inodes"},
			{"reserved_percent", false, f->reserved_percent.given, f->reserved_percent.at,
				"a vfat reserves nothing"},
			{"features", false, f->features.given, f->features.at, "a vfat has no features to choose"},
			{"volume_id", true, f->volume_id.given, f->volume_id.at, "ext file systems have 'uuid'"},
			{"fat", true, f->fat.given, f->fat.at, "only a vfat has a FAT"},
		};

		for (size_t k = 0; f->given && k < sizeof keys / sizeof *keys; k++) {
			if (!keys[k].given || keys[k].of_vfat == is_vfat)
				continue;
			diag_help(diag(&c->diags, DIAG_KEY_CONFLICT, keys[k].at,
				"'%s' means nothing for this type of file system", keys[k].key), "leave it out: %s", keys[k].help);
			good = false;
		}
	}
	return good;
}

/*
 * The label of a vfat stands in its root directory like a short name, but may have blanks in it; small letters are read
 * differently by different systems (fatgen103, "Name Limits and Character Sets").
 */
static bool
check_vfat_labels(struct compilation *c, const struct manifest *m)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !#$%&'()-@^_`{}~";
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;
		const char *label = f->label.v;
		size_t length = label && f->type.v == FILESYSTEM_VFAT ? strlen(label) : 0;

		if (length == 0)
			continue;
		if (length <= MOST_VFAT_LABEL && strspn(label, allowed) == length && label[0] != ' ' && label[length - 1] != ' ')
			continue;
		diag_help(diag(&c->diags, DIAG_TEXT_MALFORMED, f->label.at, "'%s' is no label of a vfat", label),
			"expected at most %d capitals, digits, blanks within it and any of !#$%%&'()-@^_`{}~", (int)MOST_VFAT_LABEL);
		good = false;
	}
	return good;
}

static bool
is_nil(const uint8_t uuid[16])
{
	static const uint8_t nil[16];

	return memcmp(uuid, nil, sizeof nil) == 0;
}

/* Whether two file systems were given the same number; a vfat's is told by its text. */
static bool
same_identity(const struct m_filesystem *one, const struct m_filesystem *other)
{
	if (one->volume_id.given && other->volume_id.given)
		return strcasecmp(one->volume_id.v, other->volume_id.v) == 0;
	return one->uuid.given && other->uuid.given && !is_nil(one->uuid.v) && memcmp(one->uuid.v, other->uuid.v, sizeof one->uuid.v) == 0;
}

static struct span
identity_span(const struct m_filesystem *f)
{
	return f->volume_id.given ? f->volume_id.at : f->uuid.at;
}

/* What tells file systems apart must differ. */
static bool
check_uuids(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct m_filesystem *one = &m->partitions[i].filesystem, *other = &m->partitions[k].filesystem;

			if (!same_identity(one, other))
				continue;
			diag_note(diag(&c->diags, DIAG_UUID_TWICE, identity_span(one), "two file systems have one %s",
				one->volume_id.given ? "volume id" : "UUID"), identity_span(other), "first used here");
			good = false;
		}
	return good;
}

/* Nor may two entries of a GPT have one GUID. */
static bool
check_partition_uuids(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct m_uuid *one = &m->partitions[i].uuid, *other = &m->partitions[k].uuid;

			if (!one->given || !other->given || memcmp(one->v, other->v, sizeof one->v) != 0)
				continue;
			diag_note(diag(&c->diags, DIAG_UUID_TWICE, one->at, "two partitions have one UUID"), other->at, "first used here");
			good = false;
		}
	return good;
}

static bool
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

/* Each entry has a kernel, and a partition to take it from. */
static bool
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

/* A ready ramdisk is what it is. */
static bool
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

/* The init of the ramdisk that rootc writes is busybox's. */
static bool
check_initramfs(struct compilation *c, const struct manifest *m)
{
	const struct m_initramfs *initramfs = &m->kernel.initramfs;

	if (!initramfs->given || initramfs->file.given || initramfs->init.given || initramfs->mount.given || m->busybox.given)
		return true;
	diag_help(diag(&c->diags, DIAG_INITRAMFS_WITHOUT_BUSYBOX, initramfs->at, "the initramfs has no busybox to run its init"),
		"add 'busybox: {program: /bin/busybox}', or write 'init: PATH'");
	return false;
}

/* A link has no permissions of its own: Linux does not look at them. */
static bool
check_links(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->file_count; i++) {
		const struct m_file *f = &m->files[i];

		if (!f->link.v || !f->mode.given)
			continue;
		diag_help(diag(&c->diags, DIAG_MODE_OF_LINK, f->mode.at, "the link '%s' has no mode of its own", f->path),
			"leave 'mode' out, or give it to what the link leads to");
		good = false;
	}
	return good;
}

/* Capabilities are an attribute, which is written in one way or the other, and as the kernel understands it. */
static bool
check_capabilities(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->file_count; i++)
		for (size_t k = 0; k < m->files[i].xattrs.count; k++) {
			const struct m_pair *pair = &m->files[i].xattrs.v[k];
			const struct m_text *other = &m->files[i].capabilities;
			const unsigned char *value;
			size_t size;

			if (strcmp(pair->name, CAPABILITY_XATTR) != 0)
				continue;
			value = xattr_decode(c->arena, pair->value.v, &size);
			if (other->given)
				diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, pair->key_at, "'%s' and 'capabilities' exclude each other", pair->name),
					other->at, "'capabilities' is here");
			else if (!capability_is_valid(value, size))
				diag_help(diag(&c->diags, DIAG_CAPABILITIES_MALFORMED, pair->value.at, "'%s' is no value that Linux takes for '%s'",
					pair->value.v, pair->name), "write 'capabilities', such as cap_net_raw+ep, instead");
			else
				continue;
			good = false;
		}
	return good;
}

/* Ranges make many of few words. */
static bool
check_device_count(struct compilation *c, const struct manifest *m)
{
	uint64_t count = 0;

	for (size_t i = 0; i < m->device_count; i++) {
		struct device_range range = device_range(m->devices[i].path);

		count += range.high - range.low + 1;
		if (count <= MOST_DEVICES)
			continue;
		diag_label(diag(&c->diags, DIAG_DEVICES_TOO_MANY, m->devices[i].key_at, "the devices up to '%s' are too many", m->devices[i].path),
			"%" PRIu64 ", and at most %d", count, (int)MOST_DEVICES);
		return false;
	}
	return true;
}

/* The minors of a range count on from the one that is written. */
static bool
check_device_minors(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->device_count; i++) {
		const struct m_device *device = &m->devices[i];
		struct device_range range = device_range(device->path);
		uint64_t last = device->minor.v + (range.high - range.low);

		if (last <= MOST_MINOR)
			continue;
		diag_label(diag(&c->diags, DIAG_VALUE_OUT_OF_RANGE, device->minor.at, "the minors of '%s' go up to %" PRIu64, device->path, last),
			"possible: up to %d", (int)MOST_MINOR);
		good = false;
	}
	return good;
}

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

/* What a partition table can say. */

#include "check/rules.h"

#include <string.h>

#include "support/compilation.h"

bool
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

bool
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

bool
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

bool
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

#include "plan/stages.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/compilation.h"
#include "support/digest.h"
#include "support/text.h"

enum { PARTITION_NAME_MAX = 36 }; /* FORM_NAME */

/* The namespace of namespaces: fixed for ever by `rootc: 1`. It is the UUID's bytes that count, not how they came about. */
static const uint8_t rootc_namespace[16] = {
	0x72, 0x6f, 0x6f, 0x74, 0x63, 0x00, 0x80, 0x01, 0x80, 0x00, 0x6e, 0x61, 0x6d, 0x65, 0x73, 0x31};

void
identity_uuid(const struct manifest *m, const char *what, uint8_t uuid[16])
{
	uint8_t derived[16];

	if (m->namespace_.given)
		memcpy(derived, m->namespace_.v, sizeof derived);
	else
		digest_uuid(rootc_namespace, m->name.v, derived);
	digest_uuid(derived, what, uuid);
}

void
identity_filesystem(struct compilation *c, const struct manifest *m, const struct m_partition *p, uint8_t uuid[16])
{
	if (p->filesystem.uuid.given)
		memcpy(uuid, p->filesystem.uuid.v, sizeof p->filesystem.uuid.v);
	else
		identity_uuid(m, arena_printf(c->arena, "partition/%s/filesystem", p->name), uuid);
}

/* Four bytes of the UUID that an ext file system would have here, or "ABCD-1234" as it was written. */
uint32_t
identity_volume(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	const char *given = p->filesystem.volume_id.v;
	uint8_t uuid[16];

	if (given)
		return (uint32_t)(strtoul(given, NULL, 16) << 16 | strtoul(given + 5, NULL, 16));
	identity_uuid(m, arena_printf(c->arena, "partition/%s/filesystem", p->name), uuid);
	return (uint32_t)uuid[0] << 24 | (uint32_t)uuid[1] << 16 | (uint32_t)uuid[2] << 8 | uuid[3];
}

const char *
identity_filesystem_text(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	uint8_t uuid[16];
	uint32_t id;

	if (p->filesystem.type.v == FILESYSTEM_VFAT) {
		id = identity_volume(c, m, p);
		return arena_printf(c->arena, "%04X-%04X", (unsigned)(id >> 16), (unsigned)(id & 0xffff));
	}
	identity_filesystem(c, m, p, uuid);
	return text_uuid(c->arena, uuid);
}

uint32_t
identity_disk(const struct manifest *m)
{
	uint8_t uuid[16];
	uint32_t id;

	if (m->disk.id.given)
		return (uint32_t)m->disk.id.v;
	identity_uuid(m, "disk", uuid);
	id = (uint32_t)uuid[0] | (uint32_t)uuid[1] << 8 | (uint32_t)uuid[2] << 16 | (uint32_t)uuid[3] << 24;
	return id ? id : 1; /* 0 means "no signature" */
}

void
identity_disk_guid(const struct manifest *m, uint8_t guid[16])
{
	identity_uuid(m, "disk/guid", guid);
	if (m->disk.uuid.given)
		memcpy(guid, m->disk.uuid.v, sizeof m->disk.uuid.v);
}

void
identity_partition(const struct manifest *m, const struct m_partition *p, uint8_t guid[16])
{
	char what[sizeof "partition//guid" + PARTITION_NAME_MAX];

	snprintf(what, sizeof what, "partition/%s/guid", p->name);
	identity_uuid(m, what, guid);
	if (p->uuid.given)
		memcpy(guid, p->uuid.v, sizeof p->uuid.v);
}

const char *
identity_partuuid(struct arena *a, const struct manifest *m, int index)
{
	uint8_t guid[16];

	if (m->disk.table.v != TABLE_GPT)
		return arena_printf(a, "%08" PRIx32 "-%02x", identity_disk(m), (unsigned)index + 1);
	identity_partition(m, &m->partitions[index], guid);
	return text_uuid(a, guid);
}

int
partition_index(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->partition_count; i++)
		if (strcmp(m->partitions[i].name, name) == 0)
			return (int)i;
	return -1;
}

int
partition_mounted_at(const struct manifest *m, const char *mount)
{
	for (size_t i = 0; i < m->partition_count; i++)
		if (m->partitions[i].mount.v && strcmp(m->partitions[i].mount.v, mount) == 0)
			return (int)i;
	return -1;
}

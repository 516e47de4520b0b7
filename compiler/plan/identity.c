#include "plan/stages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "support/arena.h"
#include "support/digest.h"

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
	char *text = arena_printf(a, "%08" PRIx32 "-%02x", identity_disk(m), (unsigned)index + 1);

	if (m->disk.table.v != TABLE_GPT)
		return text;
	identity_partition(m, &m->partitions[index], guid);
	text = arena_alloc(a, 2 * sizeof guid + sizeof "----");
	for (size_t i = 0, at = 0; i < sizeof guid; i++)
		at += (size_t)sprintf(text + at, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", guid[i]);
	return text;
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

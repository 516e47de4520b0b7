#include "plan/stages.h"

#include <string.h>

#include "support/digest.h"

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

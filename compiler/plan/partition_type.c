/* Decides the type of a partition in the terms of its table, and its identity there. */
#include <inttypes.h>
#include <string.h>

#include "model/mbr.h"
#include "model/partition_type.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"

enum { MBR_NO_FILESYSTEM = 0xda };

/* What is written when the manifest has no word on it. An MBR has a type for what is no file system. */
static void
put_usual_type(const struct m_partition *p, struct partition_layout *to)
{
	const struct partition_type *type = partition_type_called(p->swap.given ? "swap" :
		!p->filesystem.given || p->filesystem.type.v != FILESYSTEM_VFAT ? "linux" : partition_is_esp(p) ? "esp" : "basic-data");

	ASSERT(type);
	to->mbr_type = p->raw.v ? MBR_NO_FILESYSTEM : type->mbr;
	memcpy(to->type_guid, type->guid, sizeof to->type_guid);
}

static bool
check_container(struct compilation *c, const struct m_parttype *type)
{
	const char *meaning = mbr_container(type->v);

	if (meaning)
		diag(&c->diags, DIAG_PARTITION_TYPE_CONTAINER, type->at,
			"type 0x%02" PRIx64 " stands for %s, which rootc does not make", type->v, meaning);
	return !meaning;
}

static bool
report_foreign(struct compilation *c, const struct m_parttype *type, enum table_kind table)
{
	diag_help(diag(&c->diags, DIAG_TABLE_MISMATCH, type->at, "%s has no such partition type",
		table == TABLE_MBR ? "an MBR" : "a GPT"),
		table == TABLE_MBR ? "write a byte such as 0x83 or a name such as linux, or set 'table: gpt'" :
			"write a name such as linux or esp, or the type's GUID");
	return false;
}

bool
plan_partition_type(struct compilation *c, const struct manifest *m, const struct m_partition *from,
	struct partition_layout *to)
{
	enum table_kind table = (enum table_kind)m->disk.table.v;

	identity_partition(m, from, to->guid);
	put_usual_type(from, to);
	if (table == TABLE_NONE) {
		to->mbr_type = 0;
		memset(to->type_guid, 0, sizeof to->type_guid);
		memset(to->guid, 0, sizeof to->guid);
		return true;
	}
	if (!from->type.given)
		return true;
	if (!(table == TABLE_MBR ? from->type.v != 0 : from->type.has_guid))
		return report_foreign(c, &from->type, table);
	to->mbr_type = (uint8_t)from->type.v;
	memcpy(to->type_guid, from->type.guid, sizeof to->type_guid);
	return table == TABLE_GPT || check_container(c, &from->type);
}

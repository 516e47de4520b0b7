/* Decides where the program stands that firmware starts. */
#include <string.h>

#include "model/partition_type.h"
#include "plan/stages.h"
#include "support/compilation.h"

/* Whether firmware looks for programs in P. */
static bool
is_system_partition(const struct m_partition *p)
{
	const struct partition_type *esp = partition_type_called("esp");

	if (!p->filesystem.given || p->filesystem.type.v != FILESYSTEM_VFAT || !p->mount.v)
		return false;
	return !p->type.given ? partition_is_esp(p) :
		p->type.has_guid ? memcmp(p->type.guid, esp->guid, sizeof esp->guid) == 0 : p->type.v == esp->mbr;
}

/* A vfat elsewhere was perhaps meant to be it. */
static void
report_missing(struct compilation *c, const struct manifest *m, const char *noun, struct span at)
{
	struct diag *d = diag(&c->diags, DIAG_ESP_MISSING, at, "there is no EFI system partition for %s", noun);

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];

		if (!p->filesystem.given || p->filesystem.type.v != FILESYSTEM_VFAT || !p->mount.v || p->type.given)
			continue;
		diag_note(d, p->mount.at, "partition '%s' is a vfat, but mounted here it is no EFI system partition", p->name);
		diag_help(d, "write 'type: esp' at partition '%s', or mount it at '/efi'", p->name);
		return;
	}
	diag_help(d, "add 'esp: {size: 64MiB, mount: /efi, filesystem: {type: vfat}}' to 'partitions'");
}

const char *
plan_efi_path(struct compilation *c, const struct manifest *m, const char *program, const char *noun, struct span at)
{
	for (size_t i = 0; i < m->partition_count; i++) {
		const char *mount = m->partitions[i].mount.v;

		if (is_system_partition(&m->partitions[i]))
			return arena_printf(c->arena, "%s/EFI/BOOT/%s", mount[1] ? mount : "", program);
	}
	report_missing(c, m, noun, at);
	return NULL;
}

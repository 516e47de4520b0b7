/* Decides where the program stands that firmware starts. */
#include <string.h>

#include "model/partition_type.h"
#include "plan/stages.h"
#include "support/compilation.h"

/* Whether the manifest calls P one. */
static bool
has_type(const struct m_partition *p)
{
	const struct partition_type *esp = partition_type_called("esp");

	return p->type.given && (p->type.has_guid ? memcmp(p->type.guid, esp->guid, sizeof esp->guid) == 0 : p->type.v == esp->mbr);
}

/* Whether firmware looks for programs in P. */
static bool
is_system_partition(const struct m_partition *p)
{
	if (!p->filesystem.given || p->filesystem.type.v != FILESYSTEM_VFAT || !p->mount.v)
		return false;
	return p->type.given ? has_type(p) : partition_is_esp(p);
}

/* Whether P was meant to be the system partition: D then says what it lacks. */
static bool
explain_lack(struct diag *d, const struct m_partition *p)
{
	bool is_vfat = p->filesystem.type.v == FILESYSTEM_VFAT;

	if (!p->filesystem.given)
		return false;
	if (!is_vfat && (partition_is_esp(p) || has_type(p))) {
		diag_note(d, p->filesystem.type.at, "partition '%s' would be it, but firmware reads a vfat alone", p->name);
		diag_help(d, "write 'type: vfat' for its file system");
	} else if (is_vfat && has_type(p)) {
		diag_note(d, p->type.at, "partition '%s' would be it, but it is mounted nowhere, and so has no files", p->name);
		diag_help(d, "write 'mount: /efi' at partition '%s'", p->name);
	} else if (is_vfat && p->mount.v && !p->type.given) {
		diag_note(d, p->mount.at, "partition '%s' is a vfat, but mounted here it is no EFI system partition", p->name);
		diag_help(d, "write 'type: esp' at partition '%s', or mount it at '/efi'", p->name);
	} else {
		return false;
	}
	return true;
}

static void
report_missing(struct compilation *c, const struct manifest *m, const char *noun, struct span at)
{
	struct diag *d = diag(&c->diags, DIAG_ESP_MISSING, at, "there is no EFI system partition for %s", noun);

	for (size_t i = 0; i < m->partition_count; i++)
		if (explain_lack(d, &m->partitions[i]))
			return;
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

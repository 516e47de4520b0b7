/* Decides where a unified kernel image stands, and what it tells the kernel. */
#include "plan/plan.h"

#include <string.h>

#include "model/partition_type.h"
#include "plan/grub.h"
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

const char *
plan_unified_path(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	for (size_t i = 0; i < m->partition_count; i++) {
		const char *mount = m->partitions[i].mount.v;

		if (is_system_partition(&m->partitions[i]))
			return arena_printf(c->arena, "%s/EFI/BOOT/%s", mount[1] ? mount : "", closure->unified.name);
	}
	diag_help(diag(&c->diags, DIAG_UNIFIED_WITHOUT_ESP, m->kernel.unified.at, "there is no EFI system partition for the kernel"),
		"add 'esp: {size: 64MiB, mount: /efi, filesystem: {type: vfat}}' to 'partitions'");
	return NULL;
}

bool
plan_unified(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct content *initramfs,
	struct unified *unified)
{
	struct content *arguments = ARENA_NEW(c->arena, struct content);
	const char *text;

	*unified = closure->unified;
	if (!unified->stub)
		return true;
	if (!plan_unified_path(c, m, closure))
		return false;
	text = grub_kernel_arguments(c, m, &m->kernel.arguments);
	*arguments = (struct content){.kind = CONTENT_BYTES, .bytes = text, .size = strlen(text), .shown = "the command line"};
	unified->arguments = arguments;
	unified->initramfs = initramfs;
	return true;
}

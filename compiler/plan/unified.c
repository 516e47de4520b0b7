/* Decides where a unified kernel image stands, and what it tells the kernel. */
#include "plan/plan.h"

#include <string.h>

#include "plan/grub.h"
#include "plan/stages.h"
#include "support/compilation.h"

const char *
plan_unified_path(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	return plan_efi_path(c, m, closure->unified.name, "the kernel", m->kernel.unified.at);
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

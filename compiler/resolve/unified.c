/* Decides which EFI stub starts the kernel, by the kernel's own machine. */
#include "resolve/resolver.h"
#include "support/pe.h"

/* PE machines, the stub that systemd has for them, and what firmware starts when nothing else is said (UEFI, 3.5.1.1). */
static const struct {
	unsigned machine;
	const char *stub, *name;
} machines[] = {
	{PE_MACHINE_X86_64, "/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "BOOTX64.EFI"},
	{PE_MACHINE_ARM64, "/usr/lib/systemd/boot/efi/linuxaa64.efi.stub", "BOOTAA64.EFI"},
};

static void
find_stub(struct resolver *r, const char *path)
{
	struct span at = r->manifest->kernel.unified.at;
	struct walk walk = walk_path(r->c, r->closure->pool, path);

	if (walk.end == WALK_FOUND && walk.entry->kind == ENTRY_FILE)
		r->closure->unified.stub = walk.entry->content;
	else
		diag_help(diag(&r->c->diags, DIAG_POOL_PATH_MISSING, at, "there is no '%s' in the pool", path),
			"add Debian's package systemd-boot-efi to 'inputs'");
}

void
resolve_unified(struct resolver *r, const struct content *kernel)
{
	struct unified *unified = &r->closure->unified;
	struct reason who = {.at = r->manifest->kernel.unified.at, .text = "a unified kernel image is asked for here"};
	unsigned machine = kernel_efi_machine(r, kernel, who);

	*unified = (struct unified){.at = r->manifest->kernel.unified.at, .kernel = kernel, .initramfs = r->closure->initramfs};
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
		if (machines[i].machine != machine)
			continue;
		unified->name = machines[i].name;
		find_stub(r, machines[i].stub);
		return;
	}
	if (machine)
		kernel_refuse(r, "it is for a machine that is neither x86-64 nor arm64", who);
}

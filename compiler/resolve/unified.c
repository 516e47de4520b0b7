/* Decides which EFI stub starts the kernel, by the kernel's own machine. */
#include <string.h>

#include "resolve/resolver.h"
#include "support/little_endian.h"

enum {
	PE_OFFSET = 0x3c, /* in the MS-DOS header: where "PE\0\0" stands, with the machine behind it */
	DOS_HEADER = 64,
};

/* PE machines, the stub that systemd has for them, and what firmware starts when nothing else is said (UEFI, 3.5.1.1). */
static const struct {
	unsigned machine;
	const char *stub, *name;
} machines[] = {
	{0x8664, "/usr/lib/systemd/boot/efi/linuxx64.efi.stub", "BOOTX64.EFI"},
	{0xaa64, "/usr/lib/systemd/boot/efi/linuxaa64.efi.stub", "BOOTAA64.EFI"},
};

static void
no_program(struct resolver *r, const char *why)
{
	const struct m_kernel *m = &r->manifest->kernel;

	diag_note(diag(&r->c->diags, DIAG_KERNEL_BAD, m->image.at, "firmware cannot start the kernel: %s", why), m->unified.at,
		"a unified kernel image is asked for here");
}

/* The machine of the EFI program that KERNEL is; 0 with a diagnostic: it is none. */
static unsigned
machine_of(struct resolver *r, const struct content *kernel)
{
	struct span at = r->manifest->kernel.image.at;
	unsigned char head[4096];
	size_t size = kernel->size < sizeof head ? (size_t)kernel->size : sizeof head, pe;

	if (size < DOS_HEADER || !bytes_read_head(r->c, kernel, at, head, size)) {
		if (size < DOS_HEADER)
			no_program(r, "it is too short for an EFI program");
		return 0;
	}
	pe = get32(head + PE_OFFSET);
	if (memcmp(head, "MZ", 2) != 0 || pe > size - 6 || memcmp(head + pe, "PE\0\0", 4) != 0) {
		no_program(r, "it is no EFI program (CONFIG_EFI_STUB)");
		return 0;
	}
	return get16(head + pe + 4);
}

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
	unsigned machine = machine_of(r, kernel);

	*unified = (struct unified){.at = r->manifest->kernel.unified.at, .kernel = kernel, .initramfs = r->closure->initramfs};
	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
		if (machines[i].machine != machine)
			continue;
		unified->name = machines[i].name;
		find_stub(r, machines[i].stub);
		return;
	}
	if (machine)
		no_program(r, "it is for a machine that is neither x86-64 nor arm64");
}

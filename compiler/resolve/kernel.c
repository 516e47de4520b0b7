/* Decides which kernel the image has, and whether GRUB or firmware could start it. */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "resolve/resolver.h"
#include "support/little_endian.h"
#include "support/pe.h"

/* Offsets in a bzImage (the kernel's Documentation/arch/x86/boot.rst). */
enum {
	SETUP_SECTS = 0x1f1,
	SYSSIZE = 0x1f4,
	BOOT_FLAG = 0x1fe,
	LOADFLAGS = 0x211,
	HEAD_SIZE = 0x260,
	LOADED_HIGH = 1,
	SECTOR = 512,
	PARAGRAPH = 16,
	MOST_SETUP_SECTS = 64, /* GRUB's LINUX_MAX_SETUP_SECTS */
};

__attribute__((format(printf, 3, 4))) static void
bad(struct resolver *r, const struct entry *kernel, const char *format, ...)
{
	va_list arguments;
	const char *why;

	va_start(arguments, format);
	why = arena_vprintf(r->c->arena, format, arguments);
	va_end(arguments);
	diag_help(diag(&r->c->diags, DIAG_KERNEL_BAD, r->manifest->kernel.image.at, "GRUB cannot start '%s': %s",
		entry_path(r->c, kernel), why),
		"name a bzImage for x86, such as /boot/vmlinuz-* of a Debian kernel package");
}

static void
check_bzimage(struct resolver *r, const struct entry *kernel)
{
	const struct content *content = kernel->content;
	unsigned char head[HEAD_SIZE];
	uint64_t setup, whole;

	if (content->size < HEAD_SIZE) {
		bad(r, kernel, "it has %" PRIu64 " bytes, less than a kernel's header", content->size);
		return;
	}
	if (!bytes_read_head(r->c, content, r->manifest->kernel.image.at, head, sizeof head))
		return;
	setup = head[SETUP_SECTS] ? head[SETUP_SECTS] : 4;
	whole = (setup + 1) * SECTOR + (uint64_t)get32(head + SYSSIZE) * PARAGRAPH;
	if (get16(head + BOOT_FLAG) != 0xaa55)
		bad(r, kernel, "it is no bzImage: at 0x1fe stands %02x %02x, not 55 aa", head[BOOT_FLAG],
			head[BOOT_FLAG + 1]);
	else if (memcmp(head + BZIMAGE_HEADER, "HdrS", 4) != 0)
		bad(r, kernel, "it is no bzImage: at 0x202 stands %02x %02x %02x %02x, not 48 64 72 53 (HdrS)",
			head[BZIMAGE_HEADER],
			head[BZIMAGE_HEADER + 1], head[BZIMAGE_HEADER + 2], head[BZIMAGE_HEADER + 3]);
	else if (get16(head + BZIMAGE_VERSION) < 0x204)
		bad(r, kernel, "its boot protocol at 0x206 is %x, older than 204", get16(head + BZIMAGE_VERSION));
	else if (!(head[LOADFLAGS] & LOADED_HIGH))
		bad(r, kernel, "it is a zImage, not a bzImage: bit 0 at 0x211 is not set");
	else if (setup > MOST_SETUP_SECTS)
		bad(r, kernel, "its setup code at 0x1f1 has %" PRIu64 " sectors, more than %d", setup,
			(int)MOST_SETUP_SECTS);
	else if (whole > content->size)
		bad(r, kernel, "it is cut short: its header says %" PRIu64 " bytes, it has %" PRIu64, whole,
			content->size);
}

void
kernel_refuse(struct resolver *r, const char *why, struct reason who)
{
	diag_note(diag(&r->c->diags, DIAG_KERNEL_BAD, r->manifest->kernel.image.at, "firmware cannot start the kernel: %s", why),
		who.at, "%s", who.text);
}

unsigned
kernel_efi_machine(struct resolver *r, const struct content *kernel, struct reason who)
{
	unsigned char head[4096];
	size_t size = kernel->size < sizeof head ? (size_t)kernel->size : sizeof head;
	unsigned machine;

	if (size < PE_DOS_HEADER) {
		kernel_refuse(r, "it is too short for an EFI program", who);
		return 0;
	}
	if (!bytes_read_head(r->c, kernel, r->manifest->kernel.image.at, head, size))
		return 0;
	if (!(machine = pe_machine(head, size)))
		kernel_refuse(r, "it is no EFI program (CONFIG_EFI_STUB)", who);
	return machine;
}

void
kernel_check_for_efi(struct resolver *r, unsigned machine)
{
	const struct m_enum *platform = &r->manifest->grub.platform;
	struct reason who = {.at = platform->at, .text = "GRUB 2 for UEFI is asked for here"};
	unsigned found;

	if (!r->kernel)
		return;
	if (machine != PE_MACHINE_X86_64) {
		found = kernel_efi_machine(r, r->kernel->content, who);
		if (found && found != machine)
			kernel_refuse(r, "it is for another machine than the pool's GRUB 2", who);
	} else if (platform->v == GRUB_EFI) { /* else it was looked at for the BIOS, and GRUB asks no more of it here */
		check_bzimage(r, r->kernel);
	}
}

/* Makes the kernel at PLACE a file of the image, which a boot loader must find. */
static void
take_kernel(struct resolver *r, const struct place *place)
{
	const struct m_kernel *m = &r->manifest->kernel;
	const char *inside, *path = r->closure->kernel_path;

	place_take(r, place, (struct reason){.at = m->image.at, .text = "kernel.image"});
	if (m->initramfs.mount.given && partition_holding(r->manifest, path, &inside) < 0)
		diag_help(diag(&r->c->diags, DIAG_NOT_ON_PARTITION, m->image.at,
			"'%s' must lie on a partition: no boot loader looks into the initial ramdisk", path),
			"mount a partition where it lies");
}

void
resolve_kernel(struct resolver *r)
{
	const struct m_kernel *m = &r->manifest->kernel;
	struct place place;

	if (m->initramfs.file.given)
		r->closure->initramfs = source_content(r, &m->initramfs.file, &(const struct entry *){NULL});
	if (!m->given || !m->image.v)
		return;
	if (!find_single(r, &m->image, &place))
		return;
	r->kernel = place.walk.entry;
	r->closure->kernel_path = entry_path(r->c, r->kernel);
	resolve_kernel_facts(r, r->kernel);
	if (m->unified.v)
		resolve_unified(r, r->kernel->content);
	/* In a unified image there is no other for who starts it. */
	if (!m->unified.v || r->manifest->grub.given)
		take_kernel(r, &place);
	if (r->manifest->grub.given && r->manifest->grub.platform.v != GRUB_EFI)
		check_bzimage(r, r->kernel);
}

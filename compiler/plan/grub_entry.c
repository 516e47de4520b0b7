/* Decides what an entry of the menu boots, and where the menu is shown, in whatever words a GRUB is told. */

#include "plan/grub.h"

#include <stdlib.h>
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	SERIAL_UNITS = 4, /* the BIOS names four ports */
	SERIAL_DEFAULT_SPEED = 115200,
};

static const unsigned long serial_speeds[] = {2400, 4800, 9600, 19200, 38400, 57600, 115200};

struct grub_entry
grub_entry_of(const struct manifest *m, const struct closure *closure, const struct m_menu_entry *entry)
{
	struct grub_entry e = {
		.kernel = entry->kernel.v ? entry->kernel.v : closure->kernel_path,
		.kernel_at = entry->kernel.v ? entry->kernel.at : m->kernel.image.at,
		.initrd = entry->initrd.v ? entry->initrd.v : m->kernel.initramfs.given ? INITRAMFS_PATH : NULL,
		.initrd_at = entry->initrd.at,
		.arguments = entry->arguments.v ? &entry->arguments : &m->kernel.arguments,
	};
	const char *inside;

	ASSERT(e.kernel);
	e.root = entry->root.v ? partition_index(m, entry->root.v) : partition_holding(m, e.kernel, &inside);
	ASSERT(e.root >= 0);
	return e;
}

const char *
grub_text(const struct m_text *text)
{
	return text->v ? text->v : "";
}

/* The first word of ARGUMENTS that begins with PREFIX and is the kernel's, not init's; NULL: none. */
static const char *
find_word(const char *arguments, const char *prefix)
{
	size_t length;

	for (const char *at = arguments; *at; at += length + (at[length] != '\0')) {
		length = text_word_length(at);
		if (length == 2 && strncmp(at, "--", 2) == 0)
			return NULL;
		if (text_starts_with(at, prefix))
			return at;
	}
	return NULL;
}

const char *
grub_kernel_arguments(struct compilation *c, const struct manifest *m, const struct m_text *written)
{
	const char *arguments = grub_text(written);
	int root = partition_mounted_at(m, "/");

	ASSERT(root >= 0 || m->kernel.initramfs.mount.given);
	if (root < 0 || find_word(arguments, "root="))
		return arguments;
	return arena_printf(c->arena, "root=PARTUUID=%s%s%s", identity_partuuid(c->arena, m, root), *arguments ? " " : "", arguments);
}

static bool
is_serial_speed(unsigned long speed)
{
	for (size_t i = 0; i < sizeof serial_speeds / sizeof *serial_speeds; i++)
		if (serial_speeds[i] == speed)
			return true;
	return false;
}

/* Whether ARGUMENTS have a serial console, good or not; a good one is put down in PORT. */
static bool
find_serial(struct compilation *c, const struct grub_reader *reader, const struct m_text *arguments, struct grub_serial *port)
{
	const char *console = find_word(grub_text(arguments), "console=ttyS");
	unsigned long unit, speed = SERIAL_DEFAULT_SPEED;
	char *end;

	if (!console || strspn(console += strlen("console=ttyS"), "0123456789") == 0)
		return false;
	unit = strtoul(console, &end, 10);
	if (*end == ',' && strspn(end + 1, "0123456789"))
		speed = strtoul(end + 1, NULL, 10);
	if (unit < SERIAL_UNITS && is_serial_speed(speed)) {
		*port = (struct grub_serial){.unit = unit, .speed = speed, .at = arguments->at};
		return true;
	}
	diag_help(diag(&c->diags, DIAG_GRUB_SERIAL, arguments->at,
		"%s cannot show its menu on ttyS%lu at %lu baud", reader->name, unit, speed),
		"it knows ttyS0 to ttyS3 and 2400 to 115200 baud; the kernel is told all the same");
	return true;
}

struct grub_serial
grub_serial_port(struct compilation *c, const struct grub_reader *reader, const struct manifest *m, const struct closure *closure)
{
	struct grub_serial port = {0};

	for (size_t i = 0; i < m->grub.menu_count; i++)
		if (!m->grub.menu[i].commands.given &&
		    find_serial(c, reader, grub_entry_of(m, closure, &m->grub.menu[i]).arguments, &port))
			break;
	return port;
}


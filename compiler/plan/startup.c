/*
 * Decides whether what was planned will start. Only what is certain is told of: where another disk, an initial ramdisk of the user's
 * own or a kernel of which nothing is known could make things good, nothing is said.
 */
#include "plan/startup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "plan/grub.h"
#include "plan/plan.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

bool
kernel_has(const struct kernel_facts *kernel, const char *option)
{
	char line[80];
	int length = snprintf(line, sizeof line, "\nCONFIG_%s=y\n", option);

	ASSERT(length > 0 && (size_t)length < sizeof line);
	return kernel->config && strstr(kernel->config, line);
}

static enum ramdisk_kind
ramdisk_of(const struct manifest *m, const char *initrd)
{
	const struct m_initramfs *own = &m->kernel.initramfs;

	if (!initrd)
		return RAMDISK_NONE;
	if (own->mount.given && strcmp(initrd, INITRAMFS_PATH) == 0)
		return RAMDISK_ROOT;
	if (!own->given || own->file.given || strcmp(initrd, INITRAMFS_PATH) != 0)
		return RAMDISK_FOREIGN;
	return own->init.given ? RAMDISK_MADE : RAMDISK_OWN;
}

/* Linux cuts off what does not fit. */
static void
check_arguments(const struct start *s)
{
	size_t length = strlen(s->arguments);

	if (!s->kernel || !s->kernel->most_arguments || length <= s->kernel->most_arguments)
		return;
	diag_label(diag(&s->c->diags, DIAG_ARGUMENTS_TOO_LONG, s->at,
		"the kernel takes at most %" PRIu32 " bytes of arguments", s->kernel->most_arguments),
		"with 'root=': %zu bytes", length);
}

static void
check_memory(const struct start *s)
{
	uint64_t memory_bytes = s->machine->memory_bytes;
	uint64_t initramfs = s->ramdisk == RAMDISK_NONE || !s->plan->initramfs ? 0 : s->plan->initramfs->size;
	struct diag *d;

	if (!memory_bytes || !s->kernel || !s->kernel->memory_bytes || s->kernel->memory_bytes + initramfs <= memory_bytes)
		return;
	d = diag(&s->c->diags, DIAG_MEMORY_TOO_SMALL, s->plan->manifest->kernel.image.at,
		"the kernel needs more memory than the machine's %s", text_bytes(s->c->arena, memory_bytes));
	diag_label(d, "%s to unpack itself", text_bytes(s->c->arena, s->kernel->memory_bytes));
	if (initramfs)
		diag_note(d, s->plan->manifest->kernel.initramfs.at, "its initial ramdisk has %s", text_bytes(s->c->arena, initramfs));
	diag_help(d, "give it more, such as '--memory 256'");
}

/* What Linux must have been configured with to unpack a ramdisk. */
static void
check_ramdisk(const struct start *s)
{
	static const char *const options[] = {[COMPRESSION_NONE] = NULL, [COMPRESSION_GZIP] = "RD_GZIP", [COMPRESSION_ZSTD] = "RD_ZSTD"};
	const struct m_initramfs *m = &s->plan->manifest->kernel.initramfs;
	const char *option = options[m->compression.v];

	if (s->ramdisk == RAMDISK_NONE || s->ramdisk == RAMDISK_FOREIGN || !option || !s->kernel || !s->kernel->config ||
	    kernel_has(s->kernel, option))
		return;
	diag_help(diag_note(diag(&s->c->diags, DIAG_INITRAMFS_UNREADABLE, m->compression.at, "the kernel cannot unpack an initial ramdisk by %s",
		compression_names[m->compression.v]), s->plan->manifest->kernel.image.at, "this is the kernel: in its configuration CONFIG_%s is not set",
		option), "set compression: none");
}

/* Whether the kernel was configured to do something else than it is told: by arguments or a ramdisk that are part of it. */
static bool
has_its_own_mind(const struct kernel_facts *kernel)
{
	static const char source[] = "\nCONFIG_INITRAMFS_SOURCE=\"";
	const char *ramdisk = kernel->config ? strstr(kernel->config, source) : NULL;

	return (ramdisk && ramdisk[strlen(source)] != '"') || kernel_has(kernel, "CMDLINE_OVERRIDE");
}

/* All that can be told of one way to start. */
static void
check_start(struct start *s)
{
	const char *init;

	check_arguments(s);
	check_memory(s);
	check_ramdisk(s);
	if (s->ramdisk == RAMDISK_FOREIGN || (s->kernel && has_its_own_mind(s->kernel)))
		return;
	startup_check_ramdisk(s);
	if (s->ramdisk == RAMDISK_MADE)
		return;
	startup_check_terminal(s);
	if (s->ramdisk != RAMDISK_ROOT) {
		s->root = startup_root(s);
		startup_check_drivers(s);
	}
	if ((init = startup_check_init(s)))
		startup_check_inittab(s, init);
}

/* Whether the first word of COMMAND is one of NAMES, up to a NULL. */
static bool
is_command(struct arena *a, const struct m_text *command, const char *const *names)
{
	return names[text_index(names, arena_strndup(a, command->v, strcspn(command->v, " ")))];
}

/* An initial ramdisk comes behind a kernel; the first list has also what could load one unseen. */
static void
check_order(struct compilation *c, const struct m_menu_entry *entry)
{
	static const char *const kernels[] = {"kernel", "linux", "linux16", "linuxefi", "configfile", "source", ".", "normal", "eval", NULL};
	static const char *const initrds[] = {"initrd", "initrd16", "initrdefi", NULL};

	for (size_t i = 0; i < entry->commands.count && !is_command(c->arena, &entry->commands.v[i], kernels); i++)
		if (is_command(c->arena, &entry->commands.v[i], initrds)) {
			diag_help(diag(&c->diags, DIAG_INITRD_TOO_EARLY, entry->commands.v[i].at,
				"no kernel is loaded yet that the initial ramdisk could be for"), "write the command for the kernel in front of it");
			return;
		}
}

/* Whether ENTRY boots what is not in the image, or is not for us to understand. */
static bool
is_beyond(const struct manifest *m, const struct m_menu_entry *entry)
{
	return entry->commands.given || (entry->root.v && !m->partitions[partition_index(m, entry->root.v)].mount.v);
}

static void
check_entry(struct start s, size_t index)
{
	const struct manifest *m = s.plan->manifest;
	const struct closure *closure = s.plan->closure;
	const struct m_menu_entry *entry = &m->grub.menu[index];
	struct grub_entry booted;

	check_order(s.c, entry);
	if (is_beyond(m, entry))
		return;
	booted = grub_entry_of(m, closure, entry);
	s.kernel = closure->kernel_path && strcmp(booted.kernel, closure->kernel_path) == 0 ? &closure->kernel : NULL;
	s.arguments = grub_kernel_arguments(s.c, m, booted.arguments);
	s.at = booted.arguments->at;
	s.ramdisk = ramdisk_of(m, booted.initrd);
	s.by_default = index == m->grub.default_entry.v;
	check_start(&s);
}

bool
plan_startup(struct compilation *c, const struct plan *plan, const struct startup *startup, const struct machine *machine)
{
	const struct manifest *m = plan->manifest;
	struct start s = {.c = c, .plan = plan, .startup = startup, .machine = machine};
	size_t errors = c->diags.error_count;

	for (size_t i = 0; m->grub.given && i < m->grub.menu_count; i++)
		check_entry(s, i);
	if (m->kernel.unified.v) {
		s.kernel = &plan->closure->kernel;
		s.arguments = grub_kernel_arguments(c, m, &m->kernel.arguments);
		s.at = m->kernel.arguments.at;
		s.ramdisk = ramdisk_of(m, m->kernel.initramfs.given ? INITRAMFS_PATH : NULL);
		s.by_default = true;
		check_start(&s);
	}
	return c->diags.error_count == errors;
}

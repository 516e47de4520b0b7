/* Reads what there is to know of a kernel besides whether it can be started: its machine, its limits, how it was configured. */
#include <string.h>

#include "resolve/resolver.h"
#include "support/little_endian.h"
#include "support/pe.h"

/* Offsets in a bzImage (the kernel's Documentation/arch/x86/boot.rst) besides those of resolver.h. */
enum {
	ARGUMENTS_SIZE = 0x238, /* since 2.06 */
	INIT_SIZE = 0x260,      /* since 2.10 */
	HEAD_SIZE = 0x264,
	LARGEST_TEXT = 1024 * 1024,
};

static const struct {
	unsigned pe;
	enum kernel_machine machine;
} machines[] = {{PE_MACHINE_I386, KERNEL_I386}, {PE_MACHINE_X86_64, KERNEL_X86_64}, {PE_MACHINE_ARM64, KERNEL_ARM64}};

/* An EFI program says which machine it is for; a bzImage alone does not. */
static enum kernel_machine
machine_of(const unsigned char *head, size_t size)
{
	unsigned machine = pe_machine(head, size);

	for (size_t i = 0; i < sizeof machines / sizeof *machines; i++)
		if (machines[i].pe == machine)
			return machines[i].machine;
	return KERNEL_UNKNOWN;
}

/* The text at PATH, when it comes from where the kernel comes from. */
static const char *
read_beside(struct resolver *r, const struct entry *kernel, const char *path)
{
	struct walk walk = walk_path(r->c, r->closure->pool, path);

	if (walk.end != WALK_FOUND || walk.entry->kind != ENTRY_FILE || walk.entry->input != kernel->input ||
	    walk.entry->content->size > LARGEST_TEXT)
		return NULL;
	return content_read(r->c, walk.entry->content, r->manifest->kernel.image.at, LARGEST_TEXT);
}

/* Where Debian and others put what the kernel was made with; /usr/lib is where packages have it that are to be laid over a link /lib. */
static void
read_texts(struct resolver *r, const struct entry *kernel, struct kernel_facts *facts)
{
	const char *release = resolve_kernel_release(r->closure);
	struct arena *a = r->c->arena;

	if (!release)
		return;
	facts->config = read_beside(r, kernel, arena_printf(a, "/boot/config-%s", release));
	facts->builtin = read_beside(r, kernel, arena_printf(a, "/lib/modules/%s/modules.builtin", release));
	if (!facts->builtin)
		facts->builtin = read_beside(r, kernel, arena_printf(a, "/usr/lib/modules/%s/modules.builtin", release));
}

void
resolve_kernel_facts(struct resolver *r, const struct entry *kernel)
{
	struct kernel_facts *facts = &r->closure->kernel;
	unsigned char head[HEAD_SIZE];

	if (kernel->content->size < HEAD_SIZE ||
	    !bytes_read_head(r->c, kernel->content, r->manifest->kernel.image.at, head, sizeof head))
		return;
	facts->machine = machine_of(head, sizeof head);
	read_texts(r, kernel, facts);
	if (memcmp(head + BZIMAGE_HEADER, "HdrS", 4) != 0)
		return;
	if (get16(head + BZIMAGE_VERSION) >= 0x206)
		facts->most_arguments = get32(head + ARGUMENTS_SIZE);
	if (get16(head + BZIMAGE_VERSION) >= 0x20a)
		facts->memory_bytes = get32(head + INIT_SIZE);
}

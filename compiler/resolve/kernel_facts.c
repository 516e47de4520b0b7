/* Reads what there is to know of a kernel besides whether it can be started: its machine, release and limits, how it was configured. */
#include <string.h>

#include "resolve/resolver.h"
#include "support/little_endian.h"
#include "support/pe.h"

/* Offsets in a bzImage (the kernel's Documentation/arch/x86/boot.rst) besides those of resolver.h. */
enum {
	SETUP_SECTS = 0x1f1,
	VERSION_TEXT = 0x20e,   /* less 0x200 */
	ARGUMENTS_SIZE = 0x238, /* since 2.06 */
	INIT_SIZE = 0x260,      /* since 2.10 */
	HEAD_SIZE = 0x264,
	SECTOR = 512,
	MOST_RELEASE = 64,      /* bytes: __NEW_UTS_LEN of Linux */
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

/* "6.1.0-49-amd64" of "/boot/vmlinuz-6.1.0-49-amd64", or NULL. */
static const char *
named_release(const struct closure *closure)
{
	const char *dash = strchr(strrchr(closure->kernel_path, '/'), '-');

	return dash ? dash + 1 : NULL;
}

/* The release that a bzImage with HEAD says it is, as the first word of its version's text in the setup code; or NULL. */
static const char *
stated_release(struct resolver *r, const struct content *kernel, const unsigned char *head)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+~-";
	size_t setup = (size_t)(head[SETUP_SECTS] ? head[SETUP_SECTS] : 4) * SECTOR, at = get16(head + VERSION_TEXT);
	size_t end = at + SECTOR + MOST_RELEASE + 1, length;
	char *bytes;

	if (at == 0 || at >= setup || end > kernel->size)
		return NULL;
	bytes = arena_alloc(r->c->arena, end);
	if (!bytes_read_head(r->c, kernel, r->manifest->kernel.image.at, bytes, end))
		return NULL;
	bytes[end - 1] = '\0';
	length = strspn(bytes + at + SECTOR, letters);
	return length && bytes[at + SECTOR + length] == ' ' ? arena_strndup(r->c->arena, bytes + at + SECTOR, length) : NULL;
}

/* Whether INPUT gave a kernel called after RELEASE, be it shadowed. */
static bool
has_kernel(struct resolver *r, const struct m_input *input, const char *release)
{
	const struct entry *e = walk_path(r->c, r->closure->pool, arena_printf(r->c->arena, "/boot/vmlinuz-%s", release)).entry;

	while (e && e->input != input)
		e = e->shadowed;
	return e;
}

/*
 * The text at PATH, when it is about KERNEL: it comes from where that comes from, or a kernel that says its release itself is the only
 * one that it can be about. Two of one release, as when one was made anew, are not alike.
 */
static const char *
read_about(struct resolver *r, const struct entry *kernel, const char *path)
{
	const struct kernel_facts *facts = &r->closure->kernel;
	struct walk walk = walk_path(r->c, r->closure->pool, path);

	if (walk.end != WALK_FOUND || walk.entry->kind != ENTRY_FILE || walk.entry->content->size > LARGEST_TEXT)
		return NULL;
	if (walk.entry->input != kernel->input && (!facts->says_release || has_kernel(r, walk.entry->input, facts->release)))
		return NULL;
	return content_read(r->c, walk.entry->content, r->manifest->kernel.image.at, LARGEST_TEXT);
}

/* Where Debian and others put what the kernel was made with; /usr/lib is where packages have it that are to be laid over a link /lib. */
static void
read_texts(struct resolver *r, const struct entry *kernel)
{
	struct kernel_facts *facts = &r->closure->kernel;
	struct arena *a = r->c->arena;

	if (!facts->release)
		return;
	facts->config = read_about(r, kernel, arena_printf(a, "/boot/config-%s", facts->release));
	facts->builtin = read_about(r, kernel, arena_printf(a, "/lib/modules/%s/modules.builtin", facts->release));
	if (!facts->builtin)
		facts->builtin = read_about(r, kernel, arena_printf(a, "/usr/lib/modules/%s/modules.builtin", facts->release));
}

static void
read_header(struct resolver *r, const struct content *kernel, const unsigned char *head)
{
	struct kernel_facts *facts = &r->closure->kernel;
	const char *release = stated_release(r, kernel, head);

	facts->says_release = release;
	if (release)
		facts->release = release;
	if (get16(head + BZIMAGE_VERSION) >= 0x206)
		facts->most_arguments = get32(head + ARGUMENTS_SIZE);
	if (get16(head + BZIMAGE_VERSION) >= 0x20a)
		facts->memory_bytes = get32(head + INIT_SIZE);
}

void
resolve_kernel_facts(struct resolver *r, const struct entry *kernel)
{
	struct kernel_facts *facts = &r->closure->kernel;
	unsigned char head[HEAD_SIZE];

	facts->release = named_release(r->closure);
	if (kernel->content->size < HEAD_SIZE ||
	    !bytes_read_head(r->c, kernel->content, r->manifest->kernel.image.at, head, sizeof head))
		return;
	facts->machine = machine_of(head, sizeof head);
	if (memcmp(head + BZIMAGE_HEADER, "HdrS", 4) == 0)
		read_header(r, kernel->content, head);
	read_texts(r, kernel);
}

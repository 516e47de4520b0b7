/* Reads what there is to know of the programs that could run first in the planned image, and of what runs these. */

#include "resolve/resolver.h"

enum { LARGEST_INITTAB = 64 * 1024 };

struct reading {
	struct resolver r;
	struct startup *startup;
};

static enum program_kind
kind_of(const struct file_facts *facts)
{
	switch (facts->kind) {
	case FILE_DATA:
		return PROGRAM_DATA;
	case FILE_ELF:
		return PROGRAM_ELF;
	case FILE_SCRIPT:
		return facts->problem ? PROGRAM_UNKNOWN : PROGRAM_SCRIPT;
	case FILE_BROKEN:
		break;
	}
	return PROGRAM_UNKNOWN;
}

/* What PATH leads to on the file system under ROOT, and what runs that. */
static void
read_program(struct reading *s, const struct node *root, const char *path)
{
	for (unsigned i = 0; path && i < STARTUP_INTERPRETERS; i++) {
		const struct node *file = startup_reach(root, path);
		const struct file_facts *facts;

		if (!file || file->kind != NODE_FILE || startup_program(s->startup, file))
			return;
		facts = facts_peek(&s->r, file->content, file->why->at);
		path = facts->kind == FILE_SCRIPT ? facts->interpreter : facts->kind == FILE_ELF ? facts->elf.interp : NULL;
		*ARENA_PUSH(s->r.c->arena, s->startup->programs, s->startup->program_count) = (struct program_facts){
			.file = file,
			.kind = kind_of(facts),
			.machine = facts->kind == FILE_ELF ? facts->elf.machine : 0,
			.interpreter = path,
		};
	}
}

/* What could run first when ARGUMENTS are the kernel's. */
static void
read_named(struct reading *s, const struct tree *tree, const struct m_text *arguments)
{
	const char *init = arguments->v ? startup_argument(s->r.c->arena, arguments->v, "init=") : NULL;

	for (size_t i = 0; init && i < s->r.manifest->partition_count; i++)
		if (s->r.manifest->partitions[i].mount.v)
			read_program(s, tree_find(tree, s->r.manifest->partitions[i].mount.v), init);
	if (s->r.manifest->kernel.initramfs.mount.given && arguments->v)
		read_program(s, tree->root, startup_argument(s->r.c->arena, arguments->v, "rdinit="));
}

static void
read_usual(struct reading *s, const struct tree *tree)
{
	for (size_t i = 0; i < s->r.manifest->partition_count; i++)
		for (size_t k = 0; s->r.manifest->partitions[i].mount.v && startup_usual[k]; k++)
			read_program(s, tree_find(tree, s->r.manifest->partitions[i].mount.v), startup_usual[k]);
	if (s->r.manifest->kernel.initramfs.mount.given)
		read_program(s, tree->root, "/init");
}

static void
read_inittab(struct reading *s, const struct tree *tree)
{
	const struct node *file = startup_reach(tree->root, "/etc/inittab");

	if (file && file->kind == NODE_FILE && file->content->size <= LARGEST_INITTAB)
		s->startup->inittab = content_read(s->r.c, file->content, file->why->at, LARGEST_INITTAB);
}

const struct startup *
resolve_startup(struct compilation *c, const struct manifest *m, const struct tree *tree, const struct tree *ramdisk)
{
	struct reading s = {.r = {.c = c, .manifest = m}, .startup = ARENA_NEW(c->arena, struct startup)};
	size_t errors = c->diags.error_count;

	if (!m->kernel.given && !m->grub.given)
		return s.startup;
	read_usual(&s, tree);
	if (ramdisk)
		read_program(&s, ramdisk->root, "/init");
	read_named(&s, tree, &m->kernel.arguments);
	for (size_t i = 0; i < m->grub.menu_count; i++)
		read_named(&s, tree, &m->grub.menu[i].arguments);
	read_inittab(&s, tree);
	return c->diags.error_count == errors ? s.startup : NULL;
}

/* Decides what files of the image boot it. */

#include "plan/builder.h"

#include <string.h>

#include "support/compilation.h"

/* Where it is part of a unified image, it is one for GRUB besides. */
static void
put_initramfs(struct builder *b, const struct content *initramfs)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = initramfs, .why = builder_asked(b, b->m->kernel.initramfs.at, "kernel.initramfs")};

	if (initramfs && (!b->m->kernel.unified.v || b->m->grub.given))
		builder_put(b, INITRAMFS_PATH, &node);
}

static void
put_unified(struct builder *b, const struct content *unified)
{
	struct node node = {.kind = NODE_FILE, .mode = 0755, .content = unified, .why = builder_asked(b, b->m->kernel.unified.at, "kernel.unified")};

	if (unified)
		builder_put(b, plan_unified_path(b->c, b->m, b->closure), &node);
}

/* A file of GRUB itself. */
static void
put_grub_file(struct builder *b, const char *path, const struct entry *entry)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = entry->content, .why = builder_asked(b, b->m->grub.at, "grub")};

	builder_put(b, path, &node);
}

/* What GRUB 2 reads after its core image. */
static void
put_grub_modules(struct builder *b)
{
	const struct grub_files *files = &b->closure->grub;

	for (size_t i = files->first_count; i < files->module_count; i++)
		put_grub_file(b, arena_printf(b->c->arena, "/boot/grub/%s/%s", files->platform, files->modules[i].name),
			files->modules[i].entry);
	put_grub_file(b, arena_printf(b->c->arena, "/boot/grub/%s/command.lst", files->platform), files->commands.entry);
}

/* GRUB 2 where firmware looks for it. */
static void
put_grub_program(struct builder *b)
{
	struct node node = {.kind = NODE_FILE, .mode = 0755, .content = plan_grub2_efi(b->c, b->m, b->closure), .why = builder_asked(b, b->m->grub.at, "grub")};
	const char *path = plan_efi_path(b->c, b->m, b->closure->grub_efi.program, "GRUB", b->m->grub.platform.at);

	b->failed |= !path;
	if (path)
		builder_put(b, path, &node);
}

static void
put_menu(struct builder *b, const char *path, const char *menu)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .why = builder_asked(b, b->m->grub.at, "grub.menu")};

	b->failed |= !menu;
	if (!menu)
		return;
	node.content = builder_text(b, menu, path);
	builder_put(b, path, &node);
}

static void
put_grub(struct builder *b)
{
	switch ((enum grub_version)b->m->grub.version.v) {
	case GRUB_LEGACY:
		put_grub_file(b, "/boot/grub/stage2", b->closure->boot.stage2->entry);
		put_menu(b, "/boot/grub/menu.lst", plan_grub_legacy_menu(b->c, b->m, b->closure));
		return;
	case GRUB_2:
		if (b->boot->reads_modules)
			put_grub_modules(b);
		if (b->m->grub.platform.v != GRUB_BIOS)
			put_grub_program(b);
		put_menu(b, "/boot/grub/grub.cfg", plan_grub2_menu(b->c, b->m, b->closure));
		return;
	}
}

void
builder_put_boot(struct builder *b, const struct composed *composed)
{
	put_initramfs(b, composed->initramfs);
	put_unified(b, composed->unified);
	if (b->m->grub.given)
		put_grub(b);
}

/* Whether ENTRY takes its files from a partition that is not mounted: what is on it is not ours to know. */
static bool
is_elsewhere(const struct manifest *m, const struct m_menu_entry *entry)
{
	return entry->root.v && !m->partitions[partition_index(m, entry->root.v)].mount.v;
}

/* What to do about PATH, which is no file, but perhaps one as GRUB sees it, from the root of a partition on; or else by KEY. */
static const char *
meant_in_menu(struct builder *b, const char *path, const char *key)
{
	const char *end = strchr(path, ' ');

	if (end && tree_resolve(b->tree, arena_strndup(b->c->arena, path, (size_t)(end - path))))
		return "write what follows the path as 'arguments'";
	for (size_t i = 0; i < b->m->partition_count; i++) {
		const char *mount = b->m->partitions[i].mount.v, *whole = mount && mount[1] ? arena_printf(b->c->arena, "%s%s", mount, path) : NULL;
		const struct node *node = whole ? tree_resolve(b->tree, whole) : NULL;

		if (node && node->kind == NODE_FILE)
			return arena_printf(b->c->arena, "write '%s': paths are those of the image, not of a partition", whole);
	}
	return arena_printf(b->c->arena, "put it there with '%s' or 'files'", key);
}

bool
builder_check_menu(struct builder *b)
{
	size_t errors = b->c->diags.error_count;

	for (size_t i = 0; i < b->m->grub.menu_count; i++) {
		const struct m_text *paths[] = {&b->m->grub.menu[i].kernel, &b->m->grub.menu[i].initrd};

		if (is_elsewhere(b->m, &b->m->grub.menu[i]))
			continue;
		for (size_t k = 0; k < 2; k++) {
			const struct node *node = paths[k]->v ? tree_resolve(b->tree, paths[k]->v) : NULL;

			if (!paths[k]->v || (node && node->kind == NODE_FILE))
				continue;
			diag_help(diag(&b->c->diags, DIAG_MENU_PATH_MISSING, paths[k]->at, "'%s' is no file of the image", paths[k]->v),
				"%s", meant_in_menu(b, paths[k]->v, k == 0 ? "kernel.image" : "kernel.initramfs"));
		}
	}
	return b->c->diags.error_count == errors;
}

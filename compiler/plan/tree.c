/* Decides every path of the image, who put it there, and with what mode and owner. */

#include "plan/plan.h"

#include <string.h>

#include "model/applets.h"
#include "model/startup.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

struct builder {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const struct boot *boot;
	struct tree *tree;
	struct uncopied uncopied;
	bool failed;
};

static const struct reason *
asked(struct builder *b, struct span at, const char *text)
{
	struct reason *reason = ARENA_NEW(b->c->arena, struct reason);

	*reason = (struct reason){.at = at, .text = text};
	return reason;
}

static const char *
kind_noun(enum node_kind kind)
{
	switch (kind) {
	case NODE_DIRECTORY:
		return "directory";
	case NODE_FILE:
		return "file";
	case NODE_LINK:
		return "link";
	case NODE_CHAR:
	case NODE_BLOCK:
		return "device";
	}
	BUG("a kind of node that is none");
}

static void
report_through(struct builder *b, const struct node *in_the_way, const char *path, const struct reason *why)
{
	struct diag *d = diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, why->at, "'%s' needs '%s' to be a directory, but it is a %s",
		path, node_path(b->c, in_the_way), kind_noun(in_the_way->kind));

	diag_note(d, in_the_way->why->at, "'%s' comes from here", node_path(b->c, in_the_way));
	if (in_the_way->kind == NODE_LINK)
		diag_help(d, "write the path that the link leads to: a path of the image does not lead through one");
	b->failed = true;
}

/* PATH, asked for by WHY as something else, is a directory because other paths lie below it. */
static void
report_not_directory(struct builder *b, const struct node *directory, const char *path, const struct reason *why)
{
	diag_note(diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, why->at, "'%s' cannot be anything but a directory", path),
		directory->why->at, "because '%s' lies below it", node_path(b->c, directory->children[0]));
	b->failed = true;
}

static void
report_twice(struct builder *b, const struct node *there, const char *path, const struct reason *why)
{
	diag_note(diag(&b->c->diags, DIAG_PATH_TWICE, why->at, "'%s' is put into the image twice", path),
		there->why->at, "it comes from here already (%s)", there->why->text);
	b->failed = true;
}

/* The reason for a directory that PATH, there for WHY, lies in. */
static const struct reason *
for_parent(struct builder *b, const char *path, const struct reason *why)
{
	struct reason *reason = ARENA_NEW(b->c->arena, struct reason);

	*reason = *why;
	reason->text = arena_printf(b->c->arena, "parent of %s", path);
	return reason;
}

/* The directory that PATH (absolute) lies in, made with all its parents where nobody named them; NULL when something is in the way. */
static struct node *
parent_of(struct builder *b, const char *path, const struct reason *why, const char **name)
{
	struct node *directory = b->tree->root, *next;
	const char *at = path + 1, *slash;

	for (; (slash = strchr(at, '/')); at = slash + 1) {
		next = node_child(directory, at, (size_t)(slash - at));
		if (!next) {
			next = ARENA_NEW(b->c->arena, struct node);
			*next = (struct node){.name = arena_strndup(b->c->arena, at, (size_t)(slash - at)), .parent = directory,
				.kind = NODE_DIRECTORY, .mode = 0755, .implied = true,
				.why = for_parent(b, path, why)};
			node_adopt(b->c, next);
		}
		if (next->kind != NODE_DIRECTORY) {
			report_through(b, next, path, why);
			return NULL;
		}
		directory = next;
	}
	*name = at;
	return directory;
}

/* Makes the implied directory THERE the one that was asked for. */
static struct node *
claim(struct node *there, const struct node *wanted)
{
	there->mode = wanted->mode;
	there->owner = wanted->owner;
	there->group = wanted->group;
	there->xattrs = wanted->xattrs;
	there->why = wanted->why;
	there->implied = there->is_copied = false;
	return there;
}

/* What the manifest names itself takes the place of THERE, a subtree's copy. */
static struct node *
replace(struct builder *b, struct node *there, const char *path, const struct node *wanted)
{
	struct node old = *there;

	if (wanted->kind == NODE_DIRECTORY && there->kind == NODE_DIRECTORY)
		return claim(there, wanted);
	if (there->child_count) {
		report_not_directory(b, there, path, wanted->why);
		return NULL;
	}
	*there = *wanted;
	there->name = old.name;
	there->parent = old.parent;
	return there;
}

/* Puts WANTED (all but its name and parent filled in) at PATH. NULL when it cannot stand there. */
static struct node *
put(struct builder *b, const char *path, const struct node *wanted)
{
	const char *name;
	struct node *directory, *there;

	if (!path[1] && wanted->kind == NODE_DIRECTORY)
		return claim(b->tree->root, wanted);
	if (!path[1]) {
		diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, wanted->why->at, "'/' cannot be anything but a directory");
		b->failed = true;
		return NULL;
	}
	if (!(directory = parent_of(b, path, wanted->why, &name)))
		return NULL;
	there = node_child(directory, name, strlen(name));
	if (there && there->implied && wanted->kind == NODE_DIRECTORY)
		return claim(there, wanted);
	if (there && there->is_copied)
		return replace(b, there, path, wanted);
	if (there && there->implied) {
		report_not_directory(b, there, path, wanted->why);
		return NULL;
	}
	if (there) {
		report_twice(b, there, path, wanted->why);
		return NULL;
	}
	there = ARENA_NEW(b->c->arena, struct node);
	*there = *wanted;
	there->name = name;
	there->parent = directory;
	node_adopt(b->c, there);
	return there;
}

struct node
plan_node(const struct entry *e, const struct reason *why)
{
	struct node node = {.owner = e->owner, .group = e->group, .mode = e->mode, .xattrs = e->xattrs, .why = why};

	switch (e->kind) {
	case ENTRY_DIRECTORY:
	case ENTRY_OTHER:
		node.kind = NODE_DIRECTORY;
		break;
	case ENTRY_FILE:
		node.kind = NODE_FILE;
		node.content = e->content;
		break;
	case ENTRY_LINK:
		node.kind = NODE_LINK;
		node.mode = 0777;
		node.target = e->target;
		break;
	}
	return node;
}

/* Whether a file of the manifest stands at the need's own path and is that very file, with a mode or owner of its own. */
static bool
is_restated(const struct builder *b, const struct need *need)
{
	for (size_t i = 0; i < b->m->file_count; i++)
		if (b->closure->source_entries[i] == need->entry && strcmp(b->m->files[i].path, need->path) == 0)
			return true;
	return false;
}

static void
put_needs(struct builder *b)
{
	for (size_t i = 0; i < b->closure->need_count; i++) {
		const struct need *need = b->closure->needs[i];
		struct node node = plan_node(need->entry, &need->why);

		if (!is_restated(b, need))
			put(b, need->path, &node);
	}
}

static void
put_subtree(struct builder *b, const struct m_file *f, const struct entry *from)
{
	const char *rest;
	struct node *directory = from ? parent_of(b, f->path, asked(b, f->key_at, "files"), &rest) : NULL;

	if (directory && !plan_subtree(b->c, f, from, directory, &b->uncopied))
		b->failed = true;
}

/* Whoever copies a directory means all of it; what cannot be copied must be named otherwise. */
static void
refuse_uncopied(struct builder *b)
{
	for (size_t i = 0; i < b->uncopied.count; i++) {
		const struct uncopied_entry *e = &b->uncopied.list[i];

		if (node_child(e->directory, e->name, strlen(e->name)))
			continue;
		diag_help(diag(&b->c->diags, DIAG_POOL_PATH_KIND, e->at, "'%s/%s' is a device, FIFO or socket in the pool, which is not copied",
			e->directory->parent ? node_path(b->c, e->directory) : "", e->name), "put it there under 'devices'");
		b->failed = true;
	}
}

/* What the file's source gives it, unless the manifest says otherwise. */
static uint16_t
default_mode(const struct m_file *f, const struct content *source, const struct entry *entry)
{
	if (f->link.v)
		return 0777;
	if (f->directory.v)
		return 0755;
	if (entry)
		return entry->mode;
	return source && source->executable ? 0755 : 0644;
}

static const struct content *
bytes_content(struct compilation *c, const char *text, const char *shown)
{
	struct content *content = ARENA_NEW(c->arena, struct content);

	*content = (struct content){.kind = CONTENT_BYTES, .bytes = text, .size = strlen(text), .shown = shown};
	return content;
}

/* A hard link has a target and nothing else, until plan_hardlinks. */
static void
put_file(struct builder *b, size_t i)
{
	const struct m_file *f = &b->m->files[i];
	const struct content *source = b->closure->sources[i];
	const struct entry *entry = b->closure->source_entries[i];
	struct node node = {
		.kind = f->link.v ? NODE_LINK : f->directory.v ? NODE_DIRECTORY : NODE_FILE,
		.mode = f->mode.given ? f->mode.v : default_mode(f, source, entry),
		.owner = f->owner.given || !entry ? (uint32_t)f->owner.v : entry->owner,
		.group = f->group.given || !entry ? (uint32_t)f->group.v : entry->group,
		.content = source,
		.xattrs = xattrs_of_file(b->c->arena, f, entry ? entry->xattrs : NULL),
		.why = asked(b, f->key_at, "files"),
	};

	if (f->hardlink.v || f->link.v)
		node.target = f->hardlink.v ? f->hardlink.v : f->link.v;
	else if (node.kind == NODE_FILE)
		node.data = b->closure->data[i];
	if (node.kind == NODE_FILE && !source && !f->hardlink.v)
		node.content = bytes_content(b->c, f->content.v ? f->content.v : "", f->path);
	put(b, f->path, &node);
}

/* What a link at FROM must say to lead to TO, both absolute: "../bin/busybox". */
static const char *
relative_target(struct compilation *c, const char *from, const char *to)
{
	size_t common = 0;
	const char *up = "";

	for (size_t i = 0; from[i] && from[i] == to[i]; i++)
		if (from[i] == '/')
			common = i + 1;
	for (const char *p = from + common; (p = strchr(p, '/')); p++)
		up = arena_printf(c->arena, "../%s", up);
	return arena_printf(c->arena, "%s%s", up, to + common);
}

/* Where all are wanted, a link gives way to whatever stands in its place. */
static void
put_applet(struct builder *b, const struct applet *applet)
{
	struct node node = {.kind = NODE_LINK, .mode = 0777, .why = asked(b, applet->at, "busybox.applets")};
	const char *directory = applet_directory(applet->name);
	const struct node *real = tree_resolve(b->tree, directory);
	const char *path;

	if (real && real->kind == NODE_DIRECTORY)
		directory = real->parent ? node_path(b->c, real) : "";
	path = arena_printf(b->c->arena, "%s/%s", directory, applet->name);
	node.target = relative_target(b->c, path, b->closure->busybox_path);
	if (strcmp(path, b->closure->busybox_path) == 0 || (b->m->busybox.applets.all && tree_find(b->tree, path)))
		return;
	put(b, path, &node);
}

/* Linux runs /init of an initial ramdisk, and looks for no other. */
static void
put_first(struct builder *b)
{
	struct node node = {.kind = NODE_LINK, .mode = 0777, .why = asked(b, b->m->kernel.initramfs.mount.at, "kernel.initramfs")};
	size_t i = 0;

	while (startup_usual[i] && !tree_resolve(b->tree, startup_usual[i]))
		i++;
	if (!startup_usual[i] || tree_find(b->tree, "/init"))
		return;
	node.target = startup_usual[i] + 1;
	put(b, "/init", &node);
}

static void
put_devices(struct builder *b, const struct m_device *device)
{
	struct device_range r = device_range(device->path);
	struct node node = {
		.kind = device->type.v == DEVICE_CHAR ? NODE_CHAR : NODE_BLOCK,
		.mode = device->mode.v,
		.owner = (uint32_t)device->owner.v,
		.group = (uint32_t)device->group.v,
		.major = (uint32_t)device->major.v,
		.xattrs = xattrs_of_pairs(b->c->arena, &device->xattrs),
		.why = asked(b, device->key_at, "devices"),
	};

	for (unsigned i = r.low; i <= r.high; i++) {
		const char *path = device->path;

		if (r.start != r.end)
			path = arena_printf(b->c->arena, "%.*s%u%s", (int)r.start, device->path, i, device->path + r.end);
		node.minor = (uint32_t)device->minor.v + (i - r.low);
		put(b, path, &node);
	}
}

static void
put_cache(struct builder *b)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = b->closure->cache,
		.why = asked(b, b->m->libraries.cache.at, "libraries.cache")};

	if (node.content)
		put(b, "/etc/ld.so.cache", &node);
}

/* A file of GRUB itself. */
static void
put_grub_file(struct builder *b, const char *path, const struct entry *entry)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = entry->content, .why = asked(b, b->m->grub.at, "grub")};

	put(b, path, &node);
}

static void
put_menu(struct builder *b, const char *path, const char *menu)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .why = asked(b, b->m->grub.at, "grub.menu")};

	b->failed |= !menu;
	if (!menu)
		return;
	node.content = bytes_content(b->c, menu, path);
	put(b, path, &node);
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

/*
 * modules.dep for all modules of the image. One that comes with a copy of the directory is made for that by depmod, and stays, unless
 * more modules are asked for.
 */
static void
put_module_list(struct builder *b)
{
	bool is_asked = b->m->kernel.modules.count;
	struct node node = {.kind = NODE_FILE, .mode = 0644, .why = asked(b, b->closure->modules_at, is_asked ? "kernel.modules" : "files")};
	const char *name = b->closure->module_directory;
	const struct node *directory;

	if (b->closure->module_count == 0)
		return;
	directory = tree_resolve(b->tree, name);
	if (!directory) /* without a link /lib */
		directory = tree_resolve(b->tree, arena_printf(b->c->arena, "/usr%s", name));
	if (!directory || (!is_asked && node_child(directory, "modules.dep", strlen("modules.dep"))))
		return;
	node.content = bytes_content(b->c, plan_module_list(b->c, b->closure), "modules.dep");
	put(b, arena_printf(b->c->arena, "%s/modules.dep", node_path(b->c, directory)), &node);
}

static void
put_unified(struct builder *b, const struct content *unified)
{
	struct node node = {.kind = NODE_FILE, .mode = 0755, .content = unified, .why = asked(b, b->m->kernel.unified.at, "kernel.unified")};

	if (unified)
		put(b, plan_unified_path(b->c, b->m, b->closure), &node);
}

/* Where it is part of a unified image, it is one for GRUB besides. */
static void
put_initramfs(struct builder *b, const struct content *initramfs)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = initramfs, .why = asked(b, b->m->kernel.initramfs.at, "kernel.initramfs")};

	if (initramfs && (!b->m->kernel.unified.v || b->m->grub.given))
		put(b, INITRAMFS_PATH, &node);
}

/* GRUB 2 where firmware looks for it. */
static void
put_grub_program(struct builder *b)
{
	struct node node = {.kind = NODE_FILE, .mode = 0755, .content = plan_grub2_efi(b->c, b->m, b->closure), .why = asked(b, b->m->grub.at, "grub")};
	const char *path = plan_efi_path(b->c, b->m, b->closure->grub_efi.program, "GRUB", b->m->grub.platform.at);

	b->failed |= !path;
	if (path)
		put(b, path, &node);
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

/* A partition that is mounted below / needs a directory to be mounted on. */
static void
put_mounts(struct builder *b)
{
	for (size_t i = 0; i < b->m->partition_count; i++) {
		const struct m_text *mount = &b->m->partitions[i].mount;
		struct node wanted = {.kind = NODE_DIRECTORY, .mode = 0755, .why = asked(b, mount->at, "mount")};
		struct node *there;

		if (!mount->v || !mount->v[1])
			continue;
		there = tree_find(b->tree, mount->v);
		if (!there || there->kind != NODE_DIRECTORY)
			there = put(b, mount->v, &wanted);
		if (there)
			there->is_mount = true;
	}
}

/* Each ext file system makes its own /lost+found, for e2fsck. */
static void
refuse_lost_and_found(struct builder *b)
{
	for (size_t i = 0; i < b->m->partition_count; i++) {
		const char *mount = b->m->partitions[i].mount.v;
		const struct node *root = mount ? tree_find(b->tree, mount) : NULL;
		const struct node *taken = root ? node_child(root, "lost+found", strlen("lost+found")) : NULL;

		if (!taken || b->m->partitions[i].filesystem.type.v == FILESYSTEM_VFAT)
			continue;
		diag_help(diag(&b->c->diags, DIAG_PATH_RESERVED, taken->why->at, "'%s' is made by rootc itself", node_path(b->c, taken)),
			"leave it out: every ext file system has one, empty, mode 0700");
		b->failed = true;
	}
}

/* Whether ENTRY takes its files from a partition that is not mounted: what is on it is not ours to know. */
static bool
is_elsewhere(const struct manifest *m, const struct m_menu_entry *entry)
{
	return entry->root.v && !m->partitions[partition_index(m, entry->root.v)].mount.v;
}

/* Whether there are all files that entries of the menu name: GRUB would not find them (its error 15). */
static bool
check_menu_paths(struct builder *b)
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
				"put it there with 'kernel.image' or 'files'");
		}
	}
	return b->c->diags.error_count == errors;
}

/* Decides every path of the image: what the closure brings, what the manifest writes, and what both imply. */
const struct tree *
plan_tree(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct boot *boot,
	const struct composed *composed)
{
	struct builder b = {.c = c, .m = m, .closure = closure, .boot = boot};

	b.tree = tree_new(c, asked(&b, m->at, "the root directory"));
	put_needs(&b);
	for (size_t i = 0; i < m->file_count; i++)
		if (m->files[i].is_subtree)
			put_subtree(&b, &m->files[i], closure->source_entries[i]);
	for (size_t i = 0; i < m->file_count; i++)
		if (!m->files[i].is_subtree)
			put_file(&b, i);
	for (size_t i = 0; i < m->device_count; i++)
		put_devices(&b, &m->devices[i]);
	for (size_t i = 0; i < closure->applet_count; i++)
		put_applet(&b, &closure->applets[i]);
	if (m->kernel.initramfs.mount.given)
		put_first(&b);
	put_cache(&b);
	put_module_list(&b);
	put_initramfs(&b, composed->initramfs);
	put_unified(&b, composed->unified);
	if (m->grub.given)
		put_grub(&b);
	put_mounts(&b);
	refuse_uncopied(&b);
	refuse_lost_and_found(&b);
	if (!b.failed)
		b.failed = !plan_hardlinks(c, m, closure, b.tree);
	if (m->grub.given && !b.failed)
		b.failed = !check_menu_paths(&b);
	return b.failed ? NULL : b.tree;
}

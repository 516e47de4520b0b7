/* Decides every path of the image, who put it there, and with what mode and owner. */

#include "plan/plan.h"

#include <string.h>

#include "model/applets.h"
#include "model/startup.h"
#include "plan/builder.h"
#include "support/compilation.h"

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
			builder_put(b, need->path, &node);
	}
}

static void
put_subtree(struct builder *b, const struct m_file *f, const struct entry *from)
{
	const char *rest;
	struct node *directory = from ? builder_parent(b, f->path, builder_asked(b, f->key_at, "files"), &rest) : NULL;

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
		.why = builder_asked(b, f->key_at, "files"),
	};

	if (f->hardlink.v || f->link.v)
		node.target = f->hardlink.v ? f->hardlink.v : f->link.v;
	else if (node.kind == NODE_FILE)
		node.data = b->closure->data[i];
	if (node.kind == NODE_FILE && !source && !f->hardlink.v)
		node.content = builder_text(b, f->content.v ? f->content.v : "", f->path);
	builder_put(b, f->path, &node);
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
	struct node node = {.kind = NODE_LINK, .mode = 0777, .why = builder_asked(b, applet->at, "busybox.applets")};
	const char *directory = applet_directory(applet->name);
	const struct node *real = tree_resolve(b->tree, directory);
	const char *path;

	if (real && real->kind == NODE_DIRECTORY)
		directory = real->parent ? node_path(b->c, real) : "";
	path = arena_printf(b->c->arena, "%s/%s", directory, applet->name);
	node.target = relative_target(b->c, path, b->closure->busybox_path);
	if (strcmp(path, b->closure->busybox_path) == 0 || (b->m->busybox.applets.all && tree_find(b->tree, path)))
		return;
	builder_put(b, path, &node);
}

/* Linux runs /init of an initial ramdisk, and looks for no other. */
static void
put_first(struct builder *b)
{
	struct node node = {.kind = NODE_LINK, .mode = 0777, .why = builder_asked(b, b->m->kernel.initramfs.mount.at, "kernel.initramfs")};
	size_t i = 0;

	while (startup_usual[i] && !tree_resolve(b->tree, startup_usual[i]))
		i++;
	if (!startup_usual[i] || tree_find(b->tree, "/init"))
		return;
	node.target = startup_usual[i] + 1;
	builder_put(b, "/init", &node);
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
		.why = builder_asked(b, device->key_at, "devices"),
	};

	for (unsigned i = r.low; i <= r.high; i++) {
		const char *path = device->path;

		if (r.start != r.end)
			path = arena_printf(b->c->arena, "%.*s%u%s", (int)r.start, device->path, i, device->path + r.end);
		node.minor = (uint32_t)device->minor.v + (i - r.low);
		builder_put(b, path, &node);
	}
}

static void
put_cache(struct builder *b)
{
	struct node node = {.kind = NODE_FILE, .mode = 0644, .content = b->closure->cache,
		.why = builder_asked(b, b->m->libraries.cache.at, "libraries.cache")};

	if (node.content)
		builder_put(b, "/etc/ld.so.cache", &node);
}

/*
 * modules.dep for all modules of the image. One that comes with a copy of the directory is made for that by depmod, and stays, unless
 * more modules are asked for.
 */
static void
put_module_list(struct builder *b)
{
	bool is_asked = b->m->kernel.modules.count;
	struct node node = {.kind = NODE_FILE, .mode = 0644, .why = builder_asked(b, b->closure->modules_at, is_asked ? "kernel.modules" : "files")};
	const char *name = b->closure->module_directory;
	const struct node *directory;

	if (b->closure->module_count == 0)
		return;
	directory = tree_resolve(b->tree, name);
	if (!directory) /* without a link /lib */
		directory = tree_resolve(b->tree, arena_printf(b->c->arena, "/usr%s", name));
	if (!directory || (!is_asked && node_child(directory, "modules.dep", strlen("modules.dep"))))
		return;
	node.content = builder_text(b, plan_module_list(b->c, b->closure), "modules.dep");
	builder_put(b, arena_printf(b->c->arena, "%s/modules.dep", node_path(b->c, directory)), &node);
}

/* A partition that is mounted below / needs a directory to be mounted on. */
static void
put_mounts(struct builder *b)
{
	for (size_t i = 0; i < b->m->partition_count; i++) {
		const struct m_text *mount = &b->m->partitions[i].mount;
		struct node wanted = {.kind = NODE_DIRECTORY, .mode = 0755, .why = builder_asked(b, mount->at, "mount")};
		struct node *there;

		if (!mount->v || !mount->v[1])
			continue;
		there = tree_find(b->tree, mount->v);
		if (!there || there->kind != NODE_DIRECTORY)
			there = builder_put(b, mount->v, &wanted);
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

/* Decides every path of the image: what the closure brings, what the manifest writes, and what both imply. */
const struct tree *
plan_tree(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct boot *boot,
	const struct composed *composed)
{
	struct builder b = {.c = c, .m = m, .closure = closure, .boot = boot};

	b.tree = tree_new(c, builder_asked(&b, m->at, "the root directory"));
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
	builder_put_boot(&b, composed);
	put_mounts(&b);
	refuse_uncopied(&b);
	refuse_lost_and_found(&b);
	if (!b.failed)
		b.failed = !plan_hardlinks(c, m, closure, b.tree);
	if (m->grub.given && !b.failed)
		b.failed = !builder_check_menu(&b);
	return b.failed ? NULL : b.tree;
}

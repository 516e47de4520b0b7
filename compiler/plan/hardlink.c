/* Decides which paths of the image are names of one file. */
#include <stdlib.h>
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

struct linker {
	struct compilation *c;
	const struct manifest *m;
	struct tree *tree;
	bool has_pool;
	bool failed;
};

/* A hard link of the manifest that nothing is known of but its target. */
static bool
is_open(const struct node *node)
{
	return node->kind == NODE_FILE && !node->content;
}

/* The child of DIRECTORY that NAME was probably meant to be, or NULL. */
static const char *
nearest_child(struct compilation *c, const struct node *directory, const char *name)
{
	const char **names = ARENA_ARRAY(c->arena, const char *, directory->child_count);

	for (size_t i = 0; i < directory->child_count; i++)
		names[i] = directory->children[i]->name;
	return text_nearest(name, names, directory->child_count);
}

static void
report_missing(struct linker *k, const struct m_file *f)
{
	const char *path = f->hardlink.v, *slash = strrchr(path, '/'), *near = NULL;
	struct diag *d = diag(&k->c->diags, DIAG_HARDLINK_TARGET_MISSING, f->hardlink.at, "'%s' is no path of the image", path);
	const struct node *meant = tree_resolve(k->tree, path);
	const struct node *directory = tree_find(k->tree, arena_strndup(k->c->arena, path, (size_t)(slash - path)));

	if (directory)
		near = nearest_child(k->c, directory, slash + 1);
	if (meant)
		diag_help(d, "write the path that it leads to: '%s'", node_path(k->c, meant));
	else if (near)
		diag_help(d, "did you mean '%.*s/%s'?", (int)(slash - path), path, near);
	else
		diag_help(d, "put it there with 'programs' or 'files', or make this one the file");
}

static void
report_kind(struct linker *k, const struct m_file *f, const struct node *target)
{
	const char *noun = target->kind == NODE_DIRECTORY ? "directory" : "symbolic link";
	struct diag *d = diag(&k->c->diags, DIAG_HARDLINK_TARGET_KIND, f->hardlink.at, "'%s' is a %s, which has no second name",
		f->hardlink.v, noun);

	diag_help(d, "write 'link: %s'", f->hardlink.v);
	diag_note(d, target->why->at, "it comes from here");
}

/* The directory that the partition of NODE is mounted at. */
static const struct node *
mount_of(const struct node *node)
{
	while (node->parent && !node->is_mount)
		node = node->parent;
	return node;
}

static const char *
partition_of(struct linker *k, const struct node *node)
{
	int partition = partition_mounted_at(k->m, node_path(k->c, mount_of(node)));

	return partition < 0 ? "the initial ramdisk" : arena_printf(k->c->arena, "partition '%s'", k->m->partitions[partition].name);
}

/* Whether NODE, put there by F, can be a name of FILE. */
static bool
can_link(struct linker *k, const struct m_file *f, const struct node *node, const struct node *file)
{
	if (file->kind == NODE_DIRECTORY || file->kind == NODE_LINK) {
		report_kind(k, f, file);
		return false;
	}
	if (mount_of(node) == mount_of(file))
		return true;
	diag_help(diag(&k->c->diags, DIAG_HARDLINK_ACROSS_PARTITIONS, f->hardlink.at,
		"'%s' lies on %s, and '%s' on %s", node_path(k->c, file), partition_of(k, file), f->path,
		partition_of(k, node)), "write 'link: %s'", f->hardlink.v);
	return false;
}

static void
make_link(struct node *node, struct node *file)
{
	node->kind = file->kind;
	node->mode = file->mode;
	node->owner = file->owner;
	node->group = file->group;
	node->content = file->content;
	node->xattrs = file->xattrs;
	if (file->kind == NODE_FILE) {
		node->data = file->data;
	} else {
		node->major = file->major;
		node->minor = file->minor;
	}
	node->original = file;
	file->hardlinks++;
}

/* What an open link stands for when it leads nowhere: an empty file, so that the rest can be planned or looked through. */
static void
leave_empty(struct node *node)
{
	static const struct content nothing = {.kind = CONTENT_BYTES, .bytes = "", .shown = "nothing"};

	node->content = &nothing;
	node->data = NULL;
}

/* The links from NODE on, which lead round, are left empty: it is said once. */
static void
report_cycle(struct linker *k, const struct m_file *f, struct node *node)
{
	struct diag *d = diag(&k->c->diags, DIAG_HARDLINK_CYCLE, f->hardlink.at, "the hard links from '%s' on lead in a circle, to no file", f->path);

	while (is_open(node)) {
		const char *next = node->target;

		if (strcmp(next, f->path) != 0)
			diag_note(d, node->why->at, "by way of '%s'", next);
		leave_empty(node);
		node = tree_find(k->tree, next);
	}
	k->failed = true;
}

/* The path at the end of the links from NODE on; NULL when they lead round. All on the way lead there at once from now on. */
static const char *
end_of(struct linker *k, struct node *node)
{
	const char *end = node->target;
	struct node *next, *at = tree_find(k->tree, end);

	for (size_t left = k->m->file_count; at && is_open(at); at = tree_find(k->tree, end)) {
		if (left-- == 0)
			return NULL;
		end = at->target;
	}
	for (at = node; at && is_open(at) && strcmp(at->target, end) != 0; at = next) {
		next = tree_find(k->tree, at->target);
		at->target = end;
	}
	return end;
}

static void
resolve(struct linker *k, const struct m_file *f, struct node *node)
{
	const char *end = end_of(k, node);
	struct node *file = end ? tree_find(k->tree, end) : NULL;

	if (!end) {
		report_cycle(k, f, node);
	} else if (file) {
		file = file->original ? file->original : file;
		if (can_link(k, f, node, file))
			make_link(node, file);
		else
			k->failed = true;
	} else if (!k->has_pool) {
		leave_empty(node);
	} else {
		if (!tree_find(k->tree, f->hardlink.v))
			report_missing(k, f);
		k->failed = true;
	}
}

/* A name of a file that has more of them in its archive. */
struct name {
	const void *inode;        /* equal for the names of one file */
	const struct node *mount; /* where its partition is */
	const char *path;
	struct node *node;
};

static int
compare_names(const void *a_, const void *b_)
{
	const struct name *a = a_, *b = b_;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->mount != b->mount)
		return a->mount < b->mount ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* Whether NODE is what the archive says, and not made another by the manifest. */
static bool
is_unchanged(const struct node *node, const struct entry *entry)
{
	return node->kind == NODE_FILE && node->content == entry->content && node->mode == entry->mode && node->owner == entry->owner &&
		node->group == entry->group && node->xattrs == entry->xattrs && !node->data;
}

/* A file of a FAT or a ramdisk has one name: each of those in an archive is a file there, which tells no program anything else. */
static bool
has_names(const struct linker *k, const struct node *mount)
{
	int partition = partition_mounted_at(k->m, node_path(k->c, mount));

	if (k->m->kernel.initramfs.mount.given && partition < 0)
		return false;
	return partition < 0 || k->m->partitions[partition].filesystem.type.v != FILESYSTEM_VFAT;
}

/* What has several names in an archive keeps those that enter the image, on each partition: the first is the file itself. */
static void
join_names(struct linker *k, const struct closure *closure)
{
	struct name *names = NULL;
	size_t count = 0, first = 0;

	for (size_t i = 0; i < closure->need_count; i++) {
		const struct need *need = closure->needs[i];
		struct node *node = entry_inode(need->entry) ? tree_find(k->tree, need->path) : NULL;

		if (node && is_unchanged(node, need->entry) && has_names(k, mount_of(node)))
			*ARENA_PUSH(k->c->arena, names, count) = (struct name){entry_inode(need->entry), mount_of(node), need->path, node};
	}
	if (count)
		qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 1; i < count; i++)
		if (names[i].inode == names[first].inode && names[i].mount == names[first].mount)
			make_link(names[i].node, names[first].node);
		else
			first = i;
}

bool
plan_hardlinks(struct compilation *c, const struct manifest *m, const struct closure *closure, struct tree *tree)
{
	struct linker k = {.c = c, .m = m, .tree = tree, .has_pool = closure->pool};

	join_names(&k, closure);
	for (size_t i = 0; i < m->file_count; i++) {
		struct node *node = m->files[i].hardlink.v ? tree_find(tree, m->files[i].path) : NULL;

		if (node && is_open(node))
			resolve(&k, &m->files[i], node);
	}
	return !k.failed;
}

/* Decides whether a GRUB will find what it is to load, of what is planned to be on its partition. */

#include "plan/grub.h"

#include <string.h>
#include <strings.h>

#include "plan/ext.h"
#include "plan/stages.h"
#include "support/compilation.h"

enum { TYPE_LINUX = 0x83, TYPE_RAID = 0xfd };

const struct node *
grub_reach(const struct grub_reader *reader, const struct node *root, const char *path)
{
	const struct node *node = root ? tree_reach(root, path, reader->most_links) : NULL;

	return node && node->kind == NODE_FILE ? node : NULL;
}

/* GRUB 0.97 takes a hole between extents for a block that it cannot read; where blocks are mapped one by one it reads zeroes. */
static void
check_whole(struct compilation *c, const struct grub_reader *reader, const struct partition_layout *p, const struct node *node)
{
	const struct node *file = node->original ? node->original : node;
	const struct ext_inode *inode;

	if (reader->reads_holes || !file->data || !p->ext || !(p->ext->feature_incompat & EXT_INCOMPAT_EXTENTS))
		return;
	for (inode = p->ext->inodes; inode->node != file; inode++)
		;
	if (ext_data_blocks(inode) * p->ext->block_size >= inode->size)
		return;
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, file->why->at,
		"%s reads no holes between extents, and '%s' has some", reader->name, node_path(c, file)),
		"leave 'sparse' out, or write 'sparse: false'; on ext2 it reads them");
}

bool
grub_can_mount(struct compilation *c, const struct grub_reader *reader, const struct partition_layout *p)
{
	const struct m_partition *from = p->from;

	if (from->filesystem.given && from->filesystem.type.v == FILESYSTEM_VFAT && !reader->reads_vfat) {
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->filesystem.type.at,
			"%s is to read partition '%s', which has a vfat", reader->name, from->name),
			"its e2fs_stage1_5 reads ext2, ext3 and ext4");
		return false;
	}
	if (reader->looks_at_types && p->mbr_type != TYPE_LINUX && p->mbr_type != TYPE_RAID) {
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->type.at,
			"%s reads no partition of type 0x%02x", reader->name, p->mbr_type),
			"partition '%s' holds what GRUB loads: leave out 'type', or write 0x83", from->name);
		return false;
	}
	if (!from->filesystem.given) {
		diag(&c->diags, DIAG_GRUB_CANNOT_READ, from->key_at,
			"%s is to read partition '%s', which has no file system", reader->name, from->name);
		return false;
	}
	return true;
}

/* Whether PATH, below what is mounted as MOUNTED, leads to nothing in the whole image, which plan_tree has told and which was allowed. */
static bool
is_missing(const struct compilation *c, struct node *mounted, const char *path)
{
	struct tree tree = {.root = mounted};

	while (tree.root->parent)
		tree.root = tree.root->parent;

	return c->diags.allowed[DIAG_MENU_PATH_MISSING] && !tree_resolve(&tree, path);
}

/* That GRUB finds PATH, of the image, which the words AT name; ENTRY's partition counts when it is not mounted. */
static void
check_path(struct compilation *c, const struct grub_reader *reader, const struct manifest *m, const struct layout *layout,
	const struct m_menu_entry *entry, const char *path, struct span at)
{
	int named = entry->root.v ? partition_index(m, entry->root.v) : -1;
	const struct node *file;
	const char *inside;
	int holder = partition_holding(m, path, &inside);

	if (named >= 0 && !m->partitions[named].mount.v) {
		grub_can_mount(c, reader, &layout->partitions[named]); /* what is on it is not ours to know */
		return;
	}
	if (is_missing(c, layout->partitions[holder].root, path) || !grub_can_mount(c, reader, &layout->partitions[holder]))
		return;
	if ((file = grub_reach(reader, layout->partitions[holder].root, inside))) {
		check_whole(c, reader, &layout->partitions[holder], file);
		return;
	}
	diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, at,
		"%s does not reach '%s' on partition '%s'", reader->name, path, layout->partitions[holder].from->name),
		"it sees one partition at a time and follows %u links", reader->most_links);
}

void
grub_check_entries(struct compilation *c, const struct grub_reader *reader, const struct manifest *m,
	const struct closure *closure, const struct layout *layout)
{
	for (size_t i = 0; i < m->grub.menu_count; i++) {
		const struct m_menu_entry *e = &m->grub.menu[i];
		struct grub_entry booted;

		if (e->commands.given)
			continue;
		booted = grub_entry_of(m, closure, e);
		check_path(c, reader, m, layout, e, booted.kernel, booted.kernel_at);
		if (booted.initrd)
			check_path(c, reader, m, layout, e, booted.initrd, booted.initrd_at);
	}
}

/* The file at PATH of a FAT file system, where GRUB 2 takes letters for the same in either case. */
static const struct node *
reach_on_fat(const struct node *root, const char *path)
{
	const struct node *node = root;

	for (size_t length; node && *(path += strspn(path, "/")); path += length) {
		const struct node *from = node;

		length = strcspn(path, "/");
		node = NULL;
		for (size_t i = 0; from->kind == NODE_DIRECTORY && i < from->child_count; i++)
			if (strlen(from->children[i]->name) == length && strncasecmp(from->children[i]->name, path, length) == 0)
				node = from->children[i];
	}
	return node && node->kind == NODE_FILE ? node : NULL;
}

void
grub_check_operand(struct compilation *c, const struct grub_reader *reader, const struct partition_layout *p, const char *path,
	const struct m_text *command)
{
	bool is_fat = p->from->filesystem.given && p->from->filesystem.type.v == FILESYSTEM_VFAT;

	if (*path != '/')
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, command->at, "%s takes '%s' for no path", reader->name, path),
			"%s", reader->path_help);
	else if (p->root && grub_can_mount(c, reader, p) && !(is_fat ? reach_on_fat(p->root, path) : grub_reach(reader, p->root, path)))
		diag_help(diag(&c->diags, DIAG_GRUB_CANNOT_READ, command->at, "%s finds no file '%s' on partition '%s'", reader->name, path,
			p->from->name), "%s", reader->root_help);
}

/* Decides what a subtree copy of the manifest's `files` puts into the image's tree. */
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"

struct copying {
	struct compilation *c;
	const struct m_file *file;
	struct uncopied *uncopied;
	const struct reason *why;
	bool failed;
};

/* What E becomes, but for its name and place. */
static struct node
describe(const struct copying *k, const struct entry *e)
{
	struct node node = plan_node(e, k->why);

	if (k->file->owner.given)
		node.owner = (uint32_t)k->file->owner.v;
	if (k->file->group.given)
		node.group = (uint32_t)k->file->group.v;
	node.is_copied = true;
	return node;
}

/* Whether both are the same but for owner, group and mode. */
static bool
is_same(const struct node *a, const struct node *b)
{
	return a->kind == b->kind && a->content == b->content && (a->kind != NODE_LINK || strcmp(a->target, b->target) == 0);
}

static void
fail(struct copying *k, const struct node *there, const char *how)
{
	diag_note(diag(&k->c->diags, DIAG_PATH_TWICE, k->why->at, "'%s' %s", node_path(k->c, there), how),
		there->why->at, "it comes from here already (%s)", there->why->text);
	k->failed = true;
}

/* THERE stands where NEW is to be: whether that is as good, or can be made so. */
static bool
agree(struct copying *k, struct node *there, const struct node *new)
{
	if (!is_same(there, new)) {
		fail(k, there, there->implied ? "cannot be a copy: it must be a directory" : "is put into the image twice");
		return false;
	}
	if (there->is_copied && (there->mode != new->mode || there->owner != new->owner || there->group != new->group)) {
		fail(k, there, "comes from two subtrees, with another mode or owner");
		return false;
	}
	there->mode = new->mode;
	there->owner = new->owner;
	there->group = new->group;
	there->xattrs = new->xattrs;
	there->why = new->why;
	there->implied = false;
	there->is_copied = true;
	return true;
}

static void
leave_out(struct copying *k, const struct node *directory, const struct entry *e)
{
	*ARENA_PUSH(k->c->arena, k->uncopied->list, k->uncopied->count) =
		(struct uncopied_entry){.directory = directory, .name = e->name, .at = k->why->at};
}

static void copy_children(struct copying *, struct node *directory, const struct entry *from);

/* IS_NEW: nobody else has put anything into DIRECTORY. */
static void
copy(struct copying *k, struct node *directory, bool is_new, const struct entry *e)
{
	struct node *node = is_new ? NULL : node_child(directory, e->name, strlen(e->name)), new = describe(k, e);

	if (node && !agree(k, node, &new))
		return;
	if (!node) {
		node = ARENA_NEW(k->c->arena, struct node);
		*node = new;
		node->name = e->name;
		node->parent = directory;
		if (is_new)
			directory->children[directory->child_count++] = node; /* entries are in the order of nodes */
		else
			node_adopt(k->c, node);
	}
	if (node->kind == NODE_DIRECTORY)
		copy_children(k, node, e);
}

/* Recursion is as deep as the pool's directories are. */
static void
copy_children(struct copying *k, struct node *directory, const struct entry *from)
{
	bool is_new = directory->child_count == 0;

	if (is_new)
		directory->children = arena_room(k->c->arena, from->child_count, sizeof *directory->children);
	for (size_t i = 0; i < from->child_count; i++)
		if (from->children[i]->kind == ENTRY_OTHER)
			leave_out(k, directory, from->children[i]);
		else
			copy(k, directory, is_new, from->children[i]);
}

bool
plan_subtree(struct compilation *c, const struct m_file *file, const struct entry *from, struct node *directory,
	struct uncopied *uncopied)
{
	struct reason *why = ARENA_NEW(c->arena, struct reason);
	struct copying k = {.c = c, .file = file, .uncopied = uncopied, .why = why};
	struct node top;

	*why = (struct reason){.at = file->key_at, .text = "files"};
	top = describe(&k, from);
	if (agree(&k, directory, &top))
		copy_children(&k, directory, from);
	return !k.failed;
}

#include "model/tree.h"

#include <stdlib.h>
#include <string.h>

#include "support/compilation.h"
#include "support/memory.h"

enum { LINK_LIMIT = 40 }; /* the kernel's MAXSYMLINKS */

struct tree *
tree_new(struct compilation *c, const struct reason *root_reason)
{
	struct tree *t = ARENA_NEW(c->arena, struct tree);

	t->root = ARENA_NEW(c->arena, struct node);
	*t->root = (struct node){.name = "", .kind = NODE_DIRECTORY, .mode = 0755, .why = root_reason, .implied = true};
	return t;
}

static int
compare_name(const char *name, const char *other, size_t other_length)
{
	int order = strncmp(name, other, other_length);

	return order ? order : name[other_length] != '\0';
}

/* How many children stand before NAME; *FOUND when the next one is called so. */
static size_t
child_index(const struct node *directory, const char *name, size_t length, bool *found)
{
	size_t low = 0, high = directory->child_count;

	*found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_name(directory->children[middle]->name, name, length);

		if (order == 0) {
			*found = true;
			return middle;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct node *
node_child(const struct node *directory, const char *name, size_t length)
{
	bool found;
	size_t i = child_index(directory, name, length, &found);

	return found ? directory->children[i] : NULL;
}

void
node_adopt(struct compilation *c, struct node *new)
{
	struct node *parent = new->parent;
	bool found;
	size_t i = child_index(parent, new->name, strlen(new->name), &found);

	ASSERT(!found);
	ARENA_PUSH(c->arena, parent->children, parent->child_count);
	memmove(&parent->children[i + 1], &parent->children[i], (parent->child_count - 1 - i) * sizeof *parent->children);
	parent->children[i] = new;
}

static int
compare_nodes(const void *a, const void *b)
{
	return strcmp((*(struct node *const *)a)->name, (*(struct node *const *)b)->name);
}

void
node_sort_children(struct node *directory)
{
	if (directory->child_count)
		qsort(directory->children, directory->child_count, sizeof *directory->children, compare_nodes);
}

struct node *
tree_find(const struct tree *t, const char *path)
{
	struct node *node = t->root;

	while (node && *path) {
		size_t length = strcspn(path, "/");

		if (length)
			node = node->kind == NODE_DIRECTORY ? node_child(node, path, length) : NULL;
		path += length + (path[length] == '/');
	}
	return node;
}

/* Goes from DIRECTORY along PATH, following links while *LINKS_LEFT lasts. */
static struct node *
walk(const struct tree *t, struct node *directory, const char *path, unsigned *links_left)
{
	struct node *node = *path == '/' ? t->root : directory;

	while (node && *path) {
		size_t length = strcspn(path, "/");
		struct node *from = node;

		if (length && from->kind != NODE_DIRECTORY)
			return NULL;
		if (length == 2 && path[0] == '.' && path[1] == '.')
			node = from->parent ? from->parent : from;
		else if (length && !(length == 1 && *path == '.'))
			node = node_child(from, path, length);
		if (node && node->kind == NODE_LINK)
			node = (*links_left)-- ? walk(t, from, node->target, links_left) : NULL;
		path += length + (path[length] == '/');
	}
	return node;
}

struct node *
tree_resolve(const struct tree *t, const char *path)
{
	unsigned links_left = LINK_LIMIT;

	return walk(t, t->root, path, &links_left);
}

/* Goes from DIRECTORY of the file system under ROOT along PATH, following links while *LINKS_LEFT lasts. */
static const struct node *
walk_inside(const struct node *root, const struct node *directory, const char *path, unsigned *links_left)
{
	const struct node *node = *path == '/' ? root : directory;

	while (node && *path) {
		const struct node *from = node;
		size_t length = strcspn(path, "/");

		if (length && (from->kind != NODE_DIRECTORY || (from != root && from->is_mount)))
			return NULL;
		if (length == 2 && strncmp(path, "..", 2) == 0)
			node = from == root ? root : from->parent;
		else if (length && !(length == 1 && *path == '.'))
			node = node_child(from, path, length);
		if (node && node->kind == NODE_LINK)
			node = *links_left && (*links_left)-- ? walk_inside(root, from, node->target, links_left) : NULL;
		path += length + (path[length] == '/');
	}
	return node;
}

const struct node *
tree_reach(const struct node *root, const char *path, unsigned most_links)
{
	return walk_inside(root, root, path, &most_links);
}

const char *
node_path(struct compilation *c, const struct node *node)
{
	size_t length = 0;
	char *path;

	if (!node->parent)
		return "/";
	for (const struct node *n = node; n->parent; n = n->parent)
		length += 1 + strlen(n->name);
	path = arena_alloc(c->arena, length + 1);
	for (const struct node *n = node; n->parent; n = n->parent) {
		size_t name_length = strlen(n->name);

		length -= name_length;
		memcpy(path + length, n->name, name_length);
		path[--length] = '/';
	}
	return path;
}

static enum entry_kind
entry_kind_of(enum node_kind kind)
{
	switch (kind) {
	case NODE_DIRECTORY:
		return ENTRY_DIRECTORY;
	case NODE_FILE:
		return ENTRY_FILE;
	case NODE_LINK:
		return ENTRY_LINK;
	case NODE_CHAR:
	case NODE_BLOCK:
		break;
	}
	return ENTRY_OTHER;
}

static void
put_node(struct compilation *c, struct pool *pool, const struct node *node)
{
	struct entry entry = {.kind = entry_kind_of(node->kind), .mode = node->mode, .owner = node->owner,
		.group = node->group, .xattrs = node->xattrs};

	if (entry.kind == ENTRY_FILE) {
		entry.content = node->content;
		entry.inode = node->hardlinks ? node : node->original;
	} else if (entry.kind == ENTRY_LINK) {
		entry.target = node->target;
	}
	pool_put(c, pool, node_path(c, node) + 1, &entry);
	for (size_t i = 0; i < node->child_count; i++)
		put_node(c, pool, node->children[i]);
}

const struct pool *
tree_pool(struct compilation *c, const struct tree *tree)
{
	struct pool *pool = pool_new(c);

	put_node(c, pool, tree->root);
	return pool;
}

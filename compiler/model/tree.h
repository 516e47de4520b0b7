#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/closure.h"

struct compilation;

/* The image's files as they will be, before anything is known of blocks. */

enum node_kind { NODE_DIRECTORY, NODE_FILE, NODE_LINK, NODE_CHAR, NODE_BLOCK };

struct node {
	const char *name;    /* one component, at most 255 bytes; "" for the root */
	struct node *parent; /* NULL for the root */
	enum node_kind kind;
	uint16_t mode; /* permission bits, 07777; 0777 for links */
	uint32_t owner, group;
	const struct content *content; /* NODE_FILE */
	const struct content_data *data; /* NODE_FILE: what is not in it becomes holes; NULL: there are none */
	const char *target;            /* NODE_LINK */
	uint32_t major, minor;         /* NODE_CHAR, NODE_BLOCK */
	const struct xattrs *xattrs;   /* or NULL */
	struct node *original;         /* what this is a hard link to, and is equal to in all above but the name; or NULL */
	struct reason why;
	bool is_copied;           /* by a subtree: what names it otherwise takes its place */
	bool implied;             /* a parent nobody named: what names it later only adds mode and owner */
	bool is_mount;            /* another partition is mounted here: its children live there */
	uint32_t hardlinks;       /* to this one */
	struct node **children;   /* NODE_DIRECTORY: sorted bytewise by name */
	size_t child_count;
};

struct tree {
	struct node *root;
};

struct tree *tree_new(struct compilation *, struct reason root_reason);

/* The child of DIRECTORY called NAME (LENGTH bytes), or NULL. */
struct node *node_child(const struct node *directory, const char *name, size_t length);

/* Links NEW, whose name and parent are set, into its parent's children; its name must be new there. */
void node_adopt(struct compilation *, struct node *new);

/* The node at the absolute PATH, no link followed, or NULL. */
struct node *tree_find(const struct tree *, const char *path);

/* The node that PATH leads to, following links as the kernel would (at most 40) inside the tree, or NULL. */
struct node *tree_resolve(const struct tree *, const char *path);

/* The tree as a pool, in which programs can be looked into as they will stand in the image. */
const struct pool *tree_pool(struct compilation *, const struct tree *);

/* The absolute path of a node, "/" for the root. */
const char *node_path(struct compilation *, const struct node *);

#endif

#ifndef MODEL_TREE_H
#define MODEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/closure.h"
#include "support/calendar.h"

struct compilation;

/* The image's files as they will be, before anything is known of blocks. */

enum node_kind { NODE_DIRECTORY, NODE_FILE, NODE_LINK, NODE_CHAR, NODE_BLOCK };

/* What a time of a file is the time of. */
enum moment_kind { MOMENT_MODIFIED, MOMENT_CHANGED, MOMENT_ACCESSED, MOMENT_CREATED };
enum { MOMENTS = MOMENT_CREATED + 1 };

/* What a file system that was read back says of one file, and a manifest says of all at once, or not at all. */
struct remarks {
	struct moment moments[MOMENTS];
	uint32_t flags; /* i_flags of ext, attributes of a FAT: those that neither its place nor its mode tells */
};

/* There are as many of these as there are files: what is for one kind alone shares its place. */
struct node {
	const char *name;              /* one component, at most 255 bytes; "" for the root */
	struct node *parent;           /* NULL for the root */
	union {
		const struct reason *why;
		const struct remarks *remarks; /* of one that was read back; NULL: none */
	};
	const struct content *content; /* NODE_FILE */
	const struct xattrs *xattrs;   /* or NULL */
	struct node *original;         /* what this is a hard link to, and is equal to in all but the name; or NULL */
	union {
		struct node **children;          /* NODE_DIRECTORY: sorted bytewise by name */
		const char *target;              /* NODE_LINK; of what the manifest calls a hard link, until its file is known */
		const struct content_data *data; /* NODE_FILE: what is not in it becomes holes; NULL: there are none */
		struct {
			uint32_t major, minor;   /* NODE_CHAR, NODE_BLOCK */
		};
	};
	uint32_t child_count; /* NODE_DIRECTORY; else 0 */
	uint32_t owner, group;
	uint32_t hardlinks;   /* to this one */
	uint16_t mode;        /* permission bits, 07777; 0777 for links */
	enum node_kind kind : 8;
	bool is_read : 1;     /* back, from an image: it has remarks, and no reason */
	bool is_copied : 1;   /* by a subtree: what names it otherwise takes its place */
	bool implied : 1;     /* a parent nobody named: what names it later only adds mode and owner */
	bool is_mount : 1;    /* another partition is mounted here: its children live there */
};

struct tree {
	struct node *root;
};

/* A tree of nothing but a root, which is there for ROOT_REASON. */
struct tree *tree_new(struct compilation *, const struct reason *root_reason);

/* The child of DIRECTORY called NAME (LENGTH bytes), or NULL. */
struct node *node_child(const struct node *directory, const char *name, size_t length);

/* Puts the children of DIRECTORY, linked in any order, in that of their names. */
void node_sort_children(struct node *directory);

/* Links NEW, whose name and parent are set, into its parent's children; its name must be new there. */
void node_adopt(struct compilation *, struct node *new);

/* The node at the absolute PATH, no link followed, or NULL. */
struct node *tree_find(const struct tree *, const char *path);

/* The node that PATH leads to, following links as the kernel would (at most 40) inside the tree, or NULL. */
struct node *tree_resolve(const struct tree *, const char *path);

enum { TREE_LINKS_MOST = 40 }; /* that Linux follows on one path */

/* The same for who sees only the file system whose root is ROOT, nothing mounted in it, and follows at most MOST_LINKS links. */
const struct node *tree_reach(const struct node *root, const char *path, unsigned most_links);

/* The tree as a pool, in which programs can be looked into as they will stand in the image. */
const struct pool *tree_pool(struct compilation *, const struct tree *);

/* The absolute path of a node, "/" for the root. */
const char *node_path(struct compilation *, const struct node *);

#endif

/* Decides under which of its names the manifest has a file that has several. */
#include <stdlib.h>
#include <string.h>

#include "decompile/stages.h"

enum { FIRST_FREE = 12 }; /* the inode of the tree that plan/ numbers first */

/* A file and the number of its inode. */
struct numbered {
	const struct node *file;
	uint32_t number;
};

struct walk {
	struct decompiling *d;
	struct part *p;
	struct numbered *list; /* by file */
	size_t count;
	uint32_t next;         /* the number that plan/ would give to the next file */
};

static int
compare_numbered(const void *a_, const void *b_)
{
	const struct numbered *a = a_, *b = b_;

	return a->file < b->file ? -1 : a->file > b->file;
}

static int
compare_first_names(const void *a_, const void *b_)
{
	const struct first_name *a = a_, *b = b_;

	return a->file < b->file ? -1 : a->file > b->file;
}

static uint32_t
number_of(const struct walk *w, const struct node *file)
{
	const struct numbered wanted = {.file = file};
	const struct numbered *found = w->count ? bsearch(&wanted, w->list, w->count, sizeof wanted, compare_numbered) : NULL;

	return found ? found->number : 0;
}

static struct first_name *
find(const struct part *p, const struct node *file)
{
	const struct first_name wanted = {.file = file};

	return p->first_name_count ?
		bsearch(&wanted, p->first_names, p->first_name_count, sizeof wanted, compare_first_names) : NULL;
}

/* Goes through the names as plan/ does: depth first, bytewise. Recursion is as deep as the tree, whose depth load/ bounds. */
static void
pass(struct walk *w, const struct node *directory)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct node *child = directory->children[i], *file = child->original ? child->original : child;
		struct first_name *first = file->hardlinks ? find(w->p, file) : NULL;
		bool is_next = number_of(w, file) == w->next;

		if (first && (is_next || !first->name))
			first->name = child;
		w->next += is_next;
		pass(w, child);
	}
}

static void
collect(struct walk *w)
{
	const struct ext_layout *ext = w->p->layout->ext;

	for (size_t i = 0; i < ext->inode_used_count; i++) {
		const struct ext_inode *inode = &ext->inodes[i];

		if (!inode->node)
			continue;
		*ARENA_PUSH(w->d->c->arena, w->list, w->count) = (struct numbered){inode->node, inode->number};
		if (inode->node->hardlinks)
			*ARENA_PUSH(w->d->c->arena, w->p->first_names, w->p->first_name_count) = (struct first_name){.file = inode->node};
	}
	if (w->count)
		qsort(w->list, w->count, sizeof *w->list, compare_numbered);
	if (w->p->first_name_count)
		qsort(w->p->first_names, w->p->first_name_count, sizeof *w->p->first_names, compare_first_names);
}

const struct node *
decompile_first_name(const struct part *p, const struct node *node)
{
	const struct node *file = node->original ? node->original : node;
	const struct first_name *first = file->hardlinks && file->kind != NODE_LINK ? find(p, file) : NULL;

	return first ? first->name : node;
}

void
decompile_first_names(struct decompiling *d, struct part *p)
{
	struct walk w = {.d = d, .p = p, .next = FIRST_FREE};

	if (!p->layout->ext)
		return;
	collect(&w);
	if (p->first_name_count)
		pass(&w, p->layout->root);
}

#ifndef EXT_FIXTURE_H
#define EXT_FIXTURE_H

#include <string.h>

#include "model/layout.h"
#include "model/tree.h"
#include "plan/stages.h"
#include "support/compilation.h"

/* A manifest with one partition and a tree, put together by hand; every value stands on a line of its own. */

enum { LINE_SIZE = 1, LINE_INODES, LINE_EPOCH, LINE_KEY, LINE_FILESYSTEM, LINE_FEATURES, LINE_TREE };

struct ext_fixture {
	struct compilation *c;
	const struct source *source;
	struct manifest m;
	struct m_partition p;
	struct tree *tree;
};

static inline struct span
ext_line(const struct ext_fixture *f, uint32_t line)
{
	return (struct span){.source = f->source, .line = line, .column = 1, .length = 1};
}

static inline struct ext_fixture
ext_fixture(struct compilation *c, enum filesystem_kind kind, uint32_t block_size)
{
	static const char text[] = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
	struct ext_fixture f = {.c = c, .source = source_new(c->arena, "test.yaml", text, sizeof text - 1)};

	f.m.name.v = "test";
	f.m.disk.sector_size.bytes = SECTOR_USUAL;
	f.m.epoch.at = ext_line(&f, LINE_EPOCH);
	f.p.name = "root";
	f.p.key_at = ext_line(&f, LINE_KEY);
	f.p.size = (struct m_size){.at = ext_line(&f, LINE_SIZE), .given = true};
	f.p.filesystem.at = ext_line(&f, LINE_FILESYSTEM);
	f.p.filesystem.type.v = (int)kind;
	f.p.filesystem.block_size.bytes = block_size;
	f.p.filesystem.inode_size.v = 256;
	f.p.filesystem.inodes.at = ext_line(&f, LINE_INODES);
	f.p.filesystem.reserved_percent.v = 5;
	f.tree = tree_new(c, unit_reason(c, (struct reason){.at = ext_line(&f, LINE_TREE), .text = "root"}));
	return f;
}

static inline struct node *
ext_add(struct ext_fixture *f, struct node *parent, const char *name, enum node_kind kind)
{
	struct node *n = ARENA_NEW(f->c->arena, struct node);

	*n = (struct node){.name = name, .parent = parent ? parent : f->tree->root, .kind = kind, .mode = 0755};
	n->why = unit_reason(f->c, (struct reason){.at = ext_line(f, LINE_TREE + 1), .text = name});
	node_adopt(f->c, n);
	return n;
}

/* A file of SIZE bytes; without BYTES it can be planned, but not written. */
static inline struct node *
ext_add_file(struct ext_fixture *f, struct node *parent, const char *name, uint64_t size, const char *bytes)
{
	struct node *n = ext_add(f, parent, name, NODE_FILE);
	struct content *content = ARENA_NEW(f->c->arena, struct content);

	*content = (struct content){.kind = CONTENT_BYTES, .size = size, .bytes = bytes, .shown = name};
	n->content = content;
	return n;
}

static inline struct node *
ext_add_link(struct ext_fixture *f, struct node *parent, const char *name, size_t length)
{
	struct node *n = ext_add(f, parent, name, NODE_LINK);
	char *target = arena_alloc(f->c->arena, length + 1);

	n->target = memset(target, 'x', length);
	return n;
}

static inline struct ext_layout *
ext_plan(struct ext_fixture *f, uint64_t bytes)
{
	return plan_ext(f->c, &f->m, &f->p, f->tree->root, bytes);
}

/* The inode of the first file so called. */
static inline const struct ext_inode *
ext_inode_called(const struct ext_layout *l, const char *name)
{
	for (size_t i = 0; i < l->inode_used_count; i++)
		if (l->inodes[i].node && strcmp(l->inodes[i].node->name, name) == 0)
			return &l->inodes[i];
	fail_msg("no inode is called '%s'", name);
	return NULL;
}

#endif

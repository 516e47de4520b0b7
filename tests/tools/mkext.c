/*
 * The writer alone, for measuring: all of a directory, as `inputs` see it, planned and written as one file system, without
 * manifest, closure and partition table. What `mke2fs -d DIR IMAGE` does.
 * usage: mkext TYPE[,FEATURE] BLOCK_SIZE THREADS MIB DIRECTORY IMAGE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit/output.h"
#include "emit/stages.h"
#include "fetch/fetch.h"
#include "model/layout.h"
#include "plan/stages.h"
#include "support/compilation.h"

enum { MIB = 1024 * 1024 };

static const enum node_kind kinds[] = {
	[ENTRY_DIRECTORY] = NODE_DIRECTORY,
	[ENTRY_FILE] = NODE_FILE,
	[ENTRY_LINK] = NODE_LINK,
};

/* Recursion is as deep as the directories are, of which fetch/ bounds the depth. */
static void
grow(struct compilation *c, struct node *parent, const struct entry *directory)
{
	parent->children = ARENA_ARRAY(c->arena, struct node *, directory->child_count);
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct entry *e = directory->children[i];
		struct node *node;

		if (e->kind == ENTRY_OTHER)
			continue;
		node = ARENA_NEW(c->arena, struct node);
		*node = (struct node){
			.name = e->name,
			.parent = parent,
			.kind = kinds[e->kind],
			.mode = e->mode,
			.content = e->content,
			.target = e->target,
		};
		parent->children[parent->child_count++] = node;
		if (node->kind == NODE_DIRECTORY)
			grow(c, node, e);
	}
}

static struct tree *
scan(struct compilation *c, const char *directory)
{
	struct m_input input = {.name = "tree", .kind = INPUT_DIRECTORY, .directory = {.v = directory, .given = true}};
	struct manifest m = {.directory = ".", .inputs = &input, .input_count = 1};
	const struct pool *pool = fetch_pool(c, &m, NULL, ".");
	struct tree *tree;

	if (!pool)
		return NULL;
	tree = tree_new(c, (struct reason){0});
	grow(c, tree->root, pool->root);
	return tree;
}

static bool
write_image(struct compilation *c, const struct partition_layout *p, const char *path, uint64_t bytes)
{
	struct output out = {0};
	bool ok = output_begin(&out, c, path, bytes) && emit_ext(&out, p) && output_publish(&out);

	output_end(&out);
	return ok;
}

static bool
make(struct compilation *c, char **argument)
{
	const uint64_t bytes = strtoull(argument[4], NULL, 10) * MIB;
	const struct manifest m = {.name = {.v = "bench"}};
	struct m_partition from = {.name = "root", .size = {.bytes = bytes}};
	struct partition_layout p = {.from = &from};
	struct tree *tree = scan(c, argument[5]);
	const char *comma = strchr(argument[1], ',');
	struct m_text feature = {.v = comma ? comma + 1 : NULL};

	from.filesystem.type.v = FILESYSTEM_EXT2 + argument[1][3] - '2';
	from.filesystem.features = (struct m_texts){.v = &feature, .count = comma != NULL};
	from.filesystem.block_size.bytes = strtoull(argument[2], NULL, 10);
	from.filesystem.inode_size.v = 256;
	return tree &&
		(p.ext = plan_ext(c, &m, &from, tree->root, bytes)) &&
		write_image(c, &p, argument[6], bytes);
}

int
main(int count, char **argument)
{
	struct compilation c = {.arena = arena_new()};

	if (count != 7) {
		fputs("usage: mkext TYPE[,FEATURE] BLOCK_SIZE THREADS MIB DIRECTORY IMAGE\n", stderr);
		return 2;
	}
	c.diags.arena = c.arena;
	c.jobs = (unsigned)atoi(argument[3]);
	make(&c, argument);
	for (size_t i = 0; i < c.diags.count; i++)
		fprintf(stderr, "mkext: %s\n", c.diags.list[i]->text);
	arena_free(c.arena);
	return c.diags.error_count ? 1 : 0;
}

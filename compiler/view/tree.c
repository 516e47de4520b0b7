/* Decides the listing of a tree: one line a node, the form that golden tests compare with what debugfs sees. */
#include "view/view.h"

#include <inttypes.h>

#include "support/compilation.h"
#include "support/text.h"
#include "view/words.h"

static void
print_detail(FILE *out, struct arena *a, const struct node *node)
{
	switch (node->kind) {
	case NODE_DIRECTORY:
		break;
	case NODE_FILE:
		if (node->content)
			fprintf(out, " %" PRIu64, node->content->size);
		break;
	case NODE_LINK:
		fprintf(out, " -> %s", text_escape(a, node->target));
		break;
	case NODE_CHAR:
	case NODE_BLOCK:
		fprintf(out, " %u,%u", node->major, node->minor);
		break;
	}
}

/* As getfattr(1) has them: " user.note=\"text\" security.x=0x00ff". */
static void
print_xattrs(FILE *out, struct arena *a, const struct xattrs *set)
{
	for (size_t i = 0; set && i < set->count; i++) {
		const char *value = xattr_show(a, &set->list[i]), *quote = value[0] == '0' && value[1] == 'x' ? "" : "\"";

		fprintf(out, " %s=%s%s%s", text_escape(a, set->list[i].name), quote, value, quote);
	}
}

static void
print_line(FILE *out, struct compilation *c, const struct node *node)
{
	fprintf(out, "%04o %u:%u %-4s %s", (unsigned)node->mode, node->owner, node->group, word_node(node->kind),
		text_escape(c->arena, node_path(c, node)));
	print_detail(out, c->arena, node);
	print_xattrs(out, c->arena, node->xattrs);
	if (node->original)
		fprintf(out, " = %s", text_escape(c->arena, node_path(c, node->original)));
	fputc('\n', out);
}

/* NODE and all below it that lies on a partition; IS_HELD: it does. */
static void
print_nodes(FILE *out, struct compilation *c, const struct node *node, bool is_held)
{
	is_held |= node->is_mount;
	if (is_held)
		print_line(out, c, node);
	for (size_t i = 0; i < node->child_count; i++)
		print_nodes(out, c, node->children[i], is_held);
}

/* Whether all mounted partitions of M, which may be NULL, are mounted below directories that lie on none, nor in a ramdisk. */
static bool
is_rootless(const struct manifest *m)
{
	const char *inside;
	bool is_mounted = false;

	for (size_t i = 0; m && i < m->partition_count; i++)
		is_mounted |= m->partitions[i].mount.v != NULL;
	return is_mounted && !m->kernel.initramfs.mount.given && partition_holding(m, "/", &inside) < 0;
}

void
view_tree(FILE *out, struct compilation *c, const struct plan *plan)
{
	print_nodes(out, c, plan->tree->root, !is_rootless(plan->manifest));
}

void
view_listing(FILE *out, struct compilation *c, const struct node *node)
{
	if (node->kind != NODE_DIRECTORY)
		print_line(out, c, node);
	for (size_t i = 0; i < node->child_count; i++)
		print_line(out, c, node->children[i]);
}

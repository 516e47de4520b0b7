/* Decides what becomes of extended attributes where there can be none. */
#include "plan/attributes.h"

#include "model/capability.h"
#include "support/compilation.h"

static void
warn(const struct lost_attributes *lost, const struct node *node, struct span at, const char *what)
{
	diag_help(diag(&lost->c->diags, DIAG_XATTRS_NOT_KEPT, at, "'%s' %s extended attributes, such as '%s': %s has none",
		node_path(lost->c, node), what, node->xattrs->list[0].name, lost->where), "%s",
		lost->only_root ? "let what needs them be in the root file system" : "put it on an ext file system");
}

bool
attributes_lose(struct lost_attributes *lost, const struct node *node)
{
	const struct xattrs *set = node->xattrs;

	if (!set)
		return true;
	if (!lost->only_root && xattrs_find(set, CAPABILITY_XATTR)) {
		diag_help(diag(&lost->c->diags, DIAG_UNSTORABLE, node->why->at,
			"'%s' cannot be stored: %s keeps no capabilities, and the program needs them", node_path(lost->c, node), lost->where),
			"put it on an ext file system, or let it have none: 'xattrs: {}'");
		return false;
	}
	if (set->list[0].at.line) {
		warn(lost, node, set->list[0].at, "keeps none of its");
		return true;
	}
	if (lost->count++ == 0)
		lost->first = node;
	return true;
}

void
attributes_report(const struct lost_attributes *lost)
{
	if (lost->count == 0)
		return;
	warn(lost, lost->first, lost->first->why->at, lost->count == 1 ? "keeps none of its" :
		arena_printf(lost->c->arena, "and %zu more keep none of their", lost->count - 1));
}

/* Decides whether the image keeps within its budget: what its file systems have in use, and how much more than an older image's. */

#include "plan/plan.h"

#include "model/image.h"
#include "support/compilation.h"
#include "support/text.h"

enum { NOTES = 3 };

static uint64_t
use(const struct layout *layout)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < layout->partition_count; i++)
		bytes += partition_use(&layout->partitions[i]);
	return bytes;
}

/* What OLDER has in use in the partitions that have file systems now; false: what one of them has cannot be told. */
static bool
use_before(const struct layout *now, const struct layout *older, uint64_t *bytes)
{
	bool known = older->partition_count > 0;

	*bytes = 0;
	for (size_t i = 0; i < now->partition_count && i < older->partition_count; i++)
		if (now->partitions[i].ext || now->partitions[i].fat) {
			known &= older->partitions[i].ext || older->partitions[i].fat;
			*bytes += partition_use(&older->partitions[i]);
		}
	return known;
}

static void
rank(const struct node *best[NOTES], const struct node *new)
{
	for (size_t i = 0; new && i < NOTES; i++)
		if (!best[i] || new->content->size > best[i]->content->size) {
			const struct node *next = best[i];

			best[i] = new;
			new = next;
		}
}

static void
collect(const struct node *best[NOTES], const struct node *node)
{
	if (node->kind == NODE_FILE && !node->original)
		rank(best, node);
	for (size_t i = 0; i < node->child_count; i++)
		collect(best, node->children[i]);
}

static void
note_largest(struct compilation *c, struct diag *d, const struct tree *tree)
{
	const struct node *best[NOTES] = {NULL};

	collect(best, tree->root);
	for (size_t i = 0; i < NOTES && best[i] && best[i]->content->size; i++)
		diag_note(d, best[i]->why->at, "%s %s, %s", i ? "next:" : "largest:", node_path(c, best[i]),
			text_bytes(c->arena, best[i]->content->size));
}

static bool
keeps_within(struct compilation *c, const struct plan *plan, uint64_t used)
{
	const struct m_size *budget = &plan->manifest->budget.used;
	struct diag *d;

	if (!budget->given || used <= budget->bytes)
		return true;
	d = diag(&c->diags, DIAG_BUDGET_EXCEEDED, budget->at, "the file systems use %s, and the budget is %s", text_bytes(c->arena, used),
		text_bytes(c->arena, budget->bytes));
	diag_label(d, "%s too much", text_bytes(c->arena, used - budget->bytes));
	note_largest(c, d, plan->tree);
	return false;
}

/* BYTES plus what GROWTH allows. */
static uint64_t
grown(uint64_t bytes, const struct m_size *growth)
{
	return bytes + (growth->kind == SIZE_PERCENT ? bytes / 100 * growth->bytes + bytes % 100 * growth->bytes / 100 : growth->bytes);
}

static bool
grows_within(struct compilation *c, const struct plan *plan, uint64_t used, const struct image *older)
{
	const struct m_size *growth = &plan->manifest->budget.growth;
	uint64_t before, most;
	struct diag *d;

	if (!growth->given || !older)
		return true;
	if (!use_before(plan->layout, older->layout, &before)) {
		diag(&c->diags, DIAG_BUDGET_UNCHECKED, growth->at, "growth is not checked: '%s' has a file system that cannot be read back",
			older->path);
		return true;
	}
	most = grown(before, growth);
	if (used <= most)
		return true;
	d = diag(&c->diags, DIAG_BUDGET_GROWTH, growth->at, "the file systems use %s, which is %s more than in '%s'",
		text_bytes(c->arena, used), text_bytes(c->arena, used - before), older->path);
	diag_label(d, "%s allowed: %s more", text_bytes(c->arena, most), text_bytes(c->arena, most - before));
	note_largest(c, d, plan->tree);
	return false;
}

bool
plan_budget(struct compilation *c, const struct plan *plan, const struct image *older)
{
	uint64_t used = use(plan->layout);
	bool within = keeps_within(c, plan, used);

	return grows_within(c, plan, used, older) && within;
}

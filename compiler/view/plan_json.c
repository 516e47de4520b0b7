/* Decides the plan's form as JSON: all of it, for machines. */
#include "view/view.h"

#include "support/compilation.h"
#include "view/layout_json.h"

static void
json_inputs(struct json *j, const struct closure *closure)
{
	json_key(j, "from_inputs");
	json_array(j);
	for (size_t i = 0; closure && i < closure->need_count; i++) {
		const struct entry *entry = closure->needs[i]->entry, *hidden = entry->shadowed;

		json_object(j);
		json_key_text(j, "path", closure->needs[i]->path);
		json_key_text(j, "input", entry->input ? entry->input->name : NULL);
		json_key_text(j, "package", entry->package);
		json_key_text(j, "shadows", hidden && hidden->input ? hidden->input->name : NULL);
		json_object_end(j);
	}
	json_array_end(j);
}

/* The manifests that this one starts from, the nearest first, and the words that name each. */
static void
json_bases(struct json *j, const struct manifest *m)
{
	json_key(j, "extends");
	json_array(j);
	for (size_t i = 0; i < m->base_count; i++) {
		json_object(j);
		json_key_text(j, "path", m->bases[i].v);
		json_where(j, &m->bases[i].at);
		json_object_end(j);
	}
	json_array_end(j);
}

void
view_plan_json(FILE *out, struct compilation *c, const struct plan *plan)
{
	struct json j;

	json_begin(&j, out, false);
	json_object(&j);
	json_key_size(&j, "rootc", plan->manifest->format.v);
	json_key_text(&j, "name", plan->manifest->name.v);
	json_bases(&j, plan->manifest);
	json_key(&j, "epoch");
	json_number(&j, plan->manifest->epoch.v);
	json_disk(&j, c, plan->layout);
	json_partitions(&j, c, plan->layout);
	json_key(&j, "tree");
	json_array(&j);
	json_nodes(&j, c, plan->tree->root);
	json_array_end(&j);
	json_inputs(&j, plan->closure);
	json_object_end(&j);
	json_end(&j);
}

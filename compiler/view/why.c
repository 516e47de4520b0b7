/* Decides how the way from the manifest's words to a path of the image is told. */
#include "view/view.h"

#include <string.h>

#include "support/compilation.h"
#include "support/json.h"
#include "support/text.h"
#include "view/words.h"

static void
print_manifest(FILE *out, struct arena *a, const struct reason *why)
{
	fputs(text_escape(a, word_place(a, &why->at)), out);
	if (why->at.source && why->at.line && why->at.line <= why->at.source->line_count)
		fprintf(out, ": %s", word_quote(a, &why->at));
	fputc('\n', out);
}

static void
print_step(FILE *out, struct arena *a, const char *path, const struct reason *why, const struct entry *entry)
{
	fprintf(out, "  %s", text_escape(a, path));
	if (why->text)
		fprintf(out, ": %s", text_escape(a, why->text));
	if (entry)
		fprintf(out, ", from %s", text_escape(a, word_origin(a, entry)));
	fputc('\n', out);
}

/* The files that led to what WHY gives the reason for, oldest first. */
static const struct need **
chain_of(struct arena *a, const struct reason *why, size_t *count)
{
	const struct need **chain = NULL;

	*count = 0;
	for (const struct need *n = why->needed_by; n; n = n->why.needed_by)
		*ARENA_PUSH(a, chain, *count) = n;
	for (size_t i = 0; i < *count / 2; i++) {
		const struct need *swapped = chain[i];

		chain[i] = chain[*count - 1 - i];
		chain[*count - 1 - i] = swapped;
	}
	return chain;
}

static const struct entry *
entry_of(const struct closure *closure, const char *path)
{
	for (size_t i = 0; closure && i < closure->need_count; i++)
		if (strcmp(closure->needs[i]->path, path) == 0)
			return closure->needs[i]->entry;
	return NULL;
}

static void
print_chain(FILE *out, struct compilation *c, const struct plan *plan, const struct node *node)
{
	const char *path = node_path(c, node);
	size_t count;
	const struct need **chain = chain_of(c->arena, node->why, &count);

	print_manifest(out, c->arena, node->why);
	for (size_t i = 0; i < count; i++)
		print_step(out, c->arena, chain[i]->path, &chain[i]->why, chain[i]->entry);
	print_step(out, c->arena, path, node->why, entry_of(plan->closure, path));
}

static const struct node *
find_node(const struct plan *plan, const char *path)
{
	const struct node *node = tree_find(plan->tree, path);

	return node ? node : tree_resolve(plan->tree, path);
}

bool
view_why(FILE *out, struct compilation *c, const struct plan *plan, const char *path)
{
	const struct node *node = find_node(plan, path);

	if (!node)
		return false;
	if (node != tree_find(plan->tree, path))
		fprintf(out, "%s is %s\n", text_escape(c->arena, path), text_escape(c->arena, node_path(c, node)));
	print_chain(out, c, plan, node);
	return true;
}

static void
json_step(struct json *j, const char *path, const struct reason *why, const struct entry *entry)
{
	json_object(j);
	json_key_text(j, "path", path);
	json_key_text(j, "how", why->text);
	json_key_text(j, "input", entry && entry->input ? entry->input->name : NULL);
	json_key_text(j, "package", entry ? entry->package : NULL);
	json_object_end(j);
}

bool
view_why_json(FILE *out, struct compilation *c, const struct plan *plan, const char *path)
{
	const struct node *node = find_node(plan, path);
	const struct need **chain;
	struct json j;
	size_t count;

	if (!node)
		return false;
	path = node_path(c, node);
	chain = chain_of(c->arena, node->why, &count);
	json_begin(&j, out, false);
	json_object(&j);
	json_key_text(&j, "path", path);
	json_key_text(&j, "file", node->why->at.source ? node->why->at.source->name : NULL);
	json_key_size(&j, "line", node->why->at.line);
	json_key_size(&j, "column", node->why->at.column);
	json_key(&j, "chain");
	json_array(&j);
	for (size_t i = 0; i < count; i++)
		json_step(&j, chain[i]->path, &chain[i]->why, chain[i]->entry);
	json_step(&j, path, node->why, entry_of(plan->closure, path));
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
	return true;
}

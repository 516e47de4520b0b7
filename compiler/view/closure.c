/* Decides how it is told what programs need. */
#include "view/view.h"

#include "support/compilation.h"
#include "support/json.h"
#include "support/text.h"

static const char *
shown_path(struct arena *a, const struct trace_object *object)
{
	return object->path ? text_escape(a, object->path) : "not found";
}

void
view_closure(FILE *out, struct compilation *c, const struct traces *traces)
{
	for (size_t i = 0; i < traces->count; i++) {
		const struct trace *trace = traces->list[i];
		const char *program = text_escape(c->arena, trace->objects[0]->path);

		for (size_t j = 1; j < trace->object_count; j++) {
			const struct trace_object *object = trace->objects[j];

			/* not by fprintf: a whole system has thousands of lines */
			fputs(program, out);
			fputc('\t', out);
			fputs(text_escape(c->arena, object->name), out);
			fputs(" => ", out);
			fputs(shown_path(c->arena, object), out);
			fputc('\n', out);
		}
	}
}

/* "libc.so.6 => /lib/libc.so.6 (built-in directory /lib)". */
static void
print_edge(FILE *out, struct arena *a, const struct trace_edge *edge, size_t depth, bool is_first)
{
	const struct trace_object *to = edge->to;

	fprintf(out, "%*s%s => %s", (int)(2 * depth), "", text_escape(a, edge->name), shown_path(a, to));
	if (!is_first)
		fputs(" (already)", out);
	else if (to->how)
		fprintf(out, " (%s%s)", to->path ? "" : "searched: ", text_escape(a, to->how));
	fputc('\n', out);
}

/* Goes down at the edge by which a file was asked for first, and up by who asked: so that no depth needs a stack. */
static void
print_tree(FILE *out, struct arena *a, const struct trace *trace)
{
	size_t *next = ARENA_ARRAY(a, size_t, trace->object_count), depth = 1;
	bool *shown = ARENA_ARRAY(a, bool, trace->object_count);
	const struct trace_object *at = trace->objects[0];

	fprintf(out, "%s\n", text_escape(a, at->path));
	while (at) {
		const struct trace_edge *edge;
		bool is_first;

		if (next[at->index] == at->edge_count) {
			at = at->by;
			depth--;
			continue;
		}
		edge = &at->edges[next[at->index]++];
		is_first = edge->to->by == at && !shown[edge->to->index];
		print_edge(out, a, edge, depth, is_first);
		if (is_first) {
			shown[edge->to->index] = true;
			at = edge->to;
			depth++;
		}
	}
}

void
view_closure_tree(FILE *out, struct compilation *c, const struct traces *traces)
{
	for (size_t i = 0; i < traces->count; i++)
		print_tree(out, c->arena, traces->list[i]);
}

static void
json_edges(struct json *j, const struct trace_object *object)
{
	json_key(j, "needs");
	json_array(j);
	for (size_t i = 0; i < object->edge_count; i++) {
		json_object(j);
		json_key_text(j, "name", object->edges[i].name);
		json_key_text(j, "path", object->edges[i].to->path);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_file(struct json *j, const struct trace_object *object)
{
	json_object(j);
	json_key_text(j, "name", object->name);
	json_key_text(j, "path", object->path);
	json_key_text(j, object->path ? "how" : "searched", object->how);
	json_key_text(j, "needed_by", object->by ? object->by->path : NULL);
	json_edges(j, object);
	json_object_end(j);
}

static void
json_trace(struct json *j, const struct trace *trace)
{
	json_object(j);
	json_key_text(j, "program", trace->objects[0]->path);
	json_key_text(j, "loader", trace->loader);
	json_key(j, "files");
	json_array(j);
	for (size_t i = 0; i < trace->object_count; i++)
		json_file(j, trace->objects[i]);
	json_array_end(j);
	json_object_end(j);
}

void
view_closure_json(FILE *out, const struct traces *traces)
{
	struct json j;

	json_begin(&j, out, false);
	json_object(&j);
	json_key(&j, "programs");
	json_array(&j);
	for (size_t i = 0; i < traces->count; i++)
		json_trace(&j, traces->list[i]);
	json_array_end(&j);
	json_key_size(&j, "missing", traces->missing_count);
	json_object_end(&j);
	json_end(&j);
}

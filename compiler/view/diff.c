/* Decides how the difference of two images is told. */
#include "view/view.h"

#include <inttypes.h>
#include <string.h>

#include "support/compilation.h"
#include "support/json.h"
#include "support/text.h"
#include "view/diff.h"
#include "view/field.h"
#include "view/words.h"

enum { BYTE_ROWS_MOST = 100 }; /* in the text */

/* What stands between the word for a kind of owner and its number; NULL: it has none that says anything. */
static const char *
number_word(enum owner_kind kind)
{
	if (kind == OWNER_INODE)
		return "";
	if (kind == OWNER_FREE_INODES)
		return "from ";
	if (kind >= OWNER_SUPERBLOCK && kind <= OWNER_INODE_BITMAP && kind != OWNER_RESERVED_GDT)
		return "of group ";
	return kind >= OWNER_DIRECTORY && kind <= OWNER_SLACK ? "of inode " : NULL;
}

/* Whether bytes of different things stand in the same place. */
static bool
is_placed_differently(const struct diff *d)
{
	for (size_t i = 0; i < d->byte_row_count; i++) {
		const struct owner *a = d->bytes[i].before, *b = d->bytes[i].after;

		if (!a || !b || a->kind != b->kind || a->number != b->number)
			return true;
	}
	return d->change_count > 0;
}

/* Without a fact that differs, bytes in the same places do in what no fact tells: counters of mounts, bytes that nothing uses. */
const char *
diff_headline(const struct diff *d)
{
	if (d->content_change_count)
		return "contents differ";
	if (is_placed_differently(d))
		return "same files, layout differs";
	return d->byte_count ? "same files, other bytes differ" : "identical";
}

/* Each line behind four blanks, escaped. */
static void
print_lines(FILE *out, struct arena *a, const char *lines)
{
	while (*lines) {
		size_t length = strcspn(lines, "\n");

		fprintf(out, "    %s\n", text_escape(a, arena_strndup(a, lines, length)));
		lines += length + (lines[length] != 0);
	}
}

/* "board.yaml:7:3: /etc/motd, from debian (base-files 12)". */
static const char *
cause_side(struct arena *a, const struct cause *cause)
{
	const char *words;

	if (!cause)
		return NULL;
	words = word_quote(a, &cause->at);
	return arena_printf(a, "%s%s%s%s%s%s%s", text_escape(a, word_place(a, &cause->at)), *words ? ": " : "", words, cause->how ? ", " : "",
		cause->how ? text_escape(a, cause->how) : "", cause->entry ? ", from " : "",
		cause->entry ? text_escape(a, word_origin(a, cause->entry)) : "");
}

/* What made a fact another one, in both manifests, or in that which has it; NULL: nothing is known. */
static const char *
cause_text(struct arena *a, const struct change *change)
{
	const char *before = cause_side(a, change->cause_before), *after = cause_side(a, change->cause_after);

	if (before && after && strcmp(before, after) != 0)
		return arena_printf(a, "%s -> %s", before, after);
	return after ? after : before;
}

const char *
diff_note(struct arena *a, const struct change *change)
{
	const char *note = change->note ? change->note : "", *cause = cause_text(a, change);

	return cause ? arena_printf(a, "%s%scause: %s", note, *note ? "; " : "", cause) : note;
}

static void
print_change(FILE *out, struct arena *a, const struct change *change)
{
	if (change->partition)
		fprintf(out, "  partition %" PRIu32, change->partition);
	else
		fputs("  disk", out);
	if (change->path)
		fprintf(out, " %s", text_escape(a, change->path));
	fprintf(out, ": %s", text_escape(a, change->what));
	if (change->before && change->after)
		fprintf(out, ": %s -> %s", text_escape(a, change->before), text_escape(a, change->after));
	else if (change->before)
		fprintf(out, " removed: %s", text_escape(a, change->before));
	else if (change->after)
		fprintf(out, " added: %s", text_escape(a, change->after));
	if (change->note)
		fprintf(out, "%s %s", change->before || change->after ? "," : ":", change->note);
	fputc('\n', out);
	if (cause_text(a, change))
		fprintf(out, "    cause: %s\n", cause_text(a, change));
	if (change->lines)
		print_lines(out, a, change->lines);
}

static void
print_owner(FILE *out, struct compilation *c, const struct image *image, const struct owner *o)
{
	if (!o) {
		fputs("behind the end", out);
		return;
	}
	if (o->partition >= 0)
		fprintf(out, "partition %" PRIu32 " ", image->layout->partitions[o->partition].number);
	fputs(word_owner(o->kind), out);
	if (number_word(o->kind))
		fprintf(out, " %s%" PRIu64, number_word(o->kind), o->number);
	if (o->node)
		fprintf(out, " (%s)", text_escape(c->arena, node_path(c, o->node)));
}

/* Whether the owner of a row's bytes is called the same in both images. */
static bool
is_same(struct compilation *c, const struct differing *row)
{
	const struct owner *a = row->before, *b = row->after;

	if (!a || !b || a->kind != b->kind || a->number != b->number || a->partition != b->partition || !a->node != !b->node)
		return false;
	return !a->node || strcmp(node_path(c, a->node), node_path(c, b->node)) == 0;
}

/* One line for each field, or owner that has none: how many of its bytes differ, and the first of them. */
void
diff_bytes(FILE *out, struct compilation *c, const struct diff *d)
{
	size_t rows = d->byte_row_count < BYTE_ROWS_MOST ? d->byte_row_count : BYTE_ROWS_MOST;
	uint64_t told = 0;

	fprintf(out, "bytes that differ: %" PRIu64 "\n", d->byte_count);
	for (size_t i = 0; i < rows; i++) {
		const struct differing *row = &d->bytes[i];

		fprintf(out, "  %" PRIu64 " from %" PRIu64 " on: ", row->count, row->first);
		print_owner(out, c, d->before, row->before);
		if (!is_same(c, row)) {
			fputs(" -> ", out);
			print_owner(out, c, d->after, row->after);
		}
		if (row->field)
			fprintf(out, ": %s", word_field(c->arena, row->field));
		fputc('\n', out);
		told += row->count;
	}
	if (rows < d->byte_row_count)
		fprintf(out, "  and %" PRIu64 " more in %zu places, which --json tells\n", d->byte_count - told, d->byte_row_count - rows);
}

void
view_diff(FILE *out, struct compilation *c, const struct diff *d, bool ignores_layout)
{
	fprintf(out, "%s\n", diff_headline(d));
	for (size_t i = 0; i < d->change_count; i++)
		if (!ignores_layout || !d->changes[i].is_layout)
			print_change(out, c->arena, &d->changes[i]);
	if (!ignores_layout && d->byte_count)
		diff_bytes(out, c, d);
}

static void
write_change(struct json *j, struct arena *a, const struct change *change)
{
	json_object(j);
	json_key_size(j, "partition", change->partition);
	json_key_text(j, "path", change->path);
	json_key_text(j, "what", change->what);
	json_key_text(j, "before", change->before);
	json_key_text(j, "after", change->after);
	json_key_text(j, "note", change->note);
	json_key_text(j, "lines", change->lines);
	json_key_text(j, "cause", cause_text(a, change));
	json_key_bool(j, "layout", change->is_layout);
	json_object_end(j);
}

static void
write_owner(struct json *j, struct compilation *c, const char *key, const struct image *image, const struct owner *o)
{
	json_key(j, key);
	json_object(j);
	if (o) {
		json_key_text(j, "kind", word_owner(o->kind));
		if (o->partition >= 0)
			json_key_size(j, "partition", image->layout->partitions[o->partition].number);
		if (number_word(o->kind))
			json_key_size(j, "number", o->number);
		if (o->node)
			json_key_text(j, "path", node_path(c, o->node));
	}
	json_object_end(j);
}

static void
write_bytes(struct json *j, struct compilation *c, const struct diff *d, const struct differing *row)
{
	json_object(j);
	json_key_size(j, "first", row->first);
	json_key_size(j, "count", row->count);
	write_owner(j, c, "before", d->before, row->before);
	write_owner(j, c, "after", d->after, row->after);
	if (row->field)
		json_key_text(j, "field", word_field(c->arena, row->field));
	json_object_end(j);
}

void
view_diff_json(FILE *out, struct compilation *c, const struct diff *d, bool ignores_layout)
{
	struct json j;

	json_begin(&j, out, false);
	json_object(&j);
	json_key_text(&j, "result", diff_headline(d));
	json_key(&j, "changes");
	json_array(&j);
	for (size_t i = 0; i < d->change_count; i++)
		if (!ignores_layout || !d->changes[i].is_layout)
			write_change(&j, c->arena, &d->changes[i]);
	json_array_end(&j);
	json_key(&j, "bytes");
	json_array(&j);
	for (size_t i = 0; !ignores_layout && i < d->byte_row_count; i++)
		write_bytes(&j, c, d, &d->bytes[i]);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

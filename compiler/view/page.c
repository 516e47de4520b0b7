/* Decides what an image, and the difference of two, look like as a page in a browser. */
#include "view/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"
#include "view/diff.h"
#include "view/picture.h"
#include "view/words.h"
#include "view/xml.h"

enum {
	FILES_MOST = 20,
	CHANGES_MOST = 2000,
};

static void
begin(FILE *out, struct arena *a, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>", out);
	xml_text(out, a, title);
	fputs("</title>\n<style>\n"
		"body { font: 15px/1.4 sans-serif; max-width: 1020px; margin: 1.5em auto; padding: 0 1em; color: #111; background: #fff }\n"
		"table { border-collapse: collapse; margin: .5em 0 }\n"
		"th, td { text-align: left; vertical-align: top; padding: .2em .8em .2em 0; border-bottom: 1px solid #ccc }\n"
		"td.n, th.n { text-align: right; white-space: nowrap }\n"
		"code, pre { font: 13px/1.35 monospace }\ncode { overflow-wrap: anywhere }\n"
		"pre { margin: 0; white-space: pre-wrap; word-break: break-all }\n"
		"tr.lines td { padding-left: 1.6em }\n"
		"ins { background: #d7ecff; text-decoration: none }\ndel { background: #ffe3c2; text-decoration: none }\n"
		"svg { max-width: 100%; height: auto }\n</style>\n</head>\n<body>\n<h1>", out);
	xml_text(out, a, title);
	fputs("</h1>\n", out);
}

static void
end(FILE *out)
{
	fputs("</body>\n</html>\n", out);
}

static void
print_cell(FILE *out, struct arena *a, const char *text, bool is_number)
{
	fputs(is_number ? "<td class=\"n\">" : "<td>", out);
	xml_text(out, a, text ? text : "");
	fputs("</td>", out);
}

static void
print_partitions(FILE *out, struct compilation *c, const struct image *image)
{
	struct arena *a = c->arena;

	fputs("<h2>Partitions</h2>\n<table>\n<tr><th class=\"n\">number</th><th>name</th><th>type</th><th class=\"n\">first byte</th>"
		"<th class=\"n\">size</th><th>holds</th><th class=\"n\">free</th></tr>\n", out);
	for (size_t i = 0; i < image->layout->partition_count; i++) {
		const struct partition_layout *p = &image->layout->partitions[i];

		fputs("<tr>", out);
		print_cell(out, a, arena_printf(a, "%u", p->number), true);
		print_cell(out, a, p->from->name, false);
		print_cell(out, a, image->bare ? NULL : word_partition_use(a, image->layout, p), false);
		print_cell(out, a, arena_printf(a, "%" PRIu64, layout_offset(image->layout, p)), true);
		print_cell(out, a, text_bytes(a, layout_bytes(image->layout, p)), true);
		print_cell(out, a, word_holds(p), false);
		print_cell(out, a, word_free(a, p), true);
		fputs("</tr>\n", out);
	}
	fputs("</table>\n", out);
}

/* Files, the largest first; of those that are equal the bytewise first path. */
struct largest {
	const struct node *files[FILES_MOST];
	uint32_t partitions[FILES_MOST]; /* their numbers, beside */
	size_t count;
	uint64_t all; /* how many there are */
};

static void
consider(struct largest *l, const struct node *file, uint32_t partition)
{
	size_t i = l->count;

	l->all++;
	while (i > 0 && l->files[i - 1]->content->size < file->content->size)
		i--;
	if (i == FILES_MOST)
		return;
	if (l->count < FILES_MOST)
		l->count++;
	memmove(l->files + i + 1, l->files + i, (l->count - 1 - i) * sizeof *l->files);
	memmove(l->partitions + i + 1, l->partitions + i, (l->count - 1 - i) * sizeof *l->partitions);
	l->files[i] = file;
	l->partitions[i] = partition;
}

static void
look_below(struct largest *l, const struct node *node, uint32_t partition)
{
	if (node->kind == NODE_FILE && node->content)
		consider(l, node, partition);
	for (uint32_t i = 0; node->kind == NODE_DIRECTORY && i < node->child_count; i++)
		look_below(l, node->children[i], partition);
}

static const char *
percent_of(struct arena *a, uint64_t part, uint64_t all)
{
	uint64_t percent = part / (all / 100 + 1);

	return percent ? arena_printf(a, "%" PRIu64 " %%", percent) : "less than 1 %";
}

static void
print_files(FILE *out, struct compilation *c, const struct image *image)
{
	struct largest l = {.count = 0};
	struct arena *a = c->arena;

	for (size_t i = 0; i < image->layout->partition_count; i++)
		if (image->layout->partitions[i].root)
			look_below(&l, image->layout->partitions[i].root, image->layout->partitions[i].number);
	if (!l.count)
		return;
	fprintf(out, "<h2>Largest of %s</h2>\n<table>\n<tr><th class=\"n\">size</th><th class=\"n\">of the image</th><th class=\"n\">partition</th>"
		"<th>path</th></tr>\n", text_count(a, l.all, "file", "files"));
	for (size_t i = 0; i < l.count; i++) {
		fputs("<tr>", out);
		print_cell(out, a, text_bytes(a, l.files[i]->content->size), true);
		print_cell(out, a, percent_of(a, l.files[i]->content->size, image->size), true);
		print_cell(out, a, arena_printf(a, "%" PRIu32, l.partitions[i]), true);
		fputs("<td><code>", out);
		xml_text(out, a, node_path(c, l.files[i]));
		fputs("</code></td></tr>\n", out);
	}
	fputs("</table>\n", out);
}

static void
print_findings(FILE *out, struct compilation *c, const struct image *image)
{
	if (!image->finding_count)
		return;
	fputs("<h2>What is wrong, or not understood</h2>\n<ul>\n", out);
	for (size_t i = 0; i < image->finding_count; i++) {
		fprintf(out, "<li>byte %" PRIu64 ": ", image->findings[i].offset);
		xml_text(out, c->arena, image->findings[i].text);
		fputs("</li>\n", out);
	}
	if (image->findings_left_out)
		fprintf(out, "<li>and %" PRIu64 " more</li>\n", image->findings_left_out);
	fputs("</ul>\n", out);
}

void
view_image_html(FILE *out, struct compilation *c, const struct image *image)
{
	begin(out, c->arena, picture_name(image));
	picture_draw(out, c, image, "");
	print_partitions(out, c, image);
	print_files(out, c, image);
	print_findings(out, c, image);
	end(out);
}

/* TEXT line by line; those that begin with '-' and '+' as taken away and added. */
static void
print_lines(FILE *out, struct arena *a, const char *text)
{
	fputs("<pre>", out);
	for (size_t length; *text; text += length + (text[length] != '\0')) {
		const char *element = *text == '-' ? "del" : *text == '+' ? "ins" : "span";

		length = strcspn(text, "\n");
		fprintf(out, "<%s>", element);
		xml_text(out, a, arena_strndup(a, text, length));
		fprintf(out, "</%s>\n", element);
	}
	fputs("</pre>", out);
}

static void
print_change(FILE *out, struct arena *a, const struct change *change)
{
	fputs("<tr>", out);
	print_cell(out, a, change->partition ? arena_printf(a, "%" PRIu32, change->partition) : "disk", false);
	fputs("<td><code>", out);
	xml_text(out, a, change->path ? change->path : "");
	fputs("</code></td>", out);
	print_cell(out, a, change->what, false);
	print_cell(out, a, change->before || !change->after ? change->before : "not there", false);
	print_cell(out, a, change->after || !change->before ? change->after : "removed", false);
	print_cell(out, a, diff_note(a, change), false);
	fputs("</tr>\n", out);
	if (!change->lines)
		return;
	fputs("<tr class=\"lines\"><td colspan=\"6\">", out);
	print_lines(out, a, change->lines);
	fputs("</td></tr>\n", out);
}

static void
print_changes(FILE *out, struct arena *a, const struct diff *d, bool ignores_layout)
{
	size_t told = 0, left = 0;

	for (size_t i = 0; i < d->change_count; i++) {
		if (ignores_layout && d->changes[i].is_layout)
			continue;
		if (told == CHANGES_MOST) {
			left++;
			continue;
		}
		if (told++ == 0)
			fputs("<h2>What differs</h2>\n<table>\n<tr><th>partition</th><th>file</th><th>what</th><th>before</th><th>after</th><th></th></tr>\n", out);
		print_change(out, a, &d->changes[i]);
	}
	if (told)
		fputs("</table>\n", out);
	if (left)
		fprintf(out, "<p>and %zu more, which --json tells</p>\n", left);
}

/* Whose the bytes are that differ, as the text tells it. */
static void
print_bytes(FILE *out, struct compilation *c, const struct diff *d)
{
	char *text = NULL;
	size_t size;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		memory_exhausted();
	diff_bytes(memory, c, d);
	if (fclose(memory) != 0)
		memory_exhausted();
	fputs("<h2>Bytes</h2>\n<details>\n<summary>whose they are</summary>\n", out);
	print_lines(out, c->arena, text);
	fputs("\n</details>\n", out);
	free(text);
}

void
view_diff_html(FILE *out, struct compilation *c, const struct diff *d, bool ignores_layout)
{
	struct arena *a = c->arena;

	begin(out, a, arena_printf(a, "%s and %s: %s", picture_name(d->before), picture_name(d->after), diff_headline(d)));
	fputs("<p>", out);
	diff_counts(out, d, ignores_layout);
	fputs("</p>\n", out);
	print_changes(out, a, d, ignores_layout);
	fputs("<h2>Before</h2>\n", out);
	picture_draw(out, c, d->before, "-before");
	fputs("<h2>After</h2>\n", out);
	picture_draw(out, c, d->after, "-after");
	if (!ignores_layout && d->byte_count)
		print_bytes(out, c, d);
	end(out);
}

/* Decides how the difference of two images is told in short: as counts, and as a page in Markdown. */
#include "view/view.h"

#include <inttypes.h>
#include <string.h>

#include "support/compilation.h"
#include "support/text.h"
#include "view/diff.h"

enum {
	TABLE_ROWS_MOST = 200,
	CELL_MOST = 120, /* bytes, so that a page stays below the MiB that GitHub takes */
};

/* Changes of files, by what became of them; FACTS: those that are not about a file. */
struct counts {
	uint64_t added, removed, renamed, changed, facts;
};

static struct counts
count(const struct diff *d, bool ignores_layout)
{
	struct counts n = {0};

	for (size_t i = 0; i < d->change_count; i++) {
		const struct change *change = &d->changes[i];

		if (ignores_layout && change->is_layout)
			continue;
		if (!change->path)
			n.facts++;
		else if (strcmp(change->what, "renamed") == 0)
			n.renamed++;
		else if (change->is_alone && change->before)
			n.removed++;
		else if (change->is_alone)
			n.added++;
		else
			n.changed++;
	}
	return n;
}

void
diff_counts(FILE *out, const struct diff *d, bool ignores_layout)
{
	struct counts n = count(d, ignores_layout);

	fprintf(out, "%" PRIu64 " added, %" PRIu64 " removed, %" PRIu64 " renamed; facts that changed: %" PRIu64 " of files, %" PRIu64
		" of disk and file systems; bytes that differ: %" PRIu64 "\n", n.added, n.removed, n.renamed, n.changed, n.facts, d->byte_count);
}

void
view_diff_stat(FILE *out, const struct diff *d, bool ignores_layout)
{
	fprintf(out, "%s\n", diff_headline(d));
	diff_counts(out, d, ignores_layout);
}

/* What Markdown and HTML would take for their own becomes a character reference. */
static void
print_cell(FILE *out, struct arena *a, const char *text)
{
	const char *start = text ? text_escape(a, text) : "", *s;

	for (s = start; *s && (s - start < CELL_MOST || (*s & 0xc0) == 0x80); s++)
		if (strchr("&<>|`*_[]\\~#", *s))
			fprintf(out, "&#%d;", *s);
		else
			fputc(*s, out);
	fputs(*s ? "... | " : " | ", out);
}

static void
print_row(FILE *out, struct arena *a, const struct change *change)
{
	fputs("| ", out);
	print_cell(out, a, change->partition ? arena_printf(a, "%" PRIu32, change->partition) : "disk");
	print_cell(out, a, change->path);
	print_cell(out, a, change->what);
	print_cell(out, a, change->before);
	print_cell(out, a, change->after);
	print_cell(out, a, diff_note(a, change));
	fputc('\n', out);
}

void
view_diff_markdown(FILE *out, struct compilation *c, const struct diff *d, bool ignores_layout)
{
	size_t rows = 0, left = 0;

	fprintf(out, "### %s\n\n", diff_headline(d));
	diff_counts(out, d, ignores_layout);
	for (size_t i = 0; i < d->change_count; i++) {
		if (ignores_layout && d->changes[i].is_layout)
			continue;
		if (rows == TABLE_ROWS_MOST) {
			left++;
			continue;
		}
		if (rows++ == 0)
			fputs("\n| partition | file | what | before | after | note |\n|---|---|---|---|---|---|\n", out);
		print_row(out, c->arena, &d->changes[i]);
	}
	if (left)
		fprintf(out, "\nand %zu more\n", left);
}

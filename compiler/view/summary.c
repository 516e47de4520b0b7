/* Decides what the summary of a CI job says of a build: Markdown, below the size that GitHub takes. */
#include "view/view.h"

#include <stdlib.h>
#include <string.h>

#include "support/arena.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* What a view prints, as text in the arena. */
struct captured {
	FILE *out;
	char *text;
	size_t size;
};

static void
begin(struct captured *cap)
{
	cap->out = open_memstream(&cap->text, &cap->size);
	if (!cap->out)
		memory_exhausted();
}

static const char *
end(struct captured *cap, struct arena *a)
{
	const char *text;

	if (fclose(cap->out) != 0)
		memory_exhausted();
	text = arena_strndup(a, cap->text, cap->size);
	free(cap->text);
	return text;
}

/* More backticks than stand in a row anywhere in TEXT: it cannot end its block. */
static const char *
fence(struct arena *a, const char *text)
{
	size_t longest = 2, run = 0;
	char *ticks;

	for (; *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	ticks = arena_alloc(a, longest + 2);
	memset(ticks, '`', longest + 1);
	return ticks;
}

/* TEXT as a block, whole lines of it up to ROOM bytes. */
static void
print_block(FILE *out, struct arena *a, const char *text, size_t room)
{
	size_t size = strlen(text), left_out = 0;
	const char *ticks = fence(a, text);

	while (size > room && size > 0) {
		size--;
		while (size > 0 && text[size - 1] != '\n')
			size--;
	}
	for (const char *rest = text + size; *rest; rest++)
		left_out += *rest == '\n';
	fprintf(out, "\n%stext\n%.*s", ticks, (int)size, text);
	if (left_out)
		fprintf(out, "... %zu more lines\n", left_out);
	fprintf(out, "%s\n", ticks);
}

const char *
view_summary(struct compilation *c, const char *title, const char *said, const struct diff *diff, size_t room)
{
	struct captured found, changed, whole;
	const char *messages, *changes = "", *summary;

	begin(&found);
	view_diagnostics(found.out, &c->diags, MESSAGE_HUMAN, false);
	messages = end(&found, c->arena);
	if (diff) {
		begin(&changed);
		view_diff(changed.out, c, diff, false);
		changes = end(&changed, c->arena);
	}
	begin(&whole);
	fprintf(whole.out, "### rootc: %s\n", title);
	if (*said)
		print_block(whole.out, c->arena, said, room / 4);
	if (*messages)
		print_block(whole.out, c->arena, messages, room / 4);
	if (*changes)
		print_block(whole.out, c->arena, changes, room / 4);
	summary = end(&whole, c->arena);
	/* Backticks by the hundred thousand make fences as long. */
	return strlen(summary) <= room ? summary : "### rootc\n";
}

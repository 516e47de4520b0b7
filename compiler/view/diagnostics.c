/* Decides how what was found wrong is told: to people, to editors a line each, or to programs as JSON. */
#include "view/view.h"

#include "support/arena.h"
#include "support/json.h"
#include "support/text.h"
#include "view/report.h"
#include "view/snippet.h"

enum { MOST_SHOWN = 20 };

/* What each piece of a message looks like on a terminal: clang's colours. */
enum piece { PIECE_PLACE, PIECE_ERROR, PIECE_WARNING, PIECE_NOTE, PIECE_HELP, PIECE_TEXT };

static const char *const colors[] = {
	[PIECE_PLACE] = "\033[1m",
	[PIECE_ERROR] = "\033[1;31m",
	[PIECE_WARNING] = "\033[1;35m",
	[PIECE_NOTE] = "\033[1;36m",
	[PIECE_HELP] = "\033[1;32m",
	[PIECE_TEXT] = "\033[1m",
};

/* What D is shown as. */
static const char *
severity(const struct diag *d)
{
	return diag_is_error(d) ? "error" : "warning";
}

struct printer {
	FILE *out;
	struct arena *arena;
	enum message_format format;
	bool color;
};

static void
print_piece(const struct printer *p, enum piece piece, const char *text)
{
	if (p->color)
		fprintf(p->out, "%s%s\033[0m", colors[piece], text);
	else
		fputs(text, p->out);
}

/* "file:line:column: ", as much of it as there is. */
static void
print_place(const struct printer *p, const struct span *at)
{
	const char *name = at->source ? text_escape(p->arena, at->source->name) : "rootc";

	if (at->source && at->line)
		name = arena_printf(p->arena, "%s:%u:%u", name, at->line, at->column);
	print_piece(p, PIECE_PLACE, arena_printf(p->arena, "%s: ", name));
}

static void
print_snippet(const struct printer *p, const struct span *at, const char *label)
{
	if (p->format == MESSAGE_HUMAN && at->source && at->line)
		snippet_print(p->out, p->arena, at, label, p->color);
}

/* A note has the form of a diagnostic, but one without a place of its own hangs below, as help does. */
static void
print_note(const struct printer *p, const struct diag_note *note)
{
	if (p->format == MESSAGE_HUMAN && !note->at.source)
		fputs("    = ", p->out);
	else
		print_place(p, &note->at);
	print_piece(p, PIECE_NOTE, "note: ");
	fprintf(p->out, "%s\n", text_escape(p->arena, note->text));
	print_snippet(p, &note->at, note->label);
}

/* The words for whose sake the source of AT was read, or NULL: the user named it. */
static const struct span *
naming(const struct span *at)
{
	return at->source && at->source->named_at.line ? &at->source->named_at : NULL;
}

static const char naming_text[] = "extended from here";

static void
print_diag(const struct printer *p, const struct diag *d)
{
	print_place(p, &d->at);
	print_piece(p, diag_is_error(d) ? PIECE_ERROR : PIECE_WARNING, arena_printf(p->arena, "%s: ", severity(d)));
	print_piece(p, PIECE_TEXT, text_escape(p->arena, d->text));
	fprintf(p->out, " [%s%s]\n", diag_catalogue[d->kind].name, d->allowed ? ", allowed" : "");
	print_snippet(p, &d->at, d->label);
	for (size_t i = 0; i < d->note_count; i++)
		print_note(p, &d->notes[i]);
	for (const struct span *at = naming(&d->at); at; at = naming(at))
		print_note(p, &(struct diag_note){.at = *at, .text = naming_text});
	if (d->help && p->format == MESSAGE_HUMAN) {
		fputs("    = ", p->out);
		print_piece(p, PIECE_HELP, "help: ");
		fprintf(p->out, "%s\n", text_escape(p->arena, d->help));
	}
}

static void
print_rest(const struct printer *p, const char *noun, size_t shown)
{
	if (shown > MOST_SHOWN)
		fprintf(p->out, "%zu more %s%s\n", shown - MOST_SHOWN, noun, shown - MOST_SHOWN > 1 ? "s" : "");
}

static void
print_lines(const struct printer *p, const struct diagnostics *all)
{
	size_t errors = 0, warnings = 0;

	for (size_t i = 0; i < all->count; i++)
		if ((*(diag_is_error(all->list[i]) ? &errors : &warnings))++ < MOST_SHOWN)
			print_diag(p, all->list[i]);
	print_rest(p, "error", errors);
	print_rest(p, "warning", warnings);
}

static void
json_place(struct json *j, const struct span *at)
{
	json_key_text(j, "file", at->source ? at->source->name : NULL);
	json_key_size(j, "line", at->line);
	json_key_size(j, "column", at->column);
	json_key_size(j, "length", at->length);
}

static void
json_note(struct json *j, const struct diag_note *note)
{
	json_object(j);
	json_place(j, &note->at);
	json_key_text(j, "message", note->text);
	json_key_text(j, "label", note->label);
	json_object_end(j);
}

static void
print_json(FILE *out, const struct diag *d)
{
	struct json j;

	json_begin(&j, out, true);
	json_object(&j);
	json_key_text(&j, "severity", severity(d));
	json_key_text(&j, "name", diag_catalogue[d->kind].name);
	json_place(&j, &d->at);
	json_key_text(&j, "message", d->text);
	json_key_text(&j, "label", d->label);
	json_key(&j, "notes");
	json_array(&j);
	for (size_t i = 0; i < d->note_count; i++)
		json_note(&j, &d->notes[i]);
	for (const struct span *at = naming(&d->at); at; at = naming(at))
		json_note(&j, &(struct diag_note){.at = *at, .text = naming_text});
	json_array_end(&j);
	json_key_text(&j, "help", d->help);
	if (d->allowed)
		json_key_bool(&j, "allowed", true);
	json_object_end(&j);
	json_end(&j);
}

bool
view_is_document(enum message_format format)
{
	return format == MESSAGE_SARIF || format == MESSAGE_GITLAB;
}

void
view_diagnostics(FILE *out, struct diagnostics *all, enum message_format format, bool color)
{
	const struct printer p = {.out = out, .arena = all->arena, .format = format, .color = color};

	diagnostics_sort(all);
	switch (format) {
	case MESSAGE_HUMAN:
	case MESSAGE_SHORT:
		print_lines(&p, all);
		return;
	case MESSAGE_JSON:
		/* A program has no use for a limit. */
		for (size_t i = 0; i < all->count; i++)
			print_json(out, all->list[i]);
		return;
	case MESSAGE_SARIF:
		report_sarif(out, all);
		return;
	case MESSAGE_GITHUB:
		report_github(out, all);
		return;
	case MESSAGE_GITLAB:
		report_gitlab(out, all);
		return;
	}
}

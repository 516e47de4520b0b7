#include "support/diag.h"

#include <stdarg.h>
#include <string.h>

#include "support/arena.h"

#define error DIAG_ERROR
#define warning DIAG_WARNING
#define refusal DIAG_REFUSAL
#define answer DIAG_ANSWER
#define manifest DIAG_MANIFEST
#define input DIAG_INPUT
#define output DIAG_OUTPUT
const struct diag_entry diag_catalogue[DIAG_KINDS] = {
#define DIAG(id, severity_, class_, name_, summary_, explanation_) \
	[DIAG_##id] = {.name = name_, .summary = summary_, .explanation = explanation_, .severity = severity_, .class = class_},
#include "rootc/diagnostics.def"
#undef DIAG
};
#undef error
#undef warning
#undef refusal
#undef answer
#undef manifest
#undef input
#undef output

static bool
already_said(const struct diagnostics *d, const struct diag *new)
{
	for (size_t i = 0; i < d->count; i++)
		if (d->list[i]->kind == new->kind && span_is_same(d->list[i]->at, new->at) && strcmp(d->list[i]->text, new->text) == 0)
			return true;
	return false;
}

bool
diag_is_error(const struct diag *d)
{
	return diag_catalogue[d->kind].severity != DIAG_WARNING && !d->allowed;
}

struct diag *
diag(struct diagnostics *d, enum diag_kind kind, struct span at, const char *format, ...)
{
	struct diag *new = ARENA_NEW(d->arena, struct diag);
	va_list args;

	va_start(args, format);
	*new = (struct diag){.kind = kind, .at = at, .text = arena_vprintf(d->arena, format, args),
		.allowed = diag_catalogue[kind].severity == DIAG_REFUSAL && d->allowed[kind], .owner = d};
	va_end(args);
	if (already_said(d, new))
		return new;
	*ARENA_PUSH(d->arena, d->list, d->count) = new;
	d->error_count += diag_is_error(new);
	return new;
}

struct diag *
diag_label(struct diag *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	d->label = arena_vprintf(d->owner->arena, format, args);
	va_end(args);
	return d;
}

struct diag *
diag_note(struct diag *d, struct span at, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*ARENA_PUSH(d->owner->arena, d->notes, d->note_count) = (struct diag_note){
		.at = at, .text = arena_vprintf(d->owner->arena, format, args)};
	va_end(args);
	return d;
}

struct diag *
diag_help(struct diag *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	d->help = arena_vprintf(d->owner->arena, format, args);
	va_end(args);
	return d;
}

/* The rank of D's source: the position of the first diagnostic that names it. */
static size_t
source_rank(const struct diagnostics *all, const struct source *source)
{
	size_t i = 0;

	while (i < all->count && all->list[i]->at.source != source)
		i++;
	return i;
}

static bool
comes_before(const struct span *a, size_t a_rank, const struct span *b, size_t b_rank)
{
	if (a_rank != b_rank)
		return a_rank < b_rank;
	if (a->line != b->line)
		return a->line < b->line;
	return a->column < b->column;
}

void
diagnostics_sort(struct diagnostics *d)
{
	size_t *ranks = ARENA_ARRAY(d->arena, size_t, d->count);

	for (size_t i = 0; i < d->count; i++)
		ranks[i] = source_rank(d, d->list[i]->at.source);
	/* Insertion: there are few, they are nearly sorted, and it is stable. */
	for (size_t i = 1; i < d->count; i++) {
		struct diag *moving = d->list[i];
		size_t rank = ranks[i], to = i;

		for (; to > 0 && comes_before(&moving->at, rank, &d->list[to - 1]->at, ranks[to - 1]); to--) {
			d->list[to] = d->list[to - 1];
			ranks[to] = ranks[to - 1];
		}
		d->list[to] = moving;
		ranks[to] = rank;
	}
}

int
diag_graver(int a, int b)
{
	static const int gravity[] = {[DIAG_ANSWER] = 1, [DIAG_OUTPUT] = 2, [DIAG_INPUT] = 3, [DIAG_MANIFEST] = 4};

	return gravity[a] < gravity[b] ? b : a;
}

int
diagnostics_status(const struct diagnostics *d)
{
	int status = 0;

	for (size_t i = 0; i < d->count; i++)
		if (diag_is_error(d->list[i]))
			status = diag_graver(status, (int)diag_catalogue[d->list[i]->kind].class);
	return status;
}

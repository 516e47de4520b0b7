/* Decides which files are in an image only because others need them, and whether they are those that were locked. */
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "support/compilation.h"
#include "support/text.h"

static int
compare_needs(const void *a, const void *b)
{
	return strcmp((*(struct need *const *)a)->path, (*(struct need *const *)b)->path);
}

static void
add_needed(struct arena *a, struct need ***list, size_t *count, const struct closure *closure)
{
	for (size_t i = 0; closure && i < closure->need_count; i++)
		if (closure->needs[i]->why.needed_by && closure->needs[i]->entry->kind == ENTRY_FILE)
			*ARENA_PUSH(a, *list, *count) = closure->needs[i];
}

struct need **
fetch_needed(struct compilation *c, const struct closure *image, const struct closure *ramdisk, size_t *count)
{
	struct need **list = NULL;
	size_t kept = 0;

	*count = 0;
	add_needed(c->arena, &list, count, image);
	add_needed(c->arena, &list, count, ramdisk);
	if (*count > 0)
		qsort(list, *count, sizeof *list, compare_needs);
	for (size_t i = 0; i < *count; i++)
		if (i == 0 || strcmp(list[i]->path, list[kept - 1]->path) != 0)
			list[kept++] = list[i];
	*count = kept;
	return list;
}

void
fetch_lock_closure(struct compilation *c, struct lock *lock, struct need *const *needed, size_t count)
{
	lock->closure = (struct m_texts){.v = ARENA_ARRAY(c->arena, struct m_text, count), .count = count, .given = true};
	for (size_t i = 0; i < count; i++)
		lock->closure.v[i] = (struct m_text){.v = text_escape(c->arena, needed[i]->path), .given = true};
}

static bool
report_new(struct compilation *c, const struct manifest *m, const struct need *need)
{
	struct diag *d = diag(&c->diags, DIAG_LOCK_DRIFT, need->why.at, "'%s' is new in the image: the lock's closure does not have it", need->path);

	diag_note(d, (struct span){0}, "%s needs it: %s", need->why.needed_by->path, need->why.text);
	diag_help(d, "if it may be there, run `rootc lock %s`", m->path);
	return false;
}

static bool
report_gone(struct compilation *c, const struct manifest *m, const struct m_text *path)
{
	diag_help(diag(&c->diags, DIAG_LOCK_DRIFT, path->at, "'%s' was needed by something in the image when it was locked, and is no more", path->v),
		"if it may be gone, run `rootc lock %s`", m->path);
	return false;
}

bool
fetch_check_closure(struct compilation *c, const struct manifest *m, const struct lock *lock, struct need *const *needed, size_t count)
{
	size_t i = 0, k = 0;
	bool ok = true;

	/* Both are sorted. */
	while (i < count || k < lock->closure.count) {
		int order = i == count ? 1 : k == lock->closure.count ? -1 :
			strcmp(text_escape(c->arena, needed[i]->path), lock->closure.v[k].v);

		if (order < 0)
			ok = report_new(c, m, needed[i]);
		else if (order > 0)
			ok = report_gone(c, m, &lock->closure.v[k]);
		i += order <= 0;
		k += order >= 0;
	}
	return ok;
}

/* Decides which entry of an archive a name means: the last of that name. */
#include "fetch/rows.h"

#include <stdlib.h>
#include <string.h>

#include "support/digest.h"

/* Names are somebody else's choice, so the hash must be one for which nobody makes a million collisions. */
static size_t
hash(const char *path)
{
	struct digest digest = digest_of(path, strlen(path));
	size_t value;

	memcpy(&value, digest.bytes, sizeof value);
	return value;
}

/* Where the row at PATH is, or would be. There is always a free slot. */
static struct index_row **
slot_of(const struct rows *rows, const char *path)
{
	size_t at = hash(path) & (rows->slot_count - 1);

	while (rows->slots[at] && strcmp(rows->slots[at]->path, path) != 0)
		at = (at + 1) & (rows->slot_count - 1);
	return &rows->slots[at];
}

struct index_row *
rows_find(const struct rows *rows, const char *path)
{
	return rows->slot_count > 0 ? *slot_of(rows, path) : NULL;
}

static void
make_room(struct rows *rows)
{
	if (rows->count < rows->slot_count / 2)
		return;
	rows->slot_count = rows->slot_count > 0 ? rows->slot_count * 2 : 1024;
	rows->slots = ARENA_ARRAY(rows->arena, struct index_row *, rows->slot_count);
	for (size_t i = 0; i < rows->count; i++)
		*slot_of(rows, rows->list[i]->path) = rows->list[i];
}

void
rows_add(struct rows *rows, const struct index_row *row)
{
	struct index_row **slot;

	make_room(rows);
	slot = slot_of(rows, row->path);
	if (!*slot) {
		*slot = ARENA_NEW(rows->arena, struct index_row);
		*ARENA_PUSH(rows->arena, rows->list, rows->count) = *slot;
	}
	**slot = *row;
}

static int
compare(const void *a, const void *b)
{
	return strcmp((*(struct index_row *const *)a)->path, (*(struct index_row *const *)b)->path);
}

void
rows_sort(struct rows *rows)
{
	if (rows->count > 0)
		qsort(rows->list, rows->count, sizeof *rows->list, compare);
}

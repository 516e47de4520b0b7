#include "support/names.h"

#include <string.h>

#include "support/arena.h"
#include "support/digest.h"

/* A hash for which nobody makes a million collisions. */
static size_t
hash(const char *name)
{
	struct digest digest = digest_of(name, strlen(name));
	size_t value;

	memcpy(&value, digest.bytes, sizeof value);
	return value;
}

static struct names_cell *
cell_of(struct names_cell *cells, size_t size, const char *name)
{
	size_t i = hash(name) & (size - 1);

	while (cells[i].name && strcmp(cells[i].name, name) != 0)
		i = (i + 1) & (size - 1);
	return &cells[i];
}

static void
make_room(struct arena *a, struct names *names)
{
	size_t size = names->size ? 2 * names->size : 32;
	struct names_cell *cells;

	if (2 * (names->used + 1) <= names->size)
		return;
	cells = ARENA_ARRAY(a, struct names_cell, size);
	for (size_t i = 0; i < names->size; i++)
		if (names->cells[i].name)
			*cell_of(cells, size, names->cells[i].name) = names->cells[i];
	names->cells = cells;
	names->size = size;
}

void **
names_slot(struct arena *a, struct names *names, const char *name)
{
	struct names_cell *cell;

	make_room(a, names);
	cell = cell_of(names->cells, names->size, name);
	if (!cell->name) {
		cell->name = name;
		names->used++;
	}
	return &cell->value;
}

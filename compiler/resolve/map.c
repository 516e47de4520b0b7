#include "resolve/map.h"

#include <stdint.h>

#include "support/arena.h"

static struct map_cell *
cell_of(struct map_cell *cells, size_t size, const void *key)
{
	size_t i = (size_t)(((uint64_t)(uintptr_t)key >> 4) * 0x9e3779b97f4a7c15u >> 20) & (size - 1);

	while (cells[i].key && cells[i].key != key)
		i = (i + 1) & (size - 1);
	return &cells[i];
}

static void
make_room(struct arena *a, struct map *map)
{
	size_t size = map->size ? 2 * map->size : 64;
	struct map_cell *cells;

	if (2 * (map->used + 1) <= map->size)
		return;
	cells = ARENA_ARRAY(a, struct map_cell, size);
	for (size_t i = 0; i < map->size; i++)
		if (map->cells[i].key)
			*cell_of(cells, size, map->cells[i].key) = map->cells[i];
	map->cells = cells;
	map->size = size;
}

void **
map_slot(struct arena *a, struct map *map, const void *key)
{
	struct map_cell *cell;

	make_room(a, map);
	cell = cell_of(map->cells, map->size, key);
	if (!cell->key) {
		cell->key = key;
		map->used++;
	}
	return &cell->value;
}

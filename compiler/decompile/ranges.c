/* Decides which devices are said together, as a range: those whose names end in numbers that follow one another, as their minors do. */
#include <stdlib.h>
#include <string.h>

#include "decompile/stages.h"

enum { DIGITS_MOST = 7, RANGE_MOST = 4096 };

/* The number at the end of NAME, whose digits begin at *AT. False: there is none that is written as a range writes it. */
static bool
take_number(const char *name, size_t *at, unsigned *number)
{
	size_t end = strlen(name), start = end;

	while (start > 0 && name[start - 1] >= '0' && name[start - 1] <= '9')
		start--;
	if (start == end || end - start > DIGITS_MOST || (end - start > 1 && name[start] == '0'))
		return false;
	*at = start;
	*number = (unsigned)strtoul(name + start, NULL, 10);
	return true;
}

static bool
is_device(const struct node *node)
{
	return (node->kind == NODE_CHAR || node->kind == NODE_BLOCK) && !node->xattrs && !node->original && !node->hardlinks;
}

/* The device beside NODE in a range, STEP further; NULL: there is none. */
static const struct node *
neighbour(struct arena *a, const struct node *node, int step)
{
	const struct node *other;
	const char *name;
	unsigned number;
	size_t at;

	if (!node->parent || !is_device(node) || !take_number(node->name, &at, &number) || (step < 0 && number == 0))
		return NULL;
	name = arena_printf(a, "%.*s%u", (int)at, node->name, step < 0 ? number - 1 : number + 1);
	other = node_child(node->parent, name, strlen(name));
	if (!other || !is_device(other) || other->kind != node->kind || other->mode != node->mode || other->owner != node->owner ||
	    other->group != node->group || other->major != node->major || other->minor != (uint32_t)((int64_t)node->minor + step))
		return NULL;
	return other;
}

/* How many there are from NODE on in the direction of STEP, it included. */
static unsigned
count_from(const struct node *node, int step)
{
	struct arena *scratch = arena_new();
	unsigned count = 0;

	for (; node; node = neighbour(scratch, node, step))
		count++;
	arena_free(scratch);
	return count;
}

unsigned
decompile_range(const struct node *node)
{
	unsigned before = count_from(node, -1) - 1, count;

	if (before % RANGE_MOST)
		return 0;
	count = count_from(node, 1);
	return count < RANGE_MOST ? count : RANGE_MOST;
}

const char *
decompile_range_path(struct arena *a, const char *path, unsigned count)
{
	const char *name = strrchr(path, '/') + 1;
	unsigned number;
	size_t at;

	if (count == 1 || !take_number(name, &at, &number))
		return path;
	return arena_printf(a, "%.*s[%u-%u]", (int)(name + at - path), path, number, number + count - 1);
}

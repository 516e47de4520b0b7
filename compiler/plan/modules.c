/* Decides the text of modules.dep, from which modprobe learns what a module needs. */
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* The path of a module as the list has it: below the list's own directory. */
static const char *
listed_path(const struct closure *closure, size_t i)
{
	return closure->modules[i].path + strlen(closure->module_directory) + 1;
}

static void
mark_needs(const struct kernel_module *module, bool *marked)
{
	for (size_t i = 0; i < module->need_count; i++)
		marked[module->needs[i]] = true;
}

/*
 * MARKED has room for all modules. "PATH: NEED NEED ...", all that it needs, what is needed by others after these: modprobe loads from
 * the last to the first.
 */
static const char *
line_of(struct compilation *c, const struct closure *closure, size_t index, bool *marked)
{
	const char **words = NULL;
	size_t count = 0;

	memset(marked, 0, index * sizeof *marked);
	*ARENA_PUSH(c->arena, words, count) = arena_printf(c->arena, "%s:", listed_path(closure, index));
	mark_needs(&closure->modules[index], marked);
	for (size_t i = index; i-- > 0;) {
		if (!marked[i])
			continue;
		*ARENA_PUSH(c->arena, words, count) = listed_path(closure, i);
		mark_needs(&closure->modules[i], marked);
	}
	return text_join(c->arena, words, count, " ", " ");
}

const char *
plan_module_list(struct compilation *c, const struct closure *closure)
{
	const char **lines = ARENA_ARRAY(c->arena, const char *, closure->module_count + 1);
	bool *marked = ARENA_ARRAY(c->arena, bool, closure->module_count);

	for (size_t i = 0; i < closure->module_count; i++)
		lines[i] = line_of(c, closure, i, marked);
	lines[closure->module_count] = "";
	return text_join(c->arena, lines, closure->module_count + 1, "\n", "\n");
}

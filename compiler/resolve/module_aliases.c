/* Decides which modules a name means that is no module's own: by the aliases that modules give themselves. */
#include <string.h>

#include "resolve/modules.h"
#include "support/text.h"

/* A module that says a thing again and again has said it once. */
static void
add_name(struct search *s, struct module *module, const char *name)
{
	struct arena *a = s->r->c->arena;
	struct aliases **known = (struct aliases **)names_slot(a, &s->aliases, module_name(a, name, strlen(name)));
	struct alias *alias;

	if (!*known) {
		*known = ARENA_NEW(a, struct aliases);
		*ARENA_PUSH(a, s->alias_names, s->alias_count) = name;
	} else if ((*known)->last->module == module) {
		return;
	}
	alias = ARENA_NEW(a, struct alias);
	*alias = (struct alias){.name = name, .module = module};
	*((*known)->last ? &(*known)->last->next : &(*known)->first) = alias;
	(*known)->last = alias;
}

static void
read_aliases(struct search *s)
{
	struct arena *a = s->r->c->arena;

	s->has_aliases = true;
	for (size_t i = 0; i < s->count; i++) {
		struct module *module = s->all[i];
		const char *alias = NULL;

		/* What an update stands in front of is no module, and of several files one is enough to report the others. */
		if (names_find(&s->by_name, module->name, strlen(module->name)) != module || !module_know(s, module) || module->info.broken)
			continue;
		while ((alias = modinfo_next(&module->info, "alias", alias))) {
			if (text_is_pattern(alias))
				*ARENA_PUSH(a, s->patterns, s->pattern_count) =
					(struct alias){.name = module_name(a, alias, strlen(alias)), .module = module};
			else
				add_name(s, module, alias);
		}
	}
}

struct module **
modules_called(struct search *s, const char *name, bool with_patterns, size_t *count)
{
	struct arena *a = s->r->c->arena;
	const char *canonical = module_name(a, name, strlen(name));
	struct module **list = NULL;
	const struct aliases *known;

	*count = 0;
	if (!s->has_aliases)
		read_aliases(s);
	known = names_find(&s->aliases, canonical, strlen(canonical));
	for (const struct alias *alias = known ? known->first : NULL; alias; alias = alias->next)
		*ARENA_PUSH(a, list, *count) = alias->module;
	for (size_t i = 0; with_patterns && i < s->pattern_count; i++)
		if (text_matches(s->patterns[i].name, canonical))
			*ARENA_PUSH(a, list, *count) = s->patterns[i].module;
	return list;
}

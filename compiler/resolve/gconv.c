/* Decides which conversions between character sets enter the image: modules of iconv that glibc opens by name (elf-rules G24). */
#include <string.h>

#include "resolve/built_in.h"
#include "support/text.h"

/* What decides which module converts what; without one the modules are not found. */
static const char *const tables[] = {"gconv-modules", "gconv-modules.d/*"};

/* Takes what matches PATTERN in DIRECTORY; how many. */
static size_t
take_matches(struct resolver *r, const char *directory, const char *pattern, struct span at)
{
	size_t count;
	const char **paths = walk_pattern(r->c, r->closure->pool, arena_printf(r->c->arena, "%s/gconv/%s", directory, pattern), &count);

	for (size_t i = 0; i < count; i++) {
		struct place place = place_find(r, paths[i]);
		struct need *need;

		if (!place.content)
			continue;
		need = place_take(r, &place, (struct reason){.at = at, .text = "libraries.gconv"});
		root_add(r, (struct root){.need = need, .content = place.content, .mode = 0644});
	}
	return count;
}

static size_t
take_modules(struct resolver *r, const char *pattern, struct span at)
{
	const char *name = arena_printf(r->c->arena, "%s.so", pattern);
	size_t taken = 0;

	for (size_t i = 0; i < r->known_loader_count; i++) {
		struct place loader = place_find(r, r->known_loaders[i].interp);
		const struct built_in *built_in =
			loader.content ? built_in_of(r, loader.content, r->known_loaders[i].interp, at) : NULL;

		for (size_t j = 0; built_in && j < built_in->count; j++) {
			size_t modules = take_matches(r, built_in->directories[j], name, at);

			for (size_t k = 0; modules && k < sizeof tables / sizeof *tables; k++)
				take_matches(r, built_in->directories[j], tables[k], at);
			taken += modules;
		}
	}
	return taken;
}

void
resolve_gconv(struct resolver *r)
{
	const struct m_texts *gconv = &r->manifest->libraries.gconv;

	for (size_t i = 0; i < gconv->count; i++)
		if (take_modules(r, gconv->v[i].v, gconv->v[i].at) == 0)
			diag_help(diag(&r->c->diags, DIAG_POOL_PATH_MISSING, gconv->v[i].at,
				"the pool has no conversion module '%s' for any program", gconv->v[i].v),
				"modules are files such as gconv/UTF-16.so beside the C library; add an input that has it");
}

/* Decides which kernel modules enter the image: those that are named, and by their own words those that these need. */
#include <string.h>

#include "resolve/modinfo.h"
#include "resolve/resolver.h"
#include "support/text.h"

enum {
	DEEPEST = 64, /* chain of needs: a kernel's own is a tenth of that */
	LARGEST_BUILTIN = 1024 * 1024,
};

/* A module of the pool. */
struct module {
	const char *name; /* with '_' for '-', as the kernel has it */
	const char *path; /* as its directory was reached, below /lib/modules */
	const struct entry *entry;
	bool is_packed;   /* .ko.xz and the like */
	bool is_known;    /* INFO is read */
	bool is_begun;    /* it is taken, or being taken */
	bool is_listed;   /* it is in closure->modules */
	size_t number;    /* there */
	const struct module *waits_for; /* put_in_order has been here on the way from this one */
	struct modinfo info;
};

/* A name that a module goes by besides, among all that are the same with '_' for '-', in the order of the modules. */
struct alias {
	const char *name;
	struct module *module;
	struct alias *next;
};

struct aliases {
	struct alias *first, *last;
};

struct search {
	struct resolver *r;
	struct span at;        /* the word that is being looked for */
	const char *directory; /* "/lib/modules/6.1.0-49-cloud-amd64" */
	struct module **all, **taken;
	size_t count, taken_count;
	struct names by_name;  /* struct module */
	struct names builtin;  /* names of what the kernel itself has */
	struct names aliases;  /* struct aliases, of all modules once one is asked for */
	bool has_aliases;
};

/* The name of the module in a file called FILE, up to LENGTH: '-' and '_' are one. */
static char *
module_name(struct arena *a, const char *file, size_t length)
{
	char *name = arena_strndup(a, file, length);

	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	return name;
}

static void
add_module(struct search *s, const char *directory, const struct entry *file)
{
	const char *suffix = strstr(file->name, ".ko");
	struct module *module;
	void **known;

	if (!suffix || suffix == file->name || (suffix[3] && suffix[3] != '.'))
		return;
	module = ARENA_NEW(s->r->c->arena, struct module);
	*module = (struct module){
		.name = module_name(s->r->c->arena, file->name, (size_t)(suffix - file->name)),
		.path = arena_printf(s->r->c->arena, "%s/%s", directory, file->name),
		.entry = file,
		.is_packed = suffix[3],
	};
	*ARENA_PUSH(s->r->c->arena, s->all, s->count) = module;
	known = names_slot(s->r->c->arena, &s->by_name, module->name);
	if (!*known)
		*known = module;
}

/* Recursion is as deep as the pool's directories are, of which fetch/ bounds the depth. */
static void
add_directory(struct search *s, const char *path, const struct entry *directory)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct entry *child = directory->children[i];

		if (child->kind == ENTRY_FILE)
			add_module(s, path, child);
		else if (child->kind == ENTRY_DIRECTORY)
			add_directory(s, arena_printf(s->r->c->arena, "%s/%s", path, child->name), child);
	}
}

/* What modules.builtin lists, one path a line, is there without a file. */
static bool
read_builtin(struct search *s)
{
	struct place place = place_find(s->r, arena_printf(s->r->c->arena, "%s/modules.builtin", s->directory));
	const char *text;

	if (!place.content)
		return true;
	text = content_read(s->r->c, place.content, s->at, LARGEST_BUILTIN);
	for (const char *line = text; line && *line; line += strspn(line, "\n")) {
		size_t length = strcspn(line, "\n"), start = length;

		while (start > 0 && line[start - 1] != '/')
			start--;
		if (length - start > 3)
			*names_slot(s->r->c->arena, &s->builtin, module_name(s->r->c->arena, line + start, length - start - 3)) = s;
		line += length;
	}
	return text;
}

static void
report_directory(struct search *s, const struct entry *modules)
{
	struct diag *d = diag(&s->r->c->diags, DIAG_MODULES_MISSING, s->at, modules && modules->child_count ?
		"the pool has modules of several kernels, none of them for the image's" : "the pool has no kernel modules: there is nothing in /lib/modules");

	for (size_t i = 0; modules && i < modules->child_count && i < 5; i++)
		diag_note(d, (struct span){0}, "it has /lib/modules/%s", modules->children[i]->name);
	diag_help(d, "add the kernel's own package to 'inputs', such as linux-image-amd64");
}

/* The directory of the modules for the image's kernel: the only one, or the one that its file is called after. */
static const struct entry *
find_directory(struct search *s)
{
	const char *release = s->r->manifest->kernel.release;
	struct place place = place_find(s->r, "/lib/modules");
	const struct entry *modules = place.walk.entry, *found = NULL;

	if (!release)
		release = resolve_kernel_release(s->r->closure);
	if (modules && modules->kind == ENTRY_DIRECTORY) {
		if (modules->child_count == 1)
			found = modules->children[0];
		else if (release)
			found = entry_child(modules, release, strlen(release));
	}
	if (!found || found->kind != ENTRY_DIRECTORY) {
		report_directory(s, modules);
		return NULL;
	}
	s->directory = arena_printf(s->r->c->arena, "/lib/modules/%s", found->name);
	return found;
}

static bool
bad_module(struct search *s, const struct module *module, const char *why)
{
	diag(&s->r->c->diags, DIAG_MODULE_BAD, s->at, "'%s' cannot be used: %s", module->path, why);
	return false;
}

/* Reads what MODULE says of itself, once; a module of no use says why. False with a diagnostic: it cannot be read. */
static bool
know(struct search *s, struct module *module)
{
	if (module->is_packed)
		module->info.broken = "it is compressed, so that what it needs cannot be read";
	else if (!module->is_known && !modinfo_read(s->r->c, module->entry->content, s->at, &module->info))
		return false;
	module->is_known = true;
	return true;
}

/* A module that says a thing again and again has said it once. */
static void
add_alias(struct search *s, struct module *module, const char *name)
{
	struct arena *a = s->r->c->arena;
	struct aliases **known = (struct aliases **)names_slot(a, &s->aliases, module_name(a, name, strlen(name)));
	struct alias *alias;

	if (!*known)
		*known = ARENA_NEW(a, struct aliases);
	else if ((*known)->last->module == module && strcmp((*known)->last->name, name) == 0)
		return;
	alias = ARENA_NEW(a, struct alias);
	*alias = (struct alias){.name = name, .module = module};
	*((*known)->last ? &(*known)->last->next : &(*known)->first) = alias;
	(*known)->last = alias;
}

static void
read_aliases(struct search *s)
{
	s->has_aliases = true;
	for (size_t i = 0; i < s->count; i++) {
		struct module *module = s->all[i];
		const char *alias = NULL;

		if (!know(s, module) || module->info.broken)
			continue;
		while ((alias = modinfo_next(&module->info, "alias", alias)))
			if (!strpbrk(alias, "*?["))
				add_alias(s, module, alias);
	}
}

static bool take(struct search *, struct module *, struct reason, unsigned depth);

/*
 * Takes what NAME stands for: a module, nothing if the kernel itself has it, or else all modules that say they are it. *ANY: there
 * is something. False with diagnostics.
 */
static bool
take_named(struct search *s, const char *name, struct reason why, unsigned depth, bool *any)
{
	struct arena *a = s->r->c->arena;
	const char *canonical = module_name(a, name, strlen(name));
	struct module *module = *names_slot(a, &s->by_name, canonical);
	const struct aliases *aliases;

	*any = true;
	if (module)
		return take(s, module, why, depth);
	if (*names_slot(a, &s->builtin, canonical))
		return true;
	*any = false;
	if (!s->has_aliases)
		read_aliases(s);
	aliases = *names_slot(a, &s->aliases, canonical);
	for (const struct alias *alias = aliases ? aliases->first : NULL; alias; alias = alias->next) {
		if (strcmp(alias->name, name) != 0 && strcmp(alias->name, canonical) != 0)
			continue;
		*any = true;
		if (!take(s, alias->module, why, depth))
			return false;
	}
	return true;
}

/* The next word of *LIST, which is divided by any of SEPARATORS and moves on, or NULL. */
static const char *
next_word(struct arena *a, const char **list, const char *separators)
{
	const char *word = *list + strspn(*list, separators);
	size_t length = strcspn(word, separators);

	*list = word + length;
	return length ? arena_strndup(a, word, length) : NULL;
}

/* A need that the module cannot do without (depends=). */
static bool
take_dependency(struct search *s, const struct module *module, const char *name, struct reason why, unsigned depth)
{
	bool any;

	if (!take_named(s, name, why, depth, &any))
		return false;
	if (!any)
		diag_note(diag(&s->r->c->diags, DIAG_MODULE_UNKNOWN, s->at, "there is no kernel module '%s' in %s", name, s->directory),
			(struct span){0}, "'%s' depends on it", module->path);
	return any;
}

static bool
take_dependencies(struct search *s, const struct module *module, struct need *need, unsigned depth)
{
	const char *value = NULL, *word;

	while ((value = modinfo_next(&module->info, "depends", value))) {
		const char *list = value;

		while ((word = next_word(s->r->c->arena, &list, ",")))
			if (!take_dependency(s, module, word, (struct reason){s->at, arena_printf(s->r->c->arena, "depends: %s", word), need},
					depth))
				return false;
	}
	return true;
}

/* What it would rather have loaded before it (softdep=pre:) or after it (post:), if it is there. */
static bool
take_softdeps(struct search *s, const struct module *module, struct need *need, const char *when, unsigned depth)
{
	const char *value = NULL, *word;
	bool any, applies;

	while ((value = modinfo_next(&module->info, "softdep", value))) {
		const char *list = value;

		for (applies = false; (word = next_word(s->r->c->arena, &list, " ")); ) {
			if (strchr(word, ':')) {
				applies = strcmp(word, when) == 0;
				continue;
			}
			if (applies && !take_named(s, word, (struct reason){s->at,
					arena_printf(s->r->c->arena, "softdep %s %s", when, word), need}, depth, &any))
				return false;
		}
	}
	return true;
}

static bool
take(struct search *s, struct module *module, struct reason why, unsigned depth)
{
	struct place place;
	struct need *need;

	if (module->is_begun)
		return true;
	module->is_begun = true;
	if (!know(s, module))
		return false;
	if (module->info.broken)
		return bad_module(s, module, module->info.broken);
	if (depth == DEEPEST)
		return bad_module(s, module, "the modules that need one another are too many");
	place = place_find(s->r, module->path);
	need = place_take(s->r, &place, why);
	if (!take_softdeps(s, module, need, "pre:", depth + 1) || !take_dependencies(s, module, need, depth + 1))
		return false;
	*ARENA_PUSH(s->r->c->arena, s->taken, s->taken_count) = module;
	return take_softdeps(s, module, need, "post:", depth + 1);
}

/* The modules that MODULE names in its depends=, all of them taken; what the kernel itself has is no module. */
static struct module **
depends_of(struct search *s, const struct module *module, size_t *count)
{
	struct module **modules = NULL;
	const char *value = NULL, *word;

	while ((value = modinfo_next(&module->info, "depends", value))) {
		const char *list = value;

		while ((word = next_word(s->r->c->arena, &list, ","))) {
			struct module *needed = *names_slot(s->r->c->arena, &s->by_name, module_name(s->r->c->arena, word, strlen(word)));

			if (needed)
				*ARENA_PUSH(s->r->c->arena, modules, *count) = needed;
		}
	}
	return modules;
}

/*
 * Puts MODULE into the list behind what it depends on. False: it must wait, since that leads back to ROOT, which never waits. They
 * were taken in such an order, but for those that a softdep= brought in while what they depend on was being taken.
 */
static bool
put_in_order(struct search *s, struct module *module, const struct module *root, unsigned depth)
{
	struct closure *closure = s->r->closure;
	size_t count = 0;
	struct module **needed;
	bool waits = depth == DEEPEST;

	if (module->is_listed || module->waits_for == root)
		return module->is_listed;
	module->waits_for = root;
	needed = depends_of(s, module, &count);
	for (size_t i = 0; i < count && depth < DEEPEST; i++)
		waits |= !put_in_order(s, needed[i], root, depth + 1);
	if (waits && module != root)
		return false;
	module->is_listed = true;
	module->number = closure->module_count;
	*ARENA_PUSH(s->r->c->arena, closure->modules, closure->module_count) = (struct kernel_module){.path = module->path};
	return true;
}

static void
list_taken(struct search *s)
{
	for (size_t i = 0; i < s->taken_count; i++)
		put_in_order(s, s->taken[i], s->taken[i], 0);
	for (size_t i = 0; i < s->taken_count; i++) {
		struct kernel_module *made = &s->r->closure->modules[s->taken[i]->number];
		struct module **needed = depends_of(s, s->taken[i], &made->need_count);

		made->needs = ARENA_ARRAY(s->r->c->arena, size_t, made->need_count);
		for (size_t k = 0; k < made->need_count; k++)
			made->needs[k] = needed[k]->number;
	}
}

static void
report_unknown(struct search *s, const struct m_text *wanted)
{
	const char **names = ARENA_ARRAY(s->r->c->arena, const char *, s->count), *near;
	struct diag *d = diag(&s->r->c->diags, DIAG_MODULE_UNKNOWN, wanted->at, "there is no kernel module '%s' in %s", wanted->v,
		s->directory);

	for (size_t i = 0; i < s->count; i++)
		names[i] = s->all[i]->name;
	near = text_nearest(wanted->v, names, s->count);
	if (near)
		diag_help(d, "did you mean '%s'?", near);
}

const char *
resolve_kernel_release(const struct closure *closure)
{
	const char *dash = closure->kernel_path ? strchr(strrchr(closure->kernel_path, '/'), '-') : NULL;

	return dash ? dash + 1 : NULL;
}

void
resolve_modules(struct resolver *r)
{
	const struct m_texts *wanted = &r->manifest->kernel.modules;
	struct search s = {.r = r, .at = wanted->at};
	const struct entry *directory;
	bool any;

	if (wanted->count == 0)
		return;
	if (!(directory = find_directory(&s)))
		return;
	add_directory(&s, s.directory, directory);
	r->closure->module_directory = s.directory;
	if (!read_builtin(&s))
		return;
	for (size_t i = 0; i < wanted->count; i++) {
		s.at = wanted->v[i].at;
		if (take_named(&s, wanted->v[i].v, (struct reason){.at = s.at, .text = "kernel.modules"}, 0, &any) && !any)
			report_unknown(&s, &wanted->v[i]);
	}
	if (s.r->c->diags.error_count == 0)
		list_taken(&s);
}

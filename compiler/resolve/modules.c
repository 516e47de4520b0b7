/* Decides which kernel modules enter the image: those that are named, and by their own words those that these need. */
#include <string.h>

#include "resolve/modules.h"
#include "support/text.h"

enum { DEEPEST = 64 }; /* chain of needs: a kernel's own is a tenth of that */

static void
report_directory(struct search *s, const struct entry *modules)
{
	struct diag *d = diag(&s->r->c->diags, DIAG_MODULES_MISSING, s->at, modules && modules->child_count ?
		"the pool has modules of several kernels, none of them for the image's" : "the pool has no kernel modules: there is nothing in /lib/modules");

	for (size_t i = 0; modules && i < modules->child_count && i < 5; i++)
		diag_note(d, (struct span){0}, "it has /lib/modules/%s", modules->children[i]->name);
	if (!modules && place_find(s->r, "/usr/lib/modules").walk.entry)
		diag_help(d, "the pool has /usr/lib/modules, but no link /lib to /usr/lib: on Debian, add the package base-files to 'inputs'");
	else
		diag_help(d, "add the kernel's own package to 'inputs', such as linux-image-amd64");
}

/* The kernel looks in the directory of its own release alone, and takes modules of another only if both were made for that. */
static void
warn_of_other_kernel(struct search *s, const struct kernel_facts *kernel, const struct entry *directory)
{
	if (!kernel->says_release || strcmp(kernel->release, directory->name) == 0)
		return;
	diag_help(diag(&s->r->c->diags, DIAG_MODULES_OF_OTHER_KERNEL, s->at,
		"the pool's modules are those of %s, and the image's kernel says that it is %s", directory->name, kernel->release), "take both from one build, or one package");
}

/* The directory of the modules for the image's kernel: the only one, or the one of its release. */
static const struct entry *
find_directory(struct search *s, bool is_asked)
{
	const struct kernel_facts *of = s->r->manifest->kernel.facts, *kernel = of ? of : &s->r->closure->kernel;
	struct place place = place_find(s->r, "/lib/modules");
	const struct entry *modules = place.walk.entry, *found = NULL;

	if (modules && modules->kind == ENTRY_DIRECTORY) {
		if (modules->child_count == 1)
			found = modules->children[0];
		else if (kernel->release)
			found = entry_child(modules, kernel->release, strlen(kernel->release));
	}
	if (!found || found->kind != ENTRY_DIRECTORY) {
		if (is_asked)
			report_directory(s, modules);
		return NULL;
	}
	if (is_asked)
		warn_of_other_kernel(s, kernel, found);
	s->directory = arena_printf(s->r->c->arena, "/lib/modules/%s", found->name);
	return found;
}

static bool take(struct search *, struct module *, struct reason, unsigned depth);

/* Several files are one module to the kernel, and nothing says which of them modprobe would take. */
static bool
is_single(struct search *s, const struct module *module)
{
	struct diag *d;

	if (!module->rival || module->is_begun)
		return true;
	d = diag(&s->r->c->diags, DIAG_MODULE_AMBIGUOUS, s->at, "the kernel module '%s' is more than one file", module->name);
	diag_note(d, (struct span){0}, "it is '%s'", module->path);
	diag_note(d, (struct span){0}, "and it is '%s'", module->rival->path);
	diag_help(d, "keep one of them, or put the one that counts into %s/updates", s->directory);
	return false;
}

/*
 * Takes what NAME stands for: a module, nothing if the kernel itself has it, or else all modules that say they are it, as modprobe
 * does; those with wildcards only where the manifest itself asks. *ANY: there is something. False with diagnostics.
 */
static bool
take_named(struct search *s, const char *name, struct reason why, unsigned depth, bool *any)
{
	struct arena *a = s->r->c->arena;
	const char *canonical = module_name(a, name, strlen(name));
	struct module *module = *names_slot(a, &s->by_name, canonical), **called;
	size_t count;

	*any = true;
	if (module)
		return is_single(s, module) && take(s, module, why, depth);
	if (*names_slot(a, &s->builtin, canonical))
		return true;
	called = modules_called(s, name, depth == 0, &count);
	*any = count;
	for (size_t i = 0; i < count; i++)
		if (!is_single(s, called[i]) || !take(s, called[i], why, depth))
			return false;
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

		for (applies = false; (word = next_word(s->r->c->arena, &list, " \t\n\v\f\r")); ) {
			if (strcmp(word, "pre:") == 0 || strcmp(word, "post:") == 0) {
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

/* Where MODULE will be in the image. The manifest names no path through a link, such as /lib. */
static struct place
place_of(struct search *s, const struct module *module)
{
	struct place place = place_find(s->r, module->path), linked = place_find(s->r, entry_path(s->r->c, module->entry));

	return !place.file && linked.file ? linked : place;
}

/*
 * The file of MODULE becomes part of the image: unpacked, if it is packed, for every program that loads modules can read that. What the
 * manifest puts there itself stays as it is. False with a diagnostic.
 */
static bool
take_file(struct search *s, struct module *module, struct reason why, struct need **need)
{
	struct place place = place_of(s, module);

	if (module->packing != PACKING_NONE && !place.file) {
		place.walk.entry = module_unpack(s, module);
		if (!place.walk.entry)
			return false;
		module->path = arena_strndup(s->r->c->arena, module->path, strlen(module->path) - module->suffix_length);
	}
	*need = place_take(s->r, &place, why);
	return true;
}

static bool
take(struct search *s, struct module *module, struct reason why, unsigned depth)
{
	struct need *need;

	if (module->is_begun)
		return true;
	module->is_begun = true;
	if (!module_know(s, module))
		return false;
	if (module->info.broken)
		return module_is_bad(s, module, module->info.broken);
	if (depth == DEEPEST)
		return module_is_bad(s, module, "the modules that need one another are too many");
	if (!take_file(s, module, why, &need) || !take_softdeps(s, module, need, "pre:", depth + 1) || !take_dependencies(s, module, need, depth + 1))
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
	const char **names = ARENA_ARRAY(s->r->c->arena, const char *, s->count + s->alias_count), *near;
	struct diag *d = diag(&s->r->c->diags, DIAG_MODULE_UNKNOWN, wanted->at, "there is no kernel module '%s' in %s", wanted->v,
		s->directory);

	for (size_t i = 0; i < s->count; i++)
		names[i] = s->all[i]->name;
	for (size_t i = 0; i < s->alias_count; i++)
		names[s->count + i] = s->alias_names[i];
	near = text_nearest(wanted->v, names, s->count + s->alias_count);
	if (near)
		diag_help(d, "did you mean '%s'?", near);
	for (size_t i = 0, notes = 0; !near && i < s->count && notes < 3; i++)
		if (s->all[i]->info.broken && ++notes)
			diag_note(d, (struct span){0}, "'%s' could not be asked for its aliases: %s", s->all[i]->path, s->all[i]->info.broken);
}

/* Whether files of the manifest may be modules: something below /lib/modules, or a copy of what that lies in. */
static bool
may_give_modules(struct resolver *r)
{
	static const char *const directories[] = {"/lib/modules/", "/usr/lib/modules/"};

	for (size_t i = 0; i < r->manifest->file_count; i++) {
		const struct m_file *file = &r->manifest->files[i];
		const char *copied = file->is_subtree ? subtree_directory(r->c->arena, file) : NULL;

		for (size_t k = 0; k < sizeof directories / sizeof *directories; k++)
			if (text_starts_with(file->path, directories[k]) || (copied && text_starts_with(directories[k], copied)))
				return true;
	}
	return false;
}

/* Modules that the manifest's files put into the image bring what they need, too. What is no module is a file like others. */
static void
take_given(struct search *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct module *module = s->all[i];
		struct place place = place_of(s, module);

		if (!place.file || module->is_begun)
			continue;
		s->at = place.file->key_at;
		if (!module_know(s, module))
			return;
		if (!module->info.broken && !take(s, module, (struct reason){.at = s->at, .text = "files"}, 0))
			return;
	}
}

static void
take_wanted(struct search *s, const struct m_texts *wanted)
{
	bool any;

	for (size_t i = 0; i < wanted->count; i++) {
		s->at = wanted->v[i].at;
		if (take_named(s, wanted->v[i].v, (struct reason){.at = s->at, .text = "kernel.modules"}, 0, &any) && !any)
			report_unknown(s, &wanted->v[i]);
	}
}

void
resolve_modules(struct resolver *r)
{
	const struct m_texts *wanted = &r->manifest->kernel.modules;
	struct search s = {.r = r, .at = wanted->at};
	bool may_be_given = !r->manifest->complete.v && may_give_modules(r);
	const struct entry *directory;

	if ((wanted->count == 0 && !may_be_given) || !(directory = find_directory(&s, wanted->count)))
		return;
	modules_find(&s, directory);
	r->closure->module_directory = s.directory;
	if (!modules_read_builtin(&s))
		return;
	take_wanted(&s, wanted);
	if (may_be_given)
		take_given(&s);
	if (s.r->c->diags.error_count == 0)
		list_taken(&s);
	if (r->closure->module_count)
		r->closure->modules_at = wanted->count ? wanted->at : s.at;
}

/*
 * Decides which file glibc's ld.so opens for a NEEDED entry (elf-rules G1 to G8, G10 to G12, G14, G16, G17). The image has no
 * ld.so.cache, and of a directory only the file itself is taken, never a variant below glibc-hwcaps (G9, policy "none").
 */
#include <elf.h>
#include <string.h>

#include "resolve/loader.h"
#include "resolve/runs.h"
#include "support/memory.h"
#include "support/text.h"

enum { LARGEST_LOADER = 16 * 1024 * 1024 };

/* What is compiled into one ld.so. */
struct built_in {
	const char *const *directories; /* without the '/' at the end */
	size_t count;
	const char *lib;
};

/* A '/' at both ends, and something in between. */
static bool
is_directory_text(const char *text, const char *before)
{
	size_t length = strlen(text);

	(void)before;
	return length > 2 && text[0] == '/' && text[length - 1] == '/' && !strpbrk(text, "%: \n");
}

/* Upstream's SYSTEM_DIRS, for a loader that does not show its own (G8). */
static const struct {
	const char *interp;
	const char *directories[2];
} usual_directories[] = {
	{"/lib64/ld-linux-x86-64.so.2", {"/lib64", "/usr/lib64"}},
	{"/libx32/ld-linux-x32.so.2", {"/libx32", "/usr/libx32"}},
	{"/lib/ld-linux-aarch64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib/ld64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld64.so.2", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld-linux-loongarch-lp64d.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib/ld-linux-riscv64-lp64d.so.1", {"/lib64/lp64d", "/usr/lib64/lp64d"}},
	{"*", {"/lib", "/usr/lib"}},
};

static void
use_usual(struct built_in *built_in, const char *interp)
{
	size_t i = 0;

	while (!text_matches(usual_directories[i].interp, interp))
		i++;
	built_in->directories = usual_directories[i].directories;
	built_in->count = 2;
}

static bool
holds_text(struct arena *a, const char *bytes, size_t size, const char *text)
{
	size_t length = strlen(text) + 2; /* with a NUL at both ends */
	char *whole = arena_alloc(a, length);

	memcpy(whole + 1, text, length - 2);
	return memmem(bytes, size, whole, length) != NULL;
}

/*
 * $LIB is the first directory without its outer slashes, or only the last part of that: ld.so has the text itself
 * (G7).
 */
static const char *
find_lib(struct arena *a, const char *bytes, size_t size, const struct built_in *built_in)
{
	const char *whole = built_in->directories[0] + 1, *part = strrchr(whole, '/');

	if (holds_text(a, bytes, size, whole))
		return whole;
	return part && holds_text(a, bytes, size, part + 1) ? part + 1 : NULL;
}

static bool
read_built_in(struct program *p, struct built_in *built_in)
{
	static const struct run_rule rule = {.belongs = is_directory_text, .least = 2};
	const struct content *content = p->interp_object->content;
	const char *bytes = content_read(p->r->c, content, p->main->need->why.at, LARGEST_LOADER);
	struct run_of_texts run;
	const char **directories;

	if (!bytes)
		return false;
	run = run_find(p->r->c->arena, bytes, (size_t)content->size, &rule);
	directories = ARENA_ARRAY(p->r->c->arena, const char *, run.count);
	for (size_t i = 0; i < run.count; i++)
		directories[i] = arena_strndup(p->r->c->arena, run.texts[i], strlen(run.texts[i]) - 1);
	built_in->directories = directories;
	built_in->count = run.count;
	if (!run.count)
		use_usual(built_in, p->interp);
	built_in->lib = find_lib(p->r->c->arena, bytes, (size_t)content->size, built_in);
	return true;
}

static bool
prepare(struct program *p)
{
	void **known = map_slot(p->r->c->arena, &p->r->loaders, p->interp_object->content);
	struct built_in *built_in = *known;

	if (!built_in) {
		built_in = ARENA_NEW(p->r->c->arena, struct built_in);
		if (!read_built_in(p, built_in))
			return false;
		*known = built_in;
	}
	p->directories = built_in->directories;
	p->directory_count = built_in->count;
	p->lib = built_in->lib;
	return true;
}

/* Whether TEXT, behind a '$', begins with the token NAME; its length, or 0 (is_dst in dl-load.c). */
static size_t
token_length(const char *text, const char *name)
{
	size_t curly = text[0] == '{', length = strlen(name);
	unsigned char next;

	if (strncmp(text + curly, name, length) != 0)
		return 0;
	next = (unsigned char)text[curly + length];
	if (curly)
		return next == '}' ? length + 2 : 0;
	return next == '_' || (next >= '0' && next <= '9') ||
		((next | 0x20) >= 'a' && (next | 0x20) <= 'z') ? 0 : length;
}

/*
 * TEXT with $ORIGIN and $LIB of OBJECT put in (G1, G6, G7); NULL when a token has no value, which voids the whole text:
 * $PLATFORM depends on the machine that runs the image.
 */
static const char *
expand(struct program *p, const struct object *object, const char *text)
{
	const struct {
		const char *name, *value;
	} tokens[] = {
		{"ORIGIN", path_directory(p->r->c, object->path)},
		{"LIB", p->lib},
		{"PLATFORM", NULL},
	};
	const char *dollar = strchr(text, '$');

	for (; dollar; dollar = strchr(dollar + 1, '$')) {
		for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
			size_t length = token_length(dollar + 1, tokens[i].name);
			const char *rest;

			if (!length)
				continue;
			rest = tokens[i].value ? expand(p, object, dollar + 1 + length) : NULL;
			return rest ? arena_printf(p->r->c->arena, "%.*s%s%s", (int)(dollar - text), text,
				tokens[i].value, rest) : NULL;
		}
	}
	return text;
}

/* Already loaded under this name or SONAME: no search at all (G2). */
static struct object *
find_loaded(const struct program *p, const char *name)
{
	for (struct object *object = p->loaded; object; object = object->loaded_next)
		if (object_has_name(object, name) ||
			(object->facts->soname && strcmp(object->facts->soname, name) == 0))
			return object;
	return NULL;
}

enum verdict {
	TAKE,
	SKIP,  /* the search goes on */
	LEAVE, /* it goes on behind this list of directories (G12) */
	FATAL, /* reported */
};

/* What open_verify of ld.so thinks of an ELF file (G10, G11, G17), or NULL. */
static const char *
why_fatal(const struct program *p, const struct elf_facts *facts)
{
	if (facts->data != p->main->facts->data)
		return "has the other byte order";
	if (facts->osabi != ELFOSABI_SYSV && facts->osabi != ELFOSABI_GNU)
		return "is for another operating system (EI_OSABI)";
	if (facts->osabi == ELFOSABI_SYSV && facts->abi_version != 0)
		return "needs a newer loader (EI_ABIVERSION)";
	if (!facts->padding_is_zero)
		return "has bytes in e_ident that must be zero";
	if (facts->machine != p->main->facts->machine)
		return NULL;
	if (facts->type == ET_EXEC || facts->is_pie)
		return "is a program, not a library";
	if (facts->type != ET_DYN)
		return "is not a shared object";
	return facts->is_dynamic ? NULL : "has no dynamic section, such as a file with only debugging information";
}

static enum verdict
fatal(struct program *p, struct search *search, const char *path, const char *why)
{
	search_fatal(p, search, path, why);
	return FATAL;
}

static enum verdict
judge(struct program *p, struct search *search, const struct place *place, const struct elf_facts **facts)
{
	const struct file_facts *file;
	const char *why;

	if (!place->content && place->walk.end == WALK_LOOP)
		return LEAVE;
	if (!place->content && (place->walk.entry || place->file))
		return fatal(p, search, place->path, "is not a file");
	if (!place->content)
		return SKIP;
	file = facts_of(p->r, place->content, search->by->need->why.at);
	if (file->kind == FILE_BROKEN) {
		search->is_settled = true;
		return FATAL;
	}
	if (file->kind != FILE_ELF)
		return fatal(p, search, place->path, "is not an ELF file");
	*facts = &file->elf;
	why = file->elf.class == p->main->facts->class ? why_fatal(p, &file->elf) : NULL;
	if (why)
		return fatal(p, search, place->path, why);
	if (facts_fit(&file->elf, p->main->facts))
		return TAKE;
	search_refused(p, search, "%s is %s", place->path, facts_machine(p->r->c, &file->elf));
	return SKIP;
}

/* One candidate; *OBJECT is set when it is taken. */
static enum verdict
try_path(struct program *p, struct object *by, struct search *search, const char *path, const char *how,
	struct object **object)
{
	struct place place = place_find(p->r, path);
	const struct elf_facts *facts;
	enum verdict verdict = judge(p, search, &place, &facts);

	if (verdict == TAKE)
		*object = program_load(p, by, search, &place, facts, how);
	return verdict;
}

static enum verdict
try_directory(struct program *p, struct object *by, struct search *search, const char *directory, const char *how,
	struct object **object)
{
	size_t length = strlen(directory);

	while (length && directory[length - 1] == '/')
		length--;
	search_tried(p, search, "%s %s", how, directory);
	return try_path(p, by, search, arena_printf(p->r->c->arena, "%.*s/%s", (int)length, directory, search->name),
		arena_printf(p->r->c->arena, "%s %s", how, directory), object);
}

/* An RPATH or RUNPATH of OWNER (G5): false when the search is over. */
static bool
search_path(struct program *p, struct object *by, struct search *search, const struct object *owner, const char *path,
	const char *tag, struct object **object)
{
	const char *how = arena_printf(p->r->c->arena, "%s of %s", tag, owner->path);
	enum verdict verdict = SKIP;

	for (const char *end; verdict == SKIP && *path; path = *end ? end + 1 : end) {
		const char *element, *expanded;

		end = strchrnul(path, ':');
		element = arena_strndup(p->r->c->arena, path, (size_t)(end - path));
		expanded = expand(p, owner, element);
		if (expanded && expanded[0] == '/')
			verdict = try_directory(p, by, search, expanded, how, object);
		else
			search_tried(p, search, "%s '%s' (not usable)", how, element);
	}
	return verdict == SKIP || verdict == LEAVE;
}

/*
 * DT_RPATH: that of O, of who first loaded O, and so on, and the program's; an object's RUNPATH voids its own (G4
 * a).
 */
static bool
search_rpaths(struct program *p, struct object *by, struct search *search, struct object **object)
{
	bool met_main = false;

	if (by->facts->runpath)
		return true;
	for (const struct object *o = by; o; o = o->by) {
		met_main |= o == p->main;
		if (o->facts->rpath && !o->facts->runpath &&
			!search_path(p, by, search, o, o->facts->rpath, "RPATH", object))
			return false;
	}
	if (met_main || !p->main->facts->rpath || p->main->facts->runpath)
		return true;
	return search_path(p, by, search, p->main, p->main->facts->rpath, "RPATH", object);
}

static void
search_built_in(struct program *p, struct object *by, struct search *search, struct object **object)
{
	enum verdict verdict = SKIP;

	for (size_t i = 0; verdict == SKIP && i < p->directory_count; i++)
		verdict = try_directory(p, by, search, p->directories[i], "built-in directory", object);
}

/* The kernel puts the vdso into the list of loaded objects (K7). */
static bool
is_vdso(const char *name)
{
	static const char *const names[] = {"linux-vdso.so.1", "linux-gate.so.1", "linux-vdso32.so.1",
		"linux-vdso64.so.1"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static struct object *
find(struct program *p, struct object *by, struct search *search)
{
	const char *name = expand(p, by, search->name);
	struct object *object = name ? find_loaded(p, name) : NULL;

	search->is_settled = !name || is_vdso(name); /* G1: a token without value empties the name, and so skips it */
	if (object || search->is_settled)
		return object;
	search->name = name;
	if (strchr(name, '/')) { /* G3 */
		search_tried(p, search, "the path itself");
		if (name[0] == '/')
			try_path(p, by, search, name, "by its path", &object);
		return object;
	}
	if (!search_rpaths(p, by, search, &object))
		return object;
	if (by->facts->runpath && !search_path(p, by, search, by, by->facts->runpath, "RUNPATH", &object))
		return object;
	if (!by->facts->no_default_directories) /* G16 */
		search_built_in(p, by, search, &object);
	return object;
}

const struct loader loader_glibc = {
	.name = "glibc",
	.interpreters = {"ld-linux*.so.[0-9]*", "ld64.so.[0-9]*", "ld.so.[0-9]*", "ld-[0-9]*.so", NULL},
	.prepare = prepare,
	.find = find,
};

/*
 * Decides which file glibc's ld.so opens for a NEEDED entry (elf-rules G1 to G13, G16, G17, G21). Of the directories of hardware
 * capabilities those below glibc-hwcaps count which the policy names; the older ones (tls/, haswell/) never, as the
 * file above them is there for every CPU (G9).
 */
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "resolve/built_in.h"
#include "resolve/loader.h"
#include "support/text.h"

/* What is searched beside directories, for messages. */
static const struct search_path path_itself = {.how = "the path itself", .list = &(struct search_directory){0}, .count = 1};
static const struct search_path path_cache = {.how = "/etc/ld.so.cache", .list = &(struct search_directory){0}, .count = 1};

static void
use_given_directories(struct program *p, const struct m_texts *search)
{
	const char **directories = ARENA_ARRAY(p->r->c->arena, const char *, search->count);

	for (size_t i = 0; i < search->count; i++)
		directories[i] = search->v[i].v;
	p->directories = directories;
	p->directory_count = search->count;
}

static bool
prepare(struct program *p)
{
	const struct m_texts *search = &p->r->manifest->libraries.search;
	const struct built_in *built_in =
		built_in_of(p->r, p->interp_object->content, p->interp, p->main->need->why.at);

	if (!built_in)
		return false;
	p->directories = built_in->directories;
	p->directory_count = built_in->count;
	p->lib = built_in->lib;
	if (search->count)
		use_given_directories(p, search);
	return cache_of(p, &p->cache);
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

/* Where the first token of TEXT stands and which one it is: TEXT[*AT] is its '$'. NULL: there is none. */
static const char *
find_token(const char *text, size_t *at, size_t *length)
{
	static const char *const names[] = {"ORIGIN", "LIB", "PLATFORM"};

	for (const char *dollar = strchr(text, '$'); dollar; dollar = strchr(dollar + 1, '$')) {
		for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
			*length = token_length(dollar + 1, names[i]);
			*at = (size_t)(dollar - text);
			if (*length)
				return names[i];
		}
	}
	return NULL;
}

/* NULL: the token has no value; $PLATFORM depends on the machine that runs the image. */
static const char *
token_value(struct program *p, const struct object *object, const char *name)
{
	if (strcmp(name, "ORIGIN") == 0)
		return path_directory(p->r->c, object->path);
	return strcmp(name, "LIB") == 0 ? p->lib : NULL;
}

/*
 * TEXT with the tokens of OBJECT put in (G1, G6, G7); NULL when one has no value, which voids the whole text. What would be
 * longer than any path stays as it is written: nothing can be opened by either.
 */
static const char *
expand(struct program *p, const struct object *object, const char *text)
{
	const char *name, *value, *rest = text;
	char expanded[PATH_MAX];
	size_t at, length, used = 0;

	if (!strchr(text, '$'))
		return text;
	while ((name = find_token(rest, &at, &length))) {
		value = token_value(p, object, name);
		if (!value)
			return NULL;
		if (at + strlen(value) >= sizeof expanded - used)
			return text;
		memcpy(mempcpy(expanded + used, rest, at), value, strlen(value));
		used += at + strlen(value);
		rest += at + 1 + length;
	}
	if (rest == text || strlen(rest) >= sizeof expanded - used)
		return text;
	memcpy(expanded + used, rest, strlen(rest));
	return arena_strndup(p->r->c->arena, expanded, used + strlen(rest));
}

static bool
uses_origin(const char *text)
{
	size_t at, length;
	const char *name = find_token(text, &at, &length);

	return name && strcmp(name, "ORIGIN") == 0;
}

/* "/a/./b//../c" as "/a/c/": by the text alone, as is_trusted_path_normalize of ld.so does it. */
static const char *
normalize(struct compilation *c, const char *path)
{
	char *clean = arena_alloc(c->arena, strlen(path) + 2), *end = clean;

	for (size_t length; *path; path += length) {
		path += strspn(path, "/");
		length = strcspn(path, "/");
		if (length == 2 && memcmp(path, "..", 2) == 0) {
			while (end > clean && *--end != '/')
				;
		} else if (length && !(length == 1 && *path == '.')) {
			*end++ = '/';
			end = mempcpy(end, path, length);
		}
	}
	memcpy(end, "/", 2);
	return clean;
}

static bool
is_below_built_in(struct program *p, const char *path)
{
	path = normalize(p->r->c, path);
	for (size_t i = 0; i < p->directory_count; i++)
		if (text_starts_with(path, arena_printf(p->r->c->arena, "%s/", p->directories[i])))
			return true;
	return false;
}

/*
 * Whether a program with other rights than its user's may use ELEMENT of a path (G21): $ORIGIN stands only at the start and
 * alone, and that of the program leads below a built-in directory.
 */
static bool
is_trusted(struct program *p, const struct object *owner, const char *element, const char *expanded)
{
	size_t at, length;

	if (!uses_origin(element))
		return true;
	find_token(element, &at, &length);
	if (at != 0 || (element[1 + length] != '/' && element[1 + length] != '\0'))
		return false;
	return owner != p->main || is_below_built_in(p, expanded);
}

enum verdict {
	TAKE,
	SKIP,  /* the search goes on */
	LEAVE, /* it goes on behind this list of directories (G12) */
	FATAL, /* reported */
};

/* A number of SIZE bytes in the byte order of the program. */
static uint32_t
number(const struct program *p, const unsigned char *bytes, size_t size)
{
	uint32_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[p->main->facts->data == ELFDATA2MSB ? i : size - 1 - i];
	return value;
}

/* What is wrong with e_ident, or NULL. */
static const char *
ident_fault(const struct program *p, const struct elf_facts *facts)
{
	if (facts->data != p->main->facts->data)
		return "has the other byte order";
	if (facts->start[EI_VERSION] != EV_CURRENT)
		return "is of another version of ELF";
	if (facts->osabi != ELFOSABI_SYSV && facts->osabi != ELFOSABI_GNU)
		return "is for another operating system (EI_OSABI)";
	if (facts->osabi == ELFOSABI_SYSV && facts->abi_version != 0)
		return "needs a newer loader (EI_ABIVERSION)";
	return facts->padding_is_zero ? NULL : "has bytes in e_ident that must be zero";
}

/* What is wrong with a file of the right machine (G10, G17), or NULL. */
static const char *
library_fault(const struct elf_facts *facts)
{
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
refuse(struct program *p, struct search *search, const char *path, const char *what)
{
	search_refused(p, search, "%s is %s", path, what);
	return SKIP;
}

/*
 * What open_verify of ld.so thinks of the beginning of an ELF file, in its order (G10, G11): another class is passed over whatever
 * else is wrong, and so is, by Debian's loader, another machine; TAKE: nothing is wrong so far.
 */
static enum verdict
judge_start(struct program *p, struct search *search, const char *path, uint64_t size, const struct elf_facts *facts)
{
	const struct elf_facts *program = p->main->facts;
	const char *fault = ident_fault(p, facts);

	if (size < (program->class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr)))
		return fatal(p, search, path, "is too short");
	if (facts->start[EI_CLASS] != program->class)
		return refuse(p, search, path, facts->broken ? "of another class" : facts_machine(p->r->c, facts));
	if (!fault && number(p, facts->start + 20, 4) != EV_CURRENT)
		return fatal(p, search, path, "is of another version of ELF");
	if (number(p, facts->start + 18, 2) != program->machine)
		return refuse(p, search, path, facts->broken ? "of another machine" : facts_machine(p->r->c, facts));
	return fault ? fatal(p, search, path, fault) : TAKE;
}

static enum verdict
judge_file(struct program *p, struct search *search, const struct place *place)
{
	struct span at = search->by->need->why.at;
	const struct file_facts *file = facts_peek(p->r, place->content, at);
	enum verdict verdict;
	const char *fault;

	if (file->kind == FILE_DATA || file->kind == FILE_SCRIPT)
		return fatal(p, search, place->path, "is not an ELF file");
	if (file->kind == FILE_BROKEN && !file->elf.broken) { /* it cannot be read, and that was said */
		search->is_settled = true;
		return FATAL;
	}
	verdict = judge_start(p, search, place->path, place->content->size, &file->elf);
	if (verdict != TAKE)
		return verdict;
	if (facts_of(p->r, place->content, at)->kind == FILE_BROKEN) {
		search->is_settled = true;
		return FATAL;
	}
	if (!facts_fit(&file->elf, p->main->facts))
		return refuse(p, search, place->path, facts_machine(p->r->c, &file->elf));
	fault = library_fault(&file->elf);
	return fault ? fatal(p, search, place->path, fault) : TAKE;
}

static enum verdict
judge(struct program *p, struct search *search, const struct place *place)
{
	if (!place->content && place->walk.end == WALK_LOOP)
		return LEAVE;
	if (!place->content && (place->walk.entry || place->file))
		return fatal(p, search, place->path, "is not a file");
	return place->content ? judge_file(p, search, place) : SKIP;
}

/* One candidate; *OBJECT is set when it is taken. */
static enum verdict
try_path(struct program *p, struct search *search, const char *path, const char *how, const char *where, struct object **object)
{
	struct place place = place_find(p->r, path);
	enum verdict verdict = judge(p, search, &place);

	if (verdict != TAKE)
		return verdict;
	place.path = arena_strdup(p->r->c->arena, path);
	*object = program_load(p, search, &place, &facts_of(p->r, place.content, search->by->need->why.at)->elf, how, where);
	return TAKE;
}

/* The file in the variant LEVEL of a directory. */
static enum verdict
try_variant(struct program *p, struct search *search, const struct search_directory *d, const char *how, const char *level,
	struct object **object)
{
	char below[64], path[PATH_MAX], variants[PATH_MAX];
	enum verdict verdict;

	snprintf(below, sizeof below, "/glibc-hwcaps/%s", level);
	if (!search_candidate(path, d->path, d->length, below, search->name))
		return SKIP;
	snprintf(variants, sizeof variants, "%.*s%s", (int)d->length, d->path, below);
	verdict = try_path(p, search, path, how, variants, object);
	if (verdict == TAKE)
		(*object)->by_hwcaps = true;
	return verdict;
}

/* The file in a directory, or a variant of it for the CPU (G9). */
static enum verdict
try_directory(struct program *p, struct search *search, const struct search_directory *d, const char *how, struct object **object)
{
	bool has_variants = !place_lacks(p->r, &d->place, "glibc-hwcaps");
	enum verdict verdict = SKIP;
	char path[PATH_MAX];

	for (const char *const *level = has_variants ? p->policy.hwcaps : NULL; level && *level && verdict == SKIP; level++)
		verdict = try_variant(p, search, d, how, *level, object);
	if (verdict != SKIP || place_lacks(p->r, &d->place, search->name) || !search_candidate(path, d->path, d->length, "", search->name))
		return verdict;
	return try_path(p, search, path, how, d->path, object);
}

/* One element of a path of OWNER; what cannot be used is taken down as such. */
static struct search_directory
split_element(struct program *p, const struct object *owner, const char *element)
{
	const char *expanded = expand(p, owner, element);
	struct search_directory directory;

	if (!expanded || (p->is_secure && !is_trusted(p, owner, element, expanded)))
		return (struct search_directory){.path = element};
	directory = searched_directory(p, expanded);
	if (owner == p->main && uses_origin(element))
		directory.by_origin = element;
	return directory;
}

/* An RPATH or RUNPATH of OWNER (G5). */
static void
split(struct program *p, const struct object *owner, const char *path, const char *tag, struct search_path *to)
{
	struct arena *a = p->r->c->arena;

	to->how = arena_printf(a, "%s of %s", tag, owner->path);
	for (const char *end; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, ':');
		*ARENA_PUSH(a, to->list, to->count) = split_element(p, owner, arena_strndup(a, path, (size_t)(end - path)));
	}
}

static enum verdict
try_directories(struct program *p, struct search *search, const struct search_path *path, struct object **object)
{
	enum verdict verdict = SKIP;

	for (size_t i = 0; i < path->count && verdict == SKIP; i++) {
		search_tried(p, search, path);
		if (path->list[i].is_usable)
			verdict = try_directory(p, search, &path->list[i], path->how, object);
		if (verdict == TAKE && path->list[i].by_origin)
			(*object)->by_origin = path->list[i].by_origin;
	}
	return verdict;
}

/* False when the search is over. */
static bool
search_path(struct program *p, struct search *search, const struct object *owner, const char *text, const char *tag,
	struct object **object)
{
	struct search_path *path = &owner->paths[text == owner->facts->runpath];
	enum verdict verdict;

	if (!path->how)
		split(p, owner, text, tag, path);
	verdict = try_directories(p, search, path, object);
	return verdict == SKIP || verdict == LEAVE;
}

/*
 * DT_RPATH: that of O, of who first loaded O, and so on, and the program's; an object's RUNPATH voids its own (G4
 * a).
 */
static bool
search_rpaths(struct program *p, struct search *search, struct object **object)
{
	bool met_main = false;

	if (search->by->facts->runpath)
		return true;
	for (const struct object *o = search->by; o; o = o->by) {
		met_main |= o == p->main;
		if (o->facts->rpath && !o->facts->runpath &&
			!search_path(p, search, o, o->facts->rpath, "RPATH", object))
			return false;
	}
	if (met_main || !p->main->facts->rpath || p->main->facts->runpath)
		return true;
	return search_path(p, search, p->main, p->main->facts->rpath, "RPATH", object);
}

/* A hit below a built-in directory does not count for who does not want these; only the text decides (G16). */
static bool
is_ruled_out(const struct program *p, const struct search *search, const char *path)
{
	if (!search->by->facts->no_default_directories)
		return false;
	for (size_t i = 0; i < p->directory_count; i++)
		if (text_starts_with(path, p->directories[i]) && path[strlen(p->directories[i])] == '/')
			return true;
	return false;
}

/* The one candidate of the cache (G13): false when the search is over. */
static bool
search_cache(struct program *p, struct search *search, struct object **object)
{
	const struct cached *hit = p->cache ? cache_find(p, p->cache, search->name) : NULL;
	enum verdict verdict;

	if (p->cache)
		search_tried(p, search, &path_cache);
	if (!hit || is_ruled_out(p, search, hit->path))
		return true;
	verdict = try_path(p, search, hit->path, hit->how, NULL, object);
	if (verdict == TAKE && hit->hwcaps)
		(*object)->by_hwcaps = true;
	return verdict == SKIP || verdict == LEAVE;
}

static void
search_built_in(struct program *p, struct search *search, struct object **object)
{
	search_own_directories(p, "built-in directory");
	try_directories(p, search, &p->own, object);
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

/* The name with its tokens replaced; NULL when nothing is searched: a token without value, or one that is not allowed (G1, G21). */
static const char *
expand_name(struct program *p, struct search *search)
{
	const char *name = expand(p, search->by, search->name);

	if (p->is_secure && name != search->name) {
		need_explain(diag(&p->r->c->diags, DIAG_TOKEN_NOT_ALLOWED, p->main->need->why.at,
			"'%s' runs with the rights of another user, and needs '%s', for which the loader would end it",
			p->main->path, search->name), search->by->need);
		name = NULL;
	}
	search->is_settled = !name || is_vdso(name);
	return search->is_settled ? NULL : name;
}

static struct object *
find(struct program *p, struct search *search)
{
	const char *name = expand_name(p, search);
	struct object *object = NULL;

	if (!name)
		return NULL;
	search->name = name;
	if ((object = program_object(p, name))) /* G2: no search at all */
		return object;
	if (strchr(name, '/')) { /* G3 */
		search_tried(p, search, &path_itself);
		if (name[0] == '/')
			try_path(p, search, name, "by its path", NULL, &object);
		return object;
	}
	if (!search_rpaths(p, search, &object))
		return object;
	if (search->by->facts->runpath &&
		!search_path(p, search, search->by, search->by->facts->runpath, "RUNPATH", &object))
		return object;
	if (!search_cache(p, search, &object))
		return object;
	if (!search->by->facts->no_default_directories) /* G16 */
		search_built_in(p, search, &object);
	return object;
}

const struct loader loader_glibc = {
	.name = "glibc",
	.interpreters = {"ld-linux*.so.[0-9]*", "ld64.so.[0-9]*", "ld.so.[0-9]*", "ld-[0-9]*.so", NULL},
	.knows_sonames = true,
	.knows_filters = true,
	.prepare = prepare,
	.find = find,
};

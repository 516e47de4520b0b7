/*
 * Decides what the loader finds in /etc/ld.so.cache (elf-rules G13), and what ldconfig would have put there for the image's tree
 * (G14, G15).
 */
#include "resolve/cache.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "resolve/built_in.h"
#include "resolve/conf.h"
#include "resolve/loader.h"
#include "support/text.h"

enum {
	LARGEST_CACHE = 64 * 1024 * 1024,
	FLAG_ANY_LIBC = 1, /* FLAG_ELF: an old entry, which a loader of 32 bits takes as well */
	FLAG_ELF_LIBC6 = 3,
};

int
cache_compare(const char *a, const char *b)
{
	while (*a) {
		bool a_is_digit = *a >= '0' && *a <= '9', b_is_digit = *b >= '0' && *b <= '9';

		if (a_is_digit && b_is_digit) {
			uint64_t of_a = strtoull(a, NULL, 10), of_b = strtoull(b, NULL, 10);

			if (of_a != of_b)
				return of_a < of_b ? -1 : 1;
			a += strspn(a, "0123456789");
			b += strspn(b, "0123456789");
		} else if (a_is_digit) {
			return 1;
		} else if (b_is_digit) {
			return -1;
		} else if (*a != *b) {
			return (unsigned char)*a - (unsigned char)*b;
		} else {
			a++;
			b++;
		}
	}
	return -(int)(unsigned char)*b;
}

/* FLAG_* of glibc's ldconfig.h. MASK and VALUE: of e_flags. */
static const struct {
	uint16_t machine;
	uint8_t class;
	uint32_t mask, value, flags;
} abis[] = {
	{EM_X86_64, ELFCLASS64, 0, 0, 0x303},
	{EM_X86_64, ELFCLASS32, 0, 0, 0x803},
	{EM_386, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
	{EM_AARCH64, ELFCLASS64, 0, 0, 0xa03},
	{EM_ARM, ELFCLASS32, EF_ARM_ABI_FLOAT_HARD, EF_ARM_ABI_FLOAT_HARD, 0x903},
	{EM_ARM, ELFCLASS32, EF_ARM_ABI_FLOAT_SOFT, EF_ARM_ABI_FLOAT_SOFT, 0xb03},
	{EM_ARM, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
	{EM_S390, ELFCLASS64, 0, 0, 0x403},
	{EM_S390, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
	{EM_PPC64, ELFCLASS64, 0, 0, 0x503},
	{EM_PPC, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
	{EM_RISCV, ELFCLASS64, EF_RISCV_FLOAT_ABI, EF_RISCV_FLOAT_ABI_DOUBLE, 0x1003},
	{EM_RISCV, ELFCLASS64, EF_RISCV_FLOAT_ABI, EF_RISCV_FLOAT_ABI_SOFT, 0xf03},
	{EM_LOONGARCH, ELFCLASS64, 7, 3 /* double */, 0x1203},
	{EM_LOONGARCH, ELFCLASS64, 7, 1 /* soft */, 0x1103},
	{EM_MIPS, ELFCLASS64, EF_MIPS_NAN2008, 0, 0x703},
	{EM_MIPS, ELFCLASS64, 0, 0, 0xe03},
	{EM_MIPS, ELFCLASS32, EF_MIPS_ABI2 | EF_MIPS_NAN2008, EF_MIPS_ABI2, 0x603},
	{EM_MIPS, ELFCLASS32, EF_MIPS_ABI2, EF_MIPS_ABI2, 0xd03},
	{EM_MIPS, ELFCLASS32, EF_MIPS_NAN2008, EF_MIPS_NAN2008, 0xc03},
	{EM_MIPS, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
	{EM_SPARCV9, ELFCLASS64, 0, 0, 0x103},
	{EM_SPARC, ELFCLASS32, 0, 0, FLAG_ELF_LIBC6},
};

uint32_t
cache_flags(const struct elf_facts *facts)
{
	for (size_t i = 0; i < sizeof abis / sizeof *abis; i++)
		if (abis[i].machine == facts->machine && abis[i].class == facts->class &&
			(facts->flags & abis[i].mask) == abis[i].value)
			return abis[i].flags;
	return 0;
}

/* Where 32 bits may be soft or hard floats, an entry that does not say which is taken, too (_dl_cache_check_flags). */
static bool
flags_fit(const struct elf_facts *program, uint32_t flags)
{
	uint32_t own = cache_flags(program);
	bool takes_any = own == FLAG_ELF_LIBC6 || program->machine == EM_ARM;

	return own && (flags == own || (takes_any && (flags == FLAG_ELF_LIBC6 || flags == FLAG_ANY_LIBC)));
}

/* The place of HWCAPS among those that the CPU uses, 0 the best; SIZE_MAX: it does not. */
static size_t
hwcaps_rank(const struct program *p, const char *hwcaps)
{
	for (size_t i = 0; p->policy.hwcaps && p->policy.hwcaps[i]; i++)
		if (strcmp(p->policy.hwcaps[i], hwcaps) == 0)
			return i;
	return SIZE_MAX;
}

/* The best of the entries from FIRST on that have its name: the best variant for the CPU, or else the first that fits. */
static const struct cached *
best_of(const struct program *p, const struct library_cache *cache, size_t first)
{
	const struct cached *plain = NULL, *variant = NULL;
	size_t best = SIZE_MAX;

	for (size_t i = first; i < cache->count && cache_compare(cache->list[i].name, cache->list[first].name) == 0; i++) {
		const struct cached *entry = &cache->list[i];
		size_t rank = entry->hwcaps ? hwcaps_rank(p, entry->hwcaps) : SIZE_MAX;

		if (!flags_fit(p->main->facts, entry->flags))
			continue;
		if (!entry->hwcaps && !plain)
			plain = entry;
		if (rank < best) {
			best = rank;
			variant = entry;
		}
	}
	return variant ? variant : plain;
}

/* By halves, exactly as the loader goes, so that it also misses what the loader misses in a file that is not sorted. */
const struct cached *
cache_find(const struct program *p, const struct library_cache *cache, const char *name)
{
	size_t low = 0, high = cache->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = cache_compare(name, cache->list[middle].name);

		if (order == 0) {
			while (middle > 0 && cache_compare(name, cache->list[middle - 1].name) == 0)
				middle--;
			return best_of(p, cache, middle);
		}
		if (order < 0) /* the names descend */
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* What ldconfig does on its way through the directories of one ABI. */
struct making {
	struct resolver *r;
	const struct elf_facts *abi; /* of a program: only what fits is taken */
	struct span at;
	bool only_needed; /* leave out what is not part of the image */
	struct cached *list;
	size_t count;
	struct names visited; /* real paths of directories */
};

/* Whether a file called so can be a library (_dl_is_dso). */
static bool
is_library_name(const char *name)
{
	static const char *const patterns[] = {"lib*.so*", "ld-*.so*", "ld.so.*", "ld64.so.*"};

	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		if (text_matches(patterns[i], name))
			return !strchr(name, ';') && !strstr(name, ".#prelink#") && !text_ends_with(name, ".dpkg-new") &&
				!text_ends_with(name, ".dpkg-tmp");
	return false;
}

/* Whether the image has the file and all that leads to it. */
static bool
is_needed(struct making *m, const struct place *place)
{
	struct resolver *r = m->r;

	if (place->file)
		return true;
	for (size_t i = 0; i < place->walk.passed_count; i++)
		if (!*map_slot(r->c->arena, &r->needs, place->walk.passed[i]))
			return false;
	return *map_slot(r->c->arena, &r->needs, place->walk.entry);
}

/* One file of a directory, as ldconfig sees it. */
struct candidate {
	const char *name, *soname;
	bool is_link;
};

/*
 * A link stands for itself when it is called as the library is, or is the linker's ".so"; else it is one more file with that
 * SONAME (search_dir of ldconfig.c).
 */
static bool
stands_for_itself(const char *name, const char *soname)
{
	size_t length = strlen(name);

	if (strcmp(name, soname) == 0)
		return true;
	return text_ends_with(name, ".so") && strncmp(name, soname, length) == 0;
}

static bool
describe(struct making *m, const char *directory, const char *name, struct candidate *candidate)
{
	struct place place = place_find(m->r, arena_printf(m->r->c->arena, "%s/%s", directory, name));
	const struct file_facts *facts;
	const char *soname;

	if (!is_library_name(name) || !place.content || (m->only_needed && !is_needed(m, &place)))
		return false;
	facts = facts_of(m->r, place.content, m->at);
	if (facts->kind != FILE_ELF || facts->elf.type != ET_DYN || facts->elf.is_pie || !facts_fit(&facts->elf, m->abi) ||
		cache_flags(&facts->elf) == 0)
		return false;
	soname = facts->elf.soname ? facts->elf.soname : name;
	*candidate = (struct candidate){.name = name, .soname = soname};
	candidate->is_link = !place.file && place.walk.entry && strcmp(place.walk.entry->name, name) != 0 &&
		stands_for_itself(name, soname);
	if (candidate->is_link)
		candidate->soname = name;
	return true;
}

/* Of two files with one SONAME the better one: a file before a link, else the one with the higher name. */
static bool
is_better(const struct candidate *a, const struct candidate *b)
{
	if (a->is_link != b->is_link)
		return b->is_link;
	return cache_compare(a->name, b->name) > 0;
}

static void
add_candidate(struct making *m, struct names *sonames, const struct candidate *candidate)
{
	struct arena *a = m->r->c->arena;
	struct candidate **known = (struct candidate **)names_slot(a, sonames, candidate->soname);

	if (*known && !is_better(candidate, *known))
		return;
	if (!*known)
		*known = ARENA_NEW(a, struct candidate);
	**known = *candidate;
}

/* The value is DIRECTORY/SONAME: ldconfig makes that link when it is not there, and so does the image. */
static void
take_candidate(struct making *m, const char *directory, const char *how, const char *hwcaps, const struct candidate *candidate)
{
	struct arena *a = m->r->c->arena;
	const char *path = arena_printf(a, "%s/%s", directory, hwcaps ? candidate->name : candidate->soname);
	struct place place = place_find(m->r, arena_printf(a, "%s/%s", directory, candidate->name));
	const struct file_facts *facts = facts_of(m->r, place.content, m->at);

	if (!hwcaps && strcmp(candidate->name, candidate->soname) != 0 && place.walk.entry && !place_find(m->r, path).content)
		place_link(m->r, path, candidate->name, place.walk.entry->parent);
	*ARENA_PUSH(a, m->list, m->count) = (struct cached){.name = candidate->soname, .path = path, .how = how,
		.hwcaps = hwcaps, .flags = cache_flags(&facts->elf)};
}

/* The names in the directory at PATH, of the pool and of the manifest's files, bytewise. */
static const char **
names_in(struct making *m, const char *path, size_t *count)
{
	struct walk walk = walk_path(m->r->c, m->r->closure->pool, path);
	const struct manifest *manifest = m->r->manifest;
	struct arena *a = m->r->c->arena;
	const char **names = NULL;
	size_t length = strlen(path);

	*count = 0;
	if (walk.end == WALK_FOUND && walk.entry->kind == ENTRY_DIRECTORY)
		for (size_t i = 0; i < walk.entry->child_count; i++)
			*ARENA_PUSH(a, names, *count) = walk.entry->children[i]->name;
	for (size_t i = 0; i < manifest->file_count; i++) {
		const char *file = manifest->files[i].path;

		if (strncmp(file, path, length) == 0 && file[length] == '/' && !strchr(file + length + 1, '/'))
			*ARENA_PUSH(a, names, *count) = file + length + 1;
	}
	return names;
}

/* Searches one directory; HWCAPS: it is a variant's. */
static void
search_directory(struct making *m, const char *path, const char *how, const char *hwcaps)
{
	struct names sonames = {0};
	struct candidate candidate;
	size_t count;
	const char **names = names_in(m, path, &count);

	for (size_t i = 0; i < count; i++)
		if (describe(m, path, names[i], &candidate))
			add_candidate(m, &sonames, &candidate);
	for (size_t i = 0; i < count; i++) {
		struct candidate **best;

		if (!describe(m, path, names[i], &candidate))
			continue;
		best = (struct candidate **)names_slot(m->r->c->arena, &sonames, candidate.soname);
		if (strcmp((*best)->name, candidate.name) == 0)
			take_candidate(m, path, how, hwcaps, *best);
	}
}

/* A directory and the variants below it; each real directory once. */
static void
search_with_variants(struct making *m, const char *path, const char *how)
{
	struct walk walk = walk_path(m->r->c, m->r->closure->pool, path);
	struct arena *a = m->r->c->arena;
	const char *real = walk.end == WALK_FOUND ? entry_path(m->r->c, walk.entry) : path, *variants;
	void **visited = names_slot(a, &m->visited, real);
	size_t count;
	const char **levels;

	if (*visited)
		return;
	*visited = m;
	search_directory(m, path, how, NULL);
	variants = arena_printf(a, "%s/glibc-hwcaps", path);
	levels = names_in(m, variants, &count);
	for (size_t i = 0; i < count; i++)
		search_directory(m, arena_printf(a, "%s/%s", variants, levels[i]), how, levels[i]);
}

/* The order of ldconfig: names descend, then flags; variants before the others (compare in cache.c of glibc). */
static int
compare_cached(const void *a, const void *b)
{
	const struct cached *x = a, *y = b;
	int order = cache_compare(y->name, x->name);

	if (order == 0 && x->flags != y->flags)
		return x->flags < y->flags ? 1 : -1;
	if (order == 0 && !x->hwcaps != !y->hwcaps)
		return x->hwcaps ? -1 : 1;
	if (order == 0 && x->hwcaps)
		order = strcmp(x->hwcaps, y->hwcaps);
	return order;
}

/* Stable, for of equals the first directory wins. */
static void
sort_cached(struct arena *a, struct cached *list, size_t count)
{
	struct cached *other = ARENA_ARRAY(a, struct cached, count);

	for (size_t run = 1; run < count; run *= 2) {
		for (size_t from = 0; from < count; from += 2 * run) {
			size_t middle = from + run < count ? from + run : count;
			size_t end = from + 2 * run < count ? from + 2 * run : count, i = from, j = middle;

			for (size_t to = from; to < end; to++)
				other[to] = j == end || (i < middle && compare_cached(&list[i], &list[j]) <= 0) ? list[i++] : list[j++];
		}
		memcpy(list, other, count * sizeof *list);
	}
}

/* All that ldconfig would find for programs like ABI, whose loader has DIRECTORIES built in. */
static struct library_cache
make_cache(struct resolver *r, const struct elf_facts *abi, const char *const *directories, size_t directory_count,
	struct span at, bool only_needed)
{
	struct making m = {.r = r, .abi = abi, .at = at, .only_needed = only_needed};
	size_t count;
	const struct conf_directory *conf = conf_read(r, at, &count);

	for (size_t i = 0; i < count; i++)
		search_with_variants(&m, conf[i].path, arena_printf(r->c->arena, "cache <- %s", conf[i].from));
	for (size_t i = 0; i < directory_count; i++)
		search_with_variants(&m, directories[i],
			arena_printf(r->c->arena, "cache <- built-in directory %s", directories[i]));
	sort_cached(r->c->arena, m.list, m.count);
	return (struct library_cache){.list = m.list, .count = m.count};
}

static bool
read_cache(struct program *p, const struct content *content, struct library_cache *cache)
{
	struct compilation *c = p->r->c;
	const char *bytes = content_read(c, content, p->main->need->why.at, LARGEST_CACHE);

	return bytes && (cache_parse(c, bytes, (size_t)content->size, p->main->facts->data, cache) || (cache->count = 0, true));
}

bool
cache_of(struct program *p, const struct library_cache **cache)
{
	struct resolver *r = p->r;
	const struct content *content = image_file(r, "/etc/ld.so.cache"), *loader = p->interp_object->content;
	struct library_cache **known = (struct library_cache **)map_slot(r->c->arena, &r->caches, loader);

	if (!*known && (content || r->manifest->libraries.cache.v)) {
		struct library_cache *made = ARENA_NEW(r->c->arena, struct library_cache);

		*known = made;
		if (!content) {
			*made = make_cache(r, p->main->facts, p->directories, p->directory_count, p->main->need->why.at, false);
			*ARENA_PUSH(r->c->arena, r->cached, r->cached_count) =
				(struct cached_loader){p->main->facts, p->directories, p->directory_count};
		} else if (!read_cache(p, content, made)) {
			return false;
		}
	}
	*cache = *map_slot(r->c->arena, &r->caches, loader);
	return true;
}

const struct content *
cache_for_image(struct resolver *r)
{
	struct content *content = ARENA_NEW(r->c->arena, struct content);
	struct cached *all = NULL;
	size_t count = 0, size;

	for (size_t i = 0; i < r->cached_count; i++) {
		const struct cached_loader *l = &r->cached[i];
		struct library_cache one = make_cache(r, l->of, l->directories, l->directory_count,
			r->manifest->libraries.cache.at, true);

		for (size_t j = 0; j < one.count; j++)
			*ARENA_PUSH(r->c->arena, all, count) = one.list[j];
	}
	if (!r->cached_count)
		return NULL;
	sort_cached(r->c->arena, all, count);
	content->kind = CONTENT_BYTES;
	content->bytes = (const char *)cache_print(r->c, all, count, r->cached[0].of->data, &size);
	content->size = size;
	content->shown = "/etc/ld.so.cache";
	return content;
}

/* Decides which kernel modules the pool has, packed or not, and what each says of itself. */
#include <string.h>

#include "resolve/modules.h"
#include "support/text.h"

enum {
	LARGEST_BUILTIN = 1024 * 1024,
	LARGEST_MODULE = 64 * 1024 * 1024, /* unpacked: three times the largest of Debian's */
};

/* Texts of all modules of a kernel, which are held in memory, with an index of their aliases. */
#define LARGEST_TEXTS (UINT64_C(32) << 20)

/* Of all modules of a kernel, which must be unpacked for their aliases: many times what a kernel's own have. */
#define LARGEST_SET (UINT64_C(16) << 30)

/* Of those that are in the image, which are held in memory until it is written. */
#define LARGEST_KEPT (UINT64_C(1) << 30)

static const struct {
	const char *suffix;
	enum packing packing;
} suffixes[] = {{".ko", PACKING_NONE}, {".ko.gz", PACKING_GZIP}, {".ko.xz", PACKING_XZ}, {".ko.zst", PACKING_ZSTD}};

char *
module_name(struct arena *a, const char *name, size_t length)
{
	char *made = arena_strndup(a, name, length);
	bool in_brackets = false;

	for (char *at = made; *at; at++) {
		if (*at == '[' || *at == ']')
			in_brackets = *at == '[';
		else if (*at == '-' && !in_brackets)
			*at = '_';
	}
	return made;
}

/* What lies in updates/ stands in front of all else, as for depmod. */
static bool
is_update(const struct search *s, const struct module *module)
{
	return text_starts_with(module->path + strlen(s->directory), "/updates/");
}

static void
enter(struct search *s, struct module *module)
{
	struct module **known = (struct module **)names_slot(s->r->c->arena, &s->by_name, module->name);

	if (!*known || (is_update(s, module) && !is_update(s, *known)))
		*known = module;
	else if (!(*known)->rival && is_update(s, module) == is_update(s, *known))
		(*known)->rival = module;
}

static void
add_module(struct search *s, const char *directory, const struct entry *file)
{
	struct arena *a = s->r->c->arena;

	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		size_t length = strlen(file->name), suffix = strlen(suffixes[i].suffix);
		struct module *module;

		if (length <= suffix || !text_ends_with(file->name, suffixes[i].suffix))
			continue;
		module = ARENA_NEW(a, struct module);
		*module = (struct module){
			.name = module_name(a, file->name, length - suffix),
			.path = arena_printf(a, "%s/%s", directory, file->name),
			.entry = file,
			.packing = suffixes[i].packing,
			.suffix_length = suffix - strlen(".ko"),
		};
		*ARENA_PUSH(a, s->all, s->count) = module;
		enter(s, module);
	}
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

void
modules_find(struct search *s, const struct entry *directory)
{
	add_directory(s, s->directory, directory);
}

/* One path a line. */
bool
modules_read_builtin(struct search *s)
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

bool
module_is_bad(struct search *s, const struct module *module, const char *why)
{
	diag(&s->r->c->diags, DIAG_MODULE_BAD, s->at, "'%s' cannot be used: %s", module->path, why);
	return false;
}

static bool
unpack(struct search *s, const struct module *module, struct arena *arena, struct unpacked *unpacked)
{
	if (!packed_read(s->r->c, arena, module->entry->content, s->at, module->packing, LARGEST_MODULE, unpacked))
		return false;
	s->unpacked_bytes += unpacked->size;
	if (s->unpacked_bytes > LARGEST_SET)
		unpacked->broken = "the modules of this kernel unpack to more than 16 GiB";
	return true;
}

static bool
know_packed(struct search *s, struct module *module)
{
	struct arena *scratch = arena_new();
	struct unpacked unpacked;
	bool good = unpack(s, module, scratch, &unpacked);

	if (good && unpacked.broken) {
		module->info.broken = unpacked.broken;
	} else if (good) {
		struct content content = {.kind = CONTENT_BYTES, .bytes = unpacked.bytes, .size = unpacked.size, .shown = module->path};

		good = modinfo_read(s->r->c, &content, s->at, &module->info);
	}
	arena_free(scratch);
	return good;
}

bool
module_know(struct search *s, struct module *module)
{
	if (module->is_known)
		return true;
	if (s->info_bytes > LARGEST_TEXTS) {
		module->info.broken = "the modules of this kernel say more than 32 MiB of themselves";
		return module->is_known = true;
	}
	module->is_known = module->packing == PACKING_NONE ?
		modinfo_read(s->r->c, module->entry->content, s->at, &module->info) : know_packed(s, module);
	s->info_bytes += module->info.size;
	return module->is_known;
}

const struct entry *
module_unpack(struct search *s, const struct module *module)
{
	struct arena *a = s->r->c->arena, *scratch = arena_new();
	struct entry *made = NULL;
	struct content *content;
	struct unpacked unpacked;

	if (!unpack(s, module, scratch, &unpacked))
		goto out;
	if (!unpacked.broken && unpacked.size > LARGEST_KEPT - s->kept_bytes)
		unpacked.broken = "with the modules before it, it unpacks to more than 1 GiB";
	if (unpacked.broken) {
		module_is_bad(s, module, unpacked.broken);
		goto out;
	}
	s->kept_bytes += unpacked.size;
	content = ARENA_NEW(a, struct content);
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = arena_strndup(a, unpacked.bytes, unpacked.size), .size = unpacked.size,
		.shown = content_name(s->r->c, module->entry->content)};
	made = ARENA_NEW(a, struct entry);
	*made = *module->entry;
	made->name = arena_strndup(a, module->entry->name, strlen(module->entry->name) - module->suffix_length);
	made->content = content;
	made->inode = NULL;
out:
	arena_free(scratch);
	return made;
}

/* Decides which of the pool's files a GRUB is installed from, and whether they are what they should be. */
#include "resolve/grub_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *
hex(struct compilation *c, const char *bytes, size_t size)
{
	char *text = arena_alloc(c->arena, 3 * size + 1);

	for (size_t i = 0; i < size; i++)
		snprintf(text + 3 * i, 4, "%02x ", (unsigned char)bytes[i]);
	text[3 * size - 1] = '\0';
	return text;
}

static bool
check_size(struct resolver *r, const struct grub_kind *kind, const struct content *content, const char *path)
{
	if (content->size >= kind->least && content->size <= kind->most)
		return true;
	diag(&r->c->diags, DIAG_GRUB_FILE_BAD, r->manifest->grub.version.at,
		"'%s' has %" PRIu64 " bytes, where %s has %zu to %zu", path, content->size, kind->name, kind->least, kind->most);
	return false;
}

static bool
check_fields(struct resolver *r, const struct grub_generation *g, const struct grub_kind *kind, const char *path,
	const char *bytes)
{
	bool good = true;

	for (size_t i = 0; i < GRUB_MOST_FIELDS && kind->fields[i].size; i++) {
		const struct grub_field *field = &kind->fields[i];
		const char *found = bytes + field->offset;

		if (memcmp(found, field->bytes, field->size) == 0)
			continue;
		diag(&r->c->diags, DIAG_GRUB_FILE_BAD, r->manifest->grub.version.at,
			"'%s' is not the %s of %s: at 0x%zx stands %s, not %s (%s)", path, kind->name, g->version,
			field->offset, hex(r->c, found, field->size), hex(r->c, field->bytes, field->size),
			field->meaning);
		good = false;
	}
	return good;
}

bool
grub_read_file(struct resolver *r, const struct grub_generation *g, const char *directory, const struct grub_kind *kind,
	struct grub_file *file)
{
	const char *path = arena_printf(r->c->arena, "%s/%s", directory, kind->name), *bytes;
	struct walk walk = walk_path(r->c, r->closure->pool, path);
	struct span at = r->manifest->grub.version.at;

	if (walk.end != WALK_FOUND || walk.entry->kind != ENTRY_FILE) {
		diag(&r->c->diags, DIAG_GRUB_FILES, at, "%s needs '%s', which is no file of the pool", g->name, path);
		return false;
	}
	if (!check_size(r, kind, walk.entry->content, path) ||
	    !(bytes = content_read(r->c, walk.entry->content, at, kind->most)) || !check_fields(r, g, kind, path, bytes))
		return false;
	*file = (struct grub_file){.name = kind->name, .entry = walk.entry, .bytes = (const unsigned char *)bytes,
		.size = (size_t)walk.entry->content->size};
	return true;
}

const char *
grub_find_directory(struct resolver *r, const struct grub_generation *g)
{
	size_t count;
	const char **paths = walk_pattern(r->c, r->closure->pool, g->pattern, &count);
	struct diag *d;

	if (count == 1)
		return arena_strndup(r->c->arena, paths[0], (size_t)(strrchr(paths[0], '/') - paths[0]));
	if (count == 0) {
		d = diag(&r->c->diags, DIAG_GRUB_FILES, r->manifest->grub.version.at,
			"the pool has no %s: nothing matches '%s'", g->name, g->pattern);
		diag_help(d, "%s", g->help);
		return NULL;
	}
	d = diag(&r->c->diags, DIAG_GRUB_FILES, r->manifest->grub.version.at,
		"the pool has %zu %s, and only one can boot", count, g->name);
	for (size_t i = 0; i < count; i++)
		diag_note(d, (struct span){0}, "one is '%s'", paths[i]);
	return NULL;
}

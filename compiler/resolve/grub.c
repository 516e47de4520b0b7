/* Decides which of the pool's GRUB 0.97 files the image is booted by, and whether they are what they should be. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "resolve/resolver.h"
#include "support/text.h"

enum {
	LARGEST_STAGE = 1024 * 1024,
	MOST_FIELDS = 3,
	MOST_SECTORS = 62, /* between sector 0 and the first partition of a disk with 63 sectors a track */
};

/* Bytes that must stand somewhere in a stage (boot.md 1.1, 1.2). */
struct field {
	size_t offset;
	const char *bytes;
	size_t size;
	const char *meaning;
};

struct stage {
	const char *name;
	size_t least, most; /* bytes */
	struct field fields[MOST_FIELDS];
};

#define COMPAT_VERSION "\3\2" /* of all GRUB 0.95 to 0.97: other numbers do not work together */

static const struct stage stages[] = {
	{"stage1", 512, 512, {
		{0x3e, COMPAT_VERSION, 2, "the version 3.2"},
		{0x1fe, "\x55\xaa", 2, "the boot signature"}}},
	{"e2fs_stage1_5", 0x400, MOST_SECTORS * 512, {
		{0x206, COMPAT_VERSION, 2, "the version 3.2"},
		{0x210, "\2", 1, "the mark of e2fs_stage1_5"},
		{0x212, "0.97", 5, "the version 0.97"}}},
	{"stage2", 0x400, LARGEST_STAGE, {
		{0x206, COMPAT_VERSION, 2, "the version 3.2"},
		{0x210, "", 1, "the mark of stage2"},
		{0x212, "0.97", 5, "the version 0.97"}}},
};

enum { STAGE1, STAGE1_5, STAGE2 };

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
check_stage(struct resolver *r, const struct stage *stage, const struct content *content, const char *path,
	const char *bytes)
{
	struct span at = r->manifest->grub.version.at;
	bool ok = true;

	if (content->size < stage->least || content->size > stage->most) {
		diag(&r->c->diags, DIAG_GRUB_FILE_BAD, at, "'%s' has %" PRIu64 " bytes, where %s has %zu to %zu", path,
			content->size, stage->name, stage->least, stage->most);
		return false;
	}
	for (const struct field *field = stage->fields; field < stage->fields + MOST_FIELDS && field->size; field++) {
		const char *found = bytes + field->offset;

		if (memcmp(found, field->bytes, field->size) == 0)
			continue;
		diag(&r->c->diags, DIAG_GRUB_FILE_BAD, at,
			"'%s' is not the %s of GRUB 0.97: at 0x%zx stands %s, not %s (%s)", path, stage->name,
			field->offset, hex(r->c, found, field->size), hex(r->c, field->bytes, field->size),
			field->meaning);
		ok = false;
	}
	return ok;
}

/* One stage of the directory PATH, read and checked; NULL with a diagnostic. */
static const char *
read_stage(struct resolver *r, const char *directory, const struct stage *stage, struct place *place)
{
	const char *path = arena_printf(r->c->arena, "%s/%s", directory, stage->name), *bytes;
	struct span at = r->manifest->grub.version.at;

	*place = (struct place){.path = path, .walk = walk_path(r->c, r->closure->pool, path)};
	if (place->walk.end != WALK_FOUND || place->walk.entry->kind != ENTRY_FILE) {
		diag(&r->c->diags, DIAG_GRUB_FILES, at, "GRUB legacy needs '%s', which is no file of the pool", path);
		return NULL;
	}
	place->content = place->walk.entry->content;
	bytes = content_read(r->c, place->content, at, LARGEST_STAGE);
	return bytes && check_stage(r, stage, place->content, path, bytes) ? bytes : NULL;
}

static const char *
find_directory(struct resolver *r)
{
	size_t count;
	const char **paths = walk_pattern(r->c, r->closure->pool, "/usr/lib/grub/*-pc/stage1", &count);
	struct diag *d;

	if (count == 1)
		return arena_strndup(r->c->arena, paths[0], strlen(paths[0]) - strlen("/stage1"));
	if (count == 0) {
		d = diag(&r->c->diags, DIAG_GRUB_FILES, r->manifest->grub.version.at,
			"the pool has no GRUB legacy: nothing matches '%s'",
			"/usr/lib/grub/*-pc/stage1");
		diag_help(d,
			"add the package 'grub-legacy' of Debian 12 to the inputs; later releases have an empty one");
		return NULL;
	}
	d = diag(&r->c->diags, DIAG_GRUB_FILES, r->manifest->grub.version.at,
		"the pool has %zu GRUB legacy, and only one can boot", count);
	for (size_t i = 0; i < count; i++)
		diag_note(d, (struct span){0}, "one is '%s'", paths[i]);
	return NULL;
}

void
resolve_grub(struct resolver *r)
{
	struct boot_files *boot = &r->closure->boot;
	struct need *stage2 = ARENA_NEW(r->c->arena, struct need);
	const char *directory, *bytes[3];
	struct place places[3];

	if (!r->manifest->grub.given || r->manifest->grub.version.v != GRUB_LEGACY)
		return;
	directory = find_directory(r);
	if (!directory)
		return;
	for (size_t i = 0; i < 3; i++)
		bytes[i] = read_stage(r, directory, &stages[i], &places[i]);
	if (!bytes[STAGE1] || !bytes[STAGE1_5] || !bytes[STAGE2])
		return;
	*stage2 = (struct need){.path = entry_path(r->c, places[STAGE2].walk.entry), .entry = places[STAGE2].walk.entry,
		.why = {.at = r->manifest->grub.at, .text = "grub"}};
	*boot = (struct boot_files){
		.stage1 = (const unsigned char *)bytes[STAGE1],
		.stage1_5 = (const unsigned char *)bytes[STAGE1_5],
		.stage1_5_size = (size_t)places[STAGE1_5].content->size,
		.stage2 = stage2,
	};
}

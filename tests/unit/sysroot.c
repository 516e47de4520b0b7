#include "sysroot.h"

#define MKELF_NO_MAIN
#include "../tools/mkelf.c"

#include "resolve/resolve.h"
#include "unit.h"

enum { LINES = 60 };

struct sysroot
sysroot_new(void)
{
	struct sysroot s = {.c = unit_compilation()};
	char *text = arena_alloc(s.c->arena, 81 * LINES + 1);

	for (size_t i = 0; i < LINES; i++) {
		memset(text + 81 * i, '.', 80);
		text[81 * i + 80] = '\n';
	}
	s.source = source_new(s.c->arena, "test.yaml", text, 81 * LINES);
	s.pool = pool_new(s.c);
	s.manifest.directory = ".";
	return s;
}

static void
put_entry_at(struct sysroot *s, const char *path, struct entry entry)
{
	assert_non_null(pool_put(s->c, s->pool, path + 1, &entry));
}

static const struct content *
content_of(struct compilation *c, const void *bytes, size_t size, const char *shown)
{
	struct content *content = ARENA_NEW(c->arena, struct content);
	char *copy = arena_alloc(c->arena, size + 1);

	memcpy(copy, bytes, size);
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = copy, .size = size, .shown = shown};
	return content;
}

void
sysroot_bytes(struct sysroot *s, const char *path, const void *bytes, size_t size)
{
	put_entry_at(s, path,
		(struct entry){.kind = ENTRY_FILE, .mode = 0755, .content = content_of(s->c, bytes, size, path)});
}

void
sysroot_text(struct sysroot *s, const char *path, const char *text)
{
	sysroot_bytes(s, path, text, strlen(text));
}

static struct entry *
entry_at(struct sysroot *s, const char *path)
{
	struct entry *entry = s->pool->root;
	size_t length;

	for (; *path; path += length) {
		path++;
		length = strcspn(path, "/");
		entry = entry_child(entry, path, length);
	}
	return entry;
}

void
sysroot_mode(struct sysroot *s, const char *path, uint16_t mode)
{
	entry_at(s, path)->mode = mode;
}

void
sysroot_capability(struct sysroot *s, const char *path, const void *value, size_t size)
{
	const struct xattr x = {.name = "security.capability", .value = value, .size = size};
	struct xattrs *set = ARENA_NEW(s->c->arena, struct xattrs);

	xattrs_put(s->c->arena, set, &x);
	entry_at(s, path)->xattrs = set;
}

void
sysroot_link(struct sysroot *s, const char *path, const char *target)
{
	put_entry_at(s, path, (struct entry){.kind = ENTRY_LINK, .mode = 0777, .target = target});
}

const struct content *
sysroot_made(struct compilation *c, const char *options)
{
	char *words = arena_strdup(c->arena, options), **arguments = ARENA_ARRAY(c->arena, char *, strlen(options) / 2 + 1);
	const struct content *content;
	struct file *made;
	int count = 0;

	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	made = make(count, arguments);
	content = content_of(c, made->bytes, made->size, "made");
	free(made);
	return content;
}

void
sysroot_elf(struct sysroot *s, const char *path, const char *options)
{
	const struct content *made = sysroot_made(s->c, options);

	sysroot_bytes(s, path, made->bytes, (size_t)made->size);
}

struct m_text
sysroot_words(struct sysroot *s, uint32_t line, const char *text)
{
	return (struct m_text){.at = source_span(s->source, 81 * (size_t)(line - 1), strlen(text)), .v = text,
		.given = true};
}

void
sysroot_program(struct sysroot *s, uint32_t line, const char *path)
{
	*ARENA_PUSH(s->c->arena, s->manifest.programs.v, s->manifest.programs.count) = sysroot_words(s, line, path);
}

struct m_file *
sysroot_file(struct sysroot *s, uint32_t line, const char *path)
{
	struct m_file *file = ARENA_PUSH(s->c->arena, s->manifest.files, s->manifest.file_count);
	struct m_text words = sysroot_words(s, line, path);

	file->path = path;
	file->key_at = file->at = words.at;
	return file;
}

bool
sysroot_resolve(struct sysroot *s)
{
	s->closure = resolve_closure(s->c, &s->manifest, s->pool);
	return s->closure != NULL;
}

const char *
sysroot_needs(struct sysroot *s)
{
	const char *all = "";

	if (!sysroot_resolve(s))
		return all;
	for (size_t i = 0; i < s->closure->need_count; i++)
		all = arena_printf(s->c->arena, "%s%s%s", all, i ? " " : "", s->closure->needs[i]->path);
	return all;
}

const char *
sysroot_reason(struct sysroot *s, const char *path)
{
	for (size_t i = 0; s->closure && i < s->closure->need_count; i++)
		if (strcmp(s->closure->needs[i]->path, path) == 0)
			return s->closure->needs[i]->why.text;
	return "absent";
}

bool
sysroot_says(struct sysroot *s, size_t index, const char *text)
{
	const struct diag *d;

	assert_true(index < s->c->diags.count);
	d = s->c->diags.list[index];
	for (size_t i = 0; i < d->note_count; i++)
		if (strstr(d->notes[i].text, text))
			return true;
	return strstr(d->text, text) || (d->label && strstr(d->label, text)) || (d->help && strstr(d->help, text));
}

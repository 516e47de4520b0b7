/* Decides which applets the image has, by the table of their names in busybox itself, which is read and never run. */
#include <string.h>

#include "resolve/resolver.h"
#include "resolve/runs.h"
#include "support/text.h"

enum {
	LARGEST_BUSYBOX = 64 * 1024 * 1024,
	LONGEST_APPLET = 31,
};

/* busybox searches its table by halves, so the names ascend bytewise (applet_tables.c of busybox). */
static bool
is_applet_name(const char *text, const char *before)
{
	size_t length = strlen(text);

	if (length == 0 || length > LONGEST_APPLET || (before && strcmp(before, text) >= 0))
		return false;
	return strcmp(text, "[") == 0 || strcmp(text, "[[") == 0 ||
		strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_-.+") == length;
}

/* Nearly every busybox has one of these, and no other table in it does. */
static bool
is_common_name(const char *text)
{
	return strcmp(text, "sh") == 0 || strcmp(text, "ls") == 0;
}

/*
 * The name that ends at FIRST, the first text of a table in BYTES, with other bytes glued to its front: what the linker laid before the
 * table need not end in a NUL. Of all names only these two can be told from it, and every busybox that has them begins with them.
 */
static const char *
glued_name(const char *bytes, const char *first)
{
	static const char *const names[] = {"[[", "["};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t size = strlen(names[i]) + 1;

		if ((size_t)(first - bytes) >= size && memcmp(first - size, names[i], size) == 0 && strcmp(names[i], first) < 0)
			return first - size;
	}
	return NULL;
}

static struct run_of_texts
find_table(struct arena *a, const char *bytes, size_t size)
{
	static const struct run_rule rule = {.belongs = is_applet_name, .prefers = is_common_name, .least = 3};
	struct run_of_texts table = run_find(a, bytes, size, &rule);
	const char *glued = table.count ? glued_name(bytes, table.texts[0]) : NULL, **texts;

	if (!glued)
		return table;
	texts = ARENA_ARRAY(a, const char *, table.count + 1);
	texts[0] = glued;
	memcpy(texts + 1, table.texts, table.count * sizeof *texts);
	return (struct run_of_texts){.texts = texts, .count = table.count + 1};
}

static void
add_applet(struct resolver *r, const char *name, struct span at)
{
	*ARENA_PUSH(r->c->arena, r->closure->applets, r->closure->applet_count) = (struct applet){.name = name, .at = at};
	*names_slot(r->c->arena, &r->applets, name) = r;
}

static bool
has_applet(const struct run_of_texts *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->texts[i], name) == 0)
			return true;
	return false;
}

static void
report_unknown(struct resolver *r, const struct m_text *applet, const struct run_of_texts *table)
{
	const char *near = text_nearest(applet->v, table->texts, table->count);
	struct diag *d = diag(&r->c->diags, DIAG_APPLET_UNKNOWN, applet->at, "'%s' has no applet '%s'",
		r->closure->busybox_path, applet->v);

	diag_note(d, r->manifest->busybox.program.at, "this one has %zu applets", table->count);
	if (near)
		diag_help(d, "did you mean '%s'?", near);
}

/* Nobody wrote the names of what rootc's init runs: one message for all that it lacks. */
static void
check_for_init(struct resolver *r, const struct run_of_texts *table)
{
	const struct m_texts *wanted = &r->manifest->busybox.applets;
	const char **lacking = ARENA_ARRAY(r->c->arena, const char *, wanted->count);
	size_t count = 0;
	struct diag *d;

	for (size_t i = 0; i < wanted->count; i++)
		if (!has_applet(table, wanted->v[i].v))
			lacking[count++] = wanted->v[i].v;
	if (count == 0)
		return;
	d = diag(&r->c->diags, DIAG_APPLET_UNKNOWN, wanted->at, "'%s' lacks applets that the init of the initramfs runs: %s",
		r->closure->busybox_path, text_join(r->c->arena, lacking, count, ", ", " and "));
	diag_note(d, r->manifest->busybox.program.at, "this one has %zu applets", table->count);
	diag_help(d, "take one that has them, such as that of Debian's busybox-static, or write 'init: PATH'");
}

/* Those that are listed must be in TABLE; `all` are those that are. */
static void
apply_table(struct resolver *r, const struct run_of_texts *table)
{
	const struct m_texts *wanted = &r->manifest->busybox.applets;

	if (r->manifest->busybox.is_for_init) {
		check_for_init(r, table);
		return;
	}
	for (size_t i = 0; i < wanted->count; i++)
		if (!has_applet(table, wanted->v[i].v))
			report_unknown(r, &wanted->v[i], table);
	for (size_t i = 0; wanted->all && i < table->count; i++)
		add_applet(r, table->texts[i], wanted->at);
}

static void
read_table(struct resolver *r, const struct need *busybox)
{
	const struct m_text *program = &r->manifest->busybox.program;
	const struct content *content = busybox->entry->content;
	const char *bytes = content_read(r->c, content, program->at, LARGEST_BUSYBOX);
	struct run_of_texts table;

	if (!bytes)
		return;
	table = find_table(r->c->arena, bytes, (size_t)content->size);
	if (table.count)
		apply_table(r, &table);
	else
		diag_help(diag(&r->c->diags, DIAG_BUSYBOX_TABLE, program->at, "'%s' has no table of applets",
			busybox->path),
			"name busybox itself, or leave 'applets' out");
}

void
resolve_busybox(struct resolver *r)
{
	const struct m_busybox *m = &r->manifest->busybox;
	struct need *need;

	for (size_t i = 0; i < m->applets.count; i++)
		add_applet(r, m->applets.v[i].v, m->applets.v[i].at);
	if (!m->given || !m->program.v)
		return;
	need = resolve_single(r, &m->program, "busybox.program");
	if (!need)
		return;
	r->closure->busybox_path = need->path;
	root_add(r, (struct root){.need = need, .content = need->entry->content, .mode = need->entry->mode,
		.xattrs = need->entry->xattrs, .must_run = true});
	if (m->applets.count || m->applets.all)
		read_table(r, need);
}

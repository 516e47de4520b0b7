/* Decides which applets busybox has, by the table of their names in the binary itself, which is read and never run. */
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

static void
check_applets(struct resolver *r, const struct run_of_texts *table)
{
	const struct m_texts *wanted = &r->manifest->busybox.applets;
	const char **names = ARENA_ARRAY(r->c->arena, const char *, wanted->count);
	struct closure *closure = r->closure;

	closure->applets = names;
	closure->applet_at = ARENA_ARRAY(r->c->arena, const struct m_text *, wanted->count);
	for (size_t i = 0; i < wanted->count; i++) {
		if (!has_applet(table, wanted->v[i].v)) {
			report_unknown(r, &wanted->v[i], table);
			continue;
		}
		names[closure->applet_count] = wanted->v[i].v;
		closure->applet_at[closure->applet_count++] = &wanted->v[i];
	}
}

static void
resolve_applets(struct resolver *r, const struct need *busybox)
{
	static const struct run_rule rule = {.belongs = is_applet_name, .prefers = is_common_name, .least = 3};
	const struct m_text *program = &r->manifest->busybox.program;
	const struct content *content = busybox->entry->content;
	const char *bytes = content_read(r->c, content, program->at, LARGEST_BUSYBOX);
	struct run_of_texts table;

	if (!bytes)
		return;
	table = run_find(r->c->arena, bytes, (size_t)content->size, &rule);
	if (table.count)
		check_applets(r, &table);
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

	if (!m->given || !m->program.v)
		return;
	need = resolve_single(r, &m->program, "busybox.program");
	if (!need)
		return;
	r->closure->busybox_path = need->path;
	root_add(r, (struct root){.need = need, .content = need->entry->content, .mode = need->entry->mode,
		.xattrs = need->entry->xattrs, .must_run = true});
	if (m->applets.count)
		resolve_applets(r, need);
}

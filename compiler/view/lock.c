/* Shows what moved from one lock to the next, as a package manager does. */
#include <string.h>

#include "support/compilation.h"
#include "support/text.h"
#include "view/view.h"

struct moves {
	FILE *out;
	struct arena *arena;
	size_t moved_count; /* packages */
	bool some;          /* there is a change, be it the format alone */
};

/* "+1.2 KiB", "-12 KiB". */
static const char *
difference(struct arena *a, uint64_t before, uint64_t after)
{
	return after < before ? arena_printf(a, "-%s", text_bytes(a, before - after)) : arena_printf(a, "+%s", text_bytes(a, after - before));
}

static void
show(struct moves *m, const char *input, const char *text)
{
	fprintf(m->out, "%s: %s\n", input, text);
	m->some = true;
}

static int
compare_files(const struct m_locked_file *a, const struct m_locked_file *b)
{
	int order = strcmp(a->package.v, b->package.v);

	return order ? order : strcmp(a->architecture.v, b->architecture.v);
}

static void
show_moved(struct moves *m, const char *input, const struct m_locked_file *old, const struct m_locked_file *new)
{
	if (strcmp(old->sha256.v, new->sha256.v) == 0)
		return;
	show(m, input, arena_printf(m->arena, "%s %s -> %s, package %s", new->package.v, old->version.v, new->version.v,
		difference(m->arena, old->size.v, new->size.v)));
	m->moved_count++;
}

static void
show_one(struct moves *m, const char *input, const struct m_locked_file *file, bool is_new)
{
	show(m, input, arena_printf(m->arena, "%s %s is %s, package %s", file->package.v, file->version.v, is_new ? "new" : "gone",
		difference(m->arena, is_new ? 0 : file->size.v, is_new ? file->size.v : 0)));
	m->moved_count++;
}

/* Both are sorted by package and architecture. */
static void
show_packages(struct moves *m, const struct m_locked_input *old, const struct m_locked_input *new)
{
	size_t i = 0, k = 0;

	while (i < old->file_count || k < new->file_count) {
		int order = i == old->file_count ? 1 : k == new->file_count ? -1 : compare_files(&old->files[i], &new->files[k]);

		if (order == 0)
			show_moved(m, new->name, &old->files[i], &new->files[k]);
		else if (order < 0)
			show_one(m, new->name, &old->files[i], false);
		else
			show_one(m, new->name, &new->files[k], true);
		i += order <= 0;
		k += order >= 0;
	}
}

static const struct m_locked_input *
find(const struct lock *lock, const char *name, enum input_kind kind)
{
	for (size_t i = 0; i < lock->input_count; i++)
		if (strcmp(lock->inputs[i].name, name) == 0 && lock->inputs[i].kind == kind)
			return &lock->inputs[i];
	return NULL;
}

static bool
has_same_texts(const struct m_texts *a, const struct m_texts *b)
{
	bool same = a->count == b->count;

	for (size_t i = 0; same && i < a->count; i++)
		same = strcmp(a->v[i].v, b->v[i].v) == 0;
	return same;
}

static void
show_input(struct moves *m, const struct lock *before, const struct m_locked_input *new)
{
	const struct m_locked_input *old = find(before, new->name, new->kind);

	if (!old) {
		show(m, new->name, "new");
		return;
	}
	switch (new->kind) {
	case INPUT_PACKAGES:
		if (!has_same_texts(&old->sources, &new->sources))
			show(m, new->name, "other sources");
		show_packages(m, old, new);
		return;
	case INPUT_DIRECTORY:
		if (strcmp(old->tree.v, new->tree.v) != 0)
			show(m, new->name, "changed");
		return;
	case INPUT_ARCHIVE:
		if (strcmp(old->sha256.v, new->sha256.v) != 0)
			show(m, new->name, "changed");
		return;
	case INPUT_OCI:
		if (strcmp(old->image.v, new->image.v) != 0)
			show(m, new->name, "changed");
		return;
	case INPUT_FILE:
		if (strcmp(old->file.v, new->file.v) != 0 || old->executable.v != new->executable.v)
			show(m, new->name, "changed");
		return;
	}
}

/* The names of both are sorted. */
static void
show_files(struct moves *m, const struct m_pairs *old, const struct m_pairs *new)
{
	size_t i = 0, k = 0;

	while (i < old->count || k < new->count) {
		int order = i == old->count ? 1 : k == new->count ? -1 : strcmp(old->v[i].name, new->v[k].name);
		const char *name = text_escape(m->arena, order < 0 ? old->v[i].name : new->v[k].name);

		if (order != 0)
			show(m, name, order < 0 ? "gone" : "new");
		else if (strcmp(old->v[i].value.v, new->v[k].value.v) != 0)
			show(m, name, "changed");
		i += order <= 0;
		k += order >= 0;
	}
}

static void
show_closure(struct moves *m, const struct m_texts *old, const struct m_texts *new)
{
	size_t i = 0, k = 0;

	if (old->given && !new->given)
		show(m, "closure", "not told while the packages are not there; `rootc fetch` adds it");
	while (old->given && new->given && (i < old->count || k < new->count)) {
		int order = i == old->count ? 1 : k == new->count ? -1 : strcmp(old->v[i].v, new->v[k].v);

		if (order != 0)
			show(m, order < 0 ? old->v[i].v : new->v[k].v, order < 0 ? "no longer needed in the image" : "needed in the image");
		i += order <= 0;
		k += order >= 0;
	}
}

static uint64_t
package_bytes(const struct lock *lock, size_t *count)
{
	uint64_t bytes = 0;

	*count = 0;
	for (size_t i = 0; i < lock->input_count; i++)
		for (size_t k = 0; k < lock->inputs[i].file_count; k++, ++*count)
			bytes += lock->inputs[i].files[k].size.v;
	return bytes;
}

static void
show_moves(struct moves *m, const struct lock *before, const struct lock *after)
{
	for (size_t i = 0; i < after->input_count; i++)
		show_input(m, before, &after->inputs[i]);
	for (size_t i = 0; i < before->input_count; i++)
		if (!find(after, before->inputs[i].name, before->inputs[i].kind))
			show(m, before->inputs[i].name, "gone");
	show_files(m, &before->files, &after->files);
	show_closure(m, &before->closure, &after->closure);
}

void
view_lock(FILE *out, struct compilation *c, const struct lock *before, const struct lock *after)
{
	struct moves m = {.out = out, .arena = c->arena, .some = before && before->format.v != after->format.v};
	const char *path = text_escape(c->arena, after->path), *packages;
	uint64_t bytes_before, bytes;
	size_t count;

	bytes_before = before ? package_bytes(before, &count) : 0;
	bytes = package_bytes(after, &count);
	packages = text_count(c->arena, count, "package", "packages");
	if (before)
		show_moves(&m, before, after);
	if (!before)
		fprintf(out, "%s: %s, %s\n", path, packages, text_bytes(c->arena, bytes));
	else if (m.moved_count)
		fprintf(out, "%s: %s, %zu moved, %s\n", path, packages, m.moved_count, difference(c->arena, bytes_before, bytes));
	else
		fprintf(out, "%s: %s%s\n", path, packages, m.some ? ", none moved" : ", nothing has changed");
}

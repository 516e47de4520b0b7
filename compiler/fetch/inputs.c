/* Decides what is in the pool: every input in the manifest's order, later ones laid over earlier ones. */
#include "fetch/fetch.h"

#include <unistd.h>

#include "fetch/stored.h"
#include "fetch/stages.h"
#include "support/compilation.h"

static bool
report_missing(const struct loading *l, const struct m_input *input, const size_t *outcomes, size_t count,
	const char *first)
{
	size_t broken = outcomes[BROKEN];
	struct diag *d = diag(&l->c->diags, DIAG_NOT_FETCHED, input->key_at,
		"the store lacks %zu of the %zu packages of input '%s', such as %s", outcomes[ABSENT] + broken, count,
		input->name, first);

	if (broken > 0)
		diag_note(d, (struct span){0},
			"%zu of them %s there, but damaged or unpacked by another version of rootc", broken,
			broken == 1 ? "is" : "are");
	diag_help(diag_label(d, "not in '%s'", l->store), l->vendored ? "run `rootc fetch` and `rootc vendor`" : "run `rootc fetch`");
	return false;
}

static bool
put_packages(struct loading *l, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = locked_input(l->c, lock, input);
	size_t outcomes[OUTCOMES] = {0};
	const char *first = NULL;

	if (locked)
		progress_begin(&l->c->progress, ROOTC_OPENING, arena_printf(l->c->arena, "%s in %s", input->name, l->store), locked->file_count);
	for (size_t i = 0; locked && i < locked->file_count; i++) {
		const struct m_locked_file *file = &locked->files[i];
		const char *package = arena_printf(l->c->arena, "%s %s", file->package.v, file->version.v);
		enum outcome outcome = stored_put(l, input, file->sha256.v, package, package);

		outcomes[outcome]++;
		progress_to(&l->c->progress, i + 1, NULL);
		if (!first && (outcome == ABSENT || outcome == BROKEN))
			first = package;
	}
	return first ? report_missing(l, input, outcomes, locked->file_count, first) : locked && outcomes[BLOCKED] == 0;
}

static bool
put_input(struct loading *l, const struct lock *lock, const struct m_input *input)
{
	if (input->kind != INPUT_PACKAGES)
		progress_begin(&l->c->progress, ROOTC_OPENING, input->name, 0);
	switch (input->kind) {
	case INPUT_PACKAGES:
		return put_packages(l, lock, input);
	case INPUT_DIRECTORY:
		return scan_directory(l->c, l->pool, l->manifest, input);
	case INPUT_ARCHIVE:
		return put_archive(l, input);
	case INPUT_OCI:
		return put_oci(l, input);
	case INPUT_FILE:
		return put_single(l, input);
	}
	return false;
}

const struct pool *
fetch_pool(struct compilation *c, const struct manifest *m, const struct lock *lock, const char *store, bool vendored)
{
	struct loading l = {.c = c, .pool = pool_new(c), .manifest = m, .lock = lock, .store = store, .store_fd = -1,
		.vendored = vendored};
	bool ok = true;

	for (size_t i = 0; i < m->input_count; i++)
		ok = put_input(&l, lock, &m->inputs[i]) && ok;
	if (l.store_fd >= 0)
		close(l.store_fd);
	return ok ? l.pool : NULL;
}

/* Decides what the manifest's inputs stand for from now on: what is locked already and asked for still stays as it is. */
#include <stdlib.h>
#include <string.h>

#include "fetch/apt.h"
#include "fetch/fetch.h"
#include "fetch/oci.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/text.h"

struct locking {
	struct compilation *c;
	const struct manifest *manifest;
	const struct lock_wishes *wishes;
	struct store store;   /* opened when apt is first asked */
	const char *store_path;
	struct apt *apts;     /* those asked so far, one for each architecture and its sources */
	size_t apt_count;
};

static bool
names_are_known(const struct apt *apt, const struct m_texts *wanted)
{
	struct diagnostics *diags = &apt->store->c->diags;
	bool ok = true;

	for (size_t i = 0; i < wanted->count; i++) {
		const struct m_text *name = &wanted->v[i];
		const char *near;
		struct diag *d;

		if (apt_knows(apt, name->v))
			continue;
		ok = false;
		d = diag(diags, DIAG_PACKAGE_UNKNOWN, name->at, "no package is called '%s'", name->v);
		diag_label(d, "not in %s for %s", apt->input->sources.count > 0 ? "the input's sources" : "the host's apt sources",
			apt->input->architecture.v);
		near = text_nearest(name->v, apt->names, apt->name_count);
		if (near)
			diag_help(d, "did you mean '%s'?", near);
	}
	return ok;
}

static const char *const *
names_of(struct arena *arena, const struct m_texts *texts)
{
	const char **names = ARENA_ARRAY(arena, const char *, texts->count);

	for (size_t i = 0; i < texts->count; i++)
		names[i] = texts->v[i].v;
	return names;
}

static const char *const *
specs_of(struct arena *arena, const struct apt_packages *packages)
{
	const char **specs = ARENA_ARRAY(arena, const char *, packages->count);

	for (size_t i = 0; i < packages->count; i++)
		specs[i] = arena_printf(arena, "%s=%s", packages->list[i].name, packages->list[i].version);
	return specs;
}

static int
compare_packages(const void *a, const void *b)
{
	const struct apt_package *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = strcmp(x->architecture, y->architecture);
	return order ? order : strcmp(x->version, y->version);
}

static void
sort_packages(struct apt_packages *packages)
{
	if (packages->count > 0)
		qsort(packages->list, packages->count, sizeof *packages->list, compare_packages);
}

/* Takes over from KNOWN, which is sorted, what the closure does not say: file, size and hash. */
static bool
complete(const struct apt *apt, struct apt_packages *packages, const struct apt_packages *known)
{
	for (size_t i = 0; i < packages->count; i++) {
		struct apt_package *package = &packages->list[i];
		const struct apt_package *full = known->count == 0 ? NULL :
			bsearch(package, known->list, known->count, sizeof *known->list, compare_packages);
		struct digest digest;

		if (!full || !full->sha256 || !digest_parse(full->sha256, &digest)) {
			diag(&apt->store->c->diags, DIAG_APT_FAILED, apt->at,
				"the host's apt knows no SHA-256 of package '%s', version '%s'", package->name, package->version);
			return false;
		}
		*package = *full;
	}
	return true;
}

/* What NAMES and all that they need are today, sorted. */
static bool
ask(const struct apt *apt, const char *const *names, size_t count, struct apt_packages *packages)
{
	struct apt_packages known;

	if (!apt_closure(apt, names, count, packages) ||
			!apt_show(apt, specs_of(apt->store->c->arena, packages), packages->count, &known))
		return false;
	sort_packages(&known);
	sort_packages(packages);
	return complete(apt, packages, &known);
}

/* The apt of INPUT's architecture and sources, its lists brought up to date once; NULL with diagnostics. */
static struct apt *
apt_for(struct locking *l, const struct m_input *input)
{
	const char *name = apt_state_name(l->c->arena, input);
	struct apt *apt = l->apts;

	for (; apt < l->apts + l->apt_count; apt++)
		if (strcmp(apt->name, name) == 0)
			return apt;
	if (l->store.fd < 0 && !store_open(&l->store, l->c, l->store_path, l->manifest->at))
		return NULL;
	l->apt_count++;
	if (!apt_begin(apt, &l->store, l->manifest, input, input->architecture.at) ||
			!(l->wishes->offline ? apt_reuse(apt) : apt_update(apt)))
		return NULL;
	apt_warn(apt);
	return apt;
}

static const struct m_locked_file *
find_file(const struct m_locked_input *old, const struct apt_package *package)
{
	for (size_t i = 0; old && i < old->file_count; i++)
		if (strcmp(old->files[i].package.v, package->name) == 0 && strcmp(old->files[i].architecture.v, package->architecture) == 0)
			return &old->files[i];
	return NULL;
}

static const struct apt_package *
find_package(const struct apt_packages *packages, const struct m_locked_file *file)
{
	for (size_t i = 0; i < packages->count; i++)
		if (strcmp(packages->list[i].name, file->package.v) == 0 && strcmp(packages->list[i].architecture, file->architecture.v) == 0)
			return &packages->list[i];
	return NULL;
}

static struct m_locked_file
file_of(const struct apt_package *package)
{
	return (struct m_locked_file){.package.v = package->name, .version.v = package->version, .architecture.v = package->architecture,
		.file.v = package->file, .size.v = package->size, .sha256.v = package->sha256};
}

static bool
is_wished(const struct lock_wishes *w, const char *name)
{
	for (size_t i = 0; i < w->name_count; i++)
		if (strcmp(w->names[i], name) == 0)
			return true;
	return false;
}

/* Whether all packages of INPUT are to be today's, whatever is locked. */
static bool
moves_whole(const struct lock_wishes *w, const struct m_input *input, const struct m_locked_input *old)
{
	return !old || strcmp(old->architecture.v, input->architecture.v) != 0 || !lock_has_sources(old, input) ||
		(w->updates && (w->name_count == 0 || is_wished(w, input->name)));
}

/* What of INPUT is to be today's beside OLD, with all that it needs: what is new in the manifest, and what is wished. */
static const char **
names_to_move(struct locking *l, const struct m_input *input, const struct m_locked_input *old, size_t *count)
{
	const char **names = NULL;

	*count = 0;
	for (size_t i = 0; i < input->packages.count; i++)
		if (!texts_have(&old->packages, input->packages.v[i].v))
			*ARENA_PUSH(l->c->arena, names, *count) = input->packages.v[i].v;
	for (size_t i = 0; i < old->file_count; i++)
		if (is_wished(l->wishes, old->files[i].package.v))
			*ARENA_PUSH(l->c->arena, names, *count) = old->files[i].package.v;
	return names;
}

static int
compare_files(const void *a, const void *b)
{
	const struct m_locked_file *x = a, *y = b;
	const struct apt_package p = {.name = x->package.v, .architecture = x->architecture.v, .version = x->version.v};
	const struct apt_package q = {.name = y->package.v, .architecture = y->architecture.v, .version = y->version.v};

	return compare_packages(&p, &q);
}

/*
 * Of TODAY, all that INPUT comes to: what is in MOVED or was not there is taken, else the file of OLD. What OLD alone has stays, for
 * something old may still need it, and what nothing needs does not enter an image; but not what the manifest itself named and does no
 * more.
 */
static void
mix(struct locking *l, struct m_locked_input *new, const struct m_locked_input *old, const struct apt_packages *today,
	const struct apt_packages *moved)
{
	struct arena *a = l->c->arena;

	for (size_t i = 0; i < today->count; i++) {
		const struct m_locked_file *file = find_file(old, &today->list[i]);

		*ARENA_PUSH(a, new->files, new->file_count) = file && !find_package(moved, file) ? *file : file_of(&today->list[i]);
	}
	for (size_t i = 0; old && i < old->file_count; i++)
		if (!find_package(today, &old->files[i]) && !texts_have(&old->packages, old->files[i].package.v))
			*ARENA_PUSH(a, new->files, new->file_count) = old->files[i];
	if (new->file_count > 0)
		qsort(new->files, new->file_count, sizeof *new->files, compare_files);
}

/* Asks apt what INPUT comes to, of which OLD, if it is not NULL, says what is locked. */
static bool
ask_input(struct locking *l, const struct m_input *input, const struct m_locked_input *old, const char *const *names, size_t count,
	struct m_locked_input *new)
{
	struct apt_packages today, moved = {0};
	struct apt *apt;

	progress_begin(&l->c->progress, ROOTC_ASKING, input->architecture.v, 0);
	if (!(apt = apt_for(l, input)))
		return false;
	apt->at = input->key_at;
	if (!names_are_known(apt, &input->packages) ||
			!ask(apt, names_of(l->c->arena, &input->packages), input->packages.count, &today) ||
			(count > 0 && !ask(apt, names, count, &moved)))
		return false;
	mix(l, new, old, &today, &moved);
	return true;
}

static bool
lock_packages(struct locking *l, const struct m_input *input, struct m_locked_input *new)
{
	const struct m_locked_input *old = l->wishes->old ? lock_find(l->wishes->old, input->name) : NULL;
	const char **names = NULL;
	size_t count = 0;

	if (old && old->kind != INPUT_PACKAGES)
		old = NULL;
	new->architecture = input->architecture;
	new->packages = input->packages;
	new->sources = input->sources;
	if (moves_whole(l->wishes, input, old))
		return ask_input(l, input, NULL, NULL, 0, new);
	names = names_to_move(l, input, old, &count);
	if (count > 0 || !lock_is_as_asked(old, input))
		return ask_input(l, input, old, names, count, new);
	new->files = old->files;
	new->file_count = old->file_count;
	return true;
}

static bool
set_hash(struct locking *l, struct m_text *to, const struct digest *digest)
{
	*to = (struct m_text){.v = digest_format(digest, arena_alloc(l->c->arena, DIGEST_HEX)), .given = true};
	return true;
}

static bool
lock_input(struct locking *l, const struct m_input *input, struct m_locked_input *new)
{
	const struct content *single;
	const struct oci_image *image;
	struct digest digest;

	*new = (struct m_locked_input){.key_at = input->key_at, .name = input->name, .kind = input->kind};
	switch (input->kind) {
	case INPUT_PACKAGES:
		return lock_packages(l, input, new);
	case INPUT_DIRECTORY:
		return digest_directory(l->c, l->manifest, input, &digest) && set_hash(l, &new->tree, &digest);
	case INPUT_ARCHIVE:
		return digest_archive(l->c, l->manifest, input, &digest) && set_hash(l, &new->sha256, &digest);
	case INPUT_OCI:
		if (!(image = oci_read(l->c, host_path(l->c, l->manifest, &input->oci), input)))
			return false;
		new->image = (struct m_text){.v = image->manifest.hex, .given = true};
		return true;
	case INPUT_FILE:
		if (!(single = single_content(l->c, l->manifest, input)) || !digest_single(l->c, input, single, &digest))
			return false;
		new->executable.v = single->executable && !input->mode.given;
		return set_hash(l, &new->file, &digest);
	}
	return false;
}

static int
compare_pairs(const void *a, const void *b)
{
	return strcmp(((const struct m_pair *)a)->name, ((const struct m_pair *)b)->name);
}

/* The manifest's own files beside it, each once, by name. */
static bool
lock_sources(struct locking *l, struct m_pairs *files)
{
	struct arena *a = l->c->arena;
	size_t count, kept = 0;
	const struct m_text **sources = manifest_host_sources(a, l->manifest, &count);
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		struct m_pair pair = {.key_at = sources[i]->at, .name = manifest_relative(a, l->manifest, sources[i])};
		struct digest digest = {0};

		ok = digest_source(l->c, l->manifest, sources[i], &digest) && ok;
		pair.value.v = digest_format(&digest, arena_alloc(a, DIGEST_HEX));
		*ARENA_PUSH(a, files->v, files->count) = pair;
	}
	if (count > 0)
		qsort(files->v, files->count, sizeof *files->v, compare_pairs);
	for (size_t i = 0; i < files->count; i++)
		if (i == 0 || strcmp(files->v[i].name, files->v[kept - 1].name) != 0)
			files->v[kept++] = files->v[i];
	files->count = kept;
	return ok;
}

/* Whether each name that is wished is that of something. */
static bool
wishes_are_known(struct locking *l)
{
	const struct lock_wishes *w = l->wishes;
	bool ok = true;

	for (size_t i = 0; i < w->name_count; i++) {
		const char **known = NULL, *near;
		size_t count = 0;
		struct diag *d;

		for (size_t k = 0; k < l->manifest->input_count; k++)
			*ARENA_PUSH(l->c->arena, known, count) = l->manifest->inputs[k].name;
		for (size_t k = 0; w->old && k < w->old->input_count; k++)
			for (size_t n = 0; n < w->old->inputs[k].file_count; n++)
				*ARENA_PUSH(l->c->arena, known, count) = w->old->inputs[k].files[n].package.v;
		(void)ARENA_PUSH(l->c->arena, known, count);
		if (known[text_index(known, w->names[i])])
			continue;
		ok = false;
		d = diag(&l->c->diags, DIAG_PACKAGE_UNKNOWN, source_whole(l->manifest->at.source),
			"nothing that is locked is called '%s': no input and no package", w->names[i]);
		if ((near = text_nearest(w->names[i], known, count - 1)))
			diag_help(d, "did you mean '%s'?", near);
	}
	return ok;
}

struct lock *
fetch_lock(struct compilation *c, const struct manifest *m, const char *store_path, const struct lock_wishes *wishes)
{
	struct locking l = {.c = c, .manifest = m, .wishes = wishes, .store = {.fd = -1, .lock_fd = -1}, .store_path = store_path,
		.apts = ARENA_ARRAY(c->arena, struct apt, m->input_count)};
	struct lock *lock = ARENA_NEW(c->arena, struct lock);
	bool ok = wishes_are_known(&l);

	lock->format.v = LOCK_FORMAT;
	lock->inputs = ARENA_ARRAY(c->arena, struct m_locked_input, m->input_count);
	for (; ok && lock->input_count < m->input_count; lock->input_count++)
		ok = lock_input(&l, &m->inputs[lock->input_count], &lock->inputs[lock->input_count]);
	ok = ok && lock_sources(&l, &lock->files);
	store_close(&l.store);
	return ok ? lock : NULL;
}

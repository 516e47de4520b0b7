/* Decides whether what the manifest names on the host is what was locked. */
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "fetch/oci.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* Whether NOW, of WHAT at the manifest's WORDS, is what LOCKED says; else both are told, and what to do. */
static bool
is_same(struct compilation *c, const struct manifest *m, const char *what, const struct m_text *words, const char *now, const struct m_text *locked)
{
	struct diag *d;

	if (strcmp(now, locked->v) == 0)
		return true;
	d = diag(&c->diags, DIAG_LOCK_DRIFT, words->at, "%s '%s' is not what was locked", what, words->v);
	diag_note(diag_label(d, "it is %s", now), locked->at, "locked was %s", locked->v);
	diag_help(d, "bring back what was locked, or run `rootc lock %s` to lock what is there now", m->path);
	return false;
}

/* Whether HEX, of what INPUT is now, is what LOCKED has of it. */
static bool
is_locked_hash(struct compilation *c, const struct manifest *m, const struct m_input *input, const char *hex, const struct m_locked_input *locked)
{
	switch (input->kind) {
	case INPUT_PACKAGES:
		break;
	case INPUT_DIRECTORY:
		return is_same(c, m, "directory", &input->directory, hex, &locked->tree);
	case INPUT_ARCHIVE:
		return is_same(c, m, "archive", &input->archive, hex, &locked->sha256);
	case INPUT_OCI:
		return is_same(c, m, "image", &input->oci, hex, &locked->image);
	case INPUT_FILE:
		return is_same(c, m, "file", &input->file, hex, &locked->file);
	}
	BUG("packages have no hash");
}

/* What LOCK (or NULL) says of INPUT, if that is of its kind; NULL: it may be what it is. */
static const struct m_locked_input *
held_to(const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = lock ? lock_find(lock, input->name) : NULL;

	return locked && locked->kind == input->kind ? locked : NULL;
}

bool
is_locked_blob(struct compilation *c, const struct manifest *m, const struct lock *lock, const struct m_input *input, const char *hex)
{
	const struct m_locked_input *locked = held_to(lock, input);

	return !locked || is_locked_hash(c, m, input, hex, locked);
}

bool
is_locked_program(struct compilation *c, const struct manifest *m, const struct lock *lock, const struct m_input *input, const struct content *content)
{
	const struct m_locked_input *locked = held_to(lock, input);
	struct diag *d;

	if (!locked || input->mode.given || content->executable == locked->executable.v)
		return true;
	d = diag(&c->diags, DIAG_LOCK_DRIFT, input->file.at, "file '%s' is not what was locked", input->file.v);
	diag_label(d, "it can%s be executed", content->executable ? "" : "not");
	diag_note(d, locked->file.at, "locked was one that could%s", content->executable ? " not" : "");
	diag_help(d, "change its x bits back, run `rootc lock %s`, or write 'mode', beside which they count for nothing", m->path);
	return false;
}

static bool
check_input(struct compilation *c, const struct manifest *m, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = locked_of_kind(c, lock, input);
	const struct content *single;
	const struct oci_image *image;
	char hex[DIGEST_HEX];
	struct digest digest;

	if (!locked)
		return false;
	switch (input->kind) {
	case INPUT_PACKAGES:
		return locked_input(c, lock, input);
	case INPUT_DIRECTORY:
		return digest_directory(c, m, input, &digest) && is_locked_hash(c, m, input, digest_format(&digest, hex), locked);
	case INPUT_ARCHIVE:
		return digest_archive(c, m, input, &digest) && is_locked_hash(c, m, input, digest_format(&digest, hex), locked);
	case INPUT_OCI:
		image = oci_read(c, host_path(c, m, &input->oci), input);
		return image && is_locked_hash(c, m, input, image->manifest.hex, locked);
	case INPUT_FILE:
		return (single = single_content(c, m, input)) && digest_single(c, input, single, &digest) &&
			is_locked_hash(c, m, input, digest_format(&digest, hex), locked) && is_locked_program(c, m, lock, input, single);
	}
	return false;
}

static bool
superfluous(struct compilation *c, struct span at, const char *what, const char *name)
{
	diag_help(diag(&c->diags, DIAG_LOCK_STALE, at, "the lock has %s '%s', which the manifest does not name", what, name), "run `rootc lock`");
	return false;
}

static bool
has_input(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->input_count; i++)
		if (strcmp(m->inputs[i].name, name) == 0)
			return true;
	return false;
}

static int
compare_name(const void *name, const void *pair)
{
	return strcmp(name, ((const struct m_pair *)pair)->name);
}

/* What FILES, sorted, has under NAME, or NULL. */
static struct m_pair *
find_pair(const struct m_pairs *files, const char *name)
{
	return files->count > 0 ? bsearch(name, files->v, files->count, sizeof *files->v, compare_name) : NULL;
}

static bool
check_source(struct compilation *c, const struct manifest *m, const struct m_pair *locked, const struct m_text *source)
{
	char hex[DIGEST_HEX];
	struct digest digest;

	if (locked)
		return digest_source(c, m, source, &digest) && is_same(c, m, "file", source, digest_format(&digest, hex), &locked->value);
	diag_help(diag(&c->diags, DIAG_LOCK_STALE, source->at, "the lock has no file '%s'", source->v), "run `rootc lock`");
	return false;
}

static bool
check_sources(struct compilation *c, const struct manifest *m, const struct m_pairs *files)
{
	size_t count;
	const struct m_text **sources = manifest_host_sources(c->arena, m, &count);
	bool *named = ARENA_ARRAY(c->arena, bool, files->count), ok = true;

	for (size_t i = 0; i < count; i++) {
		const struct m_pair *locked = find_pair(files, manifest_relative(c->arena, m, sources[i]));

		if (locked)
			named[locked - files->v] = true;
		ok = check_source(c, m, locked, sources[i]) && ok;
	}
	for (size_t i = 0; i < files->count; i++)
		ok = (named[i] || superfluous(c, files->v[i].key_at, "a file", files->v[i].name)) && ok;
	return ok;
}

bool
fetch_check_lock(struct compilation *c, const struct manifest *m, const struct lock *lock)
{
	bool ok = true;

	for (size_t i = 0; i < m->input_count; i++)
		ok = check_input(c, m, lock, &m->inputs[i]) && ok;
	for (size_t i = 0; i < lock->input_count; i++)
		ok = (has_input(m, lock->inputs[i].name) || superfluous(c, lock->inputs[i].key_at, "an input", lock->inputs[i].name)) && ok;
	return check_sources(c, m, &lock->files) && ok;
}

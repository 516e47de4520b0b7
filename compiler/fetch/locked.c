/* Decides whether the lock is about the packages that the manifest asks for. */
#include <string.h>

#include "fetch/stages.h"
#include "support/compilation.h"

bool
texts_have(const struct m_texts *texts, const char *wanted)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->v[i].v, wanted) == 0)
			return true;
	return false;
}

#define LOCKS_ALL_ANEW "run `rootc lock`; new versions of packages change the image"
#define LOCKS_THE_REST "run `rootc lock`; what is locked already and still asked for stays as it is"

static void
stale(struct compilation *c, struct span at, struct span lock_at, const char *help, const char *text)
{
	diag_help(diag_note(diag(&c->diags, DIAG_LOCK_STALE, at, "%s", text), lock_at, "the lock says this"), "%s", help);
}

const struct m_locked_input *
lock_find(const struct lock *lock, const char *name)
{
	for (size_t i = 0; i < lock->input_count; i++)
		if (strcmp(lock->inputs[i].name, name) == 0)
			return &lock->inputs[i];
	return NULL;
}

bool
lock_has_sources(const struct m_locked_input *locked, const struct m_input *input)
{
	bool same = locked->sources.count == input->sources.count;

	for (size_t i = 0; same && i < input->sources.count; i++)
		same = strcmp(locked->sources.v[i].v, input->sources.v[i].v) == 0;
	return same;
}

bool
lock_is_as_asked(const struct m_locked_input *locked, const struct m_input *input)
{
	bool same = strcmp(locked->architecture.v, input->architecture.v) == 0 && lock_has_sources(locked, input);

	for (size_t i = 0; i < input->packages.count; i++)
		same = same && texts_have(&locked->packages, input->packages.v[i].v);
	for (size_t i = 0; i < locked->packages.count; i++)
		same = same && texts_have(&input->packages, locked->packages.v[i].v);
	return same;
}

const struct m_locked_input *
locked_of_kind(struct compilation *c, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = lock ? lock_find(lock, input->name) : NULL;

	if (locked && locked->kind == input->kind)
		return locked;
	if (locked)
		stale(c, input->key_at, locked->key_at, LOCKS_ALL_ANEW, arena_printf(c->arena, "input '%s' is of another kind than the locked one", input->name));
	else
		diag_help(diag(&c->diags, DIAG_LOCK_STALE, input->key_at, "the lock has no input '%s'", input->name), "run `rootc lock`");
	return NULL;
}

/* One diagnostic for all the packages: one `rootc lock` mends them all. */
static bool
same_packages(struct compilation *c, const struct m_locked_input *locked, const struct m_input *input)
{
	const struct m_texts *now = &input->packages, *then = &locked->packages;

	for (size_t i = 0; i < now->count; i++)
		if (!texts_have(then, now->v[i].v)) {
			stale(c, now->v[i].at, then->at, LOCKS_THE_REST, arena_printf(c->arena, "the lock was made without package '%s'", now->v[i].v));
			return false;
		}
	for (size_t i = 0; i < then->count; i++)
		if (!texts_have(now, then->v[i].v)) {
			stale(c, now->at, then->v[i].at, LOCKS_THE_REST, arena_printf(c->arena, "the lock was made with package '%s'", then->v[i].v));
			return false;
		}
	return true;
}

static bool
file_is_sound(struct compilation *c, const struct m_locked_file *file)
{
	static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789", more[] = "abcdefghijklmnopqrstuvwxyz0123456789+.-",
		version[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-:~";
	struct digest digest;
	const struct {
		const struct m_text *text;
		bool ok;
	} parts[] = {
		{&file->package, strspn(file->package.v, lower) > 0 && file->package.v[strspn(file->package.v, more)] == '\0'},
		{&file->version, strspn(file->version.v, version) > 0 && file->version.v[strspn(file->version.v, version)] == '\0'},
		{&file->architecture, strspn(file->architecture.v, lower) > 0 &&
			file->architecture.v[strspn(file->architecture.v, more)] == '\0'},
		{&file->sha256, digest_parse(file->sha256.v, &digest)},
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i].ok)
			continue;
		diag_help(diag(&c->diags, DIAG_LOCK_STALE, parts[i].text->at,
			"the lock was edited: '%s' is nothing that `rootc lock` writes", parts[i].text->v), "restore the lock, or run `rootc lock`");
		return false;
	}
	return true;
}

const struct m_locked_input *
locked_input(struct compilation *c, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = locked_of_kind(c, lock, input);

	if (!locked)
		return NULL;
	if (strcmp(locked->architecture.v, input->architecture.v) != 0) {
		stale(c, input->architecture.at, locked->architecture.at, LOCKS_ALL_ANEW, arena_printf(c->arena,
			"the lock was made for architecture '%s', not '%s'", locked->architecture.v, input->architecture.v));
		return NULL;
	}
	if (!lock_has_sources(locked, input)) {
		stale(c, input->sources.count > 0 ? input->sources.at : input->key_at,
			locked->sources.count > 0 ? locked->sources.at : locked->key_at, LOCKS_ALL_ANEW, "the lock was made from other sources");
		return NULL;
	}
	if (!same_packages(c, locked, input))
		return NULL;
	for (size_t i = 0; i < locked->file_count; i++)
		if (!file_is_sound(c, &locked->files[i]))
			return NULL;
	return locked;
}

/* Decides what is in the pool: every input in the manifest's order, later ones laid over earlier ones. */
#include "fetch/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "fetch/stages.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"

struct loading {
	struct compilation *c;
	struct pool *pool;
	const struct manifest *manifest;
	const char *store;
	int store_fd; /* its directory; -1 when it was not there yet */
};

/* ORIGIN: /PATH, without printf, for there may be tens of thousands. */
static const char *
shown_name(struct arena *arena, const char *origin, const char *path)
{
	size_t origin_length = strlen(origin), path_length = strlen(path);
	char *shown = arena_alloc(arena, origin_length + path_length + 4);

	memcpy(shown, origin, origin_length);
	memcpy(shown + origin_length, ": /", 3);
	memcpy(shown + origin_length + 3, path, path_length);
	return shown;
}

static const struct content *
blob_content(const struct loading *l, const struct index_row *row, const char *origin)
{
	struct content *content = ARENA_NEW(l->c->arena, struct content);

	content->kind = CONTENT_HOST;
	content->size = row->size;
	content->directory = l->store;
	content->path = row->blob;
	content->shown = shown_name(l->c->arena, origin, row->path);
	content->has_digest = true;
	content->digest = row->digest;
	return content;
}

/* What stands for the file NUMBER of an archive, and for no other. */
static const void *
identity_of(struct arena *a, const void ***known, size_t *count, uint32_t number)
{
	while (*count <= number)
		*ARENA_PUSH(a, *known, *count) = NULL;
	if (!(*known)[number])
		(*known)[number] = ARENA_NEW(a, char);
	return (*known)[number];
}

/* Takes down that the index of the archive HEX was read. */
static void
note_index(const struct loading *l, const char *hex)
{
	struct content *content = ARENA_NEW(l->c->arena, struct content);

	*content = (struct content){.kind = CONTENT_HOST, .directory = l->store,
		.path = arena_printf(l->c->arena, "archive/%s.index", hex)};
	seen_add(l->c, SEEN_OPENED, content);
}

enum outcome { PUT, ABSENT, BROKEN, BLOCKED, OUTCOMES };

/* Puts what the archive HEX holds into the pool. */
static enum outcome
put_archive(struct loading *l, const struct m_input *input, const char *hex, const char *package, const char *origin)
{
	struct index_reader reader;
	struct index_row row;
	enum outcome outcome = PUT;
	const void **files = NULL; /* those with several names */
	size_t file_count = 0;

	if (l->store_fd < 0 && (l->store_fd = open(l->store, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return ABSENT;
	if (!index_open(&reader, l->c, l->store_fd, hex))
		return reader.broken ? BROKEN : ABSENT;
	note_index(l, hex);
	while (index_next(&reader, &row)) {
		struct entry new = {
			.kind = row.kind, .mode = row.mode, .owner = row.owner, .group = row.group, .target = row.target,
			.input = input, .package = package, .xattrs = row.xattrs,
		};

		if (row.kind == ENTRY_FILE)
			new.content = blob_content(l, &row, origin);
		if (row.file)
			new.inode = identity_of(l->c->arena, &files, &file_count, row.file);
		if (!pool_put(l->c, l->pool, row.path, &new))
			outcome = BLOCKED;
	}
	return reader.broken ? BROKEN : outcome;
}

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
	diag_help(diag_label(d, "not in '%s'", l->store), "run `rootc fetch`");
	return false;
}

static bool
put_packages(struct loading *l, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = locked_input(l->c, lock, input);
	size_t outcomes[OUTCOMES] = {0};
	const char *first = NULL;

	for (size_t i = 0; locked && i < locked->file_count; i++) {
		const struct m_locked_file *file = &locked->files[i];
		const char *package = arena_printf(l->c->arena, "%s %s", file->package.v, file->version.v);
		enum outcome outcome = put_archive(l, input, file->sha256.v, package, package);

		outcomes[outcome]++;
		if (!first && (outcome == ABSENT || outcome == BROKEN))
			first = package;
	}
	return first ? report_missing(l, input, outcomes, locked->file_count, first) : locked && outcomes[BLOCKED] == 0;
}

static bool
is_as_agreed(struct compilation *c, const struct m_input *input, const char *hex)
{
	struct diag *d;

	if (!input->sha256.given || strcmp(input->sha256.v, hex) == 0)
		return true;
	d = diag(&c->diags, DIAG_HASH_MISMATCH, input->sha256.at, "archive '%s' is not the one with this SHA-256", input->archive.v);
	diag_help(diag_label(d, "it is %s", hex), "bring back the file that was meant, or set sha256: %s", hex);
	return false;
}

static bool
unpack_into_store(const struct loading *l, const struct m_input *input, const struct content *content, int fd,
	const char *hex)
{
	struct store store;
	bool ok;

	if (!store_open(&store, l->c, l->store, input->archive.at))
		return false;
	ok = store_has_archive(&store, hex) || unpack_archive(&store, content, fd, hex);
	store_close(&store);
	return ok;
}

static bool
unreadable(const struct loading *l, const struct m_input *input, const char *shown)
{
	diag(&l->c->diags, DIAG_FILE_UNREADABLE, input->archive.at, "cannot read '%s': %s", shown, strerror(errno));
	return false;
}

static bool
put_open_archive(struct loading *l, const struct lock *lock, const struct m_input *input, const struct content *content, int fd)
{
	char *hex = arena_alloc(l->c->arena, DIGEST_HEX);
	struct digest digest;
	enum outcome outcome;

	seen_file(l->c, content->shown, fd);
	if (!digest_file(fd, &digest))
		return unreadable(l, input, content->shown);
	if (!is_as_agreed(l->c, input, digest_format(&digest, hex)) || !is_locked_archive(l->c, l->manifest, lock, input, hex))
		return false;
	outcome = put_archive(l, input, hex, NULL, input->archive.v);
	if (outcome == PUT || outcome == BLOCKED)
		return outcome == PUT;
	return unpack_into_store(l, input, content, fd, hex) &&
		put_archive(l, input, hex, NULL, input->archive.v) == PUT;
}

static bool
put_archive_input(struct loading *l, const struct lock *lock, const struct m_input *input)
{
	struct content content = {.kind = CONTENT_HOST, .shown = host_path(l->c, l->manifest, &input->archive)};
	int fd = file_open(content.shown);
	struct stat info;
	bool ok;

	if (fd < 0 || fstat(fd, &info) < 0) {
		unreadable(l, input, content.shown);
		if (fd >= 0)
			close(fd);
		return false;
	}
	content.size = (uint64_t)info.st_size;
	content_stamp(&content, &info);
	ok = put_open_archive(l, lock, input, &content, fd);
	close(fd);
	return ok;
}

static bool
put_input(struct loading *l, const struct lock *lock, const struct m_input *input)
{
	switch (input->kind) {
	case INPUT_PACKAGES:
		return put_packages(l, lock, input);
	case INPUT_DIRECTORY:
		return scan_directory(l->c, l->pool, l->manifest, input);
	case INPUT_ARCHIVE:
		return put_archive_input(l, lock, input);
	}
	return false;
}

const struct pool *
fetch_pool(struct compilation *c, const struct manifest *m, const struct lock *lock, const char *store)
{
	struct loading l = {.c = c, .pool = pool_new(c), .manifest = m, .store = store, .store_fd = -1};
	bool ok = true;

	for (size_t i = 0; i < m->input_count; i++)
		ok = put_input(&l, lock, &m->inputs[i]) && ok;
	if (l.store_fd >= 0)
		close(l.store_fd);
	return ok ? l.pool : NULL;
}

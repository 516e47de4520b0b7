/* Decides what of an archive comes into the pool: all that the store's index of it says, unpacked first where there is none. */
#include "fetch/stored.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/stages.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memo.h"

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

bool
stored_open(struct stored_archive *w, struct loading *l, const char *hex)
{
	w->l = l;
	if (l->store_fd < 0 && (l->store_fd = open(l->store, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		return false;
	if (!index_open(&w->reader, l->c, l->store_fd, hex))
		return false;
	note_index(l, hex);
	return true;
}

bool
stored_next(struct stored_archive *w, struct index_row *row, struct entry *entry)
{
	if (!index_next(&w->reader, row))
		return false;
	*entry = (struct entry){
		.kind = row->kind, .mode = row->mode, .owner = row->owner, .group = row->group, .target = row->target,
		.input = w->input, .package = w->package, .xattrs = row->xattrs,
	};
	if (row->kind == ENTRY_FILE)
		entry->content = blob_content(w->l, row, w->origin);
	if (row->file)
		entry->inode = identity_of(w->l->c->arena, &w->files, &w->file_count, row->file);
	return true;
}

enum outcome
stored_put(struct loading *l, const struct m_input *input, const char *hex, const char *package, const char *origin)
{
	struct stored_archive walk = {.input = input, .package = package, .origin = origin};
	struct index_row row;
	struct entry entry;
	enum outcome outcome = PUT;

	if (!stored_open(&walk, l, hex))
		return walk.reader.broken ? BROKEN : ABSENT;
	while (stored_next(&walk, &row, &entry))
		if (!pool_put(l->c, l->pool, row.path, &entry))
			outcome = BLOCKED;
	return walk.reader.broken ? BROKEN : outcome;
}

bool
is_as_agreed(struct compilation *c, const struct m_input *input, const char *what, const struct m_text *words, const char *hex)
{
	struct diag *d;

	if (!input->sha256.given || strcmp(input->sha256.v, hex) == 0)
		return true;
	d = diag(&c->diags, DIAG_HASH_MISMATCH, input->sha256.at, "%s '%s' is not the one with this SHA-256", what, words->v);
	diag_help(diag_label(d, "it is %s", hex), "bring back the file that was meant, or set sha256: %s", hex);
	return false;
}

bool
stored_unpack(const struct loading *l, const struct content *content, int fd, const char *hex, struct span at, const char *advice)
{
	struct store store;
	bool ok;

	if (l->vendored) {
		diag_help(diag_label(diag(&l->c->diags, DIAG_NOT_FETCHED, at, "archive '%s' has not been vendored", content->shown),
			"not in '%s'", l->store), "run `rootc vendor`");
		return false;
	}
	if (!store_open(&store, l->c, l->store, at))
		return false;
	progress_begin(&l->c->progress, ROOTC_UNPACKING, content->shown, 0);
	ok = store_has_archive(&store, hex) || unpack_archive(&store, content, fd, hex, advice);
	store_close(&store);
	return ok;
}

/*
 * The SHA-256 of the archive open in FD, which was SEEN. A compilation that shares its memo with others reads it only once for all of
 * them, as long as its times would tell of a change.
 */
static bool
digest_once(const struct loading *l, const struct content *seen, int fd, struct digest *digest)
{
	const char *identity = arena_printf(l->c->arena, "archive %lx %llx %llx %llx.%lx %llx.%lx", (unsigned long)seen->device,
		(unsigned long long)seen->inode, (unsigned long long)seen->size, (unsigned long long)seen->mtime_s, (unsigned long)seen->mtime_ns,
		(unsigned long long)seen->ctime_s, (unsigned long)seen->ctime_ns);
	struct digest key = digest_of(identity, strlen(identity));
	const struct digest *known;
	size_t size;
	bool good;

	if (!l->c->memo || !seen->settled)
		return digest_file(fd, digest);
	if ((known = memo_find(l->c->memo, &key, l->c->arena, &size))) {
		*digest = *known;
		return true;
	}
	good = digest_file(fd, digest);
	memo_put(l->c->memo, &key, good ? digest : NULL, sizeof *digest);
	return good;
}

static bool
put_open_archive(struct loading *l, const struct m_input *input, const struct content *content, int fd)
{
	static const char advice[] = "an archive is a .deb, an .apk or a tar; any other single file is an input by 'file'";
	char *hex = arena_alloc(l->c->arena, DIGEST_HEX);
	struct digest digest;
	enum outcome outcome;

	progress_begin(&l->c->progress, ROOTC_HASHING, content->shown, 0);
	if (!digest_once(l, seen_file(l->c, content->shown, fd), fd, &digest)) {
		diag(&l->c->diags, DIAG_FILE_UNREADABLE, input->archive.at, "cannot read '%s': %s", content->shown, strerror(errno));
		return false;
	}
	if (!is_as_agreed(l->c, input, "archive", &input->archive, digest_format(&digest, hex)) ||
			!is_locked_blob(l->c, l->manifest, l->lock, input, hex))
		return false;
	progress_begin(&l->c->progress, ROOTC_OPENING, input->name, 0);
	outcome = stored_put(l, input, hex, NULL, input->archive.v);
	if (outcome == PUT || outcome == BLOCKED)
		return outcome == PUT;
	return stored_unpack(l, content, fd, hex, input->archive.at, advice) && stored_put(l, input, hex, NULL, input->archive.v) == PUT;
}

bool
put_archive(struct loading *l, const struct m_input *input)
{
	struct content content = {.kind = CONTENT_HOST, .shown = host_path(l->c, l->manifest, &input->archive)};
	struct stat info;
	int fd = host_archive_open(l->c, l->manifest, input, &info);
	bool ok;

	if (fd < 0)
		return false;
	content.size = (uint64_t)info.st_size;
	content_stamp(&content, &info);
	ok = put_open_archive(l, input, &content, fd);
	close(fd);
	return ok;
}

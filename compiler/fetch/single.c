/*
 * Decides what of a single file on the host counts, for the pool and for the lock: its bytes, and its x bits where the manifest gives it
 * no mode.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/stages.h"
#include "fetch/stored.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

static const uint64_t single_bytes_max = UINT64_C(16) << 30;

static const struct content *
unreadable(struct compilation *c, const struct m_input *input, int error)
{
	struct diag *d = diag(&c->diags, DIAG_FILE_UNREADABLE, input->file.at, "cannot read '%s': %s", input->file.v,
		error == EINVAL ? "it is a FIFO, a device or a socket" : strerror(error));

	if (error == EISDIR)
		diag_help(d, "a whole directory is another kind of input: {directory: %s}", input->file.v);
	else if (error == ENOENT)
		host_explain_missing(d, &input->file);
	return NULL;
}

/* PATH, or where it leads to if it is a link: what is in the pool is opened without following one. NULL and errno: it is gone. */
static const char *
without_link(struct arena *arena, const char *path)
{
	struct stat info;
	const char *real;
	char *found;

	if (lstat(path, &info) < 0)
		return NULL;
	if (!S_ISLNK(info.st_mode))
		return path;
	if (!(found = realpath(path, NULL)))
		return NULL;
	real = arena_strdup(arena, found);
	free(found);
	return real;
}

/* The file open in FD, as it is found again at PATH. */
static const struct content *
content_of(struct compilation *c, const struct m_input *input, const char *path, int fd)
{
	struct content *content = ARENA_NEW(c->arena, struct content);
	const char *real = without_link(c->arena, path), *slash;
	bool settled = false;
	struct stat info;

	if (!real || file_look(&c->clock, fd, "", &info, &settled) < 0)
		return unreadable(c, input, errno);
	slash = strrchr(real, '/');
	*content = (struct content){.kind = CONTENT_HOST, .size = (uint64_t)info.st_size, .directory = text_directory(c->arena, real),
		.path = slash ? slash + 1 : real, .shown = input->file.v};
	content_stamp(content, &info);
	content->settled = settled;
	if (content->size <= single_bytes_max)
		return content;
	diag(&c->diags, DIAG_INPUT_TOO_LARGE, input->file.at, "'%s' has %" PRIu64 " bytes, more than 16 GiB", input->file.v, content->size);
	return NULL;
}

const struct content *
single_content(struct compilation *c, const struct manifest *m, const struct m_input *input)
{
	const char *path = host_path(c, m, &input->file);
	const struct content *content;
	int fd = file_open(path);

	if (fd < 0)
		return unreadable(c, input, errno);
	seen_file(c, path, fd);
	content = content_of(c, input, path, fd);
	close(fd);
	return content;
}

bool
digest_single(struct compilation *c, const struct m_input *input, const struct content *content, struct digest *digest)
{
	progress_begin(&c->progress, ROOTC_HASHING, input->file.v, 0);
	return digest_content(c, content, input->file.at, digest);
}

/* Whether CONTENT is what the manifest and the lock have, which is not even asked for its hash where they say nothing. */
static bool
is_meant(const struct loading *l, const struct m_input *input, const struct content *content)
{
	char hex[DIGEST_HEX];
	struct digest digest;

	if (!input->sha256.given && !(l->lock && lock_find(l->lock, input->name)))
		return true;
	return digest_single(l->c, input, content, &digest) &&
		is_as_agreed(l->c, input, "file", &input->file, digest_format(&digest, hex)) &&
		is_locked_blob(l->c, l->manifest, l->lock, input, hex) &&
		is_locked_program(l->c, l->manifest, l->lock, input, content);
}

bool
put_single(struct loading *l, const struct m_input *input)
{
	const struct content *content = single_content(l->c, l->manifest, input);
	struct entry entry = {.kind = ENTRY_FILE, .input = input, .content = content, .mode = input->mode.v};

	if (!content || !is_meant(l, input, content))
		return false;
	if (!input->mode.given)
		entry.mode = content->executable ? 0755 : 0644;
	return pool_put(l->c, l->pool, input->path.v + 1, &entry);
}

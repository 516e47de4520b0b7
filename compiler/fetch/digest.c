/* Takes the SHA-256 of what the manifest names on the host. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/stages.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

bool
digest_file(int fd, struct digest *digest)
{
	struct digest_stream stream;
	char bytes[65536];
	ssize_t got;

	digest_begin(&stream);
	while ((got = file_read(fd, bytes, sizeof bytes)) > 0)
		digest_add(&stream, bytes, (size_t)got);
	*digest = digest_end(&stream);
	return got == 0;
}

void
host_explain_missing(struct diag *d, const struct m_text *path)
{
	const char *habit = text_path_habit(path->v);

	if (habit)
		diag_help(d, "%s", habit);
	else if (path->v[0] != '/')
		diag_help(d, "a path that does not begin with '/' starts beside the manifest that has it");
}

/* WORDS: the path as the manifest has it. */
static bool
unreadable(struct compilation *c, const char *shown, const struct m_text *words)
{
	int error = errno;
	struct diag *d = diag(&c->diags, DIAG_FILE_UNREADABLE, words->at, "cannot read '%s': %s", shown, strerror(error));

	if (error == EISDIR)
		diag_help(d, "a directory is an input by 'directory', and an image layout by 'oci'");
	else if (error == ENOENT)
		host_explain_missing(d, words);
	return false;
}

bool
digest_content(struct compilation *c, const struct content *content, struct span at, struct digest *digest)
{
	int fd = content_open(c, content, at);
	bool ok = false;

	if (fd < 0)
		return false;
	if (digest_file(fd, digest))
		ok = content_unchanged(c, content, at, fd);
	else
		diag(&c->diags, DIAG_FILE_UNREADABLE, at, "cannot read '%s': %s", content_name(c, content), strerror(errno));
	close(fd);
	return ok;
}

/* Of the file open in FD, -1 and errno when it is not, which PATH names. */
static bool
digest_open(struct compilation *c, const char *path, const struct m_text *words, int fd, struct digest *digest)
{
	bool ok;

	if (fd < 0)
		return unreadable(c, words->v, words);
	seen_file(c, path, fd);
	progress_begin(&c->progress, ROOTC_HASHING, words->v, 0);
	ok = digest_file(fd, digest) || unreadable(c, words->v, words);
	close(fd);
	return ok;
}

bool
host_archive_too_large(struct compilation *c, struct span at, const char *shown, uint64_t size)
{
	/* What it may unpack to is 16 GiB; a tar puts headers and padding around that. */
	if (size <= UINT64_C(20) << 30)
		return false;
	diag_label(diag(&c->diags, DIAG_INPUT_TOO_LARGE, at, "'%s' is larger than 20 GiB", shown), "%s", text_bytes(c->arena, size));
	return true;
}

int
host_archive_open(struct compilation *c, const struct manifest *m, const struct m_input *input, struct stat *info)
{
	const char *path = host_path(c, m, &input->archive);
	int fd = file_open(path);

	if (fd < 0 || fstat(fd, info) < 0)
		unreadable(c, path, &input->archive);
	else if (!host_archive_too_large(c, input->archive.at, path, (uint64_t)info->st_size))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
digest_archive(struct compilation *c, const struct manifest *m, const struct m_input *input, struct digest *digest)
{
	struct stat info;
	int fd = host_archive_open(c, m, input, &info);

	return fd >= 0 && digest_open(c, host_path(c, m, &input->archive), &input->archive, fd, digest);
}

bool
digest_source(struct compilation *c, const struct manifest *m, const struct m_text *path, struct digest *digest)
{
	return digest_open(c, host_path(c, m, path), path, file_open_beneath(manifest_directory(c->arena, m, &path->at), path->v), digest);
}

/*
 * Makes a directory with what was decompiled. It is there from the start on, and its manifest comes last: without that, it is not
 * complete. Links in it are made, and never followed.
 */
#include "emit/emit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/content.h"
#include "model/decompiled.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"

enum { CHUNK_SIZE = 64 << 10, FILE_MODE = 0644, PROGRAM_MODE = 0755, DIRECTORY_MODE = 0755 };

struct directory {
	struct compilation *c;
	const char *path;
	int fd;
	size_t made;              /* of the entries */
	struct content_reader reader;
};

static bool
fail(const struct directory *d, const char *path, int error)
{
	diag(&d->c->diags, DIAG_OUTPUT_FAILED, (struct span){0}, "cannot write '%s': '%s': %s", d->path, path, strerror(error));
	return false;
}

static bool
refuse(const struct directory *d, const char *why, const char *help)
{
	diag_help(diag(&d->c->diags, DIAG_OUTPUT_UNWRITABLE, (struct span){0}, "cannot make the directory '%s': %s", d->path, why), "%s", help);
	return false;
}

/* Makes the directory, which may be there already only when it is empty: then it can be removed. */
static bool
begin(struct directory *d)
{
	if (rmdir(d->path) < 0 && errno != ENOENT)
		return refuse(d, errno == ENOTEMPTY || errno == EEXIST ? "it holds something already" : strerror(errno), "name another one, which is not there yet");
	if (mkdir(d->path, DIRECTORY_MODE) < 0)
		return refuse(d, strerror(errno), "make the directory in which it is to be");
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return d->fd >= 0 || fail(d, ".", errno);
}

/* The bytes of RUN, those that are zero left out. */
static bool
copy_run(struct directory *d, int fd, const char *path, const struct image_run *run)
{
	unsigned char bytes[CHUNK_SIZE];

	if (!content_reader_seek(&d->reader, run->start))
		return false;
	for (uint64_t at = 0; at < run->size; at += CHUNK_SIZE) {
		size_t size = run->size - at < CHUNK_SIZE ? (size_t)(run->size - at) : CHUNK_SIZE;

		if (!content_reader_read(&d->reader, bytes, size))
			return false;
		if (!memory_is_zero(bytes, size) && file_write_at(fd, bytes, size, (off_t)(run->start + at)) < 0)
			return fail(d, path, errno);
	}
	return true;
}

static bool
copy(struct directory *d, int fd, const struct decompiled_entry *entry)
{
	const struct image_bytes *from = entry->content->image;
	bool good = content_reader_open(&d->reader, entry->content);

	for (size_t i = 0; good && i < from->count; i++)
		good = from->runs[i].start >= entry->content->size || copy_run(d, fd, entry->path, &from->runs[i]);
	good = good && content_reader_close(&d->reader);
	if (!good && d->reader.failure.content)
		content_report(d->c, &d->reader.failure, (struct span){0});
	return good;
}

static bool
make_file(struct directory *d, const struct decompiled_entry *entry)
{
	int fd = openat(d->fd, entry->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good = fd >= 0 || fail(d, entry->path, errno);

	if (good && (ftruncate(fd, (off_t)entry->content->size) < 0 || fchmod(fd, entry->executable ? PROGRAM_MODE : FILE_MODE) < 0))
		good = fail(d, entry->path, errno);
	good = good && copy(d, fd, entry);
	if (fd >= 0 && close(fd) < 0 && errno != EINTR)
		good = good && fail(d, entry->path, errno);
	return good;
}

static bool
make_entry(struct directory *d, const struct decompiled_entry *entry)
{
	if (entry->content)
		return make_file(d, entry);
	if (entry->target)
		return symlinkat(entry->target, d->fd, entry->path) == 0 || fail(d, entry->path, errno);
	return mkdirat(d->fd, entry->path, DIRECTORY_MODE) == 0 || fail(d, entry->path, errno);
}

/* All that was made goes again, what lies in something first. */
static void
undo(const struct directory *d, const struct decompiled *what)
{
	for (size_t i = d->made < what->entry_count ? d->made + 1 : d->made; i > 0; i--) {
		const struct decompiled_entry *entry = &what->entries[i - 1];

		unlinkat(d->fd, entry->path, entry->content || entry->target ? 0 : AT_REMOVEDIR);
	}
	rmdir(d->path);
}

/* The manifest appears whole, once all the rest is on the disk. */
static bool
finish(const struct directory *d, const struct decompiled *what)
{
	const char *path = arena_printf(d->c->arena, "%s/%s", d->path, what->path);
	int error;

	if (syncfs(d->fd) < 0)
		return fail(d, ".", errno);
	error = file_replace(d->c->arena, path, what->manifest, strlen(what->manifest));
	return error == 0 || fail(d, what->path, error);
}

bool
emit_directory(struct compilation *c, const struct decompiled *what, const char *path)
{
	struct directory d = {.c = c, .path = path, .fd = -1, .reader = {.fd = -1}};
	bool begun = begin(&d), good = begun;

	progress_begin(&c->progress, ROOTC_WRITING, path, 0);
	while (good && d.made < what->entry_count)
		if ((good = make_entry(&d, &what->entries[d.made])))
			d.made++;
	good = good && finish(&d, what);
	if (begun && !good)
		undo(&d, what);
	content_reader_end(&d.reader);
	if (d.fd >= 0)
		close(d.fd);
	return good;
}

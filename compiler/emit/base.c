/* Takes over from an older image the blocks that are the same, where the host's file system can share them between files. */
#include "emit/base.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/output.h"
#include "emit/record.h"
#include "support/compilation.h"
#include "support/file.h"

enum { HOST_BLOCK = 4096 }; /* ranges are shared in whole blocks of the host's file system */

/* Adds [OFFSET, END), which may continue the last range. */
static void
add_range(struct output *o, uint64_t offset, uint64_t end)
{
	struct output_range *last = o->kept_count ? &o->kept[o->kept_count - 1] : NULL;

	if (last && last->end == offset)
		last->end = end;
	else
		*ARENA_PUSH(o->c->arena, o->kept, o->kept_count) = (struct output_range){offset, end};
}

/* The ranges of which both records say the same. */
static void
match(struct output *o, const struct record *old, const struct record *new)
{
	size_t at = 0;

	for (size_t i = 0; i < new->count; i++) {
		const struct record_line *line = &new->lines[i];

		while (at < old->count && old->lines[at].offset < line->offset)
			at++;
		if (at < old->count && strcmp(old->lines[at].text, line->text) == 0)
			add_range(o, line->offset, line->offset + line->size);
	}
}

/* Cuts the ranges to whole blocks of the host; those without one go. */
static void
align(struct output *o)
{
	size_t count = 0;

	for (size_t i = 0; i < o->kept_count; i++) {
		struct output_range range = o->kept[i];

		range.offset = (range.offset + HOST_BLOCK - 1) / HOST_BLOCK * HOST_BLOCK;
		range.end = range.end / HOST_BLOCK * HOST_BLOCK;
		if (range.offset < range.end)
			o->kept[count++] = range;
	}
	o->kept_count = count;
}

/* 0, or an error number. */
static int
share(const struct output *o, int fd)
{
	for (size_t i = 0; i < o->kept_count; i++) {
		const struct output_range *range = &o->kept[i];
		struct file_clone_range clone = {.src_fd = fd, .src_offset = range->offset,
			.src_length = range->end - range->offset, .dest_offset = range->offset};

		if (ioctl(o->fd, FICLONERANGE, &clone) < 0)
			return errno;
	}
	return 0;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
		a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static const char *
take_over(struct output *o, int fd, const char *base, const struct record *record)
{
	struct arena *a = o->c->arena;
	struct stat before, after;
	struct record old;
	int error;

	if (fstat(fd, &before) < 0)
		return strerror(errno);
	if (!record_read(a, base, &before, &old))
		return arena_printf(a, "'%s.record' does not tell what it was made of", base);
	match(o, &old, record);
	align(o);
	if (o->kept_count == 0)
		return "nothing in it stays where it is";
	error = share(o, fd);
	if (error == EOPNOTSUPP || error == EXDEV || error == ENOTTY || error == ENOSYS)
		return "the file system here does not share blocks between files";
	if (error)
		return strerror(error);
	if (fstat(fd, &after) < 0 || !same_file(&before, &after))
		return "it changed while it was read";
	return NULL;
}

const char *
base_take_over(struct output *o, const char *base, const struct record *record)
{
	int fd = file_open(base);
	const char *why = fd < 0 ? strerror(errno) : take_over(o, fd, base, record);

	if (fd >= 0)
		close(fd);
	if (why) {
		o->kept_count = 0;
		if (ftruncate(o->fd, 0) < 0 || ftruncate(o->fd, (off_t)o->size) < 0)
			output_fail(o, errno);
	}
	return why;
}

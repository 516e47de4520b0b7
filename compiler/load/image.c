/* Decides what an image is made of: its table, what is in its partitions, and whose each byte is. */
#include "load/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "load/loader.h"

void
load_finding(struct loader *l, enum finding_kind kind, uint64_t offset, uint64_t size, const char *format, ...)
{
	struct image *image = l->image;
	va_list args;

	image->damaged |= finding_is_damage(kind);
	if (image->finding_count == FINDINGS_MOST) {
		image->findings_left_out++;
		return;
	}
	va_start(args, format);
	*ARENA_PUSH(l->c->arena, image->findings, image->finding_count) = (struct finding){
		.offset = offset, .size = size, .kind = kind, .text = arena_vprintf(l->c->arena, format, args)};
	va_end(args);
}

const char *
load_path(struct loader *l, const struct node *node)
{
	return l->image->finding_count == FINDINGS_MOST ? "" : node_path(l->c, node);
}

static bool
is_there(struct loader *l, uint64_t offset, uint64_t size, const char *what)
{
	if (size <= l->image->size && offset <= l->image->size - size)
		return true;
	load_finding(l, FINDING_TRUNCATED, offset, size, "%s would end at byte %" PRIu64 ", but the image at %" PRIu64, what,
		offset + size, l->image->size);
	return false;
}

bool
load_into(struct loader *l, void *bytes, uint64_t offset, size_t size, const char *what)
{
	if (!is_there(l, offset, size, what))
		return false;
	if (file_read_at(l->fd, bytes, size, (off_t)offset) == (ssize_t)size)
		return true;
	load_finding(l, FINDING_TRUNCATED, offset, size, "%s cannot be read", what);
	return false;
}

unsigned char *
load_bytes(struct loader *l, uint64_t offset, size_t size, const char *what)
{
	unsigned char *bytes;

	if (!is_there(l, offset, size, what))
		return NULL;
	bytes = arena_alloc(l->c->arena, size);
	return load_into(l, bytes, offset, size, what) ? bytes : NULL;
}

void
load_claim(struct loader *l, const struct owner *owner)
{
	if (owner->size)
		*ARENA_PUSH(l->c->arena, l->image->owners, l->image->owner_count) = *owner;
}

static int
compare_findings(const void *a_, const void *b_)
{
	const struct finding *a = a_, *b = b_;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return strcmp(a->text, b->text);
}

bool
load_begin(struct loader *l, struct compilation *c, const char *path, uint32_t sector_size)
{
	struct stat info;

	*l = (struct loader){.c = c, .fd = file_open(path), .image = ARENA_NEW(c->arena, struct image), .partition = -1,
		.told = sector_size != 0};
	if (l->fd < 0)
		return false;
	if (fstat(l->fd, &info) < 0) {
		load_end(l);
		return false;
	}
	l->image->path = path;
	l->image->size = (uint64_t)info.st_size;
	l->image->layout = ARENA_NEW(c->arena, struct layout);
	l->image->layout->disk_bytes = l->image->size;
	l->image->layout->sector_size = sector_size ? sector_size : SECTOR_USUAL;
	return true;
}

void
load_end(struct loader *l)
{
	int error = errno;

	close(l->fd);
	errno = error;
}

const struct image *
load_image(struct compilation *c, const char *path, uint32_t sector_size)
{
	struct loader l;

	if (!load_begin(&l, c, path, sector_size)) {
		diag(&c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read '%s': %s", path,
			errno == EINVAL ? "it is no regular file" : strerror(errno));
		return NULL;
	}
	progress_begin(&c->progress, ROOTC_LOADING, path, 0);
	load_table(&l);
	load_contents(&l);
	load_owners(&l);
	if (l.image->finding_count)
		qsort(l.image->findings, l.image->finding_count, sizeof *l.image->findings, compare_findings);
	load_end(&l);
	return l.image;
}

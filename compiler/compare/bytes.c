/* Decides which bytes of two images differ, and to whose they belong. */
#include "compare/stages.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "model/content.h"
#include "support/file.h"

enum { WINDOW_SIZE = 256 << 10 };

/* One image while it is read from front to end. */
struct side {
	const struct image *image;
	int fd;
	size_t owner; /* the index of the one that the byte at hand belongs to */
	struct field_reader fields;
	unsigned char bytes[WINDOW_SIZE];
};

static bool
fails(struct comparison *x, const struct side *s, int error)
{
	struct content content = {.kind = CONTENT_HOST, .path = s->image->path, .shown = s->image->path};

	content_report(x->c, &(struct content_failure){.content = &content, .error = error}, (struct span){0});
	return false;
}

/* Fills the window with the SIZE bytes at OFFSET; what lies behind the end is zero. */
static bool
fill(struct comparison *x, struct side *s, uint64_t offset, size_t size)
{
	size_t there = 0;
	ssize_t got;

	if (offset < s->image->size)
		there = s->image->size - offset < size ? (size_t)(s->image->size - offset) : size;
	memset(s->bytes + there, 0, size - there);
	got = file_read_at(s->fd, s->bytes, there, (off_t)offset);
	return got == (ssize_t)there || fails(x, s, got < 0 ? errno : 0);
}

/* The owner of the byte at OFFSET, which is not in front of the one asked for last; NULL: it is behind the end. */
static const struct owner *
owner_at(struct side *s, uint64_t offset)
{
	const struct owner *o = s->image->owners;

	if (offset >= s->image->size)
		return NULL;
	while (offset >= o[s->owner].offset + o[s->owner].size)
		s->owner++;
	return &o[s->owner];
}

static bool
same_owner(const struct owner *a, const struct owner *b)
{
	return a == b || (a && b && a->kind == b->kind && a->partition == b->partition && a->number == b->number && a->node == b->node);
}

/* The field of a byte of what both images have in one place, kept for the comparison; NULL: it has none, or one that is only this byte. */
static const struct field *
field_of(struct comparison *x, struct side *s, const struct owner *owner, uint64_t offset)
{
	struct field f = field_at(&s->fields, owner, offset), *kept;

	if (!f.name || owner->kind == OWNER_BLOCK_BITMAP || owner->kind == OWNER_INODE_BITMAP)
		return NULL;
	kept = ARENA_NEW(x->c->arena, struct field);
	*kept = f;
	if (f.entry_name)
		kept->entry_name = (const unsigned char *)arena_strndup(x->c->arena, (const char *)f.entry_name, f.entry_length);
	return kept;
}

/* Whether the byte at OFFSET, whose owners are BEFORE and AFTER, belongs to ROW. */
static bool
belongs(const struct differing *row, const struct owner *before, const struct owner *after, uint64_t offset)
{
	return same_owner(row->before, before) && same_owner(row->after, after) &&
		(!row->field || offset < row->field->offset + row->field->size);
}

static void
add_byte(struct comparison *x, struct side *a, struct side *b, uint64_t offset)
{
	struct diff *d = x->diff;
	const struct owner *before = owner_at(a, offset), *after = owner_at(b, offset);
	struct differing *last = d->byte_row_count ? &d->bytes[d->byte_row_count - 1] : NULL;
	const struct field *field = NULL;

	if (before)
		x->differing[a->owner]++;
	d->byte_count++;
	if (last && belongs(last, before, after, offset)) {
		last->count++;
		return;
	}
	if (before && after && before->kind == after->kind && before->number == after->number)
		field = field_of(x, a, before, offset);
	if (!field && last && !last->field && same_owner(last->before, before) && same_owner(last->after, after))
		last->count++;
	else
		*ARENA_PUSH(x->c->arena, d->bytes, d->byte_row_count) = (struct differing){before, after, offset, 1, field};
}

static void
compare_window(struct comparison *x, struct side *a, struct side *b, uint64_t offset, size_t size)
{
	if (memcmp(a->bytes, b->bytes, size) == 0)
		return;
	for (size_t i = 0; i < size; i++)
		if (a->bytes[i] != b->bytes[i])
			add_byte(x, a, b, offset + i);
}

static bool
compare_sides(struct comparison *x, struct side *a, struct side *b)
{
	uint64_t end = a->image->size > b->image->size ? a->image->size : b->image->size;

	for (uint64_t at = 0; at < end;) {
		uint64_t p = file_next_data(a->fd, at, end), q = file_next_data(b->fd, at, end);
		size_t size;

		at = p < q ? p : q;
		if (at >= end)
			break;
		size = end - at < WINDOW_SIZE ? (size_t)(end - at) : WINDOW_SIZE;
		if (!fill(x, a, at, size) || !fill(x, b, at, size))
			return false;
		compare_window(x, a, b, at, size);
		at += size;
	}
	return true;
}

bool
compare_bytes(struct comparison *x)
{
	struct side *sides = ARENA_ARRAY(x->c->arena, struct side, 2);
	bool good = true;

	sides[0].image = x->diff->before;
	sides[1].image = x->diff->after;
	for (int i = 0; i < 2; i++) {
		sides[i].fd = file_open(sides[i].image->path);
		sides[i].fields.image = sides[i].image;
		sides[i].fields.fd = sides[i].fd;
	}
	for (int i = 0; i < 2 && good; i++)
		good = sides[i].fd >= 0 || fails(x, &sides[i], errno);
	good = good && compare_sides(x, &sides[0], &sides[1]);
	for (int i = 0; i < 2; i++)
		if (sides[i].fd >= 0)
			close(sides[i].fd);
	return good;
}

/* Decides that every byte has one owner: what was claimed, in order, and what lies between. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "load/loader.h"

enum { CHUNK = 64 * 1024 };

/* By place; the larger one first, so that what is inside another is seen as such. Total, since no qsort is bound to be stable. */
static int
compare_owners(const void *a_, const void *b_)
{
	const struct owner *a = a_, *b = b_;

	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->partition != b->partition)
		return a->partition < b->partition ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

uint64_t
load_nonzero(struct loader *l, uint64_t start, uint64_t end)
{
	unsigned char bytes[CHUNK];

	while ((start = file_next_data(l->fd, start, end)) < end) {
		size_t size = end - start < CHUNK ? (size_t)(end - start) : CHUNK;

		if (file_read_at(l->fd, bytes, size, (off_t)start) != (ssize_t)size)
			return end;
		for (size_t i = 0; i < size; i++)
			if (bytes[i])
				return start + i;
		start += size;
	}
	return end;
}

/* The bytes [START, END) that nobody claimed. */
static void
fill(struct loader *l, struct owner **to, size_t *count, uint64_t start, uint64_t end)
{
	uint64_t at = load_nonzero(l, start, end);

	*ARENA_PUSH(l->c->arena, *to, *count) = (struct owner){.offset = start, .size = end - start, .kind = OWNER_GAP, .partition = -1};
	if (at < end)
		load_finding(l, FINDING_UNOWNED, at, end - at, "bytes that nothing uses are not zero, from byte %" PRIu64 " on", at);
}

void
load_owners(struct loader *l)
{
	struct image *image = l->image;
	struct owner *claimed = image->owners, *all = NULL;
	size_t count = 0;
	uint64_t end = 0;

	if (image->owner_count)
		qsort(claimed, image->owner_count, sizeof *claimed, compare_owners);
	for (size_t i = 0; i < image->owner_count; i++) {
		struct owner o = claimed[i];
		uint64_t behind = o.size > image->size || o.offset > image->size - o.size ? image->size : o.offset + o.size;

		if (o.offset < end) {
			load_finding(l, FINDING_SHARED, o.offset, (behind < end ? behind : end) - o.offset,
				"bytes from %" PRIu64 " on belong to two things at once", o.offset);
			o.offset = end;
		}
		if (o.offset >= behind)
			continue;
		if (o.offset > end)
			fill(l, &all, &count, end, o.offset);
		o.size = behind - o.offset;
		*ARENA_PUSH(l->c->arena, all, count) = o;
		end = behind;
	}
	if (end < image->size)
		fill(l, &all, &count, end, image->size);
	image->owners = all;
	image->owner_count = count;
}

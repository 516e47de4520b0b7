/* Decides in what the files of one partition differ. */
#include "compare/stages.h"

#include <inttypes.h>
#include <string.h>

#include "model/content.h"
#include "model/xattr.h"

enum { CHUNK_SIZE = 64 << 10 };

/* A walk over both trees. */
struct walk {
	struct comparison *x;
	uint32_t partition;
	struct content_reader before, after;
};

static const char *
kind_name(const struct node *n)
{
	switch (n->kind) {
	case NODE_DIRECTORY:
		return "directory";
	case NODE_FILE:
		return "file";
	case NODE_LINK:
		return "link";
	case NODE_CHAR:
		return "character device";
	case NODE_BLOCK:
		return "block device";
	}
	return NULL;
}

static void
add(struct walk *w, const struct node *n, const char *what, const char *before, const char *after)
{
	compare_add(w->x, &(struct change){.partition = w->partition, .path = node_path(w->x->c, n), .what = what,
		.before = before, .after = after});
}

/* All below a node that only one image has, parents first. */
static void
add_alone(struct walk *w, const struct node *n, bool is_new)
{
	if (is_new)
		add(w, n, "added", NULL, kind_name(n));
	else
		add(w, n, "removed", kind_name(n), NULL);
	for (size_t i = 0; i < n->child_count; i++)
		add_alone(w, n->children[i], is_new);
}

static void
compare_pair(struct walk *w, const struct node *n, const char *what, const uint32_t before[2], const uint32_t after[2])
{
	struct arena *a = w->x->c->arena;

	if (before[0] != after[0] || before[1] != after[1])
		add(w, n, what, arena_printf(a, "%" PRIu32 ":%" PRIu32, before[0], before[1]),
			arena_printf(a, "%" PRIu32 ":%" PRIu32, after[0], after[1]));
}

static void
compare_texts(struct walk *w, const struct node *n, const char *what, const char *before, const char *after)
{
	if ((before || after) && (!before || !after || strcmp(before, after) != 0))
		add(w, n, what, before, after);
}

static bool
same_value(const struct xattr *a, const struct xattr *b)
{
	return a && b && a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

/* One finding for each extended attribute that is not the same. */
static void
compare_xattrs(struct walk *w, const struct node *a, const struct node *b)
{
	struct arena *arena = w->x->c->arena;

	for (size_t i = 0; a->xattrs && i < a->xattrs->count; i++) {
		const struct xattr *before = &a->xattrs->list[i], *after = xattrs_find(b->xattrs, before->name);

		if (!same_value(before, after))
			add(w, a, arena_printf(arena, "attribute %s", before->name), xattr_show(arena, before),
				after ? xattr_show(arena, after) : NULL);
	}
	for (size_t i = 0; b->xattrs && i < b->xattrs->count; i++) {
		const struct xattr *after = &b->xattrs->list[i];

		if (!xattrs_find(a->xattrs, after->name))
			add(w, b, arena_printf(arena, "attribute %s", after->name), NULL, xattr_show(arena, after));
	}
}

/* Whether CONTENT lies in the same place in both images, and no byte of it differs. */
static bool
untouched(const struct comparison *x, const struct content *a, const struct content *b)
{
	const struct image *image = x->diff->before;

	if (a->size != b->size || a->image->count != b->image->count)
		return false;
	for (size_t i = 0; i < a->image->count; i++) {
		const struct image_run *run = &a->image->runs[i], *other = &b->image->runs[i];

		if (run->start != other->start || run->offset != other->offset || run->size != other->size)
			return false;
		for (const struct owner *o = run->size ? image_owner(image, run->offset) : NULL;
			o && o < image->owners + image->owner_count && o->offset < run->offset + run->size; o++)
			if (x->differing[o - image->owners])
				return false;
	}
	return true;
}

/* The first byte of the first SIZE in which the open files differ; SIZE: there is none. False: one cannot be read. */
static bool
first_difference(struct walk *w, uint64_t size, uint64_t *first)
{
	unsigned char before[CHUNK_SIZE], after[CHUNK_SIZE];

	for (uint64_t at = 0; at < size; at += CHUNK_SIZE) {
		size_t part = size - at < CHUNK_SIZE ? (size_t)(size - at) : CHUNK_SIZE, i = 0;

		if (!content_reader_read(&w->before, before, part) || !content_reader_read(&w->after, after, part))
			return false;
		if (memcmp(before, after, part) == 0)
			continue;
		while (before[i] == after[i])
			i++;
		*first = at + i;
		return true;
	}
	*first = size;
	return true;
}

static bool
read_failed(struct walk *w)
{
	const struct content_failure *failure = w->before.failure.content ? &w->before.failure : &w->after.failure;

	content_report(w->x->c, failure, (struct span){0});
	return false;
}

static bool
compare_content(struct walk *w, const struct node *n, const struct content *a, const struct content *b)
{
	struct arena *arena = w->x->c->arena;
	uint64_t least = a->size < b->size ? a->size : b->size, first = 0;

	if (a->kind == CONTENT_IMAGE && b->kind == CONTENT_IMAGE && untouched(w->x, a, b))
		return true;
	if (!content_reader_open(&w->before, a) || !content_reader_open(&w->after, b) || !first_difference(w, least, &first) ||
		!content_reader_close(&w->before) || !content_reader_close(&w->after))
		return read_failed(w);
	if (a->size != b->size || first < least)
		add(w, n, arena_printf(arena, "content from byte %" PRIu64 " on", first), arena_printf(arena, "%" PRIu64 " bytes", a->size),
			arena_printf(arena, "%" PRIu64 " bytes", b->size));
	return true;
}

static bool
compare_node(struct walk *w, const struct node *a, const struct node *b)
{
	struct compilation *c = w->x->c;
	struct arena *arena = c->arena;

	compare_texts(w, a, "type", kind_name(a), kind_name(b));
	compare_texts(w, a, "hard link to", a->original ? node_path(c, a->original) : NULL, b->original ? node_path(c, b->original) : NULL);
	if (a->original && b->original)
		return true;
	if (a->mode != b->mode)
		add(w, a, "mode", arena_printf(arena, "%04o", (unsigned)a->mode), arena_printf(arena, "%04o", (unsigned)b->mode));
	compare_pair(w, a, "owner", (uint32_t[]){a->owner, a->group}, (uint32_t[]){b->owner, b->group});
	compare_xattrs(w, a, b);
	if (a->kind != b->kind)
		return true;
	compare_pair(w, a, "device", (uint32_t[]){a->major, a->minor}, (uint32_t[]){b->major, b->minor});
	compare_texts(w, a, "target", a->target, b->target);
	return a->kind != NODE_FILE || !a->content || !b->content || compare_content(w, a, a->content, b->content);
}

/* Both lists of children are sorted. */
static bool
compare_directories(struct walk *w, const struct node *a, const struct node *b)
{
	size_t i = 0, k = 0;

	if (!compare_node(w, a, b))
		return false;
	while (i < a->child_count || k < b->child_count) {
		int order = i == a->child_count ? 1 : k == b->child_count ? -1 : strcmp(a->children[i]->name, b->children[k]->name);

		if (order < 0)
			add_alone(w, a->children[i++], false);
		else if (order > 0)
			add_alone(w, b->children[k++], true);
		else if (!compare_directories(w, a->children[i++], b->children[k++]))
			return false;
	}
	return true;
}

bool
compare_trees(struct comparison *x, uint32_t partition, const struct node *before, const struct node *after)
{
	struct walk w = {.x = x, .partition = partition, .before = {.fd = -1}, .after = {.fd = -1}};
	bool good = compare_directories(&w, before, after);

	content_reader_end(&w.before);
	content_reader_end(&w.after);
	return good;
}

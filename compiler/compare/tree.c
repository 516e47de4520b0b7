/* Decides in what the files of one partition differ. */
#include "compare/lines.h"
#include "compare/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/content.h"
#include "model/xattr.h"

enum {
	CHUNK_SIZE = 64 << 10,
	TEXT_MOST = 256 << 10, /* of a file whose lines are compared */
	DESCRIBED_MOST = 4 << 20,  /* of one that is described */
	LINES_MOST = 1 << 20,  /* of what is told of lines, in all */
};

/* One of the names of a file that has several. */
struct name {
	const struct node *file, *node;
	size_t order; /* of the walk */
};

struct names {
	struct name *list; /* by file, then by order */
	size_t count;
};

static bool compare_roots(struct comparison *, const struct pair *, const char *archive, const struct node *, const struct node *);

/* A walk over both trees. */
struct walk {
	struct comparison *x;
	const struct pair *of;
	const char *archive; /* the file that the trees are in; NULL: a file system */
	struct content_reader before, after;
	struct names before_names, after_names;
	struct alones removed, added;
	struct arena *scratch; /* for one file */
	size_t lines_size;     /* told so far */
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

static int
compare_names(const void *a_, const void *b_)
{
	const struct name *a = a_, *b = b_;

	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static void
collect_names(struct arena *arena, struct names *names, const struct node *n)
{
	if (n->original || n->hardlinks) {
		struct name name = {n->original ? n->original : n, n, names->count};

		*ARENA_PUSH(arena, names->list, names->count) = name;
	}
	for (size_t i = 0; i < n->child_count; i++)
		collect_names(arena, names, n->children[i]);
}

/* The names of all files below ROOT that have several. */
static struct names
names_of(struct arena *arena, const struct node *root)
{
	struct names names = {0};

	collect_names(arena, &names, root);
	if (names.count)
		qsort(names.list, names.count, sizeof *names.list, compare_names);
	return names;
}

/* The first name of the file that N is, whatever order the directories of the image have; NULL: N itself. */
static const struct node *
first_name(const struct names *names, const struct node *n)
{
	const struct node *file = n->original ? n->original : n;
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (names->list[middle].file < file)
			low = middle + 1;
		else
			high = middle;
	}
	return low < names->count && names->list[low].file == file && names->list[low].node != n ? names->list[low].node : NULL;
}

/* What N is called: "/etc/motd", or "/boot/initrd.img:/init". */
static const char *
path_of(struct walk *w, const struct node *n)
{
	const char *path = node_path(w->x->c, n);

	return w->archive ? arena_printf(w->x->c->arena, "%s:%s", w->archive, path) : path;
}

static void
add(struct walk *w, const struct node *n, const char *what, const char *before, const char *after)
{
	compare_add(w->x, &(struct change){.partition = w->of->before->number, .path = path_of(w, n), .what = what,
		.before = before, .after = after});
}

/* Mode, owner and what else there is to say of N in a line. */
static const char *
describe(struct arena *a, const struct node *n)
{
	const char *common = arena_printf(a, "%04o %" PRIu32 ":%" PRIu32, (unsigned)n->mode, n->owner, n->group);

	switch (n->kind) {
	case NODE_FILE:
		return arena_printf(a, "%s, %" PRIu64 " bytes", common, n->content ? n->content->size : 0);
	case NODE_LINK:
		return arena_printf(a, "to %s", n->target ? n->target : "");
	case NODE_CHAR:
	case NODE_BLOCK:
		return arena_printf(a, "%s, %" PRIu32 ":%" PRIu32, common, n->major, n->minor);
	case NODE_DIRECTORY:
		break;
	}
	return common;
}

/* What was added last may be a renamed file. An empty one is like any other empty one. */
static void
note_alone(struct walk *w, const struct node *n, struct alones *files)
{
	if (n->kind == NODE_FILE && n->content && n->content->kind == CONTENT_IMAGE && n->content->image && n->content->size)
		*ARENA_PUSH(w->x->c->arena, files->list, files->count) = (struct alone){.node = n, .change = w->x->diff->change_count - 1};
}

/* All below a node that only one image has, parents first. */
static void
add_alone(struct walk *w, const struct node *n, bool is_new)
{
	struct compilation *c = w->x->c;
	const struct node *first = first_name(is_new ? &w->after_names : &w->before_names, n);
	const char *what = first ? "hard link" : kind_name(n);
	const char *text = first ? arena_printf(c->arena, "to %s", node_path(c, first)) : describe(c->arena, n);

	compare_add(w->x, &(struct change){.partition = w->of->before->number, .path = path_of(w, n), .what = what, .is_alone = true,
		.before = is_new ? NULL : text, .after = is_new ? text : NULL});
	if (!first)
		note_alone(w, n, is_new ? &w->added : &w->removed);
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

/* One finding for each extended attribute that is not the same. */
static void
compare_xattrs(struct walk *w, const struct node *a, const struct node *b)
{
	struct arena *arena = w->x->c->arena;

	for (size_t i = 0; a->xattrs && i < a->xattrs->count; i++) {
		const struct xattr *before = &a->xattrs->list[i], *after = xattrs_find(b->xattrs, before->name);

		if (!xattr_equal(before, after))
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

/* Goes on from byte *AT to one that is not in holes of both open files, or to the end of one. */
static bool
pass_holes(struct walk *w, uint64_t *at)
{
	uint64_t before = content_reader_data(&w->before, *at), after = content_reader_data(&w->after, *at);
	uint64_t next = before < after ? before : after;

	if (next == *at)
		return true;
	*at = next;
	return content_reader_seek(&w->before, next) && content_reader_seek(&w->after, next);
}

/* The first byte of the first SIZE in which the open files differ; SIZE: there is none. False: one cannot be read. */
static bool
first_difference(struct walk *w, uint64_t size, uint64_t *first)
{
	unsigned char before[CHUNK_SIZE], after[CHUNK_SIZE];

	for (uint64_t at = 0, part; at < size; at += part) {
		size_t i = 0;

		if (!pass_holes(w, &at))
			return false;
		if (at >= size)
			break;
		part = size - at < CHUNK_SIZE ? size - at : CHUNK_SIZE;
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

/* The whole of CONTENT, in the scratch arena; NULL: it cannot be read. */
static char *
read_text(struct walk *w, struct content_reader *reader, const struct content *content)
{
	char *bytes = arena_alloc(w->scratch, content->size + 1);
	bool good = content_reader_open(reader, content) && content_reader_read(reader, bytes, content->size) && content_reader_close(reader);

	return good ? bytes : NULL;
}

/* The lines in which what is told of two files differs; NULL: nothing can be told of one of them, or it is the same. */
static const char *
compare_descriptions(struct walk *w, const char *a, uint64_t a_size, const char *b, uint64_t b_size)
{
	const char *before = w->x->readers->describe(w->scratch, a, a_size), *after = before ? w->x->readers->describe(w->scratch, b, b_size) : NULL;

	if (!after || strcmp(before, after) == 0)
		return NULL;
	return lines_unified(w->x->c->arena, w->scratch, before, strlen(before), after, strlen(after));
}

/*
 * The lines in which two texts differ, or else what is told of two other files, into *LINES; NULL: nothing can be told, or they are too
 * large. False: one cannot be read.
 */
static bool
compare_lines(struct walk *w, const struct content *a, const struct content *b, const char **lines)
{
	uint64_t most = a->size > b->size ? a->size : b->size;
	char *before, *after;

	*lines = NULL;
	if (most > (w->x->readers->describe ? DESCRIBED_MOST : TEXT_MOST) || w->lines_size > LINES_MOST)
		return true;
	arena_reset(w->scratch);
	if (!(before = read_text(w, &w->before, a)) || !(after = read_text(w, &w->after, b)))
		return false;
	if (most <= TEXT_MOST)
		*lines = lines_unified(w->x->c->arena, w->scratch, before, a->size, after, b->size);
	if (!*lines && w->x->readers->describe)
		*lines = compare_descriptions(w, before, a->size, after, b->size);
	w->lines_size += *lines ? strlen(*lines) : 0;
	return true;
}

/* The members of two archives, if that is what both are. */
static bool
compare_members(struct walk *w, const struct node *n, const struct content *a, const struct content *b)
{
	struct compilation *c = w->x->c;
	const char *why_not, *path = path_of(w, n);
	const struct node *before = w->archive ? NULL : w->x->readers->open(c, a, &why_not);
	const struct node *after = before ? w->x->readers->open(c, b, &why_not) : NULL;

	return !after || compare_roots(w->x, w->of, path, before, after);
}

static bool
compare_content(struct walk *w, const struct node *n, const struct content *a, const struct content *b)
{
	struct arena *arena = w->x->c->arena;
	uint64_t least = a->size < b->size ? a->size : b->size, first = 0;
	const char *lines;

	if (a->kind == CONTENT_IMAGE && b->kind == CONTENT_IMAGE && untouched(w->x, a, b))
		return true;
	if (!content_reader_open(&w->before, a) || !content_reader_open(&w->after, b) || !first_difference(w, least, &first) ||
		!content_reader_close(&w->before) || !content_reader_close(&w->after))
		return read_failed(w);
	if (a->size == b->size && first == least)
		return true;
	if (!compare_lines(w, a, b, &lines))
		return read_failed(w);
	compare_add(w->x, &(struct change){.partition = w->of->before->number, .path = path_of(w, n), .what = "content", .lines = lines,
		.before = arena_printf(arena, "%" PRIu64 " bytes", a->size), .after = arena_printf(arena, "%" PRIu64 " bytes", b->size),
		.note = first < least ? arena_printf(arena, "the first that differs is byte %" PRIu64, first) : NULL});
	return compare_members(w, n, a, b);
}

/* Whether A and B are names of files that have their facts under another, which is the same in both images. */
static bool
compare_links(struct walk *w, const struct node *a, const struct node *b)
{
	struct compilation *c = w->x->c;
	const struct node *first = first_name(&w->before_names, a), *other = first_name(&w->after_names, b);
	const char *before = first ? node_path(c, first) : NULL, *after = other ? node_path(c, other) : NULL;

	if (before && after && strcmp(before, after) == 0)
		return true;
	if (before || after)
		add(w, a, "hard link", before ? arena_printf(c->arena, "to %s", before) : NULL,
			after ? arena_printf(c->arena, "to %s", after) : NULL);
	return false;
}

/* What is for nodes of one kind alone, which A and B both are. */
static bool
compare_kind(struct walk *w, const struct node *a, const struct node *b)
{
	switch (a->kind) {
	case NODE_FILE:
		return !a->content || !b->content || compare_content(w, a, a->content, b->content);
	case NODE_LINK:
		compare_texts(w, a, "target", a->target, b->target);
		return true;
	case NODE_CHAR:
	case NODE_BLOCK:
		compare_pair(w, a, "device", (uint32_t[]){a->major, a->minor}, (uint32_t[]){b->major, b->minor});
		return true;
	case NODE_DIRECTORY:
		break;
	}
	return true;
}

static bool
compare_node(struct walk *w, const struct node *a, const struct node *b)
{
	struct arena *arena = w->x->c->arena;

	if (compare_links(w, a, b))
		return true;
	compare_texts(w, a, "type", kind_name(a), kind_name(b));
	if (a->mode != b->mode && (a->kind == NODE_LINK) == (b->kind == NODE_LINK)) /* a link's says nothing */
		add(w, a, "mode", arena_printf(arena, "%04o", (unsigned)a->mode), arena_printf(arena, "%04o", (unsigned)b->mode));
	compare_pair(w, a, "owner", (uint32_t[]){a->owner, a->group}, (uint32_t[]){b->owner, b->group});
	compare_xattrs(w, a, b);
	compare_remarks(w->x, w->of, path_of(w, a), a, b);
	return a->kind != b->kind || compare_kind(w, a, b);
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

/* The trees below two roots, which are file systems or, in a file of these, ARCHIVEs. */
static bool
compare_roots(struct comparison *x, const struct pair *of, const char *archive, const struct node *before, const struct node *after)
{
	struct walk w = {.x = x, .of = of, .archive = archive, .before = {.fd = -1}, .after = {.fd = -1},
		.before_names = names_of(x->c->arena, before), .after_names = names_of(x->c->arena, after),
		.scratch = arena_new()};
	size_t first = x->diff->change_count;
	bool good = compare_directories(&w, before, after) && compare_renames(x, &w.removed, &w.added, first);

	content_reader_end(&w.before);
	content_reader_end(&w.after);
	arena_free(w.scratch);
	return good;
}

bool
compare_trees(struct comparison *x, const struct pair *of)
{
	return compare_roots(x, of, NULL, of->before->root, of->after->root);
}

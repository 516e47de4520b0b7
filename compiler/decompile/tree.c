/*
 * Decides how the files of an image are said: they lie in a directory as they do in the image, and the manifest names those of which a
 * directory on the host cannot tell all.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "decompile/stages.h"
#include "model/capability.h"
#include "model/content.h"
#include "model/xattr.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	PATH_MOST = 4000, /* bytes of a path, for there is more in front of it on the host */
	DEPTH_MOST = 120, /* directories in one another, of an input */
	VALUES_MOST = 9000, /* that the files may add to a manifest */
};

/* The walk over the files of all partitions, as they will be mounted. */
struct teller {
	struct decompiling *d;
	const struct part *part; /* the one that is told */
	FILE *files, *devices;
};

static uint16_t
host_mode(const struct node *file)
{
	return file->mode & 0111 ? 0755 : 0644;
}

static bool
has_holes(const struct node *file)
{
	uint64_t covered = 0;

	for (size_t i = 0; i < file->content->image->count; i++)
		covered += file->content->image->runs[i].size;
	return covered < file->content->size;
}

/* Whether a manifest says more of NODE, of P, than a directory on the host does. */
static bool
is_named(const struct part *p, const struct node *node)
{
	if (decompile_first_name(p, node) != node || node->owner || node->group || node->xattrs)
		return true;
	switch (node->kind) {
	case NODE_DIRECTORY:
		return node->mode != 0755 || node->child_count == 0;
	case NODE_FILE:
		return node->mode != host_mode(node) || has_holes(node);
	case NODE_LINK:
		return false;
	case NODE_CHAR:
	case NODE_BLOCK:
		break;
	}
	return true;
}

static bool
is_device(const struct node *node)
{
	return node->kind == NODE_CHAR || node->kind == NODE_BLOCK;
}

/* How many values the manifest has for NODE, at most. */
static size_t
values_of(const struct part *p, const struct node *node)
{
	bool is_said = is_named(p, node) && (!is_device(node) || decompile_range(node));

	return is_said ? 7 + (node->xattrs ? node->xattrs->count : 0) : 0;
}

/* Whether a FAT of ours can have NAME: what is written in an encoding that is not known shows as '?'. */
static bool
is_for_fat(const char *name)
{
	size_t length = strlen(name);

	return !strpbrk(name, "\"*:<>?\\|") && name[0] != ' ' && name[length - 1] != ' ' && name[length - 1] != '.';
}

static const char *
node_obstacle(struct decompiling *d, const struct part *p, const struct node *node, const char *path)
{
	const char *name = strrchr(path, '/') + 1;

	if (node->kind == NODE_FILE && (!node->content || !node->content->image))
		return "has a file whose bytes are not understood";
	if (node->kind == NODE_LINK && (!node->target || !*node->target))
		return "has a link whose target is not understood";
	if (strlen(path) > PATH_MOST)
		return "has a path of more than 4000 bytes";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "has a name that leads elsewhere";
	if (p->layout->fat && !is_for_fat(name))
		return "has a name that rootc puts on no vfat";
	if (!is_named(p, node))
		return NULL;
	if (!decompile_scalar(d->c->arena, path) || (node->kind == NODE_LINK && !decompile_scalar(d->c->arena, node->target)))
		return "has a name that is no UTF-8";
	if (strcmp(name, "**") == 0)
		return "has a name that stands for a subtree";
	return is_device(node) && strpbrk(path, "[]") ? "has a device whose name looks like a range" : NULL;
}

/* The first obstacle in DIRECTORY, at PATH. Recursion ends with DEPTH. */
static const char *
find_obstacle(struct decompiling *d, const struct part *p, const struct node *directory, const char *path, unsigned depth, size_t *values)
{
	const char *obstacle = depth > DEPTH_MOST ? "has directories that lie too deep" : NULL;

	for (size_t i = 0; !obstacle && i < directory->child_count; i++) {
		const struct node *child = directory->children[i];
		const char *below = arena_printf(d->c->arena, "%s/%s", path, child->name);

		if (i && strcmp(directory->children[i - 1]->name, child->name) == 0)
			return "has two files of one name";
		if ((obstacle = node_obstacle(d, p, child, below)))
			return obstacle;
		*values += values_of(p, child);
		if (child->kind == NODE_DIRECTORY)
			obstacle = find_obstacle(d, p, child, below, depth + 1, values);
	}
	return obstacle;
}

const char *
decompile_obstacle(struct decompiling *d, const struct part *p)
{
	size_t values = 0;
	const char *obstacle = find_obstacle(d, p, p->layout->root, "", 1, &values);

	if (!obstacle && d->values + values > VALUES_MOST)
		return "has more files of which a manifest must speak than can be in one";
	d->values += values;
	return obstacle;
}

/* The partition that is mounted at PATH, or NULL. */
static const struct part *
mounted_at(const struct decompiling *d, const char *path)
{
	for (size_t i = 0; i < d->image->layout->partition_count; i++)
		if (d->parts[i].mount && strcmp(d->parts[i].mount, path) == 0)
			return &d->parts[i];
	return NULL;
}

/* The path of NODE in the image. */
static const char *
path_of(const struct teller *t, const struct node *node)
{
	const char *inside = node_path(t->d->c, node);

	return !t->part->mount[1] ? inside : arena_printf(t->d->c->arena, "%s%s", t->part->mount, inside[1] ? inside : "");
}

static const char *
scalar(const struct teller *t, const char *text)
{
	return decompile_scalar(t->d->c->arena, text);
}

/* Access lists and the like have a form of their own, which no manifest has; nor does Linux take capabilities that are none. */
static bool
can_say(const struct teller *t, const struct xattr *x)
{
	static const char *const namespaces[] = {"user.", "trusted.", "security."};

	if (!decompile_line(t->d->c->arena, x->name) || (strcmp(x->name, CAPABILITY_XATTR) == 0 && !capability_is_valid(x->value, x->size)))
		return false;
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		if (text_starts_with(x->name, namespaces[i]) && x->name[strlen(namespaces[i])])
			return true;
	return false;
}

static void
put_xattrs(struct teller *t, FILE *out, const struct node *node)
{
	const struct xattrs *set = node->xattrs;
	size_t said = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct xattr *x = &set->list[i];

		if (!can_say(t, x)) {
			decompile_unsaid(t->d, "the attribute %s of '%s'", x->name, path_of(t, node));
			continue;
		}
		fprintf(out, "%s%s: %s", said++ ? ", " : ", xattrs: {", scalar(t, x->name), scalar(t, xattr_show(t->d->c->arena, x)));
	}
	if (said)
		fputs("}", out);
}

/* A key that may be longer than what YAML lets stand in front of a colon. */
static void
put_path(struct teller *t, FILE *out, const char *path)
{
	enum { KEY_MOST = 1000 };
	const char *key = scalar(t, path);

	fprintf(out, strlen(key) > KEY_MOST ? "  ? %s\n  : {" : "  %s: {", key);
}

/* What NODE says of itself besides what it is. */
static void
put_attributes(struct teller *t, FILE *out, const struct node *node, uint16_t usual_mode)
{
	if (node->mode != usual_mode)
		fprintf(out, ", mode: %04o", (unsigned)node->mode);
	if (node->owner)
		fprintf(out, ", owner: %" PRIu32, node->owner);
	if (node->group)
		fprintf(out, ", group: %" PRIu32, node->group);
	if (node->xattrs)
		put_xattrs(t, out, node);
	fputs("}\n", out);
}

static void
put_device(struct teller *t, const struct node *node, const char *path)
{
	unsigned count = decompile_range(node);

	if (count == 0)
		return;
	put_path(t, t->devices, decompile_range_path(t->d->c->arena, path, count));
	fprintf(t->devices, "type: %s, major: %" PRIu32 ", minor: %" PRIu32, node->kind == NODE_CHAR ? "char" : "block", node->major, node->minor);
	put_attributes(t, t->devices, node, 0600);
}

/* What the manifest says of NODE at PATH. */
static void
put_node(struct teller *t, const struct node *node, const char *path)
{
	const struct node *first = decompile_first_name(t->part, node);

	if (first != node) {
		put_path(t, t->files, path);
		fprintf(t->files, "hardlink: %s}\n", scalar(t, path_of(t, first)));
		return;
	}
	switch (node->kind) {
	case NODE_DIRECTORY:
		put_path(t, t->files, path);
		fputs("directory: true", t->files);
		put_attributes(t, t->files, node, 0755);
		break;
	case NODE_FILE:
		put_path(t, t->files, path);
		fprintf(t->files, "source: %s%s", scalar(t, path), has_holes(node) ? ", sparse: true" : "");
		put_attributes(t, t->files, node, host_mode(node));
		break;
	case NODE_LINK:
		put_path(t, t->files, path);
		fprintf(t->files, "link: %s", scalar(t, node->target));
		put_attributes(t, t->files, node, node->mode);
		break;
	case NODE_CHAR:
	case NODE_BLOCK:
		put_device(t, node, path);
		break;
	}
}

/* Has what a directory on the host can tell of NODE put into the tree. Empty directories are not: git would not keep them. */
static void
add_entry(struct teller *t, const struct node *node, const char *path)
{
	struct decompiling *d = t->d;
	struct decompiled_entry entry = {.path = arena_printf(d->c->arena, TREE_DIRECTORY "%s", path)};

	if (decompile_first_name(t->part, node) != node || is_device(node) ||
	    (node->kind == NODE_DIRECTORY && node->child_count == 0))
		return;
	if (node->kind == NODE_LINK)
		entry.target = node->target;
	if (node->kind == NODE_FILE) {
		entry.content = node->content;
		entry.executable = host_mode(node) == 0755;
	}
	*ARENA_PUSH(d->c->arena, d->entries, d->entry_count) = entry;
}

static void tell_partition(struct teller *, const struct part *, const struct node *directory, const char *path);

/* All below DIRECTORY, at PATH ("" for /). Recursion is as deep as the tree. */
static void
tell_children(struct teller *t, const struct node *directory, const char *path)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct node *child = directory->children[i];
		const char *below = arena_printf(t->d->c->arena, "%s/%s", path, child->name);
		const struct part *mounted = child->kind == NODE_DIRECTORY ? mounted_at(t->d, below) : NULL;

		if (mounted) {
			tell_partition(t, mounted, child, below);
			continue;
		}
		if (child->kind == NODE_LINK && child->original)
			decompile_unsaid(t->d, "that '%s' is not a link of its own, but another name of one", below);
		add_entry(t, child, below);
		if (is_named(t->part, child))
			put_node(t, child, below);
		tell_children(t, child, below);
	}
}

/* The files of PART, which is mounted on DIRECTORY, at PATH ("" for /). */
static void
tell_partition(struct teller *t, const struct part *part, const struct node *directory, const char *path)
{
	const struct part *outer = t->part;
	const struct node *root = part->layout->root;

	t->part = part;
	if (*path && root->child_count)
		*ARENA_PUSH(t->d->c->arena, t->d->entries, t->d->entry_count) =
			(struct decompiled_entry){.path = arena_printf(t->d->c->arena, TREE_DIRECTORY "%s", path)};
	if (directory->mode != 0755 || directory->owner || directory->group || directory->xattrs || (*path && root->child_count == 0)) {
		put_path(t, t->files, *path ? path : "/");
		fputs("directory: true", t->files);
		put_attributes(t, t->files, directory, 0755);
	}
	tell_children(t, root, path);
	t->part = outer;
}

/* A part of the manifest that is written apart. */
struct section {
	FILE *out;
	char *text;
	size_t size;
};

static void
section_begin(struct section *s)
{
	if (!(s->out = open_memstream(&s->text, &s->size)))
		memory_exhausted();
}

/* Copies what was written to TO, behind FIRST, which stands there only if something follows. */
static void
section_end(struct section *s, FILE *to, const char *first)
{
	if (fclose(s->out) != 0)
		memory_exhausted();
	if (s->size)
		fprintf(to, "%s%s", first, s->text);
	free(s->text);
}

/* The files of PART, which is mounted at PATH ("" for /) outside all others: a copy of what lies there in the tree, and the rest. */
static void
tell_outermost(struct teller *t, const struct part *part, const char *path)
{
	struct section files;
	FILE *to = t->files;
	size_t before = t->d->entry_count + (*path && part->layout->root->child_count);

	section_begin(&files);
	t->files = files.out;
	tell_partition(t, part, part->layout->root, path);
	t->files = to;
	if (t->d->entry_count > before)
		fprintf(to, "  %s" SUBTREE_SUFFIX ": {}\n", path);
	section_end(&files, to, "");
}

/* The files of all partitions. */
static void
tell_all(struct teller *t)
{
	const struct part *root = mounted_at(t->d, "/");

	if (root)
		tell_outermost(t, root, "");
	for (size_t i = 0; !root && i < t->d->image->layout->partition_count; i++)
		if (t->d->parts[i].mount)
			tell_outermost(t, &t->d->parts[i], t->d->parts[i].mount);
}

/* How many files have times and flags that no manifest can say. */
struct remarked {
	size_t times, flags;
};

static bool
has_other_times(const struct remarks *r, const struct moment own[MOMENTS])
{
	for (size_t i = 0; i < MOMENTS; i++)
		if (r->moments[i].given && !moment_equal(&r->moments[i], &own[i]))
			return true;
	return false;
}

/* Those below DIRECTORY, in P with OWN times. Every file of a FAT is to be archived. Recursion is as deep as the tree. */
static void
count_remarked(struct remarked *count, const struct part *p, const struct node *directory, const struct moment own[MOMENTS])
{
	enum { FAT_ARCHIVE = 0x20 };

	for (size_t i = 0; i < directory->child_count; i++) {
		const struct node *child = directory->children[i];

		if (child->remarks) {
			count->times += has_other_times(child->remarks, own);
			count->flags += child->remarks->flags != (p->layout->fat && child->kind == NODE_FILE ? FAT_ARCHIVE : 0u);
		}
		if (child->kind == NODE_DIRECTORY)
			count_remarked(count, p, child, own);
	}
}

static void
tell_remarked(struct decompiling *d, const struct part *p)
{
	struct remarked count = {0};
	struct moment own[MOMENTS];

	image_moments(p->layout, own);
	count_remarked(&count, p, p->layout->root, own);
	if (count.times)
		decompile_unsaid(d, "the times of %zu files of partition %" PRIu32, count.times, p->layout->number);
	if (count.flags)
		decompile_unsaid(d, "the flags of %zu files of partition %" PRIu32, count.flags, p->layout->number);
}

void
decompile_trees(struct decompiling *d, FILE *out)
{
	struct section files, devices;
	struct teller t = {.d = d};
	size_t before;

	*ARENA_PUSH(d->c->arena, d->entries, d->entry_count) = (struct decompiled_entry){.path = TREE_DIRECTORY};
	before = d->entry_count;
	section_begin(&files);
	section_begin(&devices);
	t.files = files.out;
	t.devices = devices.out;
	tell_all(&t);
	for (size_t i = 0; i < d->image->layout->partition_count; i++)
		if (d->parts[i].form == PART_FILES)
			tell_remarked(d, &d->parts[i]);
	if (d->entry_count > before)
		fputs("inputs:\n  " TREE_DIRECTORY ": {directory: " TREE_DIRECTORY "}\n", out);
	else
		d->entry_count--; /* nothing lies in the tree */
	section_end(&files, out, "files:\n");
	section_end(&devices, out, "devices:\n");
}

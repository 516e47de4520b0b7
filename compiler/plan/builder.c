/* Decides whether something can be put at a path of the image, and what directories that makes. */
#include "plan/builder.h"

#include <string.h>

#include "support/compilation.h"
#include "support/memory.h"

const struct reason *
builder_asked(struct builder *b, struct span at, const char *text)
{
	struct reason *reason = ARENA_NEW(b->c->arena, struct reason);

	*reason = (struct reason){.at = at, .text = text};
	return reason;
}

static const char *
kind_noun(enum node_kind kind)
{
	switch (kind) {
	case NODE_DIRECTORY:
		return "directory";
	case NODE_FILE:
		return "file";
	case NODE_LINK:
		return "link";
	case NODE_CHAR:
	case NODE_BLOCK:
		return "device";
	}
	BUG("a kind of node that is none");
}

static void
report_through(struct builder *b, const struct node *in_the_way, const char *path, const struct reason *why)
{
	struct diag *d = diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, why->at, "'%s' needs '%s' to be a directory, but it is a %s",
		path, node_path(b->c, in_the_way), kind_noun(in_the_way->kind));

	diag_note(d, in_the_way->why->at, "'%s' comes from here", node_path(b->c, in_the_way));
	if (in_the_way->kind == NODE_LINK)
		diag_help(d, "write the path that the link leads to: a path of the image does not lead through one");
	b->failed = true;
}

/* PATH, asked for by WHY as something else, is a directory because other paths lie below it. */
static void
report_not_directory(struct builder *b, const struct node *directory, const char *path, const struct reason *why)
{
	diag_note(diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, why->at, "'%s' cannot be anything but a directory", path),
		directory->why->at, "because '%s' lies below it", node_path(b->c, directory->children[0]));
	b->failed = true;
}

static void
report_twice(struct builder *b, const struct node *there, const char *path, const struct reason *why)
{
	diag_note(diag(&b->c->diags, DIAG_PATH_TWICE, why->at, "'%s' is put into the image twice", path),
		there->why->at, "it comes from here already (%s)", there->why->text);
	b->failed = true;
}

/* The reason for a directory that PATH, there for WHY, lies in. */
static const struct reason *
for_parent(struct builder *b, const char *path, const struct reason *why)
{
	struct reason *reason = ARENA_NEW(b->c->arena, struct reason);

	*reason = *why;
	reason->text = arena_printf(b->c->arena, "parent of %s", path);
	return reason;
}

struct node *
builder_parent(struct builder *b, const char *path, const struct reason *why, const char **name)
{
	struct node *directory = b->tree->root, *next;
	const char *at = path + 1, *slash;

	for (; (slash = strchr(at, '/')); at = slash + 1) {
		next = node_child(directory, at, (size_t)(slash - at));
		if (!next) {
			next = ARENA_NEW(b->c->arena, struct node);
			*next = (struct node){.name = arena_strndup(b->c->arena, at, (size_t)(slash - at)), .parent = directory,
				.kind = NODE_DIRECTORY, .mode = 0755, .implied = true,
				.why = for_parent(b, path, why)};
			node_adopt(b->c, next);
		}
		if (next->kind != NODE_DIRECTORY) {
			report_through(b, next, path, why);
			return NULL;
		}
		directory = next;
	}
	*name = at;
	return directory;
}

/* Makes the implied directory THERE the one that was asked for. */
static struct node *
claim(struct node *there, const struct node *wanted)
{
	there->mode = wanted->mode;
	there->owner = wanted->owner;
	there->group = wanted->group;
	there->xattrs = wanted->xattrs;
	there->why = wanted->why;
	there->implied = there->is_copied = false;
	return there;
}

/* What the manifest names itself takes the place of THERE, a subtree's copy. */
static struct node *
replace(struct builder *b, struct node *there, const char *path, const struct node *wanted)
{
	struct node old = *there;

	if (wanted->kind == NODE_DIRECTORY && there->kind == NODE_DIRECTORY)
		return claim(there, wanted);
	if (there->child_count) {
		report_not_directory(b, there, path, wanted->why);
		return NULL;
	}
	*there = *wanted;
	there->name = old.name;
	there->parent = old.parent;
	return there;
}

struct node *
builder_put(struct builder *b, const char *path, const struct node *wanted)
{
	const char *name;
	struct node *directory, *there;

	if (!path[1] && wanted->kind == NODE_DIRECTORY)
		return claim(b->tree->root, wanted);
	if (!path[1]) {
		diag(&b->c->diags, DIAG_PATH_THROUGH_FILE, wanted->why->at, "'/' cannot be anything but a directory");
		b->failed = true;
		return NULL;
	}
	if (!(directory = builder_parent(b, path, wanted->why, &name)))
		return NULL;
	there = node_child(directory, name, strlen(name));
	if (there && there->implied && wanted->kind == NODE_DIRECTORY)
		return claim(there, wanted);
	if (there && there->is_copied)
		return replace(b, there, path, wanted);
	if (there && there->implied) {
		report_not_directory(b, there, path, wanted->why);
		return NULL;
	}
	if (there) {
		report_twice(b, there, path, wanted->why);
		return NULL;
	}
	there = ARENA_NEW(b->c->arena, struct node);
	*there = *wanted;
	there->name = name;
	there->parent = directory;
	node_adopt(b->c, there);
	return there;
}

const struct content *
builder_text(struct builder *b, const char *text, const char *shown)
{
	struct content *content = ARENA_NEW(b->c->arena, struct content);

	*content = (struct content){.kind = CONTENT_BYTES, .bytes = text, .size = strlen(text), .shown = shown};
	return content;
}

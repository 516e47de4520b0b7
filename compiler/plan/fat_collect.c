/* Decides what a FAT file system holds, before anything is known of clusters: its directories with their entries, and its files. */
#include "plan/fat.h"

#include <inttypes.h>
#include <string.h>

#include "plan/attributes.h"
#include "support/compilation.h"
#include "support/memory.h"

enum {
	DOT_ENTRIES = 2,            /* "." and "..", which the root has not */
	MOST_DIRECTORY = 65536,     /* entries: fatgen103, "FAT Directory Structure" */
	SET_ID_BITS = 06000,
	WRITE_BITS = 0222,
};

struct collector {
	struct compilation *c;
	struct fat_layout *layout;
	struct lost_attributes lost;
	bool failed;
};

static void
unstorable(struct collector *k, const struct node *node, const char *why, const char *help)
{
	diag_help(diag(&k->c->diags, DIAG_UNSTORABLE, node->why->at, "'%s' cannot be stored: %s", node_path(k->c, node), why),
		"%s", help);
	k->failed = true;
}

/* Whether Linux, which makes up modes for a FAT, makes up this one: a file without write permission is kept as read-only. */
static bool
keeps_mode(const struct node *node)
{
	if (node->kind == NODE_DIRECTORY)
		return node->mode == 0755;
	return node->mode == 0755 || node->mode == 0644 || node->mode == 0555 || node->mode == 0444;
}

/* Without an owner or a mode, a file is still that file: the one who mounts it decides. */
static void
warn_of_rights(struct collector *k, const struct node *node)
{
	if (node->implied || (keeps_mode(node) && node->owner == 0 && node->group == 0))
		return;
	diag_help(diag(&k->c->diags, DIAG_RIGHTS_NOT_KEPT, node->why->at,
		"'%s' does not keep mode %04o and owner %u:%u: a vfat has neither", node_path(k->c, node),
		(unsigned)node->mode, node->owner, node->group),
		"mount it with 'umask', 'uid' and 'gid', which hold for all its files");
}

static void
check_file(struct collector *k, const struct node *node)
{
	if (node->content->size > UINT32_MAX) {
		diag_help(diag_label(diag(&k->c->diags, DIAG_FILE_TOO_LARGE_FOR_FILESYSTEM, node->why->at,
			"'%s' has %" PRIu64 " bytes, more than a file of vfat can have", node_path(k->c, node),
			node->content->size), "at most %" PRIu32, UINT32_MAX),
			"put it on an ext file system");
		k->failed = true;
	}
	if (node->mode & SET_ID_BITS)
		unstorable(k, node, "a vfat keeps no setuid and no setgid, and without it the program does something else",
			"put it on an ext file system");
	else
		warn_of_rights(k, node);
}

/* Whether NODE is of a kind that a FAT has. */
static bool
is_possible(struct collector *k, const struct node *node)
{
	if (node->original) {
		unstorable(k, node, "a vfat has no hard links: a file there has one name", "put a second file there, with the same 'source'");
		return false;
	}
	switch (node->kind) {
	case NODE_DIRECTORY:
		warn_of_rights(k, node);
		k->failed |= !attributes_lose(&k->lost, node);
		return true;
	case NODE_FILE:
		check_file(k, node);
		k->failed |= !attributes_lose(&k->lost, node);
		return true;
	case NODE_LINK:
		unstorable(k, node, "a vfat has no links", "put there what it leads to");
		return false;
	case NODE_CHAR:
	case NODE_BLOCK:
		unstorable(k, node, "a vfat has no devices", "leave it out: devices belong in the root file system");
		return false;
	}
	BUG("a kind of node that is none");
}

static size_t
add_object(struct collector *k, const struct node *node, size_t parent)
{
	struct fat_layout *l = k->layout;

	*ARENA_PUSH(k->c->arena, l->objects, l->object_count) = (struct fat_object){
		.node = node,
		.parent = parent,
		.is_directory = node->kind == NODE_DIRECTORY,
		.is_read_only = node->kind == NODE_FILE && !(node->mode & WRITE_BITS),
		.size = node->kind == NODE_FILE ? node->content->size : 0,
	};
	return l->object_count - 1;
}

static struct fat_dirent *
new_entries(struct collector *k, const struct node *directory, size_t *count)
{
	struct fat_dirent *entries = ARENA_ARRAY(k->c->arena, struct fat_dirent, directory->child_count);

	*count = 0;
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct node *child = directory->children[i];
		struct fat_dirent *e = &entries[*count];

		*e = (struct fat_dirent){.node = child};
		if (!is_possible(k, child))
			continue;
		if ((e->long_length = fat_long_name(k->c, child, &e->long_name)))
			++*count;
		else
			k->failed = true;
	}
	return entries;
}

static uint64_t
directory_entries(const struct fat_object *directory, uint64_t besides)
{
	uint64_t sum = besides + directory->entry_count;

	for (size_t i = 0; i < directory->entry_count; i++)
		sum += (directory->entries[i].long_length + FAT_LONG_UNITS - 1) / FAT_LONG_UNITS;
	return sum;
}

/* The entries of directory INDEX; the directories in it become objects. */
static void
fill_directory(struct collector *k, size_t index)
{
	const struct node *node = k->layout->objects[index].node;
	bool is_root = index == 0;
	size_t count = 0;
	struct fat_dirent *entries = node->is_mount && !is_root ? NULL : new_entries(k, node, &count);
	struct fat_object *object = &k->layout->objects[index];
	uint64_t sum;

	k->failed |= !fat_give_aliases(k->c, entries, count);
	object->entries = entries;
	object->entry_count = count;
	sum = directory_entries(object, is_root ? k->layout->label[0] != '\0' : DOT_ENTRIES);
	object->size = sum * FAT_ENTRY_BYTES;
	if (sum > MOST_DIRECTORY)
		unstorable(k, node,
			arena_printf(k->c->arena, "it needs %" PRIu64 " entries, and a directory of vfat has at most %d", sum,
				(int)MOST_DIRECTORY),
			"spread its files over more directories");
	for (size_t i = 0; i < count; i++)
		if (entries[i].node->kind == NODE_DIRECTORY)
			entries[i].object = add_object(k, entries[i].node, index);
}

static void
add_files(struct collector *k, size_t directory)
{
	struct fat_dirent *entries = k->layout->objects[directory].entries;
	size_t count = k->layout->objects[directory].entry_count;

	for (size_t i = 0; i < count; i++)
		if (entries[i].node->kind == NODE_FILE)
			entries[i].object = add_object(k, entries[i].node, directory);
}

/* The directories level by level, then the files of each: no recursion, however deep the tree. */
bool
fat_collect(struct compilation *c, const struct node *root, struct fat_layout *l)
{
	static const struct node nothing = {.name = "", .kind = NODE_DIRECTORY, .mode = 0755};
	struct collector k = {.c = c, .layout = l, .lost = {.c = c, .where = "a vfat"}};
	size_t directory_count;

	if (root && !root->parent) /* elsewhere what was asked for is kept below it, where it is mounted */
		is_possible(&k, root);
	add_object(&k, root ? root : &nothing, 0);
	for (size_t i = 0; i < l->object_count; i++)
		fill_directory(&k, i);
	attributes_report(&k.lost);
	directory_count = l->object_count;
	for (size_t i = 0; i < directory_count; i++)
		add_files(&k, i);
	for (size_t i = 0; i < directory_count; i++)
		for (size_t e = 0; e < l->objects[i].entry_count; e++)
			l->objects[l->objects[i].entries[e].object].alias = l->objects[i].entries[e].alias;
	if (!root)
		l->objects[0].node = NULL;
	return !k.failed;
}

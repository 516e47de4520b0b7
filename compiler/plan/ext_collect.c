/* Decides the inodes of an ext2, ext3 or ext4 file system: their numbers, and all about them but their blocks. */
#include "plan/ext.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	MODE_DIRECTORY = 0040000, /* S_IF* as they are on the disk */
	MODE_CHAR = 0020000,
	MODE_BLOCK = 0060000,
	MODE_FILE = 0100000,
	MODE_LINK = 0120000,

	TYPE_FILE = 1, /* EXT2_FT_* */
	TYPE_DIRECTORY = 2,
	TYPE_CHAR = 3,
	TYPE_BLOCK = 4,
	TYPE_LINK = 7,

	FAST_TARGET = 59,          /* bytes of a link's target that lie in the inode */
	LOST_AND_FOUND = 16 * 1024, /* bytes, but no indirect block: room for e2fsck on a full disk, as mke2fs has it */
	MOST_LINKS = 65000,        /* EXT2_LINK_MAX */
	MOST_MAJOR = 0xfff,
	MOST_MINOR = 0xfffff,
	DIRECT_BLOCKS = 12,
	SPECIAL_INODES = 3, /* the root, the journal, lost+found */
};

/* A directory whose children are being numbered. */
struct open_directory {
	const struct node *node;
	size_t inode;        /* its index */
	size_t next;         /* child */
	size_t entry_count;
};

/* A file with several names. */
struct linked {
	const struct node *node;
	uint32_t number;
};

/* An entry that is a hard link, until the file itself has its number. */
struct further_name {
	size_t directory, entry; /* indices of its inode, and in that */
	const struct node *original;
};

struct collector {
	struct compilation *c;
	struct ext_layout *layout;
	const struct m_partition *partition;
	uint32_t next_number;
	struct open_directory *open; /* the way from the root to where we are: no recursion, however deep the tree */
	size_t open_count;
	struct linked *linked;
	size_t linked_count;
	struct further_name *further_names;
	size_t further_name_count;
	bool failed;
};

static const struct {
	uint16_t mode;
	uint8_t file_type;
} kinds[] = {
	[NODE_DIRECTORY] = {MODE_DIRECTORY, TYPE_DIRECTORY},
	[NODE_FILE] = {MODE_FILE, TYPE_FILE},
	[NODE_LINK] = {MODE_LINK, TYPE_LINK},
	[NODE_CHAR] = {MODE_CHAR, TYPE_CHAR},
	[NODE_BLOCK] = {MODE_BLOCK, TYPE_BLOCK},
};

const char *
ext_type_name(const struct ext_layout *l)
{
	static const char *const names[] = {
		[FILESYSTEM_EXT2] = "ext2", [FILESYSTEM_EXT3] = "ext3", [FILESYSTEM_EXT4] = "ext4"};

	return names[l->kind];
}

static struct ext_inode *
new_inode(struct collector *k, struct ext_inode value)
{
	struct ext_inode *inode = &k->layout->inodes[k->layout->inode_used_count++];

	*inode = value;
	return inode;
}

static void
unstorable(struct collector *k, const struct node *node, const char *why, const char *help)
{
	const char *path = node_path(k->c, node);

	diag_help(diag(&k->c->diags, DIAG_UNSTORABLE, node->why->at, "'%s' cannot be stored: %s", path, why),
		"%s", help);
	k->failed = true;
}

/*
 * The largest file: what its map reaches; without huge_file, which counts sectors in more than 32 bits, less than 2 TiB together
 * with the map, which takes a block for every FANOUT of data, one for every FANOUT of those, and at most one
 * more on each level. Holes count: Linux holds a file's length to that bound, and does not open one that is longer, however few
 * its blocks.
 */
static uint64_t
most_bytes(const struct ext_layout *l)
{
	uint64_t fanout = l->block_size / 4, reached, counted;

	if (l->feature_incompat & EXT_INCOMPAT_EXTENTS)
		return UINT32_MAX * (uint64_t)l->block_size;
	reached = DIRECT_BLOCKS + fanout + fanout * fanout + fanout * fanout * fanout;
	counted = UINT32_MAX / (l->block_size / EXT_SECTOR) / (fanout + 2) * fanout - 4;
	return (reached < counted || l->feature_ro_compat & EXT_RO_HUGE_FILE ? reached : counted) * l->block_size;
}

static void
describe_file(struct collector *k, struct ext_inode *inode)
{
	const struct node *node = inode->node;
	uint64_t most = most_bytes(k->layout);
	struct diag *d;

	inode->size = node->content->size;
	if (inode->size <= most)
		return;
	d = diag(&k->c->diags, DIAG_FILE_TOO_LARGE_FOR_FILESYSTEM, node->why->at,
		"'%s' has %" PRIu64 " bytes, more than a file of %s with blocks of %s can have", node_path(k->c, node),
		inode->size, ext_type_name(k->layout), text_bytes(k->c->arena, k->layout->block_size));
	diag_label(d, "at most %" PRIu64, most);
	diag_help(d, "set 'type: ext4', or a larger 'block_size', for partition '%s'", k->partition->name);
	k->failed = true;
}

static void
describe_link(struct collector *k, struct ext_inode *inode)
{
	size_t length = strlen(inode->node->target);

	inode->size = length;
	inode->fast_link = length <= FAST_TARGET;
	inode->slow_link = length > FAST_TARGET;
	if (length == 0)
		unstorable(k, inode->node, "its target is empty", "give it a target");
	if (length >= k->layout->block_size)
		unstorable(k, inode->node,
			arena_printf(k->c->arena, "its target has %zu bytes, and a block holds %u", length,
				k->layout->block_size - 1),
			"shorten the target, or set a larger 'block_size'");
}

static void
describe_device(struct collector *k, const struct ext_inode *inode)
{
	const struct node *node = inode->node;

	if (node->major > MOST_MAJOR || node->minor > MOST_MINOR)
		unstorable(k, node,
			arena_printf(k->c->arena, "its numbers are %u and %u", node->major, node->minor),
			"use a major number up to 4095 and a minor number up to 1048575");
}

static bool
is_empty_here(const struct collector *k, const struct node *node)
{
	return node->is_mount && k->open_count > 0;
}

/* Entries for "." and ".." and room for COUNT more; only directories have links to them besides their name. */
static void
open_directory(struct collector *k, struct ext_inode *inode, size_t count, uint32_t parent)
{
	struct ext_directory *directory = ARENA_NEW(k->c->arena, struct ext_directory);

	inode->links = 2;
	inode->directory = directory;
	directory->entries = ARENA_ARRAY(k->c->arena, struct ext_dirent, count + 2);
	directory->entry_count = count + 2;
	directory->entries[0] = (struct ext_dirent){".", inode->number, TYPE_DIRECTORY};
	directory->entries[1] = (struct ext_dirent){"..", parent, TYPE_DIRECTORY};
}

static void
describe_directory(struct collector *k, struct ext_inode *inode, uint32_t parent)
{
	bool is_root = k->open_count == 0;
	size_t count = is_empty_here(k, inode->node) ? 0 : inode->node->child_count;

	open_directory(k, inode, count + is_root, parent);
	*ARENA_PUSH(k->c->arena, k->open, k->open_count) = (struct open_directory){
		.node = inode->node, .inode = (size_t)(inode - k->layout->inodes), .entry_count = 2};
}

static void
add_node(struct collector *k, const struct node *node, uint32_t number, uint32_t parent)
{
	struct ext_inode *inode = new_inode(k, (struct ext_inode){
		.number = number,
		.node = node,
		.mode = (uint16_t)(kinds[node->kind].mode | node->mode),
		.links = 1 + node->hardlinks,
	});

	if (node->xattrs && !ext_collect_attributes(k->c, k->partition, k->layout, inode))
		k->failed = true;
	if (node->hardlinks)
		*ARENA_PUSH(k->c->arena, k->linked, k->linked_count) = (struct linked){node, number};
	if (inode->links > MOST_LINKS)
		unstorable(k, node, arena_printf(k->c->arena, "it has %u names, and a file has at most %d", inode->links, MOST_LINKS),
			"make some of them files or symbolic links");
	switch (node->kind) {
	case NODE_DIRECTORY:
		describe_directory(k, inode, parent);
		break;
	case NODE_FILE:
		describe_file(k, inode);
		break;
	case NODE_LINK:
		describe_link(k, inode);
		break;
	case NODE_CHAR:
	case NODE_BLOCK:
		describe_device(k, inode);
		break;
	}
}

static void
add_entry(struct collector *k, struct open_directory *d, struct ext_dirent entry)
{
	struct ext_inode *inode = &k->layout->inodes[d->inode];

	inode->directory->entries[d->entry_count++] = entry;
	inode->links += entry.file_type == TYPE_DIRECTORY;
}

/* lost+found takes its place among the names of the root. */
static bool
lost_and_found_is_next(const struct collector *k, const struct open_directory *d)
{
	const struct ext_directory *root = k->layout->inodes[d->inode].directory;

	if (k->open_count > 1 || d->entry_count - 2 != d->next)
		return false;
	return d->next == root->entry_count - 3 || strcmp(d->node->children[d->next]->name, "lost+found") > 0;
}

struct ext_inode
ext_journal_inode(void)
{
	return (struct ext_inode){.number = EXT_JOURNAL, .mode = MODE_FILE | 0600, .links = 1};
}

/* Goes one entry further in the innermost open directory: depth first, parents before children, names bytewise. */
static void
step(struct collector *k)
{
	struct open_directory *d = &k->open[k->open_count - 1];
	const struct ext_inode *inode = &k->layout->inodes[d->inode];
	const struct node *child;

	if (lost_and_found_is_next(k, d)) {
		add_entry(k, d, (struct ext_dirent){"lost+found", EXT_LOST_AND_FOUND, TYPE_DIRECTORY});
	} else if (d->entry_count == inode->directory->entry_count) {
		k->open_count--;
	} else if ((child = d->node->children[d->next++])->original) {
		*ARENA_PUSH(k->c->arena, k->further_names, k->further_name_count) =
			(struct further_name){d->inode, d->entry_count, child->original};
		add_entry(k, d, (struct ext_dirent){child->name, 0, kinds[child->kind].file_type});
	} else {
		add_entry(k, d, (struct ext_dirent){child->name, k->next_number, kinds[child->kind].file_type});
		add_node(k, child, k->next_number++, inode->number);
	}
}

static int
compare_linked(const void *a_, const void *b_)
{
	const struct linked *a = a_, *b = b_;

	return a->node < b->node ? -1 : a->node > b->node;
}

static void
number_further_names(struct collector *k)
{
	if (k->linked_count)
		qsort(k->linked, k->linked_count, sizeof *k->linked, compare_linked);
	for (size_t i = 0; i < k->further_name_count; i++) {
		const struct further_name *name = &k->further_names[i];
		const struct linked wanted = {.node = name->original};
		const struct linked *found = bsearch(&wanted, k->linked, k->linked_count, sizeof wanted, compare_linked);

		ASSERT(found);
		k->layout->inodes[name->directory].directory->entries[name->entry].inode = found->number;
	}
}

/* Past the limit, ext4 stops counting and says 1 (dir_nlink); ext2 cannot. */
static void
limit_links(struct collector *k, struct ext_inode *directory)
{
	if (directory->links <= MOST_LINKS)
		return;
	if (k->layout->feature_ro_compat & EXT_RO_DIR_NLINK)
		directory->links = 1;
	else
		unstorable(k, directory->node,
			arena_printf(k->c->arena, "it has %u directories in it, and %s counts up to %d",
				directory->links - 2, ext_type_name(k->layout), MOST_LINKS - 2),
			"set 'type: ext4', or spread them over more directories");
}

static void
finish_directories(struct collector *k)
{
	uint64_t spare = LOST_AND_FOUND / k->layout->block_size;

	if (spare > DIRECT_BLOCKS)
		spare = DIRECT_BLOCKS;
	for (size_t i = 0; i < k->layout->inode_used_count; i++) {
		struct ext_inode *inode = &k->layout->inodes[i];

		if (!inode->directory)
			continue;
		ext_arrange_directory(k->c->arena, k->layout, inode, inode->number == EXT_LOST_AND_FOUND ? spare : 1);
		limit_links(k, inode);
	}
}

static void
add_lost_and_found(struct collector *k)
{
	struct ext_inode inode = {.number = EXT_LOST_AND_FOUND, .mode = MODE_DIRECTORY | 0700};

	open_directory(k, new_inode(k, inode), 0, EXT_ROOT);
}

/* How many nodes there are below DIRECTORY on its partition. A path has at most 4095 bytes, and so recursion an end. */
static size_t
count_below(const struct node *directory)
{
	size_t count = directory->child_count;

	for (size_t i = 0; i < directory->child_count; i++)
		if (directory->children[i]->child_count && !directory->children[i]->is_mount)
			count += count_below(directory->children[i]);
	return count;
}

bool
ext_collect(struct compilation *c, const struct m_partition *p, const struct node *root, struct ext_layout *l)
{
	static const struct node nothing = {.name = "", .kind = NODE_DIRECTORY, .mode = 0755};
	struct collector k = {.c = c, .layout = l, .partition = p, .next_number = EXT_FIRST_FREE};

	ASSERT(!root || !node_child(root, "lost+found", strlen("lost+found")));
	l->inodes = ARENA_ARRAY(c->arena, struct ext_inode, SPECIAL_INODES + (root ? count_below(root) : 0));
	add_node(&k, root ? root : &nothing, EXT_ROOT, EXT_ROOT);
	if (l->feature_compat & EXT_COMPAT_HAS_JOURNAL) /* its size depends on that of the file system */
		new_inode(&k, ext_journal_inode());
	add_lost_and_found(&k);
	while (k.open_count)
		step(&k);
	number_further_names(&k);
	finish_directories(&k);
	if (!root)
		l->inodes[0].node = NULL;
	return !k.failed;
}

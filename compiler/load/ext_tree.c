/* Decides what the directories say: the tree of names from the root on (kernel documentation, ext4/directory.rst). */
#include "load/ext.h"

#include <inttypes.h>
#include <string.h>

enum {
	DIRENT_HEADER = 8,
	TAIL = 12,              /* of a block of entries with a checksum */
	TAIL_TYPE = 0xde,
	INDEX_COUNT = 32,       /* in the root of an index: limit and count; in its nodes at 8 */
	NODE_COUNT = 8,
	INDEX_LEVELS = 30,
	LINKS_MOST = 65000,     /* that a directory of ext4 counts */
	TYPE_MASK = 0170000, TYPE_FIFO = 0010000, TYPE_CHAR = 0020000, TYPE_DIRECTORY = 0040000, TYPE_BLOCK = 0060000, TYPE_FILE = 0100000,
	TYPE_LINK = 0120000, TYPE_SOCKET = 0140000,
};

struct directory {
	size_t index; /* of its inode */
	struct node *node;
	size_t path_size;
	uint32_t parent; /* its number */
	bool is_lost_and_found;
};

/* Directories that are still to be read. */
struct walk {
	struct ext_loader *e;
	struct directory *list;
	size_t count;
};

static bool
kind_of(uint16_t mode, enum node_kind *kind)
{
	switch (mode & TYPE_MASK) {
	case TYPE_DIRECTORY:
		return *kind = NODE_DIRECTORY, true;
	case TYPE_FILE:
		return *kind = NODE_FILE, true;
	case TYPE_LINK:
		return *kind = NODE_LINK, true;
	case TYPE_CHAR:
		return *kind = NODE_CHAR, true;
	case TYPE_BLOCK:
		return *kind = NODE_BLOCK, true;
	}
	return false;
}

static struct node *
new_node(struct ext_loader *e, size_t i, struct node *parent, const char *name)
{
	const struct ext_inode *inode = &e->layout->inodes[i];
	const struct loaded *loaded = &e->inodes[i];
	struct node *node = ARENA_NEW(e->l->c->arena, struct node);
	enum node_kind kind;

	if (!kind_of(inode->mode, &kind))
		return NULL;
	*node = (struct node){.name = name, .parent = parent, .kind = kind, .mode = inode->mode & 07777,
		.owner = loaded->owner, .group = loaded->group, .is_read = true, .remarks = loaded->remarks,
		.xattrs = loaded->xattrs && loaded->xattrs->count ? loaded->xattrs : NULL};
	switch (kind) {
	case NODE_DIRECTORY:
		break;
	case NODE_FILE:
		node->content = loaded->content;
		break;
	case NODE_LINK:
		node->target = loaded->target ? loaded->target : "";
		break;
	case NODE_CHAR:
	case NODE_BLOCK:
		node->major = loaded->major;
		node->minor = loaded->minor;
		break;
	}
	if (e->nodes[i]) {
		node->original = e->nodes[i];
		e->nodes[i]->hardlinks++;
	} else {
		e->nodes[i] = node;
	}
	return node;
}

static void
bad_entry(struct ext_loader *e, const struct directory *d, uint64_t at, const char *what)
{
	load_finding(e->l, FINDING_INVALID, at, DIRENT_HEADER, "an entry of the directory of inode %u %s",
		e->layout->inodes[d->index].number, what);
}

/* Whether TYPE, of a directory's entry, is not that of an inode of MODE; 0 tells none. */
static bool
is_other_type(uint16_t mode, uint8_t type)
{
	static const uint8_t types[] = {[TYPE_FILE >> 12] = 1, [TYPE_DIRECTORY >> 12] = 2, [TYPE_CHAR >> 12] = 3, [TYPE_BLOCK >> 12] = 4,
		[TYPE_FIFO >> 12] = 5, [TYPE_SOCKET >> 12] = 6, [TYPE_LINK >> 12] = 7, [TYPE_MASK >> 12] = 0};

	return type && type != types[mode >> 12];
}

static bool
is_name(const char *name, size_t length)
{
	return length && !memchr(name, '/', length) && !memchr(name, '\0', length);
}

/* No tree has it, since every file system does: it is only read. */
static struct node *
lost_and_found(struct arena *a, struct node *root)
{
	struct node *node = ARENA_NEW(a, struct node);

	*node = (struct node){.name = "lost+found", .parent = root, .kind = NODE_DIRECTORY, .mode = 0700, .is_read = true};
	return node;
}

/* mke2fs gives it the first inode that is free, e2fsck another one. */
static bool
is_lost_and_found(const struct directory *d, const unsigned char *entry)
{
	static const char name[] = "lost+found";

	return d->path_size == 0 && (get32(entry) == EXT_LOST_AND_FOUND ||
		(entry[6] == strlen(name) && memcmp(entry + DIRENT_HEADER, name, strlen(name)) == 0));
}

/* What an entry other than "." and ".." leads to becomes a node. */
static void
add_entry(struct walk *w, const struct directory *d, const unsigned char *entry, uint64_t at)
{
	struct ext_loader *e = w->e;
	struct arena *a = e->l->c->arena;
	uint32_t number = get32(entry);
	const char *name = (const char *)entry + DIRENT_HEADER;
	size_t i = ext_inode_index(e->layout, number);
	struct node *node;
	bool is_directory;

	if (!is_name(name, entry[6])) {
		bad_entry(e, d, at, "has a name that cannot be");
		return;
	}
	if (i == e->layout->inode_used_count || (number < e->first_inode && number != EXT_LOST_AND_FOUND)) {
		bad_entry(e, d, at, "leads to an inode that is not in use");
		return;
	}
	if (e->layout->feature_incompat & EXT_INCOMPAT_FILETYPE && is_other_type(e->layout->inodes[i].mode, entry[7]))
		bad_entry(e, d, at, "has the type of something else than it leads to");
	e->inodes[i].names++;
	is_directory = (e->layout->inodes[i].mode & TYPE_MASK) == TYPE_DIRECTORY;
	e->inodes[d->index].directories += is_directory;
	if (is_lost_and_found(d, entry) && is_directory && !e->nodes[i]) {
		*ARENA_PUSH(a, w->list, w->count) = (struct directory){i, lost_and_found(a, d->node), 1u + entry[6],
			e->layout->inodes[d->index].number, true};
		return;
	}
	if (is_directory && (e->nodes[i] || d->path_size + 1 + entry[6] > LOAD_PATH_MOST)) {
		bad_entry(e, d, at, e->nodes[i] ? "leads to a directory that has a name already" : "lies deeper than any path can be");
		return;
	}
	if (!(node = new_node(e, i, d->node, arena_strndup(a, name, entry[6]))))
		return;
	*ARENA_PUSH(a, d->node->children, d->node->child_count) = node;
	if (is_directory)
		*ARENA_PUSH(a, w->list, w->count) = (struct directory){i, node, d->path_size + 1 + entry[6],
			e->layout->inodes[d->index].number, false};
}

/* Each block ends with its checksum, one of an index in another way than one of entries. */
static void
check_sum(struct ext_loader *e, size_t i, const unsigned char *block, bool is_index, uint64_t logical, uint64_t at)
{
	uint32_t size = e->layout->block_size, seed = e->inodes[i].seed, sum, stored;

	if (!e->has_checksums)
		return;
	if (is_index) {
		size_t counts = logical == 0 ? INDEX_COUNT : NODE_COUNT, limit = get16(block + counts), count = get16(block + counts + 2);
		unsigned char tail[8] = {0};

		if (count > limit || counts + limit * 8 + 8 > size) {
			load_finding(e->l, FINDING_INVALID, at, size, "the index of the directory of inode %u cannot be", e->layout->inodes[i].number);
			return;
		}
		memcpy(tail, block + counts + limit * 8, 4);
		sum = checksum_crc32c(checksum_crc32c(seed, block, counts + count * 8), tail, 8);
		stored = get32(block + counts + limit * 8 + 4);
	} else {
		sum = checksum_crc32c(seed, block, size - TAIL);
		stored = get32(block + size - 4);
	}
	if (sum != stored)
		load_finding(e->l, FINDING_CHECKSUM, at, size, "block %" PRIu64 " of the directory of inode %u has a wrong checksum", logical,
			e->layout->inodes[i].number);
}

/* Whether ENTRY is that of "." where DOTS is 1, of ".." where it is 2. */
static bool
is_dots(const unsigned char *entry, unsigned dots)
{
	return entry[6] == dots && entry[8] == '.' && (dots == 1 || entry[9] == '.');
}

/* "." comes first and leads to the directory itself, then comes "..". The first of them has a length that can be. */
static void
check_dots(struct ext_loader *e, const struct directory *d, const unsigned char *block, uint64_t at)
{
	uint32_t size = e->layout->block_size, length = ext_entry_bytes(get16(block + 4), size);

	if (!is_dots(block, 1) || get32(block) != e->layout->inodes[d->index].number)
		bad_entry(e, d, at, "comes first and is not '.', which leads to itself");
	else if (length > size - DIRENT_HEADER - 2 || !is_dots(block + length, 2))
		bad_entry(e, d, at, "is '.', behind which there is no '..'");
}

static void
read_block(struct walk *w, const struct directory *d, uint64_t logical, uint64_t number)
{
	struct ext_loader *e = w->e;
	uint32_t size = e->layout->block_size, length;
	uint64_t at = ext_at(e, number);
	unsigned char *block = ext_block(e, number, "a directory");
	bool has_index = e->inodes[d->index].flags & EXT_FLAG_INDEX;

	if (!block)
		return;
	check_sum(e, d->index, block, has_index && (logical == 0 || (get32(block) == 0 && ext_entry_bytes(get16(block + 4), size) == size)), logical, at);
	for (uint32_t i = 0; i < size; i += length) {
		const unsigned char *entry = block + i;

		if (size - i < DIRENT_HEADER || (length = ext_entry_bytes(get16(entry + 4), size)) < DIRENT_HEADER || length % 4 || length > size - i ||
		    (uint32_t)entry[6] + DIRENT_HEADER > length) {
			bad_entry(e, d, at + i, "has a length that cannot be");
			return;
		}
		if (i == 0 && logical == 0)
			check_dots(e, d, block, at);
		if (is_dots(entry, 2) && get32(entry) != d->parent)
			bad_entry(e, d, at + i, "is '..' and does not lead to the directory that it is in");
		if (get32(entry) && !is_dots(entry, 1) && !is_dots(entry, 2))
			add_entry(w, d, entry, at + i);
	}
}

static void
sort_children(struct ext_loader *e, const struct directory *d)
{
	struct node *node = d->node;

	node_sort_children(node);
	for (size_t i = 1; i < node->child_count; i++)
		if (strcmp(node->children[i - 1]->name, node->children[i]->name) == 0)
			bad_entry(e, d, e->inodes[d->index].at, "has the name of another one");
}

/* What the index is made of, as the map tells it. */
static void
describe(struct ext_loader *e, size_t i)
{
	struct ext_inode *inode = &e->layout->inodes[i];
	struct arena *a = e->l->c->arena;
	const unsigned char *block;
	struct ext_index *index;

	inode->directory = ARENA_NEW(a, struct ext_directory);
	if (!(e->inodes[i].flags & EXT_FLAG_INDEX) || inode->run_count == 0 ||
	    !(block = ext_block(e, inode->runs[0].first, "a directory")))
		return;
	inode->directory->index = index = ARENA_NEW(a, struct ext_index);
	index->node_count = block[INDEX_LEVELS] ? get16(block + INDEX_COUNT + 2) : 0;
}

static void
read_directory(struct walk *w, struct directory d)
{
	const struct ext_inode *inode = &w->e->layout->inodes[d.index];

	for (size_t i = 0; i < inode->run_count; i++)
		for (uint64_t b = 0; b < inode->runs[i].count; b++)
			read_block(w, &d, inode->runs[i].logical + b, inode->runs[i].first + b);
	sort_children(w->e, &d);
	if (d.is_lost_and_found && d.node->child_count)
		load_finding(w->e->l, FINDING_NOT_UNDERSTOOD, w->e->inodes[d.index].at, w->e->layout->inode_size,
			"lost+found holds something, such as '%s', which no manifest can say", d.node->children[0]->name);
}

/* Its name, its "." and the ".." of those in it; where these are too many to be counted, 1. */
static void
check_links(struct ext_loader *e, size_t i)
{
	const struct ext_inode *inode = &e->layout->inodes[i];
	uint32_t links = 2 + e->inodes[i].directories;

	if (inode->links != links && (inode->links != 1 || links < LINKS_MOST))
		load_finding(e->l, FINDING_COUNT, e->inodes[i].at + 26, 2, "inode %u is a directory that says it has %u links, but it has %u",
			inode->number, inode->links, links);
}

/* Every inode in use has as many names as it says; a directory has one, its own "." and the ".." of those in it. */
static void
check_names(struct ext_loader *e)
{
	for (size_t i = 0; i < e->layout->inode_used_count; i++) {
		struct ext_inode *inode = &e->layout->inodes[i];
		bool is_directory = (inode->mode & TYPE_MASK) == TYPE_DIRECTORY;

		inode->node = e->nodes[i];
		if (is_directory && !inode->directory)
			describe(e, i);
		if (is_directory && e->nodes[i])
			check_links(e, i);
		if (inode->number == EXT_ROOT || inode->number < e->first_inode || inode->number == e->orphan_file ||
		    inode->number == e->project_quota)
			continue;
		if (e->inodes[i].names == 0)
			load_finding(e->l, FINDING_COUNT, e->inodes[i].at, e->layout->inode_size, "inode %u is in use, but no name leads to it", inode->number);
		else if (!is_directory && e->inodes[i].names != inode->links)
			load_finding(e->l, FINDING_COUNT, e->inodes[i].at + 26, 2, "inode %u says that it has %u names, but it has %u", inode->number,
				inode->links, (unsigned)e->inodes[i].names);
	}
}

/* The owners that were claimed by numbers of inodes get the nodes. */
static void
name_owners(struct ext_loader *e)
{
	struct image *image = e->l->image;

	for (size_t i = 0; i < image->owner_count; i++) {
		struct owner *o = &image->owners[i];
		bool by_inode = o->kind == OWNER_INODE || (o->kind >= OWNER_DIRECTORY && o->kind <= OWNER_JOURNAL);
		size_t inode;

		if (!by_inode || o->partition != e->l->partition)
			continue;
		inode = ext_inode_index(e->layout, o->number);
		if (inode < e->layout->inode_used_count)
			o->node = e->nodes[inode];
	}
}

struct node *
ext_load_tree(struct ext_loader *e)
{
	struct walk w = {.e = e};
	size_t root = ext_inode_index(e->layout, EXT_ROOT);
	struct node *node;

	e->nodes = ARENA_ARRAY(e->l->c->arena, struct node *, e->layout->inode_used_count);
	if (root == e->layout->inode_used_count || (e->layout->inodes[root].mode & TYPE_MASK) != TYPE_DIRECTORY) {
		load_finding(e->l, FINDING_INVALID, e->offset, 0, "the file system has no root directory");
		return NULL;
	}
	node = new_node(e, root, NULL, "");
	*ARENA_PUSH(e->l->c->arena, w.list, w.count) = (struct directory){root, node, 0, EXT_ROOT, false};
	for (size_t i = 0; i < w.count; i++)
		read_directory(&w, w.list[i]);
	check_names(e);
	name_owners(e);
	return node;
}

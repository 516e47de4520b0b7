/* Decides where the extended attributes of an inode lie, and in which order (kernel documentation, ext4/attributes.rst). */
#include "plan/ext.h"

#include <stdlib.h>
#include <string.h>

#include "model/capability.h"
#include "support/compilation.h"
#include "support/text.h"

enum {
	SMALL_INODE = 128,
	MOST_NAME = 255,   /* bytes with the namespace: XATTR_NAME_MAX of Linux */
	EXTRA_SIZE = 32,   /* of an inode's fields behind these */
	INLINE_HEADER = 4, /* before the entries in an inode ... */
	BLOCK_HEADER = 32, /* ... and in a block */
	ENTRY_HEADER = 16, /* before the name */
	LAST_ENTRY = 4,    /* zeroes */
};

static const struct {
	const char *prefix;
	uint8_t index;
} namespaces[] = {{"user.", 1}, {"trusted.", 4}, {"security.", 6}};

enum { NAMESPACES = sizeof namespaces / sizeof *namespaces };

/* The kernel looks for names in this order in a block. */
static int
compare(const void *a_, const void *b_)
{
	const struct ext_attribute *a = a_, *b = b_;

	if (a->index != b->index)
		return a->index < b->index ? -1 : 1;
	if (a->name_length != b->name_length)
		return a->name_length < b->name_length ? -1 : 1;
	return memcmp(a->name, b->name, a->name_length);
}

static size_t
round_up(size_t n)
{
	return (n + 3) / 4 * 4;
}

static size_t
bytes_of(const struct ext_attribute *x)
{
	return round_up(ENTRY_HEADER + x->name_length) + round_up(x->size);
}

static struct span
place_of(const struct ext_inode *inode, const struct xattr *x)
{
	return x->at.line ? x->at : inode->node->why->at;
}

/* The place of the namespace of NAME among NAMESPACES; their number when it is not written. */
static size_t
namespace_of(const char *name)
{
	size_t i = 0;

	while (i < NAMESPACES && !text_starts_with(name, namespaces[i].prefix))
		i++;
	return i;
}

static bool
unsupported(struct compilation *c, const struct ext_inode *inode, const struct xattr *x, const char *why)
{
	diag_help(diag(&c->diags, DIAG_XATTR_UNSUPPORTED, place_of(inode, x), "'%s' cannot have '%s': %s", node_path(c, inode->node), x->name,
		why), "leave it out");
	return false;
}

/* Whether Linux would let X be on what INODE is. */
static bool
is_allowed(struct compilation *c, const struct ext_inode *inode, const struct xattr *x)
{
	enum node_kind kind = inode->node->kind;
	size_t namespace = namespace_of(x->name);

	if (namespace == NAMESPACES)
		return unsupported(c, inode, x, "access lists are not written");
	if (x->name[strlen(namespaces[namespace].prefix)] == '\0')
		return unsupported(c, inode, x, "there is no name behind the namespace");
	if (strlen(x->name) > MOST_NAME)
		return unsupported(c, inode, x, "a name has at most 255 bytes");
	if (text_starts_with(x->name, "user.") && kind != NODE_FILE && kind != NODE_DIRECTORY)
		return unsupported(c, inode, x, "this namespace is one of files and directories");
	if (strcmp(x->name, CAPABILITY_XATTR) == 0 && kind != NODE_FILE)
		return unsupported(c, inode, x, "only a regular file has capabilities");
	if (strcmp(x->name, CAPABILITY_XATTR) == 0 && !capability_is_valid(x->value, x->size))
		return unsupported(c, inode, x, "its value has no form that Linux knows");
	return true;
}

static struct ext_attribute
attribute_of(const struct xattr *x)
{
	size_t namespace = namespace_of(x->name);
	const char *name = x->name + strlen(namespaces[namespace].prefix);

	return (struct ext_attribute){.index = namespaces[namespace].index, .name = name, .name_length = strlen(name), .value = x->value,
		.size = x->size};
}

/* Puts those that lie in the inode first; gives the bytes of the others. */
static size_t
divide(struct arena *a, struct ext_attributes *all, size_t room)
{
	struct ext_attribute *others = ARENA_ARRAY(a, struct ext_attribute, all->count);
	size_t other_count = 0, bytes = 0;

	for (size_t i = 0; i < all->count; i++) {
		struct ext_attribute x = all->list[i];

		if (bytes_of(&x) <= room) {
			room -= bytes_of(&x);
			all->list[all->inline_count++] = x;
		} else {
			bytes += bytes_of(&x);
			others[other_count++] = x;
		}
	}
	if (other_count)
		memcpy(&all->list[all->inline_count], others, other_count * sizeof *others);
	return bytes;
}

static bool
report_too_large(struct compilation *c, const struct m_partition *p, const struct ext_inode *inode, size_t needed, size_t room)
{
	const struct xattrs *set = inode->node->xattrs;
	struct diag *d = diag(&c->diags, DIAG_XATTRS_TOO_LARGE, place_of(inode, &set->list[0]),
		"the extended attributes of '%s' do not fit: %zu bytes, and a block of %s has room for %zu", node_path(c, inode->node), needed,
		text_bytes(c->arena, p->filesystem.block_size.bytes), room);

	if (p->filesystem.block_size.bytes < 4096 && needed <= 4096 - BLOCK_HEADER - LAST_ENTRY)
		diag_help(d, "set 'block_size: 4KiB' for partition '%s'", p->name);
	else
		diag_help(d, "keep what is large in a file of its own");
	return false;
}

bool
ext_collect_attributes(struct compilation *c, const struct m_partition *p, const struct ext_layout *l, struct ext_inode *inode)
{
	const struct xattrs *set = inode->node->xattrs;
	size_t inline_room = l->inode_size == SMALL_INODE ? 0 : l->inode_size - SMALL_INODE - EXTRA_SIZE - INLINE_HEADER - LAST_ENTRY;
	size_t room = l->block_size - BLOCK_HEADER - LAST_ENTRY, needed;
	struct ext_attributes *all;
	bool ok = true;

	for (size_t i = 0; i < set->count; i++)
		ok = is_allowed(c, inode, &set->list[i]) && ok;
	if (!ok)
		return false;
	all = ARENA_NEW(c->arena, struct ext_attributes);
	*all = (struct ext_attributes){.list = ARENA_ARRAY(c->arena, struct ext_attribute, set->count), .count = set->count};
	for (size_t i = 0; i < set->count; i++)
		all->list[i] = attribute_of(&set->list[i]);
	qsort(all->list, all->count, sizeof *all->list, compare);
	needed = divide(c->arena, all, inline_room);
	inode->attributes = all;
	return needed <= room || report_too_large(c, p, inode, needed, room);
}

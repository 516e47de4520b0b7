#include "support/names.h"

#include <stdbool.h>
#include <string.h>

#include "support/arena.h"

/* A name with its value, or a fork: names that are equal up to a bit, and differ there. */
struct names_node {
	const char *name; /* NULL: a fork */
	union {
		void *value;
		struct {
			struct names_node *sides[2];
			size_t byte;         /* of the names; behind the end of one it is its NUL */
			unsigned char others; /* all bits of that byte but the one that differs */
		} fork;
	};
};

/* The side on which NAME, LENGTH bytes long, is: by its bit at FORK. */
static unsigned
side_of(const struct names_node *fork, const char *name, size_t length)
{
	unsigned char c = fork->fork.byte < length ? (unsigned char)name[fork->fork.byte] : 0;

	return (1u + (fork->fork.others | c)) >> 8;
}

/* The one name in the tree that NAME can be equal to. */
static struct names_node *
nearest(struct names_node *node, const char *name, size_t length)
{
	while (!node->name)
		node = node->fork.sides[side_of(node, name, length)];
	return node;
}

static struct names_node *
new_leaf(struct arena *a, const char *name)
{
	struct names_node *leaf = ARENA_NEW(a, struct names_node);

	leaf->name = name;
	return leaf;
}

/* All bits but the highest in which the bytes differ. */
static unsigned char
other_bits(unsigned char a, unsigned char b)
{
	unsigned bits = a ^ b;

	while (bits & (bits - 1))
		bits &= bits - 1;
	return (unsigned char)~bits;
}

/* Puts a fork for LEAF, which differs from OTHER at BYTE, where the tree's forks stop being about earlier bits. */
static void
put_leaf(struct arena *a, struct names *names, struct names_node *leaf, size_t length, const char *other, size_t byte)
{
	struct names_node *fork = ARENA_NEW(a, struct names_node), **at = &names->root;

	fork->fork.byte = byte;
	fork->fork.others = other_bits((unsigned char)leaf->name[byte], (unsigned char)other[byte]);
	while (!(*at)->name && ((*at)->fork.byte < byte || ((*at)->fork.byte == byte && (*at)->fork.others < fork->fork.others)))
		at = &(*at)->fork.sides[side_of(*at, leaf->name, length)];
	fork->fork.sides[side_of(fork, leaf->name, length)] = leaf;
	fork->fork.sides[1 - side_of(fork, leaf->name, length)] = *at;
	*at = fork;
}

void **
names_slot(struct arena *a, struct names *names, const char *name)
{
	size_t length = strlen(name), byte = 0;
	struct names_node *near, *leaf;

	if (!names->root) {
		names->root = new_leaf(a, name);
		names->used++;
		return &names->root->value;
	}
	near = nearest(names->root, name, length);
	while (name[byte] && name[byte] == near->name[byte])
		byte++;
	if (name[byte] == near->name[byte])
		return &near->value;
	leaf = new_leaf(a, name);
	put_leaf(a, names, leaf, length, near->name, byte);
	names->used++;
	return &leaf->value;
}

void *
names_find(const struct names *names, const char *name, size_t length)
{
	struct names_node *near = names->root ? nearest(names->root, name, length) : NULL;

	return near && strncmp(near->name, name, length) == 0 && near->name[length] == '\0' ? near->value : NULL;
}

#ifndef BOARD_H
#define BOARD_H

#include "model/layout.h"
#include "unit.h"

/* A made-up manifest with a menu, for the tests of what installs a GRUB. */

/* Where the words of the made-up manifests stand. */
enum { KERNEL_IMAGE = 10, ARGUMENTS = 11, GRUB = 20, TITLE = 30, ENTRY_KERNEL, ENTRY_INITRD, ENTRY_ARGUMENTS, ENTRY_ROOT, LINES_EACH = 10,
	MOUNT = 80, TYPE = 90, COLUMN = 7 };

enum { PARTITIONS = 3 };

struct board {
	struct compilation *c;
	struct manifest m;
	struct closure closure;
	struct m_partition partitions[PARTITIONS];
	struct m_menu_entry entries[2];
	struct tree *tree;
	struct layout layout;
	struct partition_layout places[PARTITIONS];
};

struct m_text board_text(const char *v, uint32_t line);

/* A board with the partitions named, mounted at MOUNTS (NULL: not), and one menu entry. */
struct board *board_of(const char *const *mounts, size_t count);

/* One partition, mounted at "/". */
struct board *plain_board(void);
struct board *board_with_arguments(const char *arguments);

/* COUNT letters. */
char *board_letters(struct board *, size_t count);

/* A new node in the tree, below PARENT. */
struct node *board_add(struct board *, const char *parent, const char *name, enum node_kind kind, const char *target);

/* A tree with GRUB's files and a kernel, stage files of nothing but 0xee, and partitions laid out. */
void board_fill(struct board *);

#endif

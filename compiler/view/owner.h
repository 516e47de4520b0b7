#ifndef VIEW_OWNER_H
#define VIEW_OWNER_H

#include "model/image.h"

/* Which numbers say something of an owner of a kind: NUMBER as a group or as an inode, LOGICAL as a block of the file. */

static inline bool
owner_has_group(enum owner_kind kind)
{
	return kind >= OWNER_SUPERBLOCK && kind <= OWNER_INODE_BITMAP;
}

static inline bool
owner_has_inode(enum owner_kind kind)
{
	return kind >= OWNER_INODE && kind <= OWNER_JOURNAL;
}

static inline bool
owner_has_block(enum owner_kind kind)
{
	return kind == OWNER_DIRECTORY || (kind >= OWNER_LINK && kind <= OWNER_JOURNAL);
}

#endif

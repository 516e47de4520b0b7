#ifndef PLAN_EXT_H
#define PLAN_EXT_H

#include <stdbool.h>
#include <stdint.h>

#include "model/ext.h"

struct arena;
struct compilation;

/* What the files of plan_ext ask of one another. */

enum { EXT_FIRST_FREE = 12 }; /* the first inode of the tree */

enum { EXT_MIB = 1024 * 1024 };

/* "ext2", "ext3" or "ext4". */
const char *ext_type_name(const struct ext_layout *);

/*
 * The features of LAYOUT, whose type is known, with BLOCKS blocks, of which 64bit may follow; has_journal stands for the wish.
 * False with diagnostics.
 */
bool ext_choose_features(struct compilation *, struct ext_layout *, uint64_t blocks);

/*
 * Numbers the tree below ROOT and fills in the inodes of LAYOUT but for their blocks: what they are whatever
 * the size of the file system. The journal's inode is among them where one is wished for. False with diagnostics for what the
 * format cannot hold.
 */
bool ext_collect(struct compilation *, const struct m_partition *, const struct node *root, struct ext_layout *);

/* Gives INODE, whose node is set, its attributes and decides which of them lie in it. False with diagnostics. */
bool ext_collect_attributes(struct compilation *, const struct m_partition *, const struct ext_layout *, struct ext_inode *inode);

/* The journal's inode, without a size. */
struct ext_inode ext_journal_inode(void);

/* The hash of NAME in a directory's index. */
uint32_t ext_hash(const uint8_t seed[16], const char *name);

/* Gives the entries of INODE, a directory, their order and blocks, at least LEAST, and itself its size. */
void ext_arrange_directory(struct arena *, const struct ext_layout *, struct ext_inode *inode, uint64_t least);

/* The most blocks that a file system of LAYOUT's block size can have. */
uint64_t ext_most_blocks(const struct ext_layout *);

/*
 * Divides BLOCKS blocks into groups with at least INODES inodes. LAYOUT's block count may become smaller. Gives
 * 0, or, when that is too small, a number of blocks below which it cannot be done, and no groups.
 */
uint64_t ext_divide(struct arena *, struct ext_layout *, uint64_t blocks, uint64_t inodes);

/* Gives every inode of LAYOUT, once divided, its blocks; the number of blocks that there were too few. */
uint64_t ext_place(struct arena *, struct ext_layout *);

/* The least number of blocks that one more group of LAYOUT could have, if there are to be INODES inodes. */
uint64_t ext_least_group(const struct ext_layout *, uint64_t inodes);

/* At most so many fewer blocks the maps of LAYOUT, placed, could have if other groups parted the files. */
uint64_t ext_map_slack(const struct ext_layout *);

/*
 * 0 when LAYOUT, placed, lacks no block (MISSING is what ext_place gave) and leaves what it is to leave; else a number of blocks
 * below which none of its block count or more would do.
 */
uint64_t ext_bound(const struct ext_layout *, uint64_t missing, uint64_t inodes);

/* The smallest file system with the inodes of COLLECTED that leaves free what it is to leave; false: there is none. */
bool ext_smallest(struct arena *, const struct ext_layout *collected, struct ext_layout *made);

/*
 * The file system with the inodes of COLLECTED, which take their places in it, on BYTES bytes. Gives 0, or, when it does not fit, a
 * number of bytes above BYTES below which it cannot. *MADE is then only good for its sums, and has no group at
 * all where there is room for none. Both have the same inodes: the next attempt moves them.
 */
uint64_t ext_attempt(struct arena *, const struct ext_layout *collected, uint64_t bytes, struct ext_layout *made);

/* Whether L is an ext3 without the journal that makes it one: Linux mounts none as ext3. */
bool ext_lacks_journal(const struct ext_layout *);

/* Says of partition P, BYTES long, that COLLECTED does not fit: FAILED is the attempt, BOUND what it gave. */
void ext_report_shortage(struct compilation *, const struct m_partition *p, const struct ext_layout *collected,
	const struct ext_layout *failed, uint64_t bytes, uint64_t bound);

#endif

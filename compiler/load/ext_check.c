/* Decides whether the bitmaps of inodes, and the counts of directories, are what the tables of inodes hold. */
#include <inttypes.h>

#include "load/ext.h"

enum { TYPE_MASK = 0170000, TYPE_DIRECTORY = 0040000, DIRECTORIES = 16 /* in a group descriptor */ };

/* What is to be told of an inode. */
enum state { AGREES, ONLY_IN_USE, ONLY_TAKEN };

/* Reserved inodes are always taken, whether anything is in them or not. */
static enum state
state_of(const struct ext_loader *e, const unsigned char *bitmap, uint32_t number, uint32_t bit, bool is_used)
{
	bool is_taken = bitmap[bit / 8] >> bit % 8 & 1;

	if (is_used == is_taken || (!is_used && number < e->first_inode))
		return AGREES;
	return is_used ? ONLY_IN_USE : ONLY_TAKEN;
}

/* Says that the inodes FIRST to LAST of GROUP are STATE. */
static void
tell(struct ext_loader *e, uint32_t group, uint32_t first, uint32_t last, enum state state)
{
	uint32_t bit = (first - 1) % e->layout->inodes_per_group;
	const char *inodes = first == last ? arena_printf(e->l->c->arena, "inode %" PRIu32 " is", first) :
		arena_printf(e->l->c->arena, "the inodes %" PRIu32 " to %" PRIu32 " are", first, last);

	load_finding(e->l, FINDING_COUNT, ext_at(e, e->layout->groups[group].inode_bitmap) + bit / 8, (last - first) / 8 + 1,
		state == ONLY_IN_USE ? "%s in use, but free in the bitmap" : "%s taken in the bitmap, but not in use", inodes);
}

/* The inodes of GROUP, from the index NEXT of those in use on: one finding for each stretch of alike ones. */
static void
check_bitmap(struct ext_loader *e, uint32_t group, size_t next)
{
	const struct ext_layout *l = e->layout;
	uint32_t before = group * l->inodes_per_group + 1, start = 0;
	enum state last = AGREES;

	for (uint32_t i = 0; i <= l->inodes_per_group; i++) {
		bool is_used = i < l->inodes_per_group && next < l->inode_used_count && l->inodes[next].number == before + i;
		enum state state = i == l->inodes_per_group ? AGREES : state_of(e, e->inode_bitmaps[group], before + i, i, is_used);

		if (state != last && last != AGREES)
			tell(e, group, before + start, before + i - 1, last);
		if (state != last)
			start = i;
		last = state;
		next += is_used;
	}
}

void
ext_check_inodes(struct ext_loader *e)
{
	const struct ext_layout *l = e->layout;
	size_t next = 0;

	for (uint32_t group = 0; group < l->group_count; group++) {
		uint32_t directories = 0;

		if (e->inode_bitmaps[group])
			check_bitmap(e, group, next);
		for (; next < l->inode_used_count && (l->inodes[next].number - 1) / l->inodes_per_group == group; next++)
			directories += (l->inodes[next].mode & TYPE_MASK) == TYPE_DIRECTORY;
		if (directories != l->groups[group].directories)
			load_finding(e->l, FINDING_COUNT,
				ext_at(e, l->first_data_block + 1) + (uint64_t)group * l->descriptor_size + DIRECTORIES, 2,
				"group %" PRIu32 " has %" PRIu32 " directories, but says %" PRIu32, group, directories, l->groups[group].directories);
	}
}

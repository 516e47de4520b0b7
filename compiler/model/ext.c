#include "model/ext.h"

size_t
ext_inode_index(const struct ext_layout *l, uint64_t number)
{
	size_t low = 0, high = l->inode_used_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->inodes[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->inode_used_count && l->inodes[low].number == number ? low : l->inode_used_count;
}

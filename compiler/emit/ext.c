/* Writes one ext2 or ext4 file system as it was planned. */
#include "emit/ext.h"

#include "emit/output.h"
#include "emit/stages.h"

/* In the order of the plan: first what leads to files, then files. So the cursor of the plan is that of the disk. */
static bool
write_contents(struct ext_writer *w)
{
	const struct ext_layout *l = w->layout;

	for (int files = 0; files < 2; files++)
		for (size_t i = 0; i < l->inode_used_count; i++) {
			const struct ext_inode *inode = &l->inodes[i];

			if ((inode->entry_count || inode->slow_target) == (files == 1))
				continue;
			if (!ext_write_data(w, inode) || (inode->map_block_count && !ext_write_map(w, inode)))
				return false;
		}
	return true;
}

bool
emit_ext(struct output *out, const struct partition_layout *p)
{
	struct ext_writer w = {.out = out, .layout = p->ext, .from = p->from, .offset = p->first_lba * SECTOR_SIZE};
	bool ok = false;

	if (!ext_library_open(&w))
		goto out;
	ok = write_contents(&w) && ext_write_inodes(&w) && ext_flush(&w) && ext_library_finish(&w);
out:
	ext_library_close(&w);
	return ok;
}

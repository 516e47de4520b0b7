/* Writes what inodes hold that has no source: directories, long link targets, an empty journal. */
#include "emit/ext.h"

#include <string.h>

enum {
	DIRENT_HEADER = 8,
	CHECKSUM_TAIL = 12,
	CHECKSUM_TAIL_TYPE = 0xde,
	JOURNAL_SUPERBLOCK_V2 = 4,
};

#define JOURNAL_MAGIC UINT32_C(0xc03b3998)

static void
put_entry(unsigned char *at, const struct ext_dirent *entry, size_t record_size)
{
	size_t length = strlen(entry->name);

	put32(at, entry->inode);
	put16(at + 4, (uint32_t)record_size);
	at[6] = (unsigned char)length;
	at[7] = entry->file_type;
	memcpy(at + DIRENT_HEADER, entry->name, length);
}

/*
 * Block INDEX of a directory, into zeroed BYTES. The last record reaches to the end, or to what looks like an
 * unused one.
 */
static void
put_directory_block(const struct ext_layout *l, const struct ext_directory *d, size_t index, unsigned char *bytes)
{
	size_t end = l->block_size, at = 0, size;
	size_t last = index + 1 < d->block_entry_count ? d->block_entries[index + 1] : d->entry_count;

	if (l->feature_ro_compat & EXT_RO_METADATA_CSUM) {
		end -= CHECKSUM_TAIL;
		put16(bytes + end + 4, CHECKSUM_TAIL);
		bytes[end + 7] = CHECKSUM_TAIL_TYPE;
	}
	for (size_t i = d->block_entries[index]; i < last; i++, at += size) {
		size = (DIRENT_HEADER + strlen(d->entries[i].name) + 3) / 4 * 4;
		put_entry(bytes + at, &d->entries[i], i + 1 < last ? size : end - at);
	}
	if (at == 0)
		put16(bytes + 4, (uint32_t)end);
}

static bool
write_directory(struct ext_writer *w, const struct ext_inode *inode)
{
	const struct ext_directory *d = inode->directory;
	size_t index = 0;

	for (size_t r = 0; r < inode->run_count; r++)
		for (uint64_t i = 0; i < inode->runs[r].count; i++) {
			unsigned char *bytes = ext_zeroed_block(w, inode->runs[r].first + i);

			if (!bytes)
				return false;
			if (d->index && index <= d->index->node_count)
				ext_put_index_block(w->layout, d, index++, bytes);
			else
				put_directory_block(w->layout, d, index++, bytes);
			if (!ext_seal_directory(w, inode->number, bytes))
				return false;
		}
	return true;
}

static bool
write_target(struct ext_writer *w, const struct ext_inode *inode)
{
	unsigned char *bytes = ext_zeroed_block(w, inode->runs[0].first);

	if (bytes)
		memcpy(bytes, inode->node->target, inode->size);
	return bytes;
}

static void
put32_big(unsigned char *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(value >> (24 - 8 * i));
}

/*
 * An empty journal is its superblock (jbd2, version 2); all other blocks stay zeroes. The kernel adds features
 * when it mounts.
 */
bool
ext_write_journal(struct ext_writer *w, const struct ext_inode *inode)
{
	const struct ext_layout *l = w->layout;
	unsigned char *bytes = ext_zeroed_block(w, inode->runs[0].first);

	if (!bytes)
		return false;
	put32_big(bytes, JOURNAL_MAGIC);
	put32_big(bytes + 4, JOURNAL_SUPERBLOCK_V2);
	put32_big(bytes + 12, l->block_size);
	put32_big(bytes + 16, (uint32_t)l->journal.count);
	put32_big(bytes + 20, 1); /* s_first: block of the log */
	put32_big(bytes + 24, 1); /* s_sequence: first commit expected; s_start 0 says that the log is empty */
	memcpy(bytes + 48, l->uuid, sizeof l->uuid);
	put32_big(bytes + 64, 1); /* s_nr_users */
	w->blocks_written += l->journal.count - 1;
	return true;
}

bool
ext_write_data(struct ext_writer *w, const struct ext_inode *inode)
{
	return inode->directory ? write_directory(w, inode) : write_target(w, inode);
}

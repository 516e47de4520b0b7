/* Decides how the views call things. */
#include "view/words.h"

#include <inttypes.h>
#include <string.h>

#include "model/partition_type.h"
#include "support/compilation.h"
#include "support/text.h"

enum { INODE_RESIZE = 7, INODE_JOURNAL = 8, INODE_FIRST = 11 };

const char *
word_node(enum node_kind kind)
{
	switch (kind) {
	case NODE_DIRECTORY:
		return "dir";
	case NODE_FILE:
		return "file";
	case NODE_LINK:
		return "link";
	case NODE_CHAR:
		return "char";
	case NODE_BLOCK:
		return "block";
	}
	return "?";
}

const char *
word_filesystem_of(const struct partition_layout *p)
{
	if (p->fat)
		return filesystem_names[FILESYSTEM_VFAT];
	return p->ext ? filesystem_names[p->ext->kind] : NULL;
}

const char *
word_disk_id(struct arena *a, const struct layout *layout)
{
	return layout->table == TABLE_GPT ? text_uuid(a, layout->disk_guid) : arena_printf(a, "0x%08x", layout->disk_id);
}

const char *
word_sector_size(struct arena *a, uint32_t sector_size)
{
	return sector_size == SECTOR_USUAL ? "" : arena_printf(a, " sector_size %" PRIu32, sector_size);
}

const char *
word_large_sectors(struct arena *a, uint32_t sector_size)
{
	return sector_size == SECTOR_USUAL ? "" : arena_printf(a, ", sectors of %" PRIu32 " bytes", sector_size);
}

const char *
word_partition_type(struct arena *a, const struct layout *layout, const struct partition_layout *p)
{
	return layout->table == TABLE_GPT ? text_uuid(a, p->type_guid) : arena_printf(a, "0x%02x", p->mbr_type);
}

const char *
word_contents(struct arena *a, const struct partition_layout *p)
{
	if (word_filesystem_of(p))
		return word_filesystem_of(p);
	if (p->swap)
		return arena_printf(a, "swap uuid %s label '%s'", text_uuid(a, p->swap->uuid), text_escape(a, p->swap->label));
	if (p->raw)
		return arena_printf(a, "raw %s %" PRIu64 " bytes", text_escape(a, p->from->raw.v), p->raw->size);
	return NULL;
}

const char *
word_holds(const struct partition_layout *p)
{
	return p->swap ? "swap" : word_filesystem_of(p);
}

const char *
word_free(struct arena *a, const struct partition_layout *p)
{
	if (p->fat)
		return text_bytes(a, (uint64_t)p->fat->free_clusters * fat_cluster_bytes(p->fat));
	return p->ext ? text_bytes(a, p->ext->free_blocks * p->ext->block_size) : NULL;
}

const char *
word_partition_use(struct arena *a, const struct layout *layout, const struct partition_layout *p)
{
	const char *number = word_partition_type(a, layout, p);

	for (const struct partition_type *t = partition_types; t->name; t++)
		if (layout->table == TABLE_GPT ? memcmp(t->guid, p->type_guid, sizeof t->guid) == 0 : t->mbr && t->mbr == p->mbr_type)
			return arena_printf(a, "%s (%s)", t->name, number);
	return number;
}

const char *
word_place(struct arena *a, const struct span *at)
{
	if (!at->source)
		return "rootc";
	if (!at->line)
		return at->source->name;
	return arena_printf(a, "%s:%u:%u", at->source->name, at->line, at->column);
}

const char *
word_quote(struct arena *a, const struct span *at)
{
	size_t from, to;

	if (!at->source || !at->line || at->line > at->source->line_count)
		return "";
	from = source_offset(at->source, at->line, at->column);
	to = source_offset(at->source, at->line, at->column + at->length);
	return text_escape_bytes(a, at->source->text + from, to - from);
}

const char *
word_origin(struct arena *a, const struct entry *entry)
{
	const char *input = entry->input ? entry->input->name : "rootc";

	return entry->package ? arena_printf(a, "%s (%s)", input, entry->package) : input;
}

const char *
word_inode(struct compilation *c, const struct ext_inode *inode)
{
	if (inode->node)
		return node_path(c, inode->node);
	switch (inode->number) {
	case INODE_RESIZE:
		return "<resize>";
	case INODE_JOURNAL:
		return "<journal>";
	case INODE_FIRST:
		return "<lost+found>";
	}
	return "<reserved>";
}

const char *
word_owner(enum owner_kind kind)
{
	switch (kind) {
	case OWNER_BOOT_CODE:
		return "boot code";
	case OWNER_PARTITION_TABLE:
		return "partition table";
	case OWNER_GPT_HEADER:
		return "GPT header";
	case OWNER_GPT_ENTRIES:
		return "GPT entries";
	case OWNER_BOOT_LOADER:
		return "boot loader";
	case OWNER_BOOT_BLOCK:
		return "boot block";
	case OWNER_SUPERBLOCK:
		return "superblock";
	case OWNER_DESCRIPTORS:
		return "group descriptors";
	case OWNER_RESERVED_GDT:
		return "reserved group descriptors";
	case OWNER_BLOCK_BITMAP:
		return "block bitmap";
	case OWNER_INODE_BITMAP:
		return "inode bitmap";
	case OWNER_INODE:
		return "inode";
	case OWNER_FREE_INODES:
		return "free inodes";
	case OWNER_DIRECTORY:
		return "directory";
	case OWNER_MAP:
		return "map";
	case OWNER_ATTRIBUTES:
		return "attributes";
	case OWNER_LINK:
		return "link";
	case OWNER_DATA:
		return "data";
	case OWNER_SLACK:
		return "slack";
	case OWNER_JOURNAL:
		return "journal";
	case OWNER_BOOT_SECTOR:
		return "boot sector";
	case OWNER_FSINFO:
		return "FSInfo";
	case OWNER_FAT:
		return "FAT";
	case OWNER_FAT_DIRECTORY:
		return "directory";
	case OWNER_FAT_DATA:
		return "data";
	case OWNER_FAT_SLACK:
		return "slack";
	case OWNER_SWAP_HEADER:
		return "swap header";
	case OWNER_FREE:
		return "free space";
	case OWNER_GAP:
		return "gap";
	case OWNER_UNKNOWN:
		return "not understood";
	}
	return "?";
}

const char *
word_finding(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_TRUNCATED:
		return "truncated";
	case FINDING_NO_TABLE:
		return "no-table";
	case FINDING_TABLE:
		return "table";
	case FINDING_CHECKSUM:
		return "checksum";
	case FINDING_INVALID:
		return "invalid";
	case FINDING_SHARED:
		return "shared";
	case FINDING_COUNT:
		return "count";
	case FINDING_NOT_UNDERSTOOD:
		return "not-understood";
	case FINDING_UNOWNED:
		return "unowned";
	}
	return "?";
}

/* Decides in which parameters two disks, their partitions and file systems differ. */
#include "compare/stages.h"

#include <inttypes.h>
#include <string.h>

/* A number that both have. */
static void
number(struct comparison *x, uint32_t partition, const char *what, uint64_t before, uint64_t after, bool is_layout)
{
	struct arena *a = x->c->arena;

	if (before != after)
		compare_add(x, &(struct change){.partition = partition, .what = what, .is_layout = is_layout,
			.before = arena_printf(a, "%" PRIu64, before), .after = arena_printf(a, "%" PRIu64, after)});
}

static const char *
hexadecimal(struct arena *a, const uint8_t bytes[16])
{
	char *text = arena_alloc(a, 33);

	for (int i = 0; i < 16; i++) {
		text[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	return text;
}

/* An identity of 16 bytes, shown in the order in which they stand on the disk. */
static void
identity(struct comparison *x, uint32_t partition, const char *what, const uint8_t before[16], const uint8_t after[16])
{
	if (memcmp(before, after, 16) != 0)
		compare_add(x, &(struct change){.partition = partition, .what = what, .before = hexadecimal(x->c->arena, before),
			.after = hexadecimal(x->c->arena, after)});
}

/* What KIND is called when its bytes are content that no fact below tells; NULL: facts do. */
static const char *
opaque(enum owner_kind kind)
{
	switch (kind) {
	case OWNER_BOOT_CODE:
		return "boot code";
	case OWNER_BOOT_LOADER:
		return "boot loader";
	case OWNER_BOOT_BLOCK:
		return "boot block";
	case OWNER_UNKNOWN:
		return "bytes that are not understood";
	case OWNER_PARTITION_TABLE:
	case OWNER_GPT_HEADER:
	case OWNER_GPT_ENTRIES:
	case OWNER_SUPERBLOCK:
	case OWNER_DESCRIPTORS:
	case OWNER_RESERVED_GDT:
	case OWNER_BLOCK_BITMAP:
	case OWNER_INODE_BITMAP:
	case OWNER_INODE:
	case OWNER_FREE_INODES:
	case OWNER_DIRECTORY:
	case OWNER_MAP:
	case OWNER_ATTRIBUTES:
	case OWNER_LINK:
	case OWNER_DATA:
	case OWNER_SLACK:
	case OWNER_JOURNAL:
	case OWNER_FREE:
	case OWNER_GAP:
		break;
	}
	return NULL;
}

/* Bytes that are compared as such. */
static void
compare_opaque(struct comparison *x)
{
	for (size_t i = 0; i < x->diff->byte_row_count; i++) {
		const struct differing *d = &x->diff->bytes[i];
		const char *before = d->before ? opaque(d->before->kind) : NULL, *after = d->after ? opaque(d->after->kind) : NULL;

		if (before || after)
			compare_add(x, &(struct change){.what = before ? before : after,
				.before = arena_printf(x->c->arena, "%" PRIu64 " bytes from %" PRIu64 " on", d->count, d->first),
				.after = "others"});
	}
}

void
compare_disk(struct comparison *x)
{
	const struct layout *a = x->diff->before->layout, *b = x->diff->after->layout;

	number(x, 0, "size in bytes", x->diff->before->size, x->diff->after->size, true);
	number(x, 0, "kind of partition table", a->table, b->table, false);
	number(x, 0, "disk signature", a->disk_id, b->disk_id, false);
	identity(x, 0, "disk GUID", a->disk_guid, b->disk_guid);
	number(x, 0, "partitions", a->partition_count, b->partition_count, false);
	compare_opaque(x);
}

static void
compare_ext(struct comparison *x, uint32_t n, const struct ext_layout *a, const struct ext_layout *b)
{
	number(x, n, "block size", a->block_size, b->block_size, true);
	number(x, n, "blocks", a->block_count, b->block_count, true);
	number(x, n, "reserved blocks", a->reserved_blocks, b->reserved_blocks, true);
	number(x, n, "blocks per group", a->blocks_per_group, b->blocks_per_group, true);
	number(x, n, "inodes", a->inode_count, b->inode_count, true);
	number(x, n, "inode size", a->inode_size, b->inode_size, true);
	number(x, n, "blocks of the journal", a->journal.count, b->journal.count, true);
	number(x, n, "compatible features", a->feature_compat, b->feature_compat, false);
	number(x, n, "incompatible features", a->feature_incompat, b->feature_incompat, false);
	number(x, n, "read-only compatible features", a->feature_ro_compat, b->feature_ro_compat, false);
	identity(x, n, "file system's UUID", a->uuid, b->uuid);
	identity(x, n, "hash seed", a->hash_seed, b->hash_seed);
	if (strcmp(a->label, b->label) != 0)
		compare_add(x, &(struct change){.partition = n, .what = "label", .before = a->label, .after = b->label});
}

void
compare_partition(struct comparison *x, const struct partition_layout *a, const struct partition_layout *b)
{
	number(x, a->number, "number", a->number, b->number, false);
	number(x, a->number, "first sector", a->first_lba, b->first_lba, true);
	number(x, a->number, "sectors", a->sector_count, b->sector_count, true);
	number(x, a->number, "type in the MBR", a->mbr_type, b->mbr_type, false);
	identity(x, a->number, "type GUID", a->type_guid, b->type_guid);
	identity(x, a->number, "partition's GUID", a->guid, b->guid);
	number(x, a->number, "bootable", a->bootable, b->bootable, false);
	if (a->ext && b->ext)
		compare_ext(x, a->number, a->ext, b->ext);
	else if (a->ext || b->ext)
		compare_add(x, &(struct change){.partition = a->number, .what = "file system", .before = a->ext ? "ext" : NULL,
			.after = b->ext ? "ext" : NULL});
}

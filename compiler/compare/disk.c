/* Decides in which parameters two disks, their partitions and file systems differ. */
#include "compare/stages.h"

#include <inttypes.h>
#include <string.h>

#include "model/fat.h"
#include "model/features.h"
#include "support/calendar.h"
#include "support/text.h"

/* A number that both have. */
static void
number(struct comparison *x, uint32_t partition, const char *what, uint64_t before, uint64_t after, bool is_layout)
{
	struct arena *a = x->c->arena;

	if (before != after)
		compare_add(x, &(struct change){.partition = partition, .what = what, .is_layout = is_layout,
			.before = arena_printf(a, "%" PRIu64, before), .after = arena_printf(a, "%" PRIu64, after)});
}

/* A number whose bits are what counts. */
static void
bits(struct comparison *x, uint32_t partition, const char *what, uint32_t before, uint32_t after)
{
	struct arena *a = x->c->arena;

	if (before != after)
		compare_add(x, &(struct change){.partition = partition, .what = what, .before = arena_printf(a, "0x%" PRIx32, before),
			.after = arena_printf(a, "0x%" PRIx32, after)});
}

static void
texts(struct comparison *x, uint32_t partition, const char *what, const char *before, const char *after)
{
	if (strcmp(before, after) != 0)
		compare_add(x, &(struct change){.partition = partition, .what = what, .before = before, .after = after});
}

static void
uuid(struct comparison *x, uint32_t partition, const char *what, const uint8_t before[16], const uint8_t after[16])
{
	texts(x, partition, what, text_uuid(x->c->arena, before), text_uuid(x->c->arena, after));
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
	case OWNER_BOOT_SECTOR:
		return "boot sector of a FAT";
	case OWNER_SWAP_HEADER:
		return "header of swap space";
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
	case OWNER_FSINFO:
	case OWNER_FAT:
	case OWNER_FAT_DIRECTORY:
	case OWNER_FAT_DATA:
	case OWNER_FAT_SLACK:
	case OWNER_FREE:
	case OWNER_GAP:
		break;
	}
	return NULL;
}

/* Whether ROW is in a field of something that facts tell, but for some of its fields; these are content as well. */
static bool
is_told(const struct differing *row, const struct owner *o)
{
	static const char *const boot_sector[] = {"BS_jmpBoot", "BS_OEMName", "BPB_Media", "BPB_ExtFlags", "BPB_FSVer", "BS_DrvNum", "boot code"};
	static const char *const swap_header[] = {"sws_uuid", "sws_volume", "last_page"};

	if (o->kind == OWNER_BOOT_SECTOR)
		return o->number || !row->field || !text_is_in(boot_sector, sizeof boot_sector / sizeof *boot_sector, row->field->name);
	return o->kind == OWNER_SWAP_HEADER &&
		(!row->field || text_is_in(swap_header, sizeof swap_header / sizeof *swap_header, row->field->name));
}

static bool
is_opaque(const struct differing *row, const struct owner *o)
{
	return o && opaque(o->kind) && !is_told(row, o);
}

/*
 * The owner, in one of the images, that makes a row bytes which are compared as such; NULL: none does. A boot block counts only
 * beside something of its kind: where a partition begins elsewhere, anything stands in its place.
 */
static const struct owner *
opaque_owner(const struct differing *row, bool *is_before)
{
	bool is_after = is_opaque(row, row->after);

	*is_before = is_opaque(row, row->before);
	if (*is_before && row->before->kind == OWNER_BOOT_BLOCK && !is_after)
		return NULL;
	if (is_after && row->after->kind == OWNER_BOOT_BLOCK && !*is_before)
		return NULL;
	return *is_before ? row->before : is_after ? row->after : NULL;
}

/* Whether ROW goes on where LAST ends, with bytes of the same kind in the same partition. */
static bool
goes_on(const struct owner *last, const struct owner *next)
{
	return next && last->kind == next->kind && last->partition == next->partition && last->offset + last->size >= next->offset;
}

/* The number of the partition that O is in; 0: it is in none. */
static uint32_t
partition_of(const struct layout *layout, const struct owner *o)
{
	return o->partition < 0 ? 0 : layout->partitions[o->partition].number;
}

/* Bytes of PARTITION (0: in none) that are compared as such: one finding for each run of stretches that touch. */
static void
compare_opaque(struct comparison *x, uint32_t partition)
{
	const struct diff *d = x->diff;

	for (size_t i = 0; i < d->byte_row_count;) {
		bool is_before, other;
		const struct owner *o = opaque_owner(&d->bytes[i], &is_before), *last = o;
		const struct layout *layout = is_before ? d->before->layout : d->after->layout;
		uint64_t count = d->bytes[i].count, first = d->bytes[i].first;

		for (i++; o && i < d->byte_row_count; i++) {
			const struct owner *next = opaque_owner(&d->bytes[i], &other);

			if (other != is_before || !goes_on(last, next))
				break;
			last = next;
			count += d->bytes[i].count;
		}
		if (o && partition_of(layout, o) == partition)
			compare_add(x, &(struct change){.partition = partition, .what = opaque(o->kind), .note = arena_printf(x->c->arena, count == 1 ?
					"%" PRIu64 " byte differs: byte %" PRIu64 : "%" PRIu64 " bytes differ, the first is byte %" PRIu64, count, first)});
	}
}

void
compare_disk(struct comparison *x)
{
	const struct layout *a = x->diff->before->layout, *b = x->diff->after->layout;

	number(x, 0, "size in bytes", x->diff->before->size, x->diff->after->size, true);
	number(x, 0, "sector size", a->sector_size, b->sector_size, true);
	texts(x, 0, "partition table", table_names[a->table], table_names[b->table]);
	if (a->table == b->table) {
		bits(x, 0, "disk signature", a->disk_id, b->disk_id);
		uuid(x, 0, "disk GUID", a->disk_guid, b->disk_guid);
	}
	compare_opaque(x, 0);
}

/* A feature that only one has, from BEFORE to AFTER. */
static void
feature(struct comparison *x, uint32_t partition, const char *name, const char *before, const char *after)
{
	compare_add(x, &(struct change){.partition = partition, .what = arena_printf(x->c->arena, "feature %s", name), .before = before,
		.after = after, .is_layout = !ext_feature_is_choice(name)});
}

/* Each feature that only one has is a finding. */
static void
features(struct comparison *x, uint32_t partition, const struct ext_layout *a, const struct ext_layout *b)
{
	struct arena *arena = x->c->arena;
	size_t before_count, after_count;
	const char *const *before = ext_features(arena, a, &before_count), *const *after = ext_features(arena, b, &after_count);

	for (size_t i = 0; i < before_count; i++)
		if (!text_is_in(after, after_count, before[i]))
			feature(x, partition, before[i], "on", "off");
	for (size_t i = 0; i < after_count; i++)
		if (!text_is_in(before, before_count, after[i]))
			feature(x, partition, after[i], "off", "on");
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
	if (a->journal.count && b->journal.count) /* else a feature says so */
		number(x, n, "blocks of the journal", a->journal.count, b->journal.count, true);
	features(x, n, a, b);
	uuid(x, n, "UUID", a->uuid, b->uuid);
	uuid(x, n, "hash seed", a->hash_seed, b->hash_seed);
	texts(x, n, "label", a->label, b->label);
	if (a->epoch != b->epoch)
		compare_add(x, &(struct change){.partition = n, .what = "created (seconds since 1970)",
			.before = arena_printf(x->c->arena, "%" PRId64, a->epoch), .after = arena_printf(x->c->arena, "%" PRId64, b->epoch),
			.is_layout = true});
}

static void
compare_fat(struct comparison *x, uint32_t n, const struct fat_layout *a, const struct fat_layout *b)
{
	struct arena *arena = x->c->arena;
	struct moment before = calendar_fat(a->date, a->time, a->hundredths), after = calendar_fat(b->date, b->time, b->hundredths);

	texts(x, n, "kind of FAT", arena_printf(arena, "FAT%u", a->bits), arena_printf(arena, "FAT%u", b->bits));
	number(x, n, "sector size", a->sector_size, b->sector_size, true);
	number(x, n, "sectors of the file system", a->sector_count, b->sector_count, true);
	number(x, n, "bytes of a cluster", fat_cluster_bytes(a), fat_cluster_bytes(b), true);
	number(x, n, "clusters", a->cluster_count, b->cluster_count, true);
	number(x, n, "reserved sectors", a->reserved_sectors, b->reserved_sectors, true);
	number(x, n, "sectors of a FAT", a->fat_sectors, b->fat_sectors, true);
	number(x, n, "entries of the root directory", a->root_entries, b->root_entries, true);
	texts(x, n, "volume id", fat_volume_text(arena, a), fat_volume_text(arena, b));
	texts(x, n, "label", fat_label_text(arena, a), fat_label_text(arena, b));
	/* one that is empty and has no label has no entry either, and so no time */
	if (before.given && after.given)
		number(x, n, "created (seconds since 1970)", (uint64_t)before.seconds, (uint64_t)after.seconds, true);
}

static void
compare_swap(struct comparison *x, uint32_t n, const struct swap_layout *a, const struct swap_layout *b)
{
	number(x, n, "pages", a->pages, b->pages, true);
	uuid(x, n, "UUID", a->uuid, b->uuid);
	texts(x, n, "label", a->label, b->label);
}

/* What a partition holds, as far as its form is known. */
static const char *
form_name(const struct partition_layout *p)
{
	if (p->fat)
		return filesystem_names[FILESYSTEM_VFAT];
	if (p->swap)
		return "swap space";
	return p->ext ? filesystem_names[p->ext->kind] : "none that is understood";
}

void
compare_partition(struct comparison *x, const struct partition_layout *a, const struct partition_layout *b)
{
	number(x, a->number, "first sector", a->first_lba, b->first_lba, true);
	number(x, a->number, "sectors", a->sector_count, b->sector_count, true);
	if (x->diff->before->layout->table == x->diff->after->layout->table) {
		texts(x, a->number, "name", a->from->name, b->from->name);
		bits(x, a->number, "type in the MBR", a->mbr_type, b->mbr_type);
		uuid(x, a->number, "type GUID", a->type_guid, b->type_guid);
		uuid(x, a->number, "GUID", a->guid, b->guid);
	}
	texts(x, a->number, "attributes", arena_printf(x->c->arena, "0x%" PRIx64, a->attributes), arena_printf(x->c->arena, "0x%" PRIx64, b->attributes));
	texts(x, a->number, "bootable", a->bootable ? "yes" : "no", b->bootable ? "yes" : "no");
	texts(x, a->number, "file system", form_name(a), form_name(b));
	if (a->ext && b->ext)
		compare_ext(x, a->number, a->ext, b->ext);
	if (a->fat && b->fat)
		compare_fat(x, a->number, a->fat, b->fat);
	if (a->swap && b->swap)
		compare_swap(x, a->number, a->swap, b->swap);
	if (a->first_lba == b->first_lba && a->fat && b->fat) /* else they follow that */
		number(x, a->number, "hidden sectors", a->fat->hidden_sectors, b->fat->hidden_sectors, true);
	compare_opaque(x, a->number);
}

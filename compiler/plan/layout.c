/* Decides the bounds of every partition, and has what lies in it and before it planned. */

#include "plan/plan.h"

#include <inttypes.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	MIB = 1 << 20,          /* bytes; a partition starts on a whole one that does not say where */
	LEAST_DISK = 64 * 1024, /* bytes */
	LARGEST_DISK = 32 << 20, /* MiB */
	DOS_START = 63,         /* sector, where DOS started the first partition */
};

/* Start and length of an MBR's entry have 32 bits, and so libfdisk puts no sector behind number 2^32 - 1. */
static const struct table {
	const char *noun;
	size_t entries;
	uint64_t mbrs;         /* sectors that an MBR takes, be it a protective one */
	bool is_gpt;
	uint64_t most_sectors; /* that it can count to */
} tables[] = {
	[TABLE_MBR] = {"an MBR", 4, 1, false, UINT64_C(1) << 32},
	[TABLE_GPT] = {"a GPT", 128, 1, true, UINT64_MAX},
	[TABLE_NONE] = {"an image without a partition table", 1, 0, false, UINT64_MAX},
};

/* The sectors of a disk whose size is not known yet. Nothing that is added to them overflows. */
static const uint64_t ENDLESS = UINT64_C(1) << 62;

/* The sectors [first, end) of a partition. */
struct place {
	uint64_t first, end;
	bool follows; /* without a start of its own: a mistake in the one before moves it */
	bool sized;   /* end - first is what the manifest says, whatever becomes of first */
	struct ext_layout *ext; /* with SIZE_MIN, which they decide */
	struct fat_layout *fat;
	bool bad;
};

struct placing {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const struct boot *boot;
	const struct tree *tree;
	struct layout *layout;
	const struct table *table;
	uint64_t head, tail;  /* sectors that the table takes at both ends of the disk */
	uint64_t alignment;   /* sectors of a MiB */
	uint32_t sector_size;
	struct place *places; /* one for each partition of the manifest */
	uint64_t disk_sectors;
	uint64_t end;         /* of the sectors that partitions may have */
	bool failed;
};

/* Another mistake. */
static struct diag *
fail(struct placing *p, struct diag *d)
{
	p->failed = true;
	return d;
}

/* Where a sector more or less decides, nothing is rounded. */
static const char *
sectors_text(struct placing *p, uint64_t sectors)
{
	if (sectors % p->alignment)
		return text_count(p->c->arena, sectors, "sector", "sectors");
	if (sectors % (p->alignment * 1024))
		return arena_printf(p->c->arena, "%" PRIu64 " MiB", sectors / p->alignment);
	return text_bytes(p->c->arena, sectors > UINT64_MAX / p->sector_size ? UINT64_MAX : sectors * p->sector_size);
}

static bool
whole_sectors(struct placing *p, const struct m_size *size, const char *what)
{
	const uint64_t below = size->bytes / p->sector_size;
	struct diag *d;

	if (size->bytes % p->sector_size == 0)
		return true;
	d = fail(p, diag(&p->c->diags, DIAG_SECTOR_FRACTION, size->at, "%s is no whole number of sectors", what));
	if (p->m->disk.sector_size.given)
		diag_note(d, p->m->disk.sector_size.at, "the disk's sectors have %" PRIu32 " bytes", p->sector_size);
	if (below)
		diag_help(d, "the nearest are %" PRIu64 "s and %" PRIu64 "s of %" PRIu32 " bytes", below, below + 1, p->sector_size);
	else
		diag_help(d, "the least is 1s of %" PRIu32 " bytes", p->sector_size);
	return false;
}

/* Where the nearest partition behind FIRST starts that says where it starts, or else the disk's end. */
static uint64_t
end_of_rest(const struct placing *p, uint64_t first)
{
	uint64_t end = p->end;

	for (size_t i = 0; i < p->m->partition_count; i++) {
		const struct m_size *start = &p->m->partitions[i].start;

		if (start->given && start->bytes / p->sector_size > first && start->bytes / p->sector_size < end)
			end = start->bytes / p->sector_size;
	}
	return end > first ? end : first;
}

/* What is mounted on FROM, or NULL. */
static struct node *
root_of(const struct placing *p, const struct m_partition *from)
{
	struct node *root = from->mount.v ? tree_find(p->tree, from->mount.v) : NULL;

	ASSERT(root || !from->mount.v);
	return root;
}

/* The sectors that a partition with `size: min` takes; 0 with diagnostics. */
static uint64_t
smallest(struct placing *p, const struct m_partition *from, struct place *place)
{
	const struct content *raw = p->closure->raws ? p->closure->raws[from - p->m->partitions] : NULL;

	if (from->raw.v && !raw)
		return 1; /* without the inputs nobody knows */
	if (raw && raw->size)
		return (raw->size + p->sector_size - 1) / p->sector_size;
	if (!from->filesystem.given) {
		diag_help(fail(p, diag(&p->c->diags, DIAG_SIZE_UNDECIDED, from->size.at,
			"partition '%s' holds nothing of which rootc knows how small it can be", from->name)),
			"write a size, or give it a file system or a 'raw' file that is not empty");
		return 0;
	}
	if (from->filesystem.type.v == FILESYSTEM_VFAT) {
		place->fat = plan_fat(p->c, p->m, from, root_of(p, from), place->first, 0);
		p->failed |= !place->fat;
		return place->fat ? place->fat->sector_count : 0;
	}
	place->ext = plan_ext(p->c, p->m, from, root_of(p, from), 0);
	p->failed |= !place->ext;
	return place->ext ? place->ext->block_count * (place->ext->block_size / p->sector_size) : 0;
}

static uint64_t
end_of(struct placing *p, const struct m_partition *from, struct place *place)
{
	switch (from->size.kind) {
	case SIZE_REST:
		return end_of_rest(p, place->first);
	case SIZE_MIN:
		return place->first + smallest(p, from, place);
	case SIZE_BYTES:
	case SIZE_PERCENT:
		break;
	}
	return place->first + from->size.bytes / p->sector_size;
}

/* In sectors, no sum of what 64-bit byte counts say overflows. */
static void
place_partition(struct placing *p, size_t i)
{
	const struct m_partition *from = &p->m->partitions[i];
	struct place *place = &p->places[i];

	place->sized = from->size.kind == SIZE_BYTES && whole_sectors(p, &from->size, "the partition's size");
	place->bad = from->size.kind == SIZE_BYTES && !place->sized;
	place->follows = !from->start.given;
	if (from->start.given) {
		place->first = from->start.bytes / p->sector_size;
		place->bad |= !whole_sectors(p, &from->start, "the partition's start");
	} else {
		place->first = i ? (p->places[i - 1].end + p->alignment - 1) / p->alignment * p->alignment : p->head ? p->alignment : 0;
	}
	place->end = end_of(p, from, place);
	place->bad |= from->size.kind == SIZE_MIN && place->end == place->first;
}

/* A disk that ends with its last partition: there is no rest of it, but for what lies in front of another partition. */
static void
end_disk(struct placing *p)
{
	uint64_t end = LEAST_DISK / p->sector_size, most = LARGEST_DISK * p->alignment;

	for (size_t i = 0; i < p->m->partition_count; i++) {
		const struct m_partition *from = &p->m->partitions[i];

		if (from->size.kind == SIZE_REST && p->places[i].end == ENDLESS) {
			p->places[i].bad = true;
			diag_help(diag_note(fail(p, diag(&p->c->diags, DIAG_SIZE_UNDECIDED, from->size.at,
				"partition '%s' takes the rest of a disk that is as small as can be", from->name)),
				p->m->disk.size.at, "the disk ends with its last partition"),
				"write 'size: min' or a size");
		} else if (!p->places[i].bad && p->places[i].end > end) {
			end = p->places[i].end;
		}
	}
	end += p->tail;
	p->disk_sectors = end < most ? end : most;
	p->end = p->disk_sectors - p->tail;
}

static struct span
start_span(const struct m_partition *p)
{
	return p->start.given ? p->start.at : p->key_at;
}

/* The first sector behind the partition table and, with GRUB, the boot code behind it. */
static uint64_t
first_free_sector(const struct placing *p)
{
	if (p->head > 1 || !p->closure->boot.stage1)
		return p->head;
	return 1 + (p->closure->boot.stage1_5_size + BIOS_SECTOR - 1) / BIOS_SECTOR;
}

static bool
starts_late_enough(struct placing *p, const struct m_partition *from, const struct place *place)
{
	uint64_t least = first_free_sector(p), custom = p->sector_size == SECTOR_USUAL && least < DOS_START ? DOS_START : least;
	struct diag *d;

	if (place->first >= least)
		return true;
	d = fail(p, diag(&p->c->diags, DIAG_PARTITION_TOO_EARLY, start_span(from),
		"partition '%s' starts at sector %" PRIu64 ", before the first free one, %" PRIu64,
		from->name, place->first, least));
	if (p->head > 1)
		diag_note(d, p->m->disk.table.at, "the first %" PRIu64 " sectors hold the GPT", p->head);
	else if (least > 1)
		diag_note(d, p->m->grub.at, "sectors 1 to %" PRIu64 " hold GRUB's e2fs_stage1_5", least - 1);
	diag_help(d, "write 'start: %" PRIu64 "s' or more; without 'start' it is 1MiB", custom);
	return false;
}

static bool
has_sectors(struct placing *p, const struct m_partition *from, const struct place *place)
{
	if (place->end > place->first || (from->size.kind == SIZE_REST && place->first >= p->end))
		return true;
	fail(p, diag(&p->c->diags, DIAG_PARTITION_EMPTY, from->size.at, "partition '%s' has no sector", from->name));
	return false;
}

/* The disk size, in whole MiB, that would hold all partitions. */
static uint64_t
wanted_mib(const struct placing *p)
{
	uint64_t end = 0;

	for (size_t i = 0; i < p->m->partition_count; i++) {
		bool rest = p->m->partitions[i].size.kind == SIZE_REST;

		if (p->places[i].end + rest > end)
			end = p->places[i].end + rest;
	}
	return (end + p->tail + p->alignment - 1) / p->alignment;
}

/* What helps beside a larger disk, or why nothing else does. */
static const char *
other_way(const struct placing *p, const struct m_partition *from, const struct place *place)
{
	if (place->first >= p->end && from->start.given)
		return ", or let it start earlier";
	if (place->first >= p->end && from == p->m->partitions)
		return ": the first MiB is kept for the partition table and boot code";
	return ", or make the partitions smaller";
}

static bool
ends_on_disk(struct placing *p, const struct m_partition *from, const struct place *place)
{
	uint64_t end = p->end;
	struct diag *d;

	if (place->end <= end && place->first < end)
		return true;
	if (place->first >= end)
		d = diag(&p->c->diags, DIAG_DISK_TOO_SMALL, start_span(from),
			"partition '%s' starts at sector %" PRIu64 ", but the disk has %" PRIu64 " sectors%s",
			from->name, place->first, end, p->tail ? " for partitions" : "");
	else
		d = diag_label(diag(&p->c->diags, DIAG_DISK_TOO_SMALL, from->size.at,
			"partition '%s' ends %s past the end of the disk",
			from->name, text_count(p->c->arena, place->end - end, "sector", "sectors")),
			"%s left from sector %" PRIu64 " on", sectors_text(p, end - place->first), place->first);
	diag_note(d, p->m->disk.size.at, "the disk has %s", sectors_text(p, p->disk_sectors));
	if (p->tail)
		diag_note(d, p->m->disk.table.at, "the last %" PRIu64 " sectors hold the copy of the GPT", p->tail);
	if (place->follows && from > p->m->partitions && from[-1].size.kind == SIZE_REST)
		diag_note(d, from[-1].size.at, "'%s' takes the rest of it", from[-1].name);
	if (wanted_mib(p) <= LARGEST_DISK)
		diag_help(fail(p, d), "set 'size: %" PRIu64 "MiB' in 'disk'%s", wanted_mib(p), other_way(p, from, place));
	else
		diag_help(fail(p, d), "make the partitions smaller: a disk has at most 32 TiB");
	return false;
}

static bool
fits_table(struct placing *p, const struct m_partition *from, const struct place *place)
{
	if (place->end <= p->table->most_sectors)
		return true;
	diag_help(fail(p, diag(&p->c->diags, DIAG_MBR_LIMIT, from->size.at,
		"partition '%s' ends at sector %" PRIu64 ", but an MBR counts to 4294967295",
		from->name, place->end - 1)),
		"end it below %s", p->sector_size == SECTOR_USUAL ? "2TiB" : "16TiB");
	return false;
}

static bool
overlaps_none(struct placing *p, size_t i)
{
	const struct m_partition *from = &p->m->partitions[i];
	const struct place *place = &p->places[i];

	for (size_t k = 0; k < i; k++) {
		const struct m_partition *other = &p->m->partitions[k];
		const struct place *taken = &p->places[k];
		struct diag *d;

		if (taken->bad || place->first >= taken->end || taken->first >= place->end)
			continue;
		d = fail(p, diag(&p->c->diags, DIAG_PARTITION_OVERLAP,
			from->start.given ? from->start.at : from->size.at,
			"partition '%s' overlaps '%s'", from->name, other->name));
		diag_label(d, "sectors %" PRIu64 " to %" PRIu64, place->first, place->end - 1);
		diag_note(d, other->key_at, "'%s' has sectors %" PRIu64 " to %" PRIu64,
			other->name, taken->first, taken->end - 1);
		return false;
	}
	return true;
}

/* Reports the first thing that is wrong with a place; the partitions that follow it from there are not to blame. */
static void
check_place(struct placing *p, size_t i)
{
	const struct m_partition *from = &p->m->partitions[i];
	struct place *place = &p->places[i];

	place->bad |= place->follows && i && p->places[i - 1].bad;
	if (!place->bad)
		place->bad = !(starts_late_enough(p, from, place) && has_sectors(p, from, place) &&
			ends_on_disk(p, from, place) && fits_table(p, from, place) && overlaps_none(p, i));
}

static void
set_fat(const struct placing *p, struct partition_layout *to, struct fat_layout *fat)
{
	to->fat = fat;
	if (!to->from->type.given && p->layout->table != TABLE_NONE)
		to->mbr_type = plan_fat_type(to->from, fat);
}

/*
 * A size that is right can be filled even where the place is wrong: what is in it may be another mistake. But not in a partition
 * that the table has no room for: there can be thousands.
 */
static void
plan_contents(struct placing *p, size_t i)
{
	const struct m_partition *from = &p->m->partitions[i];
	const struct place *place = &p->places[i];
	struct partition_layout *to = &p->layout->partitions[i];
	struct fat_layout *fat;

	*to = (struct partition_layout){
		.from = from,
		.number = (uint32_t)i + 1,
		.first_lba = place->first,
		.sector_count = place->end - place->first,
		.bootable = from->bootable.v,
	};
	p->failed |= !plan_partition_type(p->c, p->m, from, to);
	to->root = root_of(p, from);
	to->ext = place->ext;
	if (place->fat)
		set_fat(p, to, place->fat);
	if (!place->bad || place->sized) {
		p->failed |= !plan_swap(p->c, p->m, from, to);
		p->failed |= !plan_raw(p->c, p->closure, p->m, from, to);
	}
	if (from->size.kind == SIZE_MIN || !from->filesystem.given || i >= p->table->entries || (place->bad && !place->sized) ||
	    to->sector_count == 0 || to->sector_count > p->table->most_sectors)
		return;
	if (from->filesystem.type.v != FILESYSTEM_VFAT) {
		to->ext = plan_ext(p->c, p->m, from, to->root, layout_bytes(p->layout, to));
		p->failed |= !to->ext;
		return;
	}
	fat = plan_fat(p->c, p->m, from, to->root, to->first_lba, layout_bytes(p->layout, to));
	p->failed |= !fat;
	if (fat)
		set_fat(p, to, fat);
}

static void
check_count(struct placing *p)
{
	const struct manifest *m = p->m;

	if (m->partition_count > p->table->entries)
		fail(p, diag_label(diag(&p->c->diags, DIAG_TOO_MANY_PARTITIONS, m->partitions[p->table->entries].key_at,
			"%s has room for %s, not %zu", p->table->noun, text_count(p->c->arena, p->table->entries, "partition", "partitions"),
			m->partition_count),
			"number %zu", p->table->entries + 1));
}

static bool
plan_regions(struct placing *p)
{
	switch ((enum grub_version)p->m->grub.version.v) {
	case GRUB_LEGACY:
		return plan_grub_legacy_regions(p->c, p->m, p->closure, p->layout);
	case GRUB_2:
		return plan_grub2_regions(p->c, p->m, p->closure, p->boot, p->layout);
	}
	BUG("a version of GRUB that is none");
}

/* Gives every partition its place on the disk, in the manifest's order. */
const struct layout *
plan_layout(struct compilation *c, const struct manifest *m, const struct closure *closure, const struct boot *boot,
	const struct tree *tree)
{
	struct layout *layout = ARENA_NEW(c->arena, struct layout);
	const uint32_t sector_size = (uint32_t)m->disk.sector_size.bytes;
	struct placing p = {
		.c = c,
		.m = m,
		.closure = closure,
		.boot = boot,
		.tree = tree,
		.layout = layout,
		.places = ARENA_ARRAY(c->arena, struct place, m->partition_count),
		.table = &tables[m->disk.table.v],
		.sector_size = sector_size,
		.alignment = MIB / sector_size,
		.disk_sectors = m->disk.size.kind == SIZE_MIN ? ENDLESS : m->disk.size.bytes / sector_size,
	};

	*layout = (struct layout){
		.table = (enum table_kind)m->disk.table.v,
		.sector_size = sector_size,
		.disk_id = m->disk.table.v == TABLE_NONE ? 0 : identity_disk(m),
		.partitions = ARENA_ARRAY(c->arena, struct partition_layout, m->partition_count),
		.partition_count = m->partition_count,
	};
	if (layout->table != TABLE_NONE)
		identity_disk_guid(m, layout->disk_guid);
	p.tail = p.table->is_gpt ? gpt_sectors(sector_size) : 0;
	p.head = p.table->mbrs + p.tail;
	p.end = p.disk_sectors == ENDLESS ? ENDLESS : p.disk_sectors - p.tail;
	whole_sectors(&p, &m->disk.size, "the disk's size");
	check_count(&p);
	for (size_t i = 0; i < m->partition_count; i++)
		place_partition(&p, i);
	if (m->disk.size.kind == SIZE_MIN)
		end_disk(&p);
	layout->disk_bytes = p.disk_sectors * sector_size;
	for (size_t i = 0; i < m->partition_count; i++) {
		check_place(&p, i);
		plan_contents(&p, i);
	}
	p.failed |= !plan_boot_code(c, m, closure, layout);
	if (m->grub.given)
		p.failed |= !plan_regions(&p);
	return p.failed ? NULL : layout;
}

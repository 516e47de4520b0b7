/* Decides what an ext2, ext3 or ext4 file system is: its superblock, group descriptors and bitmaps (kernel documentation, ext4). */
#include "load/ext.h"

#include <inttypes.h>
#include <string.h>

#include "model/features.h"
#include "support/integer.h"
#include "support/memory.h"
#include "support/text.h"

/* Offsets in the superblock. */
enum {
	SUPER_AT = 1024,
	S_MAGIC = 56,
	S_CHECKSUM = 1020,
	EXT_MAGIC = 0xef53,
};

enum { INODE_MAP = 40, INODE_ATTRIBUTES = 104 }; /* offsets in an inode */

enum { GROUP_BLOCKS_LEAST = 256, GROUP_BLOCK_UNINIT = 2, GROUP_INODE_UNINIT = 1 };

/* What is understood: else nothing behind the superblock may be read. */
enum {
	NEEDS_RECOVERY = 0x4,
	INCOMPAT_KNOWN = EXT_INCOMPAT_FILETYPE | EXT_INCOMPAT_EXTENTS | EXT_INCOMPAT_64BIT |
		EXT_INCOMPAT_FLEX_BG | EXT_INCOMPAT_CSUM_SEED | NEEDS_RECOVERY,
	RO_BIGALLOC = 0x200,
};

/* Where the number stands of the first of the blocks that group or inode NUMBER has as KIND: in its descriptor, or its inode. */
static uint64_t
place_of(const struct ext_loader *e, enum owner_kind kind, uint64_t number)
{
	const struct ext_layout *l = e->layout;
	uint64_t index = number - 1;

	if (kind <= OWNER_INODE_BITMAP)
		return ext_at(e, l->first_data_block + 1) + number * l->descriptor_size;
	return ext_at(e, l->groups[index / l->inodes_per_group].inode_table) + index % l->inodes_per_group * l->inode_size +
		(kind == OWNER_ATTRIBUTES ? INODE_ATTRIBUTES : INODE_MAP);
}

bool
ext_take(struct ext_loader *e, uint64_t first, uint64_t count, enum owner_kind kind, uint64_t number)
{
	const struct ext_layout *l = e->layout;

	if (first < l->first_data_block || count > l->block_count || first > l->block_count - count) {
		load_finding(e->l, FINDING_INVALID, place_of(e, kind, number), 0, "%s %" PRIu64 " has blocks from %" PRIu64 " on, %" PRIu64
			" of them, which the file system does not have", kind <= OWNER_INODE_BITMAP ? "group" : "inode", number, first, count);
		return false;
	}
	for (uint64_t b = first; b < first + count; b++)
		if (e->claimed[b / 8] & 1 << b % 8) {
			load_finding(e->l, FINDING_SHARED, ext_at(e, b), l->block_size, "block %" PRIu64 " of %s %" PRIu64 " has another owner already",
				b, kind <= OWNER_INODE_BITMAP ? "group" : "inode", number);
			return false;
		}
	for (uint64_t b = first; b < first + count; b++)
		e->claimed[b / 8] |= (unsigned char)(1 << b % 8);
	return true;
}

bool
ext_claim(struct ext_loader *e, uint64_t first, uint64_t count, enum owner_kind kind, uint64_t number, uint64_t logical)
{
	if (!ext_take(e, first, count, kind, number))
		return false;
	load_claim(e->l, &(struct owner){.offset = ext_at(e, first), .size = count * e->layout->block_size, .kind = kind,
		.partition = e->l->partition, .number = number, .logical = logical});
	return true;
}

unsigned char *
ext_block(struct ext_loader *e, uint64_t block, const char *what)
{
	return load_bytes(e->l, ext_at(e, block), e->layout->block_size, what);
}

static enum filesystem_kind
kind_of(const struct ext_layout *l)
{
	if (l->feature_incompat & (EXT_INCOMPAT_EXTENTS | EXT_INCOMPAT_64BIT | EXT_INCOMPAT_FLEX_BG) ||
	    l->feature_ro_compat & (EXT_RO_HUGE_FILE | EXT_RO_METADATA_CSUM | EXT_RO_GDT_CSUM | 0x60))
		return FILESYSTEM_EXT4;
	return l->feature_compat & EXT_COMPAT_HAS_JOURNAL ? FILESYSTEM_EXT3 : FILESYSTEM_EXT2;
}

static bool
has_super(const struct ext_loader *e, uint32_t group)
{
	const struct ext_layout *l = e->layout;

	if (l->feature_compat & EXT_COMPAT_SPARSE_SUPER2)
		return group == 0 || group == e->backup_groups[0] || group == e->backup_groups[1];
	if (group <= 1 || !(l->feature_ro_compat & EXT_RO_SPARSE_SUPER))
		return true;
	for (uint32_t base = 3; base <= 7; base += 2) {
		uint64_t power = base;

		while (power < group)
			power *= base;
		if (power == group)
			return true;
	}
	return false;
}

static void
get_fields(struct ext_layout *l, const unsigned char *s)
{
	uint32_t log = get32(s + 24), small = get32(s + 76) == 0;

	l->block_size = log <= 6 ? 1024u << log : 0;
	l->feature_compat = get32(s + 92);
	l->feature_incompat = get32(s + 96);
	l->feature_ro_compat = get32(s + 100);
	l->inode_count = get32(s);
	l->block_count = get32(s + 4);
	l->reserved_blocks = get32(s + 8);
	l->free_blocks = get32(s + 12);
	l->descriptor_size = 32;
	if (l->feature_incompat & EXT_INCOMPAT_64BIT) {
		l->block_count |= (uint64_t)get32(s + 336) << 32;
		l->reserved_blocks |= (uint64_t)get32(s + 340) << 32;
		l->free_blocks |= (uint64_t)get32(s + 344) << 32;
		l->descriptor_size = get16(s + 254);
	}
	l->free_inodes = get32(s + 16);
	l->first_data_block = get32(s + 20);
	l->blocks_per_group = get32(s + 32);
	l->inodes_per_group = get32(s + 40);
	l->inode_size = small ? 128 : get16(s + 88);
	memcpy(l->uuid, s + 104, 16);
	memcpy(l->label, s + 120, 16);
	memcpy(l->hash_seed, s + 236, 16);
	/* mkfs_time, whose upper byte stands alone */
	l->epoch = (int64_t)((uint64_t)s[0x276] << 32 | get32(s + 264));
	l->kind = kind_of(l);
}

/* Whether all that follows can be computed from the superblock's numbers; else says which is absurd. It lies at AT. */
static bool
check_fields(struct loader *loader, const struct ext_layout *l, uint64_t at, uint64_t size)
{
	const struct {
		const char *name;
		unsigned offset, size; /* in the superblock */
		bool good;
	} fields[] = {
		{"block size", 24, 4, l->block_size >= 1024 && l->block_size <= 65536},
		{"number of blocks", 4, 4, l->block_count > 0},
		{"first block", 20, 4, l->first_data_block == (l->block_size == 1024 ? 1u : 0u)},
		{"size of inodes", 88, 2, l->inode_size >= 128 && l->inode_size <= l->block_size && is_power_of_two(l->inode_size)},
		{"number of blocks in a group", 32, 4, l->blocks_per_group >= GROUP_BLOCKS_LEAST && l->blocks_per_group <= 8 * l->block_size},
		{"number of inodes in a group", 40, 4, l->inodes_per_group && l->inodes_per_group <= 8 * l->block_size && l->inodes_per_group % 8 == 0},
		{"size of group descriptors", 254, 2, l->descriptor_size >= 32 && l->descriptor_size <= 1024 && is_power_of_two(l->descriptor_size)},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!fields[i].good) {
			load_finding(loader, FINDING_INVALID, at + fields[i].offset, fields[i].size, "the superblock's %s cannot be", fields[i].name);
			return false;
		}
	if (l->block_count > size / l->block_size)
		load_finding(loader, FINDING_TRUNCATED, at + 4, 4, "the file system has %" PRIu64 " blocks, but there is room for %" PRIu64 " only",
			l->block_count, size / l->block_size);
	else if ((l->block_count - l->first_data_block + l->blocks_per_group - 1) / l->blocks_per_group * l->inodes_per_group != l->inode_count)
		load_finding(loader, FINDING_INVALID, at, 4, "the superblock's number of inodes is not that of all groups");
	else
		return true;
	return false;
}

static void
check_super(struct ext_loader *e, uint64_t at, const unsigned char *s, const char *what)
{
	if (e->has_checksums && checksum_crc32c(UINT32_MAX, s, S_CHECKSUM) != get32(s + S_CHECKSUM))
		load_finding(e->l, FINDING_CHECKSUM, at, EXT_SUPERBLOCK_SIZE, "%s has a wrong checksum", what);
}

/* Whether the first SIZE bytes of TABLE, of group descriptors, have what group INDEX's checksum says. */
static void
check_descriptor(struct ext_loader *e, uint32_t index, uint64_t at, unsigned char *d)
{
	const struct ext_layout *l = e->layout;
	unsigned char number[4];
	uint32_t stored = get16(d + 30), sum;

	put32(number, index);
	if (e->has_checksums) {
		put16(d + 30, 0);
		sum = checksum_crc32c(checksum_crc32c(e->seed, number, 4), d, l->descriptor_size) & 0xffff;
		put16(d + 30, stored);
	} else if (l->feature_ro_compat & EXT_RO_GDT_CSUM) {
		sum = checksum_crc16(checksum_crc16(checksum_crc16(UINT16_MAX, l->uuid, 16), number, 4), d, 30);
		if (l->descriptor_size > 32)
			sum = checksum_crc16((uint16_t)sum, d + 32, l->descriptor_size - 32);
	} else {
		return;
	}
	if (sum != stored)
		load_finding(e->l, FINDING_CHECKSUM, at, l->descriptor_size, "the descriptor of group %" PRIu32 " has a wrong checksum", index);
}

static void
get_group(struct ext_layout *l, uint32_t index, const unsigned char *d)
{
	struct ext_group *g = &l->groups[index];
	bool large = l->descriptor_size >= 64;

	g->first_block = l->first_data_block + (uint64_t)index * l->blocks_per_group;
	g->block_count = (uint32_t)(l->block_count - g->first_block < l->blocks_per_group ?
		l->block_count - g->first_block : l->blocks_per_group);
	g->block_bitmap = get32(d) | (large ? (uint64_t)get32(d + 32) << 32 : 0);
	g->inode_bitmap = get32(d + 4) | (large ? (uint64_t)get32(d + 36) << 32 : 0);
	g->inode_table = get32(d + 8) | (large ? (uint64_t)get32(d + 40) << 32 : 0);
	g->free_blocks = get16(d + 12) | (large ? get16(d + 44) << 16 : 0);
	g->free_inodes = get16(d + 14) | (large ? get16(d + 46) << 16 : 0);
	g->directories = get16(d + 16) | (large ? get16(d + 48) << 16 : 0);
	g->unused_inodes = get16(d + 28) | (large ? get16(d + 50) << 16 : 0);
	g->untouched = (get16(d + 18) & (GROUP_BLOCK_UNINIT | GROUP_INODE_UNINIT)) == (GROUP_BLOCK_UNINIT | GROUP_INODE_UNINIT);
}

/* The block of a superblock. Where blocks are larger than 1 KiB, the boot block is in the same one as the first superblock. */
static bool
claim_super(struct ext_loader *e, uint32_t index)
{
	const struct ext_layout *l = e->layout;
	uint64_t first = l->groups[index].first_block, skip = first == 0 ? SUPER_AT : 0;

	if (!ext_take(e, first, 1, OWNER_SUPERBLOCK, index))
		return false;
	load_claim(e->l, &(struct owner){.offset = ext_at(e, first) + skip, .size = l->block_size - skip, .kind = OWNER_SUPERBLOCK,
		.partition = e->l->partition, .number = index});
	return true;
}

/*
 * The superblock and descriptors at the start of a group. Linux keeps only the first ones up to date, but places never change;
 * genext2fs writes no others.
 */
static void
load_copy(struct ext_loader *e, uint32_t index, const unsigned char *table, uint32_t reserved)
{
	const struct ext_layout *l = e->layout;
	const struct ext_group *g = &l->groups[index];
	size_t size = (size_t)l->descriptor_blocks * l->block_size, places = 12; /* bitmaps and table, at the start of a descriptor */
	const unsigned char *copy;

	if (!claim_super(e, index) || !ext_claim(e, g->first_block + 1, l->descriptor_blocks, OWNER_DESCRIPTORS, index, 0))
		return;
	if (reserved)
		ext_claim(e, g->first_block + 1 + l->descriptor_blocks, reserved, OWNER_RESERVED_GDT, index, 0);
	if (index == 0)
		return;
	if ((copy = load_bytes(e->l, ext_at(e, g->first_block), EXT_SUPERBLOCK_SIZE, "a copy of the superblock"))) {
		if (memory_is_zero(copy, EXT_SUPERBLOCK_SIZE)) {
			load_finding(e->l, FINDING_NOT_UNDERSTOOD, ext_at(e, g->first_block), EXT_SUPERBLOCK_SIZE,
				"group %" PRIu32 " has room for a copy of the superblock, but none was written", index);
			return;
		}
		if (get16(copy + S_MAGIC) != EXT_MAGIC)
			load_finding(e->l, FINDING_INVALID, ext_at(e, g->first_block), EXT_SUPERBLOCK_SIZE, "group %" PRIu32 " has no superblock", index);
		check_super(e, ext_at(e, g->first_block), copy, "a copy of the superblock");
	}
	if (!load_into(e->l, e->descriptors, ext_at(e, g->first_block + 1), size, "a copy of the group descriptors"))
		return;
	for (uint32_t i = 0; i < l->group_count; i++)
		if (memcmp(e->descriptors + (size_t)i * l->descriptor_size, table + (size_t)i * l->descriptor_size, places) != 0) {
			load_finding(e->l, FINDING_INVALID, ext_at(e, g->first_block + 1) + (uint64_t)i * l->descriptor_size, places,
				"the copy in group %" PRIu32 " of the descriptor of group %" PRIu32 " names other places", index, i);
			break;
		}
}

static bool
bit(const unsigned char *bitmap, uint64_t i)
{
	return bitmap[i / 8] >> i % 8 & 1;
}

static void
check_bitmap(struct ext_loader *e, uint64_t block, const unsigned char *bitmap, uint32_t bits, uint32_t stored, const char *what,
	uint32_t group)
{
	uint32_t mask = e->layout->descriptor_size >= 64 ? UINT32_MAX : 0xffff;

	if (e->has_checksums && (checksum_crc32c(e->seed, bitmap, bits / 8) & mask) != (stored & mask))
		load_finding(e->l, FINDING_CHECKSUM, ext_at(e, block), e->layout->block_size,
			"the bitmap of %s of group %" PRIu32 " has a wrong checksum", what, group);
}

/* Behind the last bit that stands for something, a bitmap is all ones, which no checksum need cover. */
static void
check_padding(struct ext_loader *e, uint64_t block, const unsigned char *bitmap, uint32_t bits, const char *what, uint32_t group)
{
	for (uint32_t i = bits; i < 8 * e->layout->block_size; i++)
		if (!bit(bitmap, i)) {
			load_finding(e->l, FINDING_INVALID, ext_at(e, block) + i / 8, 1, "the bitmap of %s of group %" PRIu32
				" says something of %s behind the last", what, group, what);
			return;
		}
}

static uint32_t
stored_sum(const struct ext_layout *l, const unsigned char *d, size_t low, size_t high)
{
	return get16(d + low) | (l->descriptor_size >= 64 ? get16(d + high) << 16 : 0);
}

/* Inodes that are free at the end of a group's table. */
static uint32_t
trailing_free(const unsigned char *bitmap, uint32_t count)
{
	uint32_t used = count;

	while (used && !bit(bitmap, used - 1))
		used--;
	return count - used;
}

/* Claims what belongs to a group, and looks into its bitmap of inodes. */
static void
load_group(struct ext_loader *e, uint32_t index, const unsigned char *d)
{
	struct ext_layout *l = e->layout;
	struct ext_group *g = &l->groups[index];
	bool uninit = ext_has_unused(l) && get16(d + 18) & GROUP_INODE_UNINIT;
	const unsigned char *bitmap;
	uint32_t free = 0, unused;

	ext_claim(e, g->block_bitmap, 1, OWNER_BLOCK_BITMAP, index, 0);
	if (!ext_claim(e, g->inode_bitmap, 1, OWNER_INODE_BITMAP, index, 0) || uninit ||
	    !(bitmap = ext_block(e, g->inode_bitmap, "a bitmap of inodes")))
		return;
	e->inode_bitmaps[index] = bitmap;
	check_bitmap(e, g->inode_bitmap, bitmap, l->inodes_per_group, stored_sum(l, d, 26, 58), "inodes", index);
	check_padding(e, g->inode_bitmap, bitmap, l->inodes_per_group, "inodes", index);
	for (uint32_t i = 0; i < l->inodes_per_group; i++)
		free += !bit(bitmap, i);
	unused = trailing_free(bitmap, l->inodes_per_group);
	if (free != g->free_inodes)
		load_finding(e->l, FINDING_COUNT, ext_at(e, g->inode_bitmap), l->block_size, "group %" PRIu32 " has %" PRIu32
			" free inodes, but says %" PRIu32, index, free, g->free_inodes);
	if (ext_has_unused(l) && g->unused_inodes > unused)
		load_finding(e->l, FINDING_COUNT, ext_at(e, g->inode_bitmap), l->block_size,
			"group %" PRIu32 " says that %" PRIu32 " inodes at its end are unused, but %" PRIu32 " are", index, g->unused_inodes, unused);
}

static bool
load_groups(struct ext_loader *e, uint32_t reserved)
{
	struct ext_layout *l = e->layout;
	uint64_t at = ext_at(e, l->first_data_block + 1);
	unsigned char *table = load_bytes(e->l, at, (size_t)l->descriptor_blocks * l->block_size, "the group descriptors");

	if (!table)
		return false;
	e->descriptors = arena_alloc(e->l->c->arena, (size_t)l->descriptor_blocks * l->block_size);
	l->groups = ARENA_ARRAY(e->l->c->arena, struct ext_group, l->group_count);
	e->inode_bitmaps = ARENA_ARRAY(e->l->c->arena, const unsigned char *, l->group_count);
	for (uint32_t i = 0; i < l->group_count; i++) {
		unsigned char *d = table + (size_t)i * l->descriptor_size;

		check_descriptor(e, i, at + (uint64_t)i * l->descriptor_size, d);
		get_group(l, i, d);
		l->groups[i].has_super = has_super(e, i);
		if (l->groups[i].has_super)
			load_copy(e, i, table, reserved);
	}
	for (uint32_t i = 0; i < l->group_count; i++)
		load_group(e, i, table + (size_t)i * l->descriptor_size);
	return true;
}

/* How many blocks of G from B on are as B is, both in BITMAP and by who claimed them. */
static uint32_t
run_from(const struct ext_loader *e, const struct ext_group *g, const unsigned char *bitmap, uint32_t b)
{
	uint32_t end = b + 1;

	while (end < g->block_count && bit(bitmap, end) == bit(bitmap, b) &&
	    bit(e->claimed, g->first_block + end) == bit(e->claimed, g->first_block + b))
		end++;
	return end - b;
}

/* Says that COUNT blocks from FIRST on are not used as their bitmap has it. */
static void
misused(struct ext_loader *e, uint64_t first, uint32_t count, bool taken)
{
	const char *blocks = count == 1 ? arena_printf(e->l->c->arena, "block %" PRIu64 " is", first) :
		arena_printf(e->l->c->arena, "the blocks %" PRIu64 " to %" PRIu64 " are", first, first + count - 1);

	load_finding(e->l, FINDING_COUNT, ext_at(e, first), (uint64_t)count * e->layout->block_size, taken ?
		"%s taken in the bitmap, but used by nothing" : "%s in use, but free in the bitmap", blocks);
}

/* Each block of a group is used as its bitmap says when somebody claimed it; what nobody did is free. */
static void
check_blocks(struct ext_loader *e)
{
	const struct ext_layout *l = e->layout;
	uint64_t at = ext_at(e, l->first_data_block + 1);

	for (uint32_t i = 0; i < l->group_count; i++) {
		const struct ext_group *g = &l->groups[i];
		const unsigned char *d = load_bytes(e->l, at + (uint64_t)i * l->descriptor_size, l->descriptor_size, "a group descriptor");
		bool uninit = d && ext_has_unused(l) && get16(d + 18) & GROUP_BLOCK_UNINIT;
		const unsigned char *bitmap;
		uint32_t free = 0;

		if (!d || uninit || g->block_bitmap >= l->block_count || !(bitmap = ext_block(e, g->block_bitmap, "a bitmap of blocks")))
			continue;
		check_bitmap(e, g->block_bitmap, bitmap, l->blocks_per_group, stored_sum(l, d, 24, 56), "blocks", i);
		check_padding(e, g->block_bitmap, bitmap, g->block_count, "blocks", i);
		for (uint32_t b = 0, count; b < g->block_count; b += count) {
			bool taken = bit(bitmap, b);

			count = run_from(e, g, bitmap, b);
			free += taken ? 0 : count;
			if (taken != bit(e->claimed, g->first_block + b))
				misused(e, g->first_block + b, count, taken);
		}
		if (free != g->free_blocks)
			load_finding(e->l, FINDING_COUNT, ext_at(e, g->block_bitmap), l->block_size, "group %" PRIu32 " has %" PRIu32
				" free blocks, but says %" PRIu32, i, free, g->free_blocks);
	}
}

/* A file system that was not unmounted has its sums in the journal, if anywhere. */
static void
check_sums(struct ext_loader *e)
{
	const struct ext_layout *l = e->layout;
	uint64_t blocks = 0, inodes = 0, at = e->offset + SUPER_AT;

	if (l->feature_incompat & NEEDS_RECOVERY)
		return;
	for (uint32_t i = 0; i < l->group_count; i++) {
		blocks += l->groups[i].free_blocks;
		inodes += l->groups[i].free_inodes;
	}
	if (blocks != l->free_blocks)
		load_finding(e->l, FINDING_COUNT, at + 12, 4, "the groups have %" PRIu64 " free blocks, but the superblock says %" PRIu64, blocks, l->free_blocks);
	if (inodes != l->free_inodes)
		load_finding(e->l, FINDING_COUNT, at + 16, 4, "the groups have %" PRIu64 " free inodes, but the superblock says %" PRIu32, inodes, l->free_inodes);
}

/* The first block from B on that is not claimed as USED says, or END. Sixty-four at a time, since most are as their neighbours are. */
static uint64_t
other_from(const struct ext_loader *e, uint64_t b, uint64_t end, bool used)
{
	const uint64_t all = used ? UINT64_MAX : 0;

	while (b < end) {
		if (b % 64 == 0 && end - b >= 64 && memcmp(e->claimed + b / 8, &all, sizeof all) == 0)
			b += 64;
		else if (bit(e->claimed, b) == used)
			b++;
		else
			break;
	}
	return b;
}

/* What nobody claimed is free: one owner for each stretch. */
static void
claim_free(struct ext_loader *e)
{
	const struct ext_layout *l = e->layout;

	for (uint64_t b = l->first_data_block, end; b < l->block_count; b = end) {
		bool used = bit(e->claimed, b);

		end = other_from(e, b, l->block_count, used);
		if (!used)
			load_claim(e->l, &(struct owner){.offset = ext_at(e, b), .size = (end - b) * l->block_size, .kind = OWNER_FREE,
				.partition = e->l->partition});
	}
	load_claim(e->l, &(struct owner){.offset = e->offset, .size = SUPER_AT,
		.kind = OWNER_BOOT_BLOCK, .partition = e->l->partition});
}

static void
describe(struct arena *a, struct partition_layout *p, struct ext_layout *l)
{
	struct m_partition *from = ARENA_NEW(a, struct m_partition);

	*from = *p->from;
	from->filesystem.given = true;
	from->filesystem.type.v = (int)l->kind;
	from->filesystem.label.v = l->label;
	l->from = &from->filesystem;
	p->from = from;
	p->ext = l;
}

/* Of what was mounted, not all lies where it belongs: what the journal has is not read. */
static void
check_state(struct ext_loader *e, uint64_t at, const unsigned char *super)
{
	enum { STATE = 58, UNMOUNTED = 1, ERRORS = 2 };
	uint32_t state = get16(super + STATE);

	if (e->layout->feature_incompat & NEEDS_RECOVERY)
		load_finding(e->l, FINDING_NOT_UNDERSTOOD, at + 96, 4, "the journal has changes that are still to be made, which rootc does not read");
	if (!(state & UNMOUNTED) || state & ERRORS)
		load_finding(e->l, FINDING_TABLE, at + STATE, 2, "the superblock says that the file system was not unmounted, or had errors");
}

static bool
understood(struct loader *loader, const struct ext_layout *l, uint64_t at)
{
	uint32_t strange = l->feature_incompat & ~(uint32_t)INCOMPAT_KNOWN;
	struct arena *a = loader->c->arena;
	size_t count;
	const char *const *names = ext_features(a, &(struct ext_layout){.feature_incompat = strange}, &count);

	if (strange)
		load_finding(loader, FINDING_NOT_UNDERSTOOD, at + 96, 4, "the file system has features that rootc does not read: %s",
			text_join(a, names, count, ", ", ", "));
	if (l->feature_ro_compat & RO_BIGALLOC)
		load_finding(loader, FINDING_NOT_UNDERSTOOD, at + 100, 4, "the file system has clusters (bigalloc), which rootc does not read");
	return !strange && !(l->feature_ro_compat & RO_BIGALLOC);
}

bool
load_ext(struct loader *loader, struct partition_layout *p, uint64_t offset, uint64_t size)
{
	struct arena *a = loader->c->arena;
	struct ext_layout *l = ARENA_NEW(a, struct ext_layout);
	struct ext_loader e = {.l = loader, .layout = l, .offset = offset};
	uint64_t at = offset + SUPER_AT;
	const unsigned char *super;

	if (size < SUPER_AT + S_MAGIC + 2 || !(super = load_bytes(loader, at + S_MAGIC, 2, "the superblock")) || get16(super) != EXT_MAGIC)
		return false;
	if (size < SUPER_AT + EXT_SUPERBLOCK_SIZE) {
		load_finding(loader, FINDING_TRUNCATED, offset, size, "there are %" PRIu64 " bytes of a file system, fewer than a superblock ends with", size);
		load_claim(loader, &(struct owner){.offset = offset, .size = size, .kind = OWNER_UNKNOWN, .partition = loader->partition});
		return true;
	}
	if (!(super = load_bytes(loader, at, EXT_SUPERBLOCK_SIZE, "the superblock")))
		return true;
	get_fields(l, super);
	if (!understood(loader, l, at) || !check_fields(loader, l, at, size)) {
		load_claim(loader, &(struct owner){.offset = offset, .size = size, .kind = OWNER_UNKNOWN, .partition = loader->partition});
		return true;
	}
	e.has_checksums = l->feature_ro_compat & EXT_RO_METADATA_CSUM;
	e.seed = l->feature_incompat & EXT_INCOMPAT_CSUM_SEED ? get32(super + 624) : checksum_crc32c(UINT32_MAX, l->uuid, 16);
	e.first_inode = get32(super + 76) ? get32(super + 84) : EXT_LOST_AND_FOUND;
	e.orphan_file = l->feature_compat & EXT_COMPAT_ORPHAN_FILE ? get32(super + 640) : 0;
	e.project_quota = l->feature_ro_compat & EXT_RO_PROJECT ? get32(super + 620) : 0;
	e.backup_groups[0] = get32(super + 588);
	e.backup_groups[1] = get32(super + 592);
	check_super(&e, at, super, "the superblock");
	check_state(&e, at, super);
	l->group_count = l->inode_count / l->inodes_per_group;
	l->descriptor_blocks = (uint32_t)(((uint64_t)l->group_count * l->descriptor_size + l->block_size - 1) / l->block_size);
	l->inode_table_blocks = (uint32_t)(((uint64_t)l->inodes_per_group * l->inode_size + l->block_size - 1) / l->block_size);
	e.claimed = arena_alloc(a, l->block_count / 8 + 1);
	if (!load_groups(&e, l->feature_compat & EXT_COMPAT_RESIZE_INODE ? get16(super + 206) : 0))
		return true;
	ext_load_inodes(&e);
	p->root = ext_load_tree(&e);
	ext_check_attributes(&e);
	ext_check_inodes(&e);
	check_blocks(&e);
	check_sums(&e);
	claim_free(&e);
	describe(a, p, l);
	return true;
}

/* Decides what the partition table says, an MBR or a GPT, and what starts the disk. */
#include <inttypes.h>
#include <string.h>

#include "load/loader.h"

/* The MBR. */
enum {
	DISK_ID = 0x1b8,
	ENTRIES = 0x1be,
	MBR_ENTRY_SIZE = 16,
	MBR_ENTRIES = 4,
	BOOT_SIGNATURE = 0x1fe,
	TYPE_PROTECTIVE = 0xee,
	STATUS_ACTIVE = 0x80,
};

/* A GPT (UEFI 2.10, chapter 5). */
enum {
	HEADER_SIZE = 92,
	ENTRIES_MOST = 4096,
	ENTRY_LEAST = 128,
	ENTRY_MOST = 4096,
	NAME_UNITS = 36,
	LEGACY_BOOT = 1 << 2,
};

struct gpt {
	bool good;
	uint64_t header, entries_lba;
	uint32_t count, entry_size;
	uint8_t disk_guid[16];
	unsigned char *entries;
};

static void
get_guid(const unsigned char *at, uint8_t guid[16])
{
	static const unsigned char order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < sizeof order; i++)
		guid[i] = at[order[i]];
}

static bool
is_zero(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

static void
claim(struct loader *l, uint64_t offset, uint64_t size, enum owner_kind kind)
{
	load_claim(l, &(struct owner){.offset = offset, .size = size, .kind = kind, .partition = l->partition});
}

/* Whether the boot loader begins at OFFSET, as in a GPT's partition for it. */
static bool
has_region(const struct loader *l, uint64_t offset)
{
	for (size_t i = 0; i < l->image->layout->region_count; i++)
		if (l->image->layout->regions[i].offset == offset)
			return true;
	return false;
}

/* What a partition holds. What is in none of the known forms is named so, unless it is all zeroes. */
static void
read_partition(struct loader *l, size_t index)
{
	struct partition_layout *p = &l->image->layout->partitions[index];
	uint64_t offset = p->first_lba * SECTOR_SIZE, size = l->image->bare ? l->image->size : p->sector_count * SECTOR_SIZE;

	l->partition = (int)index;
	if (offset >= l->image->size || size > l->image->size - offset)
		load_finding(l, FINDING_TRUNCATED, offset, size, "partition %u ends at byte %" PRIu64 ", behind the image's end at %" PRIu64,
			p->number, offset + size, l->image->size);
	else if (!load_ext(l, p, offset, size) && !has_region(l, offset) && load_nonzero(l, offset, offset + size) < offset + size) {
		load_finding(l, FINDING_NOT_UNDERSTOOD, offset, size, "partition %u holds nothing that rootc can read", p->number);
		claim(l, offset, size, OWNER_UNKNOWN);
	}
	l->partition = -1;
}

static struct partition_layout *
add_partition(struct loader *l, uint32_t number, uint64_t first, uint64_t sectors, const char *name)
{
	struct arena *a = l->c->arena;
	struct layout *layout = l->image->layout;
	struct partition_layout *p = ARENA_PUSH(a, layout->partitions, layout->partition_count);
	struct m_partition *from = ARENA_NEW(a, struct m_partition);

	from->name = name && *name ? name : arena_printf(a, "p%" PRIu32, number);
	*p = (struct partition_layout){.from = from, .number = number, .first_lba = first, .sector_count = sectors};
	return p;
}

static void
read_mbr(struct loader *l, const unsigned char *sector)
{
	for (uint32_t i = 0; i < MBR_ENTRIES; i++) {
		const unsigned char *entry = sector + ENTRIES + i * MBR_ENTRY_SIZE;
		struct partition_layout *p;

		if (!entry[4])
			continue;
		p = add_partition(l, i + 1, get32(entry + 8), get32(entry + 12), NULL);
		p->mbr_type = entry[4];
		p->bootable = entry[0] == STATUS_ACTIVE;
		if (entry[0] & 0x7f)
			load_finding(l, FINDING_TABLE, ENTRIES + i * MBR_ENTRY_SIZE, 1, "partition %" PRIu32 " has the status 0x%02x, neither 0 nor 0x80",
				i + 1, (unsigned)entry[0]);
		if (entry[4] == 0x05 || entry[4] == 0x0f || entry[4] == 0x85)
			load_finding(l, FINDING_NOT_UNDERSTOOD, ENTRIES + i * MBR_ENTRY_SIZE, MBR_ENTRY_SIZE,
				"partition %" PRIu32 " is an extended one; what is in it is not read", i + 1);
	}
}

/* Reads a copy of a GPT; WHAT names it. */
static struct gpt
read_gpt(struct loader *l, uint64_t lba, const char *what)
{
	struct gpt gpt = {.header = lba};
	unsigned char *header = load_bytes(l, lba * SECTOR_SIZE, SECTOR_SIZE, what);
	uint32_t crc;

	if (!header || memcmp(header, "EFI PART", 8) != 0) {
		load_finding(l, FINDING_TABLE, lba * SECTOR_SIZE, 8, "%s is not there", what);
		return gpt;
	}
	crc = get32(header + 16);
	put32(header + 16, 0);
	gpt.entries_lba = get64(header + 72);
	gpt.count = get32(header + 80);
	gpt.entry_size = get32(header + 84);
	get_guid(header + 56, gpt.disk_guid);
	if (get32(header + 12) != HEADER_SIZE || checksum_crc32(header, HEADER_SIZE) != crc)
		load_finding(l, FINDING_CHECKSUM, lba * SECTOR_SIZE, HEADER_SIZE, "%s has a wrong checksum", what);
	else if (get64(header + 24) != lba)
		load_finding(l, FINDING_TABLE, lba * SECTOR_SIZE + 24, 8, "%s says that it lies in sector %" PRIu64, what, get64(header + 24));
	else if (gpt.count > ENTRIES_MOST || gpt.entry_size < ENTRY_LEAST || gpt.entry_size > ENTRY_MOST ||
	    gpt.entries_lba > UINT64_MAX / SECTOR_SIZE)
		load_finding(l, FINDING_INVALID, lba * SECTOR_SIZE + 72, 16, "%s has %" PRIu32 " entries of %" PRIu32 " bytes", what,
			gpt.count, gpt.entry_size);
	else if ((gpt.entries = load_bytes(l, gpt.entries_lba * SECTOR_SIZE, (size_t)gpt.count * gpt.entry_size, what))) {
		gpt.good = checksum_crc32(gpt.entries, (size_t)gpt.count * gpt.entry_size) == get32(header + 88);
		if (!gpt.good)
			load_finding(l, FINDING_CHECKSUM, gpt.entries_lba * SECTOR_SIZE, (uint64_t)gpt.count * gpt.entry_size,
				"the entries of %s have a wrong checksum", what);
		claim(l, lba * SECTOR_SIZE, SECTOR_SIZE, OWNER_GPT_HEADER);
		claim(l, gpt.entries_lba * SECTOR_SIZE, (uint64_t)gpt.count * gpt.entry_size, OWNER_GPT_ENTRIES);
	}
	return gpt;
}

static const char *
gpt_name(struct loader *l, const unsigned char *units)
{
	char *name = arena_alloc(l->c->arena, NAME_UNITS + 1);

	for (size_t i = 0; i < NAME_UNITS && get16(units + 2 * i); i++)
		name[i] = units[2 * i + 1] || units[2 * i] > 126 ? '?' : (char)units[2 * i];
	return name;
}

static void
read_gpt_entries(struct loader *l, const struct gpt *gpt)
{
	for (uint32_t i = 0; i < gpt->count; i++) {
		const unsigned char *entry = gpt->entries + (size_t)i * gpt->entry_size;
		uint64_t first = get64(entry + 32), last = get64(entry + 40);
		struct partition_layout *p;

		if (is_zero(entry, 16))
			continue;
		if (first > last || last > l->image->size / SECTOR_SIZE) {
			load_finding(l, FINDING_TABLE, gpt->entries_lba * SECTOR_SIZE + (uint64_t)i * gpt->entry_size, gpt->entry_size,
				"partition %" PRIu32 " would lie in the sectors %" PRIu64 " to %" PRIu64, i + 1, first, last);
			continue;
		}
		p = add_partition(l, i + 1, first, last - first + 1, gpt_name(l, entry + 56));
		get_guid(entry, p->type_guid);
		get_guid(entry + 16, p->guid);
		p->bootable = get64(entry + 48) & LEGACY_BOOT;
	}
}

static void
read_both_gpts(struct loader *l)
{
	struct gpt first = read_gpt(l, 1, "the GPT"), copy = read_gpt(l, l->image->size / SECTOR_SIZE - 1, "the copy of the GPT");
	const struct gpt *used = first.good || !copy.good ? &first : &copy;

	l->image->layout->table = TABLE_GPT;
	if (!used->good)
		return;
	if (first.good && copy.good && (first.count != copy.count || first.entry_size != copy.entry_size ||
	    memcmp(first.disk_guid, copy.disk_guid, 16) != 0 ||
	    memcmp(first.entries, copy.entries, (size_t)first.count * first.entry_size) != 0))
		load_finding(l, FINDING_TABLE, copy.header * SECTOR_SIZE, SECTOR_SIZE, "the GPT and its copy differ");
	memcpy(l->image->layout->disk_guid, used->disk_guid, 16);
	read_gpt_entries(l, used);
}

static void
add_region(struct loader *l, uint64_t offset, uint64_t size, const char *name)
{
	struct layout *layout = l->image->layout;
	const unsigned char *bytes = load_bytes(l, offset, size, name);

	if (!bytes)
		return;
	*ARENA_PUSH(l->c->arena, layout->regions, layout->region_count) =
		(struct region){.offset = offset, .size = size, .bytes = bytes, .owner = name};
	if (offset)
		claim(l, offset, size, OWNER_BOOT_LOADER);
}

/* GRUB's first sector says where the rest of it is, and that how long it is: boot.md of either version. */
static void
read_boot_code(struct loader *l, const unsigned char *sector)
{
	enum { LEGACY_SECTOR = 0x44, CORE_SECTOR = 0x5c, LIST = 0x1f8, CORE_LIST = 0x1f4, CORE_MOST = 0x2000 };
	bool legacy = sector[0] == 0xeb && sector[1] == 0x48 && sector[0x3e] == 3 && sector[0x3f] == 2;
	bool grub2 = sector[0] == 0xeb && sector[1] == 0x63;
	uint64_t lba = legacy ? get32(sector + LEGACY_SECTOR) : get64(sector + CORE_SECTOR);
	const unsigned char *next;
	uint32_t sectors;

	if (is_zero(sector, DISK_ID))
		return;
	if (!legacy && !grub2) {
		load_finding(l, FINDING_NOT_UNDERSTOOD, 0, DISK_ID, "the boot code is none that rootc knows");
		return;
	}
	add_region(l, 0, DISK_ID, legacy ? "stage1" : "boot.img");
	if (lba == 0 || lba > UINT32_MAX || !(next = load_bytes(l, lba * SECTOR_SIZE, SECTOR_SIZE, "the boot loader")))
		return;
	sectors = 1 + get16(next + (legacy ? LIST + 4 : CORE_LIST + 8));
	if (sectors <= CORE_MOST)
		add_region(l, lba * SECTOR_SIZE, (uint64_t)sectors * SECTOR_SIZE, legacy ? "e2fs_stage1_5" : "core.img");
}

/* Whether the image is a file system without a disk around it. */
static bool
is_bare(struct loader *l, const unsigned char *sector)
{
	unsigned char magic[2];

	if (file_read_at(l->fd, magic, 2, 1024 + 56) != 2 || get16(magic) != 0xef53)
		return false;
	return get16(sector + BOOT_SIGNATURE) != 0xaa55 || is_zero(sector + ENTRIES, MBR_ENTRY_SIZE * MBR_ENTRIES);
}

void
load_disk(struct loader *l)
{
	struct layout *layout = l->image->layout;
	const unsigned char *sector = load_bytes(l, 0, SECTOR_SIZE, "the partition table");

	if (sector && is_bare(l, sector)) {
		l->image->bare = true;
		add_partition(l, 1, 0, l->image->size / SECTOR_SIZE, NULL);
	} else if (!sector || get16(sector + BOOT_SIGNATURE) != 0xaa55) {
		load_finding(l, FINDING_NO_TABLE, 0, sector ? SECTOR_SIZE : l->image->size, "there is no partition table and no known file system");
		claim(l, 0, l->image->size, OWNER_UNKNOWN);
	} else {
		layout->disk_id = get32(sector + DISK_ID);
		claim(l, 0, DISK_ID, OWNER_BOOT_CODE);
		claim(l, DISK_ID, SECTOR_SIZE - DISK_ID, OWNER_PARTITION_TABLE);
		if (sector[ENTRIES + 4] == TYPE_PROTECTIVE)
			read_both_gpts(l);
		else
			read_mbr(l, sector);
		read_boot_code(l, sector);
	}
	for (size_t i = 0; i < layout->partition_count; i++)
		read_partition(l, i);
}

/* Decides what a GPT says, and whether its two copies agree (UEFI 2.10, chapter 5). */
#include <inttypes.h>
#include <string.h>

#include "load/table.h"

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
	table_claim(l, lba * SECTOR_SIZE, SECTOR_SIZE, OWNER_GPT_HEADER);
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
		table_claim(l, gpt.entries_lba * SECTOR_SIZE, (uint64_t)gpt.count * gpt.entry_size, OWNER_GPT_ENTRIES);
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

		if (table_is_zero(entry, 16))
			continue;
		if (first > last || last > l->image->size / SECTOR_SIZE) {
			load_finding(l, FINDING_TABLE, gpt->entries_lba * SECTOR_SIZE + (uint64_t)i * gpt->entry_size, gpt->entry_size,
				"partition %" PRIu32 " would lie in the sectors %" PRIu64 " to %" PRIu64, i + 1, first, last);
			continue;
		}
		p = table_add(l, i + 1, first, last - first + 1, gpt_name(l, entry + 56));
		get_guid(entry, p->type_guid);
		get_guid(entry + 16, p->guid);
		p->bootable = get64(entry + 48) & LEGACY_BOOT;
	}
}

/* The header of DAMAGED does not say where its entries are: they are next to it, if they are those of GOOD. */
static void
claim_entries(struct loader *l, const struct gpt *damaged, const struct gpt *good)
{
	uint64_t size = (uint64_t)good->count * good->entry_size;
	uint64_t at = damaged->header < good->header ? (damaged->header + 1) * SECTOR_SIZE : damaged->header * SECTOR_SIZE - size;
	const unsigned char *entries = load_bytes(l, at, size, "the entries of a GPT");

	if (entries && memcmp(entries, good->entries, size) == 0)
		table_claim(l, at, size, OWNER_GPT_ENTRIES);
}

void
load_gpt(struct loader *l)
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
	if (!first.entries || !copy.entries)
		claim_entries(l, used == &first ? &copy : &first, used);
	memcpy(l->image->layout->disk_guid, used->disk_guid, 16);
	read_gpt_entries(l, used);
}

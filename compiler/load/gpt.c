/* Decides what a GPT says, and whether its two copies agree (UEFI 2.10, chapter 5). */
#include <inttypes.h>
#include <string.h>

#include "load/table.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	HEADER_SIZE = 92,
	ENTRIES_MOST = 4096,
	ENTRY_LEAST = 128,
	ENTRY_MOST = 4096,
	NAME_AT = 56,
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
	const uint32_t sector_size = l->image->layout->sector_size;
	const uint64_t at = lba * sector_size;
	unsigned char *header = load_bytes(l, at, RECORD_SIZE, what);
	uint32_t crc;

	if (!header || memcmp(header, "EFI PART", 8) != 0) {
		load_finding(l, FINDING_TABLE, at, 8, "%s is not there", what);
		return gpt;
	}
	table_claim(l, at, sector_size, OWNER_GPT_HEADER);
	if (load_nonzero(l, at + HEADER_SIZE, at + sector_size) < at + sector_size)
		load_finding(l, FINDING_UNOWNED, at + HEADER_SIZE, sector_size - HEADER_SIZE, "behind the header of %s not all is zero", what);
	crc = get32(header + 16);
	put32(header + 16, 0);
	gpt.entries_lba = get64(header + 72);
	gpt.count = get32(header + 80);
	gpt.entry_size = get32(header + 84);
	get_guid(header + 56, gpt.disk_guid);
	if (get32(header + 12) != HEADER_SIZE || checksum_crc32(header, HEADER_SIZE) != crc)
		load_finding(l, FINDING_CHECKSUM, at, HEADER_SIZE, "%s has a wrong checksum", what);
	else if (get64(header + 24) != lba)
		load_finding(l, FINDING_TABLE, at + 24, 8, "%s says that it lies in sector %" PRIu64, what, get64(header + 24));
	else if (gpt.count > ENTRIES_MOST || gpt.entry_size < ENTRY_LEAST || gpt.entry_size > ENTRY_MOST ||
	    gpt.entries_lba > UINT64_MAX / sector_size)
		load_finding(l, FINDING_INVALID, at + 72, 16, "%s has %" PRIu32 " entries of %" PRIu32 " bytes", what,
			gpt.count, gpt.entry_size);
	else if ((gpt.entries = load_bytes(l, gpt.entries_lba * sector_size, (size_t)gpt.count * gpt.entry_size, what))) {
		gpt.good = checksum_crc32(gpt.entries, (size_t)gpt.count * gpt.entry_size) == get32(header + 88);
		if (!gpt.good)
			load_finding(l, FINDING_CHECKSUM, gpt.entries_lba * sector_size, (uint64_t)gpt.count * gpt.entry_size,
				"the entries of %s have a wrong checksum", what);
		table_claim(l, gpt.entries_lba * sector_size, (uint64_t)gpt.count * gpt.entry_size, OWNER_GPT_ENTRIES);
	}
	return gpt;
}

/* The name in the entry of partition NUMBER, at byte AT of the image. */
static const char *
gpt_name(struct loader *l, const unsigned char *entry, uint64_t at, uint32_t number)
{
	uint16_t units[NAME_UNITS];
	size_t length = 0;

	for (; length < NAME_UNITS && get16(entry + NAME_AT + 2 * length); length++)
		units[length] = (uint16_t)get16(entry + NAME_AT + 2 * length);
	if (!memory_is_zero(entry + NAME_AT + 2 * length, 2 * (NAME_UNITS - length)))
		load_finding(l, FINDING_UNOWNED, at + NAME_AT + 2 * length, 2 * (NAME_UNITS - length),
			"behind the end of the name of partition %" PRIu32 " not all is zero", number);
	return text_from_utf16(l->c->arena, units, length);
}

static void
read_gpt_entries(struct loader *l, const struct gpt *gpt)
{
	const uint32_t sector_size = l->image->layout->sector_size;

	for (uint32_t i = 0; i < gpt->count; i++) {
		const unsigned char *entry = gpt->entries + (size_t)i * gpt->entry_size;
		uint64_t first = get64(entry + 32), last = get64(entry + 40), at = gpt->entries_lba * sector_size + (uint64_t)i * gpt->entry_size;
		struct partition_layout *p;

		if (memory_is_zero(entry, 16)) {
			if (!memory_is_zero(entry, gpt->entry_size))
				load_finding(l, FINDING_UNOWNED, at, gpt->entry_size, "entry %" PRIu32 " of the GPT has no type, but is not zero", i + 1);
			continue;
		}
		if (first > last || last > l->image->size / sector_size) {
			load_finding(l, FINDING_TABLE, at, gpt->entry_size,
				"partition %" PRIu32 " would lie in the sectors %" PRIu64 " to %" PRIu64, i + 1, first, last);
			continue;
		}
		p = table_add(l, i + 1, first, last - first + 1, gpt_name(l, entry, at, i + 1));
		get_guid(entry, p->type_guid);
		get_guid(entry + 16, p->guid);
		p->bootable = get64(entry + 48) & LEGACY_BOOT;
		p->attributes = get64(entry + 48) & ~(uint64_t)LEGACY_BOOT;
	}
}

/* The header of DAMAGED does not say where its entries are: they are next to it, if they are those of GOOD. */
static void
claim_entries(struct loader *l, const struct gpt *damaged, const struct gpt *good)
{
	const uint32_t sector_size = l->image->layout->sector_size;
	uint64_t size = (uint64_t)good->count * good->entry_size;
	uint64_t at = damaged->header < good->header ? (damaged->header + 1) * sector_size : damaged->header * sector_size - size;
	const unsigned char *entries = load_bytes(l, at, size, "the entries of a GPT");

	if (entries && memcmp(entries, good->entries, size) == 0)
		table_claim(l, at, size, OWNER_GPT_ENTRIES);
}

/* Whether a header of a GPT is at byte AT, and, if it is to be WHOLE, says with a right checksum that it lies in sector LBA. */
static bool
is_header(const struct loader *l, uint64_t at, uint64_t lba, bool whole)
{
	unsigned char header[HEADER_SIZE];
	uint32_t crc;

	if (file_read_at(l->fd, header, sizeof header, (off_t)at) != sizeof header || memcmp(header, "EFI PART", 8) != 0)
		return false;
	crc = get32(header + 16);
	put32(header + 16, 0);
	return !whole || (get64(header + 24) == lba && checksum_crc32(header, sizeof header) == crc);
}

/*
 * How large the sectors are, as the place of the header tells, which lies in sector 1, and that of its copy, in the last: what is whole
 * is believed first. 0: there is neither.
 */
static uint32_t
find_sector_size(const struct loader *l)
{
	static const uint32_t sizes[] = {SECTOR_USUAL, SECTOR_4K};
	enum { SIZES = sizeof sizes / sizeof *sizes };

	for (int whole = 1; whole >= 0; whole--)
		for (size_t i = 0; i < 2 * SIZES; i++) {
			uint32_t size = sizes[i % SIZES];
			uint64_t lba = i < SIZES ? 1 : l->image->size / size - 1;

			if (is_header(l, lba * size, lba, whole))
				return size;
		}
	return 0;
}

void
load_gpt(struct loader *l)
{
	uint32_t sector_size = find_sector_size(l);
	struct layout *layout = l->image->layout;
	struct gpt first, copy;
	const struct gpt *used;

	if (sector_size)
		layout->sector_size = sector_size;
	first = read_gpt(l, 1, "the GPT");
	copy = read_gpt(l, l->image->size / layout->sector_size - 1, "the copy of the GPT");
	used = first.good || !copy.good ? &first : &copy;
	layout->table = TABLE_GPT;
	if (!used->good)
		return;
	if (first.good && copy.good && (first.count != copy.count || first.entry_size != copy.entry_size ||
	    memcmp(first.disk_guid, copy.disk_guid, 16) != 0 ||
	    memcmp(first.entries, copy.entries, (size_t)first.count * first.entry_size) != 0))
		load_finding(l, FINDING_TABLE, copy.header * layout->sector_size, RECORD_SIZE, "the GPT and its copy differ");
	if (!first.entries || !copy.entries)
		claim_entries(l, used == &first ? &copy : &first, used);
	memcpy(layout->disk_guid, used->disk_guid, 16);
	read_gpt_entries(l, used);
}

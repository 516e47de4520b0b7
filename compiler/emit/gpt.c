/* Writes a GUID partition table as UEFI 2.10, chapter 5, has it. All of it is ours: nothing is left to a library's version. */
#include <inttypes.h>
#include <string.h>

#include "emit/output.h"
#include "emit/stages.h"
#include "model/mbr.h"
#include "support/checksum.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"

/* A header, and an entry. */
enum {
	REVISION = 0x10000,
	HEADER_SIZE = 92,
	HEADER_CRC = 16,
	ENTRY_SIZE = 128,
	ENTRY_COUNT = GPT_ENTRIES_BYTES / ENTRY_SIZE,
	NAME_UNITS = 36,
	LEGACY_BOOT = 1 << 2, /* "Legacy BIOS Bootable" */
};

/* A copy of the table: its header's sector, and the entries in those behind or in front of it. */
struct copy {
	uint64_t header, entries, other;
};

/* The first three fields of a GUID are numbers, little-endian ones. */
static void
put_guid(unsigned char *at, const uint8_t guid[16])
{
	static const unsigned char order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < sizeof order; i++)
		at[i] = guid[order[i]];
}

static uint64_t
last_lba(const struct layout *layout)
{
	return layout->disk_bytes / layout->sector_size - 1;
}

/* Names of partitions are ASCII, so that each byte is a unit of UTF-16. */
static void
put_entry(const struct partition_layout *p, unsigned char *entry)
{
	size_t length = strlen(p->from->name);

	ASSERT(length <= NAME_UNITS);
	put_guid(entry, p->type_guid);
	put_guid(entry + 16, p->guid);
	put64(entry + 32, p->first_lba);
	put64(entry + 40, p->first_lba + p->sector_count - 1);
	put64(entry + 48, p->bootable ? LEGACY_BOOT : 0);
	for (size_t i = 0; i < length; i++)
		entry[56 + 2 * i] = (unsigned char)p->from->name[i];
}

static void
put_header(const struct layout *layout, const struct copy *copy, uint32_t entries_crc, unsigned char *header)
{
	memcpy(header, "EFI PART", 8);
	put32(header + 8, REVISION);
	put32(header + 12, HEADER_SIZE);
	put64(header + 24, copy->header);
	put64(header + 32, copy->other);
	put64(header + 40, 1 + gpt_sectors(layout->sector_size)); /* the first sector that partitions may have, and the last */
	put64(header + 48, last_lba(layout) - gpt_sectors(layout->sector_size));
	put_guid(header + 56, layout->disk_guid);
	put64(header + 72, copy->entries);
	put32(header + 80, ENTRY_COUNT);
	put32(header + 84, ENTRY_SIZE);
	put32(header + 88, entries_crc);
	put32(header + HEADER_CRC, checksum_crc32(header, HEADER_SIZE));
}

/* All of a table: the bytes from the disk signature to the end of the MBR, then those of both copies: a header takes a sector. */
struct gpt {
	unsigned char mbr[RECORD_SIZE], headers[2][SECTOR_4K], entries[GPT_ENTRIES_BYTES];
	struct copy copies[2];
};

static struct gpt *
compose(struct compilation *c, const struct layout *layout)
{
	struct gpt *gpt = ARENA_NEW(c->arena, struct gpt);
	uint64_t last = last_lba(layout);

	gpt->copies[0] = (struct copy){.header = 1, .entries = 2, .other = last};
	gpt->copies[1] = (struct copy){.header = last, .entries = last + 1 - gpt_sectors(layout->sector_size), .other = 1};
	ASSERT(layout->partition_count <= ENTRY_COUNT);
	mbr_put_protective(gpt->mbr, layout);
	for (size_t i = 0; i < layout->partition_count; i++)
		put_entry(&layout->partitions[i], gpt->entries + i * ENTRY_SIZE);
	for (size_t i = 0; i < 2; i++)
		put_header(layout, &gpt->copies[i], checksum_crc32(gpt->entries, sizeof gpt->entries), gpt->headers[i]);
	return gpt;
}

/* Whether SIZE bytes from AT on are BYTES. */
static bool
same(struct output *o, const char *what, uint64_t at, const unsigned char *bytes, size_t size)
{
	unsigned char *there = arena_alloc(o->c->arena, size);

	if (!output_read(o, at, there, size))
		return false;
	if (memcmp(there, bytes, size) == 0)
		return true;
	diag(&o->c->diags, DIAG_PLAN_MISMATCH, (struct span){0}, "the bytes of %s are not those that were planned", what);
	return false;
}

bool
gpt_matches(struct output *o, const struct layout *layout)
{
	static const char *const names[2][2] = {
		{"the header of the GPT", "the entries of the GPT"},
		{"the header of the GPT's copy", "the entries of the GPT's copy"},
	};
	const struct gpt *gpt = compose(o->c, layout);
	bool good = same(o, "the protective MBR", MBR_DISK_ID, gpt->mbr + MBR_DISK_ID, RECORD_SIZE - MBR_DISK_ID);

	for (size_t i = 0; i < 2; i++) {
		good &= same(o, names[i][0], gpt->copies[i].header * layout->sector_size, gpt->headers[i], layout->sector_size);
		good &= same(o, names[i][1], gpt->copies[i].entries * layout->sector_size, gpt->entries, sizeof gpt->entries);
	}
	return good;
}

bool
emit_gpt(struct output *o, const struct layout *layout)
{
	const struct gpt *gpt = compose(o->c, layout);
	bool good = output_write(o, 0, gpt->mbr, RECORD_SIZE);

	for (size_t i = 0; i < 2; i++)
		good = good && output_write(o, gpt->copies[i].header * layout->sector_size, gpt->headers[i], layout->sector_size) &&
			output_write(o, gpt->copies[i].entries * layout->sector_size, gpt->entries, sizeof gpt->entries);
	return good;
}

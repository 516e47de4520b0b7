/* Decides which fields of a table or a boot sector are not those that a manifest makes, though nothing is wrong with them. */
#include <string.h>

#include "decompile/stages.h"
#include "model/ext.h"
#include "model/fat.h"
#include "model/field.h"
#include "model/mbr.h"
#include "support/little_endian.h"
#include "support/text.h"

/* The length of the text that the SIZE bytes are; 0: they are none. Eight of them may also be a number. */
static size_t
text_length(const unsigned char *bytes, size_t size)
{
	enum { NUMBER_MOST = 8 };
	size_t length = strnlen((const char *)bytes, size);

	for (size_t i = 0; i < size; i++)
		if (i < length ? bytes[i] < ' ' || bytes[i] > '~' : bytes[i] != '\0')
			return 0;
	return size > NUMBER_MOST || (size == NUMBER_MOST && length == size) ? length : 0;
}

/* "reserved 5a5a", "starting CHS of entry 1 000101", "BS_OEMName 'mkfs.fat'", "boot code": larger ones are not for a line. */
static const char *
describe(struct arena *a, const struct field *f, const unsigned char *bytes, size_t size)
{
	enum { SHOWN_MOST = 12 };
	const char *name = f->name ? f->name : "bytes that something else has, too";
	const char *text = f->item ? arena_printf(a, "%s of %s %u", name, f->item, (unsigned)f->number) : name;
	size_t length = text_length(bytes, size);

	if (length)
		return arena_printf(a, "%s '%s'", text, arena_strndup(a, (const char *)bytes, length));
	for (size_t i = 0; size <= SHOWN_MOST && i < size; i++)
		text = arena_printf(a, "%s%s%02x", text, i ? "" : " ", (unsigned)bytes[i]);
	return text;
}

/* Takes down what is THERE instead of EXPECTED in the fields of WHAT, a record at START of the image, from its byte AT up to END. */
static void
tell(struct decompiling *d, const char *what, uint64_t start, const unsigned char *there, const unsigned char *expected, size_t at, size_t end)
{
	struct arena *a = d->c->arena;
	struct field_reader *reader = ARENA_NEW(a, struct field_reader);
	const char *others = NULL;

	*reader = (struct field_reader){.image = d->image, .fd = -1};
	while (at < end) {
		struct field f = field_at(reader, image_owner(d->image, start + at), start + at);
		size_t size = f.offset - start + f.size - at;

		size = size < end - at ? size : end - at;
		if (memcmp(there + at, expected + at, size) != 0)
			others = arena_printf(a, "%s%s%s", others ? others : "", others ? ", " : "", describe(a, &f, there + at, size));
		at += size;
	}
	if (others)
		decompile_unsaid(d, "what %s has in these fields: %s", what, others);
}

/* The SIZE bytes at START; false with a diagnostic. */
static bool
read_record(struct decompiling *d, uint64_t start, unsigned char *record, size_t size)
{
	const struct content *content = decompile_bytes(d, start, start + size, false);

	memset(record, 0, size);
	return !content || decompile_read(d, content, record);
}

/* What comes of ENTRY of an MBR, about which the loader or the manifest says everything but its CHS. */
static void
expect_entry(unsigned char *entry)
{
	uint32_t first = get32(entry + MBR_FIRST_LBA), sectors = get32(entry + MBR_SECTORS);

	if (!entry[MBR_TYPE] || !sectors)
		return;
	mbr_put_chs(entry + MBR_FIRST_CHS, first);
	mbr_put_chs(entry + MBR_LAST_CHS, (uint64_t)first + sectors - 1);
}

/* What comes of the header of a copy of the GPT in sector LBA, the other one of which is in OTHER. Its checksum and GUID are right. */
static void
tell_gpt_header(struct decompiling *d, const char *what, uint64_t lba, uint64_t other, uint64_t entries)
{
	enum { REVISION = 0x10000, ENTRY_SIZE = 128, CHECKED = 92 };
	const struct layout *l = d->image->layout;
	unsigned char there[RECORD_SIZE], expected[RECORD_SIZE];
	uint32_t sectors = gpt_sectors(l->sector_size);

	if (!read_record(d, lba * l->sector_size, there, sizeof there) || memcmp(there, "EFI PART", 8) != 0)
		return;
	memcpy(expected, there, sizeof expected);
	put32(expected + 8, REVISION);
	put32(expected + 20, 0);
	put64(expected + 32, other);
	put64(expected + 40, 1 + sectors);
	put64(expected + 48, l->disk_bytes / l->sector_size - 1 - sectors);
	put64(expected + 72, entries);
	put32(expected + 80, GPT_ENTRIES_BYTES / ENTRY_SIZE);
	put32(expected + 84, ENTRY_SIZE);
	tell(d, what, lba * l->sector_size, there, expected, 0, CHECKED);
}

static void
tell_gpt(struct decompiling *d)
{
	const struct layout *l = d->image->layout;
	uint64_t last = l->disk_bytes / l->sector_size - 1;

	tell_gpt_header(d, "the header of the GPT", 1, last, 2);
	tell_gpt_header(d, "the header of the GPT's copy", last, 1, last + 1 - gpt_sectors(l->sector_size));
}

void
decompile_table_fields(struct decompiling *d)
{
	unsigned char there[RECORD_SIZE], expected[RECORD_SIZE];
	bool is_mbr = d->image->layout->table == TABLE_MBR;

	if (d->image->bare || !read_record(d, 0, there, sizeof there))
		return;
	memcpy(expected, there, sizeof expected);
	memset(expected + MBR_RESERVED, 0, MBR_ENTRIES - MBR_RESERVED);
	for (size_t i = 0; is_mbr && i < MBR_ENTRY_COUNT; i++)
		expect_entry(expected + MBR_ENTRIES + i * MBR_ENTRY_SIZE);
	if (!is_mbr) {
		memset(expected, 0, sizeof expected);
		mbr_put_protective(expected, d->image->layout);
	}
	tell(d, is_mbr ? "the MBR" : "the MBR in front of the GPT", 0, there, expected, MBR_DISK_ID, RECORD_SIZE);
	if (!is_mbr)
		tell_gpt(d);
}

void
decompile_fat_fields(struct decompiling *d, const struct part *p)
{
	unsigned char there[RECORD_SIZE], expected[RECORD_SIZE] = {0};
	uint64_t start = layout_offset(d->image->layout, p->layout);
	struct fat_layout fat = *p->layout->fat;

	if (!read_record(d, start, there, sizeof there))
		return;
	fat.hidden_sectors = p->layout->first_lba <= UINT32_MAX ? (uint32_t)p->layout->first_lba : 0;
	fat_put_boot(expected, &fat);
	tell(d, arena_printf(d->c->arena, "the boot sector of partition %u", p->layout->number), start, there, expected, 0, sizeof expected);
}

/* Of the superblock of ext: what the manifest says, what is told as a feature, and what follows from these and from where things lie. */
static const struct {
	uint16_t at, size;
} super_kept[] = {
	{0, 44}, {56, 2}, {88, 2}, {92, 28}, {206, 2}, {224, 4}, {236, 16}, {253, 3}, {264, 84}, {372, 2}, {576, 20}, {620, 8}, {630, 1},
	{640, 4}, {1020, 4},
};

/* What there always is; all else is zero. */
static const struct {
	uint16_t at, size, value;
} super_usual[] = {
	{54, 2, 0xffff}, /* s_max_mnt_count: as often as one likes */
	{58, 2, 1},      /* s_state: unmounted as it should be */
	{60, 2, 1},      /* s_errors: go on */
	{76, 4, 1},      /* s_rev_level */
	{84, 4, 11},     /* s_first_ino */
	{252, 1, 1},     /* s_def_hash_version: half MD4 ... */
	{352, 4, 2},     /* s_flags: ... of unsigned bytes */
};

static void
expect_super(unsigned char *expected, const unsigned char *there, const struct ext_layout *ext)
{
	enum { WRITTEN = 48, CHECKED = 64, LABEL = 120, MOUNT_OPTIONS = 256, EXTRA_SIZES = 348, WRITTEN_HIGH = 628, CHECKED_HIGH = 631, EXTRA_SIZE = 32 };
	uint64_t epoch = ext->epoch < 0 ? 0 : (uint64_t)ext->epoch;

	for (size_t i = 0; i < sizeof super_kept / sizeof *super_kept; i++)
		memcpy(expected + super_kept[i].at, there + super_kept[i].at, super_kept[i].size);
	for (size_t i = 0; i < sizeof super_usual / sizeof *super_usual; i++)
		for (size_t byte = 0; byte < super_usual[i].size; byte++)
			expected[super_usual[i].at + byte] = (unsigned char)(byte < 2 ? super_usual[i].value >> 8 * byte : 0);
	memcpy(expected + LABEL, ext->label, strlen(ext->label));
	put32(expected + WRITTEN, (uint32_t)epoch);
	put32(expected + CHECKED, (uint32_t)epoch);
	expected[WRITTEN_HIGH] = expected[CHECKED_HIGH] = (unsigned char)(epoch >> 32);
	if (ext->kind != FILESYSTEM_EXT2)
		put32(expected + MOUNT_OPTIONS, 0x0c); /* user_xattr, acl */
	if (ext->inode_size > 128) {
		put16(expected + EXTRA_SIZES, EXTRA_SIZE);
		put16(expected + EXTRA_SIZES + 2, EXTRA_SIZE);
	}
}

void
decompile_ext_fields(struct decompiling *d, const struct part *p)
{
	unsigned char there[EXT_SUPERBLOCK_SIZE], expected[EXT_SUPERBLOCK_SIZE] = {0};
	uint64_t start = layout_offset(d->image->layout, p->layout) + 1024; /* behind the boot block */

	if (!read_record(d, start, there, sizeof there))
		return;
	expect_super(expected, there, p->layout->ext);
	tell(d, arena_printf(d->c->arena, "the superblock of partition %u", p->layout->number), start, there, expected, 0, sizeof expected);
}

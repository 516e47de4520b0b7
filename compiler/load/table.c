/* Decides where the partitions are, as an MBR or a GPT says. */
#include "load/table.h"

#include <inttypes.h>
#include <string.h>

#include "model/mbr.h"
#include "support/memory.h"

enum {
	DISK_ID = TABLE_CODE_SIZE,
	BOOT_SIGNATURE = 0x1fe,
	STATUS_ACTIVE = 0x80,
	FAT_SECTOR_SIZE = 11, /* in the boot sector of a FAT */
};

void
table_claim(struct loader *l, uint64_t offset, uint64_t size, enum owner_kind kind)
{
	load_claim(l, &(struct owner){.offset = offset, .size = size, .kind = kind, .partition = -1});
}

struct partition_layout *
table_add(struct loader *l, uint32_t number, uint64_t first, uint64_t sectors, const char *name)
{
	struct arena *a = l->c->arena;
	struct layout *layout = l->image->layout;
	struct partition_layout *p = ARENA_PUSH(a, layout->partitions, layout->partition_count);
	struct m_partition *from = ARENA_NEW(a, struct m_partition);
	bool nameless = !name || !*name;

	from->name = nameless ? arena_printf(a, "p%" PRIu32, number) : name;
	*p = (struct partition_layout){.from = from, .number = number, .first_lba = first, .sector_count = sectors, .nameless = nameless};
	return p;
}

const struct partition_layout *
table_overlapped(const struct layout *layout, size_t index)
{
	const struct partition_layout *p = &layout->partitions[index];

	for (const struct partition_layout *q = layout->partitions; q < p; q++)
		if (p->first_lba < q->first_lba + q->sector_count && q->first_lba < p->first_lba + p->sector_count)
			return q;
	return NULL;
}

/* Whether ENTRY, number I, has no partition. What else it has is then nobody's. */
static bool
is_unused(struct loader *l, const unsigned char *entry, uint32_t i)
{
	if (entry[MBR_TYPE])
		return false;
	if (!memory_is_zero(entry, MBR_ENTRY_SIZE))
		load_finding(l, FINDING_UNOWNED, TABLE_ENTRIES + i * MBR_ENTRY_SIZE, MBR_ENTRY_SIZE,
			"entry %" PRIu32 " of the partition table has no type, but is not zero", i + 1);
	return true;
}

/* Linux takes any of the entries for the protective one. */
static bool
is_gpt(const unsigned char *sector)
{
	const unsigned char *entry = sector + TABLE_ENTRIES;

	for (uint32_t i = 0; i < MBR_ENTRY_COUNT; i++, entry += MBR_ENTRY_SIZE)
		if (entry[MBR_TYPE] == MBR_TYPE_PROTECTIVE && (i == 0 || get32(entry + MBR_FIRST_LBA) == 1))
			return true;
	return false;
}

/* What stands beside the protective entry is for those who do not know a GPT. */
static void
read_hybrid(struct loader *l, const unsigned char *sector)
{
	for (uint32_t i = 0; i < MBR_ENTRY_COUNT; i++) {
		const unsigned char *entry = sector + TABLE_ENTRIES + i * MBR_ENTRY_SIZE;

		if (!is_unused(l, entry, i) && entry[MBR_TYPE] != MBR_TYPE_PROTECTIVE)
			load_finding(l, FINDING_NOT_UNDERSTOOD, TABLE_ENTRIES + i * MBR_ENTRY_SIZE, MBR_ENTRY_SIZE,
				"the MBR in front of the GPT has a partition of its own in entry %" PRIu32 ", of type 0x%02x; only the GPT is read", i + 1,
				(unsigned)entry[MBR_TYPE]);
	}
}

static void
read_mbr(struct loader *l, const unsigned char *sector)
{
	for (uint32_t i = 0; i < MBR_ENTRY_COUNT; i++) {
		const unsigned char *entry = sector + TABLE_ENTRIES + i * MBR_ENTRY_SIZE;
		struct partition_layout *p;

		if (is_unused(l, entry, i))
			continue;
		p = table_add(l, i + 1, get32(entry + 8), get32(entry + 12), NULL);
		p->mbr_type = entry[4];
		p->bootable = entry[0] == STATUS_ACTIVE;
		if (entry[0] & 0x7f)
			load_finding(l, FINDING_TABLE, TABLE_ENTRIES + i * MBR_ENTRY_SIZE, 1, "partition %" PRIu32 " has the status 0x%02x, neither 0 nor 0x80",
				i + 1, (unsigned)entry[0]);
		if (p->sector_count == 0)
			load_finding(l, FINDING_TABLE, TABLE_ENTRIES + i * MBR_ENTRY_SIZE + 12, 4, "partition %" PRIu32 " has no sectors", i + 1);
		if (entry[4] == 0x05 || entry[4] == 0x0f || entry[4] == 0x85)
			load_finding(l, FINDING_NOT_UNDERSTOOD, TABLE_ENTRIES + i * MBR_ENTRY_SIZE, MBR_ENTRY_SIZE,
				"partition %" PRIu32 " is an extended one; what is in it is not read", i + 1);
	}
}

static bool
has(struct loader *l, uint64_t offset, const char *magic)
{
	enum { MAGIC_MOST = 16 };
	size_t size = strlen(magic);
	char there[MAGIC_MOST];

	return file_read_at(l->fd, there, size, (off_t)offset) == (ssize_t)size && memcmp(there, magic, size) == 0;
}

/*
 * Whether the image is a file system, or swap space, without a disk around it. mkfs.fat gives what may be a removable disk a table in
 * its boot sector, which has the whole as a partition from sector 0 on.
 */
static bool
is_bare(struct loader *l, const unsigned char *sector)
{
	bool is_ext = has(l, 1024 + 56, "\x53\xef"), is_swap = has(l, 4096 - 10, "SWAPSPACE2");

	if (!is_ext && !is_swap && !load_is_fat(sector))
		return false;
	if (get16(sector + BOOT_SIGNATURE) != 0xaa55 || memory_is_zero(sector + TABLE_ENTRIES, TABLE_ENTRIES_SIZE))
		return true;
	return !is_ext && load_is_fat(sector) && sector[TABLE_ENTRIES + 4] && get32(sector + TABLE_ENTRIES + 8) == 0;
}

void
load_table(struct loader *l)
{
	struct layout *layout = l->image->layout;
	const unsigned char *sector = load_bytes(l, 0, RECORD_SIZE, "the partition table");

	if (sector && is_bare(l, sector)) {
		l->image->bare = true;
		layout->table = TABLE_NONE;
		if (load_is_fat(sector))
			layout->sector_size = get16(sector + FAT_SECTOR_SIZE) == SECTOR_4K ? SECTOR_4K : SECTOR_USUAL;
		table_add(l, 1, 0, l->image->size / layout->sector_size, NULL);
	} else if (!sector || get16(sector + BOOT_SIGNATURE) != 0xaa55) {
		layout->table = TABLE_NONE;
		load_finding(l, FINDING_NO_TABLE, 0, sector ? RECORD_SIZE : l->image->size, "there is no partition table and no known file system");
		table_claim(l, 0, l->image->size, OWNER_UNKNOWN);
	} else {
		layout->disk_id = get32(sector + DISK_ID);
		table_claim(l, 0, DISK_ID, OWNER_BOOT_CODE);
		table_claim(l, DISK_ID, RECORD_SIZE - DISK_ID, OWNER_PARTITION_TABLE);
		if (is_gpt(sector)) {
			load_gpt(l);
			read_hybrid(l, sector);
		} else {
			read_mbr(l, sector);
		}
		load_boot_code(l, sector);
	}
}

/* Decides what each partition holds. */
#include <inttypes.h>
#include <string.h>

#include "load/table.h"
#include "model/partition_type.h"

/* Whether the boot loader begins at OFFSET, as in a GPT's partition for it. */
static bool
has_region(const struct loader *l, uint64_t offset)
{
	for (size_t i = 0; i < l->image->layout->region_count; i++)
		if (l->image->layout->regions[i].offset == offset)
			return true;
	return false;
}

/* What the table says that P holds, where it says that and means but one thing; or NULL. */
static const char *
promised(const struct layout *layout, const struct partition_layout *p)
{
	static const uint8_t fats[] = {0x01, 0x04, 0x06, 0x0b, 0x0c, 0x0e, 0xef};
	const struct partition_type *esp = partition_type_called("esp"), *swap = partition_type_called("swap");

	if (layout->table == TABLE_GPT) {
		if (memcmp(p->type_guid, esp->guid, sizeof p->type_guid) == 0)
			return "FAT file system";
		return memcmp(p->type_guid, swap->guid, sizeof p->type_guid) == 0 ? "swap space" : NULL;
	}
	return memchr(fats, p->mbr_type, sizeof fats) ? "FAT file system" : p->mbr_type == swap->mbr ? "swap space" : NULL;
}

/* What is in none of the known forms. */
static void
not_known(struct loader *l, const struct partition_layout *p, uint64_t offset, uint64_t size)
{
	const char *type = promised(l->image->layout, p);

	if (type)
		load_finding(l, FINDING_INVALID, offset, size, "partition %u holds no %s that can be read, which its type says", p->number, type);
	else
		load_finding(l, FINDING_NOT_UNDERSTOOD, offset, size, "partition %u holds nothing that rootc can read", p->number);
	load_claim(l, &(struct owner){.offset = offset, .size = size, .kind = OWNER_UNKNOWN, .partition = l->partition});
}

/* What a partition holds. What is all zeroes is nothing; what another one holds is not read again, which bounds the time. */
static void
read_partition(struct loader *l, size_t index)
{
	struct partition_layout *p = &l->image->layout->partitions[index];
	uint64_t offset = layout_offset(l->image->layout, p), size = l->image->bare ? l->image->size : layout_bytes(l->image->layout, p);
	const struct partition_layout *other = table_overlapped(l->image->layout, index);

	l->partition = (int)index;
	if (offset >= l->image->size || size > l->image->size - offset)
		load_finding(l, FINDING_TRUNCATED, offset, size, "partition %u ends at byte %" PRIu64 ", behind the image's end at %" PRIu64,
			p->number, offset + size, l->image->size);
	else if (other)
		load_finding(l, FINDING_SHARED, offset, size, "partition %u has sectors of partition %u, and is not read", p->number, other->number);
	else if (!load_ext(l, p, offset, size) && !load_fat(l, p, offset, size) && !load_swap(l, p, offset, size) && !has_region(l, offset) &&
	    load_nonzero(l, offset, offset + size) < offset + size)
		not_known(l, p, offset, size);
	l->partition = -1;
}

/* Whether what begins at OFFSET looks like a file system or swap space. */
static bool
begins_at(struct loader *l, uint64_t offset)
{
	enum { PAGE_SIZE = 4096, EXT_MAGIC = 1024 + 56, SWAP_MAGIC = PAGE_SIZE - 10 };
	unsigned char page[PAGE_SIZE];

	if (l->image->size < PAGE_SIZE || offset > l->image->size - PAGE_SIZE ||
	    file_read_at(l->fd, page, sizeof page, (off_t)offset) != sizeof page)
		return false;
	return get16(page + EXT_MAGIC) == 0xef53 || load_is_fat(page) || memcmp(page + SWAP_MAGIC, "SWAPSPACE2", 10) == 0;
}

/* Says of an MBR whose numbers lead to nothing that they may count larger sectors. It is never read so unasked: bytes can lie. */
static void
suspect_sectors(struct loader *l)
{
	const struct layout *layout = l->image->layout;

	if (l->told || layout->table != TABLE_MBR)
		return;
	for (const struct partition_layout *p = layout->partitions; p < layout->partitions + layout->partition_count; p++)
		if (p->ext || p->fat || p->swap)
			return;
	for (const struct partition_layout *p = layout->partitions; p < layout->partitions + layout->partition_count; p++)
		if (begins_at(l, p->first_lba * SECTOR_4K)) {
			load_finding(l, FINDING_NOT_UNDERSTOOD, TABLE_ENTRIES, TABLE_ENTRIES_SIZE, "an MBR does not say how large sectors are: "
				"if of 512 bytes, its partitions hold nothing that is known; if of 4096, they do (--sector-size 4KiB)");
			return;
		}
}

void
load_contents(struct loader *l)
{
	for (size_t i = 0; i < l->image->layout->partition_count; i++)
		read_partition(l, i);
	suspect_sectors(l);
}

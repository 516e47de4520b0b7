/* Decides where boot code lies that the manifest brings along. */
#include "plan/stages.h"

#include "model/content.h"
#include "support/compilation.h"
#include "support/text.h"

enum { CODE_END = 0x1b8 }; /* the disk's signature and the partition table follow */

/* Where the boot code must end at the latest. */
static uint64_t
end_of_room(const struct layout *layout)
{
	uint64_t end = layout->table == TABLE_GPT ? 1 : layout->disk_bytes / layout->sector_size;

	for (size_t i = 0; i < layout->partition_count; i++)
		if (layout->partitions[i].first_lba < end)
			end = layout->partitions[i].first_lba;
	return end * layout->sector_size;
}

static void
add_region(struct compilation *c, struct layout *layout, const unsigned char *bytes, uint64_t start, uint64_t end)
{
	*ARENA_PUSH(c->arena, layout->regions, layout->region_count) =
		(struct region){.offset = start, .size = (size_t)(end - start), .bytes = bytes + start, .owner = "boot_code"};
}

bool
plan_boot_code(struct compilation *c, const struct manifest *m, const struct closure *closure, struct layout *layout)
{
	const struct content *code = closure->boot_code;
	uint64_t room = end_of_room(layout);
	const char *bytes;

	if (!code)
		return true;
	if (code->size > room) {
		diag_label(diag(&c->diags, DIAG_BOOT_CODE_TOO_LARGE, m->disk.boot_code.at, "there is no room for the %s of '%s'",
			text_count(c->arena, code->size, "byte", "bytes"), m->disk.boot_code.v), "at most %s",
			text_count(c->arena, room, "byte", "bytes"));
		return false;
	}
	if (!(bytes = content_read(c, code, m->disk.boot_code.at, room)))
		return false;
	add_region(c, layout, (const unsigned char *)bytes, 0, code->size < CODE_END ? code->size : CODE_END);
	if (code->size > RECORD_SIZE)
		add_region(c, layout, (const unsigned char *)bytes, RECORD_SIZE, code->size);
	return true;
}

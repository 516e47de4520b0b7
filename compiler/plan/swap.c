/* Decides what is in partitions that have no file system: swap space, or the bytes of a file. */
#include <inttypes.h>
#include <string.h>

#include "model/content.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

enum {
	PAGE_SIZE = 4096,
	LEAST_PAGES = 10, /* mkswap makes none smaller */
};

static bool
check_pages(struct compilation *c, const struct m_partition *from, uint64_t pages)
{
	struct diag *d;

	if (pages >= LEAST_PAGES && pages - 1 <= UINT32_MAX)
		return true;
	d = diag(&c->diags, DIAG_SWAP_SIZE, from->size.at, "partition '%s' is too %s for swap space", from->name,
		pages < LEAST_PAGES ? "small" : "large");
	diag_help(diag_label(d, "%" PRIu64 " pages of 4 KiB", pages), "swap space has 40 KiB to 16 TiB");
	return false;
}

bool
plan_swap(struct compilation *c, const struct manifest *m, const struct m_partition *from, struct partition_layout *to)
{
	uint64_t pages = to->sector_count / (PAGE_SIZE / m->disk.sector_size.bytes);

	if (!from->swap.given)
		return true;
	if (!check_pages(c, from, pages))
		return false;
	to->swap = ARENA_NEW(c->arena, struct swap_layout);
	to->swap->pages = pages;
	identity_uuid(m, arena_printf(c->arena, "partition/%s/swap", from->name), to->swap->uuid);
	if (from->swap.uuid.given)
		memcpy(to->swap->uuid, from->swap.uuid.v, sizeof to->swap->uuid);
	if (from->swap.label.v)
		strncpy(to->swap->label, from->swap.label.v, sizeof to->swap->label - 1);
	return true;
}

bool
plan_raw(struct compilation *c, const struct closure *closure, const struct manifest *m, const struct m_partition *from,
	struct partition_layout *to)
{
	uint64_t has = to->sector_count * m->disk.sector_size.bytes;
	struct diag *d;

	to->raw = closure->raws ? closure->raws[from - m->partitions] : NULL;
	if (!to->raw || to->raw->size <= has)
		return true;
	d = diag(&c->diags, DIAG_RAW_TOO_LARGE, from->raw.at, "'%s' has %" PRIu64 " bytes, and partition '%s' has %" PRIu64,
		from->raw.v, to->raw->size, from->name, has);
	diag_label(d, "%" PRIu64 " bytes too many", to->raw->size - has);
	diag_help(diag_note(d, from->size.at, "the partition has its size here"), "set size: min");
	return false;
}

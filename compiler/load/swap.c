/* Decides what swap space of Linux is: a header in its first page (include/linux/swap.h, union swap_header). */
#include <inttypes.h>
#include <string.h>

#include "load/loader.h"

enum {
	PAGE_SIZE = 4096,
	VERSION = 1024,
	LAST_PAGE = 1028,
	BAD_PAGES = 1032,
	SWAP_UUID = 1036,
	SWAP_LABEL = 1052,
	PADDING = 1068,
	SIGNATURE = PAGE_SIZE - 10,
};

/* The fields, each of which has a value that it must have, and bytes that nothing uses. */
static void
check(struct loader *l, const unsigned char *page, uint64_t offset, uint64_t size)
{
	uint32_t last = get32(page + LAST_PAGE);
	uint64_t label_end = offset + SWAP_LABEL + strnlen((const char *)page + SWAP_LABEL, PADDING - SWAP_LABEL);
	uint64_t behind = load_nonzero(l, label_end, offset + PADDING), other = load_nonzero(l, offset + PADDING, offset + SIGNATURE);

	if (get32(page + VERSION) != 1)
		load_finding(l, FINDING_INVALID, offset + VERSION, 4, "swap space has version %" PRIu32 ", not 1", get32(page + VERSION));
	if (last == 0 || last >= size / PAGE_SIZE)
		load_finding(l, FINDING_INVALID, offset + LAST_PAGE, 4, "swap space ends with page %" PRIu32 ", but there are %" PRIu64, last,
			size / PAGE_SIZE);
	if (behind < offset + PADDING)
		load_finding(l, FINDING_UNOWNED, behind, offset + PADDING - behind, "behind the end of the label of swap space not all is zero");
	if (get32(page + BAD_PAGES))
		load_finding(l, FINDING_NOT_UNDERSTOOD, offset + BAD_PAGES, 4, "swap space has %" PRIu32 " bad pages, which no manifest can say",
			get32(page + BAD_PAGES));
	else if (other < offset + SIGNATURE)
		load_finding(l, FINDING_INVALID, other, offset + SIGNATURE - other, "the header of swap space is not zero at byte %" PRIu64
			", which nothing uses", other);
}

bool
load_swap(struct loader *l, struct partition_layout *p, uint64_t offset, uint64_t size)
{
	struct m_partition *from = ARENA_NEW(l->c->arena, struct m_partition);
	struct owner owner = {.offset = offset, .size = PAGE_SIZE, .kind = OWNER_SWAP_HEADER, .partition = l->partition};
	const unsigned char *page;

	if (size < PAGE_SIZE || !(page = load_bytes(l, offset, PAGE_SIZE, "the header of swap space")) ||
	    memcmp(page + SIGNATURE, "SWAPSPACE2", 10) != 0)
		return false;
	check(l, page, offset, size);
	load_claim(l, &owner);
	owner.kind = OWNER_FREE;
	owner.offset += PAGE_SIZE;
	owner.size = size / PAGE_SIZE * PAGE_SIZE - PAGE_SIZE;
	load_claim(l, &owner);
	*from = *p->from;
	from->swap.given = true;
	p->from = from;
	p->swap = ARENA_NEW(l->c->arena, struct swap_layout);
	p->swap->pages = (uint64_t)get32(page + LAST_PAGE) + 1;
	memcpy(p->swap->uuid, page + SWAP_UUID, sizeof p->swap->uuid);
	memcpy(p->swap->label, page + SWAP_LABEL, sizeof p->swap->label - 1);
	return true;
}

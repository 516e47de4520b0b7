#include "support/progress.h"

enum { TOLD_BYTES = 1 << 20 };

static void
tell(struct progress *p)
{
	p->now.done = p->done;
	p->tell(p->of, &p->now);
}

void
progress_begin(struct progress *p, enum rootc_phase phase, const char *what, uint64_t total)
{
	if (!p->tell || (phase == ROOTC_OVER && p->now.phase == ROOTC_OVER))
		return;
	/* What was done since it was last told of belongs to the end. */
	if (p->done != p->now.done)
		tell(p);
	p->now = (struct rootc_progress){.phase = phase, .begins = true, .what = what, .total = total};
	p->done = 0;
	tell(p);
	p->now.begins = false;
}

void
progress_to(struct progress *p, uint64_t done, const char *item)
{
	p->done = done;
	p->now.item = item;
	if (p->tell)
		tell(p);
}

void
progress_bytes(struct progress *p, uint64_t more)
{
	uint64_t before;

	if (!p->tell)
		return;
	before = atomic_fetch_add(&p->done, more);
	if (before / TOLD_BYTES == (before + more) / TOLD_BYTES || atomic_exchange(&p->telling, true))
		return;
	tell(p);
	atomic_store(&p->telling, false);
}

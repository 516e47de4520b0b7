/* Decides everything of a FAT file system: its kind and geometry, names, directories, and the place of every cluster. */
#include "plan/fat.h"

#include <inttypes.h>
#include <string.h>

#include "plan/stages.h"
#include "support/calendar.h"
#include "support/compilation.h"
#include "support/text.h"

enum { LABEL = 11 };

/* Partition types of the MBR. */
enum { TYPE_FAT12 = 0x01, TYPE_FAT32_LBA = 0x0c, TYPE_FAT16_LBA = 0x0e, TYPE_ESP = 0xef };

static struct fat_layout *
describe(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	struct fat_layout *l = ARENA_NEW(c->arena, struct fat_layout);
	struct fat_time time = calendar_to_fat(m->epoch.v);

	l->from = &p->filesystem;
	l->sector_size = (uint32_t)m->disk.sector_size.bytes;
	l->volume_id = identity_volume(c, m, p);
	if (p->filesystem.label.v && *p->filesystem.label.v) {
		memset(l->label, ' ', LABEL);
		memcpy(l->label, p->filesystem.label.v, strlen(p->filesystem.label.v));
	}
	l->wanted_free = p->free.given ? &p->free : NULL;
	l->date = time.date;
	l->time = time.time;
	l->hundredths = time.hundredths;
	return l;
}

static bool
check_epoch(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	if (m->epoch.v <= CALENDAR_FAT_LAST)
		return true;
	diag_note(diag_label(diag(&c->diags, DIAG_EPOCH_OUT_OF_RANGE, m->epoch.at,
		"the epoch %" PRId64 " does not fit into a vfat", m->epoch.v), "at most %" PRId64, CALENDAR_FAT_LAST),
		p->filesystem.at, "it is that of partition '%s'", p->name);
	return false;
}

static bool
check_largest(struct compilation *c, const struct m_partition *p, const struct fat_layout *l, uint64_t bytes)
{
	uint64_t most = fat_most_bytes(l);
	struct diag *d;

	if (bytes <= most)
		return true;
	d = diag(&c->diags, DIAG_FILESYSTEM_TOO_LARGE, p->size.at, "partition '%s' is larger than its file system can be", p->name);
	diag_label(d, "at most %s", text_bytes(c->arena, most));
	if (p->filesystem.fat.given)
		diag_note(d, p->filesystem.fat.at, "a FAT%" PRIu64 " is asked for here", p->filesystem.fat.v);
	diag_help(d, p->filesystem.fat.given ? "leave out 'fat', or make the partition smaller" : "make the partition smaller");
	return false;
}

bool
partition_is_esp(const struct m_partition *p)
{
	return p->mount.v && (strcmp(p->mount.v, "/efi") == 0 || strcmp(p->mount.v, "/boot/efi") == 0);
}

uint8_t
plan_fat_type(const struct m_partition *p, const struct fat_layout *l)
{
	if (partition_is_esp(p))
		return TYPE_ESP;
	return l->bits == 12 ? TYPE_FAT12 : l->bits == 16 ? TYPE_FAT16_LBA : TYPE_FAT32_LBA;
}

struct fat_layout *
fat_prepare(struct compilation *c, const struct manifest *m, const struct m_partition *p, const struct node *root)
{
	struct fat_layout *l = describe(c, m, p);

	return fat_collect(c, root, l) ? l : NULL;
}

/* The size of P, which is given as the smallest that does: 0 with a diagnostic. */
static uint64_t
smallest(struct compilation *c, const struct m_partition *p, const struct fat_layout *collected)
{
	uint64_t size = fat_smallest(collected);
	struct diag *d;

	if (size)
		return size;
	d = diag(&c->diags, DIAG_FILESYSTEM_TOO_LARGE, p->size.at, "no FAT is large enough for what partition '%s' holds", p->name);
	diag_label(d, "at most %s", text_bytes(c->arena, fat_most_bytes(collected)));
	diag_help(d, p->filesystem.fat.given ? "leave out 'fat', or put less into it" : "put less into it");
	return 0;
}

struct fat_layout *
plan_fat(struct compilation *c, const struct manifest *m, const struct m_partition *p, const struct node *root,
	uint64_t first_lba, uint64_t bytes)
{
	struct fat_layout *collected = fat_prepare(c, m, p, root), *made = ARENA_NEW(c->arena, struct fat_layout);
	bool ok = check_epoch(c, m, p);
	uint64_t bound;

	if (collected && p->size.kind == SIZE_MIN && !(bytes = smallest(c, p, collected)))
		return NULL;
	if (!collected || !check_largest(c, p, collected, bytes))
		return NULL;
	collected->hidden_sectors = first_lba <= UINT32_MAX ? (uint32_t)first_lba : 0;
	bound = fat_attempt(c->arena, collected, bytes, made);
	if (bound)
		fat_report_shortage(c, p, collected, made, bytes, bound);
	return ok && !bound ? made : NULL;
}

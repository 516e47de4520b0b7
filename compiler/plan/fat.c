/* Decides everything of a FAT file system: its kind and geometry, names, directories, and the place of every cluster. */
#include "plan/fat.h"

#include <inttypes.h>
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* What an entry's date and time can say: 1980-01-01T00:00:00 to 2107-12-31T23:59:59. */
#define OLDEST_TIME INT64_C(315532800)
#define NEWEST_TIME INT64_C(4354819199)

enum { FIRST_YEAR = 1980, DAY = 24 * 60 * 60, LABEL = 11 };

/* Partition types of the MBR. */
enum { TYPE_FAT12 = 0x01, TYPE_FAT32_LBA = 0x0c, TYPE_FAT16_LBA = 0x0e, TYPE_ESP = 0xef };

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Takes the epoch apart. Before 1980, an entry has the first time that there is. */
static void
set_time(struct fat_layout *l, int64_t epoch)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t seconds = epoch < OLDEST_TIME ? 0 : epoch - OLDEST_TIME;
	int days = (int)(seconds / DAY), in_day = (int)(seconds % DAY), year = FIRST_YEAR, month = 0;

	for (; days >= 365 + is_leap(year); year++)
		days -= 365 + is_leap(year);
	for (; days >= lengths[month] + (month == 1 && is_leap(year)); month++)
		days -= lengths[month] + (month == 1 && is_leap(year));
	l->date = (uint16_t)((year - FIRST_YEAR) << 9 | (month + 1) << 5 | (days + 1));
	l->time = (uint16_t)(in_day / 3600 << 11 | in_day / 60 % 60 << 5 | in_day % 60 / 2);
	l->hundredths = (uint8_t)(in_day % 2 * 100);
}

static struct fat_layout *
describe(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	struct fat_layout *l = ARENA_NEW(c->arena, struct fat_layout);

	l->from = &p->filesystem;
	l->sector_size = (uint32_t)m->disk.sector_size.bytes;
	l->volume_id = identity_volume(c, m, p);
	if (p->filesystem.label.v && *p->filesystem.label.v) {
		memset(l->label, ' ', LABEL);
		memcpy(l->label, p->filesystem.label.v, strlen(p->filesystem.label.v));
	}
	l->wanted_free = p->free.given ? &p->free : NULL;
	set_time(l, m->epoch.v);
	return l;
}

static bool
check_epoch(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	if (m->epoch.v <= NEWEST_TIME)
		return true;
	diag_note(diag_label(diag(&c->diags, DIAG_EPOCH_OUT_OF_RANGE, m->epoch.at,
		"the epoch %" PRId64 " does not fit into a vfat", m->epoch.v), "at most %" PRId64, NEWEST_TIME),
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

/*
 * Decides everything of an ext2, ext3 or ext4 file system: geometry, inode numbers, directories and the place of
 * every block.
 */
#include "plan/ext.h"

#include <inttypes.h>
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/integer.h"
#include "support/memory.h"
#include "support/text.h"

enum { BYTES_PER_INODE = 16 * 1024 };

/*
 * Times in an inode are 32 bits and signed; two bits more stand in the second half of a large one
 * (ext4_encode_extra_time).
 */
#define OLDEST_TIME (-INT64_C(0x80000000))
#define NEWEST_SMALL_TIME INT64_C(0x7fffffff)
#define NEWEST_LARGE_TIME INT64_C(0x37fffffff)

/* The size of the journal by that of the file system, both in blocks: mke2fs's table (ext2fs_default_journal_size). */
static const struct {
	uint64_t below;
	uint32_t journal;
} journal_sizes[] = {
	{2048, 0},
	{32768, 1024},
	{262144, 4096},
	{524288, 8192},
	{4194304, 16384},
	{8388608, 32768},
	{16777216, 65536},
	{33554432, 131072},
	{UINT64_MAX, 262144},
};

static uint32_t
journal_blocks(uint64_t blocks)
{
	size_t i = 0;

	while (blocks >= journal_sizes[i].below)
		i++;
	return journal_sizes[i].journal;
}

static struct ext_layout *
describe(struct compilation *c, const struct manifest *m, const struct m_partition *p)
{
	struct ext_layout *l = ARENA_NEW(c->arena, struct ext_layout);
	const struct m_filesystem *from = &p->filesystem;

	l->from = from;
	l->wanted_free = p->free.given ? &p->free : NULL;
	l->kind = (enum filesystem_kind)from->type.v;
	l->block_size = (uint32_t)from->block_size.bytes;
	l->inode_size = (uint32_t)from->inode_size.v;
	ASSERT(l->block_size == 1024 || l->block_size == 2048 || l->block_size == 4096);
	ASSERT(l->inode_size == 128 || l->inode_size == 256);
	l->epoch = m->epoch.v;
	if (from->label.v)
		strncpy(l->label, from->label.v, sizeof l->label - 1);
	identity_filesystem(c, m, p, l->uuid);
	identity_uuid(m, arena_printf(c->arena, "partition/%s/hash-seed", p->name), l->hash_seed);
	if (from->hash_seed.given)
		memcpy(l->hash_seed, from->hash_seed.v, sizeof l->hash_seed);
	return l;
}

static bool
check_epoch(struct compilation *c, const struct manifest *m, const struct m_partition *p, const struct ext_layout *l)
{
	int64_t newest = l->inode_size > 128 ? NEWEST_LARGE_TIME : NEWEST_SMALL_TIME;
	struct diag *d;

	if (l->epoch >= OLDEST_TIME && l->epoch <= newest)
		return true;
	d = diag(&c->diags, DIAG_EPOCH_OUT_OF_RANGE, m->epoch.at,
		"the epoch %" PRId64 " does not fit into an inode of %u bytes", l->epoch, l->inode_size);
	diag_label(d, "%" PRId64 " to %" PRId64, OLDEST_TIME, newest);
	diag_note(d, p->filesystem.at, "the inodes are those of partition '%s'", p->name);
	if (l->epoch > newest && l->epoch <= NEWEST_LARGE_TIME)
		diag_help(d, "set inode_size: 256, or an earlier epoch");
	return false;
}

static uint32_t
inodes_needed(const struct ext_layout *l)
{
	return l->inodes[l->inode_used_count - 1].number;
}

static bool
check_inodes(struct compilation *c, const struct m_partition *p, const struct ext_layout *l)
{
	const struct m_number *asked = &p->filesystem.inodes;
	struct diag *d;

	if (!asked->given || asked->v >= inodes_needed(l))
		return true;
	d = diag(&c->diags, DIAG_INODES_TOO_FEW, asked->at,
		"%" PRIu64 " inodes are too few for what is in partition '%s'", asked->v, p->name);
	diag_label(d, "%u needed, 11 of them for the file system itself", inodes_needed(l));
	diag_help(d, "leave it out, and there are as many as are needed and an eighth more");
	return false;
}

static bool
check_largest(struct compilation *c, const struct m_partition *p, const struct ext_layout *l, uint64_t bytes)
{
	uint64_t most = ext_most_blocks(l), blocks = bytes / l->block_size;
	struct diag *d;

	if (blocks <= most)
		return true;
	d = diag(&c->diags, DIAG_FILESYSTEM_TOO_LARGE, p->size.at,
		"partition '%s' has %" PRIu64 " blocks of %s, more than a file system can have", p->name, blocks,
		text_bytes(c->arena, l->block_size));
	diag_label(d, "at most %" PRIu64 " blocks", most);
	diag_help(d, l->block_size < 4096 ? "set block_size: 4KiB" : "make the partition smaller");
	return false;
}

/* What was asked for, or one for every 16 KiB, but an eighth more than are needed, for what is made later. */
static uint64_t
inodes_wanted(const struct ext_layout *l, uint64_t bytes)
{
	uint64_t needed = inodes_needed(l), usual = bytes / BYTES_PER_INODE;

	if (l->from->inodes.given)
		return l->from->inodes.v;
	needed += divide_up(needed, 8);
	return needed > usual ? needed : usual;
}

/* The journal has its size now; where there is none, the root takes the place of its inode. */
static void
decide_journal(struct ext_layout *l)
{
	uint32_t blocks = journal_blocks(l->block_count);

	if (!(l->feature_compat & EXT_COMPAT_HAS_JOURNAL))
		return;
	l->inodes[1] = ext_journal_inode(); /* an attempt before may have been without */
	if (blocks) {
		l->inodes[1].size = (uint64_t)blocks * l->block_size;
		return;
	}
	l->feature_compat &= ~(uint32_t)EXT_COMPAT_HAS_JOURNAL;
	l->inodes[1] = l->inodes[0];
	l->inodes++;
	l->inode_used_count--;
}

bool
ext_lacks_journal(const struct ext_layout *l)
{
	return l->kind == FILESYSTEM_EXT3 && !(l->feature_compat & EXT_COMPAT_HAS_JOURNAL);
}

static void
note_journal(struct ext_layout *l)
{
	const struct ext_inode *journal = &l->inodes[1];

	if (!(l->feature_compat & EXT_COMPAT_HAS_JOURNAL))
		return;
	l->journal.first = journal->runs[0].first;
	l->journal.count = ext_data_blocks(journal);
}

uint64_t
ext_attempt(struct arena *a, const struct ext_layout *collected, uint64_t bytes, struct ext_layout *made)
{
	uint64_t blocks = bytes / collected->block_size, inodes = inodes_wanted(collected, bytes), least, missing;

	*made = *collected;
	least = ext_divide(a, made, blocks, inodes);
	if (least)
		return (least > blocks ? least : blocks + 1) * collected->block_size;
	decide_journal(made);
	if (ext_lacks_journal(made))
		return journal_sizes[0].below * collected->block_size;
	missing = ext_place(a, made);
	note_journal(made);
	made->reserved_blocks = made->block_count * made->from->reserved_percent.v / 100;
	least = ext_bound(made, missing, inodes);
	return (least && least <= blocks ? blocks + 1 : least) * collected->block_size;
}

/* The file system of the least size. */
static struct ext_layout *
plan_smallest(struct compilation *c, const struct m_partition *p, const struct ext_layout *collected)
{
	struct ext_layout *made = ARENA_NEW(c->arena, struct ext_layout);

	if (ext_smallest(c->arena, collected, made))
		return made;
	diag_help(diag(&c->diags, DIAG_FILESYSTEM_TOO_LARGE, p->size.at,
		"what partition '%s' is to hold fits into no file system with blocks of %s", p->name,
		text_bytes(c->arena, collected->block_size)),
		collected->block_size < 4096 ? "set block_size: 4KiB" : "leave something out");
	return NULL;
}

struct ext_layout *
plan_ext(struct compilation *c, const struct manifest *m, const struct m_partition *p, const struct node *root,
	uint64_t bytes)
{
	struct ext_layout *collected = describe(c, m, p), *made = ARENA_NEW(c->arena, struct ext_layout);
	bool ok = check_epoch(c, m, p, collected);
	uint64_t bound;

	if (!ext_choose_features(c, collected, bytes / collected->block_size) || !ext_collect(c, p, root, collected))
		return NULL;
	ok = check_inodes(c, p, collected) && ok;
	if (p->size.kind == SIZE_MIN)
		return ok ? plan_smallest(c, p, collected) : NULL;
	if (!check_largest(c, p, collected, bytes))
		return NULL;
	bound = ext_attempt(c->arena, collected, bytes, made);
	if (bound)
		ext_report_shortage(c, p, collected, made, bytes, bound);
	return ok && !bound ? made : NULL;
}

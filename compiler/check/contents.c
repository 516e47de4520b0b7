/* What partitions hold. */

#include "check/rules.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "model/fat.h"
#include "support/compilation.h"
#include "support/memory.h"

bool
check_contents(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		const struct {
			const char *key;
			bool given;
			struct span at;
		} kinds[] = {
			{"filesystem", p->filesystem.given, p->filesystem.at},
			{"swap", p->swap.given, p->swap.at},
			{"raw", p->raw.v != NULL, p->raw.at},
		};

		for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++)
			for (size_t other = 0; other < k; other++) {
				if (!kinds[k].given || !kinds[other].given)
					continue;
				diag_note(diag(&c->diags, DIAG_KEY_CONFLICT, kinds[k].at, "'%s' and '%s' exclude each other",
					kinds[k].key, kinds[other].key), kinds[other].at, "'%s' is here", kinds[other].key);
				good = false;
			}
	}
	return good;
}

bool
check_block_sizes(struct compilation *c, const struct manifest *m)
{
	const struct m_size *sector_size = &m->disk.sector_size;
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;

		if (!f->given || !f->block_size.given || f->type.v == FILESYSTEM_VFAT || f->block_size.bytes >= sector_size->bytes)
			continue;
		diag_help(diag_note(diag(&c->diags, DIAG_BLOCK_SIZE_TOO_SMALL, f->block_size.at,
			"blocks of %" PRIu64 " KiB are smaller than the disk's sectors", f->block_size.bytes / 1024),
			sector_size->at, "these have %" PRIu64 " KiB", sector_size->bytes / 1024), "leave 'block_size' out, or write 4KiB");
		good = false;
	}
	return good;
}

bool
check_free(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_partition *p = &m->partitions[i];
		uint64_t percent = p->filesystem.reserved_percent.v + (p->free.kind == SIZE_PERCENT ? p->free.bytes : 0);

		if (!p->free.given)
			continue;
		if (p->size.kind != SIZE_MIN || !p->filesystem.given) {
			diag_help(diag(&c->diags, DIAG_FREE_MEANINGLESS, p->free.at,
				"'free' means nothing for partition '%s', which has no smallest size", p->name),
				"write 'size: min' for one with a file system, or leave 'free' out");
			good = false;
		} else if (percent >= 100) {
			diag_note(diag(&c->diags, DIAG_FREE_MEANINGLESS, p->free.at,
				"%" PRIu64 "%% cannot be free where %" PRIu64 "%% are reserved", p->free.bytes, percent - p->free.bytes),
				p->filesystem.reserved_percent.at, "reserved here");
			good = false;
		}
	}
	return good;
}

bool
check_filesystem_keys(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;
		const bool is_vfat = f->type.v == FILESYSTEM_VFAT;
		const struct {
			const char *key;
			bool of_vfat, given;
			struct span at;
			const char *help;
		} keys[] = {
			{"block_size", false, f->block_size.given, f->block_size.at, "a vfat's clusters follow from its size"},
			{"uuid", false, f->uuid.given, f->uuid.at, "a vfat has 'volume_id', such as ABCD-1234"},
			{"hash_seed", false, f->hash_seed.given, f->hash_seed.at, "a vfat hashes no names"},
			{"inodes", false, f->inodes.given, f->inodes.at, "a vfat has no inodes"},
			{"inode_size", false, f->inode_size.given, f->inode_size.at, "a vfat has no inodes"},
			{"reserved_percent", false, f->reserved_percent.given, f->reserved_percent.at,
				"a vfat reserves nothing"},
			{"features", false, f->features.given, f->features.at, "a vfat has no features to choose"},
			{"volume_id", true, f->volume_id.given, f->volume_id.at, "ext file systems have 'uuid'"},
			{"fat", true, f->fat.given, f->fat.at, "only a vfat has a FAT"},
		};

		for (size_t k = 0; f->given && k < sizeof keys / sizeof *keys; k++) {
			if (!keys[k].given || keys[k].of_vfat == is_vfat)
				continue;
			diag_help(diag(&c->diags, DIAG_KEY_CONFLICT, keys[k].at,
				"'%s' means nothing for this type of file system", keys[k].key), "leave it out: %s", keys[k].help);
			good = false;
		}
	}
	return good;
}

bool
check_vfat_labels(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++) {
		const struct m_filesystem *f = &m->partitions[i].filesystem;

		if (f->type.v != FILESYSTEM_VFAT || !f->label.v || !*f->label.v || fat_is_label(f->label.v))
			continue;
		diag_help(diag(&c->diags, DIAG_TEXT_MALFORMED, f->label.at, "'%s' is no label of a vfat", f->label.v),
			"expected at most %d capitals, digits, blanks within it and any of !#$%%&'()-@^_`{}~", (int)FAT_LABEL_MOST);
		good = false;
	}
	return good;
}

/* Whether two file systems were given the same number; a vfat's is told by its text. */
static bool
same_identity(const struct m_filesystem *one, const struct m_filesystem *other)
{
	if (one->volume_id.given && other->volume_id.given)
		return strcasecmp(one->volume_id.v, other->volume_id.v) == 0;
	return one->uuid.given && other->uuid.given && !memory_is_zero(one->uuid.v, sizeof one->uuid.v) &&
		memcmp(one->uuid.v, other->uuid.v, sizeof one->uuid.v) == 0;
}

static struct span
identity_span(const struct m_filesystem *f)
{
	return f->volume_id.given ? f->volume_id.at : f->uuid.at;
}

bool
check_uuids(struct compilation *c, const struct manifest *m)
{
	bool good = true;

	for (size_t i = 0; i < m->partition_count; i++)
		for (size_t k = 0; k < i; k++) {
			const struct m_filesystem *one = &m->partitions[i].filesystem, *other = &m->partitions[k].filesystem;

			if (!same_identity(one, other))
				continue;
			diag_note(diag(&c->diags, DIAG_UUID_TWICE, identity_span(one), "two file systems have one %s",
				one->volume_id.given ? "volume id" : "UUID"), identity_span(other), "first used here");
			good = false;
		}
	return good;
}

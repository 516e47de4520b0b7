/* Names the features of a file system. */
#include "model/features.h"

#include <string.h>

#include "support/arena.h"

struct feature {
	uint32_t bit;
	const char *name;
};

static const struct feature compat[] = {
	{0x0001, "dir_prealloc"},
	{0x0002, "imagic_inodes"},
	{0x0004, "has_journal"},
	{0x0008, "ext_attr"},
	{0x0010, "resize_inode"},
	{0x0020, "dir_index"},
	{0x0200, "sparse_super2"},
	{0x0400, "fast_commit"},
	{0x0800, "stable_inodes"},
	{0x1000, "orphan_file"},
	{0},
};

static const struct feature incompat[] = {
	{0x00001, "compression"},
	{0x00002, "filetype"},
	{0x00004, "needs_recovery"},
	{0x00008, "journal_dev"},
	{0x00010, "meta_bg"},
	{0x00040, "extent"},
	{0x00080, "64bit"},
	{0x00100, "mmp"},
	{0x00200, "flex_bg"},
	{0x00400, "ea_inode"},
	{0x01000, "dirdata"},
	{0x02000, "metadata_csum_seed"},
	{0x04000, "large_dir"},
	{0x08000, "inline_data"},
	{0x10000, "encrypt"},
	{0x20000, "casefold"},
	{0},
};

static const struct feature ro_compat[] = {
	{0x00001, "sparse_super"},
	{0x00002, "large_file"},
	{0x00008, "huge_file"},
	{0x00010, "uninit_bg"},
	{0x00020, "dir_nlink"},
	{0x00040, "extra_isize"},
	{0x00100, "quota"},
	{0x00200, "bigalloc"},
	{0x00400, "metadata_csum"},
	{0x01000, "read-only"},
	{0x02000, "project"},
	{0x04000, "shared_blocks"},
	{0x08000, "verity"},
	{0x10000, "orphan_present"},
	{0},
};

const char *const *
ext_features(struct arena *a, const struct ext_layout *ext, size_t *count)
{
	const struct {
		const char *name;
		uint32_t bits;
		const struct feature *known;
	} words[] = {
		{"compat", ext->feature_compat, compat},
		{"incompat", ext->feature_incompat, incompat},
		{"ro_compat", ext->feature_ro_compat, ro_compat},
	};
	const char **list = NULL;

	*count = 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		uint32_t left = words[i].bits;

		for (const struct feature *f = words[i].known; f->bit; f++) {
			if (left & f->bit)
				*ARENA_PUSH(a, list, *count) = f->name;
			left &= ~f->bit;
		}
		if (left)
			*ARENA_PUSH(a, list, *count) = arena_printf(a, "%s:0x%x", words[i].name, left);
	}
	return list;
}

bool
ext_feature_is_choice(const char *name)
{
	static const char *const choices[] = {"has_journal", "dir_index", "extent", "64bit", "metadata_csum"};

	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if (strcmp(choices[i], name) == 0)
			return true;
	return false;
}

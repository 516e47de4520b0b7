/* Decides which features of the format an ext2, ext3 or ext4 file system has: those of its type, and what the manifest says. */
#include "plan/ext.h"

#include <string.h>

#include "support/compilation.h"
#include "support/text.h"

enum word { COMPAT, INCOMPAT, RO_COMPAT, WORDS };

/* Types as a set. */
enum { ON_EXT2 = 1 << FILESYSTEM_EXT2, ON_EXT3 = 1 << FILESYSTEM_EXT3, ON_EXT4 = 1 << FILESYSTEM_EXT4, ON_ALL = 7, ON_NONE = 0 };

/*
 * Format 1 uses what mke2fs has used for twenty years and every reader knows. dir_index is of use where somebody looks for a name
 * among thousands, 64bit above 16 TiB, where it comes by itself; resize_inode is for growth in place, and flex_bg would part a group from its metadata.
 */
static const struct feature {
	const char *name; /* as mke2fs and dumpe2fs call it */
	enum word word;
	uint32_t bit;
	unsigned usual, addable, removable; /* on these types */
} features[] = {
	{"has_journal", COMPAT, EXT_COMPAT_HAS_JOURNAL, ON_EXT3 | ON_EXT4, ON_NONE, ON_EXT4},
	{"ext_attr", COMPAT, EXT_COMPAT_EXT_ATTR, ON_ALL, ON_NONE, ON_NONE},
	{"dir_index", COMPAT, EXT_COMPAT_DIR_INDEX, ON_NONE, ON_ALL, ON_NONE},
	{"filetype", INCOMPAT, EXT_INCOMPAT_FILETYPE, ON_ALL, ON_NONE, ON_NONE},
	{"extent", INCOMPAT, EXT_INCOMPAT_EXTENTS, ON_EXT4, ON_NONE, ON_EXT4},
	{"64bit", INCOMPAT, EXT_INCOMPAT_64BIT, ON_NONE, ON_EXT4, ON_NONE},
	{"sparse_super", RO_COMPAT, EXT_RO_SPARSE_SUPER, ON_ALL, ON_NONE, ON_NONE},
	{"large_file", RO_COMPAT, EXT_RO_LARGE_FILE, ON_ALL, ON_NONE, ON_NONE},
	{"huge_file", RO_COMPAT, EXT_RO_HUGE_FILE, ON_EXT4, ON_NONE, ON_NONE},
	{"dir_nlink", RO_COMPAT, EXT_RO_DIR_NLINK, ON_EXT4, ON_NONE, ON_NONE},
	{"extra_isize", RO_COMPAT, EXT_RO_EXTRA_ISIZE, ON_EXT4, ON_NONE, ON_NONE},
	{"metadata_csum", RO_COMPAT, EXT_RO_METADATA_CSUM, ON_EXT4, ON_NONE, ON_EXT4},
};

enum { FEATURES = sizeof features / sizeof *features };

static uint32_t *
word_of(struct ext_layout *l, enum word word)
{
	uint32_t *const words[WORDS] = {&l->feature_compat, &l->feature_incompat, &l->feature_ro_compat};

	return words[word];
}

static const struct feature *
find(const char *name)
{
	for (size_t i = 0; i < FEATURES; i++)
		if (strcmp(features[i].name, name) == 0)
			return &features[i];
	return NULL;
}

static bool
report_unknown(struct compilation *c, const struct m_text *wanted, const char *name)
{
	const char *names[FEATURES], *near;
	struct diag *d = diag(&c->diags, DIAG_FEATURE_UNKNOWN, wanted->at, "unknown feature '%s'", name);

	for (size_t i = 0; i < FEATURES; i++)
		names[i] = features[i].name;
	near = text_nearest(name, names, FEATURES);
	if (near)
		diag_help(d, "did you mean '%s'?", near);
	else
		diag_help(d, "those that can be chosen are dir_index, 64bit, ^extent, ^has_journal and ^metadata_csum");
	return false;
}

static bool
report_fixed(struct compilation *c, const struct ext_layout *l, const struct m_text *wanted, const struct feature *f)
{
	bool remove = *wanted->v == '^';
	struct diag *d = diag(&c->diags, DIAG_FEATURE_CONFLICT, wanted->at, "%s %s '%s'", ext_type_name(l),
		remove ? "cannot be without" : "has no", f->name);

	if (f->bit == EXT_COMPAT_HAS_JOURNAL)
		diag_help(d, "set 'type: %s'", remove ? "ext2" : "ext3");
	else if (f->addable | f->removable)
		diag_help(d, "set 'type: ext4', or leave it out");
	else
		diag_help(d, "leave it out: format 1 decides that");
	return false;
}

/* What is usual already may be said again. */
static bool
apply(struct compilation *c, struct ext_layout *l, const struct m_text *wanted)
{
	unsigned type = 1u << l->kind;
	bool remove = *wanted->v == '^';
	const struct feature *f = find(wanted->v + remove);

	if (!f)
		return report_unknown(c, wanted, wanted->v + remove);
	if (!((remove ? f->removable | ~f->usual : f->addable | f->usual) & type))
		return report_fixed(c, l, wanted, f);
	if (remove)
		*word_of(l, f->word) &= ~f->bit;
	else
		*word_of(l, f->word) |= f->bit;
	return true;
}

/* Block maps have pointers of 32 bits. */
static bool
check_together(struct compilation *c, const struct m_filesystem *from, const struct ext_layout *l)
{
	if (!(l->feature_incompat & EXT_INCOMPAT_64BIT) || l->feature_incompat & EXT_INCOMPAT_EXTENTS)
		return true;
	diag_help(diag(&c->diags, DIAG_FEATURE_CONFLICT, from->features.at, "'64bit' needs 'extent'"), "leave out one of them");
	return false;
}

bool
ext_choose_features(struct compilation *c, struct ext_layout *l, uint64_t blocks)
{
	const struct m_texts *wanted = &l->from->features;
	bool ok = true;

	for (size_t i = 0; i < FEATURES; i++)
		if (features[i].usual & 1u << l->kind)
			*word_of(l, features[i].word) |= features[i].bit;
	for (size_t i = 0; i < wanted->count; i++)
		ok = apply(c, l, &wanted->v[i]) && ok;
	if (blocks > UINT32_MAX && l->feature_incompat & EXT_INCOMPAT_EXTENTS)
		l->feature_incompat |= EXT_INCOMPAT_64BIT;
	if (l->inode_size == 128)
		l->feature_ro_compat &= ~(uint32_t)EXT_RO_EXTRA_ISIZE;
	l->descriptor_size = l->feature_incompat & EXT_INCOMPAT_64BIT ? 64 : 32;
	return ok && check_together(c, l->from, l);
}

/* Decides where each partition that has files is mounted: no image says it. */
#include <string.h>

#include "decompile/stages.h"
#include "model/partition_type.h"
#include "model/xattr.h"
#include "support/text.h"

/* Directories that show that a tree begins at "/". */
static const char *const of_root[] = {"bin", "boot", "dev", "etc", "home", "lib", "proc", "root", "sbin", "sys", "tmp", "usr", "var"};

/* Where one usually mounts what is not /; the first are for an EFI system partition. */
enum { ESP_MOUNTS = 3 };
static const char *const usual[] = {"/boot/efi", "/efi", "/boot", "/data", "/home", "/var", "/srv", "/opt", "/usr", "/mnt"};

/* Where no file system of a disk is. */
static const char *const unusual[] = {"/proc", "/sys", "/dev", "/run", "/tmp"};

enum { SCORE_IMPOSSIBLE = 0, SCORE_UNUSUAL, SCORE_POSSIBLE, SCORE_USUAL, SCORE_NAMED };

struct candidate {
	const char *path;
	unsigned score;
};

static bool
is_plain_directory(const struct node *root)
{
	return root->mode == 0755 && root->owner == 0 && root->group == 0 && !root->xattrs;
}

/* Whether nothing of P would be lost if it were mounted nowhere. */
static bool
is_bare(const struct part *p)
{
	return p->layout->root->child_count == 0 && (p->layout->fat || is_plain_directory(p->layout->root));
}

static unsigned
likeness_of_root(const struct part *p)
{
	unsigned likeness = 0;

	for (size_t i = 0; i < sizeof of_root / sizeof *of_root; i++)
		likeness += node_child(p->layout->root, of_root[i], strlen(of_root[i])) != NULL;
	return likeness;
}

/* The partition that is like a root most of all; the first of several; one with nothing in it only when there is no other. */
static struct part *
find_root(struct decompiling *d)
{
	struct part *best = NULL;
	unsigned most = 0;

	for (size_t i = 0; i < d->image->layout->partition_count; i++) {
		struct part *p = &d->parts[i];
		unsigned likeness;

		if (p->form != PART_FILES)
			continue;
		likeness = is_bare(p) ? 1 : p->layout->fat ? 2 : 3 + likeness_of_root(p);
		if (likeness > most) {
			best = p;
			most = likeness;
		}
	}
	return best;
}

static bool
is_esp(const struct decompiling *d, const struct part *p)
{
	const struct partition_type *esp = partition_type_called("esp");

	return d->image->layout->table == TABLE_GPT ? memcmp(p->layout->type_guid, esp->guid, sizeof esp->guid) == 0 :
		p->layout->mbr_type == esp->mbr;
}

/* Whether DIRECTORY can be what P is mounted on: both have the mode, owner and attributes of one node. */
static bool
can_be(const struct part *p, const struct node *directory)
{
	const struct node *root = p->layout->root;

	return directory->kind == NODE_DIRECTORY && directory->child_count == 0 && (p->layout->fat || (root->mode == directory->mode &&
		root->owner == directory->owner && root->group == directory->group && xattrs_equal(root->xattrs, directory->xattrs)));
}

static unsigned
score(const struct decompiling *d, const struct part *p, const char *path)
{
	size_t first = is_esp(d, p) ? 0 : ESP_MOUNTS - 1, count = is_esp(d, p) ? ESP_MOUNTS : sizeof usual / sizeof *usual - first;

	if (strcmp(strrchr(path, '/') + 1, p->layout->from->name) == 0)
		return SCORE_NAMED;
	if (text_is_in(usual + first, count, path))
		return SCORE_USUAL;
	return text_is_in(unusual, sizeof unusual / sizeof *unusual, path) ? SCORE_UNUSUAL : SCORE_POSSIBLE;
}

static bool
is_taken(const struct decompiling *d, const char *path)
{
	for (size_t i = 0; i < d->image->layout->partition_count; i++)
		if (d->parts[i].mount && strcmp(d->parts[i].mount, path) == 0)
			return true;
	return false;
}

/* The best directory below DIRECTORY, at PATH ("" for /), for P. Recursion is as deep as the tree. */
static void
look_below(const struct decompiling *d, const struct part *p, const struct node *directory, const char *path, struct candidate *best)
{
	for (size_t i = 0; i < directory->child_count; i++) {
		const struct node *child = directory->children[i];
		const char *below;
		unsigned points;

		if (child->kind != NODE_DIRECTORY || !decompile_scalar(d->c->arena, child->name))
			continue;
		below = arena_printf(d->c->arena, "%s/%s", path, child->name);
		if (can_be(p, child) && !is_taken(d, below) && (points = score(d, p, below)) > best->score)
			*best = (struct candidate){below, points};
		look_below(d, p, child, below, best);
	}
}

/* Mounts P in one of the file systems that have a place. */
static bool
mount(struct decompiling *d, struct part *p)
{
	struct candidate best = {.score = SCORE_IMPOSSIBLE};

	for (size_t i = 0; i < d->image->layout->partition_count; i++) {
		const struct part *other = &d->parts[i];

		if (other->mount)
			look_below(d, p, other->layout->root, other->mount[1] ? other->mount : "", &best);
	}
	p->mount = best.path;
	return best.path;
}

/* Mounts all partitions with something in them, one after another, in one another. */
static bool
mount_all(struct decompiling *d)
{
	bool good = true;

	for (size_t i = 0; i < d->image->layout->partition_count; i++) {
		struct part *p = &d->parts[i];

		if (p->form == PART_FILES && !p->mount && !is_bare(p))
			good &= mount(d, p);
	}
	return good;
}

/* Where there is not a directory for each, none of them is /: each lies below its own name. */
static void
mount_apart(struct decompiling *d)
{
	for (size_t i = 0; i < d->image->layout->partition_count; i++) {
		struct part *p = &d->parts[i];

		if (p->form == PART_FILES)
			p->mount = is_bare(p) ? NULL : arena_printf(d->c->arena, "/%s", p->name);
	}
}

void
decompile_mounts(struct decompiling *d)
{
	struct part *root = find_root(d);

	if (!root)
		return;
	root->mount = "/";
	if (!mount_all(d))
		mount_apart(d);
}

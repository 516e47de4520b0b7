#include "model/image.h"

#include <string.h>

#include "support/compilation.h"

const struct owner *
image_owner(const struct image *image, uint64_t offset)
{
	size_t low = 0, high = image->owner_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (image->owners[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &image->owners[low];
}

void
image_moments(const struct partition_layout *p, struct moment own[MOMENTS])
{
	enum { DAY = 24 * 60 * 60 };

	for (size_t i = 0; i < MOMENTS; i++)
		own[i] = p->fat ? calendar_fat(p->fat->date, p->fat->time, i == MOMENT_CREATED ? p->fat->hundredths : 0) :
			(struct moment){.seconds = p->ext ? p->ext->epoch : 0, .given = p->ext != NULL};
	if (p->fat)
		own[MOMENT_ACCESSED].seconds -= own[MOMENT_ACCESSED].seconds % DAY;
}

bool
finding_is_damage(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_TRUNCATED:
	case FINDING_NO_TABLE:
	case FINDING_TABLE:
	case FINDING_CHECKSUM:
	case FINDING_INVALID:
	case FINDING_SHARED:
	case FINDING_COUNT:
		return true;
	case FINDING_NOT_UNDERSTOOD:
	case FINDING_UNOWNED:
		return false;
	}
	return true;
}

static bool
is_called(struct arena *a, const struct partition_layout *p, const char *name)
{
	return strcmp(name, p->from->name) == 0 || strcmp(name, arena_printf(a, "%u", p->number)) == 0;
}

/* What there is to choose from: "1 'root', 2 'data'". */
static const char *
partition_list(struct arena *a, const struct layout *l)
{
	const char *list = "";

	for (size_t i = 0; i < l->partition_count; i++)
		list = arena_printf(a, "%s%s%u '%s'%s", list, i ? ", " : "", l->partitions[i].number, l->partitions[i].from->name,
			l->partitions[i].root ? "" : " (no files)");
	return *list ? list : "none";
}

/* The root of PARTITION, or NULL: of the only one with files; else NULL with a diagnostic, which shows how PATH would be found. */
static const struct node *
root_of(struct compilation *c, const struct image *image, const char *partition, const char *path)
{
	const struct layout *l = image->layout;
	const struct partition_layout *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < l->partition_count; i++) {
		const struct partition_layout *p = &l->partitions[i];

		if (partition ? is_called(c->arena, p, partition) : p->root != NULL) {
			found = p;
			count++;
		}
	}
	if (count == 1 && found->root)
		return found->root;
	if (!partition && count)
		diag_help(diag(&c->diags, DIAG_IMAGE_PARTITION, (struct span){0}, "'%s' has files in several partitions", image->path),
			"say in which, such as '%s:%u:%s'; its partitions are: %s", image->path, found->number, path, partition_list(c->arena, l));
	else
		diag_help(partition ?
			diag(&c->diags, DIAG_IMAGE_PARTITION, (struct span){0}, "'%s' has %s '%s'", image->path,
				count > 1 ? "several partitions" : count ? "no files that can be read in partition" : "no partition", partition) :
			diag(&c->diags, DIAG_IMAGE_PARTITION, (struct span){0}, "'%s' has no files that can be read", image->path),
			"its partitions are: %s", partition_list(c->arena, l));
	return NULL;
}

const struct node *
image_find(struct compilation *c, const struct image *image, const char *partition, const char *path)
{
	const struct node *root = root_of(c, image, partition, path), *node = root ? tree_reach(root, path, TREE_LINKS_MOST) : NULL;

	if (root && !node)
		diag(&c->diags, DIAG_IMAGE_PATH, (struct span){0}, "'%s' has nothing at '%s'", image->path, path);
	return node;
}

const struct content *
image_content(struct compilation *c, const struct image *image, const struct node *node)
{
	if (node->kind != NODE_FILE)
		diag(&c->diags, DIAG_IMAGE_PATH, (struct span){0}, "'%s' in '%s' is no regular file", node_path(c, node), image->path);
	else if (!node->content || !node->content->image)
		diag(&c->diags, DIAG_IMAGE_PATH, (struct span){0}, "where the bytes of '%s' in '%s' are is not understood", node_path(c, node), image->path);
	else
		return node->content;
	return NULL;
}

/* Images that are read back: what is in one, in what two differ, and what manifest makes one again. */

#include "pipeline.h"

#include <string.h>

#include "compare/compare.h"
#include "decompile/decompile.h"
#include "emit/emit.h"
#include "load/load.h"
#include "read/read.h"
#include "resolve/resolve.h"

enum rootc_status
rootc_load(struct rootc *r, const char *path)
{
	return pipeline_status(r, (r->image = load_image(&r->c, path, r->options.sector_size)));
}

const struct image *
rootc_loaded(const struct rootc *r)
{
	return r->image;
}

/* What PATH leads to in ARCHIVE, a file of the image. NULL with a diagnostic. */
static const struct node *
find_member(struct rootc *r, const struct node *archive, const char *path)
{
	const struct content *content = image_content(&r->c, r->image, archive);
	const struct node *root, *node;
	const char *why_not;

	if (!content)
		return NULL;
	if (!(root = load_initramfs(&r->c, content, &why_not)))
		diag(&r->c.diags, DIAG_IMAGE_PATH, (struct span){0}, "'%s' in '%s' is no initial ramdisk that can be read: %s",
			node_path(&r->c, archive), r->image->path, why_not);
	else if (!(node = tree_reach(root, path, TREE_LINKS_MOST)))
		diag(&r->c.diags, DIAG_IMAGE_PATH, (struct span){0}, "'%s' in '%s' has nothing at '%s'", node_path(&r->c, archive), r->image->path, path);
	else
		return node;
	return NULL;
}

/* What stands behind the first ":/" of PATH is a path in the initial ramdisk at what stands in front of it. */
static bool
find(struct rootc *r, const char *image, const char *partition, const char *path)
{
	const char *inside = strstr(path, ":/");

	if (inside)
		path = arena_strndup(r->c.arena, path, (size_t)(inside - path));
	return (r->image = load_image(&r->c, image, r->options.sector_size)) && (r->node = image_find(&r->c, r->image, partition, path)) &&
		(!inside || (r->node = find_member(r, r->node, inside + 1)));
}

enum rootc_status
rootc_find(struct rootc *r, const char *image, const char *partition, const char *path)
{
	return pipeline_status(r, find(r, image, partition, path));
}

const struct node *
rootc_found(const struct rootc *r)
{
	return r->node;
}

const struct content *
rootc_content(struct rootc *r)
{
	return image_content(&r->c, r->image, r->node);
}

enum rootc_status
rootc_copy(struct rootc *r, const char *to)
{
	const struct content *content = rootc_content(r);

	return pipeline_status(r, content && emit_file(&r->c, content, r->image->path, to));
}

bool
pipeline_compare(struct rootc *r, const char *before, const char *after, const uint32_t sector_sizes[2])
{
	const struct image *a = load_image(&r->c, before, sector_sizes[0]), *b = load_image(&r->c, after, sector_sizes[1]);

	progress_begin(&r->c.progress, ROOTC_COMPARING, before, 0);
	return a && b && (r->diff = compare_images(&r->c, a, b, &(struct compare_readers){resolve_describe, load_initramfs}));
}

/* The status of a comparison that came out GOOD or not. */
static enum rootc_status
compared(struct rootc *r, bool good)
{
	enum rootc_status status = pipeline_status(r, good);

	if (status != ROOTC_DONE)
		return status;
	return r->diff->byte_count || r->diff->before->size != r->diff->after->size ? ROOTC_NO : ROOTC_DONE;
}

enum rootc_status
rootc_diff(struct rootc *r, const char *before, const char *after)
{
	return compared(r, pipeline_compare(r, before, after, (const uint32_t[]){r->options.sector_size, r->options.sector_size}));
}

static bool
plan_of(struct rootc *r, const char *manifest, struct plan *plan)
{
	const struct pool *pool;

	r->plan = (struct plan){0};
	if (!pipeline_read(r, manifest) || !(pool = pipeline_open(r)) || !pipeline_plan(r, pool))
		return false;
	*plan = r->plan;
	return true;
}

static bool
diff_causes(struct rootc *r, const char *const images[2], const char *const manifests[2])
{
	struct plan before, after;

	if (!plan_of(r, manifests[0], &before) || !plan_of(r, manifests[1], &after) ||
		!pipeline_compare(r, images[0], images[1], (const uint32_t[]){before.layout->sector_size, after.layout->sector_size}))
		return false;
	r->diff = compare_causes(&r->c, r->diff, &before, &after);
	return true;
}

enum rootc_status
rootc_diff_causes(struct rootc *r, const char *const images[2], const char *const manifests[2])
{
	return compared(r, diff_causes(r, images, manifests));
}

/* An image, and the compilation that tells what it should be. */
struct claim {
	struct rootc *r;
	const char *image;
};

static bool
compare_with(void *of, const char *written)
{
	const struct claim *claim = of;
	uint32_t sector_size = claim->r->plan.layout->sector_size;

	return pipeline_compare(claim->r, written, claim->image, (const uint32_t[]){sector_size, sector_size});
}

static bool
verify(struct rootc *r, const char *image, const char *manifest)
{
	const struct pool *pool;
	const char *beside;

	if (!pipeline_read(r, manifest))
		return false;
	beside = pipeline_beside_manifest(r, arena_printf(r->c.arena, "%s.img", r->plan.manifest->name.v));
	if (!(pool = pipeline_open(r)) || !pipeline_plan(r, pool) ||
		!emit_for_a_look(&r->c, &r->plan, beside, compare_with, &(struct claim){r, image}))
		return false;
	r->diff = compare_causes(&r->c, r->diff, &r->plan, &r->plan);
	return true;
}

enum rootc_status
rootc_verify(struct rootc *r, const char *image, const char *manifest)
{
	return compared(r, verify(r, image, manifest));
}

const struct diff *
rootc_compared(const struct rootc *r)
{
	return r->diff;
}

/* The last component of PATH. */
static const char *
last_component(struct arena *a, const char *path)
{
	size_t end = strlen(path), start;

	while (end > 1 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/'; start--)
		;
	return arena_strndup(a, path + start, end - start);
}

static bool
decompile(struct rootc *r, const char *image, const char *directory)
{
	const char *name = last_component(r->c.arena, directory);
	const struct decompiled *made;

	if (!read_can_be_name(&r->c, name) || !(r->image = load_image(&r->c, image, r->options.sector_size)) ||
	    !(made = decompile_image(&r->c, r->image, name)) || !emit_directory(&r->c, made, directory))
		return false;
	r->decompiled = made;
	return true;
}

enum rootc_status
rootc_decompile(struct rootc *r, const char *image, const char *directory)
{
	return pipeline_status(r, decompile(r, image, directory));
}

const struct decompiled *
rootc_decompiled(const struct rootc *r)
{
	return r->decompiled;
}

/* Images that are read back: what is in one, and in what two differ. */

#include "pipeline.h"

#include "compare/compare.h"
#include "emit/emit.h"
#include "load/load.h"

enum rootc_status
rootc_load(struct rootc *r, const char *path)
{
	return pipeline_status(r, (r->image = load_image(&r->c, path)));
}

const struct image *
rootc_loaded(const struct rootc *r)
{
	return r->image;
}

static bool
find(struct rootc *r, const char *image, const char *partition, const char *path)
{
	return (r->image = load_image(&r->c, image)) && (r->node = image_find(&r->c, r->image, partition, path));
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

	return pipeline_status(r, content && emit_file(&r->c, content, to));
}

bool
pipeline_compare(struct rootc *r, const char *before, const char *after)
{
	const struct image *a = load_image(&r->c, before), *b = load_image(&r->c, after);

	return a && b && (r->diff = compare_images(&r->c, a, b));
}

enum rootc_status
rootc_diff(struct rootc *r, const char *before, const char *after)
{
	enum rootc_status status = pipeline_status(r, pipeline_compare(r, before, after));

	if (status != ROOTC_DONE)
		return status;
	return r->diff->byte_count || r->diff->before->size != r->diff->after->size ? ROOTC_NO : ROOTC_DONE;
}

const struct diff *
rootc_compared(const struct rootc *r)
{
	return r->diff;
}

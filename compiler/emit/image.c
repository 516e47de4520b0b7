/* Writes the image: everything, then a look at it, then the publishing. */

#include "emit/emit.h"

#include "emit/output.h"
#include "emit/stages.h"

static bool
emit_filesystems(struct output *o, const struct layout *layout)
{
	for (size_t i = 0; i < layout->partition_count; i++)
		if (layout->partitions[i].ext && !emit_ext(o, &layout->partitions[i]))
			return false;
	return true;
}

/* What was written first is read last: nothing that came later may have touched it. */
static bool
verify(struct output *o, const struct layout *layout)
{
	return table_matches(o, layout) && regions_match(o, layout);
}

bool
emit_image(struct compilation *c, const struct plan *plan, const char *path)
{
	const struct layout *layout = plan->layout;
	struct output o;
	bool good = output_begin(&o, c, path, layout->disk_bytes) &&
		emit_table(&o, layout) &&
		emit_regions(&o, layout) &&
		emit_filesystems(&o, layout) &&
		verify(&o, layout) &&
		output_publish(&o);

	output_end(&o);
	return good;
}

/* Writes the image: everything, then a look at it, then the publishing. */

#include "emit/emit.h"

#include <string.h>
#include <sys/stat.h>

#include "emit/base.h"
#include "emit/output.h"
#include "emit/record.h"
#include "emit/stages.h"
#include "support/compilation.h"

static bool
emit_contents(struct output *o, const struct layout *layout)
{
	bool good = true;

	for (size_t i = 0; good && i < layout->partition_count; i++) {
		const struct partition_layout *p = &layout->partitions[i];
		uint64_t offset = layout_offset(layout, p);

		good = (!p->ext || emit_ext(o, p, offset)) &&
			(!p->fat || emit_fat(o, p, offset)) &&
			(!p->swap || emit_swap(o, p, offset)) &&
			(!p->raw || emit_raw(o, p, offset));
	}
	return good;
}

/* What was written first is read last: nothing that came later may have touched it. */
static bool
verify(struct output *o, const struct layout *layout)
{
	return table_matches(o, layout) && regions_match(o, layout);
}

/* An image that is not the wanted one takes nobody's place. */
static bool
settle_place(struct output *o, struct emit_sum *sum)
{
	if (!output_digest(o, &sum->is))
		return false;
	sum->differs = sum->wanted && !digest_equal(&sum->is, sum->wanted);
	return !sum->differs || output_divert(o, sum->apart);
}

static void
take_over(struct output *o, struct emit_base *base, const struct record *record)
{
	base->why_none = base_take_over(o, base->path, record);
	for (size_t i = 0; i < o->kept_count; i++)
		base->kept_bytes += o->kept[i].end - o->kept[i].offset;
}

/* An image that is no longer ours, since another build has just replaced it, gets no record. */
static bool
leave_record(struct output *o, const struct record *record)
{
	struct stat info;
	int error = output_published(o, &info) ? record_write(o->c->arena, o->path, &info, record) : 0;

	if (error)
		diag(&o->c->diags, DIAG_RECORD_UNWRITABLE, (struct span){0}, "cannot write '%s.record': %s", o->path, strerror(error));
	return error == 0;
}

/* All that may have to be written: what file systems have in use, and what is put down as it is. */
static uint64_t
planned_bytes(const struct layout *layout)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < layout->partition_count; i++)
		bytes += partition_use(&layout->partitions[i]) + (layout->partitions[i].raw ? layout->partitions[i].raw->size : 0);
	return bytes;
}

static bool
write_all(struct output *o, const struct layout *layout)
{
	progress_begin(&o->c->progress, ROOTC_WRITING, o->path, planned_bytes(layout));
	return emit_table(o, layout) && emit_regions(o, layout) && emit_contents(o, layout) && verify(o, layout);
}

bool
emit_image(struct compilation *c, const struct plan *plan, const char *path, struct emit_base *base, struct emit_sum *sum,
	struct emit_written *written)
{
	struct record record = {0};
	struct output o;
	bool good = output_begin(&o, c, path, plan->layout->disk_bytes);

	if (good && base) {
		record = record_of(c->arena, plan);
		take_over(&o, base, &record);
	}
	good = good && write_all(&o, plan->layout) &&
		(!sum || settle_place(&o, sum)) &&
		((written->unchanged = !base && output_is_there(&o)) || output_publish(&o)) &&
		(!base || leave_record(&o, &record));
	written->device = o.device;
	written->inode = o.inode;
	output_end(&o);
	return good;
}

bool
emit_for_a_look(struct compilation *c, const struct plan *plan, const char *path, bool (*look)(void *of, const char *written), void *of)
{
	struct output o;
	bool good = output_begin(&o, c, path, plan->layout->disk_bytes) && write_all(&o, plan->layout) &&
		look(of, arena_printf(c->arena, "%s/%s", o.directory, o.temporary));

	output_end(&o);
	return good;
}

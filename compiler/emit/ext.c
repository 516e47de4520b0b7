/* Writes one ext2, ext3 or ext4 file system as it was planned. */
#include "emit/ext.h"

#include "emit/output.h"
#include "emit/stages.h"
#include "support/compilation.h"

/* What leads to files lies in front of them. */
static bool
write_ways(struct ext_writer *w)
{
	const struct ext_layout *l = w->layout;

	for (size_t i = 0; i < l->inode_used_count; i++) {
		const struct ext_inode *inode = &l->inodes[i];

		if (!ext_leads_on(inode))
			continue;
		if (!ext_write_data(w, inode) || (inode->map_block_count && !ext_write_map(w, inode)) ||
			(ext_attribute_block(inode) && !ext_write_attributes(w, inode)))
			return false;
	}
	return ext_flush(w);
}

static void
report(struct ext_writer *w)
{
	struct compilation *c = w->out->c;
	const struct ext_failure *f = &w->failure;

	if (f->write_error)
		output_fail(w->out, f->write_error);
	else if (f->source.content)
		content_report(c, &f->source, f->at);
	else if (f->call && !w->out->failed)
		diag(&c->diags, DIAG_PLAN_MISMATCH, w->from->key_at,
			"libext2fs gives error %ld for '%s' of partition '%s'", f->code, f->call, w->from->name);
}

bool
emit_ext(struct output *out, const struct partition_layout *p, uint64_t offset)
{
	struct ext_writer w = {.out = out, .layout = p->ext, .from = p->from, .offset = offset};
	bool ok;

	w.buffer = ext_buffer(out->c->arena);
	ok = ext_library_open(&w) && write_ways(&w) && ext_write_files(&w) && ext_check_blocks(&w) && ext_library_finish(&w) && ext_check(&w);
	if (!ok)
		report(&w);
	ext_library_close(&w);
	return ok;
}

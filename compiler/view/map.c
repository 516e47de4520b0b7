/* Decides the listing of where everything lies: the disk's sectors, then each file system's blocks, inode by inode. */
#include "view/fat.h"
#include "view/view.h"

#include <inttypes.h>

#include "model/features.h"
#include "support/compilation.h"
#include "support/text.h"
#include "view/words.h"

/* What stands in the sectors FIRST to LAST. */
struct row {
	uint64_t first, last;
	const char *text;
};

struct rows {
	struct row *v;
	size_t count;
};

static void
print_numbers(FILE *out, uint64_t first, uint64_t last)
{
	fprintf(out, "%" PRIu64, first);
	if (last != first)
		fprintf(out, "..%" PRIu64, last);
}

/* Keeps the rows in the order of their sectors. */
static void
add_row(struct arena *a, struct rows *rows, struct row new)
{
	size_t to;

	*ARENA_PUSH(a, rows->v, rows->count) = new;
	for (to = rows->count - 1; to > 0 && rows->v[to - 1].first > new.first; to--)
		rows->v[to] = rows->v[to - 1];
	rows->v[to] = new;
}

static const char *
describe_partition(struct arena *a, const struct layout *layout, const struct partition_layout *p)
{
	bool is_gpt = layout->table == TABLE_GPT;
	const char *contents = word_contents(a, p);

	return arena_printf(a, "partition %u %s type %s%s%s%s%s%s%s%s",
		p->number, text_escape(a, p->from->name), word_partition_type(a, layout, p),
		is_gpt ? " guid " : "", is_gpt ? text_uuid(a, p->guid) : "",
		p->bootable ? " bootable" : "", contents ? " " : "", contents ? contents : "",
		p->from->mount.v ? " at " : "", p->from->mount.v ? text_escape(a, p->from->mount.v) : "");
}

static struct rows
rows_of(struct arena *a, const struct layout *layout)
{
	struct rows rows = {NULL, 0};
	uint64_t sectors = layout->disk_bytes / layout->sector_size;
	uint32_t gpt = gpt_sectors(layout->sector_size);
	const char *code = "";

	for (size_t i = 0; i < layout->region_count; i++) {
		const struct region *r = &layout->regions[i];
		const char *text = arena_printf(a, "%s %zu bytes", r->owner, r->size);
		uint64_t last = (r->offset + r->size - 1) / layout->sector_size;

		if (r->offset == 0)
			code = arena_printf(a, "%s, ", text);
		else
			add_row(a, &rows, (struct row){r->offset / layout->sector_size, last, text});
	}
	if (layout->table != TABLE_NONE)
		add_row(a, &rows, (struct row){0, 0, arena_printf(a, "%s%s", code,
			layout->table == TABLE_GPT ? "protective MBR" : "partition table")});
	if (layout->table == TABLE_GPT && sectors > 2 * gpt) {
		add_row(a, &rows, (struct row){1, gpt, "GPT"});
		add_row(a, &rows, (struct row){sectors - gpt, sectors - 1, "copy of the GPT"});
	}
	for (size_t i = 0; i < layout->partition_count; i++) {
		const struct partition_layout *p = &layout->partitions[i];

		if (p->sector_count)
			add_row(a, &rows, (struct row){p->first_lba, p->first_lba + p->sector_count - 1,
				describe_partition(a, layout, p)});
	}
	return rows;
}

static void
print_disk(FILE *out, struct arena *a, const struct layout *layout)
{
	uint64_t sectors = layout->disk_bytes / layout->sector_size, next = 0;
	struct rows rows = rows_of(a, layout);

	fprintf(out, "disk %" PRIu64 " bytes %" PRIu64 " sectors%s table %s id %s\n", layout->disk_bytes, sectors,
		word_sector_size(a, layout->sector_size), table_names[layout->table], word_disk_id(a, layout));
	add_row(a, &rows, (struct row){sectors, sectors, NULL});
	for (size_t i = 0; i < rows.count; i++) {
		if (rows.v[i].first > next) {
			print_numbers(out, next, rows.v[i].first - 1);
			fputs(" unused\n", out);
		}
		if (!rows.v[i].text)
			continue;
		print_numbers(out, rows.v[i].first, rows.v[i].last);
		fprintf(out, " %s\n", rows.v[i].text);
		next = rows.v[i].last + 1;
	}
}

static void
print_filesystem(FILE *out, struct arena *a, const struct ext_layout *ext)
{
	size_t count;
	const char *const *features = ext_features(a, ext, &count);

	fprintf(out, "%s block_size %u blocks %" PRIu64 " free %" PRIu64 " reserved %" PRIu64,
		filesystem_names[ext->kind], ext->block_size, ext->block_count, ext->free_blocks, ext->reserved_blocks);
	fprintf(out, " first %u per_group %u\n", ext->first_data_block, ext->blocks_per_group);
	fprintf(out, "inodes %u free %u size %u per_group %u\n",
		ext->inode_count, ext->free_inodes, ext->inode_size, ext->inodes_per_group);
	fprintf(out, "uuid %s label '%s' epoch %" PRId64 "\n",
		text_uuid(a, ext->uuid), text_escape(a, ext->label), ext->epoch);
	fprintf(out, "hash_seed %s\n", text_uuid(a, ext->hash_seed));
	fprintf(out, "features %s\n", text_join(a, features, count, " ", " "));
	if (ext->journal.count) {
		fputs("journal ", out);
		print_numbers(out, ext->journal.first, ext->journal.first + ext->journal.count - 1);
		fputc('\n', out);
	}
}

/* How many groups from INDEX on are untouched: a large file system has thousands in a row. */
static size_t
count_untouched(const struct ext_layout *ext, size_t index)
{
	size_t end = index;

	while (end < ext->group_count && ext->groups[end].untouched)
		end++;
	return end - index;
}

static void
print_untouched(FILE *out, const struct ext_layout *ext, size_t index, size_t count)
{
	const struct ext_group *first = &ext->groups[index], *last = &ext->groups[index + count - 1];

	fputs("groups ", out);
	print_numbers(out, index, index + count - 1);
	fputs(" blocks ", out);
	print_numbers(out, first->first_block, last->first_block + last->block_count - 1);
	fprintf(out, " untouched, each with free_blocks %u free_inodes %u\n", first->free_blocks, first->free_inodes);
}

static void
print_group(FILE *out, const struct ext_layout *ext, size_t index)
{
	const struct ext_group *g = &ext->groups[index];

	fprintf(out, "group %zu blocks ", index);
	print_numbers(out, g->first_block, g->first_block + g->block_count - 1);
	if (g->has_super) {
		fprintf(out, " super %" PRIu64 " descriptors ", g->first_block);
		print_numbers(out, g->first_block + 1, g->first_block + ext->descriptor_blocks);
	}
	fprintf(out, " block_bitmap %" PRIu64 " inode_bitmap %" PRIu64, g->block_bitmap, g->inode_bitmap);
	fputs(" inode_table ", out);
	print_numbers(out, g->inode_table, g->inode_table + ext->inode_table_blocks - 1);
	fprintf(out, " free_blocks %u free_inodes %u directories %u unused_inodes %u\n",
		g->free_blocks, g->free_inodes, g->directories, g->unused_inodes);
}

/* "0..11@140..151 12@153": which of the file's blocks lie where. */
static void
print_runs(FILE *out, const struct ext_inode *inode)
{
	for (size_t i = 0; i < inode->run_count; i++) {
		const struct run *r = &inode->runs[i];

		fputc(' ', out);
		print_numbers(out, r->logical, r->logical + r->count - 1);
		fputc('@', out);
		print_numbers(out, r->first, r->first + r->count - 1);
	}
}

static void
print_map_blocks(FILE *out, const struct ext_inode *inode)
{
	size_t end;

	for (size_t i = 0; i < inode->map_block_count; i = end) {
		for (end = i + 1; end < inode->map_block_count; end++)
			if (inode->map_blocks[end] != inode->map_blocks[end - 1] + 1)
				break;
		fputs(i ? "," : " map ", out);
		print_numbers(out, inode->map_blocks[i], inode->map_blocks[end - 1]);
	}
}

static void
print_inode(FILE *out, struct compilation *c, const struct ext_inode *inode)
{
	fprintf(out, "inode %u mode 0%o links %u size %" PRIu64 " blocks %" PRIu64,
		inode->number, (unsigned)inode->mode, inode->links, inode->size, inode->block_count);
	if (inode->fast_link)
		fputs(" inline", out);
	if (inode->directory && inode->directory->index)
		fprintf(out, " index %u", 1 + inode->directory->index->node_count);
	print_runs(out, inode);
	print_map_blocks(out, inode);
	if (inode->attributes && inode->attributes->inline_count)
		fprintf(out, " xattrs %zu", inode->attributes->inline_count);
	if (ext_attribute_block(inode))
		fprintf(out, " xattr_block %" PRIu64, ext_attribute_block(inode));
	fprintf(out, " %s\n", text_escape(c->arena, word_inode(c, inode)));
}

static void
print_partition(FILE *out, struct compilation *c, const struct partition_layout *p)
{
	const struct ext_layout *ext = p->ext;

	fprintf(out, "\npartition %u %s\n", p->number, text_escape(c->arena, p->from->name));
	if (p->fat)
		map_fat(out, c, p->fat);
	if (!ext)
		return;
	print_filesystem(out, c->arena, ext);
	for (size_t i = 0, count; i < ext->group_count; i += count ? count : 1) {
		count = count_untouched(ext, i);
		if (count)
			print_untouched(out, ext, i, count);
		else
			print_group(out, ext, i);
	}
	for (size_t i = 0; i < ext->inode_used_count; i++)
		print_inode(out, c, &ext->inodes[i]);
}

void
view_map(FILE *out, struct compilation *c, const struct plan *plan)
{
	print_disk(out, c->arena, plan->layout);
	for (size_t i = 0; i < plan->layout->partition_count; i++)
		print_partition(out, c, &plan->layout->partitions[i]);
}

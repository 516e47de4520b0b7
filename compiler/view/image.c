/* Decides what is told of an image that was loaded. */
#include "view/view.h"

#include <inttypes.h>
#include <unistd.h>

#include "model/fat.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"
#include "view/field.h"
#include "view/owner.h"
#include "view/words.h"

/* "superblock group 0", "data inode 14 block 3 /etc/motd". */
static void
print_owner(FILE *out, struct compilation *c, const struct image *image, const struct owner *o)
{
	fprintf(out, "%" PRIu64 "..%" PRIu64 " %s", o->offset, o->offset + o->size - 1, word_owner(o->kind));
	if (o->partition >= 0)
		fprintf(out, " partition %u", image->layout->partitions[o->partition].number);
	if (owner_has_group(o->kind))
		fprintf(out, " group %" PRIu64, o->number);
	else if (owner_has_inode(o->kind))
		fprintf(out, " inode %" PRIu64, o->number);
	else if (o->kind >= OWNER_BOOT_SECTOR && o->kind <= OWNER_FAT)
		fputs(o->number ? " copy" : "", out);
	else if (o->kind >= OWNER_FAT_DIRECTORY && o->kind <= OWNER_FAT_SLACK && o->number)
		fprintf(out, " cluster %" PRIu64, o->number);
	if (owner_has_block(o->kind))
		fprintf(out, " block %" PRIu64, o->logical);
	if (o->node)
		fprintf(out, " %s", text_escape(c->arena, node_path(c, o->node)));
	fputc('\n', out);
}

void
view_owners(FILE *out, struct compilation *c, const struct image *image)
{
	for (size_t i = 0; i < image->owner_count; i++)
		print_owner(out, c, image, &image->owners[i]);
}

/* The field that the byte at OFFSET is in, if what it is part of has any. */
static void
print_field(FILE *out, struct compilation *c, const struct image *image, uint64_t offset)
{
	struct field_reader *reader = ARENA_NEW(c->arena, struct field_reader);
	struct field f;

	reader->image = image;
	reader->fd = file_open(image->path);
	f = field_at(reader, image_owner(image, offset), offset);
	if (f.name)
		fprintf(out, "%" PRIu64 "..%" PRIu64 " %s\n", f.offset, f.offset + f.size - 1, word_field(c->arena, &f));
	if (reader->fd >= 0)
		close(reader->fd);
}

void
view_owner(FILE *out, struct compilation *c, const struct image *image, uint64_t offset)
{
	struct owner o = *image_owner(image, offset);
	const struct ext_layout *ext = o.partition < 0 ? NULL : image->layout->partitions[o.partition].ext;
	const struct fat_layout *fat = o.partition < 0 ? NULL : image->layout->partitions[o.partition].fat;

	if (fat && o.kind >= OWNER_FAT_DIRECTORY && o.kind <= OWNER_FAT_SLACK && o.number)
		o.number += (offset - o.offset) / fat_cluster_bytes(fat);
	if (owner_has_block(o.kind) && ext)
		o.logical += (offset - o.offset) / ext->block_size;
	print_owner(out, c, image, &o);
	if (o.kind == OWNER_DATA && ext)
		fprintf(out, "byte %" PRIu64 " of the file\n", o.logical * ext->block_size + (offset - o.offset) % ext->block_size);
	else
		print_field(out, c, image, offset);
}

void
view_findings(FILE *out, struct compilation *c, const struct image *image)
{
	for (size_t i = 0; i < image->finding_count; i++) {
		const struct finding *f = &image->findings[i];

		fprintf(out, "%s: byte %" PRIu64 ": %s [%s]\n", text_escape(c->arena, image->path), f->offset,
			text_escape(c->arena, f->text), word_finding(f->kind));
	}
	if (image->findings_left_out)
		fprintf(out, "and %" PRIu64 " more\n", image->findings_left_out);
}

static void
print_partition(FILE *out, struct compilation *c, const struct image *image, const struct partition_layout *p)
{
	const struct ext_layout *ext = p->ext;
	const struct fat_layout *fat = p->fat;

	fprintf(out, "partition %u %s: %s from sector %" PRIu64 " on", p->number, text_escape(c->arena, p->from->name),
		text_bytes(c->arena, layout_bytes(image->layout, p)), p->first_lba);
	if (!image->bare)
		fprintf(out, ", type %s", word_partition_use(c->arena, image->layout, p));
	if (p->attributes)
		fprintf(out, ", attributes 0x%" PRIx64, p->attributes);
	if (ext)
		fprintf(out, ", %s '%s' with %s of %s free, %u of %u inodes free", filesystem_names[ext->kind],
			text_escape(c->arena, ext->label), word_free(c->arena, p),
			text_bytes(c->arena, ext->block_count * ext->block_size), ext->free_inodes, ext->inode_count);
	else if (fat)
		fprintf(out, ", FAT%u '%s' with %s of %s free", fat->bits, text_escape(c->arena, fat_label_text(c->arena, fat)),
			word_free(c->arena, p), text_bytes(c->arena, (uint64_t)fat->cluster_count * fat_cluster_bytes(fat)));
	else if (p->swap)
		fprintf(out, ", swap space '%s'", text_escape(c->arena, p->swap->label));
	fputc('\n', out);
}

void
view_image(FILE *out, struct compilation *c, const struct image *image)
{
	const struct layout *layout = image->layout;

	fprintf(out, "%s: %s", text_escape(c->arena, image->path), text_bytes(c->arena, image->size));
	if (image->bare)
		fprintf(out, ", %s without a partition table", layout->partitions[0].swap ? "swap space" : "a file system");
	else if (layout->table == TABLE_NONE)
		fputs(", without a partition table", out);
	else
		fprintf(out, ", %s %s", table_names[layout->table], word_disk_id(c->arena, layout));
	fprintf(out, "%s\n", word_large_sectors(c->arena, layout->sector_size));
	for (size_t i = 0; i < layout->region_count; i++)
		fprintf(out, "%s: %zu bytes from byte %" PRIu64 " on\n", layout->regions[i].owner, layout->regions[i].size,
			layout->regions[i].offset);
	for (size_t i = 0; i < layout->partition_count; i++)
		print_partition(out, c, image, &layout->partitions[i]);
	view_findings(out, c, image);
}

void
view_image_tree(FILE *out, struct compilation *c, const struct image *image)
{
	for (size_t i = 0; i < image->layout->partition_count; i++) {
		struct tree tree = {image->layout->partitions[i].root};

		if (tree.root)
			view_tree(out, c, &(struct plan){.tree = &tree});
	}
}

void
view_image_map(FILE *out, struct compilation *c, const struct image *image)
{
	view_map(out, c, &(struct plan){.layout = image->layout});
}

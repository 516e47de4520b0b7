/* Decides a loaded image's form as JSON: all of it, for machines. */
#include "view/view.h"

#include "support/compilation.h"
#include "view/layout_json.h"
#include "view/owner.h"
#include "view/words.h"

static void
json_trees(struct json *j, struct compilation *c, const struct layout *layout)
{
	json_key(j, "trees");
	json_array(j);
	for (size_t i = 0; i < layout->partition_count; i++) {
		const struct partition_layout *p = &layout->partitions[i];

		if (!p->root)
			continue;
		json_object(j);
		json_key_size(j, "partition", p->number);
		json_key(j, "nodes");
		json_array(j);
		json_nodes(j, c, p->root);
		json_array_end(j);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_owner(struct json *j, struct compilation *c, const struct image *image, const struct owner *o)
{
	json_object(j);
	json_key_size(j, "offset", o->offset);
	json_key_size(j, "bytes", o->size);
	json_key_text(j, "kind", word_owner(o->kind));
	if (o->partition >= 0)
		json_key_size(j, "partition", image->layout->partitions[o->partition].number);
	if (owner_has_group(o->kind))
		json_key_size(j, "group", o->number);
	if (owner_has_inode(o->kind))
		json_key_size(j, "inode", o->number);
	if (owner_has_block(o->kind))
		json_key_size(j, "block", o->logical);
	if (o->node)
		json_key_text(j, "path", node_path(c, o->node));
	json_object_end(j);
}

static void
json_owners(struct json *j, struct compilation *c, const struct image *image)
{
	json_key(j, "owners");
	json_array(j);
	for (size_t i = 0; i < image->owner_count; i++)
		json_owner(j, c, image, &image->owners[i]);
	json_array_end(j);
}

static void
json_findings(struct json *j, const struct image *image)
{
	json_key(j, "findings");
	json_array(j);
	for (size_t i = 0; i < image->finding_count; i++) {
		const struct finding *f = &image->findings[i];

		json_object(j);
		json_key_size(j, "offset", f->offset);
		json_key_size(j, "bytes", f->size);
		json_key_text(j, "kind", word_finding(f->kind));
		json_key_text(j, "text", f->text);
		json_key_bool(j, "damage", finding_is_damage(f->kind));
		json_object_end(j);
	}
	json_array_end(j);
	json_key_size(j, "findings_left_out", image->findings_left_out);
}

void
view_image_json(FILE *out, struct compilation *c, const struct image *image)
{
	struct json j;

	json_begin(&j, out, false);
	json_object(&j);
	json_key_text(&j, "image", image->path);
	json_key_bool(&j, "partition_table", image->layout->table != TABLE_NONE);
	json_disk(&j, c, image->layout);
	json_partitions(&j, c, image->layout);
	json_trees(&j, c, image->layout);
	json_owners(&j, c, image);
	json_findings(&j, image);
	json_object_end(&j);
	json_end(&j);
}

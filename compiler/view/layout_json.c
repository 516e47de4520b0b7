/* Decides the form of a layout and a tree as JSON, planned or loaded. */
#include "view/layout_json.h"

#include <inttypes.h>

#include "model/features.h"
#include "support/compilation.h"
#include "support/text.h"
#include "view/fat.h"
#include "view/words.h"

void
json_where(struct json *j, const struct span *at)
{
	json_key_text(j, "file", at->source ? at->source->name : NULL);
	json_key_size(j, "line", at->line);
	json_key_size(j, "column", at->column);
}

static void
json_why(struct json *j, const struct reason *why)
{
	json_key(j, "why");
	json_object(j);
	json_key_text(j, "text", why->text);
	json_key_text(j, "needed_by", why->needed_by ? why->needed_by->path : NULL);
	json_where(j, &why->at);
	json_object_end(j);
}

static void
json_detail(struct json *j, const struct node *node)
{
	switch (node->kind) {
	case NODE_DIRECTORY:
		json_key_bool(j, "mount_point", node->is_mount);
		break;
	case NODE_FILE:
		if (node->content)
			json_key_size(j, "size", node->content->size);
		break;
	case NODE_LINK:
		json_key_text(j, "target", node->target);
		break;
	case NODE_CHAR:
	case NODE_BLOCK:
		json_key_size(j, "major", node->major);
		json_key_size(j, "minor", node->minor);
		break;
	}
}

static void
json_xattrs(struct json *j, struct arena *a, const struct xattrs *set)
{
	if (!set)
		return;
	json_key(j, "xattrs");
	json_object(j);
	for (size_t i = 0; i < set->count; i++)
		json_key_text(j, set->list[i].name, xattr_show(a, &set->list[i]));
	json_object_end(j);
}

void
json_nodes(struct json *j, struct compilation *c, const struct node *node)
{
	json_object(j);
	json_key_text(j, "path", node_path(c, node));
	json_key_text(j, "type", word_node(node->kind));
	json_key_text(j, "mode", arena_printf(c->arena, "%04o", (unsigned)node->mode));
	json_key_size(j, "owner", node->owner);
	json_key_size(j, "group", node->group);
	json_detail(j, node);
	json_xattrs(j, c->arena, node->xattrs);
	if (node->original)
		json_key_text(j, "hardlink", node_path(c, node->original));
	if (!node->is_read && node->why) {
		json_key_bool(j, "implied", node->implied);
		json_why(j, node->why);
	}
	json_object_end(j);
	for (size_t i = 0; i < node->child_count; i++)
		json_nodes(j, c, node->children[i]);
}

static void
json_groups(struct json *j, const struct ext_layout *ext)
{
	json_key(j, "groups");
	json_array(j);
	for (const struct ext_group *g = ext->groups; g < ext->groups + ext->group_count; g++) {
		json_object(j);
		json_key_size(j, "first_block", g->first_block);
		json_key_size(j, "blocks", g->block_count);
		json_key_bool(j, "superblock", g->has_super);
		json_key_size(j, "block_bitmap", g->block_bitmap);
		json_key_size(j, "inode_bitmap", g->inode_bitmap);
		json_key_size(j, "inode_table", g->inode_table);
		json_key_size(j, "free_blocks", g->free_blocks);
		json_key_size(j, "free_inodes", g->free_inodes);
		json_key_size(j, "directories", g->directories);
		json_key_size(j, "unused_inodes", g->unused_inodes);
		if (g->untouched)
			json_key_bool(j, "untouched", true);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_runs(struct json *j, const struct ext_inode *inode)
{
	json_key(j, "runs");
	json_array(j);
	for (size_t i = 0; i < inode->run_count; i++) {
		json_object(j);
		json_key_size(j, "logical", inode->runs[i].logical);
		json_key_size(j, "first", inode->runs[i].first);
		json_key_size(j, "count", inode->runs[i].count);
		json_object_end(j);
	}
	json_array_end(j);
	json_key(j, "map_blocks");
	json_array(j);
	for (size_t i = 0; i < inode->map_block_count; i++)
		json_size(j, inode->map_blocks[i]);
	json_array_end(j);
}

static void
json_inodes(struct json *j, struct compilation *c, const struct ext_layout *ext)
{
	json_key(j, "used_inodes");
	json_array(j);
	for (size_t k = 0; k < ext->inode_used_count; k++) {
		const struct ext_inode *i = &ext->inodes[k];

		json_object(j);
		json_key_size(j, "number", i->number);
		json_key_text(j, "path", word_inode(c, i));
		json_key_text(j, "mode", arena_printf(c->arena, "0%o", (unsigned)i->mode));
		json_key_size(j, "links", i->links);
		json_key_size(j, "size", i->size);
		json_key_size(j, "blocks", i->block_count);
		if (ext_attribute_block(i))
			json_key_size(j, "xattr_block", ext_attribute_block(i));
		json_runs(j, i);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
json_features(struct json *j, struct arena *a, const struct ext_layout *ext)
{
	size_t count;
	const char *const *features = ext_features(a, ext, &count);

	json_key(j, "features");
	json_array(j);
	for (size_t i = 0; i < count; i++)
		json_text(j, features[i]);
	json_array_end(j);
}

static void
json_filesystem(struct json *j, struct compilation *c, const struct ext_layout *ext)
{
	json_object(j);
	json_key_text(j, "type", filesystem_names[ext->kind]);
	json_key_text(j, "uuid", text_uuid(c->arena, ext->uuid));
	json_key_text(j, "hash_seed", text_uuid(c->arena, ext->hash_seed));
	json_key_text(j, "label", ext->label);
	json_key_size(j, "block_size", ext->block_size);
	json_key_size(j, "blocks", ext->block_count);
	json_key_size(j, "free_blocks", ext->free_blocks);
	json_key_size(j, "reserved_blocks", ext->reserved_blocks);
	json_key_size(j, "first_data_block", ext->first_data_block);
	json_key_size(j, "blocks_per_group", ext->blocks_per_group);
	json_key_size(j, "inodes", ext->inode_count);
	json_key_size(j, "free_inodes", ext->free_inodes);
	json_key_size(j, "inodes_per_group", ext->inodes_per_group);
	json_key_size(j, "inode_size", ext->inode_size);
	json_features(j, c->arena, ext);
	json_key_size(j, "journal_first_block", ext->journal.first);
	json_key_size(j, "journal_blocks", ext->journal.count);
	json_groups(j, ext);
	json_inodes(j, c, ext);
	json_object_end(j);
}

static void
json_contents(struct json *j, struct compilation *c, const struct partition_layout *p)
{
	if (p->swap) {
		json_key(j, "swap");
		json_object(j);
		json_key_text(j, "uuid", text_uuid(c->arena, p->swap->uuid));
		json_key_text(j, "label", p->swap->label);
		json_key_size(j, "pages", p->swap->pages);
		json_object_end(j);
	}
	if (p->raw) {
		json_key(j, "raw");
		json_object(j);
		json_key_text(j, "source", p->from->raw.v);
		json_key_size(j, "bytes", p->raw->size);
		json_object_end(j);
	}
}

void
json_partitions(struct json *j, struct compilation *c, const struct layout *layout)
{
	json_key(j, "partitions");
	json_array(j);
	for (size_t i = 0; i < layout->partition_count; i++) {
		const struct partition_layout *p = &layout->partitions[i];

		json_object(j);
		json_key_size(j, "number", p->number);
		json_key_text(j, "name", p->from->name);
		json_key_size(j, "first_lba", p->first_lba);
		json_key_size(j, "sectors", p->sector_count);
		json_key_text(j, "type", word_partition_type(c->arena, layout, p));
		if (layout->table == TABLE_GPT)
			json_key_text(j, "guid", text_uuid(c->arena, p->guid));
		if (p->attributes)
			json_key_text(j, "attributes", arena_printf(c->arena, "0x%" PRIx64, p->attributes));
		json_key_bool(j, "bootable", p->bootable);
		json_key_text(j, "mount", p->from->mount.v);
		json_key(j, "filesystem");
		if (p->ext)
			json_filesystem(j, c, p->ext);
		else if (p->fat)
			json_fat(j, c, p->fat);
		else
			json_text(j, NULL);
		json_contents(j, c, p);
		json_object_end(j);
	}
	json_array_end(j);
}

void
json_disk(struct json *j, struct compilation *c, const struct layout *layout)
{
	json_key(j, "disk");
	json_object(j);
	json_key_size(j, "bytes", layout->disk_bytes);
	json_key_size(j, "sector_size", layout->sector_size);
	json_key_text(j, "table", table_names[layout->table]);
	json_key_text(j, "id", word_disk_id(c->arena, layout));
	json_object_end(j);
	json_key(j, "regions");
	json_array(j);
	for (size_t i = 0; i < layout->region_count; i++) {
		json_object(j);
		json_key_text(j, "owner", layout->regions[i].owner);
		json_key_size(j, "offset", layout->regions[i].offset);
		json_key_size(j, "bytes", layout->regions[i].size);
		json_object_end(j);
	}
	json_array_end(j);
}

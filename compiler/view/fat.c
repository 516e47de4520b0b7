/* Decides what the map and the JSON of a plan tell of a FAT file system. */
#include "view/fat.h"

#include <inttypes.h>

#include "model/fat.h"
#include "support/compilation.h"
#include "support/json.h"
#include "support/text.h"
#include "view/words.h"

enum { FATS = 2, BASE = 8, EXTENSION = 3 };

/* "BOOTX64.EFI", or "" for the root. */
static const char *
alias_text(struct arena *a, const uint8_t *alias)
{
	int base = BASE, extension = EXTENSION;

	if (!alias)
		return "";
	while (base && alias[base - 1] == ' ')
		base--;
	while (extension && alias[BASE + extension - 1] == ' ')
		extension--;
	return arena_printf(a, "%.*s%s%.*s", base, (const char *)alias, extension ? "." : "", extension,
		(const char *)alias + BASE);
}

static const char *
object_path(struct compilation *c, const struct fat_object *object)
{
	return object->node ? node_path(c, object->node) : "<root>";
}

/* "clusters 5..7,12": in the order of the file. */
static void
map_runs(FILE *out, const struct fat_object *object)
{
	for (size_t i = 0; i < object->run_count; i++) {
		const struct run *r = &object->runs[i];

		fprintf(out, "%s%" PRIu64, i ? "," : " clusters ", r->first);
		if (r->count > 1)
			fprintf(out, "..%" PRIu64, r->first + r->count - 1);
	}
}

static void
map_object(FILE *out, struct compilation *c, const struct fat_object *object)
{
	uint32_t last = object->first_cluster + object->cluster_count - 1;

	fprintf(out, "%s size %" PRIu64, object->is_directory ? "dir" : "file", object->size);
	if (object->is_read_only)
		fputs(" read-only", out);
	if (object->run_count > 1)
		map_runs(out, object);
	else if (object->cluster_count)
		fprintf(out, " clusters %" PRIu32, object->first_cluster);
	if (object->run_count <= 1 && object->cluster_count > 1)
		fprintf(out, "..%" PRIu32, last);
	if (object->alias)
		fprintf(out, " %s", text_escape(c->arena, alias_text(c->arena, object->alias)));
	fprintf(out, " %s\n", text_escape(c->arena, object_path(c, object)));
}

void
map_fat(FILE *out, struct compilation *c, const struct fat_layout *l)
{
	uint32_t first = l->reserved_sectors, root = first + FATS * l->fat_sectors;

	fprintf(out, "vfat FAT%u sectors %" PRIu32 "%s cluster_size %u clusters %" PRIu32 " free %" PRIu32 " hidden %" PRIu32 "\n",
		l->bits, l->sector_count, word_sector_size(c->arena, l->sector_size), fat_cluster_bytes(l), l->cluster_count, l->free_clusters,
		l->hidden_sectors);
	fprintf(out, "volume_id %s label '%s' date 0x%04x time 0x%04x hundredths %u\n", fat_volume_text(c->arena, l),
		text_escape(c->arena, fat_label_text(c->arena, l)), (unsigned)l->date, (unsigned)l->time, (unsigned)l->hundredths);
	fprintf(out, "reserved 0..%" PRIu32 " fats %" PRIu32 "..%" PRIu32 " %" PRIu32 "..%" PRIu32, first - 1, first,
		first + l->fat_sectors - 1, first + l->fat_sectors, root - 1);
	if (l->root_entries)
		fprintf(out, " root %" PRIu32 "..%" PRIu32 " entries %" PRIu32, root, l->data_sector - 1, l->root_entries);
	fprintf(out, " data %" PRIu32 "..%" PRIu32 "\n", l->data_sector, l->sector_count - 1);
	for (size_t i = 0; i < l->object_count; i++)
		map_object(out, c, &l->objects[i]);
}

static void
json_object_of(struct json *j, struct compilation *c, const struct fat_object *object)
{
	json_object(j);
	json_key_text(j, "path", object_path(c, object));
	json_key_text(j, "type", object->is_directory ? "dir" : "file");
	json_key_text(j, "alias", object->alias ? alias_text(c->arena, object->alias) : NULL);
	json_key_bool(j, "read_only", object->is_read_only);
	json_key_size(j, "size", object->size);
	json_key_size(j, "first_cluster", object->first_cluster);
	json_key_size(j, "clusters", object->cluster_count);
	json_object_end(j);
}

void
json_fat(struct json *j, struct compilation *c, const struct fat_layout *l)
{
	json_object(j);
	json_key_text(j, "type", "vfat");
	json_key_size(j, "fat", l->bits);
	json_key_text(j, "volume_id", fat_volume_text(c->arena, l));
	json_key_text(j, "label", fat_label_text(c->arena, l));
	json_key_size(j, "sector_size", l->sector_size);
	json_key_size(j, "sectors", l->sector_count);
	json_key_size(j, "hidden_sectors", l->hidden_sectors);
	json_key_size(j, "reserved_sectors", l->reserved_sectors);
	json_key_size(j, "fat_sectors", l->fat_sectors);
	json_key_size(j, "root_entries", l->root_entries);
	json_key_size(j, "data_sector", l->data_sector);
	json_key_size(j, "cluster_size", fat_cluster_bytes(l));
	json_key_size(j, "clusters", l->cluster_count);
	json_key_size(j, "free_clusters", l->free_clusters);
	json_key(j, "objects");
	json_array(j);
	for (size_t i = 0; i < l->object_count; i++)
		json_object_of(j, c, &l->objects[i]);
	json_array_end(j);
	json_object_end(j);
}

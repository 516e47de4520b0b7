/* Decides how the disk, its partitions and their file systems are said. */
#include <inttypes.h>
#include <string.h>

#include "decompile/stages.h"
#include "model/fat.h"
#include "model/features.h"
#include "model/mbr.h"
#include "model/partition_type.h"
#include "support/memory.h"
#include "support/text.h"

enum { MIB = 1 << 20, MOST_PERCENT = 50 };

/* Features that a manifest can choose, and the types that have them unless it does. */
static const struct choice {
	const char *name;
	bool usual_on_ext3, usual_on_ext4;
} choices[] = {
	{"has_journal", true, true},
	{"dir_index", false, false},
	{"extent", false, true},
	{"64bit", false, false},
	{"metadata_csum", false, true},
};

/* What file systems of format 1 have besides. */
static const struct fixed {
	const char *name;
	bool only_on_ext4;
} fixed[] = {
	{"ext_attr", false}, {"filetype", false}, {"sparse_super", false}, {"large_file", false},
	{"huge_file", true}, {"dir_nlink", true}, {"extra_isize", true},
};

static void
put_size(const struct decompiling *d, FILE *out, const char *key, uint64_t sectors)
{
	uint32_t in_mib = MIB / d->image->layout->sector_size;

	if (sectors % in_mib)
		fprintf(out, "%s: %" PRIu64 "s", key, sectors);
	else
		fprintf(out, "%s: %" PRIu64 "MiB", key, sectors / in_mib);
}

/* LABEL unless there is none, or it is one that a manifest cannot have. */
static void
put_label(struct decompiling *d, FILE *out, const char *separator, const struct part *p, const char *label)
{
	const char *scalar = decompile_line(d->c->arena, label);

	if (!*label)
		return;
	if (!scalar || (p->layout->fat && !fat_is_label(label)))
		decompile_unsaid(d, "the label '%s' of partition %" PRIu32, label, p->layout->number);
	else
		fprintf(out, "%slabel: %s", separator, scalar);
}

/* Whether a feature is one that a manifest says or has without saying so. */
static bool
is_known(const struct ext_layout *ext, const char *name)
{
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (strcmp(fixed[i].name, name) == 0)
			return !fixed[i].only_on_ext4 || ext->kind == FILESYSTEM_EXT4;
	return ext_feature_is_choice(name);
}

/* Tells the features that the file system has or lacks and no manifest can say. */
static void
tell_features(struct decompiling *d, const struct part *p, const char *const *has, size_t count)
{
	const struct ext_layout *ext = p->layout->ext;

	for (size_t i = 0; i < count; i++)
		if (!is_known(ext, has[i]))
			decompile_unsaid(d, "the feature %s of partition %" PRIu32, has[i], p->layout->number);
	for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
		if (is_known(ext, fixed[i].name) && !text_is_in(has, count, fixed[i].name) &&
		    (strcmp(fixed[i].name, "extra_isize") != 0 || ext->inode_size > 128))
			decompile_unsaid(d, "that partition %" PRIu32 " is without the feature %s", p->layout->number, fixed[i].name);
}

static void
put_features(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct ext_layout *ext = p->layout->ext;
	size_t count, said = 0;
	const char *const *has = ext_features(d->c->arena, ext, &count);

	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
		bool is_on = text_is_in(has, count, choices[i].name);
		bool is_usual = ext->kind == FILESYSTEM_EXT3 ? choices[i].usual_on_ext3 : ext->kind == FILESYSTEM_EXT4 && choices[i].usual_on_ext4;

		if (is_on != is_usual)
			fprintf(out, "%s%s%s", said++ ? ", " : ", features: [", is_on ? "" : "^", choices[i].name);
	}
	if (said)
		fputs("]", out);
	tell_features(d, p, has, count);
}

/* Percent of the blocks that are reserved. */
static void
put_reserved(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct ext_layout *ext = p->layout->ext;
	unsigned percent = 0;

	while (percent < MOST_PERCENT && ext->block_count * percent / 100 < ext->reserved_blocks)
		percent++;
	if (ext->block_count * percent / 100 != ext->reserved_blocks)
		decompile_unsaid(d, "that partition %" PRIu32 " has %" PRIu64 " reserved blocks", p->layout->number, ext->reserved_blocks);
	if (percent)
		fprintf(out, ", reserved_percent: %u", percent);
}

static void
put_ext(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct ext_layout *ext = p->layout->ext;
	struct arena *a = d->c->arena;

	fprintf(out, "    filesystem: {type: %s, block_size: %uKiB", filesystem_names[ext->kind], ext->block_size / 1024);
	put_label(d, out, ", ", p, ext->label);
	fprintf(out, ", uuid: %s,\n      hash_seed: %s", text_uuid(a, ext->uuid), text_uuid(a, ext->hash_seed));
	fprintf(out, ", inodes: %" PRIu32, ext->inode_count);
	if (ext->inode_size == 128)
		fputs(", inode_size: 128", out);
	else if (ext->inode_size != 256)
		decompile_unsaid(d, "the %" PRIu32 " bytes of each inode of partition %" PRIu32, ext->inode_size, p->layout->number);
	put_reserved(d, out, p);
	put_features(d, out, p);
	fputs("}\n", out);
}

/* What no key says: the boot code in front of the file system, or the swap space, of P. */
static void
tell_boot_block(struct decompiling *d, const struct part *p)
{
	enum { BOOT_BLOCK = 1024 };
	uint64_t start = layout_offset(d->image->layout, p->layout);

	if (decompile_bytes(d, start, start + BOOT_BLOCK, false))
		decompile_unsaid(d, "the boot code in partition %" PRIu32, p->layout->number);
}

static void
put_fat(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct fat_layout *fat = p->layout->fat;
	fprintf(out, "    filesystem: {type: vfat, fat: %u, volume_id: %04X-%04X", fat->bits, (unsigned)(fat->volume_id >> 16),
		(unsigned)(fat->volume_id & 0xffff));
	put_label(d, out, ", ", p, fat_label_text(d->c->arena, fat));
	fputs("}\n", out);
	if (fat->sector_size != d->image->layout->sector_size)
		decompile_unsaid(d, "that the file system of partition %" PRIu32 " counts in sectors of %" PRIu32 " bytes", p->layout->number, fat->sector_size);
}

static void
put_swap(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct swap_layout *swap = p->layout->swap;

	fprintf(out, "    swap: {uuid: %s", text_uuid(d->c->arena, swap->uuid));
	put_label(d, out, ", ", p, swap->label);
	fputs("}\n", out);
}

/* UUID, of WHAT, behind KEY, unless there is none. */
static void
put_uuid(struct decompiling *d, FILE *out, const char *key, const uint8_t uuid[16], const char *what)
{
	if (!memory_is_zero(uuid, 16))
		fprintf(out, "%s: %s\n", key, text_uuid(d->c->arena, uuid));
	else
		decompile_unsaid(d, "that %s has no GUID", what);
}

/* A type that stands for something else than a partition is none for a manifest: then the partition has the usual one, and its bytes. */
static void
put_mbr_type(struct decompiling *d, FILE *out, const struct partition_layout *p)
{
	const char *container = mbr_container(p->mbr_type);

	if (container)
		decompile_unsaid(d, "the type 0x%02x of partition %" PRIu32 ", which stands for %s", (unsigned)p->mbr_type, p->number, container);
	else
		fprintf(out, "    type: 0x%02x\n", (unsigned)p->mbr_type);
}

/* A type by its name, where it has one in a GPT. */
static void
put_type(struct decompiling *d, FILE *out, const struct partition_layout *p)
{
	const struct partition_type *type = partition_types;

	if (d->image->layout->table == TABLE_MBR) {
		put_mbr_type(d, out, p);
		return;
	}
	while (type->name && memcmp(type->guid, p->type_guid, sizeof type->guid) != 0)
		type++;
	fprintf(out, "    type: %s\n", type->name ? type->name : text_uuid(d->c->arena, p->type_guid));
}

static void
put_contents(struct decompiling *d, FILE *out, const struct part *p)
{
	switch (p->form) {
	case PART_EMPTY:
		break;
	case PART_FILES:
		if (p->layout->ext) {
			put_ext(d, out, p);
			decompile_ext_fields(d, p);
			tell_boot_block(d, p);
		} else {
			put_fat(d, out, p);
			decompile_fat_fields(d, p);
		}
		if (p->mount)
			fprintf(out, "    mount: %s\n", decompile_scalar(d->c->arena, p->mount));
		break;
	case PART_SWAP:
		put_swap(d, out, p);
		tell_boot_block(d, p);
		break;
	case PART_RAW:
		fprintf(out, "    raw: %s\n", p->raw);
		break;
	}
}

/* Whether the GUID of P is that of one in front of it, which no manifest can have. */
static bool
has_guid_of_another(struct decompiling *d, const struct part *p)
{
	for (const struct part *other = d->parts; other < p; other++)
		if (memcmp(other->layout->guid, p->layout->guid, sizeof p->layout->guid) == 0 && !memory_is_zero(p->layout->guid, sizeof p->layout->guid)) {
			decompile_unsaid(d, "that partition %" PRIu32 " has the GUID of partition %" PRIu32, p->layout->number, other->layout->number);
			return true;
		}
	return false;
}

static void
put_partition(struct decompiling *d, FILE *out, const struct part *p)
{
	const struct partition_layout *layout = p->layout;

	fprintf(out, "  %s:\n", p->name);
	if (d->image->layout->table == TABLE_NONE) {
		fputs("    size: rest\n", out);
		put_contents(d, out, p);
		return;
	}
	put_size(d, out, "    start", layout->first_lba);
	put_size(d, out, "\n    size", layout->sector_count);
	fputs("\n", out);
	put_type(d, out, layout);
	if (d->image->layout->table == TABLE_GPT && !has_guid_of_another(d, p))
		put_uuid(d, out, "    uuid", layout->guid, arena_printf(d->c->arena, "partition %" PRIu32, layout->number));
	if (layout->bootable)
		fputs("    bootable: true\n", out);
	if (layout->attributes)
		decompile_unsaid(d, "the attributes 0x%" PRIx64 " of partition %" PRIu32, layout->attributes, layout->number);
	put_contents(d, out, p);
}

uint64_t
decompile_boot_end(const struct decompiling *d)
{
	const struct layout *layout = d->image->layout;
	uint64_t end = layout->table == TABLE_GPT ? 1 : d->image->size / d->image->layout->sector_size;

	for (size_t i = 0; i < layout->partition_count; i++)
		if (layout->partitions[i].first_lba < end)
			end = layout->partitions[i].first_lba;
	return end * layout->sector_size;
}

static void
put_disk(struct decompiling *d, FILE *out)
{
	static const char path[] = "boot_code.bin";
	const struct layout *layout = d->image->layout;
	const struct content *code = d->image->bare ? NULL : decompile_bytes(d, 0, decompile_boot_end(d), true);

	fputs("disk:\n", out);
	put_size(d, out, "  size", d->image->size / d->image->layout->sector_size);
	fprintf(out, "\n  table: %s\n", table_names[layout->table]);
	if (layout->sector_size != SECTOR_USUAL)
		fprintf(out, "  sector_size: %" PRIu32 "KiB\n", layout->sector_size / 1024);
	if (layout->table == TABLE_GPT)
		put_uuid(d, out, "  uuid", layout->disk_guid, "the disk");
	else if (layout->table == TABLE_MBR)
		fprintf(out, "  id: 0x%08" PRIx32 "\n", layout->disk_id);
	if (!code)
		return;
	fprintf(out, "  boot_code: %s\n", path);
	decompile_file(d, path, code);
}

void
decompile_disk(struct decompiling *d, FILE *out)
{
	put_disk(d, out);
	decompile_table_fields(d);
	fputs("partitions:\n", out);
	for (size_t i = 0; i < d->image->layout->partition_count; i++)
		put_partition(d, out, &d->parts[i]);
}

/* Writes an MBR by libfdisk, and then the fields that no plan holds by rules of our own. A GPT is gpt.c's. */

#include "emit/stages.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <libfdisk/libfdisk.h>

#include "emit/output.h"
#include "model/mbr.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/memory.h"

enum { STATUS_ACTIVE = 0x80 };

static bool
library_failed(struct output *o, int error)
{
	o->failed = true;
	diag(&o->c->diags, DIAG_OUTPUT_FAILED, (struct span){0},
		"cannot write '%s': libfdisk cannot write the partition table: %s", o->path, strerror(-error));
	return false;
}

/* Sets everything that the library would otherwise ask of the device or choose itself. */
static int
open_context(struct fdisk_context *context, struct fdisk_script *script, const struct output *o, const struct layout *layout)
{
	char id[sizeof "0x00000000"];
	int error;

	snprintf(id, sizeof id, "0x%08" PRIx32, layout->disk_id);
	if ((error = fdisk_script_set_header(script, "label-id", id)) ||
	    (error = fdisk_save_user_geometry(context, 0, MBR_HEADS, MBR_TRACK)) ||
	    (error = fdisk_save_user_sector_size(context, layout->sector_size, layout->sector_size)) ||
	    (error = fdisk_save_user_grain(context, layout->sector_size)) ||
	    (error = fdisk_assign_device_by_fd(context, o->fd, o->path, 0)) ||
	    (error = fdisk_set_script(context, script)) ||
	    (error = fdisk_create_disklabel(context, "dos")))
		return error;
	fdisk_set_first_lba(context, 1);
	return 0;
}

static int
add_partition(struct fdisk_context *context, const struct partition_layout *p)
{
	struct fdisk_partition *new = fdisk_new_partition();
	struct fdisk_parttype *type = fdisk_new_parttype();
	size_t number = p->number - 1;
	int error;

	if (!new || !type)
		memory_exhausted();
	if ((error = fdisk_parttype_set_code(type, p->mbr_type)) ||
	    (error = fdisk_partition_set_type(new, type)) ||
	    (error = fdisk_partition_set_partno(new, number)) ||
	    (error = fdisk_partition_set_start(new, p->first_lba)) ||
	    (error = fdisk_partition_set_size(new, p->sector_count)) ||
	    (error = fdisk_partition_size_explicit(new, 1)) ||
	    (error = fdisk_add_partition(context, new, &number)))
		goto out;
	if (p->bootable)
		error = fdisk_toggle_partition_flag(context, number, DOS_FLAG_ACTIVE);
out:
	fdisk_unref_parttype(type);
	fdisk_unref_partition(new);
	return error;
}

static int
by_descending_start(const void *one, const void *other)
{
	const struct partition_layout *const *a = one, *const *b = other;

	return ((*a)->first_lba < (*b)->first_lba) - ((*a)->first_lba > (*b)->first_lba);
}

/* From the last to the first: before it adds one, libfdisk wants free sectors in front of those that are there. */
static int
add_partitions(struct fdisk_context *context, const struct layout *layout)
{
	const struct partition_layout *order[MBR_ENTRY_COUNT];
	int error = 0;

	for (size_t i = 0; i < layout->partition_count; i++)
		order[i] = &layout->partitions[i];
	qsort(order, layout->partition_count, sizeof *order, by_descending_start);
	for (size_t i = 0; !error && i < layout->partition_count; i++)
		error = add_partition(context, order[i]);
	return error;
}

static bool
write_table(struct output *o, const struct layout *layout)
{
	struct fdisk_context *context = fdisk_new_context();
	struct fdisk_script *script = context ? fdisk_new_script(context) : NULL;
	int error;

	if (!script)
		memory_exhausted();
	error = open_context(context, script, o, layout);
	if (!error)
		error = add_partitions(context, layout);
	if (!error)
		error = fdisk_write_disklabel(context);
	/* No fdisk_deassign_device, which would fsync a file that is hardly begun: the descriptor is not the library's. */
	fdisk_set_script(context, NULL); /* each refers to the other */
	fdisk_unref_script(script);
	fdisk_unref_context(context);
	return error ? library_failed(o, error) : true;
}

static bool
write_chs(struct output *o, const struct layout *layout)
{
	unsigned char sector[RECORD_SIZE];

	if (!output_read(o, 0, sector, sizeof sector))
		return false;
	for (size_t i = 0; i < layout->partition_count; i++) {
		const struct partition_layout *p = &layout->partitions[i];
		unsigned char *entry = sector + MBR_ENTRIES + (p->number - 1) * MBR_ENTRY_SIZE;

		mbr_put_chs(entry + MBR_FIRST_CHS, p->first_lba);
		mbr_put_chs(entry + MBR_LAST_CHS, p->first_lba + p->sector_count - 1);
	}
	return output_write(o, 0, sector, sizeof sector);
}

/* Compares a number of the table (an entry's, with its partition's NAME) with the plan's. */
static bool
same(struct output *o, const char *name, const char *field, uint64_t planned, uint64_t written)
{
	if (planned == written)
		return true;
	diag(&o->c->diags, DIAG_PLAN_MISMATCH, (struct span){0}, "%s%s%s: %" PRIu64 " planned, %" PRIu64 " written",
		name ? name : "", name ? ": " : "", field, planned, written);
	return false;
}

static bool
entry_matches(struct output *o, const struct partition_layout *p, const unsigned char *entry)
{
	const char *name = p->from->name;
	unsigned char chs[6];
	bool good = same(o, name, "status", p->bootable ? STATUS_ACTIVE : 0, entry[0]);

	mbr_put_chs(chs, p->first_lba);
	mbr_put_chs(chs + 3, p->first_lba + p->sector_count - 1);
	good &= same(o, name, "type", p->mbr_type, entry[MBR_TYPE]);
	good &= same(o, name, "first sector", p->first_lba, get32(entry + MBR_FIRST_LBA));
	good &= same(o, name, "sectors", p->sector_count, get32(entry + MBR_SECTORS));
	good &= same(o, name, "differences in CHS", 0, memcmp(chs, entry + MBR_FIRST_CHS, 3) != 0 ||
		memcmp(chs + 3, entry + MBR_LAST_CHS, 3) != 0);
	return good;
}

static bool
mbr_matches(struct output *o, const struct layout *layout)
{
	static const unsigned char empty[MBR_ENTRY_SIZE];
	unsigned char sector[RECORD_SIZE];
	bool good;

	if (!output_read(o, 0, sector, sizeof sector))
		return false;
	good = same(o, NULL, "disk signature", layout->disk_id, get32(sector + MBR_DISK_ID));
	good &= same(o, NULL, "boot signature", 0xaa55,
		sector[MBR_SIGNATURE] | (unsigned)sector[MBR_SIGNATURE + 1] << 8);
	good &= same(o, NULL, "bytes before the table", 0, sector[MBR_ENTRIES - 2] | (unsigned)sector[MBR_ENTRIES - 1]);
	for (size_t i = 0; i < MBR_ENTRY_COUNT; i++) {
		const unsigned char *entry = sector + MBR_ENTRIES + i * MBR_ENTRY_SIZE;

		if (i < layout->partition_count)
			good &= entry_matches(o, &layout->partitions[i], entry);
		else
			good &= same(o, NULL, "bytes in unused entries", 0, memcmp(entry, empty, sizeof empty) != 0);
	}
	return good;
}

bool
table_matches(struct output *o, const struct layout *layout)
{
	switch (layout->table) {
	case TABLE_MBR:
		return mbr_matches(o, layout);
	case TABLE_GPT:
		return gpt_matches(o, layout);
	case TABLE_NONE:
		return true;
	}
	BUG("a kind of partition table that is none");
}

bool
emit_table(struct output *o, const struct layout *layout)
{
	switch (layout->table) {
	case TABLE_MBR:
		ASSERT(layout->partition_count <= MBR_ENTRY_COUNT);
		return write_table(o, layout) && write_chs(o, layout) && mbr_matches(o, layout);
	case TABLE_GPT:
		return emit_gpt(o, layout) && gpt_matches(o, layout);
	case TABLE_NONE:
		return true;
	}
	BUG("a kind of partition table that is none");
}

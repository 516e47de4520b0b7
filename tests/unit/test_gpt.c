#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfdisk/libfdisk.h>

#include "emit/output.h"
#include "emit/stages.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

enum { SECTORS = 4096 };

struct image {
	struct compilation *c;
	char path[64];
	struct output o;
	struct layout layout;
};

static const struct m_partition from[] = {{.name = "root"}, {.name = "the-longest-name-that-a-gpt-can-hold"}};

static struct partition_layout partitions[] = {
	{.from = &from[0], .number = 1, .first_lba = 34, .sector_count = 1000, .bootable = true,
		.type_guid = {0x0f, 0xc6, 0x3d, 0xaf, 0x84, 0x83, 0x47, 0x72, 0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4},
		.guid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}},
	{.from = &from[1], .number = 2, .first_lba = 2048, .sector_count = SECTORS - 33 - 2048,
		.type_guid = {0x06, 0x57, 0xfd, 0x6d, 0xa4, 0xab, 0x43, 0xc4, 0x84, 0xe5, 0x09, 0x33, 0xc8, 0x4b, 0x4f, 0x4f},
		.guid = {17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32}},
};

/* What the same table could be of a disk that counts in larger ones. */
static struct partition_layout of_4k[] = {
	{.from = &from[0], .number = 1, .first_lba = 6, .sector_count = 250, .guid = {1}, .type_guid = {2}},
	{.from = &from[1], .number = 2, .first_lba = 256, .sector_count = SECTORS - 5 - 256, .guid = {3}, .type_guid = {4}},
};

static struct image *
begin_of(uint64_t sectors, uint32_t sector_size, struct partition_layout *list)
{
	struct compilation *c = unit_compilation();
	struct image *image = ARENA_NEW(c->arena, struct image);
	int fd;

	*image = (struct image){.c = c, .path = "/tmp/rootc-unit-XXXXXX"};
	image->layout = (struct layout){.disk_bytes = sectors * sector_size, .sector_size = sector_size, .table = TABLE_GPT, .partitions = list,
		.partition_count = COUNT(partitions), .disk_guid = {0xa0, 0xa1, 0xa2, 0xa3, [15] = 0xaf}};
	fd = mkstemp(image->path);
	assert_true(fd >= 0);
	close(fd);
	assert_true(output_begin(&image->o, c, image->path, sectors * sector_size));
	return image;
}

static struct image *
begin(uint64_t sectors)
{
	return begin_of(sectors, SECTOR_USUAL, partitions);
}

static void
end(struct image *image)
{
	output_end(&image->o);
	unlink(image->path);
}

/* TEXT, which is then freed, is EXPECTED. */
static void
assert_text(char *text, const char *expected)
{
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

TEST(libfdisk_reads_a_gpt_as_it_was_planned)
{
	struct image *image = begin(SECTORS);
	struct fdisk_context *context = fdisk_new_context();
	struct fdisk_table *table = NULL;
	char *id = NULL;

	assert_true(emit_table(&image->o, &image->layout));
	unit_expect_none(image->c);
	assert_int_equal(fdisk_assign_device_by_fd(context, image->o.fd, image->path, 1), 0);
	assert_true(fdisk_is_label(context, GPT));
	assert_int_equal(fdisk_verify_disklabel(context), 0);
	assert_int_equal(fdisk_get_disklabel_id(context, &id), 0);
	assert_text(id, "A0A1A2A3-0000-0000-0000-0000000000AF");
	assert_int_equal(fdisk_get_partitions(context, &table), 0);
	assert_int_equal(fdisk_table_get_nents(table), COUNT(partitions));
	for (size_t i = 0; i < COUNT(partitions); i++) {
		struct fdisk_partition *p = fdisk_table_get_partition(table, i);
		const char *attributes = fdisk_partition_get_attrs(p);

		assert_int_equal(fdisk_partition_get_start(p), partitions[i].first_lba);
		assert_int_equal(fdisk_partition_get_size(p), partitions[i].sector_count);
		assert_string_equal(fdisk_partition_get_name(p), from[i].name);
		assert_string_equal(fdisk_partition_get_uuid(p),
			i ? "11121314-1516-1718-191A-1B1C1D1E1F20" : "01020304-0506-0708-090A-0B0C0D0E0F10");
		assert_string_equal(fdisk_parttype_get_string(fdisk_partition_get_type(p)),
			i ? "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F" : "0FC63DAF-8483-4772-8E79-3D69D8477DE4");
		assert_string_equal(attributes ? attributes : "", i ? "" : "LegacyBIOSBootable");
	}
	fdisk_unref_table(table);
	fdisk_unref_context(context);
	end(image);
}

TEST(libfdisk_reads_a_gpt_that_counts_sectors_of_4096_bytes)
{
	struct image *image = begin_of(SECTORS, SECTOR_4K, of_4k);
	struct fdisk_context *context = fdisk_new_context();
	struct fdisk_table *table = NULL;

	assert_true(emit_table(&image->o, &image->layout));
	unit_expect_none(image->c);
	assert_int_equal(fdisk_save_user_sector_size(context, SECTOR_4K, SECTOR_4K), 0);
	assert_int_equal(fdisk_assign_device_by_fd(context, image->o.fd, image->path, 1), 0);
	assert_true(fdisk_is_label(context, GPT));
	assert_int_equal(fdisk_verify_disklabel(context), 0);
	assert_int_equal(fdisk_get_first_lba(context), 6);
	assert_int_equal(fdisk_get_last_lba(context), SECTORS - 6);
	assert_int_equal(fdisk_get_partitions(context, &table), 0);
	assert_int_equal(fdisk_table_get_nents(table), COUNT(of_4k));
	for (size_t i = 0; i < COUNT(of_4k); i++) {
		assert_int_equal(fdisk_partition_get_start(fdisk_table_get_partition(table, i)), of_4k[i].first_lba);
		assert_int_equal(fdisk_partition_get_size(fdisk_table_get_partition(table, i)), of_4k[i].sector_count);
	}
	fdisk_unref_table(table);
	fdisk_unref_context(context);
	end(image);
}

/* What is behind a header in its sector is reserved, and zero (UEFI 2.10, 5.3.2). */
TEST(each_byte_of_a_gpt_in_sectors_of_4096_bytes_counts)
{
	static const uint64_t places[] = {0x1ff, 4096, 4096 + 4095, 8192, 6 * 4096 - 1, (SECTORS - 5) * 4096, (SECTORS - 1) * 4096, SECTORS * 4096 - 1};
	struct image *image = begin_of(SECTORS, SECTOR_4K, of_4k);

	assert_true(emit_table(&image->o, &image->layout));
	for (size_t i = 0; i < COUNT(places); i++) {
		unsigned char byte, changed;

		image->c->diags.count = image->c->diags.error_count = 0;
		assert_true(output_read(&image->o, places[i], &byte, 1));
		changed = byte ^ 0x10;
		assert_true(output_write(&image->o, places[i], &changed, 1));
		assert_false(table_matches(&image->o, &image->layout));
		assert_true(output_write(&image->o, places[i], &byte, 1));
	}
	end(image);
}

/* Whatever byte of either copy changes behind our back, it is seen; boot code in sector 0 is not the table's. */
TEST(a_gpt_that_is_not_the_planned_one_is_told)
{
	static const uint64_t places[] = {0x1b8, 0x1be + 4, 0x1ff, 512, 512 + 511, 1024, 34 * 512 - 1,
		(SECTORS - 33) * 512, (SECTORS - 1) * 512, SECTORS * 512 - 1};
	struct image *image = begin(SECTORS);

	assert_true(emit_table(&image->o, &image->layout));
	assert_true(output_write(&image->o, 0, "code", 4));
	assert_true(table_matches(&image->o, &image->layout));
	unit_expect_none(image->c);
	for (size_t i = 0; i < COUNT(places); i++) {
		unsigned char byte, changed;

		image->c->diags.count = image->c->diags.error_count = 0;
		assert_true(output_read(&image->o, places[i], &byte, 1));
		changed = byte ^ 0x10;
		assert_true(output_write(&image->o, places[i], &changed, 1));
		assert_false(table_matches(&image->o, &image->layout));
		unit_expect(image->c, 0, DIAG_PLAN_MISMATCH, 0, 0);
		assert_true(output_write(&image->o, places[i], &byte, 1));
	}
	end(image);
}

/* The protective partition says as much of a large disk as 32 bits can. */
TEST(the_protective_partition_covers_the_disk)
{
	static const struct {
		uint64_t sectors;
		unsigned char size[4];
	} cases[] = {
		{SECTORS, {0xff, 0x0f, 0, 0}},
		{UINT64_C(1) << 32, {0xff, 0xff, 0xff, 0xff}},
		{UINT64_C(1) << 33, {0xff, 0xff, 0xff, 0xff}},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct image *image = begin(cases[i].sectors);
		unsigned char entry[16];

		assert_true(emit_table(&image->o, &image->layout));
		unit_expect_none(image->c);
		assert_true(output_read(&image->o, 0x1be, entry, sizeof entry));
		assert_memory_equal(entry, ((unsigned char[]){0, 0, 2, 0, 0xee, 0xff, 0xff, 0xff, 1, 0, 0, 0}), 12);
		assert_memory_equal(entry + 12, cases[i].size, 4);
		end(image);
	}
}

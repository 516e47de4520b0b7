#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit/output.h"
#include "emit/stages.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

enum { TABLE = 0x1b8, TABLE_SIZE = RECORD_SIZE - TABLE };

struct image {
	struct compilation *c;
	char path[64];
	struct output o;
};

static const struct m_partition from = {.name = "p"};

static struct image *
begin_of(uint64_t bytes)
{
	struct compilation *c = unit_compilation();
	struct image *image = ARENA_NEW(c->arena, struct image);
	int fd;

	*image = (struct image){.c = c, .path = "/tmp/rootc-unit-XXXXXX"};
	fd = mkstemp(image->path);
	assert_true(fd >= 0);
	close(fd);
	assert_true(output_begin(&image->o, c, image->path, bytes));
	return image;
}

static struct image *
begin(uint64_t sectors)
{
	return begin_of(sectors * SECTOR_USUAL);
}

static void
end(struct image *image)
{
	output_end(&image->o);
	unlink(image->path);
}

static struct layout
layout_of(uint64_t sectors, uint32_t id, struct partition_layout *partitions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		partitions[i].from = &from;
		partitions[i].number = (uint32_t)i + 1;
	}
	return (struct layout){.disk_bytes = sectors * SECTOR_USUAL, .sector_size = SECTOR_USUAL, .disk_id = id, .partitions = partitions, .partition_count = count};
}

/* The table for PARTITIONS is, from the disk signature to its end, what HEX says; the boot code stays zero. */
static void
assert_table_of(uint32_t sector_size, uint64_t sectors, struct partition_layout *partitions, size_t count, const char *hex)
{
	static const unsigned char zeroes[SECTOR_4K];
	struct image *image = begin_of(sectors * sector_size);
	struct layout layout = layout_of(sectors, 0xdeadbeef, partitions, count);
	unsigned char sector[RECORD_SIZE], rest[SECTOR_4K];
	char written[2 * TABLE_SIZE + 1];

	layout.sector_size = sector_size;
	layout.disk_bytes = sectors * sector_size;
	assert_true(emit_table(&image->o, &layout));
	unit_expect_none(image->c);
	assert_true(output_read(&image->o, 0, sector, sizeof sector));
	assert_memory_equal(sector, zeroes, TABLE);
	for (size_t i = 0; i < TABLE_SIZE; i++)
		snprintf(written + 2 * i, 3, "%02x", sector[TABLE + i]);
	assert_string_equal(written, hex);
	assert_true(output_read(&image->o, RECORD_SIZE, rest, sector_size - RECORD_SIZE));
	assert_memory_equal(rest, zeroes, sector_size - RECORD_SIZE);
	end(image);
}

static void
assert_table(uint64_t sectors, struct partition_layout *partitions, size_t count, const char *hex)
{
	assert_table_of(SECTOR_USUAL, sectors, partitions, count, hex);
}

#define FREE_ENTRY "00000000000000000000000000000000"

/* All expectations are what sfdisk 2.38.1 writes. */
TEST(the_table_of_the_article)
{
	struct partition_layout partitions[] = {{.first_lba = 63, .sector_count = 20000, .mbr_type = 0x83, .bootable = true}};

	assert_table(24576, partitions, 1, "efbeadde0000"
		"80010100833f1d013f000000204e0000" FREE_ENTRY FREE_ENTRY FREE_ENTRY "55aa");
}

TEST(partitions_may_stand_in_any_order)
{
	struct partition_layout partitions[] = {
		{.first_lba = 90, .sector_count = 10, .mbr_type = 0x83},
		{.first_lba = 1, .sector_count = 10, .mbr_type = 0x07},
		{.first_lba = 31, .sector_count = 19, .mbr_type = 0x0c, .bootable = true},
		{.first_lba = 50, .sector_count = 40, .mbr_type = 0x82},
	};

	assert_table(100, partitions, COUNT(partitions), "efbeadde0000"
		"00011c00830125005a0000000a000000"
		"0000020007000b00010000000a000000"
		"800020000c0032001f00000013000000"
		"0000330082011b003200000028000000" "55aa");
}

TEST(partitions_may_fill_the_disk_to_its_last_sector)
{
	struct partition_layout partitions[] = {
		{.first_lba = 1, .sector_count = 10, .mbr_type = 0x83},
		{.first_lba = 11, .sector_count = 20, .mbr_type = 0x07},
		{.first_lba = 31, .sector_count = 68, .mbr_type = 0x0c, .bootable = true},
		{.first_lba = 99, .sector_count = 1, .mbr_type = 0x83},
	};

	assert_table(100, partitions, COUNT(partitions), "efbeadde0000"
		"0000020083000b00010000000a000000"
		"00000c0007001f000b00000014000000"
		"800020000c0124001f00000044000000"
		"00012500830125006300000001000000" "55aa");
}

/* The numbers are those of any other disk of as many sectors, and so is each byte. */
TEST(an_mbr_counts_whatever_sectors_the_disk_has)
{
	struct partition_layout partitions[] = {
		{.first_lba = 1, .sector_count = 10, .mbr_type = 0x83},
		{.first_lba = 11, .sector_count = 20, .mbr_type = 0x07},
		{.first_lba = 31, .sector_count = 68, .mbr_type = 0x0c, .bootable = true},
		{.first_lba = 99, .sector_count = 1, .mbr_type = 0x83},
	};

	assert_table_of(SECTOR_4K, 100, partitions, COUNT(partitions), "efbeadde0000"
		"0000020083000b00010000000a000000"
		"00000c0007001f000b00000014000000"
		"800020000c0124001f00000044000000"
		"00012500830125006300000001000000" "55aa");
}

TEST(chs_is_clamped_at_cylinder_1023)
{
	struct partition_layout partitions[] = {
		{.first_lba = 16450560, .sector_count = 1, .mbr_type = 0x83},
		{.first_lba = 16450559, .sector_count = 1, .mbr_type = 0x83},
		{.first_lba = 16450000, .sector_count = 100, .mbr_type = 0x83},
		{.first_lba = 39999999, .sector_count = 1, .mbr_type = 0x83},
	};

	assert_table(40000000, partitions, COUNT(partitions), "efbeadde0000"
		"00feffff83feffff0004fb0001000000"
		"00feffff83feffffff03fb0001000000"
		"00f6c8ff83f7ecffd001fb0064000000"
		"00feffff83feffffff59620201000000" "55aa");
}

TEST(the_last_sectors_that_an_mbr_can_name)
{
	struct partition_layout large[] = {{.first_lba = 1, .sector_count = 4294967295, .mbr_type = 0x83}};
	struct partition_layout late[] = {
		{.first_lba = 4294967295, .sector_count = 1, .mbr_type = 0x83}, {.first_lba = 2048, .sector_count = 1, .mbr_type = 0xfe}};

	assert_table(UINT64_C(1) << 33, large, COUNT(large), "efbeadde0000"
		"0000020083feffff01000000ffffffff" FREE_ENTRY FREE_ENTRY FREE_ENTRY "55aa");
	assert_table(UINT64_C(1) << 33, late, COUNT(late), "efbeadde0000"
		"00feffff83feffffffffffff01000000" "00202100fe2021000008000001000000" FREE_ENTRY FREE_ENTRY "55aa");
}

TEST(a_disk_may_have_no_partition)
{
	assert_table(128, NULL, 0, "efbeadde0000" FREE_ENTRY FREE_ENTRY FREE_ENTRY FREE_ENTRY "55aa");
}

/* The library's variables for debugging and the like change nothing. */
TEST(the_environment_has_no_say)
{
	struct partition_layout partitions[] = {{.first_lba = 63, .sector_count = 20000, .mbr_type = 0x83, .bootable = true}};

	setenv("LIBFDISK_DEBUG", "0", 1);
	setenv("SOURCE_DATE_EPOCH", "7", 1);
	setenv("BLKID_FILE", "/nonexistent", 1);
	assert_table(24576, partitions, 1, "efbeadde0000"
		"80010100833f1d013f000000204e0000" FREE_ENTRY FREE_ENTRY FREE_ENTRY "55aa");
	unsetenv("LIBFDISK_DEBUG");
	unsetenv("SOURCE_DATE_EPOCH");
	unsetenv("BLKID_FILE");
}

/* Whatever byte of the table changes behind our back, it is seen. */
TEST(a_table_that_is_not_the_planned_one_is_told)
{
	struct partition_layout partitions[] = {{.first_lba = 63, .sector_count = 20000, .mbr_type = 0x83, .bootable = true}};

	for (unsigned at = TABLE; at < SECTOR_USUAL; at++) {
		struct image *image = begin(24576);
		struct layout layout = layout_of(24576, 1, partitions, 1);
		unsigned char byte;

		assert_true(emit_table(&image->o, &layout));
		assert_true(output_read(&image->o, at, &byte, 1));
		byte ^= 0x10;
		assert_true(output_write(&image->o, at, &byte, 1));
		assert_false(table_matches(&image->o, &layout));
		unit_expect(image->c, 0, DIAG_PLAN_MISMATCH, 0, 0);
		end(image);
	}
}

TEST(regions_stand_around_the_table)
{
	static const unsigned char code[TABLE] = {[0] = 0xeb, [TABLE - 1] = 0xaa}, more[1000] = {[0] = 1, [999] = 2};
	struct region regions[] = {
		{.offset = 0, .size = sizeof code, .bytes = code, .owner = "first"},
		{.offset = SECTOR_USUAL, .size = sizeof more, .bytes = more, .owner = "second"},
	};
	struct image *image = begin(24576);
	struct layout layout = layout_of(24576, 1, NULL, 0);

	layout.regions = regions;
	layout.region_count = COUNT(regions);
	assert_true(emit_table(&image->o, &layout));
	assert_true(emit_regions(&image->o, &layout));
	assert_true(table_matches(&image->o, &layout));
	assert_true(regions_match(&image->o, &layout));
	unit_expect_none(image->c);
	assert_true(output_write(&image->o, SECTOR_USUAL + 500, "x", 1));
	assert_false(regions_match(&image->o, &layout));
	unit_expect(image->c, 0, DIAG_PLAN_MISMATCH, 0, 0);
	end(image);
}

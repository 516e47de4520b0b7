#include "unit.h"

#include <string.h>

#include "plan/plan.h"
#include "plan/stages.h"

/* Sizes in a case: sectors, or one of these. */
enum { NONE = -1, REST = -2, HALF_SECTOR = -3 };

/* Where the words of a made-up manifest stand: each partition has ten lines. */
enum { DISK_LINE = 2, KEY = 10, START, SIZE, TYPE, MOUNT, FILESYSTEM, LINES_EACH = 10, COLUMN = 5 };

struct wanted {
	int64_t start, size;
};

struct place {
	uint64_t first, count;
};

static struct span
at(uint32_t line)
{
	return (struct span){.line = line, .column = COLUMN, .length = 1};
}

static struct m_size
size_of(int64_t value, uint32_t line)
{
	return (struct m_size){
		.at = at(line),
		.kind = value == REST ? SIZE_REST : SIZE_BYTES,
		.bytes = value == HALF_SECTOR ? 1000 : value > 0 ? (uint64_t)value * SECTOR_USUAL : 0,
		.given = value != NONE,
	};
}

static struct manifest *
manifest_of(struct compilation *c, uint64_t disk_sectors, const struct wanted *partitions, size_t count)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
	struct manifest *m = ARENA_NEW(c->arena, struct manifest);

	m->name.v = "unit";
	m->disk.sector_size.bytes = SECTOR_USUAL;
	m->disk.size = (struct m_size){.at = at(DISK_LINE), .bytes = disk_sectors * SECTOR_USUAL, .given = true};
	m->partitions = ARENA_ARRAY(c->arena, struct m_partition, count);
	m->partition_count = count;
	for (size_t i = 0; i < count; i++) {
		uint32_t line = (uint32_t)i * LINES_EACH;

		m->partitions[i] = (struct m_partition){
			.name = names[i],
			.key_at = at(line + KEY),
			.start = size_of(partitions[i].start, line + START),
			.size = size_of(partitions[i].size, line + SIZE),
		};
	}
	return m;
}

static const struct layout *
plan(struct compilation *c, const struct manifest *m)
{
	static const struct closure nothing;
	struct tree *tree = tree_new(c, unit_reason(c, (struct reason){.text = "unit"}));

	return plan_layout(c, m, &nothing, &(struct boot){0}, tree);
}

#define COUNT(array) (sizeof (array) / sizeof *(array))

#define PLACES(disk, given, expected) do { \
	struct compilation *c_ = unit_compilation(); \
	const struct layout *layout_ = plan(c_, manifest_of(c_, (disk), (given), COUNT(given))); \
	unit_expect_none(c_); \
	assert_non_null(layout_); \
	assert_int_equal(layout_->partition_count, COUNT(expected)); \
	for (size_t i_ = 0; i_ < COUNT(expected); i_++) { \
		assert_int_equal(layout_->partitions[i_].first_lba, (expected)[i_].first); \
		assert_int_equal(layout_->partitions[i_].sector_count, (expected)[i_].count); \
		assert_int_equal(layout_->partitions[i_].number, i_ + 1); \
	} \
} while (0)

#define REFUSES(disk, given, kind, line) do { \
	struct compilation *c_ = unit_compilation(); \
	assert_null(plan(c_, manifest_of(c_, (disk), (given), COUNT(given)))); \
	unit_expect(c_, 0, (kind), (line), COLUMN); \
	assert_int_equal(c_->diags.count, 1); \
} while (0)

TEST(the_first_partition_starts_at_1_mib_and_rest_goes_to_the_end)
{
	static const struct wanted given[] = {{NONE, REST}};
	static const struct place expected[] = {{2048, 65536 - 2048}};

	PLACES(65536, given, expected);
}

TEST(the_partition_of_the_article_starts_at_sector_63)
{
	static const struct wanted given[] = {{63, REST}};
	static const struct place expected[] = {{63, 24576 - 63}};

	PLACES(24576, given, expected);
}

TEST(a_partition_follows_the_one_before_it_at_the_next_mib)
{
	static const struct wanted given[] = {{63, 100}, {NONE, 2049}, {NONE, 1}, {NONE, REST}};
	static const struct place expected[] = {{63, 100}, {2048, 2049}, {6144, 1}, {8192, 10000 - 8192}};

	PLACES(10000, given, expected);
}

TEST(rest_ends_where_the_next_partition_says_it_starts)
{
	static const struct wanted given[] = {{2048, REST}, {8000, 100}, {5000, 1000}};
	static const struct place expected[] = {{2048, 2952}, {8000, 100}, {5000, 1000}};

	PLACES(10000, given, expected);
}

TEST(partitions_may_stand_in_any_order_and_touch)
{
	static const struct wanted given[] = {{9000, 1000}, {1, 8999}};
	static const struct place expected[] = {{9000, 1000}, {1, 8999}};

	PLACES(10000, given, expected);
}

TEST(a_partition_may_end_at_the_last_sector_an_mbr_can_name)
{
	static const struct wanted given[] = {{2048, (INT64_C(1) << 32) - 2048}};
	static const struct place expected[] = {{2048, (UINT64_C(1) << 32) - 2048}};

	PLACES(UINT64_C(1) << 33, given, expected);
}

TEST(type_disk_id_and_active_flag_come_from_the_manifest_or_are_defaults)
{
	static const struct wanted given[] = {{NONE, 1}, {NONE, 1}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, given, 2);
	const struct layout *layout;

	m->partitions[1].type = (struct m_parttype){.v = 0x0c, .given = true};
	m->partitions[1].bootable = (struct m_bool){.v = true, .given = true};
	layout = plan(c, m);
	assert_non_null(layout);
	assert_int_equal(layout->partitions[0].mbr_type, 0x83);
	assert_int_equal(layout->partitions[1].mbr_type, 0x0c);
	assert_false(layout->partitions[0].bootable);
	assert_true(layout->partitions[1].bootable);
	assert_int_equal(layout->disk_id, identity_disk(m));
	assert_int_equal(layout->disk_bytes, 65536 * 512);
}

TEST(a_file_system_is_planned_for_its_partition_and_mount_point)
{
	static const struct wanted given[] = {{NONE, 32768}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, given, 1);
	const struct layout *layout;

	m->partitions[0].mount = (struct m_text){.at = at(MOUNT), .v = "/", .given = true};
	m->partitions[0].filesystem = (struct m_filesystem){
		.at = at(FILESYSTEM), .given = true, .type = {.v = FILESYSTEM_EXT2, .given = true},
		.block_size = {.bytes = 4096}, .inode_size = {.v = 256}};
	layout = plan(c, m);
	unit_expect_none(c);
	assert_non_null(layout);
	assert_non_null(layout->partitions[0].root);
	assert_null(layout->partitions[0].root->parent);
	assert_non_null(layout->partitions[0].ext);
}

TEST(a_partition_past_the_end_of_the_disk_is_refused_at_its_size)
{
	static const struct wanted given[] = {{NONE, 8000}};

	REFUSES(10000, given, DIAG_DISK_TOO_SMALL, SIZE);
}

TEST(the_disk_size_that_would_do_is_told)
{
	static const struct wanted given[] = {{NONE, 8000}, {NONE, 6000}};
	struct compilation *c = unit_compilation();

	plan(c, manifest_of(c, 10000, given, 2));
	assert_string_equal(c->diags.list[0]->text, "partition 'a' ends 48 sectors past the end of the disk");
	assert_string_equal(c->diags.list[0]->help, "set 'size: 8MiB' in 'disk', or make the partitions smaller");
	assert_int_equal(c->diags.list[0]->notes[0].at.line, DISK_LINE);
}

TEST(what_follows_a_misplaced_partition_is_not_blamed)
{
	static const struct wanted given[] = {{NONE, 20000}, {NONE, 10}, {NONE, REST}};

	REFUSES(10000, given, DIAG_DISK_TOO_SMALL, SIZE);
}

TEST(a_partition_with_no_room_left_by_rest_is_refused)
{
	static const struct wanted given[] = {{NONE, REST}, {NONE, 10}};

	REFUSES(10000, given, DIAG_DISK_TOO_SMALL, LINES_EACH + KEY);
}

TEST(rest_behind_the_end_of_the_disk_is_refused_at_the_start)
{
	static const struct wanted given[] = {{10000, REST}};

	REFUSES(10000, given, DIAG_DISK_TOO_SMALL, START);
}

TEST(sizes_whose_sum_does_not_fit_64_bits_are_past_the_end)
{
	static const struct wanted given[] = {
		{INT64_C(1) << 54, (INT64_C(1) << 55) - 1}, {NONE, (INT64_C(1) << 55) - 1}, {NONE, (INT64_C(1) << 55) - 1}};

	REFUSES(10000, given, DIAG_DISK_TOO_SMALL, START);
}

TEST(an_overlap_is_the_later_partitions_mistake)
{
	static const struct wanted given[] = {{2048, 4000}, {6047, 10}};
	struct compilation *c = unit_compilation();

	assert_null(plan(c, manifest_of(c, 10000, given, 2)));
	unit_expect(c, 0, DIAG_PARTITION_OVERLAP, LINES_EACH + START, COLUMN);
	assert_string_equal(c->diags.list[0]->label, "sectors 6047 to 6056");
	assert_string_equal(c->diags.list[0]->notes[0].text, "'a' has sectors 2048 to 6047");
	assert_int_equal(c->diags.list[0]->notes[0].at.line, KEY);
}

TEST(a_partition_that_grows_into_an_earlier_one_is_refused_at_its_size)
{
	static const struct wanted given[] = {{8000, 100}, {2048, 10}, {NONE, 4000}};

	REFUSES(10000, given, DIAG_PARTITION_OVERLAP, 2 * LINES_EACH + SIZE);
}

TEST(sector_0_belongs_to_the_table)
{
	static const struct wanted given[] = {{0, 100}};

	REFUSES(10000, given, DIAG_PARTITION_TOO_EARLY, START);
}

TEST(a_partition_without_sectors_is_refused)
{
	static const struct wanted given[] = {{NONE, 0}};

	REFUSES(10000, given, DIAG_PARTITION_EMPTY, SIZE);
}

TEST(a_partition_behind_sector_2_to_the_32_is_refused)
{
	static const struct wanted given[] = {{2048, INT64_C(1) << 32}};

	REFUSES(UINT64_C(1) << 33, given, DIAG_MBR_LIMIT, SIZE);
}

TEST(a_fifth_partition_is_refused)
{
	static const struct wanted given[] = {{NONE, 1}, {NONE, 1}, {NONE, 1}, {NONE, 1}, {NONE, 1}, {NONE, 1}};

	REFUSES(65536, given, DIAG_TOO_MANY_PARTITIONS, 4 * LINES_EACH + KEY);
}

TEST(fractions_of_sectors_are_refused_where_they_stand)
{
	static const struct wanted given[] = {{NONE, HALF_SECTOR}, {HALF_SECTOR, 100}, {NONE, 10}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, given, 3);

	m->disk.size.bytes += 1;
	assert_null(plan(c, m));
	unit_expect(c, 0, DIAG_SECTOR_FRACTION, DISK_LINE, COLUMN);
	unit_expect(c, 1, DIAG_SECTOR_FRACTION, SIZE, COLUMN);
	unit_expect(c, 2, DIAG_SECTOR_FRACTION, LINES_EACH + START, COLUMN);
	assert_int_equal(c->diags.count, 3);
}

TEST(independent_mistakes_are_reported_together)
{
	static const struct wanted given[] = {{NONE, 100}, {2100, 10}, {4096, 100000}, {0, 1}};
	struct compilation *c = unit_compilation();

	assert_null(plan(c, manifest_of(c, 10000, given, 4)));
	unit_expect(c, 0, DIAG_PARTITION_OVERLAP, LINES_EACH + START, COLUMN);
	unit_expect(c, 1, DIAG_DISK_TOO_SMALL, 2 * LINES_EACH + SIZE, COLUMN);
	unit_expect(c, 2, DIAG_PARTITION_TOO_EARLY, 3 * LINES_EACH + START, COLUMN);
	assert_int_equal(c->diags.count, 3);
}

TEST(types_that_stand_for_other_tables_are_refused)
{
	static const struct wanted given[] = {{NONE, 1}};
	static const uint64_t types[] = {0x05, 0x0f, 0x85, 0xee};

	for (size_t i = 0; i < COUNT(types); i++) {
		struct compilation *c = unit_compilation();
		struct manifest *m = manifest_of(c, 65536, given, 1);

		m->partitions[0].type = (struct m_parttype){.at = at(TYPE), .v = types[i], .given = true};
		assert_null(plan(c, m));
		unit_expect(c, 0, DIAG_PARTITION_TYPE_CONTAINER, TYPE, COLUMN);
	}
}

/* The least start with GRUB's 9460 bytes of stage1_5 is sector 20. */
TEST(no_partition_starts_in_grubs_sectors)
{
	static const unsigned char code[9460];
	static const struct closure closure = {.boot = {.stage1 = code, .stage1_5 = code, .stage1_5_size = sizeof code}};
	static const struct wanted given[] = {{20, 10}, {19, 1}};
	struct compilation *c = unit_compilation();

	assert_null(plan_layout(c, manifest_of(c, 10000, given, 2), &closure, &(struct boot){0}, tree_new(c, unit_reason(c, (struct reason){.text = "unit"}))));
	unit_expect(c, 0, DIAG_PARTITION_TOO_EARLY, LINES_EACH + START, COLUMN);
	assert_int_equal(c->diags.count, 1);
}

TEST(a_gpt_leaves_room_for_itself_at_both_ends)
{
	static const struct wanted good[] = {{34, 2014}, {NONE, REST}}, early[] = {{33, 1}}, late[] = {{34, 65536 - 33 - 33}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, good, 2);
	const struct layout *layout;

	m->disk.table.v = TABLE_GPT;
	layout = plan(c, m);
	unit_expect_none(c);
	assert_int_equal(layout->partitions[1].first_lba + layout->partitions[1].sector_count, 65536 - 33);
	m = manifest_of(c, 65536, early, 1);
	m->disk.table.v = TABLE_GPT;
	assert_null(plan(c, m));
	unit_expect(c, 0, DIAG_PARTITION_TOO_EARLY, START, COLUMN);
	c = unit_compilation();
	m = manifest_of(c, 65536, late, 1);
	m->disk.table.v = TABLE_GPT;
	assert_null(plan(c, m));
	unit_expect(c, 0, DIAG_DISK_TOO_SMALL, SIZE, COLUMN);
}

TEST(a_gpt_reaches_beyond_2_tib)
{
	static const struct wanted given[] = {{2048, (INT64_C(1) << 34) - 2048 - 33}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, UINT64_C(1) << 34, given, 1);

	m->disk.table.v = TABLE_GPT;
	assert_non_null(plan(c, m));
	unit_expect_none(c);
}

TEST(identifiers_of_a_gpt_are_derived_and_differ_or_are_what_is_written)
{
	static const struct wanted given[] = {{NONE, 1}, {NONE, 1}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, given, 2);
	const struct layout *layout;

	m->disk.table.v = TABLE_GPT;
	m->partitions[1].uuid = (struct m_uuid){.v = {1, 2, 3, [15] = 16}, .given = true};
	layout = plan(c, m);
	unit_expect_none(c);
	assert_memory_not_equal(layout->partitions[0].guid, layout->disk_guid, 16);
	assert_memory_equal(layout->partitions[1].guid, m->partitions[1].uuid.v, 16);
	assert_string_equal(identity_partuuid(c->arena, m, 1), "01020300-0000-0000-0000-000000000010");
	m->disk.table.v = TABLE_MBR;
	assert_string_equal(identity_partuuid(c->arena, m, 1), arena_printf(c->arena, "%08x-02", identity_disk(m)));
}

TEST(sectors_are_the_disks_own)
{
	static const struct wanted given[] = {{NONE, 8}, {NONE, 8}};

	for (int table = TABLE_MBR; table <= TABLE_GPT; table++) {
		struct compilation *c = unit_compilation();
		struct manifest *m = manifest_of(c, 65536, given, 2);
		const struct layout *layout;

		m->disk.sector_size.bytes = SECTOR_4K;
		m->disk.table.v = table;
		layout = plan(c, m);
		unit_expect_none(c);
		assert_int_equal(layout->sector_size, SECTOR_4K);
		for (size_t i = 0; i < 2; i++) {
			assert_int_equal(layout->partitions[i].first_lba, (i + 1) * 256);
			assert_int_equal(layout->partitions[i].sector_count, 1);
			assert_int_equal(layout_offset(layout, &layout->partitions[i]), (i + 1) << 20);
			assert_int_equal(layout_bytes(layout, &layout->partitions[i]), SECTOR_4K);
		}
	}
}

TEST(what_a_gpt_leaves_of_a_disk_with_sectors_of_4096_bytes)
{
	static const struct wanted given[] = {{48, REST}}, early[] = {{40, 8}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 65536, given, 1);
	const struct layout *layout;

	m->disk.sector_size.bytes = SECTOR_4K;
	m->disk.table.v = TABLE_GPT;
	layout = plan(c, m);
	unit_expect_none(c);
	assert_int_equal(layout->partitions[0].first_lba, 6);
	assert_int_equal(layout->partitions[0].sector_count, 8192 - 6 - 5);
	m = manifest_of(c, 65536, early, 1);
	m->disk.sector_size.bytes = SECTOR_4K;
	m->disk.table.v = TABLE_GPT;
	assert_null(plan(c, m));
	unit_expect(c, 0, DIAG_PARTITION_TOO_EARLY, START, COLUMN);
}

TEST(a_disk_as_small_as_can_be_ends_with_its_last_partition_and_the_copy_of_a_gpt)
{
	static const struct wanted given[] = {{5000, 100}, {2048, 20}};
	struct compilation *c = unit_compilation();
	struct manifest *m = manifest_of(c, 0, given, 2);

	m->disk.size.kind = SIZE_MIN;
	assert_int_equal(plan(c, m)->disk_bytes, 5100 * SECTOR_USUAL);
	m->disk.table.v = TABLE_GPT;
	assert_int_equal(plan(c, m)->disk_bytes, 5133 * SECTOR_USUAL);
	m->partitions[0].start.bytes = (UINT64_C(32) << 40) - SECTOR_USUAL;
	assert_null(plan(c, m));
	unit_expect(c, 0, DIAG_DISK_TOO_SMALL, START, COLUMN);
}

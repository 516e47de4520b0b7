#include "unit.h"

#include <string.h>

#include "board.h"
#include "plan/grub_core.h"
#include "plan/plan.h"
#include "plan/stages.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

/* "root=PARTUUID=0abcdef1-01" and before it what GRUB itself hands to the kernel. */
#define ROOT "root=PARTUUID=0abcdef1-01"
#define IMAGE "BOOT_IMAGE=/boot/vmlinuz-6.1 "

#define HEAD "set partition1=$root\nset default=0\nset timeout=5\n"
#define ENTRY "\nmenuentry Linux {\n\tset root=$partition1\n\tlinux /boot/vmlinuz-6.1 " ROOT

static void
assert_menu(struct board *b, const char *expected)
{
	const char *menu = plan_grub2_menu(b->c, &b->m, &b->closure);

	unit_expect_none(b->c);
	assert_non_null(menu);
	assert_string_equal(menu, expected);
}

static void
assert_refused(struct board *b, enum diag_kind kind, uint32_t line)
{
	assert_null(plan_grub2_menu(b->c, &b->m, &b->closure));
	unit_expect(b->c, 0, kind, line, COLUMN);
	assert_int_equal(b->c->diags.count, 1);
}

TEST(grub_cfg_of_one_entry)
{
	assert_menu(plain_board(), HEAD ENTRY "\n}\n");
}

TEST(a_serial_console_has_the_menu_on_it_too)
{
	assert_menu(board_with_arguments("console=tty0 console=ttyS1,9600n8"),
		"serial --unit=1 --speed=9600\nterminal_input serial console\nterminal_output serial console\n"
		HEAD ENTRY " console=tty0 console=ttyS1,9600n8\n}\n");
}

TEST(titles_are_one_word_whatever_is_in_them)
{
	static const struct {
		const char *title, *written;
	} cases[] = {
		{"Linux-6.1_a.b", "Linux-6.1_a.b"},
		{"My Linux", "'My Linux'"},
		{"It's", "'It'\\''s'"},
		{"''", "''\\'''\\'''"},
		{"\"a\" $b ${c} $(d) `e` \\", "'\"a\" $b ${c} $(d) `e` \\'"},
		{"{;}|&<>#~*?[x]!", "'{;}|&<>#~*?[x]!'"},
		{"ü 漢", "'ü 漢'"},
		{"-x", "-- -x"},
		{"--class a", "-- '--class a'"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct board *b = plain_board();

		b->entries[0].title.v = cases[i].title;
		assert_menu(b, arena_printf(b->c->arena, HEAD "\nmenuentry %s {\n\tset root=$partition1\n\tlinux /boot/vmlinuz-6.1 " ROOT "\n}\n",
			cases[i].written));
	}
}

/* GRUB itself puts "" around a word with a blank; see grub_create_loader_cmdline of its lib/cmdline.c. */
TEST(arguments_arrive_as_the_kernel_reads_them)
{
	static const struct {
		const char *arguments, *written;
	} cases[] = {
		{"rw  quiet ", " rw quiet"},
		{"x=\"a b\"", " 'x=a b'"},
		{"\"x=a b\"", " 'x=a b'"},
		{"x=\"ab\"", " x=ab"},
		{"x=\"\"", " x="},
		{"x=$HOME;{}", " 'x=$HOME;{}'"},
		{"x=%d:/y,@z+", " x=%d:/y,@z+"},
		{"-- \"a b\" c", " -- 'a b' c"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct board *b = board_with_arguments(cases[i].arguments);

		assert_menu(b, arena_printf(b->c->arena, HEAD ENTRY "%s\n}\n", cases[i].written));
	}
}

TEST(arguments_that_grub_would_change_are_refused)
{
	static const char *const cases[] = {"a\\b", "it's", "a\"b c\"d", "\"a", "x=\"a\"b", "x=\"a\"\"b\""};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_refused(board_with_arguments(cases[i]), DIAG_GRUB_MISREAD, ENTRY_ARGUMENTS);
}

TEST(the_kernel_is_handed_2047_bytes)
{
	struct board *b = plain_board();
	size_t taken = strlen(IMAGE ROOT " ");

	b->entries[0].arguments.v = board_letters(b, 2047 - taken);
	assert_non_null(plan_grub2_menu(b->c, &b->m, &b->closure));
	unit_expect_none(b->c);
	b->entries[0].arguments.v = board_letters(b, 2048 - taken);
	assert_refused(b, DIAG_GRUB_TOO_LONG, ENTRY_ARGUMENTS);
	assert_string_equal(b->c->diags.list[0]->label, "with 'BOOT_IMAGE=' and 'root=': 2048 bytes");
}

TEST(partitions_are_found_by_the_uuids_of_their_file_systems)
{
	static const char *const mounts[] = {"/srv", "/", "/boot"};
	struct board *b = board_of(mounts, 3);

	b->partitions[1].filesystem.uuid = (struct m_uuid){.given = true, .v = {0xaa, 0xbb, [15] = 1}};
	b->entries[0].initrd.v = "/my initrd";
	assert_menu(b,
		"set partition3=$root\n"
		"search --no-floppy --fs-uuid --set=partition2 --hint=hd0,msdos2 aabb0000-0000-0000-0000-000000000001\n"
		"set default=0\nset timeout=5\n"
		"\nmenuentry Linux {\n\tset root=$partition3\n\tlinux /vmlinuz-6.1 root=PARTUUID=0abcdef1-02\n"
		"\tinitrd ($partition2)'/my initrd'\n}\n");
}

TEST(paths_of_a_partition_that_is_not_mounted_are_its_own)
{
	static const char *const mounts[] = {"/", NULL};
	struct board *b = board_of(mounts, 2);

	b->partitions[1].filesystem.uuid = (struct m_uuid){.given = true, .v = {[15] = 2}};
	b->entries[0].root.v = "second";
	b->entries[0].kernel.v = "/k";
	assert_menu(b,
		"set partition1=$root\n"
		"search --no-floppy --fs-uuid --set=partition2 --hint=hd0,msdos2 00000000-0000-0000-0000-000000000002\n"
		"set default=0\nset timeout=5\n"
		"\nmenuentry Linux {\n\tset root=$partition2\n\tlinux /k " ROOT "\n}\n");
}

TEST(grub2_loads_the_initial_ramdisk_of_all_entries)
{
	struct board *b = plain_board();

	b->m.kernel.initramfs.given = true;
	assert_menu(b, HEAD ENTRY "\n\tinitrd /boot/initrd.img\n}\n");
}

TEST(an_entry_of_commands_boots_no_kernel)
{
	struct board *b = plain_board();
	struct m_text commands[] = {board_text("set root=(hd1)", 1), board_text("chainloader +1", 2)};

	b->m.kernel.arguments.v = "console=ttyS0";
	b->entries[0].commands = (struct m_texts){.v = commands, .count = 2, .given = true};
	b->closure.kernel_path = NULL;
	assert_menu(b, HEAD "\nmenuentry Linux {\n\tset root=(hd1)\n\tchainloader +1\n}\n");
}

/* Bytes that cannot be packed, so that the size of a core image is known. */
static unsigned char *
noise(struct board *b, size_t size)
{
	unsigned char *bytes = arena_alloc(b->c->arena, size);
	uint32_t state = (uint32_t)size;

	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(state >> 24);
	}
	return bytes;
}

/* A GRUB 2 with a module of FIRST bytes that reads /boot/grub, and one of REST bytes. */
static void
give_grub(struct board *b, size_t first, size_t rest)
{
	struct grub_file *modules = ARENA_ARRAY(b->c->arena, struct grub_file, 2);
	unsigned char *code = arena_alloc(b->c->arena, 512);

	memset(code, 0xee, 512);
	modules[0] = (struct grub_file){.name = "ext2.mod", .bytes = noise(b, first), .size = first};
	modules[1] = (struct grub_file){.name = "normal.mod", .bytes = noise(b, rest), .size = rest};
	b->closure.grub = (struct grub_files){.platform = "i386-pc", .word = 4, .boot = {.bytes = code, .size = 512},
		.diskboot = {.bytes = code, .size = 512}, .decompressor = {.bytes = code, .size = 100},
		.kernel = (const unsigned char *)"kernel", .kernel_size = 6, .modules = modules, .module_count = 2, .first_count = 1};
	b->m.grub.version.v = GRUB_2;
}

/* boot.md 2.1 */
TEST(modules_stand_behind_the_kernel_with_config_and_prefix)
{
	static const char expected[] = "kernel\0\0"
		"mimg\x0c\0\0\0\x44\0\0\0"
		"\0\0\0\0\x0c\0\0\0abc\0"
		"\0\0\0\0\x0c\0\0\0defg"
		"\2\0\0\0\x10\0\0\0config\0\0"
		"\3\0\0\0\x10\0\0\0(hd0)/b";
	struct grub_file modules[] = {{.bytes = (const unsigned char *)"abc", .size = 3}, {.bytes = (const unsigned char *)"defg", .size = 4}};
	struct grub_files files = {.word = 4, .kernel = (const unsigned char *)"kernel", .kernel_size = 6, .modules = modules, .module_count = 2};
	struct grub_core core = {.prefix = "(hd0)/b", .config = "config", .module_count = 2};
	size_t size;
	unsigned char *payload = grub_core_payload(unit_compilation(), &files, &core, &size);

	assert_int_equal(size, sizeof expected);
	assert_memory_equal(payload, expected, size);
}

static const struct boot *
boot_with_start(struct board *b, uint64_t sector)
{
	b->partitions[0].start = (struct m_size){.at = {.line = 77, .column = COLUMN}, .bytes = sector * 512, .given = sector > 0};
	return plan_boot(b->c, &b->m, &b->closure);
}

TEST(the_core_holds_all_where_there_is_room)
{
	struct board *b = plain_board();
	const struct boot *boot;
	size_t all;

	give_grub(b, 10000, 20000);
	boot = boot_with_start(b, 0);
	assert_non_null(boot);
	assert_false(boot->reads_modules);
	all = boot->core_size / 512;
	assert_in_range(all, 60, 64);
	assert_false(boot_with_start(b, all + 1)->reads_modules);
	boot = boot_with_start(b, all);
	assert_true(boot->reads_modules);
	assert_in_range(boot->core_size / 512, 20, 24);
	unit_expect_none(b->c);
}

TEST(a_core_that_has_no_room_is_refused)
{
	struct board *b = plain_board();
	size_t least;

	give_grub(b, 10000, 20000);
	least = boot_with_start(b, 30)->core_size / 512;
	assert_non_null(boot_with_start(b, least + 1));
	assert_null(boot_with_start(b, least));
	unit_expect(b->c, 0, DIAG_GRUB_CORE_TOO_LARGE, 77, COLUMN);
	assert_string_equal(b->c->diags.list[0]->help,
		arena_printf(b->c->arena, "start it at sector %zu or later, such as at 1MiB", least + 1));
}

/* GRUB loads it below 0x78000: 888 sectors. */
TEST(a_core_that_a_bios_cannot_load_reads_its_modules)
{
	struct board *b = plain_board();

	give_grub(b, 10000, 460000);
	assert_true(boot_with_start(b, 0)->reads_modules);
}

static void
assert_bytes(const struct board *b, size_t region, size_t offset, const char *bytes, size_t size)
{
	assert_int_equal(b->layout.region_count, 2);
	assert_in_range(offset + size, 0, b->layout.regions[region].size);
	assert_memory_equal(b->layout.regions[region].bytes + offset, bytes, size);
}

#define BYTES(region, offset, bytes) assert_bytes(b, (region), (offset), (bytes), sizeof (bytes) - 1)

static bool
plan_regions(struct board *b)
{
	board_fill(b);
	give_grub(b, 3000, 100);
	return plan_grub2_regions(b->c, &b->m, &b->closure, plan_boot(b->c, &b->m, &b->closure), &b->layout);
}

/* boot.md 2.2; the same bytes come from grub-bios-setup. */
TEST(boot_img_and_the_core_are_told_their_places)
{
	struct board *b = plain_board();

	assert_true(plan_regions(b));
	unit_expect_none(b->c);
	assert_int_equal(b->layout.regions[0].offset, 0);
	assert_int_equal(b->layout.regions[0].size, 0x1b8);
	BYTES(0, 0x00, "\xee\xee\xee\0\0\0\0");
	BYTES(0, 0x59, "\0\xee\xee\1\0\0\0\0\0\0\0\xff\xee\x90\x90\xee");
	BYTES(0, 0x1b6, "\xee\xee");
	assert_int_equal(b->layout.regions[1].offset, 512);
	assert_int_equal(b->layout.regions[1].size, 8 * 512);
	BYTES(1, 0x1f3, "\xee\2\0\0\0\0\0\0\0\7\0\x20\x08\xee");
}

TEST(a_partition_of_its_own_for_boot_needs_no_link)
{
	static const char *const mounts[] = {"/", "/boot"};

	assert_true(plan_regions(board_of(mounts, 2)));
}

TEST(grub2_reads_partitions_of_any_type)
{
	struct board *b = plain_board();

	board_fill(b);
	b->places[0].mbr_type = 0x0c;
	give_grub(b, 3000, 100);
	assert_true(plan_grub2_regions(b->c, &b->m, &b->closure, plan_boot(b->c, &b->m, &b->closure), &b->layout));
	unit_expect_none(b->c);
}

/* As grub-fstest has it: at the eighth it says "too deep nesting of symlinks". */
TEST(grub2_follows_seven_links)
{
	struct board *b = plain_board();

	board_fill(b);
	board_add(b, "/", "l1", NODE_LINK, "boot/vmlinuz-6.1");
	for (char i = '2'; i <= '8'; i++)
		board_add(b, "/", arena_printf(b->c->arena, "l%c", i), NODE_LINK, arena_printf(b->c->arena, "l%c", i - 1));
	give_grub(b, 3000, 100);
	b->entries[0].kernel.v = "/l7";
	assert_true(plan_grub2_regions(b->c, &b->m, &b->closure, plan_boot(b->c, &b->m, &b->closure), &b->layout));
	unit_expect_none(b->c);
	b->entries[0].initrd.v = "/l8";
	assert_false(plan_grub2_regions(b->c, &b->m, &b->closure, plan_boot(b->c, &b->m, &b->closure), &b->layout));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, ENTRY_INITRD, COLUMN);
}

#include "unit.h"

#include <string.h>

#include "board.h"
#include "plan/stages.h"

#define COUNT(array) (sizeof (array) / sizeof *(array))

static void
assert_menu(struct board *b, const char *expected)
{
	const char *menu = plan_grub_legacy_menu(b->c, &b->m, &b->closure);

	unit_expect_none(b->c);
	assert_non_null(menu);
	assert_string_equal(menu, expected);
}

static void
assert_refused(struct board *b, enum diag_kind kind, uint32_t line)
{
	assert_null(plan_grub_legacy_menu(b->c, &b->m, &b->closure));
	unit_expect(b->c, 0, kind, line, COLUMN);
	assert_int_equal(b->c->diags.count, 1);
}

TEST(a_menu_of_one_entry)
{
	assert_menu(plain_board(),
		"default 0\ntimeout 5\n"
		"title Linux\nroot (hd0,0)\nkernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01\n");
}

TEST(an_entrys_own_words_come_before_those_of_all)
{
	struct board *b = plain_board();

	b->m.grub.menu_count = 2;
	b->m.grub.default_entry.v = 1;
	b->m.kernel.arguments.v = "quiet";
	b->entries[1].title.v = "Old Linux";
	b->entries[1].kernel.v = "/boot/old";
	b->entries[1].initrd.v = "/boot/initrd";
	b->entries[1].arguments.v = "ro panic=1";
	assert_menu(b,
		"default 1\ntimeout 5\n"
		"title Linux\nroot (hd0,0)\nkernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01 quiet\n"
		"title Old Linux\nroot (hd0,0)\nkernel /boot/old root=PARTUUID=0abcdef1-01 ro panic=1\ninitrd /boot/initrd\n");
}

TEST(a_serial_console_has_the_menu_too)
{
	static const struct {
		const char *arguments, *serial;
	} cases[] = {
		{"console=ttyS0", "serial --unit=0 --speed=115200\nterminal --timeout=0 serial\n"},
		{"quiet console=tty0 console=ttyS1,9600n8 rw", "serial --unit=1 --speed=9600\nterminal --timeout=0 serial\n"},
		{"console=ttyS3,57600", "serial --unit=3 --speed=57600\nterminal --timeout=0 serial\n"},
		{"console=ttyS0 console=ttyS1,9600", "serial --unit=0 --speed=115200\nterminal --timeout=0 serial\n"},
		{"console=tty0", ""},
		{"console=ttySAC0", ""},
		{"xconsole=ttyS0", ""},
		{"-- console=ttyS0", ""},
		{"a=\"b console=ttyS0\"", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct board *b = board_with_arguments(cases[i].arguments);

		assert_menu(b, arena_printf(b->c->arena, "default 0\ntimeout 5\n%stitle Linux\nroot (hd0,0)\n"
			"kernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01 %s\n", cases[i].serial, cases[i].arguments));
	}
}

TEST(a_serial_console_that_grub_cannot_drive_is_a_warning)
{
	static const char *const arguments[] = {"console=ttyS4", "console=ttyS0,1500000", "console=ttyS99999999999999999999"};

	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct board *b = board_with_arguments(arguments[i]);
		const char *menu = plan_grub_legacy_menu(b->c, &b->m, &b->closure);

		assert_non_null(menu);
		assert_null(strstr(menu, "serial"));
		unit_expect(b->c, 0, DIAG_GRUB_SERIAL, ENTRY_ARGUMENTS, COLUMN);
		assert_int_equal(b->c->diags.error_count, 0);
	}
}

TEST(a_root_that_is_written_stays)
{
	static const char *const arguments[] = {"root=/dev/sda1 rw", "rw root=LABEL=x"};

	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct board *b = board_with_arguments(arguments[i]);

		assert_menu(b, arena_printf(b->c->arena, "default 0\ntimeout 5\ntitle Linux\nroot (hd0,0)\n"
			"kernel /boot/vmlinuz-6.1 %s\n", arguments[i]));
	}
}

TEST(what_only_looks_like_a_root_does_not_count)
{
	static const char *const arguments[] = {"nfsroot=x", "init=/bin/sh -- root=x", "a=\" root=x\""};

	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct board *b = board_with_arguments(arguments[i]);

		assert_menu(b, arena_printf(b->c->arena, "default 0\ntimeout 5\ntitle Linux\nroot (hd0,0)\n"
			"kernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01 %s\n", arguments[i]));
	}
}

TEST(paths_are_those_of_the_partition_that_holds_them)
{
	static const char *const mounts[] = {"/srv", "/", "/boot"};
	struct board *b = board_of(mounts, 3);

	b->entries[0].initrd.v = "/initrd";
	assert_menu(b,
		"default 0\ntimeout 5\n"
		"title Linux\nroot (hd0,2)\nkernel /vmlinuz-6.1 root=PARTUUID=0abcdef1-02\ninitrd (hd0,1)/initrd\n");
}

TEST(a_mount_point_is_above_whole_components_only)
{
	static const char *const mounts[] = {"/", "/bo"};

	assert_menu(board_of(mounts, 2),
		"default 0\ntimeout 5\n"
		"title Linux\nroot (hd0,0)\nkernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01\n");
}

TEST(a_named_root_is_the_root)
{
	static const char *const mounts[] = {"/", "/boot", NULL};
	struct board *b = board_of(mounts, 3);

	b->m.grub.menu_count = 2;
	b->entries[0].root.v = "first";
	b->entries[1].root.v = "third";
	assert_menu(b,
		"default 0\ntimeout 5\n"
		"title Linux\nroot (hd0,0)\nkernel (hd0,1)/vmlinuz-6.1 root=PARTUUID=0abcdef1-01\n"
		"title Linux\nroot (hd0,2)\nkernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01\n");
}

TEST(a_backslash_at_the_end_of_a_line_does_not_join_the_next)
{
	struct board *b = plain_board();

	b->entries[0].title.v = "a\\b\\";
	b->entries[0].arguments.v = "x\\";
	assert_menu(b,
		"default 0\ntimeout 5\n"
		"title a\\b\\ \nroot (hd0,0)\nkernel /boot/vmlinuz-6.1 root=PARTUUID=0abcdef1-01 x\\ \n");
}

/* "root=PARTUUID=0abcdef1-01 " has 26 bytes of the 255. */
TEST(arguments_have_255_bytes)
{
	struct board *b = plain_board();

	b->entries[0].arguments.v = board_letters(b, 255 - 26);
	assert_non_null(plan_grub_legacy_menu(b->c, &b->m, &b->closure));
	unit_expect_none(b->c);
	b->entries[0].arguments.v = board_letters(b, 256 - 26);
	assert_refused(b, DIAG_GRUB_TOO_LONG, ENTRY_ARGUMENTS);
	assert_string_equal(b->c->diags.list[0]->label, "with 'root=': 256 bytes");
}

TEST(lines_have_1500_bytes)
{
	struct board *b = plain_board();

	b->entries[0].title.v = board_letters(b, 1500 - 6);
	assert_non_null(plan_grub_legacy_menu(b->c, &b->m, &b->closure));
	unit_expect_none(b->c);
	b->entries[0].title.v = board_letters(b, 1501 - 6);
	assert_refused(b, DIAG_GRUB_TOO_LONG, TITLE);
}

TEST(titles_have_17759_bytes_and_the_first_too_many_is_told)
{
	struct board *b = plain_board();
	struct m_menu_entry *menu = ARENA_ARRAY(b->c->arena, struct m_menu_entry, 20);

	for (uint32_t i = 0; i < 20; i++) {
		menu[i] = b->entries[0];
		menu[i].title = board_text(board_letters(b, 1109), 100 + i);
	}
	b->m.grub.menu = menu;
	b->m.grub.menu_count = 16; /* 16 * 1110 = 17760, and one NUL more */
	assert_refused(b, DIAG_GRUB_TOO_LONG, 115);
	b->c->diags.count = 0;
	menu[15].title.v = board_letters(b, 1108);
	assert_non_null(plan_grub_legacy_menu(b->c, &b->m, &b->closure));
	unit_expect_none(b->c);
	b->m.grub.menu_count = 20;
	assert_refused(b, DIAG_GRUB_TOO_LONG, 116);
}

TEST(what_grub_would_misread_is_refused)
{
	struct board *title = plain_board(), *path = plain_board(), *video = board_with_arguments("rw vga=current"), *root = plain_board();

	title->entries[0].title.v = "= Linux =";
	assert_refused(title, DIAG_GRUB_MISREAD, TITLE);
	path->entries[0].initrd.v = "/boot/my initrd";
	assert_refused(path, DIAG_GRUB_MISREAD, ENTRY_INITRD);
	assert_refused(video, DIAG_GRUB_MISREAD, ENTRY_ARGUMENTS);
	root->closure.kernel_path = "/boot/my kernel";
	assert_refused(root, DIAG_GRUB_MISREAD, KERNEL_IMAGE);
}

TEST(video_modes_that_grub_knows_pass)
{
	static const char *const arguments[] = {"vga=0x317", "vga=791", "vga=normal", "vga=ask", "vga=ext"};

	for (size_t i = 0; i < COUNT(arguments); i++) {
		struct board *b = board_with_arguments(arguments[i]);

		assert_non_null(plan_grub_legacy_menu(b->c, &b->m, &b->closure));
		unit_expect_none(b->c);
	}
}

static bool
plan_regions(struct board *b)
{
	return plan_grub_legacy_regions(b->c, &b->m, &b->closure, &b->layout);
}

/* The bytes at OFFSET of the disk, which some region must hold. */
static void
assert_bytes(const struct board *b, uint64_t offset, const char *bytes, size_t size)
{
	for (size_t i = 0; i < b->layout.region_count; i++) {
		const struct region *r = &b->layout.regions[i];

		if (offset >= r->offset && offset + size <= r->offset + r->size) {
			assert_memory_equal(r->bytes + (offset - r->offset), bytes, size);
			return;
		}
	}
	fail_msg("no region holds %zu bytes at %#llx", size, (unsigned long long)offset);
}

#define BYTES(offset, bytes) assert_bytes(b, (offset), (bytes), sizeof (bytes) - 1)

/* boot.md 1.1; the same bytes come from GRUB's own `setup`. */
TEST(stage1_is_patched_to_load_sector_1)
{
	struct board *b = plain_board();

	board_fill(b);
	assert_true(plan_regions(b));
	unit_expect_none(b->c);
	assert_int_equal(b->layout.region_count, 2);
	assert_int_equal(b->layout.regions[0].offset, 0);
	assert_int_equal(b->layout.regions[0].size, 0x1b8);
	BYTES(0x00, "\xee\xee\xee\0\0\0\0");
	BYTES(0x3b, "\0\0\0\xee\xee\xff\0\x00\x20\x01\0\0\0\x00\x02\xee\x90\x90\xee");
	BYTES(0x1b6, "\xee\xee");
}

/* boot.md 1.2 */
TEST(stage1_5_is_patched_to_find_stage2_on_its_partition)
{
	static const char *const mounts[] = {NULL, "/", "/srv"};
	struct board *b = board_of(mounts, 3);

	board_fill(b);
	b->tree->root->is_mount = false;
	assert_true(plan_regions(b));
	unit_expect_none(b->c);
	assert_int_equal(b->layout.regions[1].offset, 512);
	assert_int_equal(b->layout.regions[1].size, 19 * 512);
	BYTES(512 + 0x1f7, "\xee\x02\0\0\0\x12\0\x20\x02\xee");
	BYTES(512 + 0x207, "\xee\xff\xff\xff\0\0\0\0\0\xee\0\xee");
	BYTES(512 + 0x216, "\xee\xff\xff\x01\xff/boot/grub/stage2 /boot/grub/menu.lst\0");
	BYTES(512 + 0x26f, "\0\xee");
	BYTES(512 + 9459, "\xee\0");
}

TEST(grub_reads_no_partition_of_another_type)
{
	struct board *b = plain_board();

	board_fill(b);
	b->places[0].mbr_type = 0x0c;
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, TYPE, COLUMN);
	assert_int_equal(b->c->diags.count, 1);
}

TEST(grub_reads_no_partition_without_a_file_system)
{
	static const char *const mounts[] = {"/", NULL};
	struct board *b = board_of(mounts, 2);

	b->entries[0].root.v = "second";
	b->partitions[1].filesystem.given = false;
	b->partitions[1].key_at = board_text("", 99).at;
	board_fill(b);
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, 99, COLUMN);
}

TEST(a_partition_of_its_own_for_boot_needs_a_link_to_itself)
{
	static const char *const mounts[] = {"/", "/boot"};
	struct board *b = board_of(mounts, 2);

	board_fill(b);
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, MOUNT + 1, COLUMN);
	assert_string_equal(b->c->diags.list[0]->help, "add '/boot/boot: {link: .}' to 'files'");
	b->c->diags.count = 0;
	board_add(b, "/boot", "boot", NODE_LINK, ".");
	assert_true(plan_regions(b));
	unit_expect_none(b->c);
}

TEST(links_lead_grub_nowhere_outside_a_partition)
{
	static const char *const mounts[] = {"/", "/data"};
	struct board *b = board_of(mounts, 2);

	b->entries[0].kernel.v = "/vmlinuz";
	board_fill(b);
	board_add(b, "/", "data", NODE_DIRECTORY, NULL)->is_mount = true;
	b->places[1].root = tree_find(b->tree, "/data");
	board_add(b, "/data", "vmlinuz", NODE_FILE, NULL);
	board_add(b, "/", "vmlinuz", NODE_LINK, "data/vmlinuz");
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, ENTRY_KERNEL, COLUMN);
}

TEST(links_within_a_partition_are_followed_five_times)
{
	struct board *b = plain_board();

	board_fill(b);
	board_add(b, "/", "l1", NODE_LINK, "boot/../boot/./vmlinuz-6.1");
	board_add(b, "/", "l2", NODE_LINK, "/l1");
	board_add(b, "/", "l3", NODE_LINK, "l2");
	board_add(b, "/", "l4", NODE_LINK, "l3");
	board_add(b, "/", "l5", NODE_LINK, "../l4");
	board_add(b, "/", "l6", NODE_LINK, "l5");
	b->entries[0].kernel.v = "/l5";
	assert_true(plan_regions(b));
	unit_expect_none(b->c);
	b->entries[0].initrd.v = "/l6";
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, ENTRY_INITRD, COLUMN);
}

TEST(a_loop_of_links_ends)
{
	struct board *b = plain_board();

	board_fill(b);
	board_add(b, "/", "a", NODE_LINK, "b/x");
	board_add(b, "/", "b", NODE_LINK, "a/x");
	b->entries[0].kernel.v = "/a";
	assert_false(plan_regions(b));
	unit_expect(b->c, 0, DIAG_GRUB_CANNOT_READ, ENTRY_KERNEL, COLUMN);
}

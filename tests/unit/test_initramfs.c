#include "unit.h"

#include "emit/emit.h"
#include "ext_fixture.h"

TEST(an_initramfs_beyond_any_memory_is_an_error_where_it_is_asked_for)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);

	f.m.kernel.initramfs.at = ext_line(&f, LINE_KEY);
	ext_add_file(&f, NULL, "init", UINT64_C(600) << 20, NULL);
	assert_null(emit_initramfs(f.c, &f.m, f.tree));
	unit_expect(f.c, 0, DIAG_INITRAMFS_TOO_LARGE, LINE_KEY, 1);
}

TEST(an_archive_starts_with_the_root_and_ends_with_a_trailer)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	const struct content *content;

	f.m.epoch.v = 255;
	ext_add_file(&f, NULL, "a", 5, "hello");
	content = emit_initramfs(f.c, &f.m, f.tree);
	unit_expect_none(f.c);
	assert_int_equal(content->size % 4, 0);
	assert_memory_equal(content->bytes, "07070100000001000041ed0000000000000000" "00000002" "000000ff" "00000000", 62);
	assert_memory_equal(content->bytes + 110, ".\0", 2);
	assert_memory_equal(content->bytes + 112, "070701" "00000002" "000081ed", 22);
	assert_memory_equal(content->bytes + 112 + 112, "hello\0\0\0" "070701", 14);
	assert_memory_equal(content->bytes + content->size - 14, "TRAILER!!!", 10);
}

/* A stub of nothing but headers: PE32+ at 0x40, no sections, 512 bytes. */
static struct content *
bare_stub(struct compilation *c)
{
	char *bytes = arena_alloc(c->arena, 512);
	struct content *content = ARENA_NEW(c->arena, struct content);

	memset(bytes, 0, 512);
	memcpy(bytes, "MZ", 2);
	bytes[0x3c] = 0x40;
	memcpy(bytes + 0x40, "PE\0\0", 4);
	bytes[0x54] = 112;      /* size of the optional header */
	memcpy(bytes + 0x58, "\013\002", 2);
	bytes[0x58 + 33] = 2;   /* alignments: 512 */
	bytes[0x58 + 37] = 2;
	bytes[0x58 + 61] = 2;   /* headers: 512 */
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = bytes, .size = 512, .shown = "stub"};
	return content;
}

TEST(a_unified_image_beyond_what_pe_can_say_is_an_error_where_it_is_asked_for)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	const struct content line = {.kind = CONTENT_BYTES, .bytes = "quiet", .size = 5, .shown = "line"};
	const struct content kernel = {.kind = CONTENT_BYTES, .size = UINT64_C(1) << 30, .shown = "kernel"};
	const struct unified parts = {.at = ext_line(&f, LINE_KEY), .stub = bare_stub(f.c), .kernel = &kernel, .arguments = &line};

	assert_null(emit_unified(f.c, &parts));
	unit_expect(f.c, 0, DIAG_UNIFIED_TOO_LARGE, LINE_KEY, 1);
}

TEST(the_sections_of_a_unified_image_stand_on_pages_and_name_their_bytes)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	const struct content line = {.kind = CONTENT_BYTES, .bytes = "quiet", .size = 5, .shown = "line"};
	const struct content kernel = {.kind = CONTENT_BYTES, .bytes = "vmlinuz", .size = 7, .shown = "kernel"};
	const struct unified parts = {.at = ext_line(&f, LINE_KEY), .stub = bare_stub(f.c), .kernel = &kernel, .arguments = &line};
	const struct content *image = emit_unified(f.c, &parts);

	unit_expect_none(f.c);
	assert_int_equal(image->size, 512 + 512 + 512);
	assert_int_equal(image->bytes[0x46], 2);
	assert_memory_equal(image->bytes + 0xc8, ".cmdline" "\5\0\0\0" "\0\0\0\0" "\0\2\0\0" "\0\2\0\0", 24);
	assert_memory_equal(image->bytes + 0xf0, ".linux\0\0" "\7\0\0\0" "\0\x10\0\0" "\0\2\0\0" "\0\4\0\0", 24);
	assert_memory_equal(image->bytes + 0x40 + 24 + 56, "\0\x12\0\0", 4); /* SizeOfImage */
	assert_memory_equal(image->bytes + 512, "quiet\0", 6);
	assert_memory_equal(image->bytes + 1024, "vmlinuz\0", 8);
}

TEST(what_stands_in_a_stub_where_headers_of_sections_go_is_no_part_of_them)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	const struct content line = {.kind = CONTENT_BYTES, .bytes = "quiet", .size = 5, .shown = "line"};
	const struct content kernel = {.kind = CONTENT_BYTES, .bytes = "vmlinuz", .size = 7, .shown = "kernel"};
	struct content *stub = bare_stub(f.c);
	struct unified parts = {.at = ext_line(&f, LINE_KEY), .stub = stub, .kernel = &kernel, .arguments = &line};
	const struct content *clean = emit_unified(f.c, &parts), *image;
	char *bytes = arena_alloc(f.c->arena, 512);

	memcpy(bytes, stub->bytes, 512);
	memset(bytes + 0xc8, 'x', 80);
	stub->bytes = bytes;
	image = emit_unified(f.c, &parts);
	unit_expect_none(f.c);
	assert_memory_equal(image->bytes + 0xc8, clean->bytes + 0xc8, 80);
}

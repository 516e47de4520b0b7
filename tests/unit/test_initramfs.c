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

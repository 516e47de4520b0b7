#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/process.h"

/* Unpacks what was added: it must fail, with one diagnostic of KIND at the manifest's words that says WHY. */
static void
expect_refused(struct fixture *f, enum diag_kind kind, const char *why)
{
	fixture_finish_tar(f, "bad.tar");
	fixture_input(f, INPUT_ARCHIVE, "bad.tar");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, kind, 4, 14);
	assert_int_equal(f->c->diags.count, 1);
	assert_non_null(strstr(f->c->diags.list[0]->text, why));
	fixture_end(f);
}

TEST(a_tar_gives_its_files_with_modes_and_owners)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;
	const struct entry *su;

	fixture_add(f, '5', "./usr/", 0700, "", "", 0);
	fixture_add(f, '0', "./usr/su", 04755, "", "bytes", 5);
	fixture_add_link(f, "/usr/link", "../x y");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	pool = fixture_pool(f);
	unit_expect_none(f->c);
	su = fixture_find(pool, "usr/su");
	fixture_expect_bytes(f, su, "bytes");
	assert_int_equal(su->mode, 04755);
	assert_int_equal(su->owner, 3);
	assert_int_equal(su->group, 4);
	assert_true(su->content->has_digest);
	assert_false(su->content->stamped);
	assert_string_equal(su->content->shown, "a.tar: /usr/su");
	assert_int_equal(fixture_find(pool, "usr")->mode, 0700);
	assert_string_equal(fixture_find(pool, "usr/link")->target, "../x y");
	fixture_end(f);
}

TEST(an_unpacked_archive_is_not_unpacked_again)
{
	struct fixture *f = fixture_begin();
	struct stat first, second;

	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	assert_non_null(fixture_pool(f));
	assert_int_equal(stat(fixture_path(f, "store/lock"), &first), 0);
	assert_int_equal(unlink(fixture_path(f, "store/lock")), 0);
	assert_non_null(fixture_pool(f));
	assert_int_equal(stat(fixture_path(f, "store/lock"), &second), -1);
	fixture_end(f);
}

TEST(any_byte_may_stand_in_a_name)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;

	fixture_add_file(f, "a b\\\n\x7f", "1");
	fixture_add_file(f, "caf\xc3\xa9", "2");
	fixture_add_file(f, "l\xe9", "3");
	fixture_add_link(f, "-", "\x01 \\x20");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	pool = fixture_pool(f);
	unit_expect_none(f->c);
	fixture_expect_bytes(f, fixture_find(pool, "a b\\\n\x7f"), "1");
	fixture_expect_bytes(f, fixture_find(pool, "caf\xc3\xa9"), "2");
	fixture_expect_bytes(f, fixture_find(pool, "l\xe9"), "3");
	assert_string_equal(fixture_find(pool, "-")->target, "\x01 \\x20");
	fixture_end(f);
}

TEST(a_pax_name_in_utf8_is_kept_in_the_c_locale)
{
	struct fixture *f = fixture_begin();

	fixture_add(f, 'x', "pax", 0644, "", "14 path=n\xc3\xa4\xc3\xaf\n", 14);
	fixture_add_file(f, "fallback", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "n\xc3\xa4\xc3\xaf"), "1");
	fixture_end(f);
}

TEST(hard_links_share_their_bytes)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;

	fixture_add(f, '0', "bin/a", 0755, "", "same", 4);
	fixture_add(f, '1', "bin/b", 0644, "./bin/a", "", 0);
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	pool = fixture_pool(f);
	fixture_expect_bytes(f, fixture_find(pool, "bin/b"), "same");
	assert_int_equal(fixture_find(pool, "bin/b")->mode, 0755);
	assert_string_equal(fixture_find(pool, "bin/b")->content->path, fixture_find(pool, "bin/a")->content->path);
	fixture_end(f);
}

TEST(hard_links_are_names_of_one_file)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;
	const void *inode;

	fixture_add_file(f, "a", "same");
	fixture_add(f, '1', "z", 0644, "a", "", 0);
	fixture_add(f, '1', "0", 0644, "z", "", 0);
	fixture_add_file(f, "b", "other");
	fixture_add(f, '1', "c", 0644, "b", "", 0);
	fixture_add_file(f, "b", "same");
	fixture_add_file(f, "alone", "same");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	pool = fixture_pool(f);
	inode = fixture_find(pool, "a")->inode;
	assert_non_null(inode);
	assert_ptr_equal(fixture_find(pool, "z")->inode, inode);
	assert_ptr_equal(fixture_find(pool, "0")->inode, inode);
	assert_non_null(fixture_find(pool, "c")->inode);
	assert_ptr_not_equal(fixture_find(pool, "c")->inode, inode);
	assert_null(fixture_find(pool, "b")->inode); /* it was replaced */
	assert_null(fixture_find(pool, "alone")->inode);
	fixture_end(f);
}

/* A record of a pax header, "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static const char *
pax(struct fixture *f, const char *key, const char *value)
{
	size_t length = strlen(key) + strlen(value) + 3, digits = length + 2 > 99 ? 3 : 2;

	return arena_printf(f->c->arena, "%zu %s=%s\n", length + digits, key, value);
}

static void
add_pax(struct fixture *f, const char *records)
{
	fixture_add(f, 'x', "pax", 0644, "", records, (unsigned)strlen(records));
}

static void
expect_xattr(const struct entry *entry, const char *name, const void *value, size_t size)
{
	const struct xattr *x = xattrs_find(entry->xattrs, name);

	assert_non_null(x);
	assert_int_equal(x->size, size);
	assert_memory_equal(x->value, value, size);
}

TEST(attributes_come_along_in_both_forms_of_pax_headers)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;

	add_pax(f, arena_printf(f->c->arena, "%s%s%s", pax(f, "SCHILY.xattr.user.note", "a = b\xff"),
		pax(f, "LIBARCHIVE.xattr.security.capability", "AQAAAgAgAAAAAAAAAAAAAAAAAAA="),
		pax(f, "SCHILY.xattr.com.apple.quarantine", "x")));
	fixture_add_file(f, "ping", "x");
	fixture_add(f, '1', "ping4", 0644, "ping", "", 0);
	add_pax(f, pax(f, "SCHILY.xattr.user.on-a-directory", ""));
	fixture_add(f, '5', "d", 0755, "", "", 0);
	fixture_add_file(f, "plain", "x");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	for (int i = 0; i < 2; i++) { /* unpacked, and from the index */
		pool = fixture_pool(f);
		assert_int_equal(fixture_find(pool, "ping")->xattrs->count, 2);
		expect_xattr(fixture_find(pool, "ping"), "user.note", "a = b\xff", 6);
		expect_xattr(fixture_find(pool, "ping4"), "security.capability", "\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
		expect_xattr(fixture_find(pool, "d"), "user.on-a-directory", "", 0);
		assert_null(fixture_find(pool, "plain")->xattrs);
	}
	fixture_end(f);
}

TEST(an_entry_with_more_attributes_than_can_be_stored_is_refused)
{
	struct fixture *f = fixture_begin();
	char *records = arena_alloc(f->c->arena, 64 * 1024);

	for (int i = 0; i < 1025; i++)
		strcat(records, pax(f, arena_printf(f->c->arena, "SCHILY.xattr.user.%04d", i), "x"));
	add_pax(f, records);
	fixture_add_file(f, "x", "");
	expect_refused(f, DIAG_ARCHIVE_BROKEN, "more than 1024 extended attributes");
}

TEST(the_last_of_two_entries_with_one_name_wins)
{
	struct fixture *f = fixture_begin();

	fixture_add_file(f, "x", "first");
	fixture_add_file(f, "./x", "second");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "second");
	fixture_end(f);
}

TEST(devices_and_fifos_are_there_but_are_no_files)
{
	struct fixture *f = fixture_begin();
	const struct pool *pool;

	fixture_add(f, '3', "dev/null", 0666, "", "", 0);
	fixture_add(f, '6', "dev/fifo", 0666, "", "", 0);
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	pool = fixture_pool(f);
	assert_int_equal(fixture_find(pool, "dev/null")->kind, ENTRY_OTHER);
	assert_int_equal(fixture_find(pool, "dev/fifo")->kind, ENTRY_OTHER);
	fixture_end(f);
}

TEST(a_name_that_climbs_out_is_refused)
{
	struct fixture *f = fixture_begin();

	fixture_add_file(f, "usr/../../etc/passwd", "x");
	expect_refused(f, DIAG_ARCHIVE_BROKEN, "'usr/../../etc/passwd' has '..'");
}

TEST(a_hard_link_to_nothing_is_refused)
{
	struct fixture *f = fixture_begin();

	fixture_add(f, '1', "a", 0644, "b", "", 0);
	fixture_add_file(f, "b", "too late");
	expect_refused(f, DIAG_ARCHIVE_BROKEN, "'a' is a hard link");
}

TEST(a_file_that_claims_more_than_the_archive_has_is_refused)
{
	struct fixture *f = fixture_begin();

	fixture_add(f, '0', "a", 0644, "", "little", 1000000);
	expect_refused(f, DIAG_ARCHIVE_BROKEN, "Truncated");
}

TEST(a_bomb_is_refused_before_it_bursts)
{
	struct fixture *f = fixture_begin();

	fixture_add(f, 'x', "pax", 0644, "", "20 size=17179869185\n", 20);
	fixture_add_file(f, "a", "");
	expect_refused(f, DIAG_INPUT_TOO_LARGE, "16 GiB");
}

TEST(a_file_that_is_no_archive_is_refused)
{
	struct fixture *f = fixture_begin();

	fixture_text(f, "bad.tar", "#!/bin/sh\necho this is no archive at all, but long enough to look into\n");
	fixture_input(f, INPUT_ARCHIVE, "bad.tar");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_ARCHIVE_BROKEN, 4, 14);
	fixture_end(f);
}

TEST(nothing_of_a_broken_archive_counts_later)
{
	struct fixture *f = fixture_begin();

	fixture_add_file(f, "good", "x");
	fixture_add_file(f, "../bad", "x");
	fixture_finish_tar(f, "bad.tar");
	fixture_input(f, INPUT_ARCHIVE, "bad.tar");
	assert_null(fixture_pool(f));
	assert_null(fixture_pool(f));
	fixture_end(f);
}

/*
 * The loader looks where LD_LIBRARY_PATH says before it looks where libraries are, and takes that from the environment
 * with which a program starts: so this test runs itself once more, with a libarchive there that is none.
 */
TEST(without_libarchive_only_unpacking_fails)
{
	static const char name[] = "test_unpack.c:without_libarchive_only_unpacking_fails";
	bool inside = getenv("LD_LIBRARY_PATH") && strstr(getenv("LD_LIBRARY_PATH"), "/rootc-unit-");
	struct fixture *f = fixture_begin();
	struct process p;

	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	if (inside) {
		assert_null(fixture_pool(f));
		unit_expect(f->c, 0, DIAG_UNPACKER_MISSING, 4, 14);
		assert_int_equal(diagnostics_status(&f->c->diags), 5);
	} else {
		fixture_text(f, LIBARCHIVE_SONAME, "this is no library");
		setenv("LD_LIBRARY_PATH", f->directory, 1);
		assert_true(process_run(f->c, (const char *const[]){"/proc/self/exe", name, NULL}, NULL, &p));
		unsetenv("LD_LIBRARY_PATH");
		assert_int_equal(p.status, 0);
		assert_non_null(strstr(p.output, "1 test(s) run"));
	}
	fixture_end(f);
}

/* A .deb (deb(5)): an ar of a version, a control.tar that is not looked at, and the data.tar. */
TEST(of_a_deb_the_data_counts_and_nothing_else)
{
	struct fixture *f = fixture_begin();
	char *deb = arena_alloc(f->c->arena, 1 << 16);
	size_t size, data;

	fixture_add_file(f, "./usr/x", "from data");
	data = f->tar_size;
	size = (size_t)sprintf(deb, "!<arch>\n%-16s%-12d%-6d%-6d%-8s%-10d`\n2.0\n", "debian-binary", 0, 0, 0, "100644", 4);
	size += (size_t)sprintf(deb + size, "%-16s%-12d%-6d%-6d%-8s%-10d`\n%s\n", "control.tar.xz", 0, 0, 0, "100644", 5, "junk!");
	size += (size_t)sprintf(deb + size, "%-16s%-12d%-6d%-6d%-8s%-10zu`\n", "data.tar", 0, 0, 0, "100644", data + 1024);
	memcpy(deb + size, f->tar, data);
	fixture_write(f, "x.deb", deb, size + data + 1024);
	fixture_input(f, INPUT_ARCHIVE, "x.deb");
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "usr/x"), "from data");
	unit_expect_none(f->c);
	fixture_end(f);
}

TEST(an_ar_without_data_is_no_deb)
{
	struct fixture *f = fixture_begin();

	fixture_text(f, "bad.tar", "!<arch>\ndebian-binary   0           0     0     100644  999999999 `\n2.0\n");
	fixture_input(f, INPUT_ARCHIVE, "bad.tar");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_ARCHIVE_BROKEN, 4, 14);
	fixture_end(f);
}

/* One tar with the file "x" that holds "hi\n", by gzip, xz, zstd and bzip2. */
TEST(every_usual_compression_is_read)
{
	static const unsigned char gz[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xab, 0x60, 0xa0, 0x3d, 0x30, 0x00, 0x02, 0x33,
		0x13, 0x13, 0x30, 0x0d, 0x04, 0xe8, 0x34, 0x10, 0x18, 0x23, 0xb1, 0x41, 0xe2, 0xe6, 0xc6, 0xe6, 0x06, 0x0c,
		0x0a, 0x06, 0x74, 0x70, 0x1b, 0x43, 0x69, 0x71, 0x49, 0x62, 0x11, 0xd0, 0x4a, 0x6a, 0x78, 0x12, 0xd9, 0x73,
		0x43, 0x04, 0x64, 0x64, 0x72, 0x31, 0x8c, 0x82, 0x51, 0x30, 0x0a, 0x46, 0xc1, 0x28, 0x18, 0x79, 0x00, 0x00,
		0x88, 0x3e, 0xba, 0xc0, 0x00, 0x08, 0x00, 0x00,
	};
	static const unsigned char xz[] = {
		0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x01, 0x69, 0x22, 0xde, 0x36, 0x02, 0x00, 0x21, 0x01, 0x1c, 0x00,
		0x00, 0x00, 0x10, 0xcf, 0x58, 0xcc, 0xe0, 0x07, 0xff, 0x00, 0x40, 0x5d, 0x00, 0x3c, 0x00, 0x33, 0x50, 0x18,
		0x68, 0x89, 0x83, 0x01, 0xdc, 0xe2, 0x6e, 0x21, 0x05, 0x4e, 0x88, 0xf0, 0xd8, 0x73, 0x07, 0x2d, 0x3a, 0xe2,
		0x29, 0x5f, 0xd9, 0x8e, 0x9d, 0x6e, 0xf3, 0x5d, 0x50, 0x40, 0x7f, 0xe6, 0x63, 0x7a, 0x97, 0x50, 0x01, 0xfc,
		0x56, 0x9d, 0xe1, 0xd0, 0x67, 0xf2, 0x44, 0x54, 0xac, 0xe5, 0x07, 0x50, 0xfc, 0x5f, 0x0e, 0xbf, 0x17, 0x53,
		0xa3, 0x15, 0xe2, 0x51, 0x00, 0x00, 0x88, 0x3e, 0xba, 0xc0, 0x00, 0x01, 0x58, 0x80, 0x10, 0x00, 0x00, 0x00,
		0x4a, 0xb9, 0x77, 0xc2, 0x3e, 0x30, 0x0d, 0x8b, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x59, 0x5a,
	};
	static const unsigned char zst[] = {
		0x28, 0xb5, 0x2f, 0xfd, 0x64, 0x00, 0x07, 0xe5, 0x01, 0x00, 0x92, 0x42, 0x08, 0x0f, 0xc0, 0x6b, 0x0c, 0x40,
		0x7b, 0xa6, 0xf3, 0xbf, 0x6d, 0x96, 0x73, 0x7a, 0xe4, 0x7a, 0x0a, 0x02, 0x53, 0x7c, 0x0f, 0x49, 0x48, 0x79,
		0xf0, 0x61, 0xe3, 0x5d, 0xfb, 0xf7, 0x4e, 0xfc, 0xbb, 0x02, 0x09, 0x20, 0x50, 0xb7, 0x3b, 0xf9, 0xfd, 0x44,
		0x22, 0x05, 0x60, 0x08, 0xa0, 0x74, 0x80, 0xc9, 0x1b, 0x2e, 0x11, 0x38, 0x9c, 0x9f, 0x0e, 0x16, 0xe2, 0xd4,
		0x07, 0x74,
	};
	static const unsigned char bz2[] = {
		0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x96, 0x43, 0xa6, 0xbb, 0x00, 0x00, 0x37, 0xdb,
		0x90, 0xc9, 0x90, 0x40, 0x00, 0x4d, 0x84, 0x00, 0x00, 0xe0, 0x60, 0x1e, 0x40, 0x04, 0x00, 0x00, 0x08, 0x20,
		0x00, 0x54, 0x44, 0x0d, 0x00, 0x00, 0xd3, 0xd4, 0x1b, 0x49, 0x26, 0x41, 0xa0, 0xd1, 0xa0, 0x53, 0xc7, 0x2a,
		0x7c, 0x29, 0x8d, 0xa1, 0x2c, 0x2f, 0x3a, 0xb5, 0x5d, 0x27, 0x40, 0x4d, 0x17, 0x88, 0xd7, 0x78, 0x09, 0x34,
		0x16, 0x8b, 0x30, 0x9b, 0x83, 0xa6, 0x4e, 0x8f, 0x62, 0x90, 0x22, 0x00, 0x20, 0x44, 0x5f, 0x17, 0x72, 0x45,
		0x38, 0x50, 0x90, 0x96, 0x43, 0xa6, 0xbb,
	};
	static const struct {
		const unsigned char *bytes;
		size_t size;
	} cases[] = {{gz, sizeof gz}, {xz, sizeof xz}, {zst, sizeof zst}, {bz2, sizeof bz2}};

	for (size_t i = 0; i < 4; i++) {
		struct fixture *f = fixture_begin();

		fixture_write(f, "x.tar.z", cases[i].bytes, cases[i].size);
		fixture_input(f, INPUT_ARCHIVE, "x.tar.z");
		fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "hi\n");
		fixture_end(f);
	}
}

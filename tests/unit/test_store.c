#include "fixture.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "fetch/rows.h"
#include "fetch/stages.h"
#include "support/file.h"

TEST(an_archive_of_another_hash_shows_both)
{
	static const char other[] = "0000000000000000000000000000000000000000000000000000000000000000";
	struct fixture *f = fixture_begin();
	struct m_input *input;

	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	input = fixture_input(f, INPUT_ARCHIVE, "a.tar");
	input->sha256 = (struct m_text){.at = {.line = 5, .column = 13}, .v = other, .given = true};
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_HASH_MISMATCH, 5, 13);
	assert_int_equal(strlen(f->c->diags.list[0]->label), strlen("it is ") + 64);
	fixture_end(f);
}

TEST(a_store_that_cannot_be_made_is_the_hosts_fault)
{
	struct fixture *f = fixture_begin();

	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	fixture_text(f, "store", "a file where the store should be");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_STORE_UNUSABLE, 4, 14);
	assert_int_equal(diagnostics_status(&f->c->diags), 5);
	fixture_end(f);
}

TEST(a_store_is_made_with_all_directories_above_it)
{
	struct fixture *f = fixture_begin();
	struct stat info;
	mode_t old;

	f->store = fixture_path(f, "a/b//c/");
	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	old = umask(0777);
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "1");
	umask(old);
	assert_int_equal(stat(fixture_path(f, "a/b"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0755);
	fixture_end(f);
}

TEST(a_store_below_a_file_is_refused)
{
	struct fixture *f = fixture_begin();

	f->store = fixture_path(f, "a.tar/b/c");
	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	assert_null(fixture_pool(f));
	unit_expect(f->c, 0, DIAG_STORE_UNUSABLE, 4, 14);
	assert_non_null(strstr(f->c->diags.list[0]->text, "Not a directory"));
	fixture_end(f);
}

/* Puts an archive with one file "x" into the store and gives the path of its index. */
static const char *
stored_index(struct fixture *f, char hex[DIGEST_HEX])
{
	struct digest digest;
	int fd;

	fixture_add_file(f, "x", "1");
	fixture_finish_tar(f, "a.tar");
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	assert_non_null(fixture_pool(f));
	fd = file_open(fixture_path(f, "a.tar"));
	assert_true(digest_file(fd, &digest));
	close(fd);
	digest_format(&digest, hex);
	return fixture_path(f, arena_printf(f->c->arena, "store/archive/%s.index", hex));
}

static bool
is_stored(struct fixture *f, const char *hex)
{
	struct store store;
	bool is;

	assert_true(store_open(&store, f->c, f->store, f->manifest.at));
	is = store_has_archive(&store, hex);
	store_close(&store);
	return is;
}

/* Whether the store at PATH has an index HEX that is whole; READER is left at its first row. */
static bool
opens(struct fixture *f, struct index_reader *reader, const char *path, const char *hex)
{
	int fd = open(path, O_PATH | O_DIRECTORY);
	bool ok = index_open(reader, f->c, fd, hex);

	close(fd);
	return ok;
}

TEST(an_index_cut_at_any_byte_is_noticed_and_mended)
{
	struct fixture *f = fixture_begin();
	char hex[DIGEST_HEX];
	const char *index = stored_index(f, hex);
	struct index_reader reader;
	struct stat info;

	assert_int_equal(stat(index, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0444);
	assert_true(is_stored(f, hex));
	for (off_t size = info.st_size - 1; size >= 0; size--) {
		assert_int_equal(chmod(index, 0644), 0);
		assert_int_equal(truncate(index, size), 0);
		assert_false(opens(f, &reader, f->store, hex));
		assert_true(reader.broken);
	}
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "1");
	assert_true(is_stored(f, hex));
	fixture_end(f);
}

TEST(an_index_with_any_bit_changed_is_noticed)
{
	struct fixture *f = fixture_begin();
	char hex[DIGEST_HEX], text[512];
	const char *index = stored_index(f, hex);
	struct index_reader reader;
	int fd = open(index, O_RDONLY);
	ssize_t size = file_read(fd, text, sizeof text);

	close(fd);
	assert_in_range(size, 100, sizeof text - 1);
	assert_int_equal(chmod(index, 0644), 0);
	for (ssize_t bit = 0; bit < 8 * size; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		fixture_write(f, arena_printf(f->c->arena, "store/archive/%s.index", hex), text, (size_t)size);
		assert_false(opens(f, &reader, f->store, hex));
		assert_true(reader.broken);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	fixture_end(f);
}

/* A host that reckoned the sum in another way would have to fetch anew what another host has put into the store. */
TEST(an_index_has_these_bytes_on_every_host)
{
	struct fixture *f = fixture_begin();
	char hex[DIGEST_HEX], text[512];
	int fd = open(stored_index(f, hex), O_RDONLY);
	ssize_t size = file_read(fd, text, sizeof text);

	close(fd);
	assert_in_range(size, 1, sizeof text - 1);
	text[size] = '\0';
	assert_string_equal(text, "rootc-index 3\n"
		"f 0644 3 4 1 blob/6b/6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b x\n"
		"sum 1ab7d67ee3d27f4f\n");
	fixture_end(f);
}

/* Of an older one nobody knows what attributes it left out. */
TEST(an_index_of_an_older_form_is_made_anew)
{
	struct fixture *f = fixture_begin();
	struct index_reader reader;
	char hex[DIGEST_HEX];
	const char *index = stored_index(f, hex);

	assert_int_equal(chmod(index, 0644), 0);
	fixture_text(f, arena_printf(f->c->arena, "store/archive/%s.index", hex), "rootc-index 2\n"
		"f 0644 3 4 1 blob/6b/6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b x\n"
		"sum 4e8ed94d69bb1fe3\n");
	assert_false(opens(f, &reader, f->store, hex));
	assert_true(reader.broken);
	assert_false(is_stored(f, hex));
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "1");
	assert_true(is_stored(f, hex));
	fixture_end(f);
}

TEST(a_blob_that_is_missing_or_torn_is_noticed)
{
	struct fixture *f = fixture_begin();
	char hex[DIGEST_HEX], blob[DIGEST_HEX];
	struct digest one = digest_of("1", 1);
	const char *path;

	stored_index(f, hex);
	digest_format(&one, blob);
	path = fixture_path(f, arena_printf(f->c->arena, "store/blob/%.2s/%s", blob, blob));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(truncate(path, 0), 0);
	assert_false(is_stored(f, hex));
	assert_int_equal(unlink(path), 0);
	assert_false(is_stored(f, hex));
	fixture_end(f);
}

/* The sum of the last line of an index, reckoned byte by byte. */
static uint64_t
sum_of(const char *text)
{
	size_t size = strlen(text);
	uint64_t sum = size;

	for (size_t word = 0; word <= size; word += 8) {
		for (size_t i = word; i < word + 8 && i < size; i++)
			sum ^= (uint64_t)(unsigned char)text[i] << 8 * (i - word);
		sum *= UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 32;
	}
	return sum;
}

/* An index with ROW as its only line and a right sum. */
static bool
index_accepts(struct fixture *f, const char *row)
{
	const char *text = arena_printf(f->c->arena, "rootc-index 3\n%s\n", row);
	struct index_reader reader;
	struct index_row parsed;

	fixture_text(f, "archive/x.index", arena_printf(f->c->arena, "%ssum %016" PRIx64 "\n", text, sum_of(text)));
	assert_true(opens(f, &reader, f->directory, "x"));
	return index_next(&reader, &parsed) && !index_next(&reader, &parsed) && !reader.broken;
}

#define HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define BLOB "blob/e3/" HASH

TEST(an_index_holds_only_what_an_index_can_hold)
{
	static const char *const good[] = {
		"d 0755 0 0 .", "d 7777 4294967295 0 usr/a-b", "l 0777 0 0 a b", "l 0777 0 0 a\\x20b c\\x5cd",
		"o 0600 0 0 dev/x", "f 0644 0 0 9223372036854775807 " BLOB " x",
		"f 0644 0 0 1 " BLOB " x =1", "f 0644 0 0 1 " BLOB " x =1048576 user.a= security.capability=0100ff",
		"d 0755 0 0 a user.a=b=00", "l 0777 0 0 a b trusted.a=61", "o 0600 0 0 dev/x security.a\\x20b=0f",
	};
	static const char *const bad[] = {
		"", "d", "x 0755 0 0 a", "d 0755 0 0", "d 0755 0 0 ", "d 10000 0 0 a", "d 0758 0 0 a", "d  0 0 a",
		"d0755 0 0 a", "d 0755 4294967296 0 a", "d 0755 -1 0 a", "d 0755 0 0 /a", "d 0755 0 0 a/",
		"d 0755 0 0 a//b",
		"d 0755 0 0 ..", "d 0755 0 0 a/./b", "d 0755 0 0 a/\\x2e.", "d 0755 0 0 a\\x00b", "d 0755 0 0 a\\x2",
		"d 0755 0 0 a\\", "d 0755 0 0 a\\xfg", "d 0755 0 0 a b", "l 0777 0 0 a", "l 0777 0 0 a b c",
		"f 0644 0 0 1 " BLOB " x =0", "f 0644 0 0 1 " BLOB " x =1048577", "f 0644 0 0 1 " BLOB " x =1x",
		"f 0644 0 0 1 " BLOB " x =1 =1", "f 0644 0 0 1 " BLOB " x =", "d 0755 0 0 a =1", "d 0755 0 0 a user.a=0",
		"d 0755 0 0 a user.a=0g", "d 0755 0 0 a user.a\\x00=00", "d 0755 0 0 a =61",
		"f 0644 0 0 1 x", "f 0644 0 0 " BLOB " x", "f 0644 0 0 1 " BLOB, "f 0644 0 0 1 " BLOB "0 x",
		"f 0644 0 0 9223372036854775808 " BLOB " x", "f 0644 0 0 1 blob/e4/" HASH " x",
		"f 0644 0 0 1 bloB/e3/" HASH " x", "f 0644 0 0 1 blob/e3." HASH " x",
		"f 0644 0 0 1 blob/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85G x",
		"f 0644 0 0 1 blob/../../../../../../../../../../../../../../../../../../../etc/passwd x",
	};
	struct fixture *f = fixture_begin();

	assert_int_equal(mkdir(fixture_path(f, "archive"), 0755), 0);
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		if (!index_accepts(f, good[i]))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (index_accepts(f, bad[i]))
			fail_msg("accepted: %s", bad[i]);
	fixture_end(f);
}

TEST(a_hundred_thousand_rows_are_each_found)
{
	struct compilation *c = unit_compilation();
	struct rows rows = {.arena = c->arena};

	for (unsigned i = 0; i < 100000; i++)
		rows_add(&rows, &(struct index_row){.path = arena_printf(c->arena, "%u", i * 7919 % 100000), .size = i});
	rows_add(&rows, &(struct index_row){.path = "5", .size = 42});
	assert_int_equal(rows.count, 100000);
	assert_int_equal(rows_find(&rows, "5")->size, 42);
	assert_null(rows_find(&rows, "100000"));
	rows_sort(&rows);
	for (size_t i = 1; i < rows.count; i++)
		assert_true(strcmp(rows.list[i - 1]->path, rows.list[i]->path) < 0);
}

TEST(a_hole_reads_as_zeroes)
{
	struct fixture *f = fixture_begin();
	struct store store;
	struct store_blob blob;
	struct digest digest, wanted;
	char *bytes = arena_alloc(f->c->arena, 200000);

	memcpy(bytes + 150000, "x", 1);
	wanted = digest_of(bytes, 200000);
	assert_true(store_open(&store, f->c, f->store, f->manifest.at));
	assert_true(store_blob_begin(&blob, &store));
	assert_true(store_blob_add(&blob, 150000, "x", 1));
	assert_true(store_blob_end(&blob, 200000, &digest));
	assert_true(digest_equal(&digest, &wanted));
	store_close(&store);
	fixture_end(f);
}

TEST(the_umask_does_not_show_in_the_store)
{
	struct fixture *f = fixture_begin();
	mode_t old = umask(0777);
	struct stat info;

	fixture_add_file(f, "x", "1");
	umask(022);
	fixture_finish_tar(f, "a.tar");
	umask(0777);
	fixture_input(f, INPUT_ARCHIVE, "a.tar");
	fixture_expect_bytes(f, fixture_find(fixture_pool(f), "x"), "1");
	umask(old);
	assert_int_equal(stat(fixture_path(f, "store/blob"), &info), 0);
	assert_int_equal(info.st_mode & 0777, 0755);
	fixture_end(f);
}

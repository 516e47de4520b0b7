/* FAT file systems as they are written: believed by fsck.fat, read back by mtools, and byte for byte where these do not look. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit/output.h"
#include "emit/stages.h"
#include "ext_fixture.h"
#include "support/little_endian.h"

#define MIB (UINT64_C(1024) * 1024)

/* A written file system: a file that holds nothing else. */
struct written {
	char directory[32], path[48];
	struct fat_layout *layout;
	bool ok;
};

static struct ext_fixture
fixture(uint64_t asked)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_VFAT, 0);

	f.p.filesystem.fat = (struct m_number){.v = asked, .given = asked != 0};
	return f;
}

static struct written
write_image(struct ext_fixture *f, uint64_t bytes)
{
	struct written w = {.directory = "/tmp/rootc-fat-XXXXXX"};
	struct partition_layout p = {.from = &f->p};
	struct output out = {0};

	assert_non_null(p.fat = w.layout = plan_fat(f->c, &f->m, &f->p, f->tree->root, 0, bytes));
	assert_non_null(mkdtemp(w.directory));
	snprintf(w.path, sizeof w.path, "%s/fs", w.directory);
	assert_true(output_begin(&out, f->c, w.path, bytes));
	w.ok = emit_fat(&out, &p, 0);
	if (w.ok)
		assert_true(output_publish(&out));
	output_end(&out);
	return w;
}

static void
discard(struct written *w)
{
	unlink(w->path);
	rmdir(w->directory);
}

/* Runs a tool on the file system, with MORE behind its path: its exit status and what it printed; -1: it is not installed. */
static int
run(const struct written *w, const char *tool, const char *more, char *text, size_t size)
{
	char command[1024];
	FILE *in;
	size_t length;
	int status;

	snprintf(command, sizeof command, "PATH=/usr/sbin:/sbin:/usr/bin:/bin LC_ALL=C.UTF-8 %s %s %s 2>&1", tool, w->path, more);
	assert_non_null(in = popen(command, "r"));
	length = fread(text, 1, size - 1, in);
	text[length] = '\0';
	status = pclose(in);
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

/* fsck.fat says who it is and how many files and clusters there are, and nothing else. */
static void
expect_clean(const struct written *w)
{
	const struct fat_layout *l = w->layout;
	char text[4096], expected[128];
	int status = run(w, "fsck.fat -n", "", text, sizeof text);

	if (status < 0)
		return;
	/* it counts the label as a file, but not the root directory */
	snprintf(expected, sizeof expected, "%s: %zu files, %u/%u clusters\n", w->path, l->object_count - !*l->label,
		l->cluster_count - l->free_clusters, l->cluster_count);
	if (status || !strchr(text, '\n') || strcmp(strchr(text, '\n') + 1, expected) != 0)
		fail_msg("fsck.fat: %d %s instead of %s", status, text, expected);
}

/* PATH, read by mtools, is what BYTES are. */
static void
expect_file(const struct written *w, const char *path, const char *bytes, size_t size)
{
	char more[512], *text = malloc(size + 2);

	snprintf(more, sizeof more, "'::%s'", path);
	if (run(w, "mtype -i", more, text, size + 2) >= 0)
		assert_memory_equal(text, bytes, size + 1);
	free(text);
}

static void
read_at(const struct written *w, uint64_t offset, void *bytes, size_t size)
{
	int fd = open(w->path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, bytes, size, (off_t)offset), size);
	close(fd);
}

static char *
filler(struct ext_fixture *f, size_t size)
{
	char *bytes = arena_alloc(f->c->arena, size + 1);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)('a' + (i * 2654435761u >> 7) % 26);
	return bytes;
}

/* Files of sizes around those of clusters, directories that are deep, full or empty. */
static void
plant(struct ext_fixture *f)
{
	static const size_t sizes[] = {0, 1, 511, 512, 513, 8191, 8192, 8193, 40000};
	struct node *many = ext_add(f, NULL, "many", NODE_DIRECTORY), *deep = NULL;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		ext_add_file(f, NULL, arena_printf(f->c->arena, "file%zu", i), sizes[i], filler(f, sizes[i]));
	for (int i = 0; i < 600; i++)
		ext_add_file(f, many, arena_printf(f->c->arena, "%d name %0*d", i, i % 90 + 1, i), 0, "");
	for (int i = 0; i < 40; i++)
		deep = ext_add(f, deep, "down", NODE_DIRECTORY);
	ext_add_file(f, deep, "bottom", 6, "bottom");
	ext_add(f, NULL, "EMPTY", NODE_DIRECTORY);
}

static void
expect_read_back(uint32_t sector_size, uint64_t asked, uint64_t bytes)
{
	struct ext_fixture f = fixture(asked);
	char path[512] = "";
	struct written w;

	f.m.disk.sector_size.bytes = sector_size;
	f.p.filesystem.label.v = "ROOTC";
	plant(&f);
	w = write_image(&f, bytes);
	unit_expect_none(f.c);
	expect_clean(&w);
	expect_file(&w, "/file7", filler(&f, 8193), 8193);
	expect_file(&w, "/FILE8", filler(&f, 40000), 40000);
	for (int i = 0; i < 40; i++)
		strcat(path, "/down");
	expect_file(&w, strcat(path, "/bottom"), "bottom", 6);
	discard(&w);
}

TEST(fsck_believes_every_kind_of_fat_and_mtools_read_it_back)
{
	static const struct {
		uint64_t asked, bytes;
	} cases[] = {
		{0, 700 * 1024}, {0, 1474560}, {0, 2 * MIB}, {0, 4 * MIB}, {0, 8400 * 512}, {0, 8401 * 512}, {0, 33 * MIB},
		{0, 128 * MIB}, {0, 260 * MIB}, {0, 512 * MIB}, {0, 513 * MIB}, {0, 8 * 1024 * MIB}, {0, 32 * 1024 * MIB},
		{12, 8 * MIB}, {12, 128 * MIB}, {16, 4168 * 512}, {16, 2 * 1024 * MIB}, {32, 66599 * 512}, {32, 260 * MIB}, {32, 261 * MIB},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_read_back(SECTOR_USUAL, cases[i].asked, cases[i].bytes);
}

TEST(so_they_do_where_sectors_have_4096_bytes)
{
	static const struct {
		uint64_t asked, bytes;
	} cases[] = {
		{0, 4 * MIB}, {0, 4200 * 4096}, {0, 4201 * 4096}, {0, 256 * MIB}, {0, 257 * MIB}, {0, 512 * MIB}, {0, 513 * MIB},
		{0, 8 * 1024 * MIB}, {0, 32 * 1024 * MIB}, {12, 128 * MIB}, {16, 17 * MIB}, {16, 2 * 1024 * MIB}, {32, 257 * MIB},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		expect_read_back(SECTOR_4K, cases[i].asked, cases[i].bytes);
}

TEST(the_smallest_fat_is_written_full_and_empty)
{
	struct ext_fixture f = fixture(0), g = fixture(0);
	struct written w = write_image(&f, 18 * 512);

	expect_clean(&w);
	discard(&w);
	ext_add_file(&g, NULL, "FULL", 512, filler(&g, 512));
	w = write_image(&g, 18 * 512);
	expect_clean(&w);
	expect_file(&w, "/FULL", filler(&g, 512), 512);
	discard(&w);
}

/* A chain as long as the FAT goes through the writer's buffer more than once, and ends in the last cluster. */
TEST(a_file_may_fill_all_clusters)
{
	static const struct {
		uint64_t asked, sectors, clusters;
	} cases[] = {{12, 262144, 4068}, {16, 4194304, 65508}, {32, 100000, 98403}};

	for (size_t i = 0; i < 3; i++) {
		struct ext_fixture f = fixture(cases[i].asked);
		struct fat_layout *l = plan_fat(f.c, &f.m, &f.p, NULL, 0, cases[i].sectors * 512);
		uint64_t size = (uint64_t)l->free_clusters * l->sectors_per_cluster * 512;
		char *bytes = calloc(1, size);
		struct written w;

		bytes[size - 1] = 'z';
		ext_add_file(&f, NULL, "FULL", size, bytes);
		w = write_image(&f, cases[i].sectors * 512);
		assert_int_equal(w.layout->free_clusters, 0);
		expect_clean(&w);
		discard(&w);
		free(bytes);
	}
}

TEST(a_file_may_begin_behind_the_first_65536_clusters)
{
	struct ext_fixture f = fixture(32);
	size_t size = 65600 * 512;
	char *bytes = calloc(1, size);
	struct written w;

	ext_add_file(&f, NULL, "FIRST", size, bytes);
	ext_add_file(&f, NULL, "SECOND", 6, "second");
	w = write_image(&f, 40 * MIB);
	assert_int_equal(w.layout->objects[2].first_cluster, 3 + 65600);
	expect_clean(&w);
	expect_file(&w, "/SECOND", "second", 6);
	discard(&w);
	free(bytes);
}

TEST(the_boot_sector_says_what_was_planned)
{
	struct ext_fixture f = fixture(16);
	struct partition_layout p = {.from = &f.p};
	struct output out = {0};
	struct written w = {.directory = "/tmp/rootc-fat-XXXXXX"};
	unsigned char b[512], before[4096], zeroes[4096] = {0};

	f.p.filesystem.volume_id.v = "1234-ABCD";
	p.fat = plan_fat(f.c, &f.m, &f.p, f.tree->root, 8, 40000 * 512);
	assert_non_null(mkdtemp(w.directory));
	snprintf(w.path, sizeof w.path, "%s/fs", w.directory);
	assert_true(output_begin(&out, f.c, w.path, 40008 * 512) && emit_fat(&out, &p, 8 * SECTOR_USUAL) && output_publish(&out));
	output_end(&out);
	read_at(&w, 0, before, sizeof before);
	assert_memory_equal(before, zeroes, sizeof before);
	read_at(&w, sizeof before, b, sizeof b);
	assert_memory_equal(b, "\xeb\x3c\x90MSWIN4.1\0\2\4", 14);
	assert_int_equal(get16(b + 14), p.fat->reserved_sectors);
	assert_int_equal(b[16], 2);
	assert_int_equal(get16(b + 17), 512);
	assert_int_equal(get16(b + 19), p.fat->sector_count);
	assert_int_equal(get16(b + 22), p.fat->fat_sectors);
	assert_int_equal(get32(b + 28), 8);
	assert_int_equal(get32(b + 32), 0);
	assert_memory_equal(b + 36, "\x80\0\x29\xcd\xab\x34\x12NO NAME    FAT16   \xcd\x18", 28);
	assert_int_equal(get16(b + 510), 0xaa55);
	discard(&w);
}

TEST(a_fat32_has_its_spare_boot_sector_and_counts_what_is_free)
{
	struct ext_fixture f = fixture(32);
	struct written w;
	unsigned char b[8 * 512], first[16];

	f.p.filesystem.label.v = "A LABEL";
	ext_add_file(&f, NULL, "three.txt", 1025, filler(&f, 1025));
	w = write_image(&f, 40 * MIB);
	expect_clean(&w);
	read_at(&w, 0, b, sizeof b);
	assert_memory_equal(b, b + 6 * 512, 1024);
	assert_memory_equal(b + 71, "A LABEL    FAT32   \xcd\x18", 21);
	assert_int_equal(get32(b + 36), w.layout->fat_sectors);
	assert_int_equal(get32(b + 44), 2);
	assert_int_equal(get32(b + 512), 0x41615252);
	assert_int_equal(get32(b + 512 + 488), w.layout->cluster_count - 4); /* the root directory and three of the file */
	assert_int_equal(get32(b + 512 + 492), 6);
	assert_int_equal(get32(b + 508 + 512), 0xaa550000);
	read_at(&w, w.layout->reserved_sectors * UINT64_C(512) + 4, first, sizeof first);
	assert_memory_equal(first, "\xff\xff\xff\x0f\xff\xff\xff\x0f\4\0\0\0\5\0\0\0", 16);
	discard(&w);
}

TEST(entries_are_as_the_format_has_them)
{
	static const unsigned char expected[] =
		"A LABEL    \x08\0\x64\x5c\x64\x5d\x58\x5d\x58\0\0\x5c\x64\x5d\x58\0\0\0\0\0\0"
		"\x42h\0i\0.\0t\0x\0\x0f\0\x44t\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\xff\xff\xff\xff"
		"\1a\0b\0\xe4\0\x3d\xd8\0\xde\x0f\0\x44" "1\0" "2\0c\0d\0e\0f\0\0\0 \0g\0"
		"AB__12~1TXT\x21\0\x64\x5c\x64\x5d\x58\x5d\x58\0\0\x5c\x64\x5d\x58\2\0\3\0\0\0";
	struct ext_fixture f = fixture(12);
	unsigned char b[sizeof expected - 1];
	struct written w;

	f.m.epoch.v = 1709210097; /* 2024-02-29T12:34:57Z */
	f.p.filesystem.label.v = "A LABEL";
	ext_add_file(&f, NULL, "ab\303\244\360\237\230\200" "12cdef ghi.txt", 3, "abc")->mode = 0444;
	w = write_image(&f, MIB);
	expect_clean(&w);
	read_at(&w, (w.layout->data_sector - 14) * UINT64_C(512), b, sizeof b);
	assert_memory_equal(b, expected, sizeof b);
	discard(&w);
}

TEST(dots_lead_to_the_directory_and_to_its_parent_where_that_is_not_the_root)
{
	struct ext_fixture f = fixture(32);
	struct node *outer = ext_add(&f, NULL, "OUTER", NODE_DIRECTORY), *inner = ext_add(&f, outer, "INNER", NODE_DIRECTORY);
	unsigned char b[2][64];
	struct written w;

	ext_add_file(&f, inner, "FILE", 1, "x");
	w = write_image(&f, 40 * MIB);
	expect_clean(&w);
	for (size_t i = 0; i < 2; i++) {
		read_at(&w, (w.layout->data_sector + 1 + i) * UINT64_C(512), b[i], 64);
		assert_memory_equal(b[i], ".          \x10", 12);
		assert_memory_equal(b[i] + 32, "..         \x10", 12);
		assert_int_equal(get16(b[i] + 26), 3 + i);
		assert_int_equal(get16(b[i] + 32 + 26), i ? 3 : 0);
	}
	discard(&w);
}

TEST(what_is_mounted_below_a_fat_is_not_on_it)
{
	struct ext_fixture f = fixture(0);
	struct node *below = ext_add(&f, NULL, "below", NODE_DIRECTORY);
	struct written w;

	ext_add(&f, below, "a link that no vfat could hold", NODE_LINK)->target = "x";
	below->is_mount = true;
	f.tree->root->is_mount = true;
	w = write_image(&f, MIB);
	assert_int_equal(w.layout->object_count, 2);
	expect_clean(&w);
	discard(&w);
}

TEST(what_would_be_holes_elsewhere_is_written)
{
	struct byte_range range = {1024, 2048};
	struct content_data data = {.ranges = &range, .count = 1};
	struct ext_fixture f = fixture(0);
	char bytes[3000], read[sizeof bytes];
	const struct fat_object *file;
	struct written w;

	memset(bytes, 'x', sizeof bytes); /* also outside the range, so that what is left out shows */
	ext_add_file(&f, NULL, "SPARSE", sizeof bytes, bytes)->data = &data;
	ext_add_file(&f, NULL, "BEHIND", sizeof bytes, filler(&f, sizeof bytes));
	w = write_image(&f, MIB);
	expect_clean(&w);
	file = &w.layout->objects[2];
	read_at(&w, (w.layout->data_sector + (file->first_cluster - 2) * w.layout->sectors_per_cluster) * UINT64_C(512), read, sizeof read);
	assert_memory_equal(read, bytes, sizeof bytes);
	discard(&w);
}

TEST(files_of_the_host_are_streamed_and_holes_stay_holes)
{
	struct ext_fixture f = fixture(0);
	char directory[] = "/tmp/rootc-fat-host-XXXXXX", path[64], end[7];
	struct content content = {.kind = CONTENT_HOST, .path = "source", .shown = "source", .size = 20 * MIB + 7};
	struct stat info;
	struct written w;
	int fd;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof path, "%s/source", directory);
	assert_true((fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600)) >= 0);
	assert_int_equal(pwrite(fd, "at the end", 7, 20 * MIB), 7);
	close(fd);
	content.directory = directory;
	ext_add_file(&f, NULL, "HOST", 0, NULL)->content = &content;
	w = write_image(&f, 32 * MIB);
	assert_true(w.ok);
	expect_clean(&w);
	assert_int_equal(stat(w.path, &info), 0);
	assert_true(info.st_blocks * 512 < 2 * (off_t)MIB);
	read_at(&w, w.layout->data_sector * UINT64_C(512) + 20 * MIB, end, sizeof end);
	assert_memory_equal(end, "at the ", sizeof end);
	discard(&w);
	assert_int_equal(truncate(path, 5), 0);
	w = write_image(&f, 32 * MIB);
	assert_false(w.ok);
	unit_expect(f.c, 0, DIAG_FILE_CHANGED, LINE_TREE + 1, 1);
	discard(&w);
	unlink(path);
	rmdir(directory);
}

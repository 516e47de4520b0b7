#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "ext_written.h"
#include "support/digest.h"
#include "support/little_endian.h"

static const unsigned char *
inode_bytes(const struct written *w, uint32_t number)
{
	const struct ext_layout *l = w->layout;
	const struct ext_group *g = &l->groups[(number - 1) / l->inodes_per_group];

	size_t index = (number - 1) % l->inodes_per_group;

	return w->bytes + START + g->inode_table * l->block_size + index * l->inode_size;
}

/* A tree with something of every sort in it. */
static void
plant(struct ext_fixture *f)
{
	uint32_t block_size = (uint32_t)f->p.filesystem.block_size.bytes;
	const size_t sizes[] = {
		0, 1, block_size - 1, block_size, 12 * block_size, 12 * block_size + 1, 300 * block_size + 5};
	struct node *many = ext_add(f, NULL, "many", NODE_DIRECTORY), *deep = NULL;
	struct node *device = ext_add(f, NULL, "device", NODE_BLOCK);
	char *name = arena_alloc(f->c->arena, 256);

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		ext_add_file(f, NULL, arena_printf(f->c->arena, "file%zu", i), sizes[i], written_filler(f, sizes[i]));
	for (int i = 0; i < 500; i++)
		ext_add_file(f, many, arena_printf(f->c->arena, "%d-%0*d", i, i % 90 + 1, i), 0, "");
	for (int i = 0; i < 20; i++)
		deep = ext_add(f, deep, "down", NODE_DIRECTORY);
	ext_add_file(f, deep, memset(name, 'n', 255), 3, "abc");
	ext_add_link(f, NULL, "link59", 59);
	ext_add_link(f, NULL, "link60", 60);
	ext_add_link(f, NULL, "link1000", 1000);
	device->major = 4095;
	device->minor = 0xfffff;
	device->owner = 70000;
	device->group = 4294967294;
	ext_add(f, NULL, "null", NODE_CHAR)->major = 1;
}

static void
expect_read_back(enum filesystem_kind kind, uint32_t block_size, uint32_t inode_size, const char *feature)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), kind, block_size);
	struct m_text wanted = {.v = feature};
	size_t size = 300 * block_size + 5;
	char *text = malloc(size + 2);
	struct written w;

	f.p.filesystem.inode_size.v = inode_size;
	f.p.filesystem.features = (struct m_texts){.v = &wanted, .count = feature != NULL};
	plant(&f);
	w = written_image(&f, 20 * MIB);
	written_expect_clean(&w);
	if (written_run(&w, "debugfs", "-R", "cat /file6", text, size + 2) >= 0)
		assert_string_equal(text, written_filler(&f, size));
	if (written_run(&w, "debugfs", "-R", "cat /down/down/../../file5", text, size + 2) >= 0)
		assert_string_equal(text, written_filler(&f, 12 * block_size + 1));
	free(text);
	written_discard(&w);
}

TEST(e2fsck_finds_nothing_and_debugfs_reads_back_what_was_written)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (uint32_t block_size = 1024; block_size <= 4096; block_size *= 2) {
			expect_read_back((enum filesystem_kind)kind, block_size, 128, NULL);
			expect_read_back((enum filesystem_kind)kind, block_size, 256, NULL);
			expect_read_back((enum filesystem_kind)kind, block_size, 256, "dir_index");
			if (kind < FILESYSTEM_EXT4)
				continue;
			expect_read_back(FILESYSTEM_EXT4, block_size, 256, "64bit");
			expect_read_back(FILESYSTEM_EXT4, block_size, 256, "^metadata_csum");
			expect_read_back(FILESYSTEM_EXT4, block_size, 256, "^extent");
			expect_read_back(FILESYSTEM_EXT4, block_size, 128, "^has_journal");
		}
}

TEST(maps_of_every_height_are_right)
{
	static const struct {
		enum filesystem_kind kind;
		uint64_t size;
	} cases[] = {
		{FILESYSTEM_EXT2, (12 + 256 + 65536 + 300) * 1024 + 7}, /* triple indirect */
		{FILESYSTEM_EXT4, 37 * MIB},                            /* one level above the inode */
	};

	for (size_t i = 0; i < 2; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), cases[i].kind, 1024);
		char *bytes = written_filler(&f, cases[i].size);
		struct written w;
		struct ext_inode *inode;

		ext_add_file(&f, NULL, "f", cases[i].size, bytes);
		w = written_image(&f, 80 * MIB);
		written_expect_clean(&w);
		inode = &w.layout->inodes[w.layout->inode_used_count - 1];
		for (size_t r = 0; r < inode->run_count; r++) {
			size_t at = inode->runs[r].logical * 1024, length = inode->runs[r].count * 1024;

			if (at + length > cases[i].size)
				length = cases[i].size - at;
			assert_memory_equal(w.bytes + START + inode->runs[r].first * 1024, bytes + at, length);
		}
		written_discard(&w);
	}
}

/* A file of every third KiB or so, in ranges that say so, and its bytes. */
static char *
add_sparse_file(struct ext_fixture *f, size_t size)
{
	struct content_data *data = ARENA_NEW(f->c->arena, struct content_data);
	char *bytes = arena_alloc(f->c->arena, size);
	struct node *node = ext_add_file(f, NULL, "sparse", size, bytes);

	node->data = data;
	for (size_t at = 0; at < size; at += CONTENT_GRAIN) {
		if (at / CONTENT_GRAIN * 2654435761u % 7 > 1 || (at > size / 3 && at < size / 2))
			continue;
		memset(bytes + at, 'x', size - at < CONTENT_GRAIN ? size - at : CONTENT_GRAIN);
		*ARENA_PUSH(f->c->arena, data->ranges, data->count) = (struct byte_range){at, at + CONTENT_GRAIN};
	}
	return bytes;
}

TEST(a_file_with_holes_reads_back_and_takes_less)
{
	enum { SIZE = 3 * 1024 * 1024 + 5 };
	char *text = malloc(SIZE + 2);

	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (uint32_t block_size = 1024; block_size <= 4096; block_size *= 2) {
			struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, block_size);
			char *bytes = add_sparse_file(&f, SIZE);
			struct written w = written_image(&f, 8 * MIB);
			const struct ext_inode *inode = &w.layout->inodes[w.layout->inode_used_count - 1];

			written_expect_clean(&w);
			assert_true(ext_data_blocks(inode) < SIZE / block_size * 5 / 6);
			if (written_run(&w, "debugfs", "-R", "cat /sparse", text, SIZE + 2) >= 0)
				assert_memory_equal(text, bytes, SIZE);
			written_discard(&w);
		}
	free(text);
}

/* Stretches of the disk begin and end in short runs and in a long one, and none of them begins at the file's start again. */
TEST(a_file_of_thousands_of_pieces_reads_back)
{
	enum { SIZE = 24 * 1024 * 1024 + 1, LONG_FROM = 9 * 1024 * 1024, LONG_TO = LONG_FROM + 5 * 1024 * 1024 };
	char *text = malloc(SIZE + 2);

	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind += FILESYSTEM_EXT4 - FILESYSTEM_EXT2) {
		struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, 1024);
		struct content_data data = {0};
		char *bytes = written_filler(&f, SIZE);
		struct written w;

		for (size_t at = 0, i = 0; at < SIZE; at += CONTENT_GRAIN, i++)
			if (i % 2 == 0 || (at >= LONG_FROM && at < LONG_TO))
				*ARENA_PUSH(f.c->arena, data.ranges, data.count) = (struct byte_range){at, at + CONTENT_GRAIN};
			else
				memset(bytes + at, 0, CONTENT_GRAIN);
		ext_add_file(&f, NULL, "before", 300 * 1024, written_filler(&f, 300 * 1024));
		ext_add_file(&f, NULL, "pieces", SIZE, bytes)->data = &data;
		ext_add_file(&f, NULL, "then", 5000, written_filler(&f, 5000));
		w = written_image(&f, 32 * MIB);
		assert_true(w.layout->inodes[w.layout->inode_used_count - 2].run_count > 9000);
		written_expect_clean(&w);
		if (written_run(&w, "debugfs", "-R", "cat /pieces", text, SIZE + 2) >= 0)
			assert_memory_equal(text, bytes, SIZE);
		written_discard(&w);
	}
	free(text);
}

/* COUNT attributes, each with a value of its own length. */
static const struct xattrs *
attributes(struct ext_fixture *f, const char *namespace, size_t count)
{
	struct xattrs *set = ARENA_NEW(f->c->arena, struct xattrs);

	for (size_t i = 0; i < count; i++)
		xattrs_put(f->c->arena, set, &(struct xattr){.name = arena_printf(f->c->arena, "%s.%0*zu\xc3\xbc", namespace, (int)(i % 7 + 1), i),
			.value = (const unsigned char *)written_filler(f, i), .size = i});
	return set;
}

TEST(attributes_of_every_kind_of_file_are_believed_by_e2fsck)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (uint32_t block_size = 1024; block_size <= 4096; block_size *= 2)
			for (uint32_t inode_size = 128; inode_size <= 256; inode_size += 128)
				for (size_t count = 1; count < 22; count += 4) {
					struct ext_fixture f = ext_fixture(unit_compilation(), (enum filesystem_kind)kind, block_size);
					struct written w;

					f.p.filesystem.inode_size.v = inode_size;
					f.tree->root->xattrs = attributes(&f, "user", count);
					ext_add_file(&f, NULL, "empty", 0, "")->xattrs = attributes(&f, "security", count);
					ext_add_file(&f, NULL, "file", 20000, written_filler(&f, 20000))->xattrs = attributes(&f, "user", count);
					ext_add_link(&f, NULL, "fast", 59)->xattrs = attributes(&f, "trusted", count);
					ext_add_link(&f, NULL, "slow", 60)->xattrs = attributes(&f, "trusted", count);
					ext_add(&f, NULL, "device", NODE_CHAR)->xattrs = attributes(&f, "security", count);
					w = written_image(&f, 8 * MIB);
					written_expect_clean(&w);
					written_discard(&w);
				}
}

/* By hand, after the kernel's ext4_xattr_hash_entry and ext4_xattr_rehash. */
TEST(an_attribute_block_has_the_kernel_s_hashes)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	struct xattrs set = {0};
	const unsigned char *block;
	struct written w;

	f.p.filesystem.inode_size.v = 128;
	xattrs_put(f.c->arena, &set, &(struct xattr){.name = "user.b", .value = (const unsigned char *)"12345", .size = 5});
	xattrs_put(f.c->arena, &set, &(struct xattr){.name = "user.\xff", .value = (const unsigned char *)"", .size = 0});
	ext_add_file(&f, NULL, "f", 0, "")->xattrs = &set;
	w = written_image(&f, MIB);
	block = w.bytes + START + ext_attribute_block(&w.layout->inodes[w.layout->inode_used_count - 1]) * 1024;
	assert_int_equal(get32(block), 0xea020000);
	assert_int_equal(get32(block + 4), 1);
	assert_int_equal(get32(block + 8), 1);
	assert_int_equal(block[32], 1);                     /* length of "b" */
	assert_int_equal(block[33], 1);                     /* user. */
	assert_int_equal(get16(block + 34), 1024 - 8);
	assert_int_equal(get32(block + 40), 5);
	assert_memory_equal(block + 1024 - 8, "12345\0\0\0", 8);
	/* "b" is 0x62; rotated by 16, ^ 0x34333231; rotated by 16, ^ 0x35 */
	assert_int_equal(get32(block + 44), 0x32313464);
	assert_int_equal(get32(block + 32 + 20 + 12), 0xff); /* the sign of a char does not count */
	assert_int_equal(get16(block + 32 + 20 + 2), 0);
	assert_int_equal(get32(block + 12), (0x34643231 ^ 0xff)); /* of the block */
	assert_int_equal(get32(block + 72), 0);             /* the end of the entries */
	written_expect_clean(&w);
	written_discard(&w);
}

static struct digest
digest_of_image(enum filesystem_kind kind, int64_t epoch)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), kind, 1024);
	struct digest digest;
	struct written w;

	f.m.epoch.v = epoch;
	plant(&f);
	w = written_image(&f, 20 * MIB);
	digest = digest_of(w.bytes, w.size);
	written_discard(&w);
	return digest;
}

TEST(neither_the_clock_nor_the_environment_moves_a_byte)
{
	for (int kind = FILESYSTEM_EXT2; kind <= FILESYSTEM_EXT4; kind++)
		for (int64_t epoch = 0; epoch < 2; epoch++) {
			struct digest now = digest_of_image((enum filesystem_kind)kind, epoch), later;

			setenv("E2FSPROGS_FAKE_TIME", "4000000", 1);
			setenv("SOURCE_DATE_EPOCH", "5000000", 1);
			later = digest_of_image((enum filesystem_kind)kind, epoch);
			unsetenv("E2FSPROGS_FAKE_TIME");
			unsetenv("SOURCE_DATE_EPOCH");
			assert_true(digest_equal(&now, &later));
		}
}

TEST(every_superblock_says_what_the_manifest_says)
{
	static const int64_t epochs[] = {-5, 0, 1700000000, INT64_C(0x123456789)};

	for (size_t i = 0; i < sizeof epochs / sizeof *epochs; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT4, 1024);
		uint64_t time = epochs[i] < 0 ? 0 : (uint64_t)epochs[i];
		struct written w;

		f.m.epoch.v = epochs[i];
		f.p.filesystem.label.v = "sixteen letters!";
		w = written_image(&f, 20 * MIB);
		written_expect_clean(&w);
		for (uint32_t g = 0; g < 2; g++) {
			const unsigned char *s = w.bytes + START + (1 + 8192 * g) * 1024;

			assert_int_equal(get32(s + 0x108), (uint32_t)time); /* s_mkfs_time, s_wtime, s_lastcheck */
			assert_int_equal(get32(s + 0x30), (uint32_t)time);
			assert_int_equal(get32(s + 0x40), (uint32_t)time);
			assert_int_equal(s[0x274] | s[0x276] << 4 | s[0x277] << 8, (time >> 32) * 0x111);
			assert_int_equal(get32(s + 0x2c), 0);      /* never mounted */
			assert_int_equal(get16(s + 0x36), 0xffff); /* s_max_mnt_count */
			assert_int_equal(get32(s + 0x44), 0);      /* s_checkinterval */
			assert_int_equal(get16(s + 0x3c), 1);      /* s_errors */
			assert_int_equal(get32(s + 0x48), 0);      /* s_creator_os */
			assert_int_equal(get32(s + 0x160), 2);     /* unsigned hash */
			assert_int_equal(get32(s + 0x178), 0);     /* s_kbytes_written */
			assert_int_equal(get16(s + 0x3a), g == 0); /* s_state */
			assert_int_equal(get16(s + 0x5a), g);
			assert_memory_equal(s + 0x68, w.layout->uuid, 16);
			assert_memory_equal(s + 0xec, w.layout->hash_seed, 16);
			assert_memory_equal(s + 0x78, "sixteen letters!", 16);
			assert_int_equal(get32(s + 8), w.layout->block_count * 5 / 100);
			assert_int_equal(get32(s + 0xe0), 8);
		}
		written_discard(&w);
	}
}

TEST(inodes_say_what_the_tree_says)
{
	static const struct {
		int64_t epoch;
		uint32_t low, extra;
	} cases[] = {
		{0, 0, 0},
		{-1, 0xffffffff, 0},
		{INT64_C(0x80000000), 0x80000000, 1},
		{INT64_C(0x37fffffff), 0x7fffffff, 3},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
		struct node *n = ext_add(&f, NULL, "device", NODE_CHAR);
		const unsigned char *inode;
		struct written w;

		f.m.epoch.v = cases[i].epoch;
		n->mode = 04711;
		n->owner = 0x12345;
		n->group = 0xfffffffe;
		n->major = 259;
		n->minor = 0x12345;
		w = written_image(&f, MIB);
		inode = inode_bytes(&w, 12);
		assert_int_equal(get16(inode), 0020000 | 04711);
		assert_int_equal(get16(inode + 2) | get16(inode + 120) << 16, 0x12345);
		assert_int_equal(get16(inode + 24) | get16(inode + 122) << 16, 0xfffffffe);
		assert_int_equal(get16(inode + 26), 1);
		assert_int_equal(get32(inode + 40), 0);
		assert_int_equal(get32(inode + 44), 0x45 | 259 << 8 | 0x123u << 20);
		for (size_t at = 8; at <= 16; at += 4)
			assert_int_equal(get32(inode + at), cases[i].low);
		assert_int_equal(get32(inode + 20), 0);
		for (size_t at = 132; at <= 140; at += 4)
			assert_int_equal(get32(inode + at), cases[i].extra);
		assert_int_equal(get32(inode + 144), cases[i].low);
		assert_int_equal(get32(inode + 148), cases[i].extra);
		assert_int_equal(get32(inode + 100), 0); /* generation */
		written_discard(&w);
	}
}

TEST(nothing_is_written_outside_the_file_system)
{
	struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
	uint64_t bytes = (8193 + 20) * 1024; /* the last 20 blocks are too few for a group */
	struct written w;

	plant(&f);
	w = written_image(&f, bytes);
	assert_int_equal(w.layout->block_count, 8193);
	for (size_t i = 0; i < START + 1024; i++)
		assert_int_equal(w.bytes[i], 0);
	for (size_t i = START + 8193 * 1024; i < w.size; i++)
		assert_int_equal(w.bytes[i], 0);
	written_discard(&w);
}

TEST(no_byte_depends_on_how_many_threads_write)
{
	static const unsigned jobs[] = {1, 2, 3, 16};
	struct digest first = {{0}}, digest;

	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		struct ext_fixture f = ext_fixture(unit_compilation(), FILESYSTEM_EXT2, 1024);
		struct written w;

		f.c->jobs = jobs[i];
		plant(&f);
		ext_add_file(&f, NULL, "large", 23 * MIB + 77, written_filler(&f, 23 * MIB + 77));
		ext_add_file(&f, NULL, "zeroes", 3 * MIB, arena_alloc(f.c->arena, 3 * MIB));
		for (int n = 0; n < 3000; n++)
			ext_add_file(&f, NULL, arena_printf(f.c->arena, "n%d", n), (size_t)n, written_filler(&f, (size_t)n));
		w = written_image(&f, 60 * MIB);
		written_expect_clean(&w);
		digest = digest_of(w.bytes, w.size);
		if (i == 0)
			first = digest;
		assert_true(digest_equal(&first, &digest));
		written_discard(&w);
	}
}

#include "unit.h"

#include <string.h>
#include <zstd.h>

#include "emit/zstd.h"
#include "support/arena.h"
#include "support/checksum.h"
#include "support/digest.h"

enum { SIZE = 300 * 1024, MIB = 1024 * 1024 };

/* Packs, and has libzstd unpack: the same bytes, their number in the header, the checksum right. Gives the packed size. */
static size_t
round_trip(struct arena *a, const unsigned char *bytes, size_t size)
{
	unsigned char *out = arena_alloc(a, size + 1);
	const unsigned char *packed;
	size_t packed_size;

	packed = zstd(a, bytes, size, &packed_size);
	assert_int_equal(ZSTD_findFrameCompressedSize(packed, packed_size), packed_size);
	assert_int_equal(ZSTD_getFrameContentSize(packed, packed_size), size);
	assert_int_equal(ZSTD_decompress(out, size + 1, packed, packed_size), size);
	assert_memory_equal(out, bytes, size);
	return packed_size;
}

/* The next of a fixed row of numbers without a pattern. */
static unsigned
next_number(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 24;
}

static unsigned char *
noise(struct arena *a, size_t size, unsigned most, uint32_t seed)
{
	unsigned char *bytes = arena_alloc(a, size);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(next_number(&seed) % most);
	return bytes;
}

/* Pieces of what came before, from near and far, changed here and there: as programs are. */
static unsigned char *
pieces(struct arena *a, size_t size, uint32_t seed)
{
	unsigned char *bytes = noise(a, size, 256, seed);

	for (size_t i = 1000; i < size;) {
		size_t length = next_number(&seed) % 40 + (next_number(&seed) > 250 ? 400 : 1);
		size_t distance = 1 + (next_number(&seed) | next_number(&seed) << 8 | next_number(&seed) % 4 << 16) % i;

		for (; length-- && i < size; i++)
			bytes[i] = bytes[i - distance];
		i += next_number(&seed) % 4 == 0;
	}
	return bytes;
}

TEST(zstd_of_every_short_length_is_unpacked)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *one = arena_alloc(a, 600), *few = noise(a, 600, 2, 1), *some = noise(a, 600, 20, 1), *many = noise(a, 600, 256, 1);

	for (size_t size = 0; size <= 600; size++) {
		round_trip(a, one, size);
		round_trip(a, few, size);
		round_trip(a, some, size);
		round_trip(a, many, size);
	}
}

TEST(zstd_of_blocks_of_all_kinds_is_unpacked)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = pieces(a, 8 * SIZE, 1);

	memset(bytes + SIZE, 'z', SIZE);                                 /* one byte */
	memcpy(bytes + 3 * SIZE, noise(a, SIZE, 256, 5), SIZE);          /* none that could be packed */
	memcpy(bytes + 4 * SIZE, noise(a, SIZE, 3, 5), SIZE);            /* few letters */
	memcpy(bytes + 6 * SIZE, bytes + 3 * SIZE, SIZE);                /* again, from afar */
	for (size_t size = 128 * 1024 - 1; size < 8 * SIZE; size += 128 * 1024 + 13)
		round_trip(a, bytes, size);
}

/* What begins behind a block without matches must not count on distances that only the packer has seen. */
TEST(zstd_forgets_the_distances_of_a_block_that_stays_as_it_is)
{
	struct arena *a = unit_compilation()->arena;

	for (uint32_t seed = 1; seed < 20; seed++) {
		unsigned char *bytes = noise(a, 3 * 128 * 1024, 256, seed);

		for (size_t i = 0; i < 100; i++)
			memcpy(bytes + 1000 + i * 1200, bytes + i * 1200, 4);
		memcpy(bytes + 2 * 128 * 1024 + 50, bytes + 2 * 128 * 1024 + 50 - 1200, 900);
		round_trip(a, bytes, 3 * 128 * 1024);
	}
}

TEST(zstd_of_very_many_short_matches_is_unpacked)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = arena_alloc(a, SIZE), *words = noise(a, 3 * 256, 256, 3);
	uint32_t seed = 4;

	for (size_t i = 0; i + 3 <= SIZE; i += 3)
		memcpy(bytes + i, words + 3 * (next_number(&seed) % 8), 3);
	round_trip(a, bytes, SIZE);
	for (size_t i = 0; i + 4 <= SIZE; i += 4)
		memcpy(bytes + i, words + 3 * next_number(&seed) % 700, 4);
	round_trip(a, bytes, SIZE);
}

TEST(zstd_of_many_letters_of_very_unequal_number_is_unpacked)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = arena_alloc(a, SIZE);
	uint32_t seed = 6;

	for (unsigned letters = 2; letters <= 256; letters += letters < 40 ? 1 : 36) {
		for (size_t i = 0; i < SIZE / 4; i++) {
			unsigned letter = 0;

			while (letter + 1 < letters && next_number(&seed) < 120)
				letter++;
			bytes[i] = (unsigned char)(letter * 251 + next_number(&seed) / 255 * 97);
		}
		round_trip(a, bytes, SIZE / 4);
	}
}

TEST(zstd_of_long_repeats_is_small_and_noise_grows_little)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = noise(a, SIZE, 256, 7);

	assert_in_range(round_trip(a, arena_alloc(a, SIZE), SIZE), 1, 40);
	assert_in_range(round_trip(a, bytes, SIZE), SIZE, SIZE + 40);
	memcpy(bytes + SIZE / 2, bytes, SIZE / 2);
	assert_in_range(round_trip(a, bytes, SIZE), SIZE / 2, SIZE / 2 + 100);
}

/* 8 MiB is as far as Linux follows. */
TEST(zstd_reaches_back_as_far_as_its_window)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = noise(a, 10 * MIB, 256, 8);
	ZSTD_DCtx *context = ZSTD_createDCtx();
	unsigned char *out = arena_alloc(a, 10 * MIB);
	size_t near, far, size;
	const unsigned char *packed;

	memcpy(bytes + 7 * MIB, bytes, 3 * MIB);
	near = round_trip(a, bytes, 10 * MIB);
	bytes = noise(a, 10 * MIB, 256, 8);
	memcpy(bytes + 8 * MIB + 4096, bytes, MIB);
	far = round_trip(a, bytes, 10 * MIB);
	assert_in_range(near, 7 * MIB, 7 * MIB + MIB / 8);
	assert_in_range(far, 10 * MIB, 11 * MIB);
	packed = zstd(a, bytes, 10 * MIB, &size);
	assert_false(ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 23)));
	assert_int_equal(ZSTD_decompressDCtx(context, out, 10 * MIB, packed, size), 10 * MIB);
	ZSTD_freeDCtx(context);
}

TEST(zstd_of_random_pieces_is_unpacked_and_smaller_than_by_the_fastest_level)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *theirs = arena_alloc(a, ZSTD_compressBound(SIZE));

	for (uint32_t seed = 1; seed <= 40; seed++) {
		size_t size = SIZE - seed * 7001;
		unsigned char *bytes = pieces(a, size, seed);

		assert_in_range(round_trip(a, bytes, size), 1, ZSTD_compress(theirs, ZSTD_compressBound(SIZE), bytes, size, 1));
	}
}

TEST(the_checksum_xxh64_is_that_of_its_specification)
{
	assert_true(checksum_xxh64((const unsigned char *)"", 0) == UINT64_C(0xef46db3751d8e999));
	assert_true(checksum_xxh64((const unsigned char *)"abc", 3) == UINT64_C(0x44bc2cf5ad770999));
}

/* The frame is part of images: it never changes. */
TEST(zstd_of_these_bytes_is_this_frame)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = pieces(a, SIZE, 2);
	size_t size;
	const unsigned char *packed = zstd(a, bytes, SIZE, &size);
	struct digest digest = digest_of(packed, size);
	char text[DIGEST_HEX];

	digest_format(&digest, text);
	assert_int_equal(size, 45632);
	assert_string_equal(text, "4585c5ffbbec03bd19dce370394b7752eeb935edf93b6f4160c6c1ef81ecfe4c");
}

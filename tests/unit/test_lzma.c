#include "unit.h"

#include <lzma.h>
#include <string.h>

#include "support/arena.h"
#include "support/digest.h"
#include "support/lzma.h"

enum { SIZE = 300 * 1024, HEADER = 13 };

/* ENCODED behind the header of a .lzma file, which says what a raw stream does not. */
static unsigned char *
lzma_file(struct arena *a, const unsigned char *encoded, size_t encoded_size, uint64_t size)
{
	unsigned char *file = arena_alloc(a, HEADER + encoded_size);

	file[0] = (2 * 5 + 0) * 9 + 3; /* pb, lp, lc */
	file[3] = LZMA_DICTIONARY >> 16;
	for (unsigned i = 0; i < 8; i++)
		file[5 + i] = (unsigned char)(size >> 8 * i);
	memcpy(file + HEADER, encoded, encoded_size);
	return file;
}

/* Encodes, and has liblzma decode: the same bytes, nothing left over. Gives the encoded size. */
static size_t
round_trip(struct arena *a, const unsigned char *bytes, size_t size)
{
	lzma_stream s = LZMA_STREAM_INIT;
	unsigned char *out = arena_alloc(a, size + 1);
	const unsigned char *encoded;
	size_t encoded_size;

	encoded = encode_lzma(a, bytes, size, &encoded_size);
	s.next_in = lzma_file(a, encoded, encoded_size, size);
	s.avail_in = HEADER + encoded_size;
	s.next_out = out;
	s.avail_out = size + 1;
	assert_int_equal(lzma_alone_decoder(&s, UINT64_MAX), LZMA_OK);
	assert_int_equal(lzma_code(&s, LZMA_FINISH), LZMA_STREAM_END);
	assert_int_equal(s.total_out, size);
	assert_int_equal(s.avail_in, 0);
	assert_memory_equal(out, bytes, size);
	lzma_end(&s);
	return encoded_size;
}

/* The next of a fixed row of numbers without a pattern. */
static unsigned
next_number(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 24;
}

static unsigned char *
noise(struct arena *a, size_t size, unsigned most)
{
	unsigned char *bytes = arena_alloc(a, size);
	uint32_t state = 1;

	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(next_number(&state) % most);
	return bytes;
}

/* Pieces of what came before, from near and far, changed here and there: as programs are. */
static unsigned char *
pieces(struct arena *a, size_t size)
{
	unsigned char *bytes = noise(a, size, 256);
	uint32_t state = 2;

	for (size_t i = 1000; i < size;) {
		size_t length = next_number(&state) % 40 + (next_number(&state) > 250 ? 400 : 1);
		size_t distance = 1 + (next_number(&state) | next_number(&state) << 8 | next_number(&state) % 4 << 16) % i;

		for (; length-- && i < size; i++)
			bytes[i] = bytes[i - distance];
		i += next_number(&state) % 4 == 0;
	}
	return bytes;
}

TEST(lzma_of_every_short_length_is_decoded)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *few = noise(a, 64, 2), *many = noise(a, 64, 256);

	for (size_t size = 0; size <= 64; size++) {
		round_trip(a, few, size);
		round_trip(a, many, size);
	}
}

TEST(lzma_of_long_repeats_is_small)
{
	struct arena *a = unit_compilation()->arena;

	assert_in_range(round_trip(a, arena_alloc(a, SIZE), SIZE), 1, 200);
}

TEST(lzma_of_noise_grows_little)
{
	struct arena *a = unit_compilation()->arena;

	assert_in_range(round_trip(a, noise(a, SIZE, 256), SIZE), SIZE, SIZE + SIZE / 50);
}

TEST(lzma_of_few_letters_is_decoded)
{
	struct arena *a = unit_compilation()->arena;

	for (unsigned letters = 2; letters < 8; letters++)
		round_trip(a, noise(a, SIZE / 4, letters), SIZE / 4);
}

/* What repeats at a distance of more than the dictionary must be written again: the decoder has forgotten it. */
TEST(lzma_reaches_back_as_far_as_the_dictionary)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = noise(a, 2 * LZMA_DICTIONARY + 1, 256);
	size_t at, beyond;

	memcpy(bytes + LZMA_DICTIONARY, bytes, LZMA_DICTIONARY);
	at = round_trip(a, bytes, 2 * LZMA_DICTIONARY);
	bytes = noise(a, 2 * LZMA_DICTIONARY + 1, 256);
	memcpy(bytes + LZMA_DICTIONARY + 1, bytes, LZMA_DICTIONARY);
	beyond = round_trip(a, bytes, 2 * LZMA_DICTIONARY + 1);
	assert_in_range(at, LZMA_DICTIONARY, LZMA_DICTIONARY + LZMA_DICTIONARY / 20);
	assert_in_range(beyond, 2 * LZMA_DICTIONARY, SIZE);
}

/* The stream is part of images: it never changes. */
TEST(lzma_of_these_bytes_is_this_stream)
{
	struct arena *a = unit_compilation()->arena;
	unsigned char *bytes = pieces(a, SIZE);
	size_t size;
	const unsigned char *encoded = encode_lzma(a, bytes, SIZE, &size);
	char text[DIGEST_HEX];
	struct digest digest;

	round_trip(a, bytes, SIZE);
	digest = digest_of(encoded, size);
	digest_format(&digest, text);
	assert_int_equal(size, 48949);
	assert_string_equal(text, "e265924a3cdc804242cf325acf785392d3bd92998ce28d3e99603e08999be1eb");
}

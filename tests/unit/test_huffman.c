#include "unit.h"

#include "emit/huffman.h"

/* The sum of what codes of these lengths take of all there is: 1 << LONGEST when every string of bits means something. */
static uint64_t
taken(const struct huffman_code *codes, size_t count, unsigned longest)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		if (codes[i].length)
			sum += UINT64_C(1) << (longest - codes[i].length);
	return sum;
}

TEST(the_codes_of_rfc_1951)
{
	/* 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) give 010 ... 1111, here with their first bit lowest */
	static const uint32_t frequencies[] = {5, 5, 5, 5, 5, 12, 2, 2};
	static const struct huffman_code expected[] = {
		{2, 3}, {6, 3}, {1, 3}, {5, 3}, {3, 3}, {0, 2}, {7, 4}, {15, 4}};
	struct huffman_code codes[8];

	huffman_codes(frequencies, 8, 15, codes);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(codes[i].length, expected[i].length);
		assert_int_equal(codes[i].bits, expected[i].bits);
	}
}

TEST(no_code_is_longer_than_the_limit_and_none_is_wasted)
{
	uint32_t frequencies[HUFFMAN_SYMBOLS];
	struct huffman_code codes[HUFFMAN_SYMBOLS];
	uint32_t a = 1, b = 1;

	for (size_t i = 0; i < 40; i++) {
		frequencies[i] = a;
		b += a;
		a = b - a;
	}
	for (unsigned longest = 6; longest <= 15; longest++) {
		huffman_codes(frequencies, 40, longest, codes);
		assert_int_equal(taken(codes, 40, longest), UINT64_C(1) << longest);
	}
}

TEST(one_symbol_has_a_code_of_one_bit_and_none_has_none)
{
	uint32_t frequencies[4] = {0, 7, 0, 0};
	struct huffman_code codes[4];

	huffman_codes(frequencies, 4, 7, codes);
	assert_int_equal(codes[1].length, 1);
	assert_int_equal(codes[0].length, 0);
	frequencies[1] = 0;
	huffman_codes(frequencies, 4, 7, codes);
	assert_int_equal(codes[1].length, 0);
}

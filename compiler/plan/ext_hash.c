/* The hash of a name by which an indexed directory is ordered: half MD4, bytes as unsigned (Linux, fs/ext4/hash.c). */
#include "plan/ext.h"
#include "support/little_endian.h"

#include <string.h>

enum {
	PORTION = 32, /* bytes that one transformation takes in */
	WORDS = PORTION / 4,
	STEPS = 8,
};

/* Which word each step of a round takes, and how far it turns. */
static const struct {
	uint32_t constant;
	unsigned char word[STEPS], turn[4];
} rounds[] = {
	{0, {0, 1, 2, 3, 4, 5, 6, 7}, {3, 7, 11, 19}},
	{0x5a827999, {1, 3, 5, 7, 0, 2, 4, 6}, {3, 5, 9, 13}},
	{0x6ed9eba1, {3, 7, 2, 6, 1, 5, 0, 4}, {3, 9, 11, 15}},
};

static uint32_t
turn_left(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static uint32_t
mix(size_t round, uint32_t x, uint32_t y, uint32_t z)
{
	switch (round) {
	case 0:
		return z ^ (x & (y ^ z));
	case 1:
		return (x & y) + ((x ^ y) & z);
	default:
		return x ^ y ^ z;
	}
}

static void
transform(uint32_t state[4], const uint32_t in[WORDS])
{
	uint32_t s[4];

	memcpy(s, state, sizeof s);
	for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++)
		for (size_t i = 0; i < STEPS; i++) {
			size_t to = (4 - i % 4) % 4; /* the four take turns: a, d, c, b */
			uint32_t sum = s[to] + mix(r, s[(to + 1) % 4], s[(to + 2) % 4], s[(to + 3) % 4]);

			s[to] = turn_left(sum + in[rounds[r].word[i]] + rounds[r].constant, rounds[r].turn[i % 4]);
		}
	for (size_t i = 0; i < 4; i++)
		state[i] += s[i];
}

/* The next bytes of the name, of which LENGTH are left, as numbers; what is missing is filled with that length. */
static void
take_words(const unsigned char *name, size_t length, uint32_t in[WORDS])
{
	uint32_t padding = (uint32_t)length | (uint32_t)length << 8;

	padding |= padding << 16;
	for (size_t i = 0; i < WORDS; i++) {
		in[i] = padding;
		for (size_t k = 4 * i; k < 4 * i + 4 && k < length; k++)
			in[i] = in[i] << 8 | name[k];
	}
}

/* What the hash begins with: MD4's own numbers where there is no seed. */
static void
begin(const uint8_t seed[16], uint32_t state[4])
{
	static const uint32_t usual[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
	bool is_nil = true;

	for (size_t i = 0; i < 4; i++) {
		state[i] = get32(seed + 4 * i);
		is_nil &= state[i] == 0;
	}
	if (is_nil)
		memcpy(state, usual, sizeof usual);
}

uint32_t
ext_hash(const uint8_t seed[16], const char *name)
{
	const uint32_t last = 0xfffffffe; /* stands for the end of a directory */
	uint32_t state[4], in[WORDS], hash;
	size_t length = strlen(name);

	begin(seed, state);
	for (size_t at = 0; at < length; at += PORTION) {
		take_words((const unsigned char *)name + at, length - at, in);
		transform(state, in);
	}
	hash = state[1] & ~UINT32_C(1); /* the lowest bit has a meaning of its own in an index */
	return hash == last ? last - 2 : hash;
}

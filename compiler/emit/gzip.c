/* Packs bytes as gzip. Matches are found through chains of equal hashes, one byte's delay deciding between two (RFC 1951, section 4). */
#include "emit/gzip.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "emit/huffman.h"
#include "support/arena.h"
#include "support/checksum.h"
#include "support/memory.h"

enum {
	WINDOW = 32768,
	LEAST_MATCH = 3,
	MOST_MATCH = 258,
	GOOD_MATCH = 64,    /* long enough to look no further */
	MOST_STEPS = 128,   /* along a chain */
	HASH_BITS = 15,
	NOWHERE = -1,
	BLOCK_SYMBOLS = 32768, /* in one block, which has codes of its own */
	END_OF_BLOCK = 256,
	FIRST_LENGTH = 257,
	LITERALS = 286,
	DISTANCES = 30,
	CODE_LENGTHS = 19,
	LONGEST_CODE = 15,
	LONGEST_LENGTH_CODE = 7,
	DYNAMIC_BLOCK = 2,
};

/* A literal byte, with distance 0, or a match. */
struct symbol {
	uint16_t value; /* the byte, or the length */
	uint16_t distance;
};

struct packer {
	const unsigned char *bytes;
	size_t size;
	unsigned char *out;
	size_t out_size, capacity;
	struct arena *arena;
	uint64_t bits;      /* not yet in OUT, the first in bit 0 */
	unsigned bit_count;
	int32_t head[1 << HASH_BITS]; /* the last place with a hash, or NOWHERE */
	int32_t before[WINDOW];       /* of each place in the window: the one before it with its hash */
	struct symbol symbols[BLOCK_SYMBOLS];
	size_t symbol_count;
};

/* What a code of lengths or distances starts at, and how many bits more tell which it is (RFC 1951, 3.2.5). */
struct range {
	uint16_t first;
	uint8_t extra;
};

static const struct range lengths[] = {
	{3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 1}, {13, 1}, {15, 1}, {17, 1}, {19, 2}, {23, 2}, {27, 2},
	{31, 2}, {35, 3}, {43, 3}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
};

static const struct range distances[DISTANCES] = {
	{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}, {7, 1}, {9, 2}, {13, 2}, {17, 3}, {25, 3}, {33, 4}, {49, 4}, {65, 5}, {97, 5}, {129, 6},
	{193, 6}, {257, 7}, {385, 7}, {513, 8}, {769, 8}, {1025, 9}, {1537, 9}, {2049, 10}, {3073, 10}, {4097, 11}, {6145, 11},
	{8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
};

static void
put_byte(struct packer *p, unsigned byte)
{
	if (p->out_size == p->capacity) {
		unsigned char *more = arena_alloc(p->arena, p->capacity * 2);

		memcpy(more, p->out, p->out_size);
		p->out = more;
		p->capacity *= 2;
	}
	p->out[p->out_size++] = (unsigned char)byte;
}

/* COUNT bits of VALUE, the lowest first. */
static void
put_bits(struct packer *p, uint32_t value, unsigned count)
{
	p->bits |= (uint64_t)value << p->bit_count;
	for (p->bit_count += count; p->bit_count >= 8; p->bit_count -= 8, p->bits >>= 8)
		put_byte(p, p->bits & 0xff);
}

static void
put_le32(struct packer *p, uint32_t value)
{
	for (unsigned i = 0; i < 32; i += 8)
		put_byte(p, value >> i & 0xff);
}

/* The index of the range of TABLE that holds VALUE. */
static unsigned
range_of(const struct range *table, unsigned count, unsigned value)
{
	unsigned low = 0, high = count;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		if (table[middle].first <= value)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static unsigned
length_code(unsigned length)
{
	return range_of(lengths, sizeof lengths / sizeof *lengths, length);
}

static unsigned
distance_code(unsigned distance)
{
	return range_of(distances, DISTANCES, distance);
}

/* The codes of a block: those of bytes and lengths, and those of distances. */
struct codes {
	struct huffman_code literal[LITERALS], distance[DISTANCES];
};

static void
choose_codes(const struct packer *p, struct codes *codes)
{
	uint32_t literals[LITERALS] = {[END_OF_BLOCK] = 1}, used[DISTANCES] = {0};

	for (size_t i = 0; i < p->symbol_count; i++) {
		const struct symbol *s = &p->symbols[i];

		if (s->distance) {
			literals[FIRST_LENGTH + length_code(s->value)]++;
			used[distance_code(s->distance)]++;
		} else {
			literals[s->value]++;
		}
	}
	huffman_codes(literals, LITERALS, LONGEST_CODE, codes->literal);
	huffman_codes(used, DISTANCES, LONGEST_CODE, codes->distance);
}

/* A code length, or one of the codes 16 to 18 for a repetition, with what its extra bits say. */
struct length_symbol {
	uint8_t code, repeat;
};

/* The lengths of all codes, one after another, as runs; gives their number (RFC 1951, 3.2.7). */
static size_t
describe_codes(const uint8_t *all, size_t count, struct length_symbol *out)
{
	size_t made = 0, run;

	for (size_t i = 0; i < count; i += run) {
		size_t most = all[i] ? 7 : 138;

		for (run = 1; i + run < count && run < most && all[i + run] == all[i]; run++)
			;
		if (all[i] == 0 && run >= 11) {
			out[made++] = (struct length_symbol){18, (uint8_t)(run - 11)};
		} else if (all[i] == 0 && run >= 3) {
			out[made++] = (struct length_symbol){17, (uint8_t)(run - 3)};
		} else if (all[i] && run >= 4) {
			out[made++] = (struct length_symbol){all[i], 0};
			out[made++] = (struct length_symbol){16, (uint8_t)(run - 4)};
		} else {
			run = 1;
			out[made++] = (struct length_symbol){all[i], 0};
		}
	}
	return made;
}

static size_t
used_codes(const struct huffman_code *codes, size_t count, size_t least)
{
	while (count > least && codes[count - 1].length == 0)
		count--;
	return count;
}

static void
put_code(struct packer *p, const struct huffman_code *code)
{
	put_bits(p, code->bits, code->length);
}

static void
put_codes(struct packer *p, const struct codes *codes)
{
	static const uint8_t order[CODE_LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
	static const uint8_t repeat_bits[CODE_LENGTHS] = {[16] = 2, [17] = 3, [18] = 7};
	size_t literal_count = used_codes(codes->literal, LITERALS, 257), distance_count = used_codes(codes->distance, DISTANCES, 1);
	size_t count = CODE_LENGTHS, symbol_count;
	struct length_symbol symbols[LITERALS + DISTANCES];
	struct huffman_code length_codes[CODE_LENGTHS];
	uint32_t frequencies[CODE_LENGTHS] = {0};
	uint8_t all[LITERALS + DISTANCES];

	for (size_t i = 0; i < literal_count; i++)
		all[i] = codes->literal[i].length;
	for (size_t i = 0; i < distance_count; i++)
		all[literal_count + i] = codes->distance[i].length;
	symbol_count = describe_codes(all, literal_count + distance_count, symbols);
	for (size_t i = 0; i < symbol_count; i++)
		frequencies[symbols[i].code]++;
	huffman_codes(frequencies, CODE_LENGTHS, LONGEST_LENGTH_CODE, length_codes);
	while (count > 4 && length_codes[order[count - 1]].length == 0)
		count--;
	put_bits(p, (uint32_t)literal_count - 257, 5);
	put_bits(p, (uint32_t)distance_count - 1, 5);
	put_bits(p, (uint32_t)count - 4, 4);
	for (size_t i = 0; i < count; i++)
		put_bits(p, length_codes[order[i]].length, 3);
	for (size_t i = 0; i < symbol_count; i++) {
		put_code(p, &length_codes[symbols[i].code]);
		put_bits(p, symbols[i].repeat, repeat_bits[symbols[i].code]);
	}
}

static void
put_symbol(struct packer *p, const struct codes *codes, struct symbol s)
{
	unsigned length, distance;

	if (!s.distance) {
		put_code(p, &codes->literal[s.value]);
		return;
	}
	length = length_code(s.value);
	distance = distance_code(s.distance);
	put_code(p, &codes->literal[FIRST_LENGTH + length]);
	put_bits(p, s.value - (uint32_t)lengths[length].first, lengths[length].extra);
	put_code(p, &codes->distance[distance]);
	put_bits(p, s.distance - (uint32_t)distances[distance].first, distances[distance].extra);
}

static void
end_block(struct packer *p, bool is_last)
{
	struct codes codes;

	choose_codes(p, &codes);
	put_bits(p, is_last, 1);
	put_bits(p, DYNAMIC_BLOCK, 2);
	put_codes(p, &codes);
	for (size_t i = 0; i < p->symbol_count; i++)
		put_symbol(p, &codes, p->symbols[i]);
	put_code(p, &codes.literal[END_OF_BLOCK]);
	p->symbol_count = 0;
}

static void
add_symbol(struct packer *p, unsigned value, size_t distance)
{
	if (p->symbol_count == BLOCK_SYMBOLS)
		end_block(p, false);
	p->symbols[p->symbol_count++] = (struct symbol){(uint16_t)value, (uint16_t)distance};
}

/* Of the three bytes at AT, as if they were written big-endian. */
static uint32_t
hash_at(const struct packer *p, size_t at)
{
	uint32_t three = (uint32_t)p->bytes[at] << 16 | (uint32_t)p->bytes[at + 1] << 8 | p->bytes[at + 2];

	return three * 2654435761u >> (32 - HASH_BITS);
}

/* Makes AT a place to be found. */
static void
enter(struct packer *p, size_t at)
{
	uint32_t hash;

	if (p->size - at < LEAST_MATCH)
		return;
	hash = hash_at(p, at);
	p->before[at % WINDOW] = p->head[hash];
	p->head[hash] = (int32_t)at;
}

static size_t
common_length(const struct packer *p, size_t a, size_t b)
{
	size_t most = p->size - b < MOST_MATCH ? p->size - b : MOST_MATCH, length = 0;

	while (length < most && p->bytes[a + length] == p->bytes[b + length])
		length++;
	return length;
}

/* The longest match for what stands at AT, of several the nearest; its length, below LEAST_MATCH for none. */
static size_t
find(const struct packer *p, size_t at, size_t *distance)
{
	size_t best = LEAST_MATCH - 1;
	int32_t candidate;

	if (p->size - at < LEAST_MATCH)
		return 0;
	candidate = p->head[hash_at(p, at)];
	for (int steps = 0; steps < MOST_STEPS && candidate != NOWHERE && at - (size_t)candidate < WINDOW; steps++) {
		size_t length = 0;

		/* Only what goes on at the end of the best can be better. */
		if (at + best < p->size && p->bytes[(size_t)candidate + best] == p->bytes[at + best])
			length = common_length(p, (size_t)candidate, at);
		if (length > best) {
			best = length;
			*distance = at - (size_t)candidate;
		}
		if (best >= GOOD_MATCH)
			break;
		candidate = p->before[(size_t)candidate % WINDOW];
	}
	return best;
}

/* All symbols: at each place the longest match, unless the next place has a longer one. */
static void
pack(struct packer *p)
{
	size_t at = 0, distance = 0, next_distance = 0, length = find(p, 0, &distance);

	while (at < p->size) {
		size_t next;

		enter(p, at);
		next = at + 1 < p->size && length < GOOD_MATCH ? find(p, at + 1, &next_distance) : 0;
		if (length < LEAST_MATCH || next > length) {
			add_symbol(p, p->bytes[at++], 0);
			length = next;
			distance = next_distance;
			continue;
		}
		add_symbol(p, (unsigned)length, distance);
		for (size_t end = at++ + length; at < end; at++)
			enter(p, at);
		length = at < p->size ? find(p, at, &distance) : 0;
	}
	end_block(p, true);
}

const unsigned char *
gzip(struct arena *a, const unsigned char *bytes, size_t size, size_t *packed_size)
{
	static const unsigned char header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}; /* deflate, no time, no particular system */
	struct packer *p = ARENA_NEW(a, struct packer);

	ASSERT(size <= INT32_MAX);
	p->arena = a;
	p->bytes = bytes;
	p->size = size;
	p->capacity = size / 2 + 1024;
	p->out = arena_alloc(a, p->capacity);
	for (size_t i = 0; i < sizeof p->head / sizeof *p->head; i++)
		p->head[i] = NOWHERE;
	for (size_t i = 0; i < sizeof header; i++)
		put_byte(p, header[i]);
	pack(p);
	put_bits(p, 0, 7); /* up to a whole byte */
	put_le32(p, checksum_crc32(bytes, size));
	put_le32(p, (uint32_t)size);
	*packed_size = p->out_size;
	return p->out;
}

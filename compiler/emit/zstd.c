/* Packs bytes as Zstandard. Matches are found through chains of equal hashes, and two bytes' delay may find better ones. */
#include "emit/zstd.h"

#include <stdbool.h>
#include <string.h>

#include "emit/zstd_block.h"
#include "support/arena.h"
#include "support/checksum.h"
#include "support/integer.h"
#include "support/little_endian.h"
#include "support/memory.h"

#define MAGIC 0xfd2fb528
#define NOWHERE UINT32_MAX

enum {
	LEAST_WINDOW_LOG = 10,
	MOST_WINDOW_LOG = 23,
	HASH_BITS = 19,
	HASHED = 4,         /* bytes */
	GOOD_MATCH = 64,    /* long enough to look no further */
	MOST_STEPS = 8,    /* along a chain */
	FRAME_HEADER = 14,
	BLOCK_HEADER = 3,
	CHECKSUM = 4,
	RAW = 0, RLE = 1, COMPRESSED = 2,
};

/* OFFSET as it is written (struct zstd_sequence), DISTANCE as it is meant. */
struct match {
	uint32_t length, distance, offset;
};

struct packer {
	const unsigned char *bytes;
	uint32_t size, block_end, window;
	uint32_t entered;                  /* the first byte that is no place to be found yet */
	uint32_t latest[1 << HASH_BITS];   /* the last place with a hash, or NOWHERE */
	uint32_t *earlier;                 /* of each place in the window: the one before it with its hash */
	uint32_t repeats[ZSTD_REPEATS];    /* the distances of late */
	struct zstd_block block;
	unsigned char literals[ZSTD_ROOM], sequences[ZSTD_ROOM];
	unsigned char *out;
	size_t out_size;
};

static uint32_t
hash_at(const struct packer *p, uint32_t at)
{
	return get32(p->bytes + at) * 2654435761u >> (32 - HASH_BITS);
}

/* Makes all bytes in front of END places to be found. */
static void
enter(struct packer *p, uint32_t end)
{
	for (; p->entered < end && p->size - p->entered >= HASHED; p->entered++) {
		uint32_t *latest = &p->latest[hash_at(p, p->entered)];

		p->earlier[p->entered & (p->window - 1)] = *latest;
		*latest = p->entered;
	}
}

/* How many bytes at AT are those DISTANCE before, up to the end of the block. */
static uint32_t
common_length(const struct packer *p, uint32_t at, uint32_t distance)
{
	const unsigned char *here = p->bytes + at, *there = here - distance;
	uint32_t most = p->block_end - at, length = 0;

	while (most - length >= 8 && memcmp(here + length, there + length, 8) == 0)
		length += 8;
	while (length < most && here[length] == there[length])
		length++;
	return length;
}

/* What a match saves, in about quarters of a byte: each byte of it, less the bits of its offset. */
static int
gain(struct match m)
{
	return (int)m.length * 4 - (int)highest_bit(m.offset + 1);
}

/* The distance that OFFSET (1 to 3) means behind LITERALS (3.1.1.5); 0: none. */
static uint32_t
repeated(const struct packer *p, uint32_t offset, uint32_t literals)
{
	uint32_t index = offset - 1 + (literals == 0);

	return index < ZSTD_REPEATS ? p->repeats[index] : p->repeats[0] - 1;
}

static struct match
find_repeat(const struct packer *p, uint32_t at, uint32_t literals)
{
	struct match best = {0};

	for (uint32_t offset = 1; offset <= ZSTD_REPEATS; offset++) {
		uint32_t distance = repeated(p, offset, literals);
		struct match m = {.distance = distance, .offset = offset};

		if (distance == 0 || distance > at || distance > p->window)
			continue;
		m.length = common_length(p, at, distance);
		if (m.length >= ZSTD_LEAST_MATCH && (!best.length || gain(m) > gain(best)))
			best = m;
	}
	return best;
}

/* The best match for what stands at AT behind LITERALS; length 0: none. */
static struct match
find(struct packer *p, uint32_t at, uint32_t literals)
{
	struct match best = find_repeat(p, at, literals);
	uint32_t candidate;

	if (p->block_end - at < HASHED || best.length >= GOOD_MATCH)
		return best;
	enter(p, at);
	candidate = p->latest[hash_at(p, at)];
	for (int steps = 0; steps < MOST_STEPS && candidate != NOWHERE && at - candidate < p->window; steps++) {
		struct match m = {.distance = at - candidate, .offset = at - candidate + ZSTD_REPEATS};

		/* Only what goes on at the end of the best can be better. */
		if (at + best.length < p->block_end && p->bytes[candidate + best.length] == p->bytes[at + best.length])
			m.length = common_length(p, at, m.distance);
		if (m.length >= HASHED && (!best.length || gain(m) > gain(best)))
			best = m;
		if (m.length >= GOOD_MATCH)
			break;
		candidate = p->earlier[candidate & (p->window - 1)];
	}
	return best;
}

/* The distances of late behind a match at DISTANCE, written as OFFSET behind LITERALS. */
static void
remember(struct packer *p, struct match m, uint32_t literals)
{
	uint32_t index = m.offset > ZSTD_REPEATS ? ZSTD_REPEATS - 1 : m.offset - 1 + (literals == 0);

	if (index >= ZSTD_REPEATS)
		index = ZSTD_REPEATS - 1;
	memmove(p->repeats + 1, p->repeats, index * sizeof *p->repeats);
	p->repeats[0] = m.distance;
}

static void
add_sequence(struct packer *p, uint32_t start, uint32_t at, struct match m)
{
	struct zstd_block *b = &p->block;
	uint32_t literals = at - start;

	memcpy(b->literals + b->literal_count, p->bytes + start, literals);
	b->literal_count += literals;
	b->sequences[b->sequence_count++] = (struct zstd_sequence){literals, m.length, m.offset};
	remember(p, m, literals);
}

/* Whether to write one byte, or two, and take what is found behind it: *AT and *M are then that. START: the first literal. */
static bool
is_better_later(struct packer *p, uint32_t start, uint32_t *at, struct match *m)
{
	for (uint32_t delay = 1; delay <= 2 && *at + delay < p->block_end; delay++) {
		struct match later = find(p, *at + delay, *at + delay - start);

		if (later.length && gain(later) > gain(*m) + (delay == 1 ? 4 : 7)) {
			*at += delay;
			*m = later;
			return true;
		}
	}
	return false;
}

/* Finds the matches of the block that begins at AT. */
static void
find_sequences(struct packer *p, uint32_t at)
{
	uint32_t start = at;

	p->block.literal_count = p->block.sequence_count = 0;
	while (at < p->block_end) {
		struct match m = find(p, at, at - start);

		if (!m.length) {
			/* where nothing has been found for long, look here and there only */
			at += 1 + (at - start) / 256;
			continue;
		}
		while (m.length < GOOD_MATCH && is_better_later(p, start, &at, &m))
			;
		add_sequence(p, start, at, m);
		start = at += m.length;
		enter(p, at);
	}
	memcpy(p->block.literals + p->block.literal_count, p->bytes + start, p->block_end - start);
	p->block.literal_count += p->block_end - start;
}

static void
put_block(struct packer *p, unsigned type, uint32_t size, const unsigned char *body, size_t body_size)
{
	uint32_t header = (p->block_end == p->size) | type << 1 | size << 3;

	for (unsigned i = 0; i < BLOCK_HEADER; i++)
		p->out[p->out_size++] = (unsigned char)(header >> 8 * i);
	memcpy(p->out + p->out_size, body, body_size);
	p->out_size += body_size;
}

static bool
is_one_byte(const unsigned char *bytes, size_t size)
{
	return size > 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* Packs the block that begins at AT. */
static void
pack_block(struct packer *p, uint32_t at)
{
	uint32_t size = p->block_end - at, repeats[ZSTD_REPEATS];
	size_t literals, sequences;

	if (is_one_byte(p->bytes + at, size)) {
		put_block(p, RLE, size, p->bytes + at, 1);
		return;
	}
	memcpy(repeats, p->repeats, sizeof repeats);
	find_sequences(p, at);
	literals = zstd_put_literals(p->block.literals, p->block.literal_count, p->literals);
	sequences = zstd_put_sequences(p->block.sequences, p->block.sequence_count, p->sequences);
	if (literals + sequences < size) {
		memcpy(p->literals + literals, p->sequences, sequences);
		put_block(p, COMPRESSED, (uint32_t)(literals + sequences), p->literals, literals + sequences);
	} else {
		memcpy(p->repeats, repeats, sizeof repeats); /* a decoder sees no matches in it */
		put_block(p, RAW, size, p->bytes + at, size);
	}
}

/* With a size of 8 bytes, a window and a checksum. */
static void
put_frame_header(struct packer *p)
{
	put32(p->out, MAGIC);
	p->out[4] = 3 << 6 | 1 << 2;
	p->out[5] = (unsigned char)((highest_bit(p->window) - LEAST_WINDOW_LOG) << 3);
	put64(p->out + 6, p->size);
	p->out_size = FRAME_HEADER;
}

static void
begin(struct packer *p, struct arena *a, const unsigned char *bytes, size_t size)
{
	unsigned window_log = LEAST_WINDOW_LOG;

	ASSERT(size < NOWHERE - ZSTD_BLOCK);
	while (window_log < MOST_WINDOW_LOG && size > (size_t)1 << window_log)
		window_log++;
	p->bytes = bytes;
	p->size = (uint32_t)size;
	p->window = UINT32_C(1) << window_log;
	p->earlier = ARENA_ARRAY(a, uint32_t, p->window);
	memset(p->latest, 0xff, sizeof p->latest);
	p->repeats[0] = 1;
	p->repeats[1] = 4;
	p->repeats[2] = 8;
}

const unsigned char *
zstd(struct arena *arena, const unsigned char *bytes, size_t size, size_t *packed_size)
{
	struct arena *scratch = arena_new();
	struct packer *p = ARENA_NEW(scratch, struct packer);
	unsigned char *made;
	uint32_t block;

	begin(p, scratch, bytes, size);
	block = p->window < ZSTD_BLOCK ? p->window : ZSTD_BLOCK;
	p->out = arena_alloc(scratch, FRAME_HEADER + size + BLOCK_HEADER * (size / block + 1) + CHECKSUM);
	put_frame_header(p);
	do {
		uint32_t at = p->block_end;

		p->block_end = p->size - at < block ? p->size : at + block;
		pack_block(p, at);
	} while (p->block_end < p->size);
	put32(p->out + p->out_size, (uint32_t)checksum_xxh64(bytes, size));
	*packed_size = p->out_size + CHECKSUM;
	made = arena_alloc(arena, *packed_size);
	memcpy(made, p->out, *packed_size);
	arena_free(scratch);
	return made;
}

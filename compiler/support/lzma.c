/*
 * Writes LZMA1 as Igor Pavlov's LZMA specification has it. The choices are made one position ahead, by rules of thumb on lengths and
 * distances instead of prices: some percent larger than the best that is possible, and short enough to be checked by reading.
 */
#include "support/lzma.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "support/arena.h"
#include "support/memory.h"

enum {
	LITERAL_CONTEXT_BITS = 3,
	POSITION_STATES = 4, /* pb 2 */
	STATES = 12,
	FIRST_STATE_AFTER_MATCH = 7,
	REPEATS = 4,
	SHORTEST = 2, /* match */
	LONGEST = 273,
	LENGTH_CLASSES = 4, /* of matches, for the slots of their distances */
	SLOT_BITS = 6,
	FIRST_MODELLED_SLOT = 4,
	FIRST_DIRECT_SLOT = 14,
	MODELLED_DISTANCES = 1 << (FIRST_DIRECT_SLOT / 2),
	ALIGN_BITS = 4,
	PROBABILITY_BITS = 11,
	EVEN = 1 << (PROBABILITY_BITS - 1),
	ADAPTION = 5,
	TOP = 1 << 24,
	NOWHERE = UINT32_MAX,
	HASH_BITS = 16,
	MOST_TRIES = 128, /* candidates looked at for one position */
};

struct range_coder {
	struct arena *arena;
	uint64_t low, pending; /* bytes that a carry may still change: CACHE and then 0xff */
	uint32_t range;
	uint8_t cache;
	unsigned char *out;
	size_t size;
};

struct length_coder {
	uint16_t choice, second_choice;
	uint16_t low[POSITION_STATES][8], middle[POSITION_STATES][8], high[256];
};

/* What the decoder will have learnt at one position: nothing but probabilities. */
struct model {
	uint16_t is_match[STATES][POSITION_STATES], is_repeat[STATES], is_not_first[STATES], is_not_second[STATES];
	uint16_t is_fourth[STATES], is_long[STATES][POSITION_STATES];
	uint16_t literal[1 << LITERAL_CONTEXT_BITS][0x300];
	uint16_t slot[LENGTH_CLASSES][1 << SLOT_BITS], distance[MODELLED_DISTANCES], align[1 << ALIGN_BITS];
	struct length_coder match_length, repeat_length;
};

struct match {
	uint32_t length, distance; /* length 0: none */
};

struct encoder {
	const unsigned char *bytes;
	uint32_t size;
	struct range_coder out;
	struct model model;
	unsigned state;
	uint32_t repeats[REPEATS]; /* the last four distances, all from 1 on */
	uint32_t *latest, *earlier; /* by hash of three bytes the last position; by position the one before with this hash */
	uint32_t latest_pair[1 << 16];
	uint32_t entered; /* positions before this one are in the tables */
};

static void
shift(struct range_coder *r)
{
	if ((uint32_t)r->low < 0xff000000 || r->low >> 32) {
		uint8_t carry = (uint8_t)(r->low >> 32), byte = r->cache;

		for (; r->pending; r->pending--) {
			*ARENA_PUSH(r->arena, r->out, r->size) = (unsigned char)(byte + carry);
			byte = 0xff;
		}
		r->cache = (uint8_t)(r->low >> 24);
	}
	r->pending++;
	r->low = (r->low & 0x00ffffff) << 8;
}

static void
put_bit(struct range_coder *r, uint16_t *probability, unsigned bit)
{
	uint32_t bound = (r->range >> PROBABILITY_BITS) * *probability;

	if (bit) {
		r->low += bound;
		r->range -= bound;
		*probability = (uint16_t)(*probability - (*probability >> ADAPTION));
	} else {
		r->range = bound;
		*probability = (uint16_t)(*probability + (((1 << PROBABILITY_BITS) - *probability) >> ADAPTION));
	}
	while (r->range < TOP) {
		r->range <<= 8;
		shift(r);
	}
}

static void
put_direct(struct range_coder *r, uint32_t value, unsigned bits)
{
	while (bits--) {
		r->range >>= 1;
		if (value >> bits & 1)
			r->low += r->range;
		while (r->range < TOP) {
			r->range <<= 8;
			shift(r);
		}
	}
}

/* The highest bit first; each has a probability for every value of those before it. */
static void
put_tree(struct range_coder *r, uint16_t *probabilities, unsigned bits, uint32_t value)
{
	unsigned at = 1;

	while (bits--) {
		unsigned bit = value >> bits & 1;

		put_bit(r, &probabilities[at], bit);
		at = at << 1 | bit;
	}
}

/* The lowest bit first; the tree has its root at PROBABILITIES[1]. */
static void
put_reverse_tree(struct range_coder *r, uint16_t *probabilities, unsigned bits, uint32_t value)
{
	unsigned at = 1;

	for (; bits--; value >>= 1) {
		put_bit(r, &probabilities[at], value & 1);
		at = at << 1 | (value & 1);
	}
}

static void
put_literal(struct encoder *e, uint32_t at)
{
	unsigned before = at ? e->bytes[at - 1] : 0;
	uint16_t *probabilities = e->model.literal[before >> (8 - LITERAL_CONTEXT_BITS)];

	if (e->state < FIRST_STATE_AFTER_MATCH) {
		put_tree(&e->out, probabilities, 8, e->bytes[at]);
	} else {
		/* It is not what the last distance would give: as long as the bits agree, that one's are in the context. */
		unsigned expected = e->bytes[at - e->repeats[0]], same = 0x100, node = 1;

		for (unsigned i = 8; i--;) {
			unsigned bit = e->bytes[at] >> i & 1, guess = expected >> i & 1;

			put_bit(&e->out, &probabilities[same * (1 + guess) + node], bit);
			node = node << 1 | bit;
			if (bit != guess)
				same = 0;
		}
	}
	e->state = e->state < 4 ? 0 : e->state < 10 ? e->state - 3 : e->state - 6;
}

static void
put_length(struct range_coder *r, struct length_coder *l, uint32_t length, unsigned position_state)
{
	uint32_t value = length - SHORTEST;

	put_bit(r, &l->choice, value >= 8);
	if (value < 8) {
		put_tree(r, l->low[position_state], 3, value);
		return;
	}
	put_bit(r, &l->second_choice, value >= 16);
	if (value < 16)
		put_tree(r, l->middle[position_state], 3, value - 8);
	else
		put_tree(r, l->high, 8, value - 16);
}

/* VALUE is the distance less one. Its slot says its two highest bits and how many follow. */
static void
put_distance(struct encoder *e, uint32_t value, uint32_t length)
{
	uint32_t class = length - SHORTEST < LENGTH_CLASSES ? length - SHORTEST : LENGTH_CLASSES - 1;
	uint32_t slot = value, base, bits;

	if (value >= FIRST_MODELLED_SLOT) {
		for (bits = 0; value >> (bits + 2); bits++)
			;
		slot = bits * 2 + (value >> bits);
	}
	put_tree(&e->out, e->model.slot[class], SLOT_BITS, slot);
	if (slot < FIRST_MODELLED_SLOT)
		return;
	bits = (slot >> 1) - 1;
	base = (2 | (slot & 1)) << bits;
	if (slot < FIRST_DIRECT_SLOT) {
		put_reverse_tree(&e->out, e->model.distance + base - slot, bits, value - base);
	} else {
		put_direct(&e->out, (value - base) >> ALIGN_BITS, bits - ALIGN_BITS);
		put_reverse_tree(&e->out, e->model.align, ALIGN_BITS, (value - base) & ((1 << ALIGN_BITS) - 1));
	}
}

/* Says which of the last distances comes again, and makes it the last one. */
static void
put_repeat(struct encoder *e, unsigned index)
{
	uint32_t distance = e->repeats[index];

	put_bit(&e->out, &e->model.is_not_first[e->state], index > 0);
	if (index > 0)
		put_bit(&e->out, &e->model.is_not_second[e->state], index > 1);
	if (index > 1)
		put_bit(&e->out, &e->model.is_fourth[e->state], index > 2);
	memmove(e->repeats + 1, e->repeats, index * sizeof *e->repeats);
	e->repeats[0] = distance;
}

static void
put_match(struct encoder *e, uint32_t at, struct match m)
{
	unsigned position_state = at % POSITION_STATES, index = 0;

	while (index < REPEATS && e->repeats[index] != m.distance)
		index++;
	put_bit(&e->out, &e->model.is_repeat[e->state], index < REPEATS);
	if (index < REPEATS) {
		unsigned state = e->state;

		put_repeat(e, index);
		if (index == 0)
			put_bit(&e->out, &e->model.is_long[state][position_state], m.length > 1);
		if (m.length > 1)
			put_length(&e->out, &e->model.repeat_length, m.length, position_state);
		e->state = state < FIRST_STATE_AFTER_MATCH ? (m.length > 1 ? 8 : 9) : 11;
		return;
	}
	put_length(&e->out, &e->model.match_length, m.length, position_state);
	put_distance(e, m.distance - 1, m.length);
	memmove(e->repeats + 1, e->repeats, (REPEATS - 1) * sizeof *e->repeats);
	e->repeats[0] = m.distance;
	e->state = e->state < FIRST_STATE_AFTER_MATCH ? 7 : 10;
}

static uint32_t
pair_at(const struct encoder *e, uint32_t at)
{
	return (uint32_t)e->bytes[at] | (uint32_t)e->bytes[at + 1] << 8;
}

static uint32_t
hash_at(const struct encoder *e, uint32_t at)
{
	return ((pair_at(e, at) | (uint32_t)e->bytes[at + 2] << 16) * UINT32_C(2654435761)) >> (32 - HASH_BITS);
}

/* Puts the positions before END into the tables. */
static void
enter(struct encoder *e, uint32_t end)
{
	for (; e->entered < end && e->entered + 2 < e->size; e->entered++) {
		uint32_t *latest = &e->latest[hash_at(e, e->entered)];

		e->earlier[e->entered] = *latest;
		*latest = e->entered;
		e->latest_pair[pair_at(e, e->entered)] = e->entered;
	}
}

static uint32_t
length_of_match(const struct encoder *e, uint32_t at, uint32_t distance)
{
	uint32_t length = 0, most = e->size - at < LONGEST ? e->size - at : LONGEST;

	if (distance > at)
		return 0;
	while (length < most && e->bytes[at + length] == e->bytes[at + length - distance])
		length++;
	return length;
}

/* Whether FAR is so much farther than NEAR that a byte more is not worth it. */
static bool
is_too_far(uint32_t far, uint32_t near)
{
	return far >> 7 > near;
}

/* The match at AT that is worth most: the longest, but one byte shorter when that is much nearer. */
static struct match
find_match(struct encoder *e, uint32_t at)
{
	struct match best = {0};
	uint32_t candidate, length;

	if (at + 2 >= e->size)
		return best;
	enter(e, at);
	candidate = e->latest_pair[pair_at(e, at)];
	if (candidate != NOWHERE && at - candidate <= 0x80)
		best = (struct match){SHORTEST, at - candidate};
	candidate = e->latest[hash_at(e, at)];
	for (unsigned tries = MOST_TRIES; tries && candidate != NOWHERE && at - candidate <= LZMA_DICTIONARY; tries--) {
		length = length_of_match(e, at, at - candidate);
		if (length > best.length && length > SHORTEST &&
			!(length == best.length + 1 && is_too_far(at - candidate, best.distance)))
			best = (struct match){length, at - candidate};
		candidate = e->earlier[candidate];
	}
	return best;
}

static struct match
find_repeat(const struct encoder *e, uint32_t at)
{
	struct match best = {0};

	for (unsigned i = 0; i < REPEATS; i++) {
		uint32_t length = length_of_match(e, at, e->repeats[i]);

		if (length >= SHORTEST && length > best.length)
			best = (struct match){length, e->repeats[i]};
	}
	return best;
}

/* A repeat takes some bits less than a match, the more so the farther that is. */
static bool
is_better_repeat(struct match repeat, struct match found)
{
	return repeat.length && (repeat.length + 1 >= found.length ||
		(repeat.length + 2 >= found.length && found.distance > 1 << 9) ||
		(repeat.length + 3 >= found.length && found.distance > 1 << 15));
}

/* Whether it is better to write one literal and take what is found behind it. */
static bool
is_better_later(struct encoder *e, uint32_t at, struct match found)
{
	struct match next = find_match(e, at + 1);

	if (next.length && ((next.length >= found.length && next.distance < found.distance) ||
		(next.length == found.length + 1 && !is_too_far(next.distance, found.distance)) ||
		next.length > found.length + 1 ||
		(next.length + 1 >= found.length && found.length > SHORTEST && is_too_far(found.distance, next.distance))))
		return true;
	return find_repeat(e, at + 1).length + 1 >= found.length && found.length > SHORTEST;
}

/* Length 0: a literal. */
static struct match
choose(struct encoder *e, uint32_t at)
{
	struct match repeat = find_repeat(e, at), found = find_match(e, at);

	if (is_better_repeat(repeat, found))
		return repeat;
	if (found.length && !is_better_later(e, at, found))
		return found;
	if (e->state >= FIRST_STATE_AFTER_MATCH)
		return (struct match){0};
	return length_of_match(e, at, e->repeats[0]) ? (struct match){1, e->repeats[0]} : (struct match){0};
}

static void
begin(struct encoder *e, struct arena *arena, const unsigned char *bytes, size_t size)
{
	uint16_t *probabilities = (uint16_t *)&e->model;

	ASSERT(size < NOWHERE);
	e->bytes = bytes;
	e->size = (uint32_t)size;
	e->out = (struct range_coder){.arena = arena, .range = UINT32_MAX, .pending = 1};
	for (size_t i = 0; i < sizeof e->model / sizeof *probabilities; i++)
		probabilities[i] = EVEN;
	for (unsigned i = 0; i < REPEATS; i++)
		e->repeats[i] = 1;
	e->latest = ARENA_ARRAY(arena, uint32_t, 1 << HASH_BITS);
	e->earlier = ARENA_ARRAY(arena, uint32_t, size);
	memset(e->latest, 0xff, sizeof *e->latest << HASH_BITS);
	memset(e->latest_pair, 0xff, sizeof e->latest_pair);
}

const unsigned char *
encode_lzma(struct arena *arena, const unsigned char *bytes, size_t size, size_t *encoded_size)
{
	struct encoder *e = ARENA_NEW(arena, struct encoder);
	struct match m;

	begin(e, arena, bytes, size);
	for (uint32_t at = 0; at < e->size; at += m.length ? m.length : 1) {
		m = choose(e, at);
		put_bit(&e->out, &e->model.is_match[e->state][at % POSITION_STATES], m.length > 0);
		if (m.length)
			put_match(e, at, m);
		else
			put_literal(e, at);
	}
	for (unsigned i = 0; i < 5; i++)
		shift(&e->out);
	*encoded_size = e->out.size;
	return e->out.out;
}

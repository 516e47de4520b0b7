#include "emit/fse.h"

#include <string.h>

#include "support/integer.h"
#include "support/memory.h"

enum { LEAST_LOG = 5 };

void
bits_put(struct bit_writer *w, uint64_t value, unsigned count)
{
	w->bits |= (value & ((UINT64_C(1) << count) - 1)) << w->count;
	for (w->count += count; w->count >= 8; w->count -= 8, w->bits >>= 8)
		w->bytes[w->size++] = (unsigned char)w->bits;
}

void
bits_flush(struct bit_writer *w)
{
	bits_put(w, 0, (8 - w->count) % 8);
}

void
bits_end(struct bit_writer *w)
{
	bits_put(w, 1, 1);
	bits_flush(w);
}

static unsigned
share_of(const struct fse_shares *s, unsigned symbol)
{
	return s->of[symbol] < 0 ? 1 : (unsigned)s->of[symbol];
}

static unsigned
largest(const struct fse_shares *s)
{
	unsigned best = 0;

	for (unsigned i = 1; i < s->count; i++)
		if (s->of[i] > s->of[best])
			best = i;
	return best;
}

/* By rounding; whoever has most gives or takes what is left. */
void
fse_divide(const uint32_t *frequencies, unsigned count, unsigned log, struct fse_shares *s)
{
	uint64_t total = 0, size = UINT64_C(1) << log;
	int left = (int)size;

	ASSERT(count <= FSE_SYMBOLS && log <= FSE_LOG);
	*s = (struct fse_shares){.count = count, .log = log};
	for (unsigned i = 0; i < count; i++)
		total += frequencies[i];
	for (unsigned i = 0; i < count; i++) {
		uint64_t share = (frequencies[i] * size + total / 2) / total;

		s->of[i] = (int16_t)(frequencies[i] && share == 0 ? 1 : share);
		left -= s->of[i];
	}
	for (; left < 0; left++)
		s->of[largest(s)]--;
	s->of[largest(s)] = (int16_t)(s->of[largest(s)] + left);
}

unsigned
fse_log(size_t total, unsigned count, unsigned most)
{
	unsigned useful = total > 1 ? highest_bit(total - 1) : 0, log = useful > 2 ? useful - 2 : 0, least = highest_bit(count) + 1;

	if (log < least)
		log = least;
	if (log < LEAST_LOG)
		log = LEAST_LOG;
	return log < most ? log : most;
}

/* Behind a symbol without a share: how many more have none. Gives the next symbol. */
static unsigned
put_zeroes(struct bit_writer *w, const struct fse_shares *s, unsigned symbol)
{
	unsigned run = 0;

	while (symbol + run < s->count && !s->of[symbol + run])
		run++;
	symbol += run;
	for (; run >= 3; run -= 3)
		bits_put(w, 3, 2);
	bits_put(w, run, 2);
	return symbol;
}

/* Each share plus 1 takes as many bits as what is left can need, one less where the short ones are not used up. */
void
fse_put_shares(struct bit_writer *w, const struct fse_shares *s)
{
	unsigned left = (1u << s->log) + 1, threshold = 1u << s->log, bits = s->log + 1;

	bits_put(w, s->log - LEAST_LOG, 4);
	for (unsigned symbol = 0; left > 1;) {
		unsigned value = (unsigned)(s->of[symbol] + 1), short_ones = 2 * threshold - 1 - left;

		left -= share_of(s, symbol);
		if (value >= threshold)
			bits_put(w, value + short_ones, bits);
		else
			bits_put(w, value, bits - (value < short_ones));
		symbol++;
		if (value == 1)
			symbol = put_zeroes(w, s, symbol);
		for (; left < threshold && threshold > 1; threshold >>= 1)
			bits--;
	}
	bits_flush(w);
}

/* 256 times the binary logarithm of VALUE, rounded down. */
static uint64_t
logarithm(uint64_t value)
{
	unsigned whole = highest_bit(value);
	uint64_t result = whole, x = value << (31 - whole); /* 1 <= x >> 31 < 2 */

	for (int i = 0; i < 8; i++) {
		x = x * x >> 31;
		result = result << 1 | x >> 32;
		x >>= x >> 32;
	}
	return result;
}

uint64_t
fse_cost(const uint32_t *frequencies, unsigned count, const struct fse_shares *s)
{
	uint64_t cost = 0;

	for (unsigned i = 0; i < count; i++) {
		if (!frequencies[i])
			continue;
		if (i >= s->count || !s->of[i])
			return UINT64_MAX;
		cost += frequencies[i] * (s->log * UINT64_C(256) - logarithm(share_of(s, i)));
	}
	return cost;
}

/* Which state tells which symbol (4.1.1): those of little share from the end on, the others in steps that pass through all states. */
static void
spread(const struct fse_shares *s, uint8_t *symbol_of)
{
	unsigned size = 1u << s->log, step = (size >> 1) + (size >> 3) + 3, end = size, at = 0;

	for (unsigned i = 0; i < s->count; i++)
		if (s->of[i] < 0)
			symbol_of[--end] = (uint8_t)i;
	for (unsigned i = 0; i < s->count; i++)
		for (int k = 0; k < s->of[i]; k++) {
			symbol_of[at] = (uint8_t)i;
			do
				at = (at + step) & (size - 1);
			while (at >= end);
		}
}

void
fse_prepare(struct fse_encoder *e, const struct fse_shares *s)
{
	uint8_t symbol_of[1 << FSE_LOG];
	uint16_t next[FSE_SYMBOLS];
	unsigned start = 0;

	spread(s, symbol_of);
	e->log = s->log;
	for (unsigned i = 0; i < s->count; i++) {
		e->starts[i] = next[i] = (uint16_t)start;
		e->shares[i] = (uint16_t)share_of(s, i);
		start += e->shares[i];
	}
	for (unsigned state = 0; state < 1u << s->log; state++)
		e->states[next[symbol_of[state]]++] = (uint16_t)state;
}

unsigned
fse_begin(const struct fse_encoder *e, unsigned symbol)
{
	return e->states[e->starts[symbol]];
}

/* All states, counted on from their number, lead to those of SYMBOL by as many of their high bits as count those. */
unsigned
fse_put(const struct fse_encoder *e, struct bit_writer *w, unsigned state, unsigned symbol)
{
	unsigned from = state + (1u << e->log), bits = 0;

	while (from >> bits >= 2u * e->shares[symbol])
		bits++;
	bits_put(w, from, bits);
	return e->states[e->starts[symbol] + (from >> bits) - e->shares[symbol]];
}

void
fse_finish(const struct fse_encoder *e, struct bit_writer *w, unsigned state)
{
	bits_put(w, state, e->log);
}

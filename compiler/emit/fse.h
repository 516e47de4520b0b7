#ifndef EMIT_FSE_H
#define EMIT_FSE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Finite state entropy, the table-driven asymmetric numeral systems of Zstandard (RFC 8878, 4.1). A symbol's share is how many of a
 * table's 1 << LOG states are its own; the state one is in tells the symbol, and, with some bits, the state of the symbol before it: what
 * is to be read first is written last.
 */

enum { FSE_SYMBOLS = 64, FSE_LOG = 9 }; /* at most */

/* Bits, the first in bit 0 of the first byte, in room that is large enough for them. */
struct bit_writer {
	unsigned char *bytes;
	size_t size;    /* whole bytes so far */
	uint64_t bits;  /* not yet among them */
	unsigned count;
};

/* Writes the COUNT (at most 32) lowest bits of VALUE. */
void bits_put(struct bit_writer *, uint64_t value, unsigned count);

/* Fills up to a whole byte with zeroes; for who reads from the end on (bits_end), behind a one that tells where that is. */
void bits_flush(struct bit_writer *);
void bits_end(struct bit_writer *);

/* The shares of COUNT symbols; -1: as little as can be, which counts as 1. */
struct fse_shares {
	int16_t of[FSE_SYMBOLS];
	unsigned count, log;
};

/* Shares of 1 << LOG states by FREQUENCIES, of which two at least are not zero. */
void fse_divide(const uint32_t *frequencies, unsigned count, unsigned log, struct fse_shares *);

/* The smallest useful and allowed LOG for TOTAL symbols, of COUNT kinds, where MOST is the largest that is allowed. */
unsigned fse_log(size_t total, unsigned count, unsigned most);

/* Writes SHARES as a decoder reads them (4.1.1). */
void fse_put_shares(struct bit_writer *, const struct fse_shares *);

/* How many bits symbols of these FREQUENCIES take with SHARES, in 256ths of a bit; UINT64_MAX if some have none. */
uint64_t fse_cost(const uint32_t *frequencies, unsigned count, const struct fse_shares *);

struct fse_encoder {
	uint16_t states[1 << FSE_LOG]; /* those of a symbol, ascending, from STARTS of it on */
	uint16_t starts[FSE_SYMBOLS], shares[FSE_SYMBOLS];
	unsigned log;
};

void fse_prepare(struct fse_encoder *, const struct fse_shares *);

/* The state in which the last symbol is told. */
unsigned fse_begin(const struct fse_encoder *, unsigned symbol);

/* Writes what leads from the state that tells SYMBOL to STATE, and gives the former. */
unsigned fse_put(const struct fse_encoder *, struct bit_writer *, unsigned state, unsigned symbol);

/* Writes the state that is read first. */
void fse_finish(const struct fse_encoder *, struct bit_writer *, unsigned state);

#endif

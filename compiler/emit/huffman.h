#ifndef EMIT_HUFFMAN_H
#define EMIT_HUFFMAN_H

#include <stddef.h>
#include <stdint.h>

enum { HUFFMAN_SYMBOLS = 286 }; /* at most */

/* A prefix code's bits as deflate writes them, the first in bit 0; length 0: the symbol is not used. */
struct huffman_code {
	uint16_t bits;
	uint8_t length;
};

/*
 * The canonical codes (RFC 1951, 3.2.2) of COUNT symbols with these FREQUENCIES, none longer than LONGEST bits. Symbols of equal
 * frequency get their codes by number, so that there is one answer.
 */
void huffman_codes(const uint32_t *frequencies, size_t count, unsigned longest, struct huffman_code *codes);

#endif

/* Writes the literals of a block: as they are, as one byte that is repeated, or by a prefix code (RFC 8878, 3.1.1.3.1). */
#include "emit/zstd_block.h"

#include <stdbool.h>
#include <string.h>

#include "emit/fse.h"
#include "emit/huffman.h"
#include "support/little_endian.h"
#include "support/memory.h"

enum {
	BYTES = 256,
	LONGEST_CODE = 11,
	WEIGHTS = LONGEST_CODE + 1,
	LONGEST_WEIGHT_LOG = 6,
	MOST_PLAIN_WEIGHTS = 128,
	MOST_PACKED_WEIGHTS = 127, /* bytes */
	SINGLE_STREAM = 256,       /* so many literals are written in one stream, more in four */
	RAW = 0, RLE = 1, COMPRESSED = 2,
};

struct codes {
	uint16_t bits[BYTES];
	uint8_t length[BYTES];
	unsigned longest;
	unsigned last; /* the highest byte that has a code */
};

/* The longest codes come first, those of one length by their bytes (4.2.1). */
static void
assign(struct codes *codes)
{
	unsigned next = 0;

	for (unsigned length = codes->longest; length > 0; length--, next >>= 1)
		for (unsigned i = 0; i < BYTES; i++)
			if (codes->length[i] == length)
				codes->bits[i] = (uint16_t)next++;
}

static void
choose(const uint32_t *frequencies, struct codes *codes)
{
	struct huffman_code made[BYTES];

	*codes = (struct codes){0};
	huffman_codes(frequencies, BYTES, LONGEST_CODE, made);
	for (unsigned i = 0; i < BYTES; i++) {
		codes->length[i] = made[i].length;
		if (made[i].length > codes->longest)
			codes->longest = made[i].length;
		if (made[i].length)
			codes->last = i;
	}
	assign(codes);
}

static unsigned
weight(const struct codes *codes, unsigned byte)
{
	return codes->length[byte] ? codes->longest + 1 - codes->length[byte] : 0;
}

/* Four bits each; the last one follows from the others (4.2.1.1). */
static size_t
put_plain_weights(const struct codes *codes, unsigned char *out)
{
	out[0] = (unsigned char)(127 + codes->last);
	for (unsigned i = 0; i < codes->last; i += 2)
		out[1 + i / 2] = (unsigned char)(weight(codes, i) << 4 | (i + 1 < codes->last ? weight(codes, i + 1) : 0));
	return 1 + (codes->last + 1) / 2;
}

/* By two states in turn (4.2.1.2). 0: it cannot be done. */
static size_t
put_packed_weights(const struct codes *codes, unsigned char *out)
{
	struct bit_writer w = {.bytes = out + 1};
	uint32_t frequencies[WEIGHTS] = {0};
	struct fse_encoder encoder;
	struct fse_shares shares;
	unsigned kinds = 0, states[2];

	for (unsigned i = 0; i < codes->last; i++)
		kinds += frequencies[weight(codes, i)]++ == 0;
	if (kinds < 2)
		return 0;
	fse_divide(frequencies, WEIGHTS, fse_log(codes->last, WEIGHTS, LONGEST_WEIGHT_LOG), &shares);
	fse_put_shares(&w, &shares);
	fse_prepare(&encoder, &shares);
	for (unsigned i = codes->last; i-- > 0;)
		states[i % 2] = i + 2 >= codes->last ? fse_begin(&encoder, weight(codes, i)) :
			fse_put(&encoder, &w, states[i % 2], weight(codes, i));
	fse_finish(&encoder, &w, states[1]);
	fse_finish(&encoder, &w, states[0]);
	bits_end(&w);
	if (w.size > MOST_PACKED_WEIGHTS)
		return 0;
	out[0] = (unsigned char)w.size;
	return 1 + w.size;
}

/* The shorter way. OUT has room for either. 0: there is none. */
static size_t
put_weights(const struct codes *codes, unsigned char *out)
{
	size_t packed = put_packed_weights(codes, out);

	if (codes->last <= MOST_PLAIN_WEIGHTS && (packed == 0 || 1 + (codes->last + 1) / 2 <= packed))
		return put_plain_weights(codes, out);
	return packed;
}

/* The last byte first, since it is read from the end on. */
static size_t
put_stream(const struct codes *codes, const unsigned char *literals, size_t count, unsigned char *out)
{
	struct bit_writer w = {.bytes = out};

	while (count-- > 0)
		bits_put(&w, codes->bits[literals[count]], codes->length[literals[count]]);
	bits_end(&w);
	return w.size;
}

static size_t
put_streams(const struct codes *codes, const unsigned char *literals, size_t count, unsigned char *out)
{
	size_t quarter = (count + 3) / 4, size = 6;

	if (count < SINGLE_STREAM)
		return put_stream(codes, literals, count, out);
	for (size_t i = 0; i < 4; i++) {
		size_t made = put_stream(codes, literals + i * quarter, i < 3 ? quarter : count - 3 * quarter, out + size);

		if (i < 3)
			put16(out + 2 * i, (uint32_t)made);
		size += made;
	}
	return size;
}

/* RAW and RLE: the number of literals in 5, 12 or 20 bits. */
static size_t
put_plain_header(unsigned type, size_t count, unsigned char *out)
{
	if (count < 32) {
		out[0] = (unsigned char)(type | count << 3);
		return 1;
	}
	if (count < 4096) {
		put16(out, (uint32_t)(type | 1 << 2 | count << 4));
		return 2;
	}
	put16(out, (uint32_t)(type | 3 << 2 | count << 4));
	out[2] = (unsigned char)(count >> 12);
	return 3;
}

/* COMPRESSED: the number of literals and the bytes that they take, in 10, 14 or 18 bits each. */
static size_t
put_header(size_t count, size_t packed, unsigned char *out)
{
	unsigned bits = count < 1 << 10 ? 10 : count < 1 << 14 ? 14 : 18;
	unsigned format = count < SINGLE_STREAM ? 0 : bits == 10 ? 1 : bits == 14 ? 2 : 3;
	struct bit_writer w = {.bytes = out};

	bits_put(&w, COMPRESSED, 2);
	bits_put(&w, format, 2);
	bits_put(&w, count, bits);
	bits_put(&w, packed, bits);
	return w.size;
}

static size_t
put_compressed(const uint32_t *frequencies, const unsigned char *literals, size_t count, unsigned char *out)
{
	unsigned char *body = out + 5; /* behind the longest header */
	size_t header, size;
	struct codes codes;

	choose(frequencies, &codes);
	size = put_weights(&codes, body);
	if (size == 0)
		return SIZE_MAX;
	size += put_streams(&codes, literals, count, body + size);
	if (size >= count)
		return SIZE_MAX;
	header = put_header(count, size, out);
	memmove(out + header, body, size);
	return header + size;
}

size_t
zstd_put_literals(const unsigned char *literals, size_t count, unsigned char *out)
{
	uint32_t frequencies[BYTES] = {0};
	size_t header, size;

	for (size_t i = 0; i < count; i++)
		frequencies[literals[i]]++;
	if (count > 1 && frequencies[literals[0]] == count) {
		header = put_plain_header(RLE, count, out);
		out[header] = literals[0];
		return header + 1;
	}
	size = count > 1 ? put_compressed(frequencies, literals, count, out) : SIZE_MAX;
	if (size < count)
		return size;
	header = put_plain_header(RAW, count, out);
	memcpy(out + header, literals, count);
	return header + count;
}

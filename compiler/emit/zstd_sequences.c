/* Writes the sequences of a block: three interleaved streams of codes, each by the table that costs least (RFC 8878, 3.1.1.3.2). */
#include "emit/zstd_block.h"

#include "emit/fse.h"
#include "support/little_endian.h"

/* The values of a code begin at FIRST and go on for 1 << EXTRA. */
struct range {
	uint32_t first;
	uint8_t extra;
};

static const struct range literal_ranges[] = {
	{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0},
	{15, 0}, {16, 1}, {18, 1}, {20, 1}, {22, 1}, {24, 2}, {28, 2}, {32, 3}, {40, 3}, {48, 4}, {64, 6}, {128, 7}, {256, 8}, {512, 9},
	{1024, 10}, {2048, 11}, {4096, 12}, {8192, 13}, {16384, 14}, {32768, 15}, {65536, 16},
};

static const struct range length_ranges[] = {
	{3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0}, {15, 0}, {16, 0}, {17, 0},
	{18, 0}, {19, 0}, {20, 0}, {21, 0}, {22, 0}, {23, 0}, {24, 0}, {25, 0}, {26, 0}, {27, 0}, {28, 0}, {29, 0}, {30, 0}, {31, 0},
	{32, 0}, {33, 0}, {34, 0}, {35, 1}, {37, 1}, {39, 1}, {41, 1}, {43, 2}, {47, 2}, {51, 3}, {59, 3}, {67, 4}, {83, 4}, {99, 5},
	{131, 7}, {259, 8}, {515, 9}, {1027, 10}, {2051, 11}, {4099, 12}, {8195, 13}, {16387, 14}, {32771, 15}, {65539, 16},
};

enum {
	LITERAL_CODES = sizeof literal_ranges / sizeof *literal_ranges,
	LENGTH_CODES = sizeof length_ranges / sizeof *length_ranges,
	OFFSET_CODES = 29, /* of which the predefined table knows; a window of 8 MiB needs fewer */
};

enum kind { LITERALS, OFFSETS, LENGTHS, KINDS }; /* in the order of their tables */

enum mode { PREDEFINED, RLE, COMPRESSED };

static const struct {
	unsigned codes, most_log;
	struct fse_shares predefined;
} kinds[KINDS] = {
	[LITERALS] = {LITERAL_CODES, 9, {
		{4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1},
		LITERAL_CODES, 6}},
	[OFFSETS] = {OFFSET_CODES, 8, {
		{1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}, OFFSET_CODES, 5}},
	[LENGTHS] = {LENGTH_CODES, 9, {
		{1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1}, LENGTH_CODES, 6}},
};

/* The codes of one sequence, and what their extra bits say. */
struct coded {
	uint8_t code[KINDS], extra[KINDS];
	uint32_t rest[KINDS];
};

struct stream {
	struct fse_encoder encoder;
	unsigned state, mode, only; /* ONLY: the code of RLE, which takes no bits */
};

static unsigned
code_of(const struct range *ranges, unsigned count, uint32_t value)
{
	unsigned low = 0;

	while (count - low > 1) {
		unsigned middle = (low + count) / 2;

		if (ranges[middle].first <= value)
			low = middle;
		else
			count = middle;
	}
	return low;
}

static struct coded
coded(const struct zstd_sequence *s)
{
	unsigned literals = code_of(literal_ranges, LITERAL_CODES, s->literals), length = code_of(length_ranges, LENGTH_CODES, s->length);
	unsigned offset = 0;

	while (s->offset >> offset > 1)
		offset++;
	return (struct coded){
		.code = {[LITERALS] = (uint8_t)literals, [OFFSETS] = (uint8_t)offset, [LENGTHS] = (uint8_t)length},
		.extra = {[LITERALS] = literal_ranges[literals].extra, [OFFSETS] = (uint8_t)offset, [LENGTHS] = length_ranges[length].extra},
		.rest = {[LITERALS] = s->literals - literal_ranges[literals].first, [OFFSETS] = s->offset - (UINT32_C(1) << offset),
			[LENGTHS] = s->length - length_ranges[length].first},
	};
}

/* Chooses how the codes of KIND are written, with these FREQUENCIES, and writes the table for it. */
static void
choose(enum kind kind, const uint32_t *frequencies, size_t total, struct bit_writer *w, struct stream *stream)
{
	const struct fse_shares *predefined = &kinds[kind].predefined;
	unsigned char table[FSE_SYMBOLS * 2 + 8];
	struct bit_writer own = {.bytes = table};
	struct fse_shares shares;
	unsigned used = 0, count = 0;

	for (unsigned i = 0; i < kinds[kind].codes; i++)
		if (frequencies[i]) {
			used++;
			count = i + 1;
		}
	if (used == 1) {
		stream->mode = RLE;
		stream->only = count - 1;
		bits_put(w, stream->only, 8);
		return;
	}
	fse_divide(frequencies, count, fse_log(total, count, kinds[kind].most_log), &shares);
	fse_put_shares(&own, &shares);
	stream->mode = COMPRESSED;
	if (fse_cost(frequencies, count, predefined) <= fse_cost(frequencies, count, &shares) + own.size * 8 * 256) {
		stream->mode = PREDEFINED;
		shares = *predefined;
	}
	fse_prepare(&stream->encoder, &shares);
	for (size_t i = 0; stream->mode == COMPRESSED && i < own.size; i++)
		bits_put(w, table[i], 8);
}

static void
put_code(struct stream *stream, struct bit_writer *w, unsigned code)
{
	if (stream->mode != RLE)
		stream->state = fse_put(&stream->encoder, w, stream->state, code);
}

/* The last sequence first. */
static void
put_stream(const struct zstd_sequence *sequences, size_t count, struct stream *streams, struct bit_writer *w)
{
	for (size_t i = count; i-- > 0;) {
		struct coded c = coded(&sequences[i]);

		if (i == count - 1) {
			for (unsigned kind = 0; kind < KINDS; kind++)
				if (streams[kind].mode != RLE)
					streams[kind].state = fse_begin(&streams[kind].encoder, c.code[kind]);
		} else {
			put_code(&streams[OFFSETS], w, c.code[OFFSETS]);
			put_code(&streams[LENGTHS], w, c.code[LENGTHS]);
			put_code(&streams[LITERALS], w, c.code[LITERALS]);
		}
		bits_put(w, c.rest[LITERALS], c.extra[LITERALS]);
		bits_put(w, c.rest[LENGTHS], c.extra[LENGTHS]);
		bits_put(w, c.rest[OFFSETS], c.extra[OFFSETS]);
	}
	for (unsigned kind = KINDS; kind-- > 0;)
		if (streams[kind].mode != RLE)
			fse_finish(&streams[kind].encoder, w, streams[kind].state);
	bits_end(w);
}

static void
put_count(struct bit_writer *w, size_t count)
{
	if (count < 128) {
		bits_put(w, count, 8);
	} else if (count < 0x7f00) {
		bits_put(w, (count >> 8) + 128, 8);
		bits_put(w, count, 8);
	} else {
		bits_put(w, 255, 8);
		bits_put(w, count - 0x7f00, 16);
	}
}

size_t
zstd_put_sequences(const struct zstd_sequence *sequences, size_t count, unsigned char *out)
{
	uint32_t frequencies[KINDS][FSE_SYMBOLS] = {{0}};
	struct bit_writer w = {.bytes = out};
	struct stream streams[KINDS] = {{.mode = PREDEFINED}};
	size_t modes;

	put_count(&w, count);
	if (count == 0)
		return w.size;
	for (size_t i = 0; i < count; i++) {
		struct coded c = coded(&sequences[i]);

		for (unsigned kind = 0; kind < KINDS; kind++)
			frequencies[kind][c.code[kind]]++;
	}
	modes = w.size;
	bits_put(&w, 0, 8);
	for (unsigned kind = 0; kind < KINDS; kind++)
		choose((enum kind)kind, frequencies[kind], count, &w, &streams[kind]);
	out[modes] = (unsigned char)(streams[LITERALS].mode << 6 | streams[OFFSETS].mode << 4 | streams[LENGTHS].mode << 2);
	put_stream(sequences, count, streams, &w);
	return w.size;
}

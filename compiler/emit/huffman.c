/* Decides prefix codes: the lengths by Huffman's method, cut to a limit, and from them the canonical codes. */
#include "emit/huffman.h"

#include <stdlib.h>
#include <string.h>

#include "support/memory.h"

enum { MOST_LENGTH = 32 };

struct leaf {
	uint32_t frequency;
	uint16_t symbol;
};

static int
compare_leaves(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	if (x->frequency != y->frequency)
		return x->frequency < y->frequency ? -1 : 1;
	return x->symbol < y->symbol ? -1 : 1;
}

/* A tree over LEAVES, which ascend: leaves and inner nodes wait in two queues, of which the lighter head is taken (van Leeuwen). */
struct tree {
	const struct leaf *leaves;
	size_t leaf_count, next_leaf;
	uint64_t weights[HUFFMAN_SYMBOLS]; /* of the inner nodes */
	size_t parents[2 * HUFFMAN_SYMBOLS]; /* leaves first, then inner nodes; indices of inner nodes */
	size_t inner_count, next_inner;
};

/* Takes the lightest node that has no parent yet, a leaf before an inner node of its weight, and makes it a child of PARENT. */
static uint64_t
take(struct tree *t, size_t parent)
{
	if (t->next_leaf < t->leaf_count &&
	    (t->next_inner == t->inner_count || t->leaves[t->next_leaf].frequency <= t->weights[t->next_inner])) {
		t->parents[t->next_leaf] = parent;
		return t->leaves[t->next_leaf++].frequency;
	}
	t->parents[t->leaf_count + t->next_inner] = parent;
	return t->weights[t->next_inner++];
}

/* How many leaves there are at each depth; those that are deeper than LONGEST count as at LONGEST. */
static void
count_depths(const struct leaf *leaves, size_t count, unsigned longest, size_t depths[MOST_LENGTH])
{
	struct tree t = {.leaves = leaves, .leaf_count = count};
	unsigned depth_of[HUFFMAN_SYMBOLS] = {0};

	memset(depths, 0, MOST_LENGTH * sizeof *depths);
	while (t.inner_count + 1 < count) {
		uint64_t weight = take(&t, t.inner_count);

		weight += take(&t, t.inner_count);
		t.weights[t.inner_count++] = weight;
	}
	for (size_t i = t.inner_count - 1; i-- > 0;)
		depth_of[i] = depth_of[t.parents[count + i]] + 1;
	for (size_t i = 0; i < count; i++) {
		unsigned depth = depth_of[t.parents[i]] + 1;

		depths[depth < longest ? depth : longest]++;
	}
}

/* Where cutting has made the codes too many (Kraft), a shorter one is made longer and takes one of the longest beside it. */
static void
make_fit(size_t depths[MOST_LENGTH], unsigned longest)
{
	uint64_t taken = 0;

	for (unsigned i = 1; i <= longest; i++)
		taken += (uint64_t)depths[i] << (longest - i);
	for (; taken > UINT64_C(1) << longest; taken--) {
		unsigned from = longest - 1;

		while (depths[from] == 0)
			from--;
		depths[from]--;
		depths[from + 1] += 2;
		depths[longest]--;
	}
}

static uint16_t
reverse(uint32_t bits, unsigned length)
{
	uint32_t reversed = 0;

	for (unsigned i = 0; i < length; i++)
		reversed |= (bits >> i & 1) << (length - 1 - i);
	return (uint16_t)reversed;
}

/* The codes of one length follow one another by symbol, and go on where those of the length before ended. */
static void
assign_codes(const size_t depths[MOST_LENGTH], unsigned longest, size_t count, struct huffman_code *codes)
{
	uint32_t next[MOST_LENGTH] = {0}, code = 0;

	for (unsigned length = 1; length <= longest; length++) {
		next[length] = code;
		code = (code + (uint32_t)depths[length]) << 1;
	}
	for (size_t i = 0; i < count; i++)
		if (codes[i].length)
			codes[i].bits = reverse(next[codes[i].length]++, codes[i].length);
}

void
huffman_codes(const uint32_t *frequencies, size_t count, unsigned longest, struct huffman_code *codes)
{
	struct leaf leaves[HUFFMAN_SYMBOLS];
	size_t depths[MOST_LENGTH] = {0}, used = 0, at;

	ASSERT(count <= HUFFMAN_SYMBOLS && longest < MOST_LENGTH);
	memset(codes, 0, count * sizeof *codes);
	for (size_t i = 0; i < count; i++)
		if (frequencies[i])
			leaves[used++] = (struct leaf){frequencies[i], (uint16_t)i};
	if (used == 0)
		return;
	qsort(leaves, used, sizeof *leaves, compare_leaves);
	if (used == 1)
		depths[1] = 1;
	else
		count_depths(leaves, used, longest, depths);
	make_fit(depths, longest);
	at = used;
	for (unsigned length = 1; length <= longest; length++)
		for (size_t i = 0; i < depths[length]; i++)
			codes[leaves[--at].symbol].length = (uint8_t)length;
	assign_codes(depths, longest, count, codes);
}

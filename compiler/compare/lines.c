/*
 * Decides in which lines two texts differ: the shortest script of lines to take away and to add (E. W. Myers, "An O(ND) difference
 * algorithm and its variations", 1986), told as a unified diff.
 */
#include "compare/lines.h"

#include <stdbool.h>
#include <string.h>

#include "support/arena.h"

enum {
	CONTEXT = 3,      /* lines around what differs */
	EDITS_MOST = 200, /* lines taken away and added: time and memory grow with its square */
};

struct line {
	const char *bytes;
	size_t size; /* with the line feed, which the last one may lack */
};

struct text {
	struct line *lines;
	size_t count;
	bool *differs; /* beside LINES */
};

static struct text
split(struct arena *a, const char *bytes, size_t size)
{
	struct text t = {0};

	while (size) {
		const char *end = memchr(bytes, '\n', size);
		size_t length = end ? (size_t)(end - bytes) + 1 : size;

		*ARENA_PUSH(a, t.lines, t.count) = (struct line){bytes, length};
		bytes += length;
		size -= length;
	}
	t.differs = ARENA_ARRAY(a, bool, t.count + 1);
	return t;
}

static bool
same(const struct line *a, const struct line *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The parts of both texts between the lines that they begin with and those that they end with alike. */
struct middle {
	const struct line *a, *b;
	long a_count, b_count;
};

/* How far down a path reaches on diagonal K of the furthest paths of D - 1 edits, ENDS, whose diagonals begin with 1 - D. */
static long
step(const long *ends, long d, long k)
{
	if (d == 0)
		return 0;
	return k == -d || (k != d && ends[k - 1 + d - 1] < ends[k + 1 + d - 1]) ? ends[k + 1 + d - 1] : ends[k - 1 + d - 1] + 1;
}

/* The furthest ends of paths for each number of edits, up to the one that reaches the end; *EDITS < 0: there are too many. */
static long **
search(struct arena *a, const struct middle *m, long *edits)
{
	long **ends = ARENA_ARRAY(a, long *, EDITS_MOST + 1);

	for (long d = 0; d <= EDITS_MOST; d++) {
		ends[d] = ARENA_ARRAY(a, long, 2 * (size_t)d + 1);
		for (long k = -d; k <= d; k += 2) {
			long x = step(d ? ends[d - 1] : NULL, d, k), y = x - k;

			while (x < m->a_count && y < m->b_count && same(&m->a[x], &m->b[y]))
				x++, y++;
			ends[d][k + d] = x;
			if (x >= m->a_count && y >= m->b_count) {
				*edits = d;
				return ends;
			}
		}
	}
	*edits = -1;
	return ends;
}

/* Goes the way back, and marks what was taken away and added. */
static void
mark(long **ends, long edits, const struct middle *m, bool *removed, bool *added)
{
	long x = m->a_count, y = m->b_count;

	for (long d = edits; d > 0; d--) {
		long k = x - y, end = step(ends[d - 1], d, k);
		bool down = k == -d || (k != d && ends[d - 1][k - 1 + d - 1] < ends[d - 1][k + 1 + d - 1]);

		if (down)
			added[end - k - 1] = true;
		else
			removed[end - 1] = true;
		x = down ? end : end - 1;
		y = down ? end - k - 1 : end - k;
	}
}

static bool
find(struct arena *arena, struct text *a, struct text *b)
{
	size_t first = 0, last = 0;
	struct middle m;
	long **ends, edits;

	while (first < a->count && first < b->count && same(&a->lines[first], &b->lines[first]))
		first++;
	while (last < a->count - first && last < b->count - first && same(&a->lines[a->count - 1 - last], &b->lines[b->count - 1 - last]))
		last++;
	m = (struct middle){a->lines + first, b->lines + first, (long)(a->count - first - last), (long)(b->count - first - last)};
	ends = search(arena, &m, &edits);
	if (edits >= 0)
		mark(ends, edits, &m, a->differs + first, b->differs + first);
	return edits >= 0;
}

/* What is written, while it grows. */
struct told {
	struct arena *arena;
	char *bytes;
	size_t count;
};

static void
tell(struct told *t, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*ARENA_PUSH(t->arena, t->bytes, t->count) = bytes[i];
}

static void
tell_line(struct told *t, char sign, const struct line *line)
{
	static const char none[] = "\n\\ No newline at end of file\n";

	tell(t, &sign, 1);
	tell(t, line->bytes, line->size);
	if (line->bytes[line->size - 1] != '\n')
		tell(t, none, sizeof none - 1);
}

/* A stretch of lines of both texts. */
struct hunk {
	size_t a, b, a_end, b_end;
};

/* GNU's form: a stretch without lines is told by the line in front of it. */
static void
tell_hunk(struct told *t, const struct text *a, const struct text *b, const struct hunk *h)
{
	size_t i = h->a, k = h->b;
	const char *head = arena_printf(t->arena, "@@ -%zu,%zu +%zu,%zu @@\n", h->a + (h->a_end > h->a), h->a_end - h->a,
		h->b + (h->b_end > h->b), h->b_end - h->b);

	tell(t, head, strlen(head));
	while (i < h->a_end || k < h->b_end) {
		if (i < h->a_end && a->differs[i])
			tell_line(t, '-', &a->lines[i++]);
		else if (k < h->b_end && b->differs[k])
			tell_line(t, '+', &b->lines[k++]);
		else
			tell_line(t, ' ', &a->lines[i]), i++, k++;
	}
}

/* Goes on from lines I and K, which are alike, to behind the next that differ. False: there are none. */
static bool
next_change(const struct text *a, const struct text *b, size_t *i, size_t *k, size_t *alike)
{
	for (*alike = 0; *i < a->count && *k < b->count && !a->differs[*i] && !b->differs[*k]; ++*alike)
		++*i, ++*k;
	if (*i == a->count && *k == b->count)
		return false;
	while (*i < a->count && a->differs[*i])
		++*i;
	while (*k < b->count && b->differs[*k])
		++*k;
	return true;
}

static void
tell_all(struct told *t, const struct text *a, const struct text *b)
{
	size_t i = 0, k = 0, alike;
	struct hunk h = {0};
	bool open = false;

	for (;;) {
		size_t before_a = i, before_b = k;
		bool more = next_change(a, b, &i, &k, &alike);

		if (open && (!more || alike > 2 * CONTEXT)) {
			size_t tail = alike < CONTEXT ? alike : CONTEXT;

			h.a_end = before_a + tail;
			h.b_end = before_b + tail;
			tell_hunk(t, a, b, &h);
			open = false;
		}
		if (!more)
			return;
		if (!open) {
			size_t lead = alike < CONTEXT ? alike : CONTEXT;

			h.a = before_a + alike - lead;
			h.b = before_b + alike - lead;
			open = true;
		}
	}
}

const char *
lines_unified(struct arena *result, struct arena *scratch, const char *a, size_t a_size, const char *b, size_t b_size)
{
	struct told told = {.arena = scratch};
	struct text before, after;

	if (memchr(a, '\0', a_size) || memchr(b, '\0', b_size))
		return NULL;
	before = split(scratch, a, a_size);
	after = split(scratch, b, b_size);
	if (!find(scratch, &before, &after))
		return NULL;
	tell_all(&told, &before, &after);
	return arena_strndup(result, told.bytes ? told.bytes : "", told.count);
}

#include "support/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/arena.h"

/* The length that a first byte promises, 0 for a byte that begins no sequence. */
static size_t
promised_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

int32_t
text_decode(const char *text, size_t size)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = promised_length((unsigned char)text[0]);
	int32_t point;

	if (length == 0 || length > size)
		return -1;
	if (length == 1)
		return text[0];
	point = (unsigned char)text[0] & (0x7f >> length);
	for (size_t i = 1; i < length; i++) {
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return -1;
		point = point << 6 | ((unsigned char)text[i] & 0x3f);
	}
	if (point < least[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return -1;
	return point;
}

size_t
text_encode(char *to, uint32_t point)
{
	size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = size; i-- > 1; point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	*to = (char)(first[size] | point);
	return size;
}

const char *
text_from_utf16(struct arena *a, const uint16_t *units, size_t length)
{
	char *text = arena_alloc(a, 3 * length + 1), *to = text;

	for (size_t i = 0; i < length; i++) {
		uint32_t point = units[i];

		if (point >= 0xd800 && point < 0xdc00 && i + 1 < length && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000)
			point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00u);
		else if (point >= 0xd800 && point < 0xe000)
			point = 0xfffd;
		to += text_encode(to, point);
	}
	return text;
}

size_t
text_sequence_length(const char *text, size_t size)
{
	return text_decode(text, size) < 0 ? 1 : promised_length((unsigned char)text[0]);
}

size_t
text_code_points(const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i += text_sequence_length(text + i, size - i))
		count++;
	return count;
}

bool
text_is_space(int32_t point)
{
	return point == 0xa0 || point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x202f || point == 0x205f ||
		point == 0x3000;
}

bool
text_is_invisible(int32_t point)
{
	return point == 0xad || point == 0x034f || point == 0x180e || (point >= 0x200b && point <= 0x200d) ||
		(point >= 0x2060 && point <= 0x2065) || (point >= 0x206a && point <= 0x206f) || (point >= 0xfff9 && point <= 0xfffb) ||
		(point >= 0xe0000 && point <= 0xe007f);
}

const char *
text_fault(int32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0 && point != 0x85))
		return "a control character";
	if (point == 0x85 || point == 0x2028 || point == 0x2029)
		return "a line break that editors do not show";
	if (point == 0xfeff)
		return "a byte order mark";
	if ((point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0x200e ||
		point == 0x200f || point == 0x061c)
		return "an invisible direction mark";
	if (text_is_invisible(point))
		return "an invisible character";
	if (point == 0xfffe || point == 0xffff)
		return "a code point that is no character";
	return NULL;
}

/* C0, DEL and C1 controls, and what makes a line look like another one: separators, direction marks, what has no shape. */
static bool
is_deceptive(int32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0xfeff || point == 0x061c || point == 0x200e ||
		point == 0x200f || (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) ||
		text_is_space(point) || text_is_invisible(point);
}

const char *
text_escape_bytes(struct arena *a, const char *text, size_t size)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_alloc(a, size * 10 + 1), *to = out;
	size_t length;

	for (size_t i = 0; i < size; i += length) {
		int32_t point = text_decode(text + i, size - i);

		length = text_sequence_length(text + i, size - i);
		if (point == '\n' || point == '\t' || point == '\r' || point == '\\') {
			*to++ = '\\';
			*to++ = point == '\n' ? 'n' : point == '\t' ? 't' : point == '\r' ? 'r' : '\\';
		} else if (point < 0 || (point < 0x80 && is_deceptive(point))) {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = hex[(unsigned char)text[i] >> 4];
			*to++ = hex[text[i] & 15];
		} else if (is_deceptive(point)) {
			memcpy(to, "\\u{", 3);
			to += 3;
			for (int shift = point > 0xffff ? 16 : 12; shift >= 0; shift -= 4)
				*to++ = hex[point >> shift & 15];
			*to++ = '}';
		} else {
			memcpy(to, text + i, length);
			to += length;
		}
	}
	return out;
}

/* Whether TEXT is of those bytes only that nearly every text is of. */
static bool
is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~' || *text == '\\')
			return false;
	return true;
}

const char *
text_escape(struct arena *a, const char *text)
{
	return is_plain(text) ? text : text_escape_bytes(a, text, strlen(text));
}

const char *
text_bytes(struct arena *a, uint64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t unit = 1024, whole, tenths;
	size_t i = 0;

	if (bytes < 1024)
		return arena_printf(a, bytes == 1 ? "%" PRIu64 " byte" : "%" PRIu64 " bytes", bytes);
	/* Up to the next unit also what would round up to 1024 of this one. */
	while (i + 1 < sizeof units / sizeof *units && bytes > unit * 1023 + unit / 10 * 9) {
		unit *= 1024;
		i++;
	}
	whole = bytes / unit;
	tenths = (bytes % unit * 10 + unit - 1) / unit; /* at most 11 times 2^60: within 64 bits */
	if (tenths == 10) {
		whole++;
		tenths = 0;
	}
	if (tenths == 0)
		return arena_printf(a, "%" PRIu64 " %s", whole, units[i]);
	return arena_printf(a, "%" PRIu64 ".%" PRIu64 " %s", whole, tenths, units[i]);
}

const char *
text_count(struct arena *a, uint64_t count, const char *singular, const char *plural)
{
	return arena_printf(a, "%" PRIu64 " %s", count, count == 1 ? singular : plural);
}

const char *
text_uuid(struct arena *a, const uint8_t u[16])
{
	return arena_printf(a, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
}

enum { LONGEST_WORD = 64 };

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* The number of insertions, deletions, changes and swaps of neighbours that make A into B. Both at most LONGEST_WORD. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[3][LONGEST_WORD + 1];
	size_t *before = row[0], *last = row[1], *now = row[2], *spare;

	for (size_t j = 0; j <= b_length; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		now[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);

			now[j] = min3(last[j] + 1, now[j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_length];
}

const char *
text_nearest(const char *word, const char *const *candidates, size_t count)
{
	size_t length = strlen(word), limit = (length + 2) / 3, best = limit + 1;
	const char *nearest = NULL;

	if (length == 0 || length > LONGEST_WORD)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t other = strlen(candidates[i]), distance;

		if (other > LONGEST_WORD)
			continue;
		distance = edit_distance(word, length, candidates[i], other);
		if (distance < best && distance < other) {
			best = distance;
			nearest = candidates[i];
		}
	}
	return nearest;
}

const char *
text_join(struct arena *a, const char *const *list, size_t count, const char *separator, const char *last)
{
	size_t length = 1;
	char *text, *to;

	for (size_t i = 0; i < count; i++)
		length += strlen(list[i]) + strlen(i + 1 == count ? last : separator);
	to = text = arena_alloc(a, length);
	for (size_t i = 0; i < count; i++) {
		if (i)
			to = stpcpy(to, i + 1 == count ? last : separator);
		to = stpcpy(to, list[i]);
	}
	return text;
}

size_t
text_index(const char *const *list, const char *text)
{
	size_t i = 0;

	while (list[i] && strcmp(list[i], text) != 0)
		i++;
	return i;
}

bool
text_is_in(const char *const *list, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
}

int
text_order(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t
text_word_length(const char *text)
{
	bool quoted = false;
	size_t i = 0;

	for (; text[i] && (quoted || text[i] != ' '); i++)
		if (text[i] == '"')
			quoted = !quoted;
	return i;
}

bool
text_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), tail = strlen(suffix);

	return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

bool
text_is_pattern(const char *text)
{
	return strpbrk(text, "*?[") != NULL;
}

/* Matches the set that PATTERN, just behind its '[', spells; *END is behind its ']', or NULL when there is no ']'. */
static bool
set_has(const char *pattern, unsigned char byte, const char **end)
{
	bool negated = *pattern == '!', found = false;
	const char *p = pattern + negated;

	do {
		unsigned char low = (unsigned char)*p, high = low;

		if (!low) {
			*end = NULL;
			return false;
		}
		if (p[1] == '-' && p[2] && p[2] != ']') {
			high = (unsigned char)p[2];
			p += 2;
		}
		found |= byte >= low && byte <= high;
	} while (*++p != ']');
	*end = p + 1;
	return found != negated;
}

/* Matches one pattern element other than '*' against BYTE; *NEXT is behind the element. */
static bool
element_matches(const char *pattern, unsigned char byte, const char **next)
{
	const char *end;
	bool found;

	if (*pattern == '[') {
		found = set_has(pattern + 1, byte, &end);
		if (end) {
			*next = end;
			return found;
		}
	}
	*next = pattern + 1;
	return *pattern == '?' || (unsigned char)*pattern == byte;
}

bool
text_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL, *next;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			resume = name;
		} else if (*pattern && element_matches(pattern, (unsigned char)*name, &next)) {
			pattern = next;
			name++;
		} else if (star) {
			pattern = star;
			name = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

const char *
text_directory(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strndup(a, path, (size_t)(slash - path));
}

const char *
text_below(struct arena *a, const char *directory, const char *path)
{
	if (path[0] == '/' || strcmp(directory, ".") == 0)
		return path;
	return arena_printf(a, "%s%s%s", directory, text_ends_with(directory, "/") ? "" : "/", path);
}

bool
text_is_curly_quote(int32_t point)
{
	return (point >= 0x2018 && point <= 0x201f) || point == 0xab || point == 0xbb;
}

const char *
text_path_habit(const char *path)
{
	if (path[0] == '~')
		return "'~' is a name like any other here: write the directory that is meant";
	if (strchr(path, '$'))
		return "'$' is a character like any other here, and the environment is never read: write what is meant";
	if (strchr(path, '\\'))
		return "what is between directories is '/'";
	return NULL;
}

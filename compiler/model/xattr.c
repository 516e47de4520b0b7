#include "model/xattr.h"

#include <string.h>

#include "model/capability.h"
#include "support/arena.h"
#include "support/memory.h"

/* The value of DIGIT among DIGITS, or -1. */
static int
value_of(const char *digits, char digit)
{
	const char *found = digit ? strchr(digits, digit) : NULL;

	return found ? (int)(found - digits) : -1;
}

static const unsigned char *
decode_hexadecimal(struct arena *a, const char *text, size_t *size)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	unsigned char *bytes = arena_alloc(a, strlen(text) / 2 + 1);

	for (*size = 0; *text; text += 2, ++*size) {
		int high = value_of(digits, text[0]), low = high < 0 ? -1 : value_of(digits, text[1]);

		if (low < 0)
			return NULL;
		bytes[*size] = (unsigned char)((high & 15) << 4 | (low & 15));
	}
	return bytes;
}

/* RFC 4648, section 4: whole groups of four, the last one filled up with '='. */
static const unsigned char *
decode_base64(struct arena *a, const char *text, size_t *size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text), padding = length - strcspn(text, "=");
	unsigned char *bytes = arena_alloc(a, length);
	unsigned word = 0;

	if (length % 4 || padding > 2 || (padding == 2 && text[length - 1] != '='))
		return NULL;
	*size = 0;
	for (size_t i = 0; i < length - padding; i++) {
		int value = value_of(digits, text[i]);

		if (value < 0)
			return NULL;
		word = word << 6 | (unsigned)value;
		if (i % 4)
			bytes[(*size)++] = (unsigned char)(word >> (6 - 2 * (i % 4)));
	}
	return bytes;
}

const unsigned char *
xattr_decode(struct arena *a, const char *text, size_t *size)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return decode_hexadecimal(a, text + 2, size);
	if (text[0] == '0' && (text[1] == 's' || text[1] == 'S'))
		return decode_base64(a, text + 2, size);
	*size = strlen(text);
	return (const unsigned char *)text;
}

static bool
is_text(const struct xattr *x)
{
	for (size_t i = 0; i < x->size; i++)
		if (x->value[i] < ' ' || x->value[i] > '~' || x->value[i] == '"' || x->value[i] == '\\')
			return false;
	return x->size < 2 || x->value[0] != '0' || !strchr("xXsS", x->value[1]);
}

const char *
xattr_show(struct arena *a, const struct xattr *x)
{
	static const char digits[] = "0123456789abcdef";
	char *text;

	if (is_text(x))
		return arena_strndup(a, (const char *)x->value, x->size);
	text = arena_alloc(a, 2 * x->size + 3);
	memcpy(text, "0x", 2);
	for (size_t i = 0; i < x->size; i++) {
		text[2 + 2 * i] = digits[x->value[i] >> 4];
		text[3 + 2 * i] = digits[x->value[i] & 15];
	}
	return text;
}

const struct xattr *
xattrs_find(const struct xattrs *set, const char *name)
{
	for (size_t i = 0; set && i < set->count; i++)
		if (strcmp(set->list[i].name, name) == 0)
			return &set->list[i];
	return NULL;
}

void
xattrs_put(struct arena *a, struct xattrs *set, const struct xattr *new)
{
	size_t at = 0, high = set->count;

	while (at < high) {
		size_t middle = at + (high - at) / 2;

		if (strcmp(set->list[middle].name, new->name) < 0)
			at = middle + 1;
		else
			high = middle;
	}
	if (at == set->count || strcmp(set->list[at].name, new->name) != 0) {
		(void)ARENA_PUSH(a, set->list, set->count);
		memmove(&set->list[at + 1], &set->list[at], (set->count - 1 - at) * sizeof *set->list);
	}
	set->list[at] = *new;
}

static void
put_pairs(struct arena *a, struct xattrs *set, const struct m_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const struct m_pair *pair = &pairs->v[i];
		struct xattr new = {.name = pair->name, .at = pair->key_at};

		new.value = xattr_decode(a, pair->value.v, &new.size);
		ASSERT(new.value);
		xattrs_put(a, set, &new);
	}
}

static void
put_capabilities(struct arena *a, struct xattrs *set, const struct m_text *text)
{
	unsigned char *bytes = arena_alloc(a, CAPABILITY_SIZE);
	const struct xattr new = {.name = CAPABILITY_XATTR, .value = bytes, .size = CAPABILITY_SIZE, .at = text->at};
	struct capability_fault fault;
	bool good = capability_encode(a, text->v, bytes, &fault);

	ASSERT(good);
	xattrs_put(a, set, &new);
}

const struct xattrs *
xattrs_of_file(struct arena *a, const struct m_file *file, const struct xattrs *from)
{
	struct xattrs *set;

	if (!file->xattrs.given && !file->capabilities.given)
		return from;
	set = ARENA_NEW(a, struct xattrs);
	if (file->xattrs.given)
		put_pairs(a, set, &file->xattrs);
	for (size_t i = 0; !file->xattrs.given && from && i < from->count; i++)
		xattrs_put(a, set, &from->list[i]);
	if (file->capabilities.given)
		put_capabilities(a, set, &file->capabilities);
	return set->count ? set : NULL;
}

const struct xattrs *
xattrs_of_pairs(struct arena *a, const struct m_pairs *pairs)
{
	struct xattrs *set = ARENA_NEW(a, struct xattrs);

	put_pairs(a, set, pairs);
	return set->count ? set : NULL;
}

bool
xattr_equal(const struct xattr *a, const struct xattr *b)
{
	return a && b && a->size == b->size && memcmp(a->value, b->value, a->size) == 0;
}

bool
xattrs_equal(const struct xattrs *a, const struct xattrs *b)
{
	size_t count = a ? a->count : 0;

	if (count != (b ? b->count : 0))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!xattr_equal(&a->list[i], xattrs_find(b, a->list[i].name)))
			return false;
	return true;
}

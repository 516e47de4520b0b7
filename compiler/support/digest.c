#include "support/digest.h"

#include <string.h>

void
digest_begin(struct digest_stream *s)
{
	sha256_init(&s->state);
}

void
digest_add(struct digest_stream *s, const void *bytes, size_t size)
{
	sha256_update(&s->state, size, bytes);
}

struct digest
digest_end(struct digest_stream *s)
{
	struct digest d;

	sha256_digest(&s->state, sizeof d.bytes, d.bytes);
	return d;
}

struct digest
digest_of(const void *bytes, size_t size)
{
	struct digest_stream s;

	digest_begin(&s);
	digest_add(&s, bytes, size);
	return digest_end(&s);
}

bool
digest_equal(const struct digest *a, const struct digest *b)
{
	return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

char *
digest_format(const struct digest *d, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		hex[2 * i] = digits[d->bytes[i] >> 4];
		hex[2 * i + 1] = digits[d->bytes[i] & 15];
	}
	hex[2 * DIGEST_SIZE] = '\0';
	return hex;
}

static int
nibble(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

bool
digest_parse(const char *hex, struct digest *d)
{
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int high = nibble(hex[2 * i]);
		int low = high < 0 ? -1 : nibble(hex[2 * i + 1]);

		if (low < 0)
			return false;
		d->bytes[i] = (uint8_t)(high << 4 | low);
	}
	return hex[2 * DIGEST_SIZE] == '\0';
}

void
digest_uuid(const uint8_t namespace_[16], const char *name, uint8_t uuid[16])
{
	struct digest_stream s;
	struct digest d;

	digest_begin(&s);
	digest_add(&s, namespace_, 16);
	digest_add(&s, name, strlen(name));
	d = digest_end(&s);
	memcpy(uuid, d.bytes, 16);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

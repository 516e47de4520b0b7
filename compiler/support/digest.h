#ifndef SUPPORT_DIGEST_H
#define SUPPORT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <nettle/sha2.h>

enum { DIGEST_SIZE = SHA256_DIGEST_SIZE, DIGEST_HEX = 2 * DIGEST_SIZE + 1 };

/* A SHA-256 (FIPS 180-4). */
struct digest {
	uint8_t bytes[DIGEST_SIZE];
};

struct digest_stream {
	struct sha256_ctx state;
};

void digest_begin(struct digest_stream *);
void digest_add(struct digest_stream *, const void *bytes, size_t size);
struct digest digest_end(struct digest_stream *);

struct digest digest_of(const void *bytes, size_t size);
bool digest_equal(const struct digest *, const struct digest *);

/* 64 lower-case hexadecimal digits and a NUL into HEX (DIGEST_HEX bytes); gives HEX. */
char *digest_format(const struct digest *, char *hex);

/* Reads 64 hexadecimal digits of either case that end at NUL; false for anything else. */
bool digest_parse(const char *hex, struct digest *);

/*
 * A UUID that depends on NAMESPACE_ (16 bytes) and NAME alone: the first 16 bytes of SHA-256(namespace, name) marked as
 * version 8, variant 1 (RFC 9562, 5.8). Into UUID, in the order in which it is written.
 */
void digest_uuid(const uint8_t namespace_[16], const char *name, uint8_t uuid[16]);

#endif

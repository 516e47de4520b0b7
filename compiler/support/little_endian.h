#ifndef SUPPORT_LITTLE_ENDIAN_H
#define SUPPORT_LITTLE_ENDIAN_H

#include <stdint.h>

/* Numbers as disks, boot code and PE programs have them: the lowest byte first, at any address. */

static inline void
put16(unsigned char *at, uint32_t value)
{
	at[0] = (unsigned char)value;
	at[1] = (unsigned char)(value >> 8);
}

static inline void
put32(unsigned char *at, uint32_t value)
{
	put16(at, value);
	put16(at + 2, value >> 16);
}

static inline void
put64(unsigned char *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

static inline uint32_t
get16(const unsigned char *at)
{
	return at[0] | (uint32_t)at[1] << 8;
}

static inline uint32_t
get32(const unsigned char *at)
{
	return get16(at) | get16(at + 2) << 16;
}

static inline uint64_t
get64(const unsigned char *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

#endif

#ifndef EMIT_LITTLE_ENDIAN_H
#define EMIT_LITTLE_ENDIAN_H

#include <stdint.h>

/* Numbers as disks have them. */

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

#endif

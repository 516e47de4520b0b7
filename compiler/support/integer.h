#ifndef SUPPORT_INTEGER_H
#define SUPPORT_INTEGER_H

#include <stdbool.h>
#include <stdint.h>

static inline bool
is_power_of_two(uint64_t n)
{
	return n && !(n & (n - 1));
}

/* The number of the highest bit of N that is set, from 0 on; N is not zero. */
static inline unsigned
highest_bit(uint64_t n)
{
	unsigned bit = 0;

	while (n >>= 1)
		bit++;
	return bit;
}

/* N / BY, rounded up, whatever N is. */
static inline uint64_t
divide_up(uint64_t n, uint64_t by)
{
	return n / by + (n % by != 0);
}

#endif

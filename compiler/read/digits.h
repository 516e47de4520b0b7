#ifndef READ_DIGITS_H
#define READ_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether TEXT is decimal digits, one at least. */
bool digits_only(const char *text);

/* Reads LENGTH bytes of DIGITS, all decimal ones; false when the number has more than 64 bits. */
bool digits_decimal(const char *digits, size_t length, uint64_t *number);

/* Reads LENGTH hexadecimal digits of either case, at most 16; false when one is none or more follows. */
bool digits_hexadecimal(const char *digits, size_t length, uint64_t *number);

/* Reads YYYY-MM-DDTHH:MM:SSZ into seconds since 1970; false when it is no such time. */
bool digits_date(const char *text, int64_t *seconds);

/* Reads 32 hexadecimal digits in the form 8-4-4-4-12; false when it is no UUID. */
bool digits_uuid(const char *text, uint8_t uuid[16]);

#endif

#ifndef READ_MEANT_H
#define READ_MEANT_H

#include <stdbool.h>

struct arena;

/* For a TEXT that is no such value, the one that was probably meant, as it must be written; NULL: it cannot be told. */

/* A size with another unit, a blank or a sign before it, zeroes in front or a fraction. */
const char *meant_size(struct arena *, const char *text);

/* A date alone, or a time without its T or Z. */
const char *meant_date(struct arena *, const char *text);

/* A UUID in braces, or behind urn:uuid:. */
const char *meant_uuid(struct arena *, const char *text);

/* Permissions in the words of Python (0o755), of ls (rwxr-xr-x), of git (100755), or in decimal (493). False: it cannot be told. */
bool meant_mode(const char *text, unsigned *mode);

#endif

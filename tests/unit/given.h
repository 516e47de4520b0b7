#ifndef GIVEN_H
#define GIVEN_H

#include "unit.h"

#include "model/lock.h"
#include "model/manifest.h"

/* What read_manifest and read_lock make of a file that holds TEXT. */
const struct manifest *given(struct compilation *, const char *text);
const struct manifest *given_bytes(struct compilation *, const char *bytes, size_t size);
const struct lock *given_lock(struct compilation *, const char *text);

#endif

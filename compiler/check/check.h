#ifndef CHECK_CHECK_H
#define CHECK_CHECK_H

#include <stdbool.h>

#include "model/manifest.h"

struct compilation;

/* Applies every rule that crosses the manifest's values; false with diagnostics when one is broken. */
bool check_manifest(struct compilation *, const struct manifest *);

#endif

#ifndef RESOLVE_RESOLVE_H
#define RESOLVE_RESOLVE_H

#include "model/closure.h"

struct compilation;

/* All that the manifest asks of the pool and all that that needs, transitively; NULL with diagnostics. */
const struct closure *resolve_closure(struct compilation *, const struct manifest *, const struct pool *);

#endif

#ifndef RESOLVE_RESOLVE_H
#define RESOLVE_RESOLVE_H

#include "model/closure.h"
#include "model/startup.h"
#include "model/trace.h"

struct compilation;

/* All that the manifest asks of the pool and all that that needs, transitively; NULL with diagnostics. */
const struct closure *resolve_closure(struct compilation *, const struct manifest *, const struct pool *);

/*
 * What is known of the programs that could run first in the image with TREE, which is planned, and in RAMDISK (NULL: there is none
 * besides). NULL with diagnostics.
 */
const struct startup *resolve_startup(struct compilation *, const struct manifest *, const struct tree *, const struct tree *ramdisk);

/*
 * What the ELF file of SIZE bytes at BYTES needs and is, in lines of text: machine, interpreter, SONAME, paths, libraries, build id,
 * the sizes of its segments. NULL: it is none, or broken.
 */
const char *resolve_describe(struct arena *, const char *bytes, uint64_t size);

/* What resolve_traces looks for beside what programs need when they start, and on which machine they are to run. */
struct trace_options {
	bool opens;                 /* also what they open while they run ... */
	enum dlopen_priority least; /* ... and say is at least this important */
	bool verifies;              /* whether what is found fits together: versions, symbols, CPU */
	enum hwcaps cpu;            /* what the machine has; HWCAPS_NONE: not known */
};

/*
 * What the loader of each of the programs at PATHS, absolute, finds for it in the pool. A library that is not found is part of
 * the answer; what is no program, or broken, is left out or cut short with a diagnostic.
 */
const struct traces *resolve_traces(struct compilation *, const struct pool *, const struct trace_options *,
	const char *const *paths, size_t count);

#endif

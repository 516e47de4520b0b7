#ifndef SUPPORT_COMPILATION_H
#define SUPPORT_COMPILATION_H

#include "support/arena.h"
#include "support/diag.h"
#include "support/file.h"
#include "support/progress.h"

struct memo;

/* What every pass takes along: the memory of this compilation and what it has to say. */
struct compilation {
	struct arena *arena;
	struct diagnostics diags; /* its arena is ARENA */
	struct open_directories directories; /* those of the files that are read here, until the end */
	struct file_clock clock;
	struct memo *memo;        /* what compilations share (support/memo.h), or NULL */
	struct seen *seen;        /* what was looked at on the host (model/seen.h) */
	size_t seen_count;
	unsigned jobs;            /* threads at most; 0: as many as there are processors */
	struct progress progress;
};

#endif

#ifndef RESOLVE_WALK_H
#define RESOLVE_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "model/pool.h"
#include "support/diag.h"

struct compilation;

/* As the kernel's limit (MAXSYMLINKS). */
enum { WALK_LINKS = 40 };

enum walk_end {
	WALK_FOUND,
	WALK_MISSING,       /* STOP has no child called PART */
	WALK_NOT_DIRECTORY, /* STOP is a file, and the path goes on with PART */
	WALK_LOOP,          /* more than WALK_LINKS links */
};

/* How a path inside the pool was followed (elf-rules K1). */
struct walk {
	enum walk_end end;
	const struct entry *entry; /* what the path leads to, never a link; NULL unless WALK_FOUND */
	const struct entry *stop;  /* where it ended otherwise ... */
	const char *part;          /* ... and the component that could not be followed, PART_LENGTH bytes of the path or a link's target */
	size_t part_length;
	/*
	 * The links it went through and the directories it left by "..": the path leads nowhere without them. In
	 * order.
	 */
	const struct entry **passed;
	size_t passed_count;
};

/*
 * Follows the absolute PATH component by component: an absolute link starts again at the pool's root, ".." stays there. The
 * host is never asked.
 */
struct walk walk_path(struct compilation *, const struct pool *, const char *path);

/* What stands at the absolute PATH itself, be it a link, or NULL. */
const struct entry *walk_entry(struct compilation *, const struct pool *, const char *path);

/*
 * The absolute paths that PATTERN stands for, sorted bytewise. A component that exists as it is written stands for itself
 * ("/usr/bin/["). Directories that are met twice at one level, through links, are searched under the first name.
 */
const char **walk_pattern(struct compilation *, const struct pool *, const char *pattern, size_t *count);

#define POOL_HELP "add an input that has it, such as its package under 'packages': the pool is what 'inputs' hold"

/* Says at AT why WALK over PATH failed. Gives the diagnostic, for notes. */
struct diag *walk_report(struct compilation *, const struct walk *, const char *path, struct span at);

/* Adds to a diagnostic where WALK ended, and which links it went through, unless it arrived. */
void walk_explain(struct compilation *, const struct walk *, struct diag *);

#endif

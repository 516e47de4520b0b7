#ifndef SUPPORT_MEMORY_H
#define SUPPORT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Running out of memory is final: libext2fs neither survives nor reports it reliably, so nothing here tries to.
 * What must not be left behind, the temporary output, is removed by the hook.
 */

/* Ends the process: runs the hook, writes one line to standard error, exits with status 5. Async-signal-safe. */
_Noreturn void memory_exhausted(void);

/* Sets what memory_exhausted runs first (NULL: nothing). HOOK must be async-signal-safe. Process-wide. */
void memory_on_exhaustion(void (*hook)(void));

/* A bug in rootc, never a user's mistake: prints file, line and text, ends the process with status 70. */
_Noreturn void bug_at(const char *file, int line, const char *text);
#define BUG(text) bug_at(__FILE__, __LINE__, (text))
#define ASSERT(condition) ((condition) ? (void)0 : bug_at(__FILE__, __LINE__, #condition))

/* Whether all SIZE bytes are zero. */
bool memory_is_zero(const void *bytes, size_t size);

#endif

#ifndef FUZZ_LIMITS_H
#define FUZZ_LIMITS_H

#include <stddef.h>

/*
 * What no input may cost: between begin and end, at most 3 times its SIZE and 32 MiB of memory in use at once (all of malloc, that
 * of libraries too), and 2 seconds of this thread. An input that does ends the run, with the stack of who asked for too much.
 */
void limits_begin(size_t size);
void limits_end(void);

/* Ends the run and says why: something that must hold for every input does not. */
#define REQUIRE(condition) ((condition) ? (void)0 : require_failed(__FILE__, __LINE__, #condition))
_Noreturn void require_failed(const char *file, int line, const char *condition);

#endif

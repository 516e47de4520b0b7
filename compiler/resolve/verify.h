#ifndef RESOLVE_VERIFY_H
#define RESOLVE_VERIFY_H

#include "resolve/loader.h"

/*
 * Looks for what would end a loaded program at its start although every library is there: versions, symbols, the CPU; and
 * for ways of searching that others could use. Recorded as diagnostics at the words that asked for
 * the program.
 */
void verify_program(struct program *);

#endif

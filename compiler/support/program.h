#ifndef SUPPORT_PROGRAM_H
#define SUPPORT_PROGRAM_H

struct arena;

/*
 * What this very build of rootc is told from all others by: the build ID (NT_GNU_BUILD_ID, a hash of the program by its linker) of
 * the program or library that this code is in, in hexadecimal digits. NULL: it was linked without one.
 */
const char *program_id(struct arena *);

#endif

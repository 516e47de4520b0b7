#ifndef FETCH_PROCESS_H
#define FETCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

struct compilation;

/* What a program did. */
struct process {
	int status;             /* its exit status; 128 and the number of the signal that ended it */
	char *output, *errors;  /* what it wrote, each followed by a NUL, in the arena */
	size_t output_size;
};

/*
 * Runs ARGUMENTS (found in PATH, no shell) in DIRECTORY (NULL: here) with no input and the user's environment but for the
 * language, and waits for its end. It does not outlive us. In the phase ROOTC_DOWNLOADING it is told meanwhile what has come into
 * DIRECTORY. False and errno when it cannot be run at all.
 */
bool process_run(struct compilation *, const char *const *arguments, const char *directory, struct process *);

#endif

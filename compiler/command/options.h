#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include <stdbool.h>

#include "command/command.h"

enum options_result { OPTIONS_GOOD, OPTIONS_HELP, OPTIONS_BAD };

/*
 * Reads the options and operands of IN->command from ARGV, whose first word is the command's name. PLAIN: standard error is to
 * be without colour unless --color says otherwise. OPTIONS_BAD has been reported.
 */
enum options_result options_read(struct invocation *in, int argc, char **argv, bool plain);

/* An option as help, manual and completion show it. */
struct option_row {
	const char *name, *argument, *help; /* ARGUMENT NULL: it takes none */
	const char *const *words;           /* what the argument can be, up to a NULL; NULL: anything */
	char brief[3];                      /* what stands behind one dash: "o", "MD" or "" */
};

/* Puts the next option of COMMAND from *AT on, which begins as 0, into *ROW. False: there is no other. */
bool options_next(const struct command *, int *at, struct option_row *row);

/* The help of one command: usage, what it does, its options. */
void options_print_help(const struct command *);

#endif

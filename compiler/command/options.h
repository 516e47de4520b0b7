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

/* The help of one command: usage, what it does, its options. */
void options_print_help(const struct command *);

#endif

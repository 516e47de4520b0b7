#ifndef COMMAND_NEXT_H
#define COMMAND_NEXT_H

#include "command/command.h"

struct arena;

/* TEXT as one word of a shell's command line, and no option. */
const char *next_word(struct arena *, const char *text);

/* Whether somebody reads on a terminal what comes next, and does not want it quiet. */
bool next_is_asked(const struct invocation *);

/* Those of its options that say where lock and store are, each with a blank in front. */
const char *next_inputs(const struct invocation *, struct arena *);

/* Tells it, if so, as the last line of standard output: "next: rootc VERB OPTIONS OPERAND", where OPTIONS have a blank in front of each. */
void next_say(const struct invocation *, struct arena *, const char *verb, const char *options, const char *operand);

#endif

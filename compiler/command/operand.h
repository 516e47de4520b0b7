#ifndef COMMAND_OPERAND_H
#define COMMAND_OPERAND_H

#include "command/command.h"

/*
 * Finds what the operand PLACE means: IMAGE:/PATH or IMAGE:PARTITION:/PATH. The path begins behind the first ':' that a '/' follows;
 * what stands between it and an earlier ':' names the partition. ROOTC_USAGE, which has been reported: PLACE has not that form.
 */
enum rootc_status operand_find(struct rootc *, const char *place);

#endif

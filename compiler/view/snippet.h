#ifndef VIEW_SNIPPET_H
#define VIEW_SNIPPET_H

#include <stdbool.h>
#include <stdio.h>

#include "support/source.h"

/*
 * Prints the line that AT stands in, and below it carets under its words with LABEL (NULL: none) behind them. What a
 * terminal would act on is shown escaped, a long line cut around the words. AT has a line.
 */
void snippet_print(FILE *, struct arena *, const struct span *at, const char *label, bool color);

#endif

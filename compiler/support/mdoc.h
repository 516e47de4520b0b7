#ifndef SUPPORT_MDOC_H
#define SUPPORT_MDOC_H

#include <stdio.h>

/* Writes pages of the manual in mdoc(7), as mandoc and groff read it, from texts that know nothing of it. */

/* The head of page NAME in SECTION, up to its description, SUMMARY, which begins with a small letter and ends without a full stop. */
void mdoc_begin(FILE *out, const char *name, int section, const char *summary);

/* The heading TITLE, in capitals. */
void mdoc_section(FILE *out, const char *title);

/*
 * TEXT, whose lines are filled anew, a sentence beginning a line of its own. An empty line ends a paragraph; lines that begin with a
 * blank are an example, and stay as they are.
 */
void mdoc_text(FILE *out, const char *text);

/* TEXT as an argument of a macro: one line, in which nothing is a macro or an escape. */
void mdoc_argument(FILE *out, const char *text);

#endif

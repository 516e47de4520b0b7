#ifndef VIEW_REPORT_H
#define VIEW_REPORT_H

#include <stdio.h>

#include "support/diag.h"

/* What was found wrong, sorted, in the forms that CI services read. */

/* SARIF 2.1.0, one run, with the rules that occur. */
void report_sarif(FILE *, const struct diagnostics *);

/* GitHub's workflow commands, at most 10, of which the last may only count the rest; those follow as plain lines. */
void report_github(FILE *, const struct diagnostics *);

/* GitLab's Code Quality report. A fingerprint stays when only the lines move. */
void report_gitlab(FILE *, const struct diagnostics *);

#endif

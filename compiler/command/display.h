#ifndef COMMAND_DISPLAY_H
#define COMMAND_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>

#include "rootc/progress.h"

/*
 * What standard error shows of work that takes long, while it is done. What takes less than half a second leaves no trace, unless
 * somebody asks for it by --verbose. No function needs a display: NULL shows nothing.
 */
struct display;

enum display_form {
	DISPLAY_NONE,
	DISPLAY_LINES, /* a line for each phase that takes so long and waits for others or moves much, while it does */
	DISPLAY_LIVE,  /* on a terminal: one line, which changes, and is gone as soon as there is something else to show */
};

/* VERBOSE: also a line for each phase at its end, with the time it took. NULL when there is nothing to show. */
struct display *display_new(enum display_form, bool verbose);

/* For the end of the process: nothing is shown any more. */
void display_free(struct display *);

/* What one compilation does. */
struct display_track;

/* Of the only compilation at a time: what it does is what is shown. NULL without a display. */
struct display_track *display_only(struct display *);

/* Of one among several, which is called NAME: of what it does --verbose tells, and nothing else. NULL without that. */
struct display_track *display_one(struct display *, const char *name);

/* For rootc_options.progress; TRACK is one of these two. */
void display_take(void *track, const struct rootc_progress *);

/* So many of several targets are done, and the last that was begun is called WHAT, as a terminal shows. For any thread. */
void display_targets(struct display *, size_t done, size_t total, const char *what);

/* The console of a machine does not show TEXT yet. */
void display_console(struct display *, const char *text);

/* Nothing is waited for any more. */
void display_over(struct display *);

/* Between these two, others have standard error and standard output, and nothing is shown. */
void display_hide(struct display *);
void display_show(struct display *);

/* For the end of the process, in a signal handler too: takes the line away, if there is one. Async-signal-safe. */
void display_abandon(void);

#endif

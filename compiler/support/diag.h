#ifndef SUPPORT_DIAG_H
#define SUPPORT_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "support/source.h"

struct arena;

/* A refusal is an error that can be allowed: the image could be written, but would not start. */
enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_REFUSAL };

/* Whose fault it is; the value is the exit status of the program (see manifest.md, "Commands"). */
enum diag_class { DIAG_ANSWER = 1, DIAG_MANIFEST = 3, DIAG_INPUT = 4, DIAG_OUTPUT = 5 };

/* Every kind of diagnostic; the catalogue is include/rootc/diagnostics.def. */
enum diag_kind {
#define DIAG(id, severity, class, name, summary, explanation) DIAG_##id,
#include "rootc/diagnostics.def"
#undef DIAG
	DIAG_KINDS
};

struct diag_entry {
	const char *name;        /* "partition-too-small" */
	const char *summary;     /* one line */
	const char *explanation; /* what `rootc explain` prints */
	enum diag_severity severity;
	enum diag_class class;
};

/* The catalogue, indexed by enum diag_kind. */
extern const struct diag_entry diag_catalogue[DIAG_KINDS];

struct diag_note {
	struct span at; /* line 0: no place */
	const char *text, *label;
};

struct diag {
	enum diag_kind kind;
	struct span at;
	const char *text;  /* what is wrong: lower case, no full stop */
	const char *label; /* what stands behind the carets, or NULL */
	const char *help;  /* what to do, or NULL */
	struct diag_note *notes;
	size_t note_count;
	bool allowed;      /* a refusal that does not count */
	struct diagnostics *owner;
};

/* What one compilation has to say, in the order in which it was found. */
struct diagnostics {
	struct arena *arena;
	struct diag **list;
	size_t count, error_count;
	bool allowed[DIAG_KINDS]; /* refusals that are only to be told of; set before the first one */
};

/* Whether D lets the compilation fail. */
bool diag_is_error(const struct diag *);

/*
 * Records a diagnostic about the words at AT. The format is printf's; texts quote the user's words with '%s' and need not
 * escape them (rendering does). A second one of the same kind and text at the same place is dropped: the result is then a
 * diagnostic that takes notes but is never shown.
 */
struct diag *diag(struct diagnostics *, enum diag_kind, struct span at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Each gives its diagnostic back, so that calls nest. */
struct diag *diag_label(struct diag *, const char *format, ...) __attribute__((format(printf, 2, 3)));
struct diag *diag_note(struct diag *, struct span at, const char *format, ...) __attribute__((format(printf, 3, 4)));
struct diag *diag_help(struct diag *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts them in the order of their places (source in order of first appearance, line, column), stable. */
void diagnostics_sort(struct diagnostics *);

/*
 * The graver of two exit statuses, each a class or 0: a manifest's mistake before an input's before the host's, and last an answer,
 * which is not to be relied on where anything went wrong.
 */
int diag_graver(int a, int b);

/* The exit status that the errors ask for: that of the gravest class; 0 without errors. */
int diagnostics_status(const struct diagnostics *);

#endif

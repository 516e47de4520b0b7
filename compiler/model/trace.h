#ifndef MODEL_TRACE_H
#define MODEL_TRACE_H

#include <stddef.h>

/* What the dynamic loaders do with programs before these run: who asks for what, and what is found. */

/* How a file is asked for. */
enum request_kind {
	REQUEST_NEEDED,    /* DT_NEEDED */
	REQUEST_AUXILIARY, /* DT_AUXILIARY: may be missing */
	REQUEST_FILTER,    /* DT_FILTER */
	REQUEST_AUDIT,     /* DT_AUDIT, DT_DEPAUDIT of the program: may be missing */
	REQUEST_PRELOAD,   /* /etc/ld.so.preload: may be missing */
	REQUEST_OPENED,    /* dlopen() while the program runs */
};

struct trace_edge {
	const char *name;              /* NEEDED as it is written, PT_INTERP, or the interpreter of a script */
	const struct trace_object *to;
};

/* A file of one program's process, or what was asked for and is not found. */
struct trace_object {
	size_t index;     /* among the objects of its program */
	const char *path; /* by which it was found, links not resolved; NULL: it was not found */
	const char *name; /* under which it was first asked for; the program: the path that was asked about */
	const char *how;  /* it was found ("built-in directory /lib"), or else where was searched; NULL for the program */
	const struct trace_object *by; /* who first asked for it; NULL for the program */
	struct trace_edge *edges;      /* in the order of the file */
	size_t edge_count;
};

/* One program: itself, then all others in the order in which they are asked for first, each once. */
struct trace {
	const char *loader; /* "glibc", "musl", or NULL: it needs none */
	struct trace_object **objects;
	size_t object_count;
};

struct traces {
	struct trace **list; /* in the order in which they were asked for */
	size_t count;
	size_t missing_count; /* objects that are not found, in all of them */
};

#endif

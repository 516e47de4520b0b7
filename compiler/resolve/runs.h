#ifndef RESOLVE_RUNS_H
#define RESOLVE_RUNS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Texts that stand in a row in a file, each ended by a NUL: tables that a compiler laid down. */
struct run_of_texts {
	const char *const *texts;
	size_t count;
};

/* What a run is made of. BELONGS says whether TEXT can stand behind BEFORE (NULL: at the start of a run). */
struct run_rule {
	bool (*belongs)(const char *text, const char *before);
	bool (*prefers)(const char *text); /* a run with such a text beats all without; NULL: no preference */
	size_t least;                      /* texts, in a run without a preferred one */
};

/*
 * The longest run in SIZE bytes that are followed by a NUL, the first of equals; count 0: none. The texts point
 * into BYTES.
 */
struct run_of_texts run_find(struct arena *, const char *bytes, size_t size, const struct run_rule *);

#endif

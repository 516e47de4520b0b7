#ifndef MODEL_APT_SOURCE_H
#define MODEL_APT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

/* An archive of Debian packages, in the one-line form of sources.list(5): "deb [OPTION=VALUE...] URI SUITE [COMPONENT...]". */

/* Words of such a line; of LENGTH 0: they are not there. */
struct apt_words {
	const char *at;
	size_t length;
};

struct apt_source {
	struct apt_words trusted;    /* the option, where it says yes: its word counts without a signature */
	struct apt_words any_age;    /* the option check-valid-until, where it says no */
	struct apt_words signed_by;  /* the option's value: a fingerprint of 40 digits, or the path of a file of keys */
	struct apt_words uri;
	struct apt_words directory;  /* of the URI, where that is of the host: what file: or copy: names */
	struct apt_words suite;
	struct apt_words components; /* all of them */
};

/* What is wrong with a line. */
struct apt_source_fault {
	struct apt_words words; /* of LENGTH 0: something is missing */
	const char *why;        /* "is no URI that can be here"; "the suite is missing" */
	const char *expected;
	bool is_unsafe;         /* apt would take it, and with it what nobody vouches for */
};

/* Takes LINE apart; false with a FAULT. */
bool apt_source_parse(const char *line, struct apt_source *, struct apt_source_fault *);

/* Whether SIGNED_BY is a fingerprint, not a path. */
bool apt_source_is_fingerprint(const struct apt_words *signed_by);

#endif

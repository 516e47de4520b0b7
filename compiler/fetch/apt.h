#ifndef FETCH_APT_H
#define FETCH_APT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/store.h"
#include "model/manifest.h"

struct arena;
struct diag;

/*
 * The host's apt, for the architecture and the sources of an input, with a state directory of its own in the store: nothing is installed
 * in it.
 */
struct apt {
	struct store *store;
	const struct m_input *input; /* the first that it was begun for */
	const char *name;      /* of its state: that of the architecture, and what tells its sources from others */
	struct span at;        /* where its failures are recorded */
	const char *sources;   /* the text of the sources.list of the input's own; "": it has none */
	const char *directory; /* its state, absolute */
	const char *downloads; /* where downloads land, absolute */
	const char *update_errors; /* what the last update had to say, or NULL */
	const char **names;    /* of all packages it knows, sorted bytewise */
	size_t name_count;
};

/* One version of a package, as apt's lists have it. */
struct apt_package {
	const char *name, *version, *architecture;
	const char *file;   /* its name in the archive, without a directory */
	const char *sha256; /* 64 digits, or NULL when the archive gives none */
	uint64_t size;
};

struct apt_packages {
	struct apt_package *list;
	size_t count;
};

/* Makes the state directory for INPUT of the manifest. Failures are recorded at AT, until that is changed. False with diagnostics. */
bool apt_begin(struct apt *, struct store *, const struct manifest *, const struct m_input *input, struct span at);

/* The name of the state for INPUT: the same for all inputs of an architecture that have the same sources. */
const char *apt_state_name(struct arena *, const struct m_input *input);

/* SOURCES as the text of a sources.list(5), paths on the host made absolute. NULL with diagnostics. */
const char *apt_sources_text(struct compilation *, const struct manifest *, const struct m_texts *sources);

/* The one of SOURCES, which are TEXT for apt, whose URI is in apt's WORDS; or all of them, where it is none or several. */
struct span apt_source_place(const struct m_texts *sources, const char *text, const char *words);

/*
 * Brings the lists up to date as far as the host's sources allow, or all of the input's own, and reads the packages' names. False with
 * diagnostics.
 */
bool apt_update(struct apt *);

/* Reads the packages' names from the lists as the last update left them, without the network. False with diagnostics. */
bool apt_reuse(struct apt *);

/* Records as a warning what the last update had to complain of. */
void apt_warn(const struct apt *);

/* Whether there is a package of this name. */
bool apt_knows(const struct apt *, const char *name);

/* All that has to be installed for NAMES, on a system with nothing: names, versions, architectures. False with diagnostics. */
bool apt_closure(const struct apt *, const char *const *names, size_t count, struct apt_packages *);

/* All that the lists say of SPECS, "name=version"; those they do not know are passed over. False with diagnostics. */
bool apt_show(const struct apt *, const char *const *specs, size_t count, struct apt_packages *);

/*
 * Downloads SPECS, as far as can be. What came is in DOWNLOADS under apt_download_name. When not everything did, *ERRORS has
 * apt's words, else it is NULL. False with diagnostics.
 */
bool apt_download(const struct apt *, const char *const *specs, size_t count, const char **errors);

/*
 * Removes what interrupted downloads for INPUT have left, of this lock or of one that it replaced. For when all
 * that is wanted is there: until then apt goes on where they ended. What cannot be removed stays.
 */
void apt_clear_downloads(const struct store *, const struct m_input *input);

/* The file name that apt gives to a download. */
const char *apt_download_name(const struct apt *, const char *name, const char *version, const char *architecture);

/* Adds apt's words to D, line by line. */
void apt_quote(struct diag *d, const char *words);

#endif

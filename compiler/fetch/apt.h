#ifndef FETCH_APT_H
#define FETCH_APT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/store.h"

struct diag;

/* The host's apt, for one architecture, with a state directory of its own in the store: nothing is installed in it. */
struct apt {
	struct store *store;
	const char *architecture;
	struct span at;        /* where its failures are recorded */
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

/* Makes the state directory. False with diagnostics. */
bool apt_begin(struct apt *, struct store *, const char *architecture, struct span at);

/* Brings the lists up to date as far as the sources allow, and reads the packages' names. False with diagnostics. */
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
 * Removes what interrupted downloads for ARCHITECTURE have left, of this lock or of one that it replaced. For when all
 * that is wanted is there: until then apt goes on where they ended. What cannot be removed stays.
 */
void apt_clear_downloads(const struct store *, const char *architecture);

/* The file name that apt gives to a download. */
const char *apt_download_name(const struct apt *, const char *name, const char *version, const char *architecture);

/* Adds apt's words to D, line by line. */
void apt_quote(struct diag *d, const char *words);

#endif

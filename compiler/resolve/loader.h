#ifndef RESOLVE_LOADER_H
#define RESOLVE_LOADER_H

#include <limits.h>

#include "model/trace.h"
#include "resolve/cache.h"
#include "resolve/resolver.h"
#include "support/names.h"

struct program;

/* One thing that an object asks its loader for. */
struct request {
	enum request_kind kind;
	const char *name; /* as the file has it */
	const char *why; /* REQUEST_OPENED: "dlopen note, recommended: reads QR codes", "for pthread_cancel" */
	enum dlopen_priority priority; /* REQUEST_OPENED */
	bool is_alternative;           /* asked for only when the one before was not found */
};

/* A request and what came of it. */
struct edge {
	struct request request;
	struct object *to;         /* NULL: nothing that is loaded */
	const struct search *miss; /* TO is NULL: it is not found; NULL: it need not be, or a mistake was reported */
};

/* Directories that are searched one after another. */
struct search_path {
	const char *how; /* a library is found by it: "RUNPATH of /usr/bin/x", "built-in directory"; NULL: it is still to be split */
	struct search_directory {
		const char *path;      /* as messages name it; NULL: HOW says all */
		size_t length;         /* of PATH without slashes at its end */
		const char *by_origin; /* the element with the program's $ORIGIN that it was, or NULL (G6) */
		bool is_usable;        /* absolute, say; the others are for messages only */
		struct place_directory place;
	} *list;
	size_t count;
};

/* An ELF file in a process: the program, its loader, or a library. */
struct object {
	const char *path;         /* by which it was found: the loaders take $ORIGIN from it, links not resolved */
	const struct elf_facts *facts;
	const struct content *content;
	struct need *need;
	struct object *by;        /* who first asked for it; NULL for the program and its loader */
	const char *asked_as;     /* the name under which it was first asked for, tokens replaced; NULL for the program */
	const char *how;          /* it was found: "RUNPATH of /usr/bin/x /opt/lib"; NULL for the program */
	const char *by_origin;    /* the element with the program's $ORIGIN that led to it, or NULL (G6) */
	struct search_path *paths; /* its RPATH and its RUNPATH, split by its loader; NULL: it has neither */
	bool by_hwcaps;           /* in a directory below glibc-hwcaps: other CPUs do not load it (G9) */
	bool is_late;             /* opened while the program runs, or only for something that is */
	struct edge *edges;       /* in the order of asking */
	size_t edge_count;
	struct object *search_next; /* in the order in which what it needs is searched */
};

/* What is to be looked for beside the libraries that a program needs when it starts. */
struct program_policy {
	bool opens;                   /* what programs open while they run, too */
	enum dlopen_priority least;   /* with OPENS: the least grave that counts */
	const char *const *hwcaps;    /* directories below glibc-hwcaps that the CPU would use, the best first, up to a NULL */
};

/* A program as its loader will see it. */
struct program {
	struct resolver *r;
	struct program_policy policy;
	const struct loader *loader;
	const char *interp;        /* PT_INTERP as it is written */
	struct object *main;
	struct object *interp_object;
	struct object *searched_last;   /* of those that are linked by search_next, from MAIN on */
	struct names known;             /* the names of objects, and SONAMEs where they count -> the first of its kind */
	struct map by_file;             /* struct need, or the inode of several names -> struct object */
	bool is_late;              /* it runs already */
	bool is_secure;            /* started with the rights of another user or group, or more (G21) */
	const char *const *directories; /* the loader's own */
	size_t directory_count;
	struct search_path own;    /* the same, once they are searched */
	const char *lib;           /* what $LIB stands for, or NULL */
	const struct library_cache *cache; /* its ld.so.cache, or NULL */
};

/* One look for one library, taken down for those who explain it. */
struct search {
	struct object *by;
	struct request request;
	const char *name;     /* the request's, tokens replaced */
	struct tried {        /* in order: the first COUNT directories of PATH */
		const struct search_path *path;
		size_t count;
	} *tried;
	size_t tried_count;
	const char **refused; /* "/usr/lib/libz.so.1 is 32-bit x86": the first of them */
	size_t refused_count;
	bool is_settled;      /* nothing to be said when nothing was found: reported, or not needed after all */
};

/* A dynamic loader's ways. */
struct loader {
	const char *name;
	const char *interpreters[8]; /* patterns of the last component of PT_INTERP */
	bool knows_sonames;          /* a library that is loaded satisfies requests for its SONAME, too (G2, M6) */
	bool knows_filters;          /* DT_FILTER, DT_AUXILIARY, DT_AUDIT and /etc/ld.so.preload count (G18 to G20, M3) */

	/* Fills in DIRECTORIES, LIB and CACHE; false with a diagnostic. */
	bool (*prepare)(struct program *);

	/* The object that satisfies SEARCH, loaded already or now; NULL: none. */
	struct object *(*find)(struct program *, struct search *);
};

extern const struct loader loader_glibc;
extern const struct loader loader_musl;

/* The loader that goes by PT_INTERP, or NULL. */
const struct loader *loader_of(const char *interp);

/* What became of program_start. */
enum program_end {
	PROGRAM_LOADED,         /* what was not found is in the edges */
	PROGRAM_LOADER_UNKNOWN, /* INTERP is none whose ways are known */
	PROGRAM_LOADER_MISSING,
	PROGRAM_LOADER_UNFIT,   /* of another machine, or no ELF file */
	PROGRAM_BROKEN,         /* reported */
};

/*
 * Loads the program in P->main, which INTERP starts, as its loader would: the program, what it preloads and needs, and by
 * P->policy what it may open later. All that is found becomes part of the closure.
 */
enum program_end program_start(struct program *, const char *interp);

/* The program for program_start: the file of NEED, PATH in the image, with what a file with MODE and XATTRS may. */
void program_begin(struct program *, struct resolver *, struct need *, const struct content *, const struct elf_facts *,
	uint16_t mode, const struct xattrs *);

/*
 * Loads the file at PLACE, which FACTS describes; gives the object that has this file already, if any (G17, M6), with
 * the name added. HOW it was found, and WHERE (or NULL).
 */
struct object *program_load(struct program *, const struct search *, const struct place *, const struct elf_facts *,
	const char *how, const char *where);

/* The loaded object that goes by NAME, or NULL. */
struct object *program_object(struct program *, const char *name);

/* PATH as one directory of a search path; usable when it is absolute. */
struct search_directory searched_directory(struct program *, const char *path);

/* Fills in P->own, unless it is. */
void search_own_directories(struct program *, const char *how);

/*
 * Writes "DIRECTORY BELOW / NAME", of DIRECTORY the first LENGTH bytes, BELOW being "" or from a '/' on; false: it is longer than any
 * path that can be opened.
 */
bool search_candidate(char path[PATH_MAX], const char *directory, size_t length, const char *below, const char *name);

/* Takes down that the next directory of a path is searched, and what was found but could not be used. */
void search_tried(struct program *, struct search *, const struct search_path *);
void search_refused(struct program *, struct search *, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The places that were searched, in words; NULL: none. */
const char *search_places(struct compilation *, const struct search *);

/* Says that the loader would end the program at PATH, because it WHY. Gives NULL. */
struct object *search_fatal(struct program *, struct search *, const char *path, const char *why);

/* The directory part of a path, "/" for one in the root. */
const char *path_directory(struct compilation *, const char *path);

/* Says which library was not found, where was searched, and where else the pool has one of that name. */
void report_missing_library(struct program *, const struct search *);

/* What OBJECT may open while it runs, by its notes and by what is known of its functions; in the arena. */
struct request *requests_of(struct program *, const struct object *, size_t *count);

#endif

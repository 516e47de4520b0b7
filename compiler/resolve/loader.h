#ifndef RESOLVE_LOADER_H
#define RESOLVE_LOADER_H

#include "resolve/resolver.h"

/* An ELF file in a process: the program, its loader, or a library. */
struct object {
	const char *path;         /* by which it was found: the loaders take $ORIGIN from it, links not resolved */
	const struct elf_facts *facts;
	const struct content *content;
	struct need *need;
	struct object *by;        /* who first asked for it; NULL for the program and its loader */
	const char **names;       /* under which it was asked for or found */
	size_t name_count;
	struct object *loaded_next; /* in the order of loading */
	struct object *search_next; /* in the order in which what it needs is searched */
};

/* A program as its loader will see it. */
struct program {
	struct resolver *r;
	const struct loader *loader;
	const char *interp;        /* PT_INTERP as it is written */
	struct object *main;
	struct object *interp_object;
	struct object *loaded, *loaded_last;
	const char *const *directories; /* the loader's own */
	size_t directory_count;
	const char *lib;           /* what $LIB stands for, or NULL */
};

/* One look for one library, taken down for diagnostics. */
struct search {
	const struct object *by;
	const char *name;
	const char **tried;   /* "RUNPATH of /usr/bin/x /opt/lib", in order */
	size_t tried_count;
	const char **refused; /* "/usr/lib/libz.so.1 is 32-bit x86" */
	size_t refused_count;
	bool is_settled;      /* nothing to be said when nothing was found: reported, or not needed after all */
};

/* A dynamic loader's ways. */
struct loader {
	const char *name;
	const char *interpreters[8]; /* patterns of the last component of PT_INTERP */

	/* Fills in DIRECTORIES and LIB; false with a diagnostic. */
	bool (*prepare)(struct program *);

	/* The object that satisfies SEARCH, loaded already or now; NULL: none. */
	struct object *(*find)(struct program *, struct object *by, struct search *);
};

extern const struct loader loader_glibc;
extern const struct loader loader_musl;

/* The loader that goes by PT_INTERP, or NULL. */
const struct loader *loader_of(const char *interp);

/*
 * Loads the file at PLACE, which FACTS describes, found on the way HOW ("built-in directory /lib"); gives the object that has
 * this file already, if any (G17, M6), with the name added.
 */
struct object *program_load(struct program *, struct object *by, const struct search *, const struct place *,
	const struct elf_facts *, const char *how);

void object_add_name(struct program *, struct object *, const char *name);
bool object_has_name(const struct object *, const char *name);

/* Takes down where was searched, and what was found but could not be used. */
void search_tried(struct program *, struct search *, const char *format, ...) __attribute__((format(printf, 3, 4)));
void search_refused(struct program *, struct search *, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says that the loader would end the program at PATH, because it WHY. Gives NULL. */
struct object *search_fatal(struct program *, struct search *, const char *path, const char *why);

/* The directory part of a path, "/" for one in the root. */
const char *path_directory(struct compilation *, const char *path);

/* Says which library was not found, where was searched, and where else the pool has one of that name. */
void report_missing_library(struct program *, const struct search *);

#endif

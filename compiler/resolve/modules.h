#ifndef RESOLVE_MODULES_H
#define RESOLVE_MODULES_H

#include "resolve/modinfo.h"
#include "resolve/packed.h"
#include "resolve/resolver.h"

/* What the files that decide about kernel modules ask of one another. */

/* A module of the pool. */
struct module {
	const char *name;        /* with '_' for '-', as the kernel has it */
	const char *path;        /* as its directory was reached, below /lib/modules */
	const struct entry *entry;
	enum packing packing;
	size_t suffix_length;    /* of what the path ends in for it, ".xz" */
	bool is_known;           /* INFO is read */
	bool is_begun;           /* it is taken, or being taken */
	bool is_listed;          /* it is in closure->modules */
	size_t number;           /* there */
	const struct module *rival;     /* another file for the same name, and nothing says which of them counts; or NULL */
	const struct module *waits_for; /* put_in_order has been here on the way from this one */
	struct modinfo info;
};

/* A name that a module goes by besides. */
struct alias {
	const char *name;
	struct module *module;
	struct alias *next;
};

/* Those that are equal, in the order of the modules. */
struct aliases {
	struct alias *first, *last;
};

struct search {
	struct resolver *r;
	struct span at;        /* the word that is being looked for */
	const char *directory; /* "/lib/modules/6.1.0-49-cloud-amd64" */
	struct module **all, **taken;
	size_t count, taken_count;
	uint64_t unpacked_bytes; /* so far */
	uint64_t kept_bytes;   /* of those that are in the image */
	uint64_t info_bytes;   /* of all texts that modules say of themselves, so far */
	struct names by_name;  /* struct module */
	struct names builtin;  /* names of what the kernel itself has */
	struct names aliases;  /* struct aliases, of all modules once one is asked for */
	struct alias *patterns; /* those with wildcards */
	size_t pattern_count;
	const char **alias_names; /* those without */
	size_t alias_count;
	bool has_aliases;
};

/* NAME, up to LENGTH, as the kernel has it: '-' and '_' are one, but for what stands between brackets. */
char *module_name(struct arena *, const char *name, size_t length);

/* Finds all modules below DIRECTORY, which is S's. */
void modules_find(struct search *, const struct entry *directory);

/* Reads what is there without a file (modules.builtin). False with a diagnostic. */
bool modules_read_builtin(struct search *);

/* Says that MODULE is of no use, because WHY. Gives false. */
bool module_is_bad(struct search *, const struct module *, const char *why);

/* Reads what MODULE says of itself, once; of no use, it says why there. False with a diagnostic: it cannot be read. */
bool module_know(struct search *, struct module *);

/* The file that MODULE, which is packed, becomes in the image: its bytes as the kernel wants them. NULL with a diagnostic. */
const struct entry *module_unpack(struct search *, const struct module *);

/*
 * The modules that say they are NAME, as modprobe would find them. Aliases with wildcards count only WITH_PATTERNS. The list is new.
 */
struct module **modules_called(struct search *, const char *name, bool with_patterns, size_t *count);

#endif

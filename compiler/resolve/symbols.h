#ifndef RESOLVE_SYMBOLS_H
#define RESOLVE_SYMBOLS_H

#include "resolve/resolver.h"

/*
 * The dynamic symbols of an ELF file and their versions (gABI 5, "Symbol Table" and "Hash Table"; LSB 10.7, "Symbol Versioning"),
 * found as the loaders find them: by the dynamic section alone.
 */

/* A version that a file asks another for. */
struct version_need {
	const char *file, *name;
	bool is_weak; /* VER_FLG_WEAK: may be missing */
};

/* The tables as they are in the file: decoded when they are looked at. */
struct elf_symbols {
	uint8_t class, data;
	bool is_s390x;                  /* its DT_HASH has words of 8 bytes */
	const unsigned char *table;
	size_t count;
	const unsigned char *versions;  /* of each symbol, or NULL */
	const char *strings;            /* followed by a NUL */
	size_t strings_size;
	const unsigned char *gnu_hash, *gnu_chains, *hash; /* whole, as their headers say, or NULL */
	const char **version_names;     /* by index; NULL: none */
	size_t version_name_count;
	const char **definitions;       /* of versions, without the file's own */
	size_t definition_count;
	struct version_need *needs;
	size_t need_count;
};

struct symbol {
	const char *name, *version; /* VERSION NULL: none */
	bool is_weak;
};

/* The tables of CONTENT, which FACTS describes. Read once for each. NULL: it has none, or a diagnostic at AT says what is wrong. */
const struct elf_symbols *symbols_of(struct resolver *, const struct content *, const struct elf_facts *, struct span at);

/* Whether a reference to NAME in VERSION (NULL: any) is satisfied by a definition here (do_lookup_x of glibc). */
bool symbols_define(const struct elf_symbols *, const char *name, const char *version);

/* The next symbol that is not defined here, from *INDEX on, which is moved behind it. False: there is none. */
bool symbols_next_undefined(const struct elf_symbols *, size_t *index, struct symbol *);

/* Whether a version called NAME is defined here. */
bool symbols_define_version(const struct elf_symbols *, const char *name);

#endif

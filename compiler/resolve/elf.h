#ifndef RESOLVE_ELF_H
#define RESOLVE_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolve/bytes.h"

enum dependency_kind {
	DEPENDENCY_NEEDED,
	DEPENDENCY_AUXILIARY, /* searched, but may be missing */
	DEPENDENCY_FILTER,
};

struct dependency {
	enum dependency_kind kind;
	const char *name;
};

/* What the dynamic loaders and the kernel look at in an ELF file (gABI 4.1, chapters 4 and 5). */
struct elf_facts {
	uint8_t class, data; /* ELFCLASS*, ELFDATA* */
	uint8_t osabi, abi_version;
	bool padding_is_zero; /* the rest of e_ident */
	uint16_t type, machine;
	uint32_t flags;
	const char *interp;   /* PT_INTERP, absolute, or NULL */
	bool is_dynamic;      /* has a PT_DYNAMIC with something in it */
	struct dependency *needed; /* in file order */
	size_t needed_count;
	const char *soname, *rpath, *runpath; /* NULL: none */
	bool is_pie;     /* DF_1_PIE */
	bool no_default_directories; /* DF_1_NODEFLIB */
};

/*
 * Reads FACTS from an open file by its program headers alone; sections are never looked at. False with a diagnostic: the file
 * cannot be read, or is damaged in a way in which the kernel or a loader would refuse or misread it.
 */
bool facts_read(struct bytes *, struct elf_facts *);

/*
 * Whether a process can hold both: class, byte order, machine, and what of the flags decides about calling each
 * other.
 */
bool facts_fit(const struct elf_facts *, const struct elf_facts *);

/* "64-bit x86-64", "32-bit big-endian machine 4". */
const char *facts_machine(struct compilation *, const struct elf_facts *);

#endif

#ifndef RESOLVE_NOTES_H
#define RESOLVE_NOTES_H

#include "resolve/resolver.h"

/* One thing that a program opens while it runs, as its note says (UAPI.12, "ELF Metadata on dlopen() Dependencies"). */
struct dlopen_note {
	const char **sonames; /* alternatives, the best first; one at least */
	size_t soname_count;
	const char *feature, *description; /* NULL: not said */
	enum dlopen_priority priority;
};

/* What the notes of an ELF file say. */
struct elf_remarks {
	struct dlopen_note *opens;
	size_t open_count;
	const char *build_id; /* hexadecimal; NULL: none */
	uint32_t isa_needed; /* GNU_PROPERTY_X86_ISA_1_NEEDED (x86-64 psABI, "Program Property") */
};

/* Reads the notes of an open file, which FACTS describes, into REMARKS. False with a diagnostic. */
bool notes_read(struct bytes *, const struct elf_facts *, struct elf_remarks *remarks);

/*
 * The notes of CONTENT, which FACTS describes. Read once for each; a note that makes no sense is left out with a warning at
 * AT. NULL with a diagnostic when the file cannot be read.
 */
const struct elf_remarks *remarks_of(struct resolver *, const struct content *, const struct elf_facts *, struct span at);

#endif

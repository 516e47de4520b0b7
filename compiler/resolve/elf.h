#ifndef RESOLVE_ELF_H
#define RESOLVE_ELF_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/trace.h"
#include "resolve/bytes.h"

/* What the elf.h of glibc before 2.36 does not have. */
#ifndef PT_GNU_PROPERTY
#define PT_GNU_PROPERTY 0x6474e553
#endif
#ifndef DT_RELR
#define DT_RELR 36
#endif
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

struct dependency {
	enum request_kind kind; /* REQUEST_NEEDED, REQUEST_AUXILIARY or REQUEST_FILTER */
	const char *name;
};

/* A part of the file that is mapped: a PT_LOAD's bytes from the file. */
struct elf_load {
	uint64_t address, offset, size;
};

/* The bytes of a PT_NOTE, or of PT_GNU_PROPERTY, which repeats one; ALIGNMENT is 4 or 8. */
struct elf_notes {
	uint64_t offset, size;
	unsigned alignment;
};

/* Where the dynamic section says that tables are: addresses, 0 for none. What is in them is read by symbols.c when asked for. */
struct elf_tables {
	uint64_t strings_address, strings, strings_size; /* DT_STRTAB; STRINGS is a file offset */
	uint64_t symbols, hash, gnu_hash, mips_symbols; /* the last is a number of symbols */
	uint64_t versions, version_needs, version_definitions;
};

/* What the dynamic loaders and the kernel look at in an ELF file (gABI 4.1, chapters 4 and 5). */
struct elf_facts {
	unsigned char start[24]; /* as it is in the file, which all loaders look at first: e_ident, e_type, e_machine, e_version */
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
	bool binds_now;  /* all symbols are looked up when it is loaded */
	bool has_relr;
	const char *audit, *depaudit; /* lists with ':', or NULL */
	struct elf_load *loads;
	size_t load_count;
	struct elf_notes *notes;
	size_t note_count;
	struct elf_tables tables;
	const char *broken; /* why the file is of no use, or NULL; then only what stands before it is filled in */
};

/*
 * Reads FACTS from an open file by its program headers alone; sections are never looked at. False: the file cannot be read,
 * with a diagnostic, or is damaged in a way in which the kernel or a loader would refuse or misread it: FACTS->broken says how.
 */
bool facts_read(struct bytes *, struct elf_facts *);

/* Says at AT that CONTENT is not usable, for what FACTS->broken says. */
void facts_report(struct compilation *, const struct content *, const struct elf_facts *, struct span at);

/* machine.c */

/*
 * Whether a loader takes both for one process: class, byte order, machine, and those flags that it looks at (G11). On ARM it is
 * Debian's loader that looks; any other would mix what passes floating-point numbers in two ways.
 */
bool facts_fit(const struct elf_facts *, const struct elf_facts *);

/* "64-bit x86-64", "32-bit big-endian machine 4". */
const char *facts_machine(struct compilation *, const struct elf_facts *);

#endif

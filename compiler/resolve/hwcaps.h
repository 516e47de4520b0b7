#ifndef RESOLVE_HWCAPS_H
#define RESOLVE_HWCAPS_H

#include "resolve/elf.h"
#include "model/manifest.h"

/* Levels of CPUs and their directories below glibc-hwcaps (elf-rules G9). */

/* "x86-64-v3"; HWCAPS_NONE: "baseline". */
const char *hwcaps_name(enum hwcaps);

/*
 * The level that a file with the bits ISA in its GNU_PROPERTY_X86_ISA_1_NEEDED needs; HWCAPS_NONE when every CPU of its
 * machine will do.
 */
enum hwcaps hwcaps_of_isa(const struct elf_facts *, uint32_t isa);

/*
 * The lists of directories that the CPUs on which the image may run would use, from the least to the best: none is without any.
 * What the machine has at least is CPU; up to LEVEL variants are wanted. Each ends in a NULL; *COUNT is at least 1.
 */
const char *const *const *hwcaps_lists(struct arena *, const struct elf_facts *, enum hwcaps cpu, enum hwcaps level, size_t *count);

#endif

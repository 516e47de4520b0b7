#ifndef READ_READ_H
#define READ_READ_H

#include <stdbool.h>
#include <stdio.h>

#include "model/lock.h"
#include "model/manifest.h"
#include "model/sums.h"

struct arena;
struct compilation;

/*
 * The manifest at PATH ("-": standard input), decoded and located, or NULL with diagnostics. All that one value alone can
 * get wrong is found here; what crosses values is check/'s.
 */
const struct manifest *read_manifest(struct compilation *, const char *path);

/*
 * The paths of the targets that OPERANDS stand for, manifests and directories of such, each file once; *COUNT of them. In a directory,
 * bytewise by name, a manifest is a target unless it lacks a key that a target must have and another one of them extends it. One that
 * cannot be read is a target: the reading of it says why. NULL with diagnostics: two of them have one name, or a directory has none.
 */
const char *const *read_targets(struct compilation *, const char *const *operands, size_t operand_count, size_t *count);

/* Whether NAME can be the name of a manifest; if not, with a diagnostic without a place. */
bool read_can_be_name(struct compilation *, const char *name);

/* The lock at PATH, or NULL with diagnostics: lock-missing when there is no such file. */
const struct lock *read_lock(struct compilation *, const char *path);

/*
 * What the list of sums at PATH says of the file IMAGE, a name without a directory; NULL with diagnostics. MAY_LACK: the line or the
 * whole list may be missing.
 */
const struct sums *read_sums(struct compilation *, const char *path, const char *image, bool may_lack);

/* Prints the manifest's JSON Schema (draft-07) from the table that read_manifest decodes with. */
void read_print_schema(FILE *);

/* Prints the same as text of a page of the manual, in mdoc(7). */
void read_print_manual(FILE *out);

/* Prints what the table says of each key that is called KEY, or whose path ends so ("disk.size"); false when there is none. */
bool read_explain_key(FILE *, const char *key);

/* What the manifest's keys are called, each name once. */
const char *const *read_keys(struct arena *, size_t *count);

#endif

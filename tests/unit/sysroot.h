#ifndef UNIT_SYSROOT_H
#define UNIT_SYSROOT_H

#include "model/closure.h"
#include "support/compilation.h"

/* Pools and manifests for the tests of resolve/, made without files. */
struct sysroot {
	struct compilation *c;
	struct pool *pool;
	struct manifest manifest;
	const struct source *source;
	const struct closure *closure; /* of the last sysroot_resolve */
};

struct sysroot sysroot_new(void);

/* "/etc/x" with the bytes of TEXT (or SIZE bytes), mode 0755. */
void sysroot_text(struct sysroot *, const char *path, const char *text);
void sysroot_bytes(struct sysroot *, const char *path, const void *bytes, size_t size);
void sysroot_mode(struct sysroot *, const char *path, uint16_t mode);
void sysroot_capability(struct sysroot *, const char *path, const void *value, size_t size);
void sysroot_link(struct sysroot *, const char *path, const char *target);

/* An ELF file as mkelf makes it from the blank-separated OPTIONS. */
void sysroot_elf(struct sysroot *, const char *path, const char *options);
const struct content *sysroot_made(struct compilation *, const char *options);

/* The words TEXT of the manifest, which stand alone in LINE, from column 1. At most line 60. */
struct m_text sysroot_words(struct sysroot *, uint32_t line, const char *text);

/* Asks for the program at PATH in LINE; for a file of the manifest at PATH in LINE. */
void sysroot_program(struct sysroot *, uint32_t line, const char *path);
struct m_file *sysroot_file(struct sysroot *, uint32_t line, const char *path);

/* Resolves; whether it worked. */
bool sysroot_resolve(struct sysroot *);

/* The paths of all needs, in the order in which they were found, joined by blanks; "" when resolving failed. */
const char *sysroot_needs(struct sysroot *);

/* The reason of the need at PATH, or "absent". */
const char *sysroot_reason(struct sysroot *, const char *path);

/* Whether a note or the label or the help of diagnostic INDEX holds TEXT. */
bool sysroot_says(struct sysroot *, size_t index, const char *text);

#endif

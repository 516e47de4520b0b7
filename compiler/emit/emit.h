#ifndef EMIT_EMIT_H
#define EMIT_EMIT_H

#include <stdbool.h>

#include "model/layout.h"
#include "support/digest.h"

struct compilation;

/* An older image from which what is the same may be taken over, and what became of that. */
struct emit_base {
	const char *path;
	uint64_t kept_bytes;
	const char *why_none; /* nothing was kept, because ... */
};

/*
 * Writes PLAN to the file PATH: a fresh temporary beside it, fsync, rename, fsync of the directory. On failure, false with
 * diagnostics, and PATH is what it was before. With BASE, which may be NULL, the bytes are the same, and a record of the image is
 * left beside it for the next time. DIGEST, unless it is NULL, becomes the SHA-256 of what was written, which somebody else may
 * replace at once.
 */
bool emit_image(struct compilation *, const struct plan *, const char *path, struct emit_base *base, struct digest *digest);

/*
 * The initial ramdisk that the manifest asks for, with the files of TREE, as a content in the arena. NULL with diagnostics: a file
 * cannot be read, or all together are too large.
 */
const struct content *emit_initramfs(struct compilation *, const struct manifest *, const struct tree *);

/* The unified kernel image of these parts, as a content in the arena. NULL with diagnostics: a part is not what it must be. */
const struct content *emit_unified(struct compilation *, const struct unified *);

/* Whether an image can be put at PATH at all, asked before inputs are read; false with diagnostics. */
bool emit_can_write(struct compilation *, const char *path);

/* Something on the host that the build reads, and the words of the manifest that name it. */
struct emit_input {
	const char *path;
	struct span at;
};

/* Whether the image at PATH would neither replace one of the COUNT inputs nor lie inside one; false with diagnostics. */
bool emit_is_apart(struct compilation *, const char *path, const struct emit_input *, size_t count);

/* Removes the temporary output, if there is one now. Async-signal-safe: for signal handlers and the end of memory. */
void emit_abandon(void);

#endif

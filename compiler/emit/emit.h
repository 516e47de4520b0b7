#ifndef EMIT_EMIT_H
#define EMIT_EMIT_H

#include <stdbool.h>

#include "model/layout.h"
#include "model/pool.h"
#include "support/digest.h"

struct compilation;
struct content;
struct decompiled;
struct sums;

/* An older image from which what is the same may be taken over, and what became of that. */
struct emit_base {
	const char *path;
	uint64_t kept_bytes;
	const char *why_none; /* nothing was kept, because ... */
};

/* The SHA-256 of an image that is written, and what it is to be. */
struct emit_sum {
	struct digest is;
	const struct digest *wanted; /* NULL: anything */
	const char *apart;           /* where the image goes when it is another one */
	bool differs;
};

/* The file that an image is in. */
struct emit_written {
	bool unchanged; /* it had the bytes already */
	dev_t device;
	ino_t inode;
};

/*
 * Writes PLAN to the file PATH: a fresh temporary beside it, fsync, rename, fsync of the directory. On failure, false with
 * diagnostics, and PATH is what it was before. With BASE, which may be NULL, the bytes are the same, and a record of the image is
 * left beside it for the next time. SUM, unless it is NULL, gets the SHA-256 of what was written, which somebody else may
 * replace at once; when that is not what was wanted, all that is said of PATH holds of SUM->apart, and PATH stays as it is. Without
 * BASE, a file at PATH that has these bytes already stays, with its times. WRITTEN tells which file it is now.
 */
bool emit_image(struct compilation *, const struct plan *, const char *path, struct emit_base *base, struct emit_sum *sum,
	struct emit_written *written);

/*
 * Writes PLAN to a temporary beside PATH, which stays as it is, and hands its path to LOOK, with OF; then it is gone. False with
 * diagnostics, which may be LOOK's.
 */
bool emit_for_a_look(struct compilation *, const struct plan *, const char *path, bool (*look)(void *of, const char *written), void *of);

/* What is known of an image without building it. */
struct emit_vouched {
	uint64_t bytes;
	uint32_t sector_size; /* of its disk, bytes */
	bool has_digest;
	struct digest digest;
	const char **read; /* the files and directories that it was made of, the manifest first; for a depfile */
	size_t read_count;
	dev_t device; /* of the file that was written, or had the bytes already ... */
	ino_t inode;  /* ... which another build may have replaced since */
};

/* What was read for PLAN, and what the writing of it reads. */
void emit_list_read(struct compilation *, const struct plan *, struct emit_vouched *);

/*
 * Whether the image at PATH is by its stamp what a build would make now that is asked for in the words of HOW, by this very program.
 * No input is opened for that.
 */
bool emit_is_current(struct compilation *, const char *path, const char *how, struct emit_vouched *);

/*
 * Leaves a stamp beside the image at PATH, which was made of POOL, for the next time. It is of no consequence when there is none, so
 * nothing is said when it cannot be written.
 */
void emit_stamp(struct compilation *, const char *path, const char *how, const struct pool *, const struct emit_vouched *);

/*
 * Writes to DEPFILE, in what make and ninja both understand, that the image at PATH is made of what VOUCHED says was read. PHONY: each
 * of these gets a rule of its own, so that make goes on when it is gone. False with a diagnostic; so when DEPFILE is one of these files.
 */
bool emit_depfile(struct compilation *, const char *depfile, const char *path, const struct emit_vouched *, bool phony);

/* Whether the file at PATH can be read and has this SHA-256. */
bool emit_has_digest(struct compilation *, const char *path, const struct digest *);

/* Puts DIGEST into a list of sums, in its image's line or a new one behind the others; false with a diagnostic. */
bool emit_sums(struct compilation *, const struct sums *, const struct digest *);

/*
 * The initial ramdisk that the manifest asks for, with the files of TREE, as a content in the arena. NULL with diagnostics: a file
 * cannot be read, or all together are too large.
 */
const struct content *emit_initramfs(struct compilation *, const struct manifest *, const struct tree *);

/* The unified kernel image of these parts, as a content in the arena. NULL with diagnostics: a part is not what it must be. */
const struct content *emit_unified(struct compilation *, const struct unified *);

/*
 * Writes CONTENT, a file in the image at IMAGE, to PATH as an image is written: it is there whole, or what was there stays. False with
 * diagnostics.
 */
bool emit_file(struct compilation *, const struct content *, const char *image, const char *path);

/*
 * Makes the directory PATH, which must not be there or be empty, and in it all that WHAT has; the manifest comes last. False with
 * diagnostics: then nothing is left.
 */
bool emit_directory(struct compilation *, const struct decompiled *what, const char *path);

/* Whether an image can be put at PATH at all, asked before inputs are read; false with diagnostics. */
bool emit_can_write(struct compilation *, const char *path);

/* Something on the host that the build reads, and the words of the manifest that name it. */
struct emit_input {
	const char *path;
	struct span at;
};

/* What a file that is written is called in messages, and the option that names its place. */
struct emit_role {
	const char *noun, *option;
};

/* Whether the file at PATH, which is ROLE, would neither replace one of the COUNT inputs nor lie inside one; false with diagnostics. */
bool emit_is_apart(struct compilation *, const char *path, const struct emit_role *role, const struct emit_input *, size_t count);

#endif

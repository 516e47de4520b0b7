#ifndef ROOTC_ROOTC_H
#define ROOTC_ROOTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "rootc/progress.h"

/*
 * rootc as a library: a manifest in, a disk image out. It never prints and never exits (but for the end of memory and its own
 * bugs), reads no environment and no clock, and keeps no state between compilations.
 *
 *	struct rootc *r = rootc_new(&(struct rootc_options){0});
 *	enum rootc_status status = rootc_build(r, "board.yaml", "board.img", &built);
 *	... rootc_message(r, 0, &message) ...
 *	rootc_free(r);
 */

/* The results of a call, and the exit statuses of the program. */
enum rootc_status {
	ROOTC_DONE = 0,
	ROOTC_NO = 1,       /* the answer is no */
	ROOTC_USAGE = 2,
	ROOTC_MANIFEST = 3, /* the manifest has errors */
	ROOTC_INPUT = 4,    /* an input is missing, broken or not what the lock says */
	ROOTC_OUTPUT = 5,   /* the output or the host failed */
	ROOTC_UNSEEN = 6,   /* `run` did not see what it expected */
	ROOTC_BUG = 70,
};

/* Whether a build takes the SHA-256 of its image, which costs more than writing it. */
enum rootc_digest {
	ROOTC_DIGEST_AUTO, /* of one up to 64 MiB */
	ROOTC_DIGEST_ALWAYS,
	ROOTC_DIGEST_NEVER,
};

/* Whether the lock must be about all that the manifest names, and that be as it was locked. */
enum rootc_locked {
	ROOTC_LOCKED_NO,     /* what the manifest has packages, archives and single files of must; directories and its own files may have changed */
	ROOTC_LOCKED_IF_ALL, /* yes, where the lock is of a format that tells of all */
	ROOTC_LOCKED_YES,    /* yes; nothing writes a lock */
};

struct rootc_shared;

struct rootc_options {
	const char *store; /* where fetched inputs lie; NULL: ".rootc" beside the manifest */
	const char *vendor; /* what rootc_vendor filled, which is read instead of a store and not written to; NULL: none */
	const char *lock;  /* NULL: NAME.lock beside the manifest */
	enum rootc_locked locked;
	bool offline;      /* use no network */
	const char *base;  /* an older image to take over from what is the same, by the record beside it; NULL: none */
	bool rebuilds;     /* build even when nothing has changed since the image was built */
	bool lists;        /* take down what the image is made of ... */
	const char *depfile; /* ... and write that here in make's form (NULL: IMAGE.d), with a rule for each ... */
	bool phony;        /* ... that makes it dispensable */
	const char *golden;  /* a list of sums as sha256sum writes it, which tells what image is to come out; NULL: none */
	bool updates_golden; /* what comes out goes into the list instead */
	unsigned jobs;     /* threads that write at most; 0: as many as there are processors */
	struct rootc_shared *shared; /* with other compilations; NULL: nothing */
	enum rootc_digest digest;
	unsigned long long memory_bytes; /* of the machine that is to run the image; 0: not known */
	const char *disk;  /* what Linux calls the only disk of that machine, "/dev/sda"; NULL: not known */
	unsigned sector_size; /* 512 or 4096: bytes of the sectors of an image whose partition table does not say it; 0: 512 */
	bool on_serial_port; /* whether its only terminal is its first serial port; 0: not known */
	/*
	 * Is told, with PROGRESS_OF, as each phase of a call begins, and then of each MiB or each thing that is done; NULL: nobody is.
	 * It runs in the middle of the work, on any thread of the compilation, but never on two at once: it should return soon, and must
	 * not call the compilation. What it is given is gone when it returns. The images are the same whatever it does.
	 */
	void (*progress)(void *of, const struct rootc_progress *);
	void *progress_of;
};

/* Whether an image is the one that the list of sums tells. */
enum rootc_golden {
	ROOTC_GOLDEN_UNASKED,
	ROOTC_GOLDEN_SAME,
	ROOTC_GOLDEN_UPDATED, /* it was another one; the list has been changed */
	ROOTC_GOLDEN_ADDED,   /* it had no line; the list has been changed */
	ROOTC_GOLDEN_DIFFERS,
};

struct rootc_built {
	const char *path;         /* of the image; lives as long as the compilation */
	unsigned long long bytes; /* its size */
	unsigned sector_size;     /* bytes of a sector of its disk */
	unsigned long long kept;  /* of them taken over from the base */
	const char *kept_none;    /* there is a base, but nothing of it was taken over: why; else NULL */
	enum rootc_golden golden; /* what became of the list of sums */
	char sha256[65];          /* of its bytes; empty: none was taken */
	bool current;             /* nothing was done: all that it is made of is as it was when it was built */
	bool unchanged;           /* it was built, but the file had these bytes already, and stays as it was */
};

/* What rootc_closure looks for beside what programs need when they start. */
struct rootc_closure_options {
	const char *dlopen; /* also what they open while they run and call "required", "recommended" or "suggested"; NULL: nothing */
	const char *cpu;    /* what the machine has, "x86-64-v2" and the like: variants for it count; NULL: not known */
	bool checks;        /* also whether all that is found fits together: versions, symbols, CPU */
};

/* The words that these two can be, up to a NULL. */
const char *const *rootc_dlopen_priorities(void);
const char *const *rootc_cpu_levels(void);

struct rootc;
struct plan;
struct traces;
struct image;
struct lock;
struct node;
struct content;
struct diff;
struct decompiled;
struct diagnostics;

/*
 * What compilations of one process share, whether they run at once or one after another: packed ramdisks and cores of GRUB, digests of
 * archives. The images are the same as without it. It must outlive them.
 */
struct rootc_shared *rootc_shared_new(void);
void rootc_shared_free(struct rootc_shared *);

/* A new compilation; OPTIONS' strings must outlive it. Each serves one call of those below. */
struct rootc *rootc_new(const struct rootc_options *);
void rootc_free(struct rootc *);

/*
 * Makes the diagnostic called NAME a warning, for the call that follows, so that an image is built which is known not to start.
 * False: no such diagnostic, or one that stands for something worse.
 */
bool rootc_allow(struct rootc *, const char *name);

/*
 * Reads MANIFEST ("-": standard input) and finds every mistake that can be found without writing: with the inputs at hand all
 * of them, else those of the manifest alone.
 */
enum rootc_status rootc_check(struct rootc *, const char *manifest);

/*
 * Finds the targets that OPERANDS stand for, manifests and directories of such, in an order that depends on their names alone. *TARGETS
 * are the COUNT paths of their manifests, which live as long as the compilation.
 */
enum rootc_status rootc_targets(struct rootc *, const char *const *operands, size_t operand_count, const char *const **targets,
	size_t *count);

/* What rootc_lock is to lock anew of what is locked already. */
struct rootc_update {
	bool packages;            /* packages become today's: ... */
	const char *const *names; /* ... these, by package or input, and what they need; COUNT 0: all */
	size_t count;
};

/*
 * Writes the lock: what the inputs stand for. Packages that are locked already stay as they are unless UPDATE says otherwise; about
 * others it asks the host's apt, by the network. With ROOTC_LOCKED_YES it writes nothing, and fails if the lock were another one.
 */
enum rootc_status rootc_lock(struct rootc *, const char *manifest, const struct rootc_update *update);

/* The lock that rootc_lock has written, and in *BEFORE the one that was there, or NULL; NULL when it has written none. For the views. */
const struct lock *rootc_locked(const struct rootc *, const struct lock **before);

/* Brings what the lock names into the store. Uses the network, through the host's apt. Adds to the lock what could not be told before. */
enum rootc_status rootc_fetch(struct rootc *, const char *manifest);

/*
 * Puts all that the inputs hold which do not lie beside MANIFEST as they are into DIRECTORY, which rootc_options.vendor then names. What
 * is there already stays, so that several manifests can share one.
 */
enum rootc_status rootc_vendor(struct rootc *, const char *manifest, const char *directory);

/* Decides the whole image and writes nothing. */
enum rootc_status rootc_plan(struct rootc *, const char *manifest);

/*
 * Writes the image to OUTPUT (NULL: NAME.img in the current directory). An older one stays until the new one is complete. Beside it is
 * left .OUTPUT.stamp, by which the next call sees whether there is anything to do. ROOTC_NO: it is not the golden one, and so was
 * written to "OUTPUT.new"; rootc_compared tells in what they differ, if the golden image is at hand.
 */
enum rootc_status rootc_build(struct rootc *, const char *manifest, const char *output, struct rootc_built *);

/*
 * Looks into the COUNT programs at PATHS, absolute, in the directory ROOT, as their loaders would, and into nothing outside it;
 * needs no manifest. ROOTC_NO: something that they need is not found.
 */
enum rootc_status rootc_closure(struct rootc *, const char *root, const struct rootc_closure_options *, const char *const *paths,
	size_t count);

/* The same for the program at PATH in the image, with what the manifest says of libraries, after rootc_plan succeeded. */
enum rootc_status rootc_closure_planned(struct rootc *, const char *path);

/* What these two found, else NULL. For the views. */
const struct traces *rootc_traced(const struct rootc *);

/* What was planned, after rootc_plan or rootc_build succeeded, else NULL. For the views. */
const struct plan *rootc_planned(const struct rootc *);

/* Whether rootc_check had the inputs at hand, and so planned the whole image. */
bool rootc_checked_inputs(const struct rootc *);

/* Reads the image at PATH back. What is wrong with it is not a failure, but a finding of rootc_loaded. */
enum rootc_status rootc_load(struct rootc *, const char *path);

/* What was loaded, after rootc_load succeeded, else NULL. For the views. */
const struct image *rootc_loaded(const struct rootc *);

/*
 * Finds what PATH leads to in the image at IMAGE, in the partition of that name or number, or (NULL) in the only one with files.
 * ROOTC_INPUT: there is nothing.
 */
enum rootc_status rootc_find(struct rootc *, const char *image, const char *partition, const char *path);

/* What rootc_find found, else NULL. For the views. */
const struct node *rootc_found(const struct rootc *);

/* After rootc_find: the bytes of the file, or NULL with a diagnostic: it is none. */
const struct content *rootc_content(struct rootc *);

/* Copies the file that rootc_find found to the path TO, where an older one stays until the new one is complete. */
enum rootc_status rootc_copy(struct rootc *, const char *to);

/*
 * Reads two images back and compares them. ROOTC_NO: a byte differs. What is wrong with an image is no failure, as long as it can
 * be read.
 */
enum rootc_status rootc_diff(struct rootc *, const char *before, const char *after);

/* The same of two images, the older first, with the words of the MANIFESTS that they were made of as causes of what differs. */
enum rootc_status rootc_diff_causes(struct rootc *, const char *const images[2], const char *const manifests[2]);

/*
 * Compares the image at IMAGE with what MANIFEST makes today, which is written beside it for the time of this call, and comes
 * first in what rootc_compared then tells, with the words of the manifest as causes. ROOTC_NO: a byte differs.
 */
enum rootc_status rootc_verify(struct rootc *, const char *image, const char *manifest);

/*
 * What rootc_diff, rootc_diff_causes or rootc_verify found, after it gave ROOTC_DONE or ROOTC_NO, or rootc_build of an image and the
 * golden one, else NULL. For the views.
 */
const struct diff *rootc_compared(const struct rootc *);

/*
 * Makes the directory DIRECTORY, with a manifest of its name and all files that this needs: it makes the image at IMAGE again, the same
 * bytes if rootc made it, else one that holds the same. A directory that holds something is left as it is, with a diagnostic.
 */
enum rootc_status rootc_decompile(struct rootc *, const char *image, const char *directory);

/* What was made there, and what no manifest can say, after rootc_decompile succeeded, else NULL. For the views. */
const struct decompiled *rootc_decompiled(const struct rootc *);

/* Something that was found wrong. The texts live as long as the compilation. */
struct rootc_message {
	const char *name;      /* of the diagnostic, such as "partition-too-small" */
	const char *file;      /* as the user wrote it; NULL: there is no place */
	unsigned line, column; /* from 1; columns are code points */
	const char *text;      /* one line, not escaped: it may quote what an input holds */
	const char *help;      /* what to do, or NULL */
	bool is_error;         /* the compilation fails for it; false: a warning */
};

/* Puts the message INDEX, from 0, into *MESSAGE. False: there are not so many. */
bool rootc_message(const struct rootc *, size_t index, struct rootc_message *message);

/* What was found wrong, and what it was found in. For the views. */
struct diagnostics *rootc_diagnostics(struct rootc *);
struct compilation *rootc_compilation(struct rootc *);

/* What could start an image. */
struct rootc_start {
	unsigned sector_size;       /* of its disk, bytes */
	bool bios;                  /* its first sector has code */
	bool efi_x86_64, efi_arm64; /* an EFI system partition has the program that firmware of such a machine starts */
};

/*
 * Looks for it in the disk image at PATH, by whomever it was made. Its sectors have SECTOR_SIZE bytes unless its table says it, 0: the
 * usual 512. What is damaged or cannot be read starts nothing.
 */
struct rootc_start rootc_start_of(const char *path, unsigned sector_size);

/* Whether NAME can be the `name` of a manifest; if not, a diagnostic says why. */
bool rootc_can_be_name(struct rootc *, const char *name);

/* Prints the JSON Schema (draft-07) of the manifest. */
void rootc_print_schema(FILE *);

/* Prints what the keys of a manifest mean as text of a page of the manual, in mdoc(7). */
void rootc_print_manual(FILE *out);

/*
 * Prints of each key of the manifest that is called KEY, or whose path ends so ("disk.size"), what it means, its type, range, default
 * and an example; false when there is none.
 */
bool rootc_explain_key(FILE *, const char *key);

/* What the keys are called, each name once; lives as long as the compilation. */
const char *const *rootc_keys(struct rootc *, size_t *count);

/* For the end of the process, in a signal handler too: removes half-written outputs, after which none can be begun. Async-signal-safe. */
void rootc_abandon(void);

#endif
